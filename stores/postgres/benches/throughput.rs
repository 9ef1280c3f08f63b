//! The store beside the client used bare, in one run: `cargo bench -p typed-sse-postgres --bench throughput`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::{Duration, Instant};

use support::{FAST, Server, client};
use typed_sse::{Channel, Event};
use typed_sse_core::store::{Batch, Range, Record, Store as _};
use typed_sse_postgres::{Postgres, PublishIn as _};

const BATCH: usize = 100;
const EVENTS: usize = 50_000;

/// Of each of eight publishers.
const TRANSACTIONS: usize = 500;

#[tokio::main]
async fn main() {
    for options in [&[][..], &FAST] {
        let server = Server::start(options);
        println!("postgres {}", options.join(" "));
        let admin = client(&server).await;
        admin.batch_execute(Postgres::MIGRATION).await.unwrap();
        // As an outbox that is written by hand.
        let bare = "CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), event text, data text);
                    CREATE TABLE orders (item text)";
        admin.batch_execute(bare).await.unwrap();
        let (append, replay) = store(&server).await;
        let (bare, bare_replay) = bare_table(&server).await;
        println!(
            "batches of {BATCH} events of 200 bytes: {append:.0}/s, bare {bare:.0}/s, {:.0} %",
            100.0 * append / bare
        );
        println!("replay: {replay:.0}/s, bare {bare_replay:.0}/s, {:.0} %", 100.0 * replay / bare_replay);
        let ours = publishers(&server, true).await;
        let bare = publishers(&server, false).await;
        println!(
            "8 publishers, a transaction for each event: {ours:.0}/s, with a plain INSERT {bare:.0}/s, {:.0} %",
            100.0 * ours / bare
        );
        latency(&server, false).await;
        latency(&server, true).await;
    }
}

fn rate(events: usize, started: Instant) -> f64 {
    events as f64 / started.elapsed().as_secs_f64()
}

fn records() -> Vec<Record> {
    let data = "x".repeat(200);
    (0..BATCH).map(|_| Record::from_fields([("event", "price"), ("data", &*data)]).unwrap()).collect()
}

async fn store(server: &Server) -> (f64, f64) {
    let store = Postgres::connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    let records = records();
    let started = Instant::now();
    for _ in 0..EVENTS / BATCH {
        store.append(&log, Batch::new(&records)).await.unwrap();
    }
    let appended = rate(EVENTS, started);
    let started = Instant::now();
    let (mut after, mut read) = (0, 0);
    loop {
        let page = store.read(&log, Range::after(after).of("")).await.unwrap();
        let Some(last) = page.records.last() else { break };
        (after, read) = (last.position, read + page.records.len());
    }
    assert_eq!(read, EVENTS);
    (appended, rate(EVENTS, started))
}

async fn bare_table(server: &Server) -> (f64, f64) {
    let client = client(server).await;
    let (events, data) = (vec!["price"; BATCH], vec!["x".repeat(200); BATCH]);
    let insert = client
        .prepare("INSERT INTO bare (event, data) SELECT * FROM unnest($1::text[], $2::text[])")
        .await
        .unwrap();
    let started = Instant::now();
    for _ in 0..EVENTS / BATCH {
        client.execute(&insert, &[&events, &data]).await.unwrap();
    }
    let appended = rate(EVENTS, started);
    let select = client
        .prepare("SELECT id, at, event, data FROM bare WHERE id > $1 ORDER BY id LIMIT 1024")
        .await
        .unwrap();
    let started = Instant::now();
    let (mut after, mut read) = (0i64, Vec::new());
    loop {
        let rows = client.query(&select, &[&after]).await.unwrap();
        let Some(last) = rows.last() else { break };
        after = last.get(0);
        read.extend(rows.iter().map(|row| (row.get::<_, String>(2), row.get::<_, String>(3))));
    }
    assert_eq!(read.len(), EVENTS);
    (appended, rate(EVENTS, started))
}

async fn publishers(server: &Server, are_ours: bool) -> f64 {
    let store = Postgres::connect(server.url()).await.unwrap();
    let channel = Channel::<Event>::builder().store(store, "orders").open().await.unwrap();
    let mut publishers = Vec::new();
    let started = Instant::now();
    for _ in 0..8 {
        let (mut client, channel) = (client(server).await, channel.clone());
        publishers.push(tokio::spawn(async move {
            let data = "x".repeat(200);
            for _ in 0..TRANSACTIONS {
                let mut order = client.transaction().await.unwrap();
                order.execute("INSERT INTO orders VALUES ('lamp')", &[]).await.unwrap();
                if are_ours {
                    channel.publish_in(&mut order, &Event::new(&*data)).await.unwrap();
                } else {
                    order.execute("INSERT INTO bare (data) VALUES ($1)", &[&data]).await.unwrap();
                }
                order.commit().await.unwrap();
            }
        }));
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
    rate(8 * TRANSACTIONS, started)
}

/// From the commit in one process to a follower in another.
async fn latency(server: &Server, in_transaction: bool) {
    let writer = Postgres::connect(server.url()).await.unwrap();
    let reader = Postgres::connect(server.url()).await.unwrap();
    let log = writer.open("latency").await.unwrap();
    reader.open("latency").await.unwrap();
    let channel = Channel::<Event>::builder().store(writer.clone(), "latency").publisher().await.unwrap();
    let mut client = client(server).await;
    let mut after = writer.read(&log, Range::after(0).records(0)).await.unwrap().bounds.last;
    let mut times = Vec::new();
    for _ in 0..500 {
        let (reader, followed) = (reader.clone(), log.clone());
        let follow = tokio::spawn(async move {
            loop {
                let page = reader.follow(&followed, Range::after(after)).await.unwrap();
                if let Some(last) = page.records.last() {
                    return (last.position, Instant::now());
                }
            }
        });
        tokio::time::sleep(Duration::from_millis(3)).await;
        let event = Event::new("x".repeat(200));
        let started = if in_transaction {
            let mut order = client.transaction().await.unwrap();
            channel.publish_in(&mut order, &event).await.unwrap();
            let started = Instant::now();
            order.commit().await.unwrap();
            started
        } else {
            let started = Instant::now();
            channel.publish(&event).await.unwrap();
            started
        };
        let (position, read) = follow.await.unwrap();
        after = position;
        times.push(read.saturating_duration_since(started));
    }
    times.sort_unstable();
    let what = if in_transaction { "commit" } else { "publish" };
    println!("{what} to a follower in another process: p50 {:?}, p99 {:?}", times[250], times[495]);
}
