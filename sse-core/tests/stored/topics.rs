//! Topics whose logs a store keeps.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use futures_util::{Stream as _, StreamExt as _};
use tokio::time::timeout;
use typed_sse_core::store::{Batch, Record, Store as _};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, EventType, LastEventId, PublishError, Slow,
    SseEvent, Start, Topics,
};
use typed_sse_store_conformance::{Fault, Faulty, Limits, Memory};

use crate::support::*;

/// With windows of so many events.
async fn open_topics(store: &Memory, events: usize) -> Topics<Event> {
    let topics = Topics::builder().channel(Channel::builder().events(events));
    topics.store(store.clone(), "market").open().await.unwrap()
}

async fn put(topics: &Topics<Event>, topic: &str, data: impl ToString) -> EventId {
    let event = Event::new(format!("{topic}{}", data.to_string()));
    topics.channel(topic).unwrap().publish(&event).await.unwrap()
}

async fn put_own(topics: &Topics<Event>, topic: &str, id: &str) -> EventId {
    let event = Event::new(format!("{topic} {id}")).with_id(EventId::new(id).unwrap());
    topics.channel(topic).unwrap().publish(&event).await.unwrap()
}

struct Row {
    key: String,
    data: String,
}

impl SseEvent for Row {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.key(&self.key)?.text(&self.data)
    }
}

async fn open_rows(store: &Memory, events: usize) -> Topics<Row> {
    let topics = Topics::builder().channel(Channel::builder().events(events));
    topics.store(store.clone(), "market").open().await.unwrap()
}

/// Waits until this is so: a follower takes its time.
async fn until(mut is_so: impl FnMut() -> bool) {
    for _ in 0..2000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("never");
}

#[tokio::test]
async fn every_place_resumes_any_topics_on_any_server() {
    let store = Memory::new();
    let here = open_topics(&store, 3).await;
    let mut published = Vec::new();
    for n in 0..60 {
        let topic = ["a", "b", "c"][n % 7 % 3];
        let id = if n % 4 == 0 {
            put_own(&here, topic, &format!("row {n}")).await
        } else {
            put(&here, topic, n).await
        };
        let data = if n % 4 == 0 { format!("{topic} row {n}") } else { format!("{topic}{n}") };
        published.push((topic, id, data));
    }
    for events_in_window in [3, 100] {
        let there = open_topics(&store, events_in_window).await;
        for (at, (topic, id, _)) in published.iter().enumerate() {
            for names in [&["a", "b", "c"][..], &["a", "c"], &["b"]] {
                if !names.contains(topic) && !id.as_str().contains('-') {
                    // Of a topic that is not named, the store is not asked.
                    continue;
                }
                let behind = published[at + 1..].iter();
                let expected: Vec<_> = behind
                    .filter(|(topic, ..)| names.contains(topic))
                    .map(|(_, _, data)| data.clone())
                    .collect();
                let mut client = there.subscribe(names, last(id)).unwrap();
                assert_eq!(events(&mut client, expected.len()).await, expected, "{names:?} behind {id}");
                assert_quiet(&mut client);
            }
        }
    }
}

#[tokio::test]
async fn what_is_published_while_a_topic_is_read_is_delivered() {
    let store = Memory::new();
    put(&open_topics(&store, 10).await, "a", "before").await;
    let topics = open_topics(&store, 10).await;
    let mut live = topics.subscribe(["a", "b"], None).unwrap();
    let mut of_channel = topics.channel("a").unwrap().subscribe(None);
    put(&topics, "a", 1).await;
    put(&topics, "b", 2).await;
    assert_eq!(events(&mut live, 2).await, ["a1", "b2"]);
    assert_eq!(events(&mut of_channel, 1).await, ["a1"]);
    assert_quiet(&mut live);
    assert_quiet(&mut of_channel);
}

#[tokio::test]
async fn each_start_is_that_of_the_server_before() {
    let store = Memory::new();
    let topics = open_rows(&store, 4).await;
    for n in 1..=10 {
        for topic in ["a", "b"] {
            let row = Row { key: format!("k{}", n % 3), data: format!("{topic}{n}") };
            topics.channel(topic).unwrap().publish(&row).await.unwrap();
        }
    }
    let names = ["a", "b"];
    for topics in [topics, open_rows(&store, 4).await, open_rows(&store, 100).await] {
        let mut all = topics.subscribe(names, None).unwrap().start(Start::Earliest);
        let expected: Vec<_> = (1..=10).flat_map(|n| [format!("a{n}"), format!("b{n}")]).collect();
        assert_eq!(events(&mut all, 20).await, expected);
        assert_quiet(&mut all);
        let mut last = topics.subscribe(names, None).unwrap().start(Start::Last(2));
        assert_eq!(events(&mut last, 4).await, ["a9", "b9", "a10", "b10"]);
        assert_quiet(&mut last);
        let mut newest = topics.subscribe(names, None).unwrap().start(Start::LatestPerKey);
        assert_eq!(events(&mut newest, 6).await, ["a8", "b8", "a9", "b9", "a10", "b10"]);
        assert_quiet(&mut newest);
    }
}

#[tokio::test]
async fn an_id_that_names_several_events_resumes_none() {
    let store = Memory::new();
    let topics = open_topics(&store, 1).await;
    for topic in ["a", "b"] {
        put_own(&topics, topic, "same").await;
        put(&topics, topic, 1).await;
        put(&topics, topic, 2).await;
    }
    // A server that has one of them in its window does not ask for another.
    let topics = open_topics(&store, 1).await;
    let mut client = topics.subscribe(["a", "b"], last(&EventId::new("same").unwrap())).unwrap();
    let seen = events(&mut client, 1).await;
    assert!(seen[0].starts_with("reset {\"reason\":\"unknown\""), "{seen:?}");
    let mut one = topics.subscribe(["a"], last(&EventId::new("same").unwrap())).unwrap();
    assert_eq!(events(&mut one, 2).await, ["a1", "a2"]);
}

#[tokio::test]
async fn a_finished_topic_is_finished_everywhere() {
    let store = Memory::new();
    let topics = open_topics(&store, 10).await;
    put(&topics, "a", 1).await;
    let seen = put(&topics, "a", 2).await;
    topics.channel("a").unwrap().finish().await.unwrap();
    let other = put(&topics, "b", 3).await;
    for topics in [topics, open_topics(&store, 10).await] {
        assert_eq!(all(topics.subscribe(["a"], last(&seen)).unwrap()).await, [""; 0]);
        // By now it is known without the store.
        let over = topics.subscribe(["a"], last(&seen)).unwrap();
        assert_eq!(over.size_hint(), (0, Some(0)));
        let late = topics.subscribe(["a"], None).unwrap().start(Start::Earliest);
        assert_eq!(all(late).await, ["a1", "a2"]);
        let both = topics.subscribe(["a", "b"], last(&other)).unwrap();
        let refused = topics.channel("a").unwrap().publish(&Event::new("late")).await;
        assert!(matches!(refused, Err(PublishError::Finished)), "{refused:?}");
        let mut both = both;
        let more = put(&topics, "b", 4).await;
        assert_eq!(events(&mut both, 1).await, ["b4"]);
        let mut behind = topics.subscribe(["a", "b"], last(&more)).unwrap();
        assert_quiet(&mut behind);
    }
}

#[tokio::test]
async fn a_topic_is_closed_on_all_servers() {
    let store = Memory::new();
    let (here, there) = (open_topics(&store, 10).await, open_topics(&store, 10).await);
    let seen = put(&here, "a", 1).await;
    put(&here, "b", 1).await;
    let one = there.subscribe(["a"], last(&seen)).unwrap();
    let mut both = there.subscribe(["a", "b"], last(&seen)).unwrap();
    assert_eq!(events(&mut both, 1).await, ["b1"]);
    put(&here, "a", 2).await;
    here.close("a");
    assert_eq!(all(one).await, ["a2"]);
    // Its handles are those of what was closed.
    until(|| here.len() < 2).await;
    put(&here, "a", 3).await;
    put(&here, "b", 2).await;
    assert_eq!(events(&mut both, 2).await, ["a2", "b2"]);
    // It was there when the topic was closed, and then gets all of the new one.
    let id = id_of_last(&here, &["b"], &seen).await;
    drop(id);
    let fresh = put(&here, "a", 4).await;
    for topics in [&here, &there, &open_topics(&store, 10).await] {
        // Who had the old one gets all of the new one.
        let mut back = topics.subscribe(["a", "b"], last(&seen)).unwrap();
        assert_eq!(events(&mut back, 4).await, ["b1", "a3", "b2", "a4"]);
        assert_quiet(&mut back);
        let mut new = topics.subscribe(["a"], last(&fresh)).unwrap();
        assert_quiet(&mut new);
        // Who wanted nothing else is done.
        assert_eq!(all(topics.subscribe(["a"], last(&seen)).unwrap()).await, [""; 0]);
    }
}

/// The ID of the last frame that is there.
async fn id_of_last(topics: &Topics<Event>, names: &[&str], from: &EventId) -> LastEventId {
    let mut client = topics.subscribe(names, last(from)).unwrap();
    let mut id = last(from);
    while let Ok(Some(Ok(frame))) = timeout(Duration::from_millis(50), client.next()).await {
        if let Some(next) = frame.id() {
            id = LastEventId::from(next);
        }
    }
    id
}

#[tokio::test]
async fn who_was_there_when_a_topic_was_closed_gets_all_of_the_next_one() {
    let store = Memory::new();
    let (here, there) = (open_topics(&store, 10).await, open_topics(&store, 10).await);
    let seen = put(&here, "a", 1).await;
    let mut both = there.subscribe(["a", "b"], last(&seen)).unwrap();
    assert_quiet(&mut both);
    here.close("a");
    until(|| there.len() == 1).await;
    put(&here, "a", 2).await;
    put(&here, "b", 3).await;
    // What it gets from now on says that it has nothing of the new one.
    let mut id = String::new();
    while id.is_empty() {
        let frame = timeout(Duration::from_secs(20), both.next()).await.unwrap().unwrap().unwrap();
        id = frame.id().filter(|_| frame.is_event()).unwrap_or_default().to_owned();
    }
    for topics in [&here, &there, &open_topics(&store, 10).await] {
        let mut back = topics.subscribe(["a", "b"], LastEventId::from(&*id)).unwrap();
        assert_eq!(events(&mut back, 1).await, ["a2"], "{id}");
        assert_quiet(&mut back);
    }
}

#[tokio::test]
async fn only_the_topic_that_lost_something_is_reset() {
    let store = Memory::with_limits(Limits::records(5));
    let topics = open_topics(&store, 3).await;
    let seen = put(&topics, "a", 0).await;
    put(&topics, "b", 0).await;
    for n in 1..=20 {
        put(&topics, "a", n).await;
    }
    let topics = open_topics(&store, 3).await;
    let mut quiet = topics.subscribe(["b"], last(&seen)).unwrap();
    assert_eq!(events(&mut quiet, 1).await, ["b0"]);
    let mut both = topics.subscribe(["a", "b"], last(&seen)).unwrap().start(Start::Earliest);
    let told = events(&mut both, 7).await;
    assert!(told[0].starts_with("reset {\"reason\":\"trimmed\""), "{told:?}");
    assert_eq!(told[1..], ["b0", "a16", "a17", "a18", "a19", "a20"]);
}

/// A window may hold what the store has let go of. Who was told that this is gone gets nothing of it again from there.
#[tokio::test]
async fn who_was_reset_begins_with_what_the_store_has() {
    let store = Memory::with_limits(Limits::records(5));
    let large = open_topics(&store, 10).await;
    let mut ids = Vec::new();
    for n in 1..=20 {
        put(&large, "a", n).await;
        ids.push(put(&large, "b", n).await);
    }
    let small = open_topics(&store, 3).await;
    let mut client = small.subscribe(["a", "b"], last(&ids[12])).unwrap().start(Start::Earliest);
    let reset = timeout(Duration::from_secs(20), client.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(reset.event_type(), "reset");
    let told = LastEventId::from(reset.id().unwrap());
    let mut back = large.subscribe(["a", "b"], told).unwrap().start(Start::Earliest);
    let expected: Vec<_> = (16..=20).flat_map(|n| [format!("a{n}"), format!("b{n}")]).collect();
    assert_eq!(events(&mut back, 10).await, expected);
    assert_quiet(&mut back);
}

#[tokio::test]
async fn a_topic_that_was_forgotten_is_read_again() {
    let store = Memory::new();
    let topics = Topics::<Event>::builder().topics(1);
    let topics = topics.store(store.clone(), "market").open().await.unwrap();
    let seen = put(&topics, "a", 1).await;
    put(&topics, "a", 2).await;
    put(&topics, "b", 3).await;
    let mut back = topics.subscribe(["a"], last(&seen)).unwrap();
    assert_eq!(events(&mut back, 1).await, ["a2"]);
    drop(back);
    let seen = put(&topics, "b", 4).await;
    assert_eq!(topics.len(), 1);
    let mut back = topics.subscribe(["b"], last(&seen)).unwrap();
    assert_quiet(&mut back);
    put(&topics, "b", 5).await;
    assert_eq!(events(&mut back, 1).await, ["b5"]);
}

#[tokio::test]
async fn a_channel_is_fed_without_the_topics() {
    let store = Memory::new();
    let channel = open_topics(&store, 10).await.channel("a").unwrap();
    let mut client = channel.subscribe(None);
    let other = open_topics(&store, 10).await;
    put(&other, "a", 1).await;
    assert_eq!(events(&mut client, 1).await, ["a1"]);
    drop(channel);
    assert_eq!(timeout(Duration::from_secs(20), client.count()).await.unwrap(), 1, "its end");
}

#[tokio::test]
async fn a_log_that_is_lost_resets_all_topics() {
    let store = Memory::new();
    let topics = open_topics(&store, 10).await;
    let seen = put(&topics, "a", 1).await;
    put(&topics, "b", 1).await;
    let mut both = topics.subscribe(["a", "b"], last(&seen)).unwrap().slow(Slow::Skip);
    assert_eq!(events(&mut both, 1).await, ["b1"]);
    store.lose("market");
    put(&open_topics(&store, 10).await, "a", 2).await;
    let told = events(&mut both, 1).await;
    assert!(told[0].starts_with("reset {\"reason\":\"lagged\""), "{told:?}");
    put(&topics, "b", 3).await;
    let next = events(&mut both, 1).await;
    assert!(next == ["a2"] || next == ["b3"] || next[0].starts_with("reset"), "{next:?}");
    let mut back = topics.subscribe(["a", "b"], last(&seen)).unwrap();
    let told = events(&mut back, 1).await;
    assert!(told[0].starts_with("reset {\"reason\":\"epoch\""), "{told:?}");
}

/// What it had reached in the life before is no number of this one: it comes back with the ID of the reset.
#[tokio::test]
async fn the_reset_of_a_log_that_is_lost_names_a_place_in_the_next() {
    for slow in [Slow::Skip, Slow::Coalesce] {
        let store = Memory::new();
        let topics = open_topics(&store, 10).await;
        let seen = put(&topics, "a", 1).await;
        for n in 1..5 {
            put(&topics, "b", n).await;
        }
        let mut both = topics.subscribe(["a", "b"], last(&seen)).unwrap().slow(slow);
        assert_eq!(events(&mut both, 4).await, ["b1", "b2", "b3", "b4"]);
        store.lose("market");
        let other = open_topics(&store, 10).await;
        put(&other, "a", 2).await;
        let told = loop {
            let frame = timeout(Duration::from_secs(20), both.next()).await.unwrap().unwrap().unwrap();
            if frame.is_event() {
                break frame;
            }
        };
        assert!(shown(&told).unwrap().starts_with("reset"), "{told:?}");
        let id = EventId::new(told.id().unwrap()).unwrap();
        put(&other, "b", 5).await;
        let mut back = topics.subscribe(["a", "b"], last(&id)).unwrap();
        let seen = events(&mut back, 1).await;
        let seen = if seen == ["a2"] { events(&mut back, 1).await } else { seen };
        assert_eq!(seen, ["b5"], "{slow:?} {id}");
        put(&other, "a", 6).await;
        let next: Vec<_> = events(&mut both, 2).await;
        assert!(next.ends_with(&["a6".to_owned()]) || next.contains(&"b5".to_owned()), "{next:?}");
    }
}

#[tokio::test]
async fn a_snapshot_stands_at_a_cursor_of_any_server() {
    let store = Memory::new();
    let (here, there) = (open_topics(&store, 10).await, open_topics(&store, 10).await);
    put(&here, "a", 1).await;
    let at = here.cursor();
    put(&here, "b", 2).await;
    let client = there.subscribe(["a", "b"], None).unwrap().snapshot(move || {
        let at = at.clone();
        async move { Ok::<_, std::convert::Infallible>((vec![Event::new("state")], at)) }
    });
    let mut client = std::pin::pin!(client);
    assert_eq!(events(&mut client, 2).await, ["state", "b2"]);
}

#[tokio::test]
async fn an_event_keeps_its_type_of_its_topic() {
    let store = Memory::new();
    let topics = || {
        Topics::<Event>::builder().encode_with(|topic, event, encoder| {
            let event_type = EventType::new(format!("{topic}/{}", event.event_type()))?;
            event.encode(encoder.event_type(&event_type)?)
        })
    };
    let here = topics().store(store.clone(), "market").open().await.unwrap();
    let mut client = here.subscribe(["a"], None).unwrap().no_checkpoints();
    put(&here, "a", 1).await;
    let frame = client.next().await.unwrap().unwrap();
    assert_eq!((frame.event_type(), frame.topic()), ("a/message", Some("a")));
}

#[tokio::test]
async fn many_clients_and_topics_ask_the_store_little() {
    const TOPICS: usize = 10_000;
    let store = Memory::new();
    let seen = put(&open_topics(&store, 4).await, "0", "first").await;
    let log = store.open("market").await.unwrap();
    for n in 0..TOPICS {
        let record = |event| [("data", format!("{n}{event}")), ("topic", n.to_string())];
        let records = [0, 1, 2].map(|event| Record::from_fields(record(event)).unwrap());
        store.append(&log, Batch::new(&records)).await.unwrap();
    }
    let faulty = Faulty::new(store.clone());
    let topics = Topics::<Event>::builder().store(faulty.clone(), "market").open().await.unwrap();
    let (before, given) = (faulty.reads(), faulty.read_records());
    let mut back: Vec<_> = (0..1000).map(|_| topics.subscribe(["0"], last(&seen)).unwrap()).collect();
    for client in &mut back {
        assert_eq!(events(client, 3).await, ["00", "01", "02"]);
    }
    assert_eq!(faulty.read_records() - given, 4, "its own events, and of no other topic");
    assert_eq!(faulty.reads() - before, 1, "the end of one topic, once");

    let other = open_topics(&store, 4).await;
    for n in 0..100 {
        put(&other, "0", n).await;
    }
    for client in &mut back {
        assert_eq!(events(client, 100).await.len(), 100);
    }
    assert_eq!(faulty.followed(), 100, "each event once for all clients");
    assert_eq!(faulty.reads() - before, 1);
}

#[tokio::test]
async fn a_store_that_is_down_ends_who_waits_for_it() {
    let store = Memory::new();
    let seen = put(&open_topics(&store, 4).await, "a", 1).await;
    let faulty = Faulty::new(store.clone());
    let topics = Topics::<Event>::builder().store(faulty.clone(), "market");
    let topics = topics.time_limit(Duration::from_millis(50)).open().await.unwrap();
    let mut loaded = topics.subscribe(["b"], last(&seen)).unwrap();
    assert_quiet(&mut loaded);
    // A new client has its place once the topic is read.
    topics.subscribe(["b"], None).unwrap().next().await.unwrap().unwrap();
    assert_quiet(&mut loaded);
    faulty.set(Fault::Down);
    let frames: Vec<_> = topics.subscribe(["a"], last(&seen)).unwrap().collect().await;
    let [Ok(end)] = &*frames else { panic!("{frames:?}") };
    assert!(end.as_ref().starts_with(b"retry: "), "it comes back: {end:?}");
    // It goes on by itself, once the store is back.
    faulty.set(Fault::None);
    put(&open_topics(&store, 4).await, "b", 2).await;
    let mut seen_back = None;
    while seen_back.is_none() {
        // It comes back until the topic is read.
        let frames = topics.subscribe(["a", "b"], last(&seen)).unwrap();
        let event = frames.filter_map(async |frame| shown(&frame.unwrap()));
        seen_back = std::pin::pin!(event).next().await;
    }
    assert_eq!(seen_back.as_deref(), Some("b2"));
    assert_eq!(events(&mut loaded, 1).await, ["b2"]);
}

/// One that has got nothing but its place, and did not read while the store let go of what came.
#[tokio::test]
async fn who_began_live_and_was_overtaken_by_the_store_is_told() {
    for slow in [Slow::Disconnect, Slow::Skip] {
        let store = Memory::with_limits(Limits::records(10));
        let topics = open_topics(&store, 4).await;
        let mut clients: Vec<_> = [&["a"][..], &["a", "b"]]
            .iter()
            .map(|names| topics.subscribe(names.iter().copied(), None).unwrap().slow(slow))
            .collect();
        for client in &mut clients {
            assert!(!client.next().await.unwrap().unwrap().is_event(), "its place");
        }
        for n in 1..=40 {
            put(&topics, "a", &format!("a{n}")).await;
        }
        for client in &mut clients {
            let next = client.next().await.unwrap();
            match slow {
                Slow::Disconnect => assert!(next.is_err(), "{next:?}"),
                _ => assert!(next.as_ref().is_ok_and(|frame| frame.event_type() == "reset"), "{next:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_that_are_lost_while_topics_are_read_leave_nobody_behind() {
    const TOPICS: usize = 20;
    let store = Memory::new();
    let servers = [open_topics(&store, 4).await, open_topics(&store, 50).await];
    let names: Vec<_> = (0..TOPICS).map(|n| n.to_string()).collect();
    let mut clients = Vec::new();
    // It learns by itself that the log is another.
    let publisher = Topics::<Event>::builder().store(store.clone(), "market").publisher().await.unwrap();
    for round in 0..30 {
        // Topics that nobody has used before are read while the log goes.
        let (server, names) = (&servers[round % 2], names[..=round % TOPICS].to_vec());
        clients.push(server.subscribe(&names, None).unwrap().slow(Slow::Skip));
        let event = Event::new(format!("event {round}"));
        publisher.channel(&*names[round % names.len()]).publish(&event).await.unwrap();
        if round % 5 == 4 {
            store.lose("market");
        }
        tokio::task::yield_now().await;
    }
    let id = publisher.channel("0").publish(&Event::new("last")).await.unwrap();
    // Once both servers are in the life that the log has now.
    until(|| servers.iter().all(|server| server.cursor().as_str()[..8] == id.as_str()[..8])).await;
    let mut seen: Vec<Vec<String>> = Vec::new();
    for client in &mut clients {
        let mut came = Vec::new();
        while let Ok(frame) = timeout(Duration::from_millis(50), client.next()).await {
            came.extend(shown(&frame.expect("it ends").unwrap()));
        }
        seen.push(came);
    }
    publisher.channel("0").publish(&Event::new("end")).await.unwrap();
    for (mut client, mut seen) in clients.into_iter().zip(seen) {
        while seen.last().is_none_or(|last| last != "end") {
            seen.extend(events(&mut client, 1).await);
        }
        let is_again =
            |(at, event): (usize, &String)| !event.starts_with("reset") && seen[..at].contains(event);
        assert!(!seen.iter().enumerate().any(is_again), "{seen:?}");
        let is_told = seen.iter().any(|event| event == "last" || event.starts_with("reset"));
        assert!(is_told, "what it missed is told to nobody: {seen:?}");
    }
}

/// A window forgets own IDs that it knew when the client came.
#[tokio::test]
async fn an_own_id_that_was_known_when_its_client_came_resumes() {
    let store = Memory::new();
    let row = put_own(&open_topics(&store, 4).await, "a", "row 1").await;
    let topics = open_topics(&store, 4).await;
    let mut client = topics.subscribe(["a"], last(&row)).unwrap();
    // The topic is read, and the ID is looked up.
    assert_quiet(&mut client);
    topics.subscribe(["a"], None).unwrap().next().await.unwrap().unwrap();
    for n in 2..=20 {
        put_own(&topics, "a", &format!("row {n}")).await;
    }
    let all: Vec<_> = (2..=20).map(|n| format!("a row {n}")).collect();
    assert_eq!(events(&mut client, 19).await, all);
}

/// It is read while its first client waits: what is published meanwhile is for that client, whatever it is to begin with.
#[tokio::test]
async fn what_is_published_while_topics_are_read_is_delivered_to_who_waits() {
    let starts = [Start::Live, Start::Last(0), Start::Last(2), Start::Earliest, Start::LatestPerKey];
    for (start, names) in starts.into_iter().flat_map(|start| [(start, &["a"][..]), (start, &["a", "b"])]) {
        for (keeps, together) in [(1000, false), (1000, true), (8, false), (8, true)] {
            let store = Memory::with_limits(Limits::records(keeps));
            let topics = open_topics(&store, 4).await;
            for n in 1..=2 {
                put(&topics, "a", n).await;
            }
            let mut client = topics.subscribe(names, None).unwrap().start(start).slow(Slow::Skip);
            if together {
                let rows: Vec<_> = (3..=12).map(|n| Event::new(format!("a{n}"))).collect();
                topics.channel("a").unwrap().publish_all(&rows).await.unwrap();
            } else {
                for n in 3..=12 {
                    put(&topics, "a", n).await;
                }
            }
            let mut seen = Vec::new();
            while !seen.last().is_some_and(|last: &String| last == "a12" || last.starts_with("reset")) {
                seen.extend(events(&mut client, 1).await);
            }
            let old = if matches!(start, Start::Last(2) | Start::Earliest) { 1 } else { 3 };
            let all: Vec<_> = (old..=12).map(|n| format!("a{n}")).collect();
            let is_told = seen.len() == 1 && seen[0].starts_with("reset");
            assert!(seen == all || keeps == 8 && is_told, "{start:?} {names:?} {keeps} {together}: {seen:?}");
        }
    }
}
