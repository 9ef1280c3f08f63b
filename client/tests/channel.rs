//! The client and a channel behind axum: cut, resumed, reset, finished.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use support::{Tick, quick};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use typed_sse_axum::{LastEventId, Sse};
use typed_sse_client::{Client, End, Event, Item, Items, Reset, ResetReason};
use typed_sse_core::{Channel, EventType};

async fn serve(channel: Channel<Event>) -> SocketAddr {
    let events = |State(channel): State<Channel<Event>>, last: LastEventId| async move {
        Sse::new(channel.subscribe(last)).retry(Duration::from_millis(1))
    };
    let app = Router::new().route("/", get(events)).with_state(channel);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A line to a server, which can be cut and laid to another.
struct Line {
    url: String,
    server: Arc<Mutex<SocketAddr>>,
    connections: Arc<Mutex<JoinSet<()>>>,
}

impl Line {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let line = Self { url, server: Arc::new(Mutex::new(server)), connections: Arc::default() };
        let (server, connections) = (Arc::clone(&line.server), Arc::clone(&line.connections));
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let server = *server.lock().unwrap();
                connections.lock().unwrap().spawn(async move {
                    let mut server = TcpStream::connect(server).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        line
    }

    fn cut(&self) {
        self.connections.lock().unwrap().abort_all();
    }

    fn items(&self) -> Items<Tick> {
        Client::get(&self.url).backoff(quick()).items()
    }
}

/// The next event or reset.
async fn next(items: &mut Items<Tick>) -> Result<u64, Reset> {
    loop {
        match items.next().await.unwrap().unwrap() {
            Item::Event { event: Tick::Number(number), .. } => return Ok(number),
            Item::Reset(reset) => return Err(reset),
            Item::State(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

fn number(number: u64) -> Event {
    Event::new(number.to_string()).with_event_type(EventType::from_static("number"))
}

/// The stream is open, so that a new client misses nothing.
async fn open(items: &mut Items<Tick>) {
    while !matches!(items.next().await.unwrap().unwrap(), Item::State(typed_sse_client::State::Open)) {}
}

#[tokio::test]
async fn resumes_over_every_cut() {
    let channel = Channel::new();
    let line = Line::to(serve(channel.clone()).await).await;
    let mut items = line.items();
    open(&mut items).await;
    for round in 0..20 {
        channel.publish(&number(2 * round)).await.unwrap();
        assert_eq!(next(&mut items).await, Ok(2 * round));
        line.cut();
        channel.publish(&number(2 * round + 1)).await.unwrap();
        assert_eq!(next(&mut items).await, Ok(2 * round + 1));
    }
    channel.finish().await.unwrap();
    while let Some(item) = items.next().await {
        assert!(matches!(item, Ok(Item::State(_))), "{item:?}");
    }
    assert_eq!(items.end(), Some(End::NoContent));
}

#[tokio::test]
async fn resumes_after_a_restart_of_its_own() {
    let channel = Channel::new();
    let line = Line::to(serve(channel.clone()).await).await;
    let mut items = line.items();
    open(&mut items).await;
    channel.publish(&number(1)).await.unwrap();
    assert_eq!(next(&mut items).await, Ok(1));
    let saved = items.current_event_id().to_owned();
    drop(items);
    channel.publish(&number(2)).await.unwrap();
    let mut items = Client::get(&line.url).last_event_id(saved.as_str()).items();
    assert_eq!(next(&mut items).await, Ok(2));
}

/// Also where it was cut before its first event: the stream begins with its place.
#[tokio::test]
async fn resumes_before_its_first_event() {
    let channel = Channel::new();
    let line = Line::to(serve(channel.clone()).await).await;
    let mut items = line.items();
    open(&mut items).await;
    while items.current_event_id().is_empty() {
        let _ = tokio::time::timeout(Duration::from_millis(10), items.next()).await;
    }
    line.cut();
    channel.publish(&number(1)).await.unwrap();
    assert_eq!(next(&mut items).await, Ok(1));
}

#[tokio::test]
async fn a_restart_of_the_server_is_a_reset() {
    let channel = Channel::new();
    let line = Line::to(serve(channel.clone()).await).await;
    let mut items = line.items();
    open(&mut items).await;
    channel.publish(&number(1)).await.unwrap();
    assert_eq!(next(&mut items).await, Ok(1));
    let another = Channel::new();
    *line.server.lock().unwrap() = serve(another.clone()).await;
    line.cut();
    let reset = next(&mut items).await.unwrap_err();
    assert_eq!((reset.reason, reset.missed), (ResetReason::Epoch, None));
    another.publish(&number(2)).await.unwrap();
    assert_eq!(next(&mut items).await, Ok(2));
}

#[tokio::test]
async fn what_was_trimmed_is_a_reset() {
    let channel = Channel::builder().events(2).build();
    let line = Line::to(serve(channel.clone()).await).await;
    let mut items = line.items();
    open(&mut items).await;
    channel.publish(&number(0)).await.unwrap();
    assert_eq!(next(&mut items).await, Ok(0));
    let saved = items.current_event_id().to_owned();
    drop(items);
    for of in 1..=5 {
        channel.publish(&number(of)).await.unwrap();
    }
    let mut items = Client::get(&line.url).last_event_id(saved.as_str()).items();
    let reset = next(&mut items).await.unwrap_err();
    assert_eq!(reset.reason, ResetReason::Trimmed);
    assert!(reset.missed.unwrap() >= 3, "{reset:?}");
}

#[tokio::test]
async fn drained_clients_come_back() {
    let channel = Channel::new();
    let line = Line::to(serve(channel.clone()).await).await;
    let mut items = line.items();
    open(&mut items).await;
    channel.publish(&number(1)).await.unwrap();
    assert_eq!(next(&mut items).await, Ok(1));
    // What comes up in its place knows nothing of the one before.
    let another = Channel::new();
    *line.server.lock().unwrap() = serve(another.clone()).await;
    channel.drain(Duration::ZERO).await;
    while !matches!(
        items.next().await.unwrap().unwrap(),
        Item::State(typed_sse_client::State::Reconnecting { .. })
    ) {}
    // The server that was drained is gone, and with it what the transport keeps open.
    line.cut();
    assert_eq!(next(&mut items).await.unwrap_err().reason, ResetReason::Epoch);
}
