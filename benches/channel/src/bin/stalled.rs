//! A thousand clients over real sockets, and one more that stops reading. How long do events take to the thousand, with it
//! and without it?

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use futures_util::{StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use typed_sse_axum::{LastEventId, Sse};
use typed_sse_channel_benches::{Clock, Times, median, resident_kib};
use typed_sse_core::{BoxError, Channel, Decoder, Event, SseEvent as _};

const CLIENTS: usize = 1000;
const ROUNDS: usize = 15;
const EVENTS: usize = 60;
const LEN: usize = 1000;
/// Between two events.
const PAUSE: Duration = Duration::from_millis(30);
/// So many events are written to the stalled client before its subscription is read: more than its socket takes.
const FILL: usize = (64 << 20) / LEN;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let channel = Channel::<Event>::builder().events(1000).build();
    let app = Router::new()
        .route("/events", get(events))
        .route("/stalled", get(stalled))
        .with_state(channel.clone());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });

    let clock = Clock::start();
    let (times, mut received) = mpsc::unbounded_channel();
    let (measure, measuring) = watch::channel(false);
    for _ in 0..CLIENTS {
        tokio::spawn(read(connect(address, "/events").await, clock, times.clone(), measuring.clone()));
    }
    settle(&channel, CLIENTS).await;

    let mut without = Vec::new();
    let mut with = Vec::new();
    let mut memory = Vec::new();
    for round in 0..ROUNDS {
        let mut one = async |stalled: bool| {
            let guest = if stalled { Some(connect(address, "/stalled").await) } else { None };
            settle(&channel, CLIENTS + usize::from(stalled)).await;
            tokio::time::sleep(Duration::from_millis(300)).await;
            measure.send_replace(true);
            let before = channel.counters().lag;
            for _ in 0..EVENTS {
                clock.publish(&channel, LEN);
                tokio::time::sleep(PAUSE).await;
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
            measure.send_replace(false);
            let fell_behind = channel.counters().lag >= before + EVENTS as u64;
            assert_eq!(fell_behind, stalled, "only the one that does not read falls behind");
            let mut times = Times::default();
            while times.len() < CLIENTS * EVENTS {
                times.extend(received.recv().await);
            }
            drop(guest);
            // It is noticed by the next write at the latest.
            settle(&channel, CLIENTS).await;
            [times.quantile(0.5), times.quantile(0.99)]
        };
        // Neither is always first.
        if round % 2 == 0 {
            without.push(one(false).await);
            with.push(one(true).await);
        } else {
            with.push(one(true).await);
            without.push(one(false).await);
        }
        memory.push(resident_kib());
    }

    let column = |rows: &[[f64; 2]], i: usize| median(rows.iter().map(|row| row[i]).collect());
    let ratio =
        |i: usize| median(with.iter().zip(&without).map(|(with, without)| with[i] / without[i]).collect());
    println!(
        "{CLIENTS} clients over loopback, events of {LEN} B every {PAUSE:?}; medians of {ROUNDS} interleaved rounds\n"
    );
    println!("| | p50, ms | p99, ms |\n|---|---|---|");
    println!("| all read | {:.2} | {:.2} |", column(&without, 0), column(&without, 1));
    println!("| one more has stopped reading | {:.2} | {:.2} |", column(&with, 0), column(&with, 1));
    println!("| ratio within a round | {:.3} | {:.3} |", ratio(0), ratio(1));
    println!(
        "\nMemory of the process, server and clients: {} KiB after the first round, {} KiB after the last.",
        memory[0],
        memory[ROUNDS - 1]
    );
}

async fn events(State(channel): State<Channel<Event>>, last: LastEventId) -> Sse {
    Sse::new(channel.subscribe(last))
}

/// A stream whose client will have stopped reading before its subscription is read.
async fn stalled(State(channel): State<Channel<Event>>) -> Sse {
    let subscription = channel.subscribe(None).map(|frame| frame.map_err(BoxError::from));
    let fill = stream::iter((0..FILL).map(|_| Ok(Event::new("x".repeat(LEN)).to_frame()?)));
    Sse::new(fill.chain(subscription))
}

async fn connect(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // Of 1.0, so that the body has no transfer coding.
    stream.write_all(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
    stream
}

/// Reads events for ever, and tells how old they were.
async fn read(
    mut stream: TcpStream,
    clock: Clock,
    times: mpsc::UnboundedSender<Duration>,
    measuring: watch::Receiver<bool>,
) {
    let mut decoder = Decoder::new();
    let mut buffer = vec![0; 16 << 10];
    loop {
        let len = stream.read(&mut buffer).await.unwrap();
        let mut input = &buffer[..len];
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            if *measuring.borrow() {
                let _ = times.send(clock.age(event.data));
            }
        }
    }
}

async fn settle(channel: &Channel<Event>, subscribers: usize) {
    while channel.subscribers() != subscribers {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
