//! What one more topic costs.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use typed_sse_core::{Event, LastEventId, Topics, TopicsPublisher, TopicsSubscription};
use typed_sse_redis::Redis;

use crate::LEN;
use crate::support::{DURABLE, Server};

/// So many events lie in each topic.
const EVENTS: usize = 10;
/// So many events are published for the price of following.
const FOLLOWED: usize = 20_000;

pub(crate) async fn run() {
    println!("\nTopics on one Redis (`appendfsync always`), {EVENTS} events of {LEN} bytes in each:\n");
    println!(
        "| topics | first use of all, each with a client that comes back: one topic, µs | resident, each with its client, KiB | CPU time of the process for an event that a client of it gets, µs |\n|---|---|---|---|"
    );
    for topics in [1, 100, 10_000] {
        measure(topics).await;
    }
}

async fn open(server: &Server) -> Topics<Event> {
    let store = Redis::connect(server.url()).await.unwrap();
    Topics::builder().topics(20_000).store(store, "orders").open().await.unwrap()
}

async fn measure(count: usize) {
    let server = Server::start(&DURABLE);
    let last = fill(&server, count).await;
    let topics = open(&server).await;
    let (resident, started) = (resident(), Instant::now());
    let mut clients: Vec<_> =
        (0..count).map(|n| topics.subscribe([n.to_string()], LastEventId::from(&*last)).unwrap()).collect();
    for client in &mut clients {
        for _ in 1..EVENTS {
            next(client).await;
        }
    }
    let first_use = started.elapsed().as_secs_f64() * 1e6 / count as f64;
    let kib = (self::resident() - resident) / 1024.0 / count as f64;

    let publisher = topics_publisher(&server).await;
    let batch: Vec<_> = (0..100).map(|_| Event::new("x".repeat(LEN))).collect();
    let before = cpu();
    for n in 0..FOLLOWED / batch.len() {
        publisher.channel((n % count).to_string()).publish_all(&batch).await.unwrap();
        for _ in 0..batch.len() {
            next(&mut clients[n % count]).await;
        }
    }
    let followed = (cpu() - before) * 1e6 / FOLLOWED as f64;
    println!("| {count} | {first_use:.0} | {kib:.1} | {followed:.1} |");
}

/// Puts the events into all topics, of which the clients are to get all but the first. Returns the ID behind those.
async fn fill(server: &Server, count: usize) -> String {
    let publisher = topics_publisher(server).await;
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

async fn topics_publisher(server: &Server) -> TopicsPublisher<Event> {
    let store = Redis::connect(server.url()).await.unwrap();
    Topics::builder().store(store, "orders").publisher().await.unwrap()
}

async fn next(client: &mut TopicsSubscription<Event>) {
    loop {
        let frame = tokio::time::timeout(Duration::from_secs(60), client.next()).await;
        if frame.unwrap().unwrap().unwrap().is_event() {
            return;
        }
    }
}

/// The process's resident bytes.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

/// The process's CPU time, in seconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let behind_name = stat.rsplit(") ").next().unwrap().to_owned();
    let mut ticks = behind_name.split(' ').skip(11).take(2).map(|ticks| ticks.parse::<f64>().unwrap());
    (ticks.next().unwrap() + ticks.next().unwrap()) / 100.0
}
