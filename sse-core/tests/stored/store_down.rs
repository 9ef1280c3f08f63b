//! What becomes of a channel whose store does not answer.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use futures_util::StreamExt as _;
use typed_sse_core::store::{Range, Store as _, StoreErrorKind};
use typed_sse_core::{Channel, Event, EventId, PublishError, Topics};
use typed_sse_store_conformance::{Fault, Faulty, Memory};

use crate::support::*;

async fn open(store: &Faulty, events: usize) -> Channel<Event> {
    Channel::builder().events(events).store(store.clone(), "market").open().await.unwrap()
}

fn store_error(error: PublishError) -> typed_sse_core::store::StoreError {
    match error {
        PublishError::Store(error) => error,
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_publish_fails_and_clients_stay() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 100).await;
    let one = publish(&market, 1).await;
    publish(&market, 2).await;
    let mut live = market.subscribe(None);
    assert_quiet(&mut live);

    store.set(Fault::Down);
    let error = store_error(market.publish(&Event::new("lost")).await.unwrap_err());
    assert_eq!((error.kind(), error.may_have_been_stored()), (StoreErrorKind::Unavailable, false));
    let mut back = market.subscribe(last(&one));
    assert_eq!(events(&mut back, 1).await, ["2"], "the window is served");
    assert_quiet(&mut live);

    store.set(Fault::None);
    publish(&market, 3).await;
    assert_eq!(events(&mut live, 1).await, ["3"]);
    assert_eq!(events(&mut back, 1).await, ["3"]);
}

#[tokio::test(start_paused = true)]
async fn one_that_hangs_has_five_seconds() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 100).await;
    store.set(Fault::Hangs);
    let asked = tokio::time::Instant::now();
    let error = store_error(market.publish(&Event::new("?")).await.unwrap_err());
    assert_eq!(asked.elapsed(), Duration::from_secs(5));
    assert!(error.may_have_been_stored(), "{error}");
    let text = PublishError::Store(error).to_string();
    assert_eq!(
        text,
        "the event was not published: the store did not answer within 5000 ms; it may have been stored"
    );
}

#[tokio::test(start_paused = true)]
async fn delivery_goes_on_within_a_second() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 100).await;
    let other = open(&Faulty::new(Memory::new()), 100).await;
    drop(other);
    let mut live = market.subscribe(None);
    assert_quiet(&mut live);
    store.set(Fault::Down);
    tokio::time::sleep(Duration::from_secs(60)).await;
    store.set(Fault::None);
    let back = tokio::time::Instant::now();
    market.publish(&Event::new("1")).await.unwrap();
    assert_eq!(events(&mut live, 1).await, ["1"]);
    assert!(back.elapsed() <= Duration::from_secs(1), "{:?}", back.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_client_whose_history_cannot_be_read_comes_back() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 3).await;
    let first = publish_own(&market, 1).await;
    for row in 2..=20 {
        publish_own(&market, row).await;
    }
    store.set(Fault::NoHistory);
    let mut client = market.subscribe(last(&first));
    let only = client.next().await.unwrap().unwrap();
    assert!(only.as_ref().starts_with(b"retry: "), "{only:?}");
    assert!(client.next().await.is_none());
    store.set(Fault::Down);
    let mut client = market.subscribe(last(&EventId::new("not in the window").unwrap()));
    let only = client.next().await.unwrap().unwrap();
    assert!(only.as_ref().starts_with(b"retry: "), "{only:?}");
    assert!(client.next().await.is_none());

    store.set(Fault::None);
    let mut client = market.subscribe(last(&first));
    assert_eq!(events(&mut client, 19).await[18], "own 20");
}

#[tokio::test(start_paused = true)]
async fn what_is_published_in_passing_is_stored_once() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 100).await;
    let mut live = market.subscribe(None);
    let before = publish(&market, 0).await;
    store.set(Fault::Down);
    for n in 1..=10 {
        let id = market.publish_now(&Event::new(n.to_string())).unwrap();
        assert_eq!(id, before, "the place in front of it");
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    store.set(Fault::LosesAnswers);
    tokio::time::sleep(Duration::from_secs(3)).await;
    store.set(Fault::None);
    assert_eq!(events(&mut live, 11).await, numbers(0..=10));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_quiet(&mut live);
    market.finish_now();
    assert_eq!(all(live).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_way_to_the_store_is_bounded() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 100).await;
    store.set(Fault::Hangs);
    let full = (0..100_000).find_map(|_| market.publish_now(&Event::new("x")).err());
    let error = store_error(full.expect("a bound"));
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("await `publish` instead"), "{error}");
}

#[tokio::test]
async fn each_event_is_read_once_whatever_the_clients() {
    let store = Memory::new();
    let (here, there) = (Faulty::new(store.clone()), Faulty::new(store));
    let (market, other) = (open(&here, 1000).await, open(&there, 1000).await);
    let mut clients: Vec<_> =
        (0..200).flat_map(|_| [market.subscribe(None), other.subscribe(None)]).collect();
    for n in 1..=50 {
        publish(&market, n).await;
    }
    for client in &mut clients {
        assert_eq!(events(client, 50).await, numbers(1..=50));
    }
    assert_eq!((here.followed(), there.followed()), (0, 50), "what was published here is not even read");
    publish(&other, 51).await;
    publish(&market, 52).await;
    for client in &mut clients {
        assert_eq!(events(client, 2).await, numbers(51..=52));
    }
    assert!((1..=2).contains(&here.followed()), "what comes from elsewhere is");
}

#[tokio::test]
async fn ten_thousand_that_come_back_read_a_page_once() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 10).await;
    let mut ids = Vec::new();
    for n in 1..=400 {
        ids.push(publish(&market, n).await);
    }
    let before = store.reads();
    let clients = (0..10_000).map(|n| {
        let from = n % 350;
        let mut client = market.subscribe(last(&ids[from]));
        async move {
            let first = events(&mut client, 1).await;
            assert_eq!(first, [(from + 2).to_string()]);
        }
    });
    futures_util::future::join_all(clients).await;
    let reads = store.reads() - before;
    assert!(reads <= 4, "{reads} reads of one page");
}

#[tokio::test]
async fn what_is_live_only_is_not_stored() {
    use typed_sse_core::{EncodeError, Encoded, Encoder, SseEvent};
    struct Typing(bool);
    impl SseEvent for Typing {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            if self.0 { encoder.ephemeral()?.text("typing") } else { encoder.text("said") }
        }
    }
    let store = Faulty::new(Memory::new());
    let chat = Channel::<Typing>::builder().store(store.clone(), "chat").open().await.unwrap();
    let mut live = chat.subscribe(None).no_checkpoints();
    chat.publish_all(&[Typing(false), Typing(true)]).await.unwrap();
    chat.publish(&Typing(true)).await.unwrap();
    for said in ["said", "typing", "typing"] {
        let frame = live.next().await.unwrap().unwrap();
        assert!(frame.as_ref().ends_with(format!("data: {said}\n\n").as_bytes()), "{frame:?}");
    }
    let log = store.open("chat").await.unwrap();
    assert_eq!(store.read(&log, Range::after(0)).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn another_life_of_the_log_is_told_to_all_who_are_there() {
    use typed_sse_core::{Slow, SubscriptionError};
    let memory = Memory::new();
    let store = Faulty::new(memory.clone());
    for slow in [Slow::Disconnect, Slow::Skip, Slow::Coalesce] {
        let market = Channel::builder().slow(slow).store(store.clone(), "market").open().await.unwrap();
        let mut live = market.subscribe(None).no_checkpoints();
        let id = publish(&market, "before").await;
        assert_eq!(events(&mut live, 1).await, ["before"]);
        memory.lose("market");
        // The first may come too soon.
        while market.publish(&Event::new("behind")).await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        match slow {
            Slow::Disconnect => {
                let cut = live.next().await.unwrap();
                assert!(matches!(cut, Err(SubscriptionError::Lagged)), "{cut:?}");
            }
            _ => {
                let seen = events(&mut live, 1).await;
                assert!(seen[0].starts_with("reset "), "{seen:?}");
            }
        }
        let mut back = market.subscribe(last(&id));
        let next = publish(&market, "next").await;
        assert_eq!(events(&mut back, 2).await, [r#"reset {"reason":"epoch","missed":null}"#, "next"]);
        assert_eq!(market.cursor(), next);
        let mut earliest = market.subscribe(None).start(typed_sse_core::Start::Earliest);
        assert_eq!(events(&mut earliest, 2).await, ["behind", "next"]);
        market.publish_now(&Event::new("later")).unwrap();
        assert_eq!(events(&mut earliest, 1).await, ["later"]);
    }
}

/// Another server publishes while this one cannot read, for so long that it pauses between its attempts.
async fn fall_behind(memory: &Memory, store: &Faulty, events: u32) -> EventId {
    let other = Channel::<Event>::builder().store(memory.clone(), "market").open().await.unwrap();
    store.set(Fault::Down);
    let mut newest = other.cursor();
    for n in 1..=events {
        newest = publish(&other, n).await;
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    newest
}

#[tokio::test(start_paused = true)]
async fn a_client_of_a_server_that_is_ahead_waits_for_one_that_is_behind() {
    let memory = Memory::new();
    let store = Faulty::new(memory.clone());
    let behind = open(&store, 100).await;
    let newest = fall_behind(&memory, &store, 3).await;
    store.set(Fault::None);
    let mut client = behind.subscribe(last(&newest));
    publish(&behind, "next").await;
    assert_eq!(events(&mut client, 1).await, ["next"]);
}

#[tokio::test(start_paused = true)]
async fn what_the_store_lets_go_before_this_server_has_read_it_is_told() {
    use typed_sse_core::{Slow, SubscriptionError};
    for slow in [Slow::Disconnect, Slow::Skip, Slow::Coalesce] {
        let memory = Memory::with_limits(typed_sse_store_conformance::Limits::records(5));
        let store = Faulty::new(memory.clone());
        let behind = Channel::builder().slow(slow).store(store.clone(), "market").open().await.unwrap();
        let mut live = behind.subscribe(None).no_checkpoints();
        let seen = publish(&behind, "seen").await;
        assert_eq!(events(&mut live, 1).await, ["seen"]);

        fall_behind(&memory, &store, 20).await;
        store.set(Fault::None);
        let told = live.next().await.unwrap();
        match slow {
            Slow::Disconnect => assert!(matches!(told, Err(SubscriptionError::Lagged)), "{told:?}"),
            _ => assert_eq!(told.unwrap().event_type(), "reset", "{slow:?}"),
        }
        let mut back = behind.subscribe(last(&seen)).start(typed_sse_core::Start::Earliest);
        let seen = events(&mut back, 6).await;
        assert!(seen[0].starts_with("reset {\"reason\":\"trimmed\""), "{seen:?}");
        assert_eq!(seen[1..], numbers(16..=20));
    }
}

#[tokio::test(start_paused = true)]
async fn the_counters_tell() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 2).await;
    let first = publish(&market, 1).await;
    for n in 2..=5 {
        publish(&market, n).await;
    }
    let before = market.counters();
    let told = |counters: &typed_sse_core::Counters| {
        (counters.store_failed, counters.store_appends_failed, counters.store_pages, counters.store_down_ms)
    };
    assert_eq!(told(&before), (0, 0, 0, 0));

    store.set(Fault::Down);
    market.publish(&Event::new("lost")).await.unwrap_err();
    tokio::time::sleep(Duration::from_secs(10)).await;
    let down = market.counters();
    assert_eq!((down.store_appends_failed, down.store_pages), (1, 0));
    assert!(down.store_interrupted > 5, "it is asked again and again: {down:?}");
    assert_eq!(down.store_failed, down.store_interrupted + 1);
    assert!((9_000..=10_000).contains(&down.store_down_ms), "{down:?}");

    store.set(Fault::None);
    publish(&market, 6).await;
    assert_eq!(events(&mut market.subscribe(last(&first)), 5).await.last().unwrap(), "6");
    let back = market.counters();
    assert_eq!((back.store_down_ms, back.store_appends_failed), (0, 1));
    assert!(back.store_pages > 0, "{back:?}");
}

/// A refusal is an answer.
#[tokio::test(start_paused = true)]
async fn what_a_store_refuses_is_no_failure() {
    let store = Faulty::new(Memory::new());
    let market = open(&store, 2).await;
    publish_own(&market, 7).await;
    publish_own(&market, 8).await;
    publish_own(&market, 9).await;
    let again = Event::new("again").with_id(EventId::new("7").unwrap());
    market.publish(&again).await.unwrap_err();
    assert_eq!(market.counters().store_failed, 0);
}

#[tokio::test(start_paused = true)]
async fn topics_count_their_store_once() {
    let store = Faulty::new(Memory::new());
    let topics = Topics::<Event>::builder().store(store.clone(), "market").open().await.unwrap();
    let (one, two) = (topics.channel("1").unwrap(), topics.channel("2").unwrap());
    one.publish(&Event::new("x")).await.unwrap();
    two.publish(&Event::new("x")).await.unwrap();
    store.set(Fault::Down);
    one.publish(&Event::new("x")).await.unwrap_err();
    assert_eq!(topics.counters().store_appends_failed, 1);
    assert_eq!(two.counters().store_appends_failed, 1, "each has all of it");
}
