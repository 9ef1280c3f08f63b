//! What is counted of the store that keeps a log.

use std::time::Duration;

use tokio::time::Instant;

use super::super::sync::{Count, Ordering};
use super::counters::Counters;
use crate::store::{Page, StoreError, StoreErrorKind};

/// Of all channels on one stored log together.
#[derive(Debug)]
pub(crate) struct StoreCounts {
    begun: Instant,
    failed: Count,
    appends_failed: Count,
    interrupted: Count,
    pages: Count,
    lag: Count,
    /// Since when no call was answered, in ms behind `begun` and one more; 0 while they are.
    down_since: Count,
}

/// What a call was to do, as far as that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    Append,
    Read,
    Follow,
}

impl Default for StoreCounts {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            failed: Count::default(),
            appends_failed: Count::default(),
            interrupted: Count::default(),
            pages: Count::default(),
            lag: Count::default(),
            down_since: Count::default(),
        }
    }
}

impl StoreCounts {
    /// What came of a call. A refusal is an answer, too.
    pub(crate) fn called<T>(&self, call: Call, answer: &Result<T, StoreError>) {
        match answer {
            Err(error) if error.kind() == StoreErrorKind::Unavailable => self.failed(call, error),
            _ => self.answered(),
        }
    }

    fn failed(&self, call: Call, error: &StoreError) {
        add(&self.failed);
        match call {
            Call::Append => add(&self.appends_failed),
            Call::Follow => add(&self.interrupted),
            Call::Read => {}
        }
        let now = ms(self.begun.elapsed()).saturating_add(1);
        let before = self.down_since.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        if before.is_ok() {
            told::is_down(error);
        }
    }

    fn answered(&self) {
        if self.down_since.load(Ordering::Relaxed) == 0 {
            return;
        }
        let since = self.down_since.swap(0, Ordering::Relaxed);
        if since > 0 {
            told::is_back(ms(self.begun.elapsed()).saturating_sub(since - 1));
        }
    }

    /// The follower has put this into the windows.
    pub(crate) fn took(&self, page: &Page) {
        let at = page.records.last().and_then(|newest| newest.at);
        if let Some(age) = at.and_then(|at| at.elapsed().ok()) {
            self.lag.store(ms(age), Ordering::Relaxed);
        }
    }

    /// A page was read for clients that are further behind than the window reaches.
    pub(crate) fn read_page(&self) {
        add(&self.pages);
    }

    /// All that is counted here; the rest is zero.
    pub(crate) fn read(&self) -> Counters {
        let read = |count: &Count| count.load(Ordering::Relaxed);
        let down_since = read(&self.down_since);
        let down = ms(self.begun.elapsed()).saturating_sub(down_since.saturating_sub(1));
        Counters {
            store_failed: read(&self.failed),
            store_appends_failed: read(&self.appends_failed),
            store_interrupted: read(&self.interrupted),
            store_pages: read(&self.pages),
            store_lag_ms: read(&self.lag),
            // It rounds up: a store that is down at all is down for more than nothing.
            store_down_ms: if down_since == 0 { 0 } else { down.max(1) },
            ..Counters::default()
        }
    }
}

fn add(count: &Count) {
    count.fetch_add(1, Ordering::Relaxed);
}

fn ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// Once when it goes, once when it comes back: not for each call that fails.
#[cfg(feature = "tracing")]
mod told {
    use super::StoreError;

    pub(super) fn is_down(error: &StoreError) {
        tracing::warn!(target: "typed_sse", %error, "the store cannot be reached");
    }

    pub(super) fn is_back(down_ms: u64) {
        tracing::info!(target: "typed_sse", down_ms, "the store is reached again");
    }
}

#[cfg(not(feature = "tracing"))]
mod told {
    use super::StoreError;

    pub(super) const fn is_down(_: &StoreError) {}

    pub(super) const fn is_back(_: u64) {}
}
