//! What the handles and the readers of a channel share.

use std::sync::{Arc, PoisonError};

use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};

use super::delivery::{Admission, Linger, SubscriberLimit, Subscribers};
use super::error::PublishError;
use super::log::{Epoch, Log, Sequencer};
use super::reset::EncodeReset;
use super::sight::{Counters, Counts, trace};
use super::start::Slow;
use super::sync::{AtomicU64, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::encode::Unsequenced;
use crate::field::EventId;

/// What a channel is, whatever the type of its events.
pub(super) struct Shared {
    pub(super) log: RwLock<Log>,
    /// The place behind the newest entry: what a caught-up reader compares without the lock.
    pub(super) end: AtomicU64,
    pub(super) sequencer: Arc<Sequencer>,
    pub(super) epoch: Epoch,
    pub(super) slow: Slow,
    pub(super) encode_reset: Arc<EncodeReset>,
    pub(super) subscribers: Subscribers,
    pub(super) limit: Option<SubscriberLimit>,
    pub(super) linger: Linger,
    pub(super) admission: Arc<Admission>,
    pub(super) counts: Counts,
    pub(super) name: Arc<str>,
}

/// A wake-up on its way. It comes early if its runtime stops: the subscribers may live in another.
struct WakeUp(Arc<Shared>);

impl Shared {
    pub(super) fn append(self: &Arc<Self>, event: Unsequenced) -> Result<EventId, PublishError> {
        let now = Instant::now();
        let published = trace::publish(&self.name, &event);
        let id = {
            let turn = self.sequencer.turn();
            let mut log = self.log();
            let sequence = turn.last() + u64::from(!event.is_ephemeral());
            let id = log.append(event, sequence, now)?;
            // Behind this, a reader that sees the new end finds the entry.
            self.end.store(log.end(), Ordering::Release);
            turn.used(sequence);
            id
        };
        published.as_id(&id);
        self.wake();
        Ok(id)
    }

    pub(super) fn counters(&self) -> Counters {
        let volume = self.read_log().volume();
        let end = self.end.load(Ordering::Acquire);
        let (subscribers, slowest) = self.subscribers.count();
        let lag = slowest.map_or(0, |place| end.saturating_sub(place));
        Counters {
            subscribers: subscribers as u64,
            lag,
            retained: volume.retained,
            retained_bytes: volume.retained_bytes,
            published: volume.published,
            published_bytes: volume.published_bytes,
            trimmed: volume.published - volume.retained,
            ..self.counts.read()
        }
    }

    pub(super) fn log(&self) -> RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read_log(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the subscribers, at once or together with what is published meanwhile.
    fn wake(self: &Arc<Self>) {
        let runtime = if self.linger.duration().is_zero() { None } else { Handle::try_current().ok() };
        // Without a clock there is nothing to wait for.
        let Some(runtime) = runtime else { return self.subscribers.wake() };
        // Made here: where time is not enabled, the publisher learns of it, and no wake-up is lost in a task.
        let lingering = sleep(self.linger.duration());
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
        self.0.linger.ends();
        self.0.subscribers.wake();
    }
}
