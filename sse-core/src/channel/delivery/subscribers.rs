//! Who is to be woken.

use std::sync::{Arc, OnceLock, PoisonError};
use std::task::{Context, Waker};
use std::time::Duration;

use super::super::sight::Tally;
use super::super::sync::{
    AtomicBool, AtomicU32, AtomicWaker, Count, Mutex, MutexGuard, Notify, Ordering, announce, fence,
};
use super::limit::{Seat, SubscriberLimit};

/// The subscribers of a channel: a slot each.
pub(crate) struct Subscribers {
    /// The most there can be.
    bound: usize,
    members: Mutex<Members>,
    /// Told when the last one leaves.
    emptied: Notify,
}

#[derive(Default)]
struct Members {
    /// Whoever wakes holds one of these at a time, and no lock: a waker may run anything. What changes meanwhile is a copy.
    blocks: Vec<Arc<Block>>,
    /// The keys of those that have left.
    free: Vec<usize>,
    len: usize,
    draining: bool,
    /// What those that have left had counted.
    left: Tally,
}

/// Up to [`BLOCK`] slots.
type Block = Vec<Option<Arc<Slot>>>;

/// The model checker sees two blocks where there are two subscribers.
const BLOCK: usize = if cfg!(typed_sse_loom) { 1 } else { 64 };

/// What a channel holds of one subscriber.
///
/// In the order of its fields: what each event needs comes first, side by side, in no more bytes than a line of the cache.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Slot {
    /// The subscriber waits, to be woken by its first waker.
    waits: AtomicBool,
    /// Another task has polled it: from then on, it is woken by the waker of the last poll.
    moved: AtomicBool,
    /// The reconnection time with which to end, in ms; 0 to go on.
    end: AtomicU32,
    /// The waker of the task which polled it first, as a rule the only one.
    first: OnceLock<Waker>,
    /// The place that it reads next, for those who count.
    reads: Count,
    pub(crate) tally: Tally,
    last: AtomicWaker,
}

/// One subscriber's place among the others.
pub(crate) struct Membership {
    key: usize,
    pub(crate) slot: Arc<Slot>,
    _seat: Option<Seat>,
}

/// All that wait are woken in turn. If a waker panics, the rest are woken still.
struct Waking<'a> {
    subscribers: &'a Subscribers,
    /// The number of the block, and how many of its slots were seen.
    block: usize,
    seen: usize,
}

impl Waking<'_> {
    fn run(&mut self) {
        while let Some(block) = self.subscribers.block(self.block) {
            while let Some(slot) = block.get(self.seen) {
                self.seen += 1;
                if let Some(slot) = slot {
                    slot.wake();
                }
            }
            (self.block, self.seen) = (self.block + 1, 0);
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

impl Members {
    fn insert(&mut self, slot: Arc<Slot>) -> usize {
        self.len += 1;
        if let Some(key) = self.free.pop() {
            if let Some(place) = self.place(key) {
                *place = Some(slot);
                return key;
            }
        }
        match self.blocks.last_mut().filter(|last| last.len() < BLOCK) {
            Some(last) => Arc::make_mut(last).push(Some(slot)),
            None => self.blocks.push(Arc::new(vec![Some(slot)])),
        }
        (self.blocks.len() - 1) * BLOCK + self.blocks.last().map_or(0, |last| last.len() - 1)
    }

    fn remove(&mut self, key: usize) {
        let Some(slot) = self.place(key).and_then(Option::take) else { return };
        self.left.add(&slot.tally);
        self.len -= 1;
        self.free.push(key);
        if self.len == 0 {
            // What one rush of clients has grown is given back once they are gone.
            (self.blocks, self.free) = (Vec::new(), Vec::new());
        }
    }

    fn place(&mut self, key: usize) -> Option<&mut Option<Arc<Slot>>> {
        let block = key / BLOCK;
        Arc::make_mut(self.blocks.get_mut(block)?).get_mut(key - block * BLOCK)
    }

    fn slots(&self) -> impl Iterator<Item = &Arc<Slot>> {
        self.blocks.iter().flat_map(|block| block.iter().flatten())
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
        if members.len >= self.bound {
            return Err(long_reconnection_time());
        }
        let seat = limit.map(|limit| limit.take().ok_or_else(long_reconnection_time)).transpose()?;
        let slot = Arc::new(Slot::default());
        slot.reads(place);
        Ok(Membership { key: members.insert(Arc::clone(&slot)), slot, _seat: seat })
    }

    pub(crate) fn leave(&self, membership: &Membership) {
        let mut members = self.lock();
        members.remove(membership.key);
        if members.len == 0 {
            drop(members);
            self.emptied.notify_waiters();
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len
    }

    /// How many there are, and the place of the slowest; and what these and those before them have counted.
    pub(crate) fn count(&self) -> (usize, Option<u64>, Tally) {
        let members = self.lock();
        let slowest = members.slots().map(|slot| slot.reads.load(Ordering::Relaxed)).min();
        let all = Tally::default();
        all.add(&members.left);
        members.slots().for_each(|slot| all.add(&slot.tally));
        (members.len, slowest, all)
    }

    /// Wakes all that wait. Allocates nothing.
    pub(crate) fn wake(&self) {
        // Behind what there is to read now: one that is about to wait sees that, or is seen to wait.
        fence(Ordering::SeqCst);
        Waking { subscribers: self, block: 0, seen: 0 }.run();
    }

    fn block(&self, number: usize) -> Option<Arc<Block>> {
        self.lock().blocks.get(number).cloned()
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
        members.slots().map(Arc::clone).collect()
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
        let waker = context.waker();
        let first = self.first.get_or_init(|| waker.clone());
        if first.will_wake(waker) && !self.moved.load(Ordering::Relaxed) {
            announce(&self.waits);
        } else {
            self.last.register(waker);
            announce(&self.moved);
        }
    }

    fn wake(&self) {
        if self.waits.load(Ordering::Acquire) {
            // Before it is woken: it waits again only then.
            self.waits.store(false, Ordering::Relaxed);
            if let Some(first) = self.first.get() {
                first.wake_by_ref();
            }
        }
        if self.moved.load(Ordering::Acquire) {
            self.last.wake();
        }
    }

    /// Takes note of the place that it reads next.
    pub(crate) fn reads(&self, place: u64) {
        self.reads.store(place, Ordering::Relaxed);
    }

    /// The reconnection time with which the subscriber is to end, if it is.
    pub(crate) fn ending(&self) -> Option<Duration> {
        // In the one order of all: see `announce`.
        match self.end.load(Ordering::SeqCst) {
            0 => None,
            ms => Some(Duration::from_millis(ms.into())),
        }
    }

    /// Tells the subscriber to end.
    pub(crate) fn end(&self) {
        self.set_end();
        // One that was told before is woken again.
        fence(Ordering::SeqCst);
        self.wake();
    }

    /// One that was told before keeps its time.
    fn set_end(&self) {
        let ms = reconnection_time().as_millis() as u32;
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
