//! Disks that fail, and what goes with time.

use std::io::{Error, ErrorKind, Result};
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use redb::StorageBackend;
use typed_sse_core::store::{Batch, Range, Record, Store, StoreErrorKind, StoredLog};

use crate::{Durability, Redb};

/// A disk in the memory that outlives its store, and fails on command.
#[derive(Clone, Debug, Default)]
struct Disk(Arc<State>);

#[derive(Debug, Default)]
struct State {
    bytes: Mutex<Vec<u8>>,
    fault: AtomicU8,
    syncs: AtomicUsize,
}

const NO_SYNC: u8 = 1;
const FULL: u8 = 2;
const SLOW: u8 = 3;

impl Disk {
    fn set(&self, fault: u8) {
        self.0.fault.store(fault, Ordering::SeqCst);
    }

    fn has(&self, fault: u8) -> bool {
        self.0.fault.load(Ordering::SeqCst) == fault
    }

    fn syncs(&self) -> usize {
        self.0.syncs.load(Ordering::SeqCst)
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.0.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let bytes = self.0.bytes.lock().unwrap();
        out.copy_from_slice(&bytes[offset as usize..][..out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<()> {
        let mut bytes = self.0.bytes.lock().unwrap();
        if self.has(FULL) && len as usize > bytes.len() {
            return Err(ErrorKind::StorageFull.into());
        }
        bytes.resize(len as usize, 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<()> {
        self.0.syncs.fetch_add(1, Ordering::SeqCst);
        while self.has(SLOW) {
            std::thread::sleep(Duration::from_millis(1));
        }
        if self.has(NO_SYNC) {
            return Err(Error::other("the disk is gone"));
        }
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<()> {
        if self.has(FULL) {
            return Err(ErrorKind::StorageFull.into());
        }
        self.0.bytes.lock().unwrap()[offset as usize..][..data.len()].copy_from_slice(data);
        Ok(())
    }
}

fn event(data: &str) -> Record {
    Record::from_fields([("data", data)]).unwrap()
}

async fn push(store: &Redb, log: &StoredLog, record: Record) -> u64 {
    store.append(log, Batch::new(&[record])).await.unwrap().positions[0]
}

async fn data(store: &Redb, log: &StoredLog) -> Vec<String> {
    let page = store.read(log, Range::after(0)).await.unwrap();
    page.records.iter().map(|stored| stored.record.data().to_owned()).collect()
}

async fn fails_stop(fault: u8, words: &str) {
    let disk = Disk::default();
    let store = Redb::builder().open_backend(disk.clone()).unwrap();
    let log = store.open("market").await.unwrap();
    push(&store, &log, event("a")).await;

    disk.set(fault);
    let large = "x".repeat(8 << 20);
    let error = store.append(&log, Batch::new(&[event(&large)])).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Stopped, "{error}");
    assert!(error.may_have_been_stored() && error.to_string().contains(words), "{error}");

    disk.set(0);
    let syncs = disk.syncs();
    let error = store.append(&log, Batch::new(&[event("b")])).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Stopped);
    assert!(!error.may_have_been_stored(), "{error}");
    assert_eq!(store.open("other").await.unwrap_err().kind(), StoreErrorKind::Stopped);
    assert_eq!(store.follow(&log, Range::after(9)).await.unwrap_err().kind(), StoreErrorKind::Stopped);
    assert_eq!(disk.syncs(), syncs, "nothing is tried again");
    drop(store);

    let store = Redb::builder().open_backend(disk).unwrap();
    assert_eq!(store.open("market").await.unwrap(), log, "nothing that was answered is lost");
    let read = data(&store, &log).await;
    assert!(read == ["a"] || read == ["a", large.as_str()], "{} records", read.len());
    push(&store, &log, event("c")).await;
}

#[tokio::test]
async fn a_failed_sync_stops_it() {
    fails_stop(NO_SYNC, "the disk is gone").await;
}

#[tokio::test]
async fn a_full_disk_stops_it() {
    fails_stop(FULL, &Error::from(ErrorKind::StorageFull).to_string()).await;
}

#[tokio::test]
async fn a_disk_that_hangs_is_waited_for_in_vain() {
    let disk = Disk::default();
    let limit = Duration::from_millis(50);
    let store = Redb::builder().time_limit(limit).open_backend(disk.clone()).unwrap();
    let log = store.open("market").await.unwrap();
    disk.set(SLOW);
    let error = store.append(&log, Batch::new(&[event("a")])).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.may_have_been_stored());
    assert_eq!(data(&store, &log).await, [""; 0], "readers do not wait for it");
    disk.set(0);
    while data(&store, &log).await.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(data(&store, &log).await, ["a"]);
}

/// Two hundred that wait while the disk is slow are a few transactions; a refused one is alone with that.
#[tokio::test]
async fn what_waits_is_written_together() {
    let disk = Disk::default();
    let store = Redb::builder().open_backend(disk.clone()).unwrap();
    let log = store.open("market").await.unwrap();
    let taken = Record::from_fields([("data", "x"), ("id", "7")]).unwrap();
    push(&store, &log, taken.clone()).await;
    let syncs = disk.syncs();
    disk.set(SLOW);
    let appends: Vec<_> = (0..200)
        .map(|n| {
            let (store, log) = (store.clone(), log.clone());
            let record = if n % 10 == 5 { taken.clone() } else { event(&n.to_string()) };
            tokio::spawn(async move { store.append(&log, Batch::new(&[record])).await })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    disk.set(0);
    let mut refused = 0;
    for append in appends {
        refused += usize::from(append.await.unwrap().is_err());
    }
    assert_eq!((refused, data(&store, &log).await.len()), (20, 181));
    assert!(disk.syncs() - syncs < 20, "{} syncs for 200 appends", disk.syncs() - syncs);
}

#[tokio::test]
async fn one_that_does_not_wait_for_the_disk_gets_there_all_the_same() {
    let disk = Disk::default();
    let store = Redb::builder().durability(Durability::Eventual).open_backend(disk.clone()).unwrap();
    let log = store.open("market").await.unwrap();
    let syncs = disk.syncs();
    push(&store, &log, event("a")).await;
    while disk.syncs() == syncs {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn what_is_too_old_goes_without_an_append() {
    let store = Redb::builder().age(Duration::from_millis(60)).open_backend(Disk::default()).unwrap();
    let log = store.open("market").await.unwrap();
    let keyed = Record::from_fields([("data", "a"), ("key", "k"), ("id", "7")]).unwrap();
    let first = push(&store, &log, keyed).await;
    for topic in ["b", "c"] {
        push(&store, &log, Record::from_fields([("data", topic), ("topic", topic)]).unwrap()).await;
    }
    while data(&store, &log).await.len() > 1 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(data(&store, &log).await, ["c"], "the newest of a log stays");
    assert_eq!(store.find(&log, "", "7").await.unwrap(), Some(first), "its client has missed nothing");
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    assert_eq!((newest.records.len(), newest.bounds.trimmed), (1, first));
}

#[tokio::test]
async fn the_key_that_is_quiet_for_longest_is_forgotten() {
    let store = Redb::builder().events(1).keys(2).open_backend(Disk::default()).unwrap();
    let log = store.open("market").await.unwrap();
    let mut positions = Vec::new();
    for (key, data) in [("a", "a1"), ("b", "b1"), ("c", "c1"), ("a", "a2")] {
        let record = Record::from_fields([("data", data), ("key", key)]).unwrap();
        positions.push(push(&store, &log, record).await);
    }
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    let data: Vec<_> = newest.records.iter().map(|stored| stored.record.data()).collect();
    assert_eq!(data, ["c1", "a2"]);
    assert_eq!(newest.bounds.keys_trimmed, positions[1]);
}
