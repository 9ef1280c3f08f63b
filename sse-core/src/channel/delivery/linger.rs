//! How wake-ups are gathered.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Lets events wait for each other before the subscribers are woken for all of them.
#[derive(Debug)]
pub(crate) struct Linger {
    duration: Duration,
    /// Since when a wake-up is on its way, which finds what is published before it starts.
    due: Mutex<Option<Instant>>,
}

impl Linger {
    pub(crate) const fn new(duration: Duration) -> Self {
        Self { duration, due: Mutex::new(None) }
    }

    /// Whether this event needs a wake-up of its own. A runtime that nobody drives keeps one for ever: past twice the
    /// time it is not waited for.
    pub(crate) fn begins(&self) -> bool {
        let now = Instant::now();
        let mut due = self.due();
        let begins = due.is_none_or(|since| now.duration_since(since) > self.duration.saturating_mul(2));
        if begins {
            *due = Some(now);
        }
        begins
    }

    /// The wake-up is about to happen: from here on, an event needs the next one.
    pub(crate) fn ends(&self) {
        *self.due() = None;
    }

    pub(crate) const fn duration(&self) -> Duration {
        self.duration
    }

    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
