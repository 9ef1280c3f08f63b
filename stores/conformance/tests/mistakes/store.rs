//! A store that makes one mistake.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::task::yield_now;
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Epoch, Page, Range, Store, StoreError, StoreErrorKind, StoredLog, Token,
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
    /// Does not tell what it trims.
    Untold,
    /// A log that begins anew has the epoch of the one before.
    SameEpoch,
    /// What a clock that is right stamps as of later is not there yet.
    HidesAhead,
    /// What is too old goes, wherever it lies.
    TrimsAnywhere,
    /// It finds no event by its own ID.
    FindsNone,
    /// The newest events of all keys but one.
    LeavesOutKey,
}

#[derive(Debug)]
pub(crate) struct Wrong {
    memory: Memory,
    mistake: Mistake,
    tokens: Mutex<HashMap<String, (u64, Appended)>>,
    is_locked: AtomicBool,
    given: AtomicU64,
    epoch: Epoch,
}

impl Wrong {
    pub(crate) fn new(memory: Memory, mistake: Mistake) -> Self {
        let (is_locked, given) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { memory, mistake, tokens: Mutex::default(), is_locked, given, epoch: Epoch::random() }
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

    /// What was read, and what the mistake makes of it.
    fn page(&self, page: Result<Page, StoreError>) -> Result<Page, StoreError> {
        let mut page = page?;
        let newest = page.records.last().and_then(|stored| stored.at);
        match self.mistake {
            Mistake::Untold => page.bounds.trimmed = 0,
            Mistake::HidesAhead => page.records.retain(|stored| stored.at <= newest),
            Mistake::TrimsAnywhere => {
                let oldest = newest.and_then(|newest| newest.checked_sub(HOUR));
                page.records.retain(|stored| stored.at >= oldest);
            }
            _ => {}
        }
        Ok(page)
    }

    /// Which log is meant.
    async fn log(&self, log: &StoredLog) -> Result<StoredLog, StoreError> {
        match self.mistake {
            Mistake::SameEpoch => self.memory.open(log.name()).await,
            _ => Ok(log.clone()),
        }
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
            let log = self.memory.open(name).await?;
            Ok(if self.mistake == Mistake::SameEpoch { StoredLog::new(name, self.epoch) } else { log })
        })
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            let log = &self.log(log).await?;
            match (self.mistake, batch.token) {
                (Mistake::Halves, _) if batch.records.len() > 1 => self.halves(log, batch).await,
                (Mistake::LateToken, Some(token)) => self.late(log, batch, token).await,
                (Mistake::Repeats, _) => self.repeats(log, batch).await,
                (Mistake::Untold, _) => {
                    let mut appended = self.memory.append(log, batch).await?;
                    appended.behind = None;
                    Ok(appended)
                }
                _ => self.memory.append(log, batch).await,
            }
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            self.lock(Mistake::KeepsLock).await?;
            let log = self.log(log).await?;
            self.page(self.memory.read(&log, range).await)
        })
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, mut range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            let log = self.log(log).await?;
            if self.mistake != Mistake::Consumes {
                return self.page(self.memory.follow(&log, range).await);
            }
            range.after = range.after.max(self.given.load(Ordering::Relaxed));
            let page = self.memory.follow(&log, range).await?;
            self.given.store(page.bounds.last, Ordering::Relaxed);
            yield_now().await;
            Ok(page)
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        Box::pin(async move {
            let found = self.memory.find(&self.log(log).await?, topic, id).await?;
            Ok(found.filter(|_| self.mistake != Mistake::FindsNone))
        })
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            let mut page = self.memory.newest(&self.log(log).await?, range).await?;
            if self.mistake == Mistake::LeavesOutKey {
                page.records.pop();
            }
            Ok(page)
        })
    }
}

const HOUR: Duration = Duration::from_secs(60 * 60);
