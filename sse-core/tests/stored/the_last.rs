//! Clients that begin with more of the newest than the window has.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::pin::Pin;
use std::time::Duration;

use futures_util::{FutureExt as _, Stream as _, StreamExt as _};
use tokio::time::{Instant, sleep};
use typed_sse_core::store::Store;
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, Frame, LastEventId, Slow, SseEvent, Start, Topics,
};
use typed_sse_store_conformance::{Fault, Faulty, Limits, Memory};

use crate::support::*;

/// In front of a store, with a window of ten events onto so many.
async fn filled(store: impl Store, count: u32) -> (Faulty, Channel<Event>) {
    let store = Faulty::new(store);
    let market = Channel::builder().events(10).replay_rate(u64::MAX);
    let market = market.store(store.clone(), "market").open().await.unwrap();
    let batch: Vec<_> = (1..=count).map(|n| Event::new(n.to_string())).collect();
    market.publish_all(&batch).await.unwrap();
    (store, market)
}

/// Those that come later included.
#[tokio::test]
async fn ten_thousand_that_begin_read_a_page_once() {
    let (store, market) = filled(Memory::new(), 4_000).await;
    let before = store.reads();
    for at_once in [10_000].into_iter().chain([1; 100]) {
        let clients = (0..at_once).map(|_| {
            let mut client = market.subscribe(None).start(Start::Last(2_000));
            async move { assert_eq!(events(&mut client, 1).await, ["2001"]) }
        });
        futures_util::future::join_all(clients).await;
    }
    let mut one = market.subscribe(None).start(Start::Last(2_000));
    assert_eq!(events(&mut one, 2_000).await, numbers(2001..=4000));
    let (reads, records) = (store.reads() - before, store.read_records());
    assert!(reads <= 5, "{reads} reads, two back and two forth");
    assert!(records < 5_000, "{records} records were read");
}

/// What is published meanwhile is counted once, and the rest is known.
#[tokio::test]
async fn nor_is_all_counted_again_for_each_event_that_comes() {
    let (store, market) = filled(Memory::new(), 4_000).await;
    market.subscribe(None).start(Start::Last(2_000)).next().await.unwrap().unwrap();
    let before = store.read_records();
    for n in 4001..=5500 {
        publish(&market, n).await;
        let mut client = market.subscribe(None).start(Start::Last(2_000));
        assert_eq!(events(&mut client, 1).await, [(n - 1999).to_string()]);
    }
    let mut client = market.subscribe(None).start(Start::Last(3_000));
    assert_eq!(events(&mut client, 3_000).await, numbers(2501..=5500));
    let mut client = market.subscribe(None).start(Start::Last(200));
    assert_eq!(events(&mut client, 200).await, numbers(5301..=5500));
    let records = store.read_records() - before;
    assert!(records < 10_000, "{records} records were read");
}

/// What the store lets go of meanwhile is not missed, and what is left is all there.
#[tokio::test(start_paused = true)]
async fn what_goes_meanwhile_is_not_missed() {
    for more in [0, 40, 1_000, 2_000] {
        let limited = Memory::with_limits(Limits::records(3_000));
        let (store, market) = filled(limited, 4_000).await;
        store.set(Fault::Late(Duration::from_secs(1)));
        let mut client = market.subscribe(None).start(Start::Last(2_990));
        let mut later = market.subscribe(None).start(Start::Last(2_990));
        // One counts back, and one has not been polled.
        assert_quiet(&mut client);
        sleep(Duration::from_millis(1_500)).await;
        let batch: Vec<_> = (1..=more).map(|_| Event::new("more")).collect();
        market.publish_all(&batch).await.unwrap();
        sleep(Duration::from_secs(1)).await;
        market.publish(&Event::new("end")).await.unwrap();
        store.set(Fault::None);
        for client in [&mut client, &mut later] {
            let mut seen = events(client, 1).await;
            while seen.last().is_none_or(|last| last != "end") {
                seen.extend(events(client, 1).await);
            }
            assert!(seen.iter().all(|event| !event.starts_with("reset")), "{more} more: {}", seen[0]);
            assert!(seen.len() > 2_980, "{more} more: {}", seen.len());
        }
        let fresh: Vec<_> = (1..=3_000).map(|n| Event::new(n.to_string())).collect();
        market.publish_all(&fresh).await.unwrap();
        // As many as are there, whatever was known before.
        let mut client = market.subscribe(None).start(Start::Last(2_990));
        assert_eq!(events(&mut client, 2_990).await, numbers(11..=3_000), "{more} more");
        let mut client = market.subscribe(None).start(Start::Last(9_000));
        assert_eq!(events(&mut client, 3_000).await, numbers(1..=3_000), "{more} more");
    }
}

/// What was published since it began is missed if the store lets go of it.
#[tokio::test]
async fn what_goes_of_what_came_since_is_told() {
    for slow in [Slow::Disconnect, Slow::Skip] {
        let (_, market) = filled(Memory::with_limits(Limits::records(30)), 100).await;
        let mut client = market.subscribe(None).start(Start::Last(20)).slow(slow);
        assert!(!client.next().await.unwrap().unwrap().is_event(), "its place");
        for n in 101..=140 {
            publish(&market, n).await;
        }
        let next = client.next().await.unwrap();
        match slow {
            Slow::Disconnect => assert!(next.is_err(), "{next:?}"),
            _ => assert!(next.as_ref().is_ok_and(|frame| frame.event_type() == "reset"), "{next:?}"),
        }
    }
}

/// What another has counted, and the store has let go of, is not among the newest, though a page of it is kept.
#[tokio::test]
async fn what_another_has_counted_is_not_there_for_ever() {
    let (_, market) = filled(Memory::with_limits(Limits::records(30)), 100).await;
    let mut before = market.subscribe(None).start(Start::Last(30));
    assert_eq!(events(&mut before, 30).await, numbers(71..=100));
    for n in 101..=140 {
        publish(&market, n).await;
    }
    let mut client = market.subscribe(None).start(Start::Last(35));
    assert_eq!(events(&mut client, 30).await, numbers(111..=140));
}

/// Where some are gone that another has counted, and no page is kept that has them, all are counted again.
#[tokio::test]
async fn what_was_counted_and_is_gone_does_not_count() {
    let (_, market) = filled(Memory::with_limits(Limits::records(300)), 0).await;
    let long = |count| vec![Event::new("x".repeat(60_000)); count];
    market.publish_all(&long(400)).await.unwrap();
    for more in [0, 3, 3] {
        market.publish_all(&long(more)).await.unwrap();
        let client = market.subscribe(None).start(Start::Last(300)).no_checkpoints();
        // More than is kept of what was read. With fewer than it asked for, it would wait.
        let read = tokio::time::timeout(Duration::from_secs(20), client.take(300).count());
        assert_eq!(read.await.expect("all that are there"), 300);
    }
}

/// Whoever begins behind an event within a page of others has not had that event.
#[tokio::test]
async fn one_that_begins_in_the_middle_of_a_page_had_nothing_before() {
    let (store, market) = filled(Memory::new(), 1_000).await;
    // All of it was read lately.
    let mut earliest = market.subscribe(None).start(Start::Earliest);
    assert_eq!(events(&mut earliest, 1_000).await, numbers(1..=1_000));
    let before = store.reads();
    let ends = |frame: &Frame| frame.as_ref().ends_with(b"data: 500\n\n");
    let mut client = market.subscribe(None).start(Start::Last(500)).until(ends);
    assert_eq!(events(&mut client, 500).await, numbers(501..=1_000));
    assert!(store.reads() - before <= 1, "only to know where they begin");
}

/// Whoever waits for the search of another that fails is told with it; whoever comes later has it done anew.
#[tokio::test(start_paused = true)]
async fn those_who_begin_together_fail_together() {
    let (store, market) = filled(Memory::new(), 4_000).await;
    store.set(Fault::Hangs);
    let asked = Instant::now();
    let clients = (0..100).map(|_| {
        let mut client = market.subscribe(None).start(Start::Last(2_000)).no_checkpoints();
        async move {
            let only = client.next().await.unwrap().unwrap();
            assert!(only.as_ref().starts_with(b"retry: "), "{only:?}");
            assert!(client.next().await.is_none());
        }
    });
    futures_util::future::join_all(clients).await;
    assert_eq!(asked.elapsed(), Duration::from_secs(5));
    store.set(Fault::None);
    let mut client = market.subscribe(None).start(Start::Last(2_000));
    assert_eq!(events(&mut client, 2_000).await, numbers(2001..=4000));
}

/// One who leaves while it counts for all leaves to the next what it has counted.
#[tokio::test(start_paused = true)]
async fn one_that_leaves_holds_up_nobody() {
    let (store, market) = filled(Memory::new(), 40_000).await;
    store.set(Fault::Late(Duration::from_secs(1)));
    let mut clients = Vec::new();
    for _ in 0..30 {
        let mut client = market.subscribe(None).start(Start::Last(30_000)).no_checkpoints();
        assert!(client.next().now_or_never().is_none());
        clients.push(client);
    }
    let asked = Instant::now();
    for client in clients.drain(..29) {
        sleep(Duration::from_millis(1_100)).await;
        drop(client);
    }
    let mut left = clients.pop().unwrap();
    assert_eq!(events(&mut left, 1).await, ["10001"]);
    assert!(asked.elapsed() < Duration::from_secs(50), "{:?}", asked.elapsed());
}

/// The first seven have one key.
struct Row(u32);

impl SseEvent for Row {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let encoder = if self.0 <= 7 { encoder.key("k")? } else { encoder };
        encoder.text(&self.0.to_string())
    }
}

/// It asks for no more than the window has.
#[tokio::test]
async fn who_coalesces_and_has_begun_in_the_window_is_told_what_it_misses() {
    let store = Memory::with_limits(Limits::records(6));
    let channel = Channel::builder().events(4).slow(Slow::Coalesce);
    let market = channel.store(store, "market").open().await.unwrap();
    let publish = async |n: u32| market.publish(&Row(n)).await.unwrap();
    for n in 1..=10 {
        publish(n).await;
    }
    let mut client = market.subscribe(None).start(Start::Last(4));
    assert_eq!(events(&mut client, 1).await, ["7"]);
    for n in 11..=14 {
        publish(n).await;
    }
    let seen = events(&mut client, 1).await;
    assert!(seen[0].starts_with("reset"), "8 is gone: {seen:?}");
}

/// It has a place, and no event yet. What the store lets go of meanwhile is missed only if it was to get that.
#[tokio::test]
async fn who_has_none_of_the_last_misses_only_what_was_among_them() {
    for (last_of, more) in [(4, 1), (4, 9), (4, 10), (12, 1), (12, 2), (13, 1), (20, 0), (20, 1)] {
        for names in [None, Some(&["a"][..]), Some(&["a", "b"])] {
            let store = Memory::with_limits(Limits::records(13));
            let builder = Channel::<Event>::builder().events(2);
            let topics = Topics::builder().channel(builder.clone()).store(store.clone(), "topics");
            let topics = topics.open().await.unwrap();
            let market = match names {
                None => builder.store(store, "market").open().await.unwrap(),
                Some(_) => topics.channel("a").unwrap(),
            };
            let open = |id: LastEventId| -> Pin<Box<dyn Frames>> {
                let start = Start::Last(last_of as usize);
                match names {
                    None => Box::pin(market.subscribe(id).start(start)),
                    Some(names) => Box::pin(topics.subscribe(names, id).unwrap().start(start)),
                }
            };
            for n in 1..=13 {
                publish(&market, n).await;
            }
            let place = open(LastEventId::default()).next().await.unwrap().unwrap();
            for n in 14..14 + more {
                publish(&market, n).await;
            }
            let mut back = open(last(&EventId::new(place.id().unwrap()).unwrap()));
            let case = format!("{last_of} {more} {names:?}");
            let first = events(&mut back, 1).await.remove(0);
            if 13 - last_of.min(13) < more {
                assert_eq!(first, "reset {\"reason\":\"trimmed\",\"missed\":null}", "{case}");
            } else {
                let all = numbers(14 - last_of.min(13)..=13 + more);
                assert_eq!(first, all[0], "{case}");
                assert_eq!(events(&mut back, all.len() - 1).await, all[1..], "{case}");
            }
        }
    }
}

/// A number, perhaps with a key.
struct Keyed(Option<u32>, u32);

impl SseEvent for Keyed {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let Self(key, n) = self;
        let encoder = if let Some(key) = key { encoder.key(&key.to_string())? } else { encoder };
        encoder.text(&n.to_string())
    }
}

/// What is kept for its key lies before the window, too, and is not among the last.
#[tokio::test]
async fn one_that_coalesces_begins_with_so_many_as_well() {
    for (window, published, wanted) in [(4, 100, 5), (1, 8, 2), (4, 100, 3), (4, 12, 12), (4, 12, 20)] {
        let builder = Channel::<Keyed>::builder().events(window).slow(Slow::Coalesce);
        let market = builder.store(Memory::new(), "market").open().await.unwrap();
        for n in 1..=published {
            market.publish(&Keyed(Some(n), n)).await.unwrap();
        }
        let mut client = market.subscribe(None).start(Start::Last(wanted as usize));
        let last = numbers((published + 1).saturating_sub(wanted).max(1)..=published);
        assert_eq!(events(&mut client, last.len()).await, last, "{window} {published} {wanted}");
        market.publish(&Keyed(None, 0)).await.unwrap();
        assert_eq!(events(&mut client, 1).await, ["0"]);
    }
}

/// The store keeps a little more than the window. Of what is older, it gets what is kept for its key.
#[tokio::test]
async fn one_that_coalesces_and_asks_for_all_gets_what_is_kept_for_its_key() {
    for (keeps, lives) in [4, 5, 6, 7, 100].into_iter().flat_map(|keeps| [(keeps, 1), (keeps, 3)]) {
        let builder = Channel::<Keyed>::builder().events(5).slow(Slow::Coalesce);
        let store = Memory::with_limits(Limits::records(keeps));
        let market = builder.store(store.clone(), "market").open().await.unwrap();
        for _ in 1..lives {
            let before = market.cursor();
            store.lose("market");
            while market.cursor() == before {
                sleep(Duration::from_millis(1)).await;
            }
        }
        for n in 1..=8 {
            market.publish(&Keyed((n <= 3).then_some(n), n)).await.unwrap();
        }
        let mut client = market.subscribe(None).start(Start::Earliest);
        assert_eq!(events(&mut client, 8).await, numbers(1..=8), "{keeps} {lives}");
    }
}

/// An adapter answers `204` only where nothing comes.
#[tokio::test]
async fn the_last_that_lie_before_the_window_of_a_finished_log_come() {
    let builder = Channel::<Keyed>::builder().events(2).slow(Slow::Coalesce);
    let market = builder.store(Memory::new(), "market").open().await.unwrap();
    for (key, n) in [(1, 1), (1, 2), (2, 3), (2, 4), (3, 5)] {
        market.publish(&Keyed(Some(key), n)).await.unwrap();
    }
    market.finish().await.unwrap();
    let client = market.subscribe(None).start(Start::Last(5));
    let mut client = client.filter(|frame: &Frame| frame.as_ref().ends_with(b"data: 1\n\n"));
    assert_ne!(client.size_hint().1, Some(0));
    assert_eq!(events(&mut client, 1).await, ["1"]);
}
