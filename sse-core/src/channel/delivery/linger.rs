//! How wake-ups are gathered.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::super::Shared;

/// Lets events wait for each other before the subscribers are woken for all of them.
#[derive(Debug)]
pub(crate) struct Linger {
    duration: Duration,
    /// Since when a wake-up is on its way, which finds what is published before it starts.
    due: Mutex<Option<Instant>>,
}

/// A wake-up on its way. It comes early if its runtime stops: the subscribers may live in another.
struct WakeUp(Arc<Shared>);

impl Linger {
    pub(crate) const fn new(duration: Duration) -> Self {
        Self { duration, due: Mutex::new(None) }
    }

    /// Whether this event needs a wake-up of its own. A runtime that nobody drives keeps one for ever: past twice the
    /// time it is not waited for.
    fn begins(&self) -> bool {
        let now = Instant::now();
        let mut due = self.due();
        let begins = due.is_none_or(|since| now.duration_since(since) > self.duration.saturating_mul(2));
        if begins {
            *due = Some(now);
        }
        begins
    }

    fn due(&self) -> MutexGuard<'_, Option<Instant>> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    /// Wakes the subscribers, at once or together with what is published meanwhile.
    pub(crate) fn wake(self: &Arc<Self>) {
        let runtime = if self.linger.duration.is_zero() { None } else { Handle::try_current().ok() };
        // Without a clock there is nothing to wait for.
        let Some(runtime) = runtime else { return self.subscribers.wake() };
        // Made here: where time is not enabled, the publisher learns of it, and no wake-up is lost in a task.
        let lingering = sleep(self.linger.duration);
        if !self.linger.begins() {
            return;
        }
        let wake_up = WakeUp(Arc::clone(self));
        runtime.spawn(async move {
            lingering.await;
            drop(wake_up);
        });
    }
}

impl Drop for WakeUp {
    fn drop(&mut self) {
        // From here on, an event needs the next wake-up.
        *self.0.linger.due() = None;
        self.0.subscribers.wake();
    }
}
