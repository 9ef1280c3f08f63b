//! What is held of one subscriber.

use std::time::Duration;

use super::super::sight::Tally;
use super::super::sync::{AtomicU32, Count, Guarded, Ordering};

/// What a channel holds of one subscriber, beside its waker.
///
/// In the order of its fields: what each event needs comes first.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Slot {
    /// The place that it reads next, for those who count.
    reads: Count,
    pub(crate) tally: Tally,
    /// The reconnection time with which to end, in ms; 0 to go on.
    end: AtomicU32,
    /// Where it is among the others.
    key: Guarded,
}

/// Which place it is: the number of the block, and behind that in eight bits its place in there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Key(pub(super) u32);

impl Slot {
    pub(super) fn set_key(&self, Key(key): Key) {
        self.key.store(key, Ordering::Relaxed);
    }

    pub(super) fn key(&self) -> Key {
        Key(self.key.load(Ordering::Relaxed))
    }

    /// Takes note of the place that it reads next.
    #[inline]
    pub(crate) fn reads(&self, place: u64) {
        self.reads.store(place, Ordering::Relaxed);
    }

    pub(super) fn place(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    #[cold]
    pub(super) fn ending(&self) -> Option<Duration> {
        match self.end.load(Ordering::SeqCst) {
            0 => None,
            ms => Some(Duration::from_millis(ms.into())),
        }
    }

    /// It is to end with this reconnection time. One that was told before keeps its time.
    pub(super) fn set_end(&self, reconnection_time: Duration) {
        let ms = reconnection_time.as_millis() as u32;
        let _ = self.end.compare_exchange(0, ms, Ordering::AcqRel, Ordering::Acquire);
    }
}
