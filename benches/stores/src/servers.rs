//! What one more server costs: Redis, and itself.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event};
use typed_sse_redis::Redis;

use crate::LEN;
use crate::support::{DURABLE, Server};

/// So many events are published, so many a second.
const EVENTS: u32 = 4_000;
const RATE: f64 = 1_000.0;
/// So many events lie in the log and in each window.
const WINDOW: usize = 20_000;

pub(crate) async fn run() {
    println!(
        "\nOne Redis (`appendfsync always`), {RATE:.0} events of {LEN} bytes a second from one server, one at a time:\n"
    );
    println!(
        "| servers | connections | CPU time of Redis for one event, µs | its share of one core | p99 to the last server, ms |\n|---|---|---|---|---|"
    );
    for servers in [1, 3, 10, 30] {
        follow(servers).await;
    }
    memory().await;
}

async fn open(server: &Server, events: usize) -> Channel<Event> {
    let store = Redis::connect(server.url()).await.unwrap();
    Channel::builder().events(events).store(store, "market").open().await.unwrap()
}

async fn follow(servers: usize) {
    let server = Server::start(&DURABLE);
    let mut channels = Vec::new();
    for _ in 0..servers {
        channels.push(open(&server, 1_000).await);
    }
    let mut last = channels[servers - 1].subscribe(None).no_checkpoints();
    let reading = tokio::spawn(async move {
        let mut came = Vec::new();
        while came.len() < EVENTS as usize {
            last.next().await.unwrap().unwrap();
            came.push(Instant::now());
        }
        came
    });
    let (data, before, started) = ("x".repeat(LEN), cpu(&server), Instant::now());
    let mut sent = Vec::new();
    for n in 0..EVENTS {
        tokio::time::sleep_until((started + Duration::from_secs_f64(f64::from(n) / RATE)).into()).await;
        sent.push(Instant::now());
        channels[0].publish(&Event::new(data.clone())).await.unwrap();
    }
    let came = reading.await.unwrap();
    let took = cpu(&server) - before;
    let mut times: Vec<_> = sent.iter().zip(came).map(|(sent, came)| came.duration_since(*sent)).collect();
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100].as_secs_f64() * 1e3;
    let connections = info(&server, "clients", "connected_clients") - 1.0;
    println!(
        "| {servers} | {connections:.0} | {:.0} | {:.0} % | {p99:.1} |",
        took * 1e6 / f64::from(EVENTS),
        100.0 * took / started.elapsed().as_secs_f64()
    );
}

/// What an event takes in Redis and its file, and in the window of a server.
async fn memory() {
    let server = Server::start(&DURABLE);
    let market = open(&server, WINDOW).await;
    let batch: Vec<_> = (0..100).map(|_| Event::new("x".repeat(LEN))).collect();
    let before = info(&server, "memory", "used_memory");
    for _ in 0..WINDOW / batch.len() {
        market.publish_all(&batch).await.unwrap();
    }
    let in_redis = (info(&server, "memory", "used_memory") - before) / WINDOW as f64;
    let in_file = info(&server, "persistence", "aof_current_size") / WINDOW as f64;
    drop(market);
    let (resident, started) = (resident(), Instant::now());
    let mut servers = Vec::new();
    for _ in 0..10 {
        servers.push(open(&server, WINDOW).await);
    }
    let opened = started.elapsed() / 10;
    let window = (self::resident() - resident) / 10.0 / WINDOW as f64;
    println!(
        "\nAn event of {LEN} bytes of data takes {in_redis:.0} bytes in Redis, {in_file:.0} in its append-only file until that is rewritten, \
         and {window:.0} in the window of each server. A server with a window of {WINDOW} events is open after {} ms.",
        opened.as_millis()
    );
}

/// Seconds of CPU time.
fn cpu(server: &Server) -> f64 {
    info(server, "cpu", "used_cpu_user") + info(server, "cpu", "used_cpu_sys")
}

fn info(server: &Server, section: &str, name: &str) -> f64 {
    let info = server.cli(&["INFO", section]);
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|value| value.trim().parse().ok()).unwrap()
}

/// What this process has in memory, in bytes.
fn resident() -> f64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * rustix::param::page_size() as f64
}
