//! A store that can be told to fail, and counts what it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::watch;
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Page, Range, Store, StoreError, StoreErrorKind, StoredLog,
};
use typed_sse_store_conformance::Memory;

#[derive(Clone, Debug)]
pub(crate) struct Faulty {
    store: Memory,
    fault: watch::Sender<Fault>,
    pub(crate) asked: Arc<Asked>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    None,
    /// Every call fails.
    Down,
    /// No call is answered.
    Hangs,
    /// What is appended is stored, but the answer is lost.
    LosesAnswers,
    /// What is older than the window cannot be read.
    NoHistory,
}

#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) appends: AtomicU64,
    pub(crate) reads: AtomicU64,
    /// The records that followers were given.
    pub(crate) followed: AtomicU64,
}

impl Faulty {
    pub(crate) fn new(store: Memory) -> Self {
        Self { store, fault: watch::Sender::new(Fault::None), asked: Arc::default() }
    }

    pub(crate) fn set(&self, fault: Fault) {
        self.fault.send_replace(fault);
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
            self.asked.appends.fetch_add(1, Ordering::Relaxed);
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
            self.store.read(log, range).await
        })
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
