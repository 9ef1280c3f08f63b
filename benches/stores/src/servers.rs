//! What one more server costs: the store, and itself.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event};

use crate::process::{self, resident};
use crate::server::Server;
use crate::{Kind, LEN, print_row};

/// So many events are published, so many a second.
const EVENTS: u32 = 4_000;
const RATE: f64 = 1_000.0;
/// So many events lie in the log and in each window.
const WINDOW: usize = 20_000;
/// So many servers have it.
const SERVERS: usize = 10;

pub(crate) async fn run() {
    println!("\n{RATE:.0} events of {LEN} bytes a second from one server, one at a time:\n");
    println!(
        "| store | servers | connections | CPU time of the store for one event, µs | its share of one core | p99 to the last server, ms |\n|---|---|---|---|---|---|"
    );
    for kind in Kind::SERVERS {
        for servers in [1, 3, 10, 30] {
            follow(kind, servers).await;
        }
    }
    println!(
        "\nWhat an event of {LEN} bytes takes, and when a server is open that has {WINDOW} in its window:\n"
    );
    println!("| store | bytes in the store | bytes in the window | open after, ms |\n|---|---|---|---|");
    for kind in 0..Kind::SERVERS.len() {
        print_row("servers", kind, SERVERS);
    }
}

async fn open(server: &Server, events: usize) -> Channel<Event> {
    server.channel(Channel::builder().events(events)).await
}

async fn follow(kind: Kind, servers: usize) {
    let server = Server::start(kind).await;
    let before_them = server.connections();
    let mut channels = Vec::new();
    for _ in 0..servers {
        channels.push(open(&server, 1_000).await);
    }
    let connections = server.connections() - before_them;
    let mut last = channels[servers - 1].subscribe(None).no_checkpoints();
    let reading = tokio::spawn(async move {
        let mut came = Vec::new();
        while came.len() < EVENTS as usize {
            last.next().await.unwrap().unwrap();
            came.push(Instant::now());
        }
        came
    });
    let (data, before, started) = ("x".repeat(LEN), server.cpu(), Instant::now());
    let mut sent = Vec::new();
    for n in 0..EVENTS {
        tokio::time::sleep_until((started + Duration::from_secs_f64(f64::from(n) / RATE)).into()).await;
        sent.push(Instant::now());
        channels[0].publish(&Event::new(data.clone())).await.unwrap();
    }
    let came = reading.await.unwrap();
    let took = server.cpu() - before;
    let mut times: Vec<_> = sent.iter().zip(came).map(|(sent, came)| came.duration_since(*sent)).collect();
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100].as_secs_f64() * 1e3;
    println!(
        "| {} | {servers} | {connections} | {:.0} | {:.0} % | {p99:.1} |",
        kind.name(),
        took * 1e6 / f64::from(EVENTS),
        100.0 * took / started.elapsed().as_secs_f64()
    );
}

/// Prints what an event takes in a store, and in the window of a server.
pub(crate) async fn memory(kind: Kind) {
    let server = Server::start(kind).await;
    let market = open(&server, WINDOW).await;
    let batch: Vec<_> = (0..100).map(|_| Event::new("x".repeat(LEN))).collect();
    let before = server.sizes().await;
    for _ in 0..WINDOW / batch.len() {
        market.publish_all(&batch).await.unwrap();
    }
    let sizes = server.sizes().await.into_iter().zip(before);
    let sizes: Vec<_> = sizes
        .map(|((place, bytes), (_, before))| format!("{:.0} {place}", (bytes - before) / WINDOW as f64))
        .collect();
    drop(market);
    let (resident, started) = (resident(), Instant::now());
    let mut servers = Vec::new();
    for _ in 0..SERVERS {
        servers.push(open(&server, WINDOW).await);
    }
    let opened = started.elapsed() / SERVERS as u32;
    let window = (process::resident() - resident) / SERVERS as f64 / WINDOW as f64;
    println!("| {} | {} | {window:.0} | {} |", kind.name(), sizes.join(", "), opened.as_millis());
}
