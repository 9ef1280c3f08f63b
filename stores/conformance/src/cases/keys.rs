//! The newest event of each key.

use typed_sse_core::store::Range;

use super::support::{Case, Sample, data, event, tombstone, with_key};
use crate::harness::Harness;
use crate::limits::Limits;

/// In the order of their positions, as far as they lie in the range, one topic at a time.
pub async fn newest_of_each_key<H: Harness>() {
    let case = Case::<H>::new().await;
    case.append(&[with_key("a", "a1"), with_key("b", "b1"), event("none")]).await.unwrap();
    let b = case.push(with_key("b", "b2")).await;
    case.append(&[with_key("c", "c1"), with_key("a", "a2")]).await.unwrap();
    let other = Sample { data: "other", topic: "orders", key: "a", ..Sample::default() };
    case.push(other.record()).await;
    let case = case.opened_again().await;
    assert_eq!(case.newest("").await, ["b2", "c1", "a2"]);
    assert_eq!(case.newest("orders").await, ["other"]);
    assert_eq!(case.newest("nowhere").await, [""; 0]);
    let newest = async |range: Range<'_>| data(&case.store.newest(&case.log, range).await.unwrap().records);
    assert_eq!(newest(Range::after(b).of("")).await, ["c1", "a2"]);
    assert_eq!(newest(Range::after(0).of("").up_to(b)).await, ["b2"]);
    assert_eq!(newest(Range::after(0).of("").records(2)).await, ["b2", "c1"]);
    assert_eq!(newest(Range::after(b).of("").records(1)).await, ["c1"]);
}

/// A tombstone takes its key out, until something new comes.
pub async fn tombstones<H: Harness>() {
    let case = Case::<H>::new().await;
    case.append(&[with_key("a", "a1"), with_key("b", "b1"), tombstone("a")]).await.unwrap();
    assert_eq!(case.newest("").await, ["b1"]);
    assert_eq!(case.data(Range::after(0)).await, ["a1", "b1", "gone"], "it is an event like any");
    let case = case.opened_again().await;
    assert_eq!(case.newest("").await, ["b1"]);
    case.append(&[tombstone("nothing"), with_key("a", "a2")]).await.unwrap();
    assert_eq!(case.newest("").await, ["b1", "a2"]);
}

/// The newest event of a key outlives the trimming.
pub async fn newest_of_trimmed_keys<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::records(2)).await;
    case.append(&[with_key("a", "a1"), with_key("b", "b1")]).await.unwrap();
    case.append(&[event("x"), event("y"), event("z")]).await.unwrap();
    case.harness.trim().await;
    assert_eq!(case.data(Range::after(0)).await, ["y", "z"]);
    assert_eq!(case.newest("").await, ["a1", "b1"]);
    case.push(with_key("a", "a2")).await;
    case.push(tombstone("b")).await;
    let case = case.opened_again().await;
    assert_eq!(case.newest("").await, ["a2"]);
    assert_eq!(case.bounds(Some("")).await.keys_trimmed, 0, "the newest of no key was lost");
}
