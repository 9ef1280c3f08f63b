//! What a client holds that is sent what lies before a window, and does not read.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::alloc::System;

use bytes::Bytes;
use cap::Cap;
use futures_util::{Stream, StreamExt as _};
use tokio::sync::Mutex;
use typed_sse_core::{Channel, Event, EventId, EventStream, LastEventId, Start, Topics};
use typed_sse_store_conformance::{Faulty, Memory};

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// The heap is that of one test at a time.
static TURN: Mutex<()> = Mutex::const_new(());

const CLIENTS: usize = 100;
/// A client that does not read holds no more, beyond an event.
const MOST: usize = 40 << 10;
/// So much is on its way to the client.
const IN_FLIGHT: usize = 16 << 10;

/// How much each holds that got a little, and whose last chunk is not written yet.
async fn held<S, E>(streams: impl Iterator<Item = S>) -> usize
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    E: std::fmt::Debug,
{
    let before = HEAP.allocated();
    let mut held = Vec::new();
    for mut stream in streams {
        let (mut sent, mut last) = (0, Bytes::new());
        while sent < IN_FLIGHT {
            last = stream.next().await.unwrap().unwrap();
            sent += last.len();
        }
        held.push((stream, last));
    }
    // What all clients share, the store has read lately.
    const SHARED: usize = 10 << 20;
    let all = (HEAP.allocated() - before).saturating_sub(SHARED);
    drop(held);
    all / CLIENTS
}

/// A channel with a window of so few events that clients who come back need the store.
async fn open() -> Channel<Event> {
    let builder = Channel::builder().events(4).replay_rate(u64::MAX);
    builder.store(Memory::new(), "market").open().await.unwrap()
}

async fn fill(channel: &Channel<Event>, events: usize, len: usize) -> Vec<EventId> {
    let (mut ids, batch) = (Vec::new(), vec![Event::new("x".repeat(len)); events.min(1000)]);
    while ids.len() < events {
        let rest = &batch[..batch.len().min(events - ids.len())];
        ids.extend(channel.publish_all(rest).await.unwrap());
    }
    ids
}

#[tokio::test]
async fn who_does_not_read_holds_no_page() {
    let _turn = TURN.lock().await;
    for len in [1, 10, 100, 1000, 60_000] {
        let channel = open().await;
        // More than is kept of what was read lately, also where the places of the events are most of it.
        let ids = fill(&channel, 50_000_000 / (len + 200), len).await;
        // Behind each lies more than what is on its way.
        let places = ids.len() - 20 - IN_FLIGHT / (len + 20);
        let streams = (0..CLIENTS).map(|n| {
            let id = ids[n * places / CLIENTS].clone();
            EventStream::new(channel.subscribe(LastEventId::from(id)))
        });
        let each = held(streams).await;
        assert!(each < MOST + 2 * len, "{each} bytes for each client, with events of {len} bytes");
    }
}

#[tokio::test]
async fn who_begins_with_many_does_not_hold_them() {
    let _turn = TURN.lock().await;
    let channel = open().await;
    fill(&channel, 3_000, 1000).await;
    let streams = (0..CLIENTS).map(|_| EventStream::new(channel.subscribe(None).start(Start::Last(2_000))));
    let each = held(streams).await;
    assert!(each < MOST, "{each} bytes for each client");
}

/// What is read for a client that begins with very many long events does not grow with their number.
#[tokio::test]
async fn nor_do_they_lie_in_memory_together() {
    let _turn = TURN.lock().await;
    const EVENTS: usize = 1_000;
    const LEN: usize = 60_000;
    // All that is kept of what was read, and what is being read.
    const PAGES: usize = 12 << 20;
    let channel = open().await;
    fill(&channel, EVENTS, LEN).await;
    for last in [EVENTS, usize::MAX] {
        let mut client = channel.subscribe(None).start(Start::Last(last));
        let (before, mut most, mut events) = (HEAP.allocated(), 0, 0);
        HEAP.set_limit(before + PAGES).unwrap();
        while events < EVENTS {
            events += usize::from(client.next().await.unwrap().unwrap().is_event());
            most = most.max(HEAP.allocated().saturating_sub(before));
        }
        HEAP.set_limit(usize::MAX).unwrap();
        assert!(most < PAGES, "{most} bytes");
    }
}

#[tokio::test]
async fn nor_who_reads_many_topics() {
    let _turn = TURN.lock().await;
    const TOPICS: usize = 10;
    let channel = Channel::builder().events(2).replay_rate(u64::MAX);
    let topics =
        Topics::<Event>::builder().channel(channel).store(Memory::new(), "users").open().await.unwrap();
    let name = |client, topic| format!("user {client} in {topic}");
    let first = topics.channel("first").unwrap().publish(&Event::new("first")).await.unwrap();
    for client in 0..CLIENTS {
        for topic in 0..TOPICS {
            fill(&topics.channel(name(client, topic)).unwrap(), 40, 1000).await;
        }
    }
    let streams = (0..CLIENTS).map(|client| {
        let names = (0..TOPICS).map(|topic| name(client, topic));
        EventStream::new(topics.subscribe(names, LastEventId::from(first.clone())).unwrap())
    });
    let each = held(streams).await;
    // An event of each topic, to know which is the next.
    assert!(each < MOST + TOPICS * 2_000, "{each} bytes for each client");
}

/// Pages are forgotten while clients read on, a little each in turn: each gets all, and once.
#[tokio::test]
async fn a_page_that_was_forgotten_is_read_again() {
    let _turn = TURN.lock().await;
    const EVENTS: usize = 12_000;
    const READ: usize = 1_000;
    let channel = open().await;
    let mut ids = Vec::new();
    for n in 0..EVENTS {
        let event = Event::new(format!("{n} {}", "x".repeat(2_000)));
        ids.push(channel.publish(&event).await.unwrap());
    }
    let mut clients: Vec<_> = (0..CLIENTS)
        .map(|n| {
            let at = n * (EVENTS - READ - 1) / CLIENTS;
            (at + 1, channel.subscribe(LastEventId::from(ids[at].clone())))
        })
        .collect();
    for _ in 0..READ / 20 {
        for (next, client) in &mut clients {
            let until = *next + 20;
            while *next < until {
                let frame = client.next().await.unwrap().unwrap();
                if frame.is_event() {
                    let text = std::str::from_utf8(frame.as_ref()).unwrap();
                    let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
                    assert_eq!(data.split(' ').next(), Some(&*next.to_string()));
                    *next += 1;
                }
            }
        }
    }
}

/// A page with an event that is longer than all that is kept is read a few times, and not once for each of its events.
#[tokio::test]
async fn a_very_long_event_behind_short_ones() {
    let _turn = TURN.lock().await;
    let store = Faulty::new(Memory::new());
    let builder = Channel::builder().events(2).replay_rate(u64::MAX);
    let channel = builder.store(store.clone(), "market").open().await.unwrap();
    let ids = fill(&channel, 200, 10).await;
    channel.publish(&Event::new("x".repeat(9 << 20))).await.unwrap();
    fill(&channel, 5, 10).await;
    let before = store.reads();
    let mut client = channel.subscribe(LastEventId::from(ids[0].clone()));
    let mut events = 0;
    while events < 205 {
        events += usize::from(client.next().await.unwrap().unwrap().is_event());
    }
    let reads = store.reads() - before;
    assert!(reads < 10, "{reads} pages were read");
}
