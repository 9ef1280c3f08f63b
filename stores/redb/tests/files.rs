//! Files that are not as they should be.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::fs;
use std::path::Path;
use std::process::Command;

use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreError, StoreErrorKind, StoredLog};
use typed_sse_redb::Redb;

fn error_of(path: &Path, kind: StoreErrorKind) -> StoreError {
    let error = Redb::open(path).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    assert!(error.to_string().contains(path.to_str().unwrap()), "it names the file: {error}");
    error
}

/// Appends so many records, one by one.
async fn fill(path: &Path, records: usize) -> StoredLog {
    let store = Redb::open(path).unwrap();
    let log = store.open("market").await.unwrap();
    for n in 0..records {
        let (data, topic) = (format!("{n} {}", "x".repeat(300)), format!("{}", n % 5));
        let record = Record::from_fields([("data", data), ("topic", topic)]).unwrap();
        store.append(&log, Batch::new(&[record])).await.unwrap();
    }
    log
}

#[tokio::test]
async fn a_second_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    let store = Redb::open(&path).unwrap();
    let clone = store.clone();
    drop(store);
    error_of(&path, StoreErrorKind::Locked);
    assert_eq!(opened_by_a_process(&path), "Err(Locked)");
    let log = clone.open("market").await.unwrap();
    drop(clone);
    let again = Redb::open(&path).unwrap();
    assert_eq!(again.open("market").await.unwrap(), log, "free at once");
    drop(again);
    assert_eq!(opened_by_a_process(&path), "Ok(())", "for another process as well");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no other file is left");
}

/// Where another process finds its file: this test runs itself.
const FILE: &str = "TYPED_SSE_REDB_SECOND";

#[test]
fn child() {
    let Ok(path) = std::env::var(FILE) else { return };
    println!("\nopened {:?}", Redb::open(path).map(drop).map_err(|error| error.kind()));
}

/// What comes of it where another process opens the file.
fn opened_by_a_process(path: &Path) -> String {
    let mut child = Command::new(std::env::current_exe().unwrap());
    let output = child.args(["--exact", "child", "--nocapture"]).env(FILE, path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("opened ")).unwrap().to_owned()
}

#[tokio::test]
async fn dropping_writes_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    for durability in [typed_sse_redb::Durability::Immediate, typed_sse_redb::Durability::Eventual] {
        let store = Redb::builder().durability(durability).open(&path).unwrap();
        let log = store.open("market").await.unwrap();
        let before = store.read(&log, Range::after(0)).await.unwrap().records.len();
        let record = [Record::from_fields([("data", "x")]).unwrap()];
        for _ in 0..50 {
            let append = store.append(&log, Batch::new(&record));
            // Asked, and not waited for: the writer may have answered already.
            if let Some(answer) = poll_once(append) {
                answer.unwrap();
            }
        }
        drop(store);
        let store = Redb::open(&path).unwrap();
        assert_eq!(store.open("market").await.unwrap().epoch(), log.epoch(), "nothing was lost");
        assert_eq!(store.read(&log, Range::after(0)).await.unwrap().records.len(), before + 50);
    }
}

fn poll_once<T>(mut future: std::pin::Pin<Box<dyn Future<Output = T> + Send + '_>>) -> Option<T> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match future.as_mut().poll(&mut context) {
        std::task::Poll::Ready(ready) => Some(ready),
        std::task::Poll::Pending => None,
    }
}

#[test]
fn a_foreign_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    for text in ["", "x", "SQLite format 3\0", &"some text\n".repeat(10_000)] {
        fs::write(&path, text).unwrap();
        error_of(&path, StoreErrorKind::Corrupt);
        assert_eq!(fs::read(&path).unwrap(), text.as_bytes(), "it is left as it was");
    }
    fs::remove_file(&path).unwrap();
    let other = redb::Database::create(&path).unwrap();
    let transaction = other.begin_write().unwrap();
    transaction.open_table(redb::TableDefinition::<u64, u64>::new("mine")).unwrap();
    transaction.commit().unwrap();
    drop(other);
    assert!(error_of(&path, StoreErrorKind::Corrupt).to_string().contains("is no file of `typed-sse-redb`"));
}

#[tokio::test]
async fn a_newer_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    fill(&path, 1).await;
    let file = redb::Database::open(&path).unwrap();
    let transaction = file.begin_write().unwrap();
    let meta = redb::TableDefinition::<&str, &str>::new("meta");
    transaction.open_table(meta).unwrap().insert("format", "2").unwrap();
    transaction.commit().unwrap();
    drop(file);
    error_of(&path, StoreErrorKind::Version);

    // A version of redb's own of which this one knows nothing.
    let bytes = fs::read(&path).unwrap();
    let newer: Vec<_> =
        bytes.iter().enumerate().map(|(n, byte)| if n == 64 || n == 192 { 9 } else { *byte }).collect();
    fs::write(&path, newer).unwrap();
    error_of(&path, StoreErrorKind::Version);
}

#[test]
fn a_folder_that_is_not_there() {
    error_of(Path::new("/nowhere/events.redb"), StoreErrorKind::Other);
}

#[tokio::test]
async fn a_torn_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    fill(&path, 60).await;
    let whole = fs::read(&path).unwrap();
    for part in 0..40 {
        fs::write(&path, &whole[..whole.len() / 40 * part + part * 7 % 4096]).unwrap();
        error_of(&path, StoreErrorKind::Corrupt);
    }
}

/// Bytes that are overwritten lie in no record, or are found.
#[tokio::test]
async fn damage_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.redb");
    let log = fill(&path, 60).await;
    let whole = fs::read(&path).unwrap();
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (mut found, rounds) = (0, 150);
    for _ in 0..rounds {
        let mut damaged = whole.clone();
        let at = random.usize(0..damaged.len() - 512);
        damaged[at..at + 512].iter_mut().for_each(|byte| *byte = random.u8(..));
        fs::write(&path, damaged).unwrap();
        match Redb::open(&path) {
            Ok(store) => {
                let page = store.read(&log, Range::after(0)).await.unwrap();
                assert_eq!(page.records.len(), 60, "seed {seed}, at {at}");
            }
            Err(error) => {
                let kind = error.kind();
                assert!(
                    matches!(kind, StoreErrorKind::Corrupt | StoreErrorKind::Version),
                    "{kind:?}: {error}"
                );
                assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
                found += 1;
            }
        }
    }
    println!("{found} of {rounds} were in use");
}
