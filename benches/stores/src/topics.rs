//! What one more topic costs.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use typed_sse_core::{Event, LastEventId, TopicsSubscription};

use crate::process::{self, own_cpu, resident};
use crate::server::Server;
use crate::{Kind, LEN, print_row};

/// So many events lie in each topic.
const EVENTS: usize = 10;
/// So many events are published for the price of following.
const FOLLOWED: usize = 20_000;

pub(crate) fn run() {
    println!("\nTopics with {EVENTS} events of {LEN} bytes in each:\n");
    println!(
        "| store | topics | first use of all, each with a client that comes back: one topic, µs | resident, each with its client, KiB | CPU time of the process for an event that a client of it gets, µs |\n|---|---|---|---|---|"
    );
    for kind in 0..Kind::SERVERS.len() {
        for topics in [1, 100, 10_000] {
            print_row("topics", kind, topics);
        }
    }
}

/// Prints a row.
pub(crate) async fn measure(kind: Kind, count: usize) {
    let server = Server::start(kind).await;
    let last = fill(&server, count).await;
    let topics = server.topics().await;
    let (resident, started) = (resident(), Instant::now());
    let mut clients: Vec<_> =
        (0..count).map(|n| topics.subscribe([n.to_string()], LastEventId::from(&*last)).unwrap()).collect();
    for client in &mut clients {
        for _ in 1..EVENTS {
            next(client).await;
        }
    }
    let first_use = started.elapsed().as_secs_f64() * 1e6 / count as f64;
    let kib = (process::resident() - resident) / 1024.0 / count as f64;

    let publisher = server.topics_publisher().await;
    let batch: Vec<_> = (0..100).map(|_| Event::new("x".repeat(LEN))).collect();
    let before = own_cpu();
    for n in 0..FOLLOWED / batch.len() {
        publisher.channel((n % count).to_string()).publish_all(&batch).await.unwrap();
        for _ in 0..batch.len() {
            next(&mut clients[n % count]).await;
        }
    }
    let followed = (own_cpu() - before) * 1e6 / FOLLOWED as f64;
    println!("| {} | {count} | {first_use:.0} | {kib:.1} | {followed:.1} |", kind.name());
}

/// Puts the events into all topics, of which the clients are to get all but the first. Returns the ID behind those.
async fn fill(server: &Server, count: usize) -> String {
    let publisher = server.topics_publisher().await;
    let event = || Event::new("x".repeat(LEN));
    let mut last = String::new();
    for n in 0..count {
        let id = publisher.channel(n.to_string()).publish(&event()).await.unwrap();
        id.as_str().clone_into(&mut last);
    }
    let rest: Vec<_> = (1..EVENTS).map(|_| event()).collect();
    for n in 0..count {
        publisher.channel(n.to_string()).publish_all(&rest).await.unwrap();
    }
    last
}

async fn next(client: &mut TopicsSubscription<Event>) {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(60), client.next()).await;
        if frame.unwrap().unwrap().unwrap().is_event() {
            return;
        }
    }
}
