//! Servers that mean harm: memory stays bounded, nothing panics, nobody is asked in a busy loop.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::alloc::System;
use std::time::{Duration, Instant};

use cap::Cap;
use support::server::{Answer, Server};
use support::{Tick, all_of, quick};
use typed_sse_client::{Backoff, Client, ErrorKind, Item, State};

/// Counts what the whole process holds, the scripted servers included.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const LIMIT: usize = 1 << 20;

/// One test, so that none counts what another holds. The most that was ever held is counted, so that those which may hold more
/// come later.
#[tokio::test]
async fn hostile_servers() {
    bounded("an endless comment", 1 << 20, endless_comment()).await;
    bounded("fields without end", 1 << 20, endless_fields()).await;
    bounded("a byte now and then", 1 << 20, drip()).await;
    bounded("IDs without end", 1 << 20, many_ids()).await;
    bounded("a circle of redirects", 1 << 20, circle()).await;
    bounded("an error page without end", 1 << 20, endless_refusal()).await;
    bounded("a million events nobody reads", 1 << 20, stalled()).await;
    bounded("a reconnection time of 0", 1 << 20, no_reconnection_time()).await;
    bounded("a reconnection time without end", 1 << 20, endless_reconnection_time()).await;
    bounded("a header without end", 2 << 20, endless_header()).await;
    bounded("hints without end", 2 << 20, endless_hints()).await;
    bounded("a location without end", 2 << 20, huge_location()).await;
    bounded("a head without end", 3 << 20, endless_head()).await;
    bounded("data lines without end", 4 * LIMIT, endless_data()).await;
    bounded("an endless line", 4 * LIMIT, endless_line()).await;
    // The ID in the script, in the decoder and on its way.
    bounded("an ID of 1 MiB", 12 << 20, huge_id()).await;
    // What each was asked is kept by the server.
    bounded("ten thousand connections", 12 << 20, many_connections()).await;
}

/// Runs the case, and asks how much more than before was held at the worst moment.
async fn bounded(name: &str, most: usize, case: impl Future<Output = ()>) {
    let before = HEAP.allocated();
    tokio::time::timeout(Duration::from_secs(120), case).await.unwrap_or_else(|_| panic!("{name}: no end"));
    let peak = HEAP.max_allocated().saturating_sub(before);
    assert!(peak <= most, "{name}: {peak} bytes");
}

const BLOCK: &[u8] = &[b'a'; 64 << 10];

fn client(server: &Server) -> Client<Tick> {
    Client::get(&server.url).backoff(quick()).limit(LIMIT)
}

/// Polls for a while: nothing but what is said may come.
async fn nothing_comes(mut client: Client<Tick>, time: Duration) {
    let event = tokio::time::timeout(time, client.next()).await;
    assert!(event.is_err(), "{event:?}");
}

async fn endless_line() {
    let answer = Answer::stream("data: ").forever(BLOCK, Duration::ZERO);
    let server = Server::play(vec![answer]).await;
    let mut client = client(&server);
    let error = client.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong { limit: LIMIT });
    nothing_comes(client, Duration::from_millis(300)).await;
}

async fn endless_comment() {
    let server = Server::play(vec![Answer::stream(":").forever(BLOCK, Duration::ZERO)]).await;
    nothing_comes(client(&server), Duration::from_millis(300)).await;
}

async fn endless_data() {
    let server = Server::play(vec![Answer::stream("").forever(b"data: 0123456789\n", Duration::ZERO)]).await;
    let mut client = client(&server);
    let error = client.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLong { limit: LIMIT });
    nothing_comes(client, Duration::from_millis(300)).await;
}

async fn endless_fields() {
    let lines = b"event: a\nid: b\nretry: 1\nfoo: bar\n:\n";
    let server = Server::play(vec![Answer::stream("").forever(lines, Duration::ZERO)]).await;
    nothing_comes(client(&server), Duration::from_millis(300)).await;
}

async fn endless_head() {
    fails(Answer::raw("HTTP/1.1 200 OK\r\n").forever(b"X-Header: value\r\n", Duration::ZERO)).await;
}

async fn endless_header() {
    fails(Answer::raw("HTTP/1.1 200 OK\r\nX-Header: ").forever(BLOCK, Duration::ZERO)).await;
}

async fn endless_hints() {
    fails(Answer::raw("").forever(b"HTTP/1.1 103 Early Hints\r\n\r\n", Duration::ZERO)).await;
}

async fn fails(answer: Answer) {
    let server = Server::play(vec![answer.clone(), answer]).await;
    let client = client(&server).connect_timeout(Duration::from_millis(500));
    let (told, _) = all_of(client).await;
    assert_eq!(told.len(), 2);
    assert!(
        told.iter().all(|told| ["back: Transport", "back: ConnectTimeout"].contains(&&**told)),
        "{told:?}"
    );
}

/// It is no silence, so that the connection stays; it is no event either.
async fn drip() {
    let server = Server::play(vec![Answer::stream("data: ").forever(b"a", Duration::from_millis(5))]).await;
    nothing_comes(client(&server).idle_limit(Duration::from_secs(20)), Duration::from_millis(500)).await;
    assert_eq!(server.asked().len(), 1);
}

async fn huge_id() {
    let body = format!("id: {}\ndata: a\n\n", "x".repeat(1 << 20));
    let server = Server::play(vec![Answer::stream(body); 3]).await;
    let mut client = Client::<Tick>::get(&server.url).backoff(quick());
    assert!(client.next().await.unwrap().is_ok());
    assert_eq!(client.current_event_id().len(), 1 << 20);
    let error = client.next().await.unwrap().unwrap_err();
    assert!(error.is_final() && error.kind() == ErrorKind::LastEventId);
    assert!(client.next().await.is_none());
    assert_eq!(server.asked().len(), 1);
}

async fn many_ids() {
    let block: &[u8] = b"id: 0123456789012345678901234567890123456789\n\n";
    let server = Server::play(vec![Answer::stream("").forever(block, Duration::ZERO)]).await;
    nothing_comes(client(&server), Duration::from_millis(300)).await;
}

async fn many_connections() {
    let server = Server::by(|number, _| match number {
        0..10_000 => Answer::stream(format!("retry: 0\nid: {number}\n\n")),
        _ => Answer::status("204 No Content", ""),
    })
    .await;
    let backoff = quick().with_floor(Duration::ZERO).with_initial(Duration::ZERO).with_max(Duration::ZERO);
    let mut items = client(&server).backoff(backoff).items();
    let mut lost = 0;
    while let Some(item) = items.next().await {
        lost += usize::from(matches!(item.unwrap(), Item::State(State::Reconnecting { .. })));
    }
    assert_eq!(lost, 10_000);
    assert_eq!(items.current_event_id(), "9999");
}

async fn circle() {
    let server = Server::by(|_, _| Answer::status("302 Found", "Location: /again\r\n")).await;
    let (told, _) = all_of(client(&server).give_up_after(3)).await;
    assert_eq!(told, ["back: TooManyRedirects", "back: TooManyRedirects", "final: TooManyRedirects"]);
    assert_eq!(server.asked().len(), 63);
}

async fn huge_location() {
    let location = format!("Location: /{}\r\n", "x".repeat(70_000));
    let server = Server::play(vec![Answer::status("302 Found", &location)]).await;
    let (told, _) = all_of(client(&server)).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("final: "), "{told:?}");
}

/// Of which the beginning is told.
async fn endless_refusal() {
    let answer = Answer::raw("HTTP/1.1 500 No\r\n\r\n").forever(BLOCK, Duration::ZERO);
    let server = Server::play(vec![answer]).await;
    let error = client(&server).next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.body().map(str::len)), (ErrorKind::Status(500), Some(4096)));
}

/// An application that does not poll holds no more than a transport does.
async fn stalled() {
    let server =
        Server::play(vec![Answer::stream("").forever(b"data: 0123456789\n\n", Duration::ZERO)]).await;
    let mut client = client(&server);
    assert!(client.next().await.unwrap().is_ok());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(client.next().await.unwrap().is_ok());
}

/// By default nobody is asked more often than ten times a second.
async fn no_reconnection_time() {
    let server = Server::by(|_, _| Answer::stream("retry: 0\ndata: a\n\n")).await;
    let mut items = Client::<Tick>::get(&server.url).items();
    let mut delays = Vec::new();
    while delays.len() < 5 {
        if let Item::State(State::Reconnecting { delay, .. }) = items.next().await.unwrap().unwrap() {
            delays.push(delay);
        }
    }
    assert!(delays.iter().all(|delay| *delay >= Duration::from_millis(100)), "{delays:?}");
    assert_eq!(server.asked().len(), 5);
}

async fn endless_reconnection_time() {
    let times = "retry: 18446744073709551615\nretry: 99999999999999999999\n\n";
    let server = Server::by(move |_, _| Answer::stream(times)).await;
    let mut items = Client::<Tick>::get(&server.url).backoff(Backoff::new()).items();
    let begun = Instant::now();
    loop {
        if let Item::State(State::Reconnecting { delay, .. }) = items.next().await.unwrap().unwrap() {
            assert!(delay <= Duration::from_secs(2 * 24 * 60 * 60));
            break;
        }
    }
    let next = tokio::time::timeout(Duration::from_millis(50), items.next()).await;
    assert!(next.is_err() && begun.elapsed() < Duration::from_secs(60));
}
