//! The store beside redb used bare, in one run: `cargo bench -p typed-sse-redb`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

use std::path::Path;
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase as _, TableDefinition};
use typed_sse_core::store::{Batch, Range, Record, Store as _};
use typed_sse_redb::{Durability, Redb};

const BATCH: usize = 100;
const EVENTS: usize = 100_000;
const BARE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");

#[tokio::main]
async fn main() {
    for durability in [Durability::Immediate, Durability::Eventual] {
        let folder = tempfile::tempdir().unwrap();
        let (store, replay) = store(&folder.path().join("events.redb"), durability).await;
        let (bare, bare_replay) = bare(&folder.path().join("bare.redb"), durability);
        println!(
            "{durability:?}, batches of {BATCH} events of 200 bytes: {store:.0}/s, redb bare {bare:.0}/s, {:.0} %",
            100.0 * store / bare
        );
        println!("replay of {EVENTS}: {replay:.0}/s, redb bare {bare_replay:.0}/s");
        let started = Instant::now();
        Redb::open(folder.path().join("events.redb")).unwrap();
        println!("opened, and verified, in {:?}", started.elapsed());
    }
    one_by_one().await;
}

fn rate(started: Instant) -> f64 {
    EVENTS as f64 / started.elapsed().as_secs_f64()
}

async fn store(path: &Path, durability: Durability) -> (f64, f64) {
    let store = Redb::builder().durability(durability).events(EVENTS).open(path).unwrap();
    let log = store.open("market").await.unwrap();
    let records: Vec<_> = (0..BATCH)
        .map(|_| Record::from_fields([("event", "price"), ("data", &*"x".repeat(200))]).unwrap())
        .collect();
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

fn bare(path: &Path, durability: Durability) -> (f64, f64) {
    let database = Database::create(path).unwrap();
    let data = [b'x'; 240];
    let started = Instant::now();
    let mut last = 0;
    for _ in 0..EVENTS / BATCH {
        let mut transaction = database.begin_write().unwrap();
        if durability == Durability::Eventual {
            transaction.set_durability(redb::Durability::None).unwrap();
        }
        let mut table = transaction.open_table(BARE).unwrap();
        for _ in 0..BATCH {
            last += 1;
            table.insert(last, data.as_slice()).unwrap();
        }
        drop(table);
        transaction.commit().unwrap();
    }
    let appended = rate(started);
    let started = Instant::now();
    let table = database.begin_read().unwrap().open_table(BARE).unwrap();
    let read: usize = table.range(0..).unwrap().map(|row| row.unwrap().1.value().to_vec().len() / 240).sum();
    assert_eq!(read, EVENTS);
    (appended, rate(started))
}

/// Appends of one event each, from many tasks: one `fsync` for all that wait.
async fn one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let store = Redb::open(folder.path().join("events.redb")).unwrap();
    let log = store.open("market").await.unwrap();
    for tasks in [1, 16, 256] {
        let started = Instant::now();
        let appends: Vec<_> = (0..tasks)
            .map(|_| {
                let (store, log) = (store.clone(), log.clone());
                tokio::spawn(async move {
                    let record = [Record::from_fields([("data", "x".repeat(200))]).unwrap()];
                    let mut times = Vec::new();
                    while started.elapsed() < Duration::from_secs(2) {
                        let asked = Instant::now();
                        store.append(&log, Batch::new(&record)).await.unwrap();
                        times.push(asked.elapsed());
                    }
                    times
                })
            })
            .collect();
        let mut times = Vec::new();
        for append in appends {
            times.extend(append.await.unwrap());
        }
        times.sort_unstable();
        let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
        println!("{tasks} tasks, one event each: {}/s, p50 {median:?}, p99 {p99:?}", times.len() / 2);
    }
}
