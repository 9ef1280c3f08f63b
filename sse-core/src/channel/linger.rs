//! How wake-ups are gathered.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::sleep;

use super::Shared;

/// Lets events wait for each other before the subscribers are woken for all of them.
#[derive(Debug)]
pub(super) struct Linger {
    duration: Duration,
    /// A wake-up is on its way, and finds what is published before it starts.
    due: AtomicBool,
}

impl Linger {
    pub(super) const fn new(duration: Duration) -> Self {
        Self { duration, due: AtomicBool::new(false) }
    }
}

impl Shared {
    /// Wakes the subscribers, at once or together with what is published meanwhile.
    pub(super) fn wake(self: &Arc<Self>) {
        let runtime = if self.linger.duration.is_zero() { None } else { Handle::try_current().ok() };
        // Without a clock there is nothing to wait for.
        let Some(runtime) = runtime else { return self.subscribers.wake() };
        // Made here: where time is not enabled, the publisher learns of it, and no wake-up is lost in a task.
        let lingering = sleep(self.linger.duration);
        if self.linger.due.swap(true, Ordering::AcqRel) {
            return;
        }
        let shared = Arc::clone(self);
        runtime.spawn(async move {
            lingering.await;
            // From here on, an event needs the next wake-up.
            shared.linger.due.swap(false, Ordering::AcqRel);
            shared.subscribers.wake();
        });
    }
}
