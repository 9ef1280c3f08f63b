//! Clients that come back from before the window, or fall behind it.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use tokio::time::{Instant, sleep};
use typed_sse_core::{Channel, Event, Frame, LastEventId, Slow, Start, SubscriptionError};
use typed_sse_store_conformance::{Fault, Faulty, Limits, Memory};

use crate::support::*;

#[tokio::test]
async fn every_place_resumes() {
    let store = Memory::new();
    let market = window(&store, 5).await;
    let mut ids = Vec::new();
    for n in 1..=40 {
        ids.push(publish(&market, n).await);
    }
    for _ in 0..2 {
        let market = window(&store, 5).await;
        for (n, id) in (1..).zip(&ids) {
            let mut client = market.subscribe(last(id));
            assert_eq!(events(&mut client, 40 - n).await, numbers(n as u32 + 1..=40), "behind {n}");
            assert_quiet(&mut client);
        }
    }
}

#[tokio::test]
async fn it_goes_on_live_behind_the_pages() {
    let store = Memory::new();
    let market = window(&store, 5).await;
    let first = publish(&market, 1).await;
    for n in 2..=2000 {
        publish(&market, n).await;
    }
    let mut client = market.subscribe(last(&first));
    assert_eq!(events(&mut client, 600).await, numbers(2..=601));
    for n in 2001..=2100 {
        publish(&market, n).await;
    }
    assert_eq!(events(&mut client, 1499).await, numbers(602..=2100));
    assert_quiet(&mut client);
}

#[tokio::test]
async fn the_earliest_are_those_of_the_store() {
    let store = Memory::with_limits(Limits::records(30));
    let market = window(&store, 5).await;
    for n in 1..=40 {
        publish(&market, n).await;
    }
    let mut client = market.subscribe(None).start(Start::Earliest);
    let seen = events(&mut client, 31).await;
    assert!(seen[0].starts_with("reset {\"reason\":\"trimmed\""), "it asked for all there was: {seen:?}");
    assert_eq!(seen[1..], numbers(11..=40));
}

#[tokio::test]
async fn the_last_are_those_of_the_store() {
    let store = Memory::new();
    let market = window(&store, 5).await;
    for n in 1..=40 {
        publish(&market, n).await;
    }
    let mut client = market.subscribe(None).start(Start::Last(12));
    assert_eq!(events(&mut client, 12).await, numbers(29..=40));
    let mut client = market.subscribe(None).start(Start::Last(100));
    assert_eq!(events(&mut client, 40).await, numbers(1..=40));
}

/// One that was cut before the first of its events, and comes back to a process whose window has some of them, or all.
#[tokio::test]
async fn the_last_are_the_same_for_one_that_was_cut() {
    for filtered in [false, true] {
        let store = Memory::new();
        let market = window(&store, 5).await;
        for n in 1..=40 {
            publish(&market, n).await;
        }
        let subscribe = |market: &Channel<Event>, id: Option<LastEventId>| {
            let client = market.subscribe(id).start(Start::Last(12));
            if filtered { client.filter(|frame| frame.event_type() != "other") } else { client }
        };
        let place = subscribe(&market, None).next().await.unwrap().unwrap();
        let id = place.id().unwrap().to_owned();
        assert!(!place.is_event(), "nothing but where it is");
        for n in 41..=43 {
            publish(&market, n).await;
        }
        for events_of_window in [5, 13, 100] {
            let market = window(&store, events_of_window).await;
            let mut client = subscribe(&market, Some(LastEventId::from(&*id)));
            assert_eq!(
                events(&mut client, 15).await,
                numbers(29..=43),
                "with {events_of_window} in the window"
            );
            assert_quiet(&mut client);
        }
    }
}

#[tokio::test]
async fn a_slow_reader_goes_on_from_the_store() {
    for slow in [Slow::Disconnect, Slow::Skip, Slow::Coalesce] {
        let store = Memory::new();
        let market = open_with(&store, Channel::builder().events(5).slow(slow)).await;
        let mut client = market.subscribe(None);
        publish(&market, 1).await;
        assert_eq!(events(&mut client, 1).await, ["1"]);
        for n in 2..=100 {
            publish(&market, n).await;
        }
        assert_eq!(events(&mut client, 99).await, numbers(2..=100), "{slow:?}");
        assert_quiet(&mut client);
    }
}

/// While a client reads on, the store is asked for one page while another comes, and for hardly an event twice, whatever their lengths.
#[tokio::test(start_paused = true)]
async fn pages_come_while_others_are_read_and_once() {
    const LATE: Duration = Duration::from_millis(10);
    /// What its events are, how many, how long each is, and the most pages for them.
    type Case = (&'static str, u64, fn(u64) -> usize, u64);
    let cases: [Case; 5] = [
        ("short", 20_000, |_| 10, 21),
        ("of 200 bytes", 20_000, |_| 200, 22),
        ("of a kilobyte", 8_000, |_| 1000, 43),
        ("mixed", 8_000, |n| (n * 7919 % 1500) as usize, 33),
        ("very long ones among short ones", 8_000, |n| if n % 500 == 0 { 300_000 } else { 10 }, 36),
    ];
    for (kind, count, length, most) in cases {
        let store = Faulty::new(Memory::new());
        let builder = Channel::<Event>::builder().events(5).replay_rate(u64::MAX);
        let market = builder.store(store.clone(), "market").open().await.unwrap();
        let batch: Vec<_> = (0..count).map(|n| Event::new("x".repeat(length(n)))).collect();
        for part in batch.chunks(1000) {
            market.publish_all(part).await.unwrap();
        }
        store.set(Fault::Late(LATE));
        let (asked, given, started) = (store.reads(), store.read_records(), Instant::now());
        let mut client = market.subscribe(None).start(Start::Earliest).no_checkpoints();
        for _ in 0..count {
            client.next().await.unwrap().unwrap();
        }
        let (asked, given) = (store.reads() - asked, store.read_records() - given);
        assert!(given < count + count / 5, "{kind}: {given} records were read for {count} events");
        assert!(asked <= most, "{kind}: {asked} pages");
        let one_by_one = LATE * u32::try_from(asked).unwrap();
        assert!(started.elapsed() < one_by_one * 2 / 3, "{kind}: {:?} for {asked} pages", started.elapsed());
    }
}

/// Pages are as long as the store says, and 4,096 records at the most, where one client reads alone, and shorter where several do.
#[tokio::test(start_paused = true)]
async fn pages_are_long_for_who_reads_alone() {
    const EVENTS: usize = 20_000;
    const READ: usize = 16_000;
    let store = Faulty::new(Memory::new()).with_records_at_once(usize::MAX);
    let builder =
        || Channel::<Event>::builder().events(5).replay_rate(u64::MAX).store(store.clone(), "market");
    let ids = builder().open().await.unwrap().publish_all(&vec![Event::new("short"); EVENTS]).await.unwrap();
    for (others, pages) in [(0, 4..=6), (1, 8..=10), (3, 16..=19), (8, 16..=19)] {
        let market = builder().open().await.unwrap();
        let mut reading = Vec::new();
        for n in 0..others {
            let mut other = market.subscribe(last(&ids[EVENTS - 1_000 + n * 100]));
            other.next().await.unwrap().unwrap();
            reading.push(other);
        }
        sleep(Duration::from_millis(100)).await;
        let asked = store.reads();
        let client = market.subscribe(None).start(Start::Earliest).no_checkpoints();
        assert_eq!(client.take(READ).count().await, READ);
        let asked = store.reads() - asked;
        assert!(pages.contains(&asked), "{asked} pages beside {others} others");
    }
}

/// Whoever leaves out much of what is at hand lets others have their turn now and then.
#[tokio::test]
async fn a_filter_does_not_go_through_page_after_page_in_one_turn() {
    const EVENTS: usize = 10_000;
    let store = Memory::new();
    let market = open_with(&store, Channel::builder().events(5).replay_rate(u64::MAX)).await;
    let ids = market.publish_all(&vec![Event::new("x"); EVENTS]).await.unwrap();
    // All of it was read lately.
    market.subscribe(last(&ids[0])).take(EVENTS - 10).count().await;

    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let filter = move |_: &Frame| {
        count.fetch_add(1, Ordering::Relaxed);
        false
    };
    let mut client = market.subscribe(last(&ids[0])).filter(filter).no_checkpoints();
    let mut before = 0;
    while before < EVENTS as u64 / 2 {
        assert!(client.next().now_or_never().is_none());
        let now = asked.load(Ordering::Relaxed);
        assert!(now - before <= 2048, "{} events in one turn", now - before);
        before = now;
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_the_store_has_let_go_is_told_once() {
    let store = Memory::with_limits(Limits::records(10));
    let market = window(&store, 5).await;
    let first = publish(&market, 1).await;
    let mut slow = market.subscribe(last(&first));
    for n in 2..=40 {
        publish(&market, n).await;
    }
    let mut client = market.subscribe(last(&first)).start(Start::Earliest);
    let seen = events(&mut client, 11).await;
    assert!(seen[0].starts_with("reset {\"reason\":\"trimmed\""), "{seen:?}");
    assert_eq!(seen[1..], numbers(31..=40));
    assert_quiet(&mut client);

    use futures_util::StreamExt as _;
    let seen = slow.next().await.unwrap();
    let is_told = |frame: &Frame| frame.event_type() == "reset";
    assert!(
        matches!(&seen, Err(SubscriptionError::Lagged)) || seen.as_ref().is_ok_and(is_told),
        "nothing in silence: {seen:?}"
    );
}

/// A window counts all that lies before it as one event: nobody is told that number.
#[tokio::test]
async fn what_was_missed_in_a_store_is_not_counted() {
    let store = Memory::with_limits(Limits::records(10));
    let market = window(&store, 5).await;
    for n in 1..=40 {
        publish(&market, n).await;
    }
    for market in [market, window(&store, 5).await] {
        let mut new = market.subscribe(None).start(Start::Earliest);
        let seen = events(&mut new, 11).await;
        assert_eq!(seen[0], r#"reset {"reason":"trimmed","missed":null}"#);
        assert_eq!(seen[1..], numbers(31..=40));
    }
    let market = open_with(&store, Channel::builder().events(5).slow(Slow::Skip)).await;
    let mut slow = market.subscribe(None).start(Start::Earliest);
    let seen = events(&mut slow, 3).await;
    assert_eq!(seen[1..], numbers(31..=32));
    for n in 41..=80 {
        publish(&market, n).await;
    }
    let mut told = events(&mut slow, 1).await;
    while !told[0].starts_with("reset") {
        told = events(&mut slow, 1).await;
    }
    assert_eq!(told[0], r#"reset {"reason":"lagged","missed":null}"#);
}

#[tokio::test]
async fn one_that_had_its_last_event_long_ago_is_done() {
    let store = Memory::new();
    let answers = window(&store, 3).await;
    let ends = |frame: &Frame| frame.as_ref().ends_with(b"data: 5\n\n");
    let mut ids = Vec::new();
    for n in 1..=20 {
        ids.push(publish(&answers, n).await);
    }
    assert_eq!(all(answers.subscribe(last(&ids[1])).until(ends)).await, ["3", "4", "5"]);
    let mut back = answers.subscribe(last(&ids[4])).until(ends);
    use futures_util::StreamExt as _;
    let told = back.next().await.unwrap().unwrap();
    assert!(!told.is_event(), "it has the event with which it ends: {told:?}");
    assert!(back.next().await.is_none());
    let back = answers.subscribe(LastEventId::from(told.id().unwrap())).until(ends);
    assert_eq!(futures_core::Stream::size_hint(&back), (0, Some(0)), "an adapter answers 204");
    // Another end, or none, is not meant.
    let mut goes_on = answers.subscribe(last(&ids[4]));
    assert_eq!(events(&mut goes_on, 15).await, numbers(6..=20));
}

/// Whoever has asked for a page and is not polled any more, such as one whose client does not read, keeps nobody else waiting.
#[tokio::test(start_paused = true)]
async fn one_that_is_not_polled_holds_up_nobody() {
    let store = Faulty::new(Memory::new());
    let market = Channel::builder().events(3).store(store, "market").open().await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=3000 {
        ids.push(publish(&market, n).await);
    }
    let mut stalled: Vec<_> = ids.iter().step_by(100).map(|id| market.subscribe(last(id))).collect();
    for subscription in &mut stalled {
        assert!(subscription.next().now_or_never().is_none());
    }
    let mut reads = market.subscribe(last(&ids[50]));
    assert_eq!(events(&mut reads, 2949).await.len(), 2949);
    assert_eq!(events(&mut stalled[7], 2299).await[0], "702");
}

/// A page is of the life of the log in which it was read.
#[tokio::test]
async fn a_log_that_is_lost_while_a_page_is_sent_is_told() {
    for polled in [0, 1, 3, 25] {
        let store = Memory::new();
        let market = Channel::builder().events(3).slow(Slow::Skip).store(store.clone(), "market");
        let market = market.open().await.unwrap();
        let first = publish(&market, 1).await;
        for n in 2..=40 {
            publish(&market, n).await;
        }
        let mut client = market.subscribe(last(&first)).start(Start::Earliest);
        // It has asked for a page.
        assert!(client.next().now_or_never().is_none());
        let mut seen = events(&mut client, polled).await;
        lose(&store, &market).await;
        while seen.last().is_none_or(|last| last != "again") {
            seen.extend(events(&mut client, 1).await);
        }
        let old = seen.iter().position(|event| event.starts_with("reset")).expect("a reset");
        assert_eq!(seen[..old], numbers(2..=old as u32 + 1), "{seen:?}");
        assert_eq!(seen[old..].iter().filter(|event| event.starts_with("reset")).count(), 1, "{seen:?}");
        assert!(
            old >= polled && seen[old + 1..].iter().all(|event| event.parse::<u32>().is_err()),
            "{seen:?}"
        );
    }
}

/// Who asked for a page of a longer life, and is answered when a shorter one has begun, has read nothing. Where the log gets as long again,
/// what it has then is not covered by that.
#[tokio::test(start_paused = true)]
async fn a_page_that_was_asked_for_in_a_longer_life_is_not_of_the_next() {
    let memory = Memory::new();
    let store = Faulty::new(memory.clone());
    let market = Channel::builder().events(3).store(store.clone(), "market").open().await.unwrap();
    let mut ids = Vec::new();
    for n in 1..=3000 {
        ids.push(publish(&market, n).await);
    }
    store.set(Fault::Late(Duration::from_secs(1)));
    // As many pages as are read at one time, and one that waits for its turn.
    let mut waiting: Vec<_> = [100, 700, 2500].map(|n| market.subscribe(last(&ids[n]))).into();
    for client in &mut waiting {
        assert!(client.next().now_or_never().is_none());
    }
    lose(&memory, &market).await;
    sleep(Duration::from_secs(4)).await;
    store.set(Fault::None);
    let mut ids = Vec::new();
    for n in 1..=3000 {
        ids.push(publish(&market, n).await);
    }
    let mut client = market.subscribe(last(&ids[2600]));
    assert_eq!(events(&mut client, 399).await, numbers(2602..=3000));
}

/// What the store has said of an ID is true of the life of the log in which it was asked.
#[tokio::test]
async fn a_log_that_is_lost_behind_the_answer_for_an_id_is_told() {
    let store = Memory::new();
    let market = window(&store, 3).await;
    for row in 1..=20 {
        publish_own(&market, row).await;
    }
    let mut client = market.subscribe(LastEventId::from("4")).start(Start::Earliest);
    // The store is asked, and answers.
    assert!(client.next().now_or_never().is_none());
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    lose(&store, &market).await;
    let seen = events(&mut client, 3).await;
    assert_eq!(seen, [r#"reset {"reason":"epoch","missed":null}"#, "in the next life", "again"]);
}
