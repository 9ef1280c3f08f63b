//! How a channel lets its server stop.

use std::time::Duration;

use tokio::time::{Instant, sleep_until, timeout_at};

use super::subscribers::Subscribers;

/// How a [drain](super::Channel::drain) went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DrainReport {
    /// Subscriptions that ended within the window.
    pub ended: usize,
    /// Subscriptions that were still there when the window was over, as of a client that does not read. Whoever
    /// stops the server cuts their connections.
    pub cut: usize,
}

pub(super) async fn drain(subscribers: &Subscribers, window: Duration) -> DrainReport {
    let start = Instant::now();
    let mut slots = subscribers.start_draining();
    let waiting = subscribers.len();
    fastrand::shuffle(&mut slots);
    // The last tenth is for the last ones to finish what they have begun.
    let step = window.mul_f64(0.9) / u32::try_from(slots.len().max(1)).unwrap_or(u32::MAX);
    let mut due = start;
    for slot in slots {
        sleep_until(due).await;
        slot.end();
        due += step;
    }
    // Past the end of time there is no deadline.
    match start.checked_add(window) {
        Some(deadline) => {
            let _ = timeout_at(deadline, subscribers.emptied()).await;
        }
        None => subscribers.emptied().await,
    }
    let cut = subscribers.len();
    DrainReport { ended: waiting.saturating_sub(cut), cut }
}
