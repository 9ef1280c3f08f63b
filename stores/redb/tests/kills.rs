//! A process that is killed while it appends loses nothing that it has answered.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::collections::HashSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use typed_sse_core::store::{Batch, Range, Record, Store as _, Stored, StoredLog};
use typed_sse_redb::{Durability, Redb};

/// Where the child finds its file: this test runs itself.
const FILE: &str = "TYPED_SSE_REDB_CHILD";
/// How often it is killed: 20 times, or as often as this says.
const KILLS: &str = "TYPED_SSE_KILLS";

#[test]
fn child() {
    let Ok(path) = std::env::var(FILE) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(append_without_end(Path::new(&path)));
}

async fn append_without_end(path: &Path) {
    let eventual = path.to_str().unwrap().ends_with("eventual");
    let durability = if eventual { Durability::Eventual } else { Durability::Immediate };
    let store = Redb::builder().durability(durability).events(500).open(path).unwrap();
    let log = store.open("market").await.unwrap();
    let life = store.read(&log, Range::after(0).records(0)).await.unwrap().bounds.last;
    let tasks: Vec<_> = (0..4)
        .map(|task| {
            let (store, log) = (store.clone(), log.clone());
            tokio::spawn(async move {
                for n in 0.. {
                    let part =
                        |part| Record::from_fields([("data", format!("{life} {task} {n} {part}"))]).unwrap();
                    let records = [part(0), part(1)];
                    let appended = store.append(&log, Batch::new(&records)).await.unwrap();
                    let mut out = std::io::stdout().lock();
                    writeln!(out, "\nstored {} {life} {task} {n}", appended.positions[1]).unwrap();
                    out.flush().unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

fn start(path: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(FILE, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs a child for so long. The positions that it has printed, and what lies there.
fn run(path: &Path, time: Duration) -> Vec<(u64, String)> {
    let mut child = start(path);
    let out = BufReader::new(child.stdout.take().unwrap());
    let reader = std::thread::spawn(move || {
        let lines = out.lines().map_while(Result::ok);
        let stored = lines.filter_map(|line| {
            let (position, data) = line.strip_prefix("stored ")?.split_once(' ')?;
            Some((position.parse().ok()?, data.to_owned()))
        });
        stored.collect()
    });
    std::thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap()
}

async fn read(path: &Path) -> (StoredLog, Vec<Stored>, u64) {
    let store = Redb::builder().events(500).open(path).unwrap();
    let log = store.open("market").await.unwrap();
    let page = store.read(&log, Range::after(0).records(1000)).await.unwrap();
    (log, page.records, page.bounds.trimmed)
}

/// Nothing twice, nothing by halves.
fn is_whole(records: &[Stored]) {
    let all: HashSet<_> = records.iter().map(|stored| stored.record.data()).collect();
    assert_eq!(all.len(), records.len(), "something is there twice");
    for pair in records.rchunks_exact(2) {
        let [one, two] = [&pair[0], &pair[1]].map(|stored| stored.record.data().rsplit_once(' ').unwrap().0);
        assert_eq!(one, two, "half a batch");
    }
}

fn kills() -> u32 {
    std::env::var(KILLS).map_or(20, |kills| kills.parse().unwrap())
}

#[tokio::test]
async fn nothing_that_was_answered_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    let (mut epoch, mut answered) = (None, 0);
    for kill in 0..kills() {
        let stored = run(&path, Duration::from_millis(fastrand::u64(1..120)));
        if !path.exists() {
            continue;
        }
        let (log, records, trimmed) = read(&path).await;
        assert_eq!(*epoch.get_or_insert_with(|| log.clone()), log, "its life goes on");
        is_whole(&records);
        for (position, data) in &stored {
            let found = records.iter().find(|stored| stored.position == *position);
            let is_there = found.is_some_and(|stored| stored.record.data().starts_with(&format!("{data} ")));
            assert!(
                is_there || *position <= trimmed,
                "kill {kill}: {position} ({data}) was answered, and is lost"
            );
        }
        answered += stored.len();
    }
    println!("{answered} batches answered, {} kills", kills());
    assert!(answered > 0, "no child had time to append");
}

/// Without waiting for the disk, something may be lost; then all are told.
#[tokio::test]
async fn what_may_be_lost_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("eventual");
    let mut epochs = HashSet::new();
    let mut lives = 0;
    for _ in 0..(kills() / 2).max(5) {
        let stored = run(&path, Duration::from_millis(fastrand::u64(20..300)));
        if stored.is_empty() {
            continue;
        }
        lives += 1;
        let (log, records, _) = read(&path).await;
        is_whole(&records);
        assert!(epochs.insert(log.epoch().to_string()), "answers were lost, and nobody is told");
    }
    println!("{lives} lives");
}
