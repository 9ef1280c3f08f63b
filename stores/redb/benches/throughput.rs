//! The store beside redb used bare, in one run: `cargo bench -p typed-sse-redb`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench")]

use std::path::Path;
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase as _, TableDefinition};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoredLog};
use typed_sse_redb::{Durability, Redb};

const BATCH: usize = 100;
const EVENTS: usize = 100_000;
const ROUNDS: usize = 31;
const BARE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");

#[tokio::main]
async fn main() {
    for durability in [Durability::Immediate, Durability::Eventual] {
        let folder = tempfile::tempdir().unwrap();
        let (store, log, appended) = append(&folder.path().join("events.redb"), durability).await;
        let (bare, bare_appended) = append_bare(&folder.path().join("bare.redb"), durability);
        println!(
            "{durability:?}, batches of {BATCH} events of 200 bytes: {appended:.0}/s, redb bare {bare_appended:.0}/s, {:.0} %",
            100.0 * appended / bare_appended
        );
        // In turns, so that what else the machine does hits both.
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push((replay(&store, &log).await, replay_bare(&bare)));
        }
        rounds.sort_by(|(a, bare_a), (b, bare_b)| (a / bare_a).total_cmp(&(b / bare_b)));
        let (replayed, bare_replayed) = rounds[ROUNDS / 2];
        println!(
            "replay of {EVENTS}: {replayed:.0}/s, redb bare {bare_replayed:.0}/s, {:.0} %, of {ROUNDS} rounds the one in the middle",
            100.0 * replayed / bare_replayed
        );
        drop((store, bare));
        let started = Instant::now();
        Redb::open(folder.path().join("events.redb")).unwrap();
        println!("opened, and verified, in {:?}", started.elapsed());
    }
    one_by_one().await;
}

fn rate(started: Instant) -> f64 {
    EVENTS as f64 / started.elapsed().as_secs_f64()
}

async fn append(path: &Path, durability: Durability) -> (Redb, StoredLog, f64) {
    let store = Redb::builder().durability(durability).events(EVENTS).open(path).unwrap();
    let log = store.open("market").await.unwrap();
    let records: Vec<_> = (0..BATCH)
        .map(|_| Record::from_fields([("event", "price"), ("data", &*"x".repeat(200))]).unwrap())
        .collect();
    let started = Instant::now();
    for _ in 0..EVENTS / BATCH {
        store.append(&log, Batch::new(&records)).await.unwrap();
    }
    (store, log, rate(started))
}

async fn replay(store: &Redb, log: &StoredLog) -> f64 {
    let started = Instant::now();
    let (mut after, mut read) = (0, 0);
    loop {
        let page = store.read(log, Range::after(after).of("")).await.unwrap();
        let Some(last) = page.records.last() else { break };
        (after, read) = (last.position, read + page.records.len());
    }
    assert_eq!(read, EVENTS);
    rate(started)
}

fn append_bare(path: &Path, durability: Durability) -> (Database, f64) {
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
    (database, rate(started))
}

fn replay_bare(database: &Database) -> f64 {
    let started = Instant::now();
    let table = database.begin_read().unwrap().open_table(BARE).unwrap();
    let read: usize = table.range(0..).unwrap().map(|row| row.unwrap().1.value().to_vec().len() / 240).sum();
    assert_eq!(read, EVENTS);
    rate(started)
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
