//! What is too old, and clocks that jump.

use std::time::Duration;

use tokio::time::sleep;
use typed_sse_core::store::{Range, StoreErrorKind};

use super::support::{Case, Sample, data, event, of, with_id};
use crate::harness::Harness;
use crate::limits::Limits;

/// Between two looks at what is not gone yet.
const SOON: Duration = Duration::from_millis(5);

impl<H: Harness> Case<H> {
    /// What is left of a topic is the end of what was appended, and where it begins is told. How many are left.
    async fn left(&self, topic: &str, all: &[u64]) -> usize {
        let page = self.store.read(&self.log, Range::after(0).of(topic)).await.unwrap();
        let left: Vec<_> = page.records.iter().map(|stored| stored.position).collect();
        assert!(all.ends_with(&left), "{left:?} is no end of {all:?}");
        let newest_gone = all[..all.len() - left.len()].last().copied().unwrap_or_default();
        assert_eq!(page.bounds.trimmed, newest_gone, "of {all:?}, {left:?} is left");
        left.len()
    }

    async fn until_left(&self, topic: &str, all: &[u64], most: usize) {
        while self.left(topic, all).await > most {
            sleep(SOON).await;
            self.harness.trim().await;
        }
    }
}

/// What is older than the bound goes, whether something is published or not, and that is told.
pub async fn trimmed_by_age<H: Harness>() {
    if !H::AGE {
        println!("passed over: this store has no bound of age");
        return;
    }
    let case = Case::<H>::with_limits(Limits::age(Duration::from_millis(200))).await;
    let keyed = Sample { data: "keyed", key: "k", ..Sample::default() };
    let all = case.append(&[keyed.record(), event("a"), with_id("7", "b")]).await.unwrap();
    let other = [case.push(of("other", "c")).await];
    // The newest of a log may stay.
    let newest = case.push(of("newest", "d")).await;
    case.until_left("", &all, 0).await;
    case.until_left("other", &other, 0).await;
    assert!(case.left("newest", &[newest]).await <= 1);
    assert!(case.bounds(None).await.trimmed >= other[0]);
    assert_eq!(case.bounds(None).await.last, newest, "what is gone has had its place all the same");
    let case = case.opened_again().await;
    assert_eq!(case.find("", "7").await, Some(all[2]), "its client has missed nothing");
    assert_eq!(case.newest("").await, ["keyed"], "the newest of its key stays");
    let again = case.push(with_id("7", "again")).await;
    assert!(again > newest);
    let page = case.store.follow(&case.log, Range::after(all[0]).of("")).await.unwrap();
    assert_eq!(data(&page.records), ["again"]);
    assert_eq!(page.bounds.trimmed, all[2], "who follows is told");
}

/// A clock that goes back, or far ahead, and back again: one order, nothing is hidden, nothing that goes is untold.
pub async fn the_clock_jumps<H: Harness>() {
    const DAY: i64 = 24 * 60 * 60;
    let case = Case::<H>::with_limits(Limits::age(Duration::from_secs(60 * 60))).await;
    let mut all = vec![case.push(with_id("a", "a")).await];
    if !case.harness.move_clock(10 * 60).await {
        println!("passed over: this harness moves no clock");
        return;
    }
    all.push(case.push(event("b")).await);

    // Nothing gets older by a clock that goes back, and what comes is behind what was there.
    assert!(case.harness.move_clock(-DAY).await);
    all.extend(case.append(&[event("c"), with_id("d", "d")]).await.unwrap());
    assert!(all.is_sorted_by(|one, next| one < next), "{all:?}");
    case.harness.trim().await;
    assert_eq!(case.data(Range::after(0)).await, ["a", "b", "c", "d"]);
    assert_eq!(case.left("", &all).await, 4);
    assert_eq!(data_behind(&case, all[1]).await, ["c", "d"]);
    assert_eq!((case.find("", "a").await, case.find("", "d").await), (Some(all[0]), Some(all[3])));
    let error = case.append(&[with_id("a", "x")]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::DuplicateId { position: all[0] });
    all.push(woken(&case, "e").await);

    // It is right again, and what it stamped in between may be too old.
    assert!(case.harness.move_clock(DAY).await);
    all.push(woken(&case, "f").await);
    case.harness.trim().await;
    case.left("", &all).await;
    let case = case.opened_again().await;
    case.left("", &all).await;

    // Far ahead, all but what comes is too old.
    assert!(case.harness.move_clock(2 * DAY).await);
    all.push(woken(&case, "g").await);
    case.until_left("", &all, 1).await;
    assert!(case.harness.move_clock(-2 * DAY).await);
    all.push(woken(&case, "h").await);
    assert!(all.is_sorted_by(|one, next| one < next), "{all:?}");
    case.harness.trim().await;
    let left = case.left("", &all).await;
    assert!((1..=2).contains(&left), "of {all:?}, {left}");
    assert_eq!(data_behind(&case, all[all.len() - 2]).await, ["h"]);
    case.push(with_id("a", "an ID that is free")).await;
}

async fn data_behind<H: Harness>(case: &Case<H>, after: u64) -> Vec<String> {
    case.data(Range::after(after).of("")).await
}

/// Appends one record, which reaches who waits for it. Where it lies.
async fn woken<H: Harness>(case: &Case<H>, text: &str) -> u64 {
    let last = case.bounds(None).await.last;
    let follow = async {
        loop {
            let page = case.store.follow(&case.log, Range::after(last)).await.unwrap();
            if !page.records.is_empty() {
                return data(&page.records);
            }
        }
    };
    let (followed, position) = tokio::join!(follow, case.push(event(text)));
    assert_eq!(followed, [text]);
    position
}
