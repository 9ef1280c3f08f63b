//! A store that makes one mistake.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::task::yield_now;
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Page, Range, Store, StoreError, StoreErrorKind, StoredLog, Token,
};
use typed_sse_store_conformance::Memory;

/// What it does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mistake {
    /// Stores the first record of a batch, awaits something, and stores the others.
    Halves,
    /// Stores a batch, awaits something, and then takes note of its token.
    LateToken,
    /// Stores what was dropped a second time.
    Repeats,
    /// A question that is dropped never gives back what it has taken.
    KeepsLock,
    /// As that, when a log is opened.
    LateOpen,
    /// Takes a page for given before it is.
    Consumes,
}

#[derive(Debug)]
pub(crate) struct Wrong {
    memory: Memory,
    mistake: Mistake,
    tokens: Mutex<HashMap<String, (u64, Appended)>>,
    is_locked: AtomicBool,
    given: AtomicU64,
}

impl Wrong {
    pub(crate) fn new(memory: Memory, mistake: Mistake) -> Self {
        let (is_locked, given) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { memory, mistake, tokens: Mutex::default(), is_locked, given }
    }

    async fn halves(&self, log: &StoredLog, batch: Batch<'_>) -> Result<Appended, StoreError> {
        let (first, others) = batch.records.split_at(1);
        let mut appended = self.memory.append(log, Batch::new(first)).await?;
        yield_now().await;
        appended.positions.extend(self.memory.append(log, Batch::new(others)).await?.positions);
        appended.behind = None;
        Ok(appended)
    }

    async fn late(&self, log: &StoredLog, batch: Batch<'_>, token: &Token) -> Result<Appended, StoreError> {
        let stored = self.tokens.lock().unwrap_or_else(PoisonError::into_inner).get(&token.producer).cloned();
        if let Some((_, appended)) = stored.filter(|(number, _)| *number == token.number) {
            return Ok(Appended::duplicate(appended.positions));
        }
        let appended = self.memory.append(log, Batch::new(batch.records)).await?;
        yield_now().await;
        let noted = (token.number, appended.clone());
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner).insert(token.producer.clone(), noted);
        Ok(appended)
    }

    async fn repeats(&self, log: &StoredLog, batch: Batch<'_>) -> Result<Appended, StoreError> {
        let appended = self.memory.append(log, batch).await?;
        let again = Again { store: self, log, batch };
        yield_now().await;
        std::mem::forget(again);
        Ok(appended)
    }

    async fn lock(&self, mistake: Mistake) -> Result<(), StoreError> {
        if self.mistake != mistake {
            return Ok(());
        }
        if self.is_locked.swap(true, Ordering::Relaxed) {
            return Err(StoreError::new(StoreErrorKind::Other, "in use"));
        }
        yield_now().await;
        self.is_locked.store(false, Ordering::Relaxed);
        Ok(())
    }
}

/// An append that was dropped is done once more.
struct Again<'a> {
    store: &'a Wrong,
    log: &'a StoredLog,
    batch: Batch<'a>,
}

impl Drop for Again<'_> {
    fn drop(&mut self) {
        let again = self.store.memory.append(self.log, Batch::new(self.batch.records));
        let _refused = futures_util::FutureExt::now_or_never(again);
    }
}

impl Store for Wrong {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(async move {
            self.lock(Mistake::LateOpen).await?;
            self.memory.open(name).await
        })
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            match (self.mistake, batch.token) {
                (Mistake::Halves, _) if batch.records.len() > 1 => self.halves(log, batch).await,
                (Mistake::LateToken, Some(token)) => self.late(log, batch, token).await,
                (Mistake::Repeats, _) => self.repeats(log, batch).await,
                _ => self.memory.append(log, batch).await,
            }
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            self.lock(Mistake::KeepsLock).await?;
            self.memory.read(log, range).await
        })
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, mut range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            if self.mistake != Mistake::Consumes {
                return self.memory.follow(log, range).await;
            }
            range.after = range.after.max(self.given.load(Ordering::Relaxed));
            let page = self.memory.follow(log, range).await?;
            self.given.store(page.bounds.last, Ordering::Relaxed);
            yield_now().await;
            Ok(page)
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        self.memory.find(log, topic, id)
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        self.memory.newest(log, range)
    }
}
