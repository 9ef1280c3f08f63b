//! A store in the memory of the process.

mod log;
mod topic;

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::watch;
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Epoch, Page, Range, Store, StoreError, StoreErrorKind, StoredLog,
};

use crate::limits::Limits;
use log::Log;

/// A store that keeps its logs in the memory of this process. Clones are the same store.
///
/// It survives a channel, not the process: use it where a test restarts its server.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    state: Arc<State>,
}

#[derive(Debug, Default)]
struct State {
    limits: Limits,
    logs: Mutex<HashMap<String, Log>>,
    /// Changes with every append.
    changed: watch::Sender<()>,
    /// By so many seconds its clock is ahead.
    ahead: AtomicI64,
}

impl Memory {
    /// An empty store without bounds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that keeps so much of each topic.
    #[must_use]
    pub fn with_limits(limits: Limits) -> Self {
        Self { state: Arc::new(State { limits, ..State::default() }) }
    }

    /// Empties the log of this name, which begins another life: as if the store had lost its data.
    pub fn lose(&self, name: &str) {
        self.logs().insert(name.to_owned(), Log::new(Epoch::random(), self.state.limits));
        self.state.changed.send_replace(());
    }

    /// Puts its clock forward by so many seconds, or back if they are negative: records that it has are older then, or younger.
    pub fn move_clock(&self, seconds: i64) {
        self.state.ahead.fetch_add(seconds, Ordering::Relaxed);
    }

    fn now(&self) -> SystemTime {
        let (now, ahead) = (SystemTime::now(), self.state.ahead.load(Ordering::Relaxed));
        let by = Duration::from_secs(ahead.unsigned_abs());
        if ahead < 0 { now.checked_sub(by) } else { now.checked_add(by) }.unwrap_or(now)
    }

    fn logs(&self) -> MutexGuard<'_, HashMap<String, Log>> {
        self.state.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        stored: &StoredLog,
        call: impl FnOnce(&mut Log) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut logs = self.logs();
        match logs.get_mut(stored.name()) {
            Some(log) if log.epoch() == stored.epoch() => call(log),
            _ => Err(StoreError::new(
                StoreErrorKind::Epoch,
                format!("the log `{}` has begun another life: open it again", stored.name()),
            )),
        }
    }
}

impl Store for Memory {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(async move {
            let mut logs = self.logs();
            let log =
                logs.entry(name.to_owned()).or_insert_with(|| Log::new(Epoch::random(), self.state.limits));
            Ok(StoredLog::new(name, log.epoch()))
        })
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            let appended = self.with(log, |log| log.append(batch, self.now()))?;
            self.state.changed.send_replace(());
            Ok(appended)
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move { self.with(log, |log| Ok(log.read(range, self.now()))) })
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            let mut changed = self.state.changed.subscribe();
            loop {
                let page = self.with(log, |log| Ok(log.read(range, self.now())))?;
                if !page.records.is_empty() || changed.changed().await.is_err() {
                    return Ok(page);
                }
            }
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        Box::pin(async move { self.with(log, |log| Ok(log.find(topic, id))) })
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move { self.with(log, |log| Ok(log.newest(range))) })
    }
}
