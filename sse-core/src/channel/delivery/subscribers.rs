//! Who is to be woken.

use std::sync::{Arc, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use super::super::sight::Tally;
use super::super::sync::{AtomicBool, Mutex, MutexGuard, Notify, Ordering, announce, fence};
use super::blocks::{Blocks, Flags, Hold};
use super::limit::{Seat, SubscriberLimit};
use super::slot::{Key, Slot};

/// The subscribers of a channel: a slot each, and a waker.
pub(crate) struct Subscribers {
    /// The most there can be.
    bound: usize,
    members: Mutex<Members>,
    /// None may join any more. Some are told to end, or will be: before that, nobody looks into its slot for it.
    draining: AtomicBool,
    /// Told when the last one leaves.
    emptied: Notify,
}

#[derive(Default)]
struct Members {
    blocks: Blocks,
    /// What those that have left had counted.
    left: Tally,
}

/// One subscriber's place among the others.
///
/// In the order of its fields: what each event needs comes first.
#[repr(C)]
pub(crate) struct Membership {
    pub(crate) slot: Arc<Slot>,
    waits: Arc<Flags>,
    key: Key,
    /// What is woken: that of the task which polled it last.
    waker: Option<Waker>,
    _seat: Option<Seat>,
}

/// All that wait are woken in turn. If a waker panics, the rest are woken still.
struct Waking<'a> {
    subscribers: &'a Subscribers,
    /// The block at hand.
    hold: Option<Hold>,
    /// How many of it were seen.
    seen: usize,
    /// The number of the next one.
    next: u32,
}

impl Waking<'_> {
    fn run(&mut self) {
        loop {
            if let Some(hold) = &self.hold {
                hold.wake_from(&mut self.seen);
            }
            self.hold = self.subscribers.hold(self.next, self.hold.take());
            if self.hold.is_none() {
                return;
            }
            (self.next, self.seen) = (self.next + 1, 0);
        }
    }
}

impl Drop for Waking<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.run();
        }
    }
}

impl Subscribers {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, members: Mutex::default(), draining: AtomicBool::new(false), emptied: Notify::new() }
    }

    /// Adds one that counts as being at this place until it says where it reads.
    ///
    /// # Errors
    ///
    /// The reconnection time to send it away with: the channel drains, or it is full, or the limit is reached.
    pub(crate) fn join(&self, place: u64, limit: Option<&SubscriberLimit>) -> Result<Membership, Duration> {
        let mut members = self.lock();
        if self.draining.load(Ordering::Relaxed) {
            return Err(reconnection_time());
        }
        if members.blocks.len() >= self.bound {
            return Err(long_reconnection_time());
        }
        let seat = limit.map(|limit| limit.take().ok_or_else(long_reconnection_time)).transpose()?;
        let slot = Arc::new(Slot::default());
        slot.reads(place);
        let (key, waits) = members.blocks.insert(Arc::clone(&slot), None);
        Ok(Membership { slot, waits, key, waker: None, _seat: seat })
    }

    pub(crate) fn leave(&self, membership: &Membership) {
        let mut members = self.lock();
        members.left.add(&membership.slot.tally);
        let _leftovers = members.blocks.remove(membership.key);
        let is_last = members.blocks.len() == 0;
        drop(members);
        if is_last {
            self.emptied.notify_waiters();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().blocks.len()
    }

    /// How many there are, and the place of the slowest; and what these and those before them have counted.
    pub(crate) fn count(&self) -> (usize, Option<u64>, Tally) {
        let members = self.lock();
        let slots = || members.blocks.slots();
        let slowest = slots().map(|slot| slot.place()).min();
        let all = Tally::default();
        all.add(&members.left);
        slots().for_each(|slot| all.add(&slot.tally));
        (members.blocks.len(), slowest, all)
    }

    /// Has one woken by the next event, or by its end. Look again afterwards: either may have come before.
    #[inline]
    pub(crate) fn register(&self, membership: &mut Membership, context: &Context<'_>) {
        let waker = context.waker();
        if !membership.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            self.set_waker(membership, waker);
        }
        announce(&membership.waits[membership.key.index()]);
    }

    /// Another task polls it.
    ///
    /// If it gets another place, whoever wakes may have been there before. Then that did not see it; but it sees what it is woken
    /// for, since it comes behind.
    #[cold]
    fn set_waker(&self, membership: &mut Membership, waker: &Waker) {
        let given = waker.clone();
        let (moved, _leftovers) = self.lock().blocks.set_waker(membership.key, given);
        if let Some(place) = moved {
            (membership.key, membership.waits) = place;
        }
        membership.waker = Some(waker.clone());
    }

    /// Wakes all that wait. Allocates nothing.
    pub(crate) fn wake(&self) {
        // Behind what there is to read now: one that is about to wait sees that, or is seen to wait.
        fence(Ordering::SeqCst);
        Waking { subscribers: self, hold: None, seen: 0, next: 0 }.run();
    }

    /// The block of this number, if there is one, in place of another.
    fn hold(&self, block: u32, before: Option<Hold>) -> Option<Hold> {
        let mut members = self.lock();
        let leftovers = before.map(|before| members.blocks.release(before));
        let hold = members.blocks.hold(block);
        drop(members);
        drop(leftovers);
        hold
    }

    /// Ends all at once, for a channel to which nobody can publish any more.
    pub(crate) fn close(&self) {
        for slot in self.start_draining() {
            slot.set_end(reconnection_time());
        }
        // All are told by now, even if a waker panics.
        self.wake();
    }

    /// Lets none begin any more, and lists those to be ended.
    pub(crate) fn start_draining(&self) -> Vec<Arc<Slot>> {
        let members = self.lock();
        self.draining.store(true, Ordering::SeqCst);
        members.blocks.slots().map(Arc::clone).collect()
    }

    /// Tells one to end.
    pub(crate) fn end(&self, slot: &Slot) {
        slot.set_end(reconnection_time());
        // If it has none yet, it sees its end when it has. One that was told before is woken again.
        let waker = self.lock().blocks.waker(slot);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The reconnection time with which one is to end, if it is.
    #[inline]
    pub(crate) fn ending(&self, membership: &Membership) -> Option<Duration> {
        // In the one order of all: see `announce`.
        if self.draining.load(Ordering::SeqCst) { membership.slot.ending() } else { None }
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

/// 30 to 60 seconds: there is no place before another client leaves.
pub(crate) fn long_reconnection_time() -> Duration {
    Duration::from_millis(fastrand::u64(30_000..=60_000))
}

/// 1 to 5 seconds, so that clients do not come back together.
fn reconnection_time() -> Duration {
    Duration::from_millis(fastrand::u64(1000..=5000))
}
