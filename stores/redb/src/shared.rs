//! What the handles, the writer and those who read have in common.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{OnceLock, PoisonError, RwLock};

use redb::Database;
use tokio::sync::watch;
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::file::File;

/// An open file, and how it stands.
pub(crate) struct Shared {
    pub(crate) path: PathBuf,
    /// `None` once it is closed.
    database: RwLock<Option<Database>>,
    /// The last position of each log to which this process has appended. Changes with every transaction.
    pub(crate) changed: watch::Sender<HashMap<String, u64>>,
    /// Bytes that wait to be written.
    queued: AtomicUsize,
    /// Why nothing is taken any more.
    stopped: OnceLock<String>,
}

/// So much waits at the most; what comes then is refused.
const MOST_QUEUED: usize = 256 << 20;

impl Shared {
    pub(crate) fn new(file: File) -> Self {
        let File { path, database } = file;
        Self {
            path,
            database: RwLock::new(Some(database)),
            changed: watch::Sender::default(),
            queued: AtomicUsize::new(0),
            stopped: OnceLock::new(),
        }
    }

    /// Once nobody reads any more, so that the file can be opened again at once.
    pub(crate) fn close(&self) {
        *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// `None` if it is closed.
    pub(crate) fn with_database<T>(&self, call: impl FnOnce(&Database) -> T) -> Option<T> {
        // A call that panicked has read, or written what is thrown away.
        self.database.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(call)
    }

    pub(crate) fn stopped(&self) -> Option<String> {
        self.stopped.get().cloned()
    }

    pub(crate) fn stop(&self, why: &str) {
        let _first = self.stopped.set(why.to_owned());
        self.changed.send_modify(|_| ());
    }

    /// So many bytes more wait to be written, unless too many do.
    pub(crate) fn queue(&self, bytes: usize) -> Result<(), StoreError> {
        let before = self.queued.fetch_add(bytes, Ordering::Relaxed);
        if before == 0 || before.saturating_add(bytes) <= MOST_QUEUED {
            return Ok(());
        }
        self.unqueue(bytes);
        let words = format!("`{}`: the disk does not keep up, {MOST_QUEUED} bytes wait", self.path.display());
        Err(StoreError::new(StoreErrorKind::Unavailable, words))
    }

    pub(crate) fn unqueue(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(crate) fn is_late(&self) -> StoreError {
        let words = format!("`{}`: the disk does not answer in time", self.path.display());
        StoreError::new(StoreErrorKind::Unavailable, words)
    }

    pub(crate) fn closed(&self) -> StoreError {
        let words = format!("`{}` is being closed", self.path.display());
        StoreError::new(StoreErrorKind::Unavailable, words)
    }
}
