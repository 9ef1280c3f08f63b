//! The store beside the client used bare, in one run: `cargo bench -p typed-sse-redis`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;
use redis::{Value, cmd, pipe};
use support::{DURABLE, Server};
use typed_sse_core::store::{Batch, Range, Record, Store as _};
use typed_sse_redis::Redis;

const BATCH: usize = 100;
const EVENTS: usize = 100_000;

#[tokio::main]
async fn main() {
    for options in [&[][..], &DURABLE] {
        let server = Server::start(options);
        println!("redis-server {}", options.join(" "));
        let (append, replay) = store(&server).await;
        let (bare, bare_replay) = bare(&server).await;
        println!(
            "batches of {BATCH} events of 200 bytes: {append:.0}/s, bare {bare:.0}/s, {:.0} %",
            100.0 * append / bare
        );
        println!("replay: {replay:.0}/s, bare {bare_replay:.0}/s, {:.0} %", 100.0 * replay / bare_replay);
        println!("memory: {}", server.cli(&["INFO", "memory"]).lines().nth(2).unwrap_or_default());
        topics(&server).await;
        latency(&server).await;
    }
}

/// What `XREAD` answers: by stream, entries by ID.
type Streams = Vec<(String, Vec<(String, Value)>)>;

fn rate(started: Instant) -> f64 {
    EVENTS as f64 / started.elapsed().as_secs_f64()
}

fn records(topic: &str) -> Vec<Record> {
    let fields = [("event", "price"), ("data", &*"x".repeat(200)), ("topic", topic)];
    (0..BATCH).map(|_| Record::from_fields(fields).unwrap()).collect()
}

async fn store(server: &Server) -> (f64, f64) {
    let store = Redis::connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    let records = records("");
    let started = Instant::now();
    for _ in 0..EVENTS / BATCH {
        store.append(&log, Batch::new(&records)).await.unwrap();
    }
    let appended = rate(started);
    let started = Instant::now();
    let (mut after, mut read) = (0, 0);
    loop {
        let page = store.read(&log, Range::after(after).of("")).await.unwrap();
        let Some(last) = page.records.last() else { break };
        (after, read) = (last.position, read + page.records.len());
    }
    assert_eq!(read, EVENTS);
    (appended, rate(started))
}

async fn bare(server: &Server) -> (f64, f64) {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection: MultiplexedConnection = client.get_multiplexed_async_connection().await.unwrap();
    let data = "x".repeat(200);
    let started = Instant::now();
    for _ in 0..EVENTS / BATCH {
        let mut pipeline = pipe();
        for _ in 0..BATCH {
            pipeline
                .cmd("XADD")
                .arg("bare")
                .arg("*")
                .arg("event")
                .arg("price")
                .arg("data")
                .arg(&data)
                .ignore();
        }
        pipeline.exec_async(&mut connection).await.unwrap();
    }
    let appended = rate(started);
    let started = Instant::now();
    let (mut after, mut read) = ("0-0".to_owned(), 0);
    loop {
        let mut xread = cmd("XREAD");
        xread.arg("COUNT").arg(1024).arg("STREAMS").arg("bare").arg(&after);
        let streams: Option<Streams> = xread.query_async(&mut connection).await.unwrap();
        let Some(streams) = streams else { break };
        let entries = &streams[0].1;
        read += entries.len();
        after.clone_from(&entries[entries.len() - 1].0);
    }
    assert_eq!(read, EVENTS);
    (appended, rate(started))
}

/// To read one topic of a thousand is to read that one.
async fn topics(server: &Server) {
    let store = Redis::connect(server.url()).await.unwrap();
    let log = store.open("topics").await.unwrap();
    let started = Instant::now();
    for n in 0..EVENTS / BATCH {
        store.append(&log, Batch::new(&records(&format!("user/{n}")))).await.unwrap();
    }
    println!("1,000 topics: {:.0} events/s", rate(started));
    let started = Instant::now();
    let page = store.read(&log, Range::after(0).of("user/7")).await.unwrap();
    println!("one of them, {} events: {:?}", page.records.len(), started.elapsed());
}

/// From an append on one connection to a follower on another.
async fn latency(server: &Server) {
    let writer = Redis::connect(server.url()).await.unwrap();
    let reader = Redis::connect(server.url()).await.unwrap();
    let log = writer.open("latency").await.unwrap();
    reader.open("latency").await.unwrap();
    let (mut after, mut times) = (0, Vec::new());
    for _ in 0..2000 {
        let (reader, followed) = (reader.clone(), log.clone());
        let follow = tokio::spawn(async move {
            loop {
                let page = reader.follow(&followed, Range::after(after)).await.unwrap();
                if let Some(last) = page.records.last() {
                    return (last.position, Instant::now());
                }
            }
        });
        tokio::time::sleep(Duration::from_micros(500)).await;
        let started = Instant::now();
        writer.append(&log, Batch::new(&records("")[..1])).await.unwrap();
        let (position, read) = follow.await.unwrap();
        after = position;
        times.push(read.saturating_duration_since(started));
    }
    times.sort_unstable();
    println!("append to follower: p50 {:?}, p99 {:?}", times[1000], times[1980]);
}
