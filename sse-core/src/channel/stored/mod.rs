//! A channel whose log is kept by a store: its own log is a window onto the end of that one.

mod catch_up;
mod follow;
mod open;
mod outbox;
mod pages;
mod publish;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::AbortHandle;

use super::error::PublishError;
use crate::store::{BoxFuture, Range, Store, StoreError, StoreErrorKind, StoredLog};
pub(super) use catch_up::{CatchUp, Step};
pub use open::StoreBuilder;
use outbox::Outbox;
use pages::Pages;

/// What a channel has of its store.
pub(crate) struct Backing {
    source: Source,
    log: Arc<Current>,
    /// The position up to which the window has everything.
    seen: watch::Sender<u64>,
    /// What is published where nothing can be awaited.
    outbox: Outbox,
    pages: Pages,
    follower: AbortHandle,
}

/// A store, and what is asked of it.
#[derive(Clone)]
struct Source {
    store: Arc<dyn Store>,
    topic: Arc<str>,
    /// The store has so long for an answer.
    time_limit: Duration,
}

/// The log in its present life.
struct Current(Mutex<StoredLog>);

impl Source {
    /// What the store answers, if it does so in time.
    async fn within<T>(&self, answer: BoxFuture<'_, T>) -> Result<T, StoreError> {
        tokio::time::timeout(self.time_limit, answer).await.unwrap_or_else(|_| {
            let words = format!("the store did not answer within {} ms", self.time_limit.as_millis());
            Err(StoreError::new(StoreErrorKind::Unavailable, words).unsure())
        })
    }

    fn range(&self, after: u64) -> Range<'_> {
        Range::after(after).of(&self.topic)
    }
}

impl Current {
    const fn new(log: StoredLog) -> Self {
        Self(Mutex::new(log))
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

impl PublishError {
    fn of_store(error: StoreError) -> Self {
        match error.kind() {
            StoreErrorKind::Finished => Self::Finished,
            _ => Self::Store(error),
        }
    }
}
