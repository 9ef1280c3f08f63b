//! How a channel lets its server stop.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::super::sight::trace;
use super::subscribers::Subscribers;

/// How a [drain](crate::Channel::drain) went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct DrainReport {
    /// Subscriptions that ended within the window, also because their server has cut them.
    pub ended: usize,
    /// Subscriptions that were still there when the window was over, as of a client that does not read. Whoever
    /// stops the server cuts their connections.
    pub cut: usize,
}

/// Drains one channel or several, over one window.
pub(crate) async fn drain(channels: &[&Subscribers], window: Duration) -> DrainReport {
    // Far enough away, and never past the end of the clock.
    let window = window.min(Duration::from_secs(60 * 60 * 24 * 365));
    let start = Instant::now();
    let count = || channels.iter().map(|subscribers| subscribers.len()).sum::<usize>();
    let mut slots: Vec<_> = channels
        .iter()
        .flat_map(|subscribers| {
            subscribers.start_draining().into_iter().map(move |slot| (*subscribers, slot))
        })
        .collect();
    let waiting = count();
    let span = trace::drain(waiting, window);
    fastrand::shuffle(&mut slots);
    // The last tenth is for the last ones to finish what they have begun.
    let step = window.mul_f64(0.9) / u32::try_from(slots.len().max(1)).unwrap_or(u32::MAX);
    let emptied = async {
        for subscribers in channels {
            subscribers.emptied().await;
        }
    };
    tokio::pin!(emptied);
    let mut due = start;
    let mut gone = false;
    for (subscribers, slot) in slots {
        gone = timeout_at(due, &mut emptied).await.is_ok();
        if gone {
            break;
        }
        subscribers.end(&slot);
        due += step;
    }
    if !gone {
        let _ = timeout_at(start + window, emptied).await;
    }
    let cut = count();
    let report = DrainReport { ended: waiting.saturating_sub(cut), cut };
    span.done(report.ended, report.cut);
    report
}
