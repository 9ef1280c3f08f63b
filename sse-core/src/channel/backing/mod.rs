//! What a channel has of the store that keeps its log.

mod outbox;
mod pages;
mod record;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::store::{Appended, Batch, BoxFuture, Range, Record, Store, StoreError, StoreErrorKind, StoredLog};
use outbox::Outbox;
pub(crate) use pages::Frames;
use pages::Pages;
pub(crate) use record::encode;

/// What a channel has of its store.
pub(crate) struct Backing {
    source: Source,
    log: Current,
    /// The position up to which the window has everything.
    seen: watch::Sender<u64>,
    /// What is published where nothing can be awaited.
    outbox: Outbox,
    pages: Pages,
    follower: AbortHandle,
}

/// A store, and what is asked of it.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) topic: Arc<str>,
    /// The store has so long for an answer.
    pub(crate) time_limit: Duration,
}

/// The log in its present life.
#[derive(Clone)]
struct Current(Arc<Mutex<StoredLog>>);

impl Backing {
    /// Of a log of which the window has everything up to this position, and which a task follows.
    pub(crate) fn new(source: Source, log: StoredLog, seen: u64, follower: AbortHandle) -> Self {
        let log = Current::new(log);
        let outbox = Outbox::new(source.clone(), log.clone());
        Self { source, log, seen: watch::Sender::new(seen), outbox, pages: Pages::new(), follower }
    }

    pub(crate) const fn source(&self) -> &Source {
        &self.source
    }

    /// The log, in its present life.
    pub(crate) fn log(&self) -> StoredLog {
        self.log.get()
    }

    /// The log has begun another life, of which nothing was read yet.
    pub(crate) fn begin_life(&self, log: StoredLog) {
        self.pages.clear();
        self.log.set(log);
    }

    /// The window has everything up to this position.
    pub(crate) fn saw(&self, position: u64) {
        self.seen.send_replace(position);
    }

    /// Waits until the window has what lies at this position, but not for long: the store has it.
    pub(crate) async fn until_seen(&self, position: u64) {
        const PATIENCE: Duration = Duration::from_millis(250);
        let mut seen = self.seen.subscribe();
        let _late = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| *seen >= position)).await;
    }

    /// Waits until the window has what lies at this position, for one who cannot go on before.
    pub(crate) async fn reach(&self, position: u64) -> Result<(), StoreError> {
        let mut seen = self.seen.subscribe();
        let reached = async {
            // The sender lives as long as this.
            let _ = seen.wait_for(|seen| *seen >= position).await;
            Ok(())
        };
        self.source.within(Box::pin(reached)).await
    }

    /// Has these stored later on, in order, each once.
    pub(crate) fn put(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.outbox.put(records)
    }

    pub(crate) async fn append(&self, log: &StoredLog, records: &[Record]) -> Result<Appended, StoreError> {
        self.source.within(self.source.store.append(log, Batch::new(records))).await
    }

    /// Says in the store that nothing more will come.
    pub(crate) async fn finish(&self) -> Result<(), StoreError> {
        let appended = self.append(&self.log(), &[Record::finish(&*self.source.topic)]).await?;
        if let Some(last) = appended.positions.last() {
            self.until_seen(*last).await;
        }
        Ok(())
    }

    /// The same, later on.
    pub(crate) fn finish_later(&self) -> Result<(), StoreError> {
        self.put(vec![Record::finish(&*self.source.topic)])
    }
}

impl Source {
    /// What the store answers, if it does so in time.
    pub(crate) async fn within<T>(&self, answer: BoxFuture<'_, T>) -> Result<T, StoreError> {
        tokio::time::timeout(self.time_limit, answer).await.unwrap_or_else(|_| {
            let words = format!("the store did not answer within {} ms", self.time_limit.as_millis());
            Err(StoreError::new(StoreErrorKind::Unavailable, words).unsure())
        })
    }

    pub(crate) fn range(&self, after: u64) -> Range<'_> {
        Range::after(after).of(&self.topic)
    }
}

impl Current {
    fn new(log: StoredLog) -> Self {
        Self(Arc::new(Mutex::new(log)))
    }

    fn get(&self) -> StoredLog {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, log: StoredLog) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = log;
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        self.follower.abort();
    }
}
