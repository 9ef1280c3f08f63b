//! What goes, and that it is told.

use typed_sse_core::store::Range;

use super::support::{Case, event, of};
use crate::harness::Harness;
use crate::limits::Limits;

/// The oldest go first, each topic by itself; where they lay is told.
pub async fn trimmed_by_count<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::records(3)).await;
    let mut positions = Vec::new();
    for n in 0..5 {
        positions.push(case.push(of("a", &n.to_string())).await);
    }
    let b = case.push(of("b", "x")).await;
    case.harness.trim().await;
    let case = case.opened_again().await;
    assert_eq!(case.data(Range::after(0).of("a")).await, ["2", "3", "4"]);
    assert_eq!(case.bounds(Some("a")).await.trimmed, positions[1]);
    assert_eq!(case.data(Range::after(0).of("b")).await, ["x"]);
    assert_eq!(case.bounds(Some("b")).await.trimmed, 0);
    assert_eq!(case.bounds(None).await.last, b);
    assert!(case.bounds(None).await.trimmed >= positions[1], "in any topic");
}

/// Bytes of data count; one record that is larger than all that is kept stays.
pub async fn trimmed_by_bytes<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::bytes(1000)).await;
    let text = "x".repeat(300);
    for _ in 0..5 {
        case.push(event(&text)).await;
    }
    case.harness.trim().await;
    let kept = case.read(Range::after(0)).await;
    assert!((1..=3).contains(&kept.len()), "{} records of 300 bytes in 1,000", kept.len());
    case.push(event(&"y".repeat(5000))).await;
    case.harness.trim().await;
    assert_eq!(case.data(Range::after(0)).await, ["y".repeat(5000)]);
}

/// A reader that is overtaken learns of it from the page that has the hole.
pub async fn trimmed_under_a_reader<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::records(8)).await;
    let (mut after, mut seen, mut holes) = (0, 0, 0);
    for round in 0..20 {
        let records: Vec<_> = (0..5).map(|n| event(&format!("{}", round * 5 + n))).collect();
        case.append(&records).await.unwrap();
        case.harness.trim().await;
        if round % 4 == 3 {
            let page = case.store.read(&case.log, Range::after(after).of("")).await.unwrap();
            holes += u64::from(page.bounds.trimmed > after);
            seen += page.records.len();
            after = page.records.last().unwrap().position;
            assert_eq!(page.records.last().unwrap().record.data(), format!("{}", round * 5 + 4));
        }
    }
    assert_eq!((seen, holes), (5 * 8, 5), "20 events behind each page, of which 8 are left");
}
