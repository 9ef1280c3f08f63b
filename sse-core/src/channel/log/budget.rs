//! How much several logs hold together.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::Instant;

/// A bound on the bytes of several logs. Past it, the oldest event of all of them goes first.
pub(crate) struct Budget {
    bound: usize,
    held: AtomicUsize,
    /// Each log that holds something, by what was its oldest event when it was last looked at.
    tenants: Mutex<BinaryHeap<Entry>>,
    /// About how many of those are gone.
    gone: AtomicUsize,
}

/// So many logs are gone before they are looked for.
const MAX_GONE: usize = 64;

/// A log under a [`Budget`].
pub(crate) trait Tenant: Send + Sync {
    /// The number of what would go next, if there is anything.
    fn oldest(&self) -> Option<u64>;

    /// Lets it go. Returns its bytes.
    fn make_room(&self) -> usize;

    /// Whether it stands among the others.
    fn is_listed(&self) -> &AtomicBool;
}

struct Entry {
    oldest: u64,
    tenant: Weak<dyn Tenant>,
}

/// When something was used last, by the clock that tests can pause.
pub(crate) struct LastUsed {
    since: Instant,
    nanos: AtomicU64,
}

impl Budget {
    pub(crate) fn new(bound: usize) -> Self {
        Self { bound, held: AtomicUsize::new(0), tenants: Mutex::default(), gone: AtomicUsize::new(0) }
    }

    /// Takes note that a log holds so many bytes now, of which it held some before; makes room where that is too much.
    pub(crate) fn weigh<T: Tenant + 'static>(&self, before: usize, now: usize, tenant: &Arc<T>) {
        if now >= before {
            self.held.fetch_add(now - before, Relaxed);
        } else {
            self.held.fetch_sub(before - now, Relaxed);
        }
        if now > 0 && !tenant.is_listed().load(Relaxed) && !tenant.is_listed().swap(true, Relaxed) {
            let this: Weak<T> = Arc::downgrade(tenant);
            // It is looked at before it is trusted, so the lowest number does.
            self.tenants().push(Entry { oldest: 0, tenant: this });
        }
        while self.is_over() && self.make_room() {}
    }

    /// A log is gone that held so many bytes. What stands for it takes memory until it is found to be gone.
    pub(crate) fn leave(&self, held: usize) {
        self.held.fetch_sub(held, Relaxed);
        let gone = self.gone.fetch_add(1, Relaxed) + 1;
        if gone < MAX_GONE {
            return;
        }
        let mut tenants = self.tenants();
        if gone >= tenants.len() / 2 {
            self.gone.store(0, Relaxed);
            tenants.retain(|entry| entry.tenant.strong_count() > 0);
            tenants.shrink_to_fit();
        }
    }

    /// What another log has made room of may not have been weighed yet: then it is less than nothing for a moment.
    fn is_over(&self) -> bool {
        let held = self.held.load(Relaxed);
        held > self.bound && held <= usize::MAX / 2
    }

    /// Looks at the log that may have the oldest event. False if there is none.
    fn make_room(&self) -> bool {
        let Some(Entry { oldest: known, tenant }) = self.tenants().pop() else { return false };
        let Some(log) = tenant.upgrade() else { return true };
        if log.oldest() == Some(known) {
            self.held.fetch_sub(log.make_room(), Relaxed);
        }
        match log.oldest() {
            Some(oldest) => self.tenants().push(Entry { oldest, tenant }),
            // It comes again with its next event.
            None => log.is_listed().store(false, Relaxed),
        }
        true
    }

    fn tenants(&self) -> MutexGuard<'_, BinaryHeap<Entry>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LastUsed {
    pub(crate) fn new(now: Instant) -> Self {
        Self { since: now, nanos: AtomicU64::new(0) }
    }

    pub(crate) fn set(&self, now: Instant) {
        let nanos = now.duration_since(self.since).as_nanos();
        self.nanos.fetch_max(u64::try_from(nanos).unwrap_or(u64::MAX), Relaxed);
    }

    pub(crate) fn get(&self) -> Instant {
        self.since + Duration::from_nanos(self.nanos.load(Relaxed))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.oldest == other.oldest
    }
}

impl Eq for Entry {}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The lowest number is the greatest: it comes first.
impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        other.oldest.cmp(&self.oldest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log with so many bytes, and how often it has made room.
    #[derive(Default)]
    struct Log(AtomicBool, usize, AtomicUsize);

    impl Tenant for Log {
        fn oldest(&self) -> Option<u64> {
            Some(1)
        }

        fn make_room(&self) -> usize {
            self.2.fetch_add(1, Relaxed);
            self.1
        }

        fn is_listed(&self) -> &AtomicBool {
            &self.0
        }
    }

    /// An event that is in its log, and whose publisher has not weighed it yet.
    #[test]
    fn what_was_not_weighed_yet_empties_no_other_log() {
        let budget = Budget::new(10);
        let log = Arc::new(Log(AtomicBool::default(), 100, AtomicUsize::default()));
        budget.weigh(0, 20, &log);
        assert_eq!(log.2.load(Relaxed), 1);
        budget.weigh(20, 100, &log);
        assert_eq!((log.2.load(Relaxed), budget.held.load(Relaxed)), (1, 0));
    }

    #[test]
    fn nothing_is_held_of_logs_that_are_gone() {
        let budget = Budget::new(1000);
        let stays: Vec<_> = (0..100).map(|_| Arc::new(Log::default())).collect();
        stays.iter().for_each(|log| budget.weigh(0, 1, log));
        for _ in 0..10_000 {
            let log = Arc::new(Log::default());
            budget.weigh(0, 10, &log);
            drop(log);
            budget.leave(10);
        }
        assert_eq!(budget.held.load(Relaxed), 100);
        assert!((100..400).contains(&budget.tenants().len()));
    }
}
