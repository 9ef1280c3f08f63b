//! Which topics there are, and what is remembered of those that are gone.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::handle::Owner;
use super::super::log::{Located, Mark, Origin, Place};
use super::super::sight::Counters;

#[derive(Default)]
pub(super) struct Registry {
    topics: HashMap<Box<str>, Arc<Owner>>,
    past: Past,
    /// What was counted in the topics that are gone, and of subscriptions for which there was no room.
    pub(super) counted: Counters,
    /// Topics that were found without use, the one that was used last in front.
    unused: Vec<(Instant, Box<str>)>,
    pub(super) draining: bool,
    /// How they are forgotten by the clock.
    pub(super) sweeper: Sweeper,
    /// When the next one may be due.
    next_look: Option<Instant>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sweeper {
    #[default]
    Off,
    On,
    /// The runtime has no clock.
    Failed,
}

impl Registry {
    pub(super) fn get(&self, name: &str) -> Option<Arc<Owner>> {
        self.topics.get(name).map(Arc::clone)
    }

    /// Makes room for one more. At the bound, the topic goes that was unused for longest. False if all are in use.
    pub(super) fn make_room(&mut self, bound: usize) -> bool {
        while self.topics.len() >= bound {
            if self.unused.is_empty() {
                self.unused = self.find_unused();
            }
            let Some((since, name)) = self.unused.pop() else { return false };
            let is_so_still = |owner: &Arc<Owner>| owner.unused_since() == Some(since);
            if self.topics.get(&name).is_some_and(is_so_still) {
                self.forget(&name);
            }
        }
        true
    }

    pub(super) fn insert(&mut self, name: &str, owner: Arc<Owner>) {
        if self.draining {
            owner.shared().subscribers.close();
        }
        self.topics.insert(name.into(), owner);
    }

    /// Where the log of this name begins.
    pub(super) fn begin(&self, name: &str) -> Origin {
        self.past.begin(name)
    }

    /// Whether the client of this topic was there when it was closed.
    pub(super) fn is_closed_for(&self, name: &str, located: &Located) -> bool {
        let Place::At(stand) = located.place else { return false };
        // Its ID names the one that was made since.
        let now = self.topics.get(name).map(|owner| owner.shared().read_log().id());
        let now = now.or_else(|| self.past.begin(name).log);
        if now.is_some_and(|now| located.elsewhere(now).is_some()) {
            return false;
        }
        self.past.closed(name).is_some_and(|closed| stand.number() <= closed)
    }

    /// Whether the one of this name that was forgotten was finished.
    pub(super) fn was_finished(&self, name: &str) -> bool {
        self.past.was_finished(name)
    }

    /// Takes a topic away, for good: the next one of its name has nothing to do with it. This number is followed by one without
    /// an event, at which the next one begins: whoever has that or a later one was not there.
    pub(super) fn close(&mut self, name: &str, newest: u64) -> Option<Arc<Owner>> {
        let owner = self.topics.remove(name);
        if let Some(owner) = &owner {
            self.counted += owner.shared().leave().0;
        }
        self.past.record(
            name,
            Gone {
                origin: Origin { mark: Mark { sequence: newest + 1, count: 0 }, ..Origin::default() },
                closed: Some(newest),
                finished: false,
            },
        );
        owner
    }

    /// Forgets what was unused for so long. Returns after which time the next one may be due.
    pub(super) fn sweep(&mut self, now: Instant, idle: Duration) -> Duration {
        let unused = self.find_unused();
        let mut next = idle;
        for (since, name) in unused {
            match idle.checked_sub(now.duration_since(since)).filter(|left| !left.is_zero()) {
                Some(left) => next = next.min(left),
                None => self.forget(&name),
            }
        }
        // Not for each of many by itself.
        let wait = next.max(idle / 1000).max(Duration::from_millis(1));
        self.next_look = now.checked_add(wait);
        wait
    }

    /// Forgets what was unused for so long, if one may be due.
    pub(super) fn sweep_if_due(&mut self, now: Instant, idle: Duration) {
        if self.next_look.is_none_or(|next| next <= now) {
            self.sweep(now, idle);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.topics.len()
    }

    pub(super) fn counters(&self) -> Counters {
        let mut sum = self.counted;
        self.topics.values().for_each(|owner| sum += owner.shared().counters());
        sum
    }

    /// All topics; those that are made later are drained from the beginning.
    pub(super) fn start_draining(&mut self) -> Vec<Arc<Owner>> {
        self.draining = true;
        self.topics.values().map(Arc::clone).collect()
    }

    /// The one that was unused for longest comes last.
    fn find_unused(&self) -> Vec<(Instant, Box<str>)> {
        let topics = self.topics.iter();
        let mut unused: Vec<_> =
            topics.filter_map(|(name, owner)| Some((owner.unused_since()?, name.clone()))).collect();
        unused.sort_unstable_by(|(left, _), (right, _)| right.cmp(left));
        unused
    }

    fn forget(&mut self, name: &str) {
        let Some(owner) = self.topics.remove(name) else { return };
        let (counters, origin) = owner.shared().leave();
        self.counted += counters;
        let finished = owner.shared().read_log().is_finished();
        if origin.mark.sequence > 0 || finished {
            self.past.record(name, Gone { origin, closed: None, finished });
        }
    }
}

/// What is remembered of topics that are gone, up to a number: of the others, only the highest sequence number.
#[derive(Default)]
struct Past {
    hasher: RandomState,
    topics: HashMap<u64, Gone>,
    /// The oldest first, with the number that each had when it was put there.
    order: VecDeque<(u64, u64)>,
    /// Any topic may have had events up to this.
    floor: u64,
}

#[derive(Clone, Copy)]
struct Gone {
    /// Where the next one of its name begins.
    origin: Origin,
    /// It was closed when this was the highest number in use.
    closed: Option<u64>,
    /// Nothing more will be published in it, unless it was closed.
    finished: bool,
}

/// So many topics that are gone are remembered, in about 10 MiB.
const REMEMBERED: usize = 1 << 16;

impl Past {
    fn record(&mut self, name: &str, gone: Gone) {
        let key = self.hasher.hash_one(name);
        let gone = Gone { closed: gone.closed.or(self.closed(name)), ..gone };
        if self.topics.insert(key, gone).is_none() {
            self.order.push_back((key, gone.origin.mark.sequence));
        }
        while self.topics.len() > REMEMBERED {
            let Some((oldest, since)) = self.order.pop_front() else { return };
            match self.topics.get(&oldest).map(|gone| gone.origin.mark.sequence) {
                // It was there again meanwhile.
                Some(newest) if newest > since => self.order.push_back((oldest, newest)),
                _ => {
                    self.topics.remove(&oldest);
                    self.floor = self.floor.max(since);
                }
            }
        }
    }

    fn begin(&self, name: &str) -> Origin {
        let known = self.topics.get(&self.hasher.hash_one(name));
        let unknown = || Origin { mark: Mark { sequence: self.floor, count: 0 }, ..Origin::default() };
        known.map_or_else(unknown, |gone| gone.origin)
    }

    fn closed(&self, name: &str) -> Option<u64> {
        self.topics.get(&self.hasher.hash_one(name))?.closed
    }

    fn was_finished(&self, name: &str) -> bool {
        self.topics.get(&self.hasher.hash_one(name)).is_some_and(|gone| gone.finished)
    }
}
