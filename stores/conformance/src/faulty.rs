//! A store that fails when it is told to, and counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Page, Range, Store, StoreError, StoreErrorKind, StoredLog,
};

/// A store in front of another that fails when it is told to, and counts what it is asked: for tests of what an application does
/// then. Clones are the same store.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use typed_sse_core::{Channel, Event};
/// use typed_sse_store_conformance::{Fault, Faulty, Memory};
///
/// let store = Faulty::new(Memory::new());
/// let market = Channel::<Event>::builder().store(store.clone(), "market").open().await?;
/// store.set(Fault::Down);
/// assert!(market.publish(&Event::new("one")).await.is_err());
/// store.set(Fault::None);
/// market.publish(&Event::new("one")).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Faulty {
    store: Arc<dyn Store>,
    fault: watch::Sender<Fault>,
    asked: Arc<Asked>,
    records_at_once: usize,
}

/// How a [`Faulty`] store fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// It does not.
    None,
    /// Every call fails.
    Down,
    /// No call is answered.
    Hangs,
    /// What is appended is stored, but the answer is lost.
    LosesAnswers,
    /// What is older than the window cannot be read.
    NoHistory,
    /// What is read is answered so much later.
    Late(Duration),
}

/// What a store was asked.
#[derive(Debug, Default)]
struct Asked {
    reads: AtomicU64,
    read: AtomicU64,
    followed: AtomicU64,
}

impl Faulty {
    /// In front of this one; it does not fail yet.
    #[must_use]
    pub fn new(store: impl Store) -> Self {
        Self::over(Arc::new(store))
    }

    /// As [`new`](Self::new), of a store that is shared.
    #[must_use]
    pub fn over(store: Arc<dyn Store>) -> Self {
        let records_at_once = store.records_at_once();
        Self { store, fault: watch::Sender::new(Fault::None), asked: Arc::default(), records_at_once }
    }

    /// Says that it reads so many records at once. Default: as the store behind it.
    #[must_use]
    pub const fn with_records_at_once(mut self, records: usize) -> Self {
        self.records_at_once = records;
        self
    }

    /// Fails so from now on.
    pub fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
    }

    /// How often it was asked to read, calls that failed included.
    #[must_use]
    pub fn reads(&self) -> u64 {
        self.asked.reads.load(Ordering::Relaxed)
    }

    /// How many records its readers were given.
    #[must_use]
    pub fn read_records(&self) -> u64 {
        self.asked.read.load(Ordering::Relaxed)
    }

    /// How many records its followers were given.
    #[must_use]
    pub fn followed(&self) -> u64 {
        self.asked.followed.load(Ordering::Relaxed)
    }

    fn is(&self, fault: Fault) -> bool {
        *self.fault.borrow() == fault
    }

    async fn check(&self) -> Result<(), StoreError> {
        if self.is(Fault::Hangs) {
            let mut fault = self.fault.subscribe();
            let _ = fault.wait_for(|fault| *fault != Fault::Hangs).await;
        }
        if self.is(Fault::Down) { Err(down()) } else { Ok(()) }
    }
}

fn down() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the store is down")
}

impl Store for Faulty {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        self.store.open(name)
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            self.check().await?;
            let appended = self.store.append(log, batch).await?;
            if self.is(Fault::LosesAnswers) { Err(down().unsure()) } else { Ok(appended) }
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            self.asked.reads.fetch_add(1, Ordering::Relaxed);
            self.check().await?;
            if self.is(Fault::NoHistory) {
                return Err(down());
            }
            // As of one that is somewhere else: others are polled meanwhile.
            tokio::task::yield_now().await;
            let late = match *self.fault.borrow() {
                Fault::Late(late) => Some(tokio::time::sleep(late)),
                _ => None,
            };
            if let Some(late) = late {
                late.await;
            }
            let page = self.store.read(log, range).await?;
            self.asked.read.fetch_add(page.records.len() as u64, Ordering::Relaxed);
            Ok(page)
        })
    }

    fn records_at_once(&self) -> usize {
        self.records_at_once
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            self.check().await?;
            let mut fault = self.fault.subscribe();
            let fails = async {
                let fails = |fault: &Fault| matches!(fault, Fault::Down | Fault::Hangs);
                fault.wait_for(fails).await.is_ok()
            };
            let page = tokio::select! {
                page = self.store.follow(log, range) => page?,
                _ = fails => Page::default(),
            };
            self.asked.followed.fetch_add(page.records.len() as u64, Ordering::Relaxed);
            Ok(page)
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        Box::pin(async move {
            self.check().await?;
            self.store.find(log, topic, id).await
        })
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        self.store.newest(log, range)
    }
}
