//! Who is to be woken.

use std::sync::{Arc, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use slab::Slab;

use super::super::sync::{AtomicU64, AtomicWaker, Count, Mutex, MutexGuard, Notify, Ordering};
use super::limit::{Seat, SubscriberLimit};

/// The subscribers of a channel: a waker slot each.
pub(crate) struct Subscribers {
    /// The most there can be.
    bound: usize,
    members: Mutex<Members>,
    /// Told when the last one leaves.
    emptied: Notify,
}

#[derive(Default)]
struct Members {
    slots: Slab<Arc<Slot>>,
    draining: bool,
}

/// What a channel holds of one subscriber.
#[derive(Default)]
pub(crate) struct Slot {
    waker: AtomicWaker,
    /// The reconnection time with which to end, in ms; 0 to go on.
    end: AtomicU64,
    /// The place that it reads next, for those who count.
    reads: Count,
}

/// One subscriber's place among the others.
pub(crate) struct Membership {
    key: usize,
    pub(crate) slot: Arc<Slot>,
    _seat: Option<Seat>,
}

/// So many wakers are taken under the lock before they are called without it: a waker may run anything.
///
/// The model checker sees two batches where there are two wakers.
const BATCH: usize = if cfg!(typed_sse_loom) { 1 } else { 64 };

/// Wakers on their way. If one panics, the rest are still woken.
struct Batch {
    wakers: [Option<Waker>; BATCH],
    taken: usize,
}

impl Batch {
    fn wake(&mut self) {
        while let Some(last) = self.taken.checked_sub(1) {
            self.taken = last;
            if let Some(waker) = self.wakers[last].take() {
                waker.wake();
            }
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.wake();
    }
}

impl Subscribers {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, members: Mutex::default(), emptied: Notify::new() }
    }

    /// Adds one that counts as being at this place until it says where it reads.
    ///
    /// # Errors
    ///
    /// The reconnection time to send it away with: the channel drains, or it is full, or the limit is reached.
    pub(crate) fn join(&self, place: u64, limit: Option<&SubscriberLimit>) -> Result<Membership, Duration> {
        let mut members = self.lock();
        if members.draining {
            return Err(reconnection_time());
        }
        if members.slots.len() >= self.bound {
            return Err(long_reconnection_time());
        }
        let seat = limit.map(|limit| limit.take().ok_or_else(long_reconnection_time)).transpose()?;
        let slot = Arc::new(Slot::default());
        slot.reads(place);
        Ok(Membership { key: members.slots.insert(Arc::clone(&slot)), slot, _seat: seat })
    }

    pub(crate) fn leave(&self, membership: &Membership) {
        let mut members = self.lock();
        members.slots.try_remove(membership.key);
        if members.slots.is_empty() {
            // What one rush of clients has grown is given back once they are gone.
            members.slots.shrink_to_fit();
            drop(members);
            self.emptied.notify_waiters();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().slots.len()
    }

    /// How many there are, and the place of the slowest.
    pub(crate) fn count(&self) -> (usize, Option<u64>) {
        let members = self.lock();
        let slowest = members.slots.iter().map(|(_, slot)| slot.reads.load(Ordering::Relaxed)).min();
        (members.slots.len(), slowest)
    }

    /// Wakes all that wait. Allocates nothing.
    pub(crate) fn wake(&self) {
        let mut next = 0;
        while let Some(end) = self.wake_batch(next) {
            next = end;
        }
    }

    fn wake_batch(&self, from: usize) -> Option<usize> {
        let mut batch = Batch { wakers: [const { None }; BATCH], taken: 0 };
        let mut next = from;
        {
            let members = self.lock();
            // Keys are below the capacity, and stay with their slots.
            let end = members.slots.capacity();
            while next < end && batch.taken < BATCH {
                if let Some(waker) = members.slots.get(next).and_then(|slot| slot.waker.take()) {
                    batch.wakers[batch.taken] = Some(waker);
                    batch.taken += 1;
                }
                next += 1;
            }
            if next >= end && batch.taken == 0 {
                return None;
            }
        }
        batch.wake();
        Some(next)
    }

    /// Ends all at once, for a channel to which nobody can publish any more.
    pub(crate) fn close(&self) {
        for slot in self.start_draining() {
            slot.set_end();
        }
        // All are told by now, even if a waker panics.
        self.wake();
    }

    /// Lets none begin any more, and lists those to be ended.
    pub(crate) fn start_draining(&self) -> Vec<Arc<Slot>> {
        let mut members = self.lock();
        members.draining = true;
        members.slots.iter().map(|(_, slot)| Arc::clone(slot)).collect()
    }

    /// Waits until none is left.
    pub(crate) async fn emptied(&self) {
        loop {
            let emptied = self.emptied.notified();
            tokio::pin!(emptied);
            emptied.as_mut().enable();
            if self.len() == 0 {
                return;
            }
            emptied.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Has the subscriber woken by the next event, or by its end. Look again afterwards: either may have come before.
    pub(crate) fn register(&self, context: &Context<'_>) {
        self.waker.register(context.waker());
    }

    /// Takes note of the place that it reads next.
    pub(crate) fn reads(&self, place: u64) {
        self.reads.store(place, Ordering::Relaxed);
    }

    /// The reconnection time with which the subscriber is to end, if it is.
    pub(crate) fn ending(&self) -> Option<Duration> {
        match self.end.load(Ordering::Acquire) {
            0 => None,
            ms => Some(Duration::from_millis(ms)),
        }
    }

    /// Tells the subscriber to end.
    pub(crate) fn end(&self) {
        self.set_end();
        // One that was told before is woken again.
        self.waker.wake();
    }

    /// One that was told before keeps its time.
    fn set_end(&self) {
        let ms = reconnection_time().as_millis() as u64;
        let _ = self.end.compare_exchange(0, ms, Ordering::AcqRel, Ordering::Acquire);
    }
}

/// 30 to 60 seconds: there is no place before another client leaves.
pub(crate) fn long_reconnection_time() -> Duration {
    Duration::from_millis(fastrand::u64(30_000..=60_000))
}

/// 1 to 5 seconds, so that clients do not come back together.
fn reconnection_time() -> Duration {
    Duration::from_millis(fastrand::u64(1000..=5000))
}
