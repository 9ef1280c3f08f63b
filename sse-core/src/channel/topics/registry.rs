//! Which topics there are, and what is remembered of those that are gone.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::super::handle::Owner;
use super::super::log::{Located, LogId, Mark, Origin, Place, Sequencer, Stand, Turn};
use super::super::shared::Successor;
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

    /// Where a client stands in the topic of a name that was closed, if it was there before: in front of all that came since. Its
    /// ID is located, and hashed.
    pub(super) fn closed_for(&self, name: &str, (located, hash): (&Located, u64)) -> Option<Stand> {
        let closed = self.past.closed(name)?;
        match located.place {
            // Its ID names the one that was made since.
            Place::At(_) if located.elsewhere(closed.next).is_some() => None,
            Place::At(stand) => (stand.number() < closed.at).then(|| stand.moved_to(closed.at)),
            // What it had last may be forgotten.
            Place::Unknown => (closed.newest == Some(hash)).then_some(Stand::Behind(closed.at)),
            Place::New | Place::BegunBefore | Place::OtherEpoch => None,
        }
    }

    /// What tells those who had a topic of this name of the next one.
    pub(super) fn successor(&self, name: &str) -> Arc<Successor> {
        self.past.closed(name).map(|closed| Arc::clone(&closed.successor)).unwrap_or_default()
    }

    /// Whether the one of this name that was forgotten was finished.
    pub(super) fn was_finished(&self, name: &str) -> bool {
        self.past.was_finished(name)
    }

    pub(super) fn owners(&self) -> impl Iterator<Item = &Arc<Owner>> {
        self.topics.values()
    }

    /// Takes a topic away that was closed in the store, at this position.
    pub(super) fn close_stored(&mut self, name: &str, at: u64, turn: &mut Turn<'_>) {
        let owner = self.topics.remove(name);
        if let Some(owner) = &owner {
            owner.shared().take_close(turn);
            self.counted += owner.shared().leave().0;
        }
        let topic = owner.as_ref().and_then(|owner| owner.shared().topic.as_ref());
        let known = topic.map(|topic| &topic.successor);
        let known = known.or_else(|| self.past.closed(name).map(|closed| &closed.successor)).map(Arc::clone);
        // Who comes back learns of it from the store.
        let Some(successor) = known else { return };
        let next = LogId::of_stored(name, at);
        successor.set(next, at);
        let closed = Closed { at, next, newest: None, successor };
        let origin = Origin { mark: Mark { sequence: at, count: 0 }, log: Some(next), ..Origin::default() };
        self.past.record(name, Gone { origin, closed: Some(closed), finished: false });
    }

    /// Takes a topic away, for good: the next one of its name has nothing to do with it, and begins at a number without an event.
    /// Whoever has that or a later one was not there, or has an ID that names the log of the next one.
    pub(super) fn close(&mut self, name: &str, sequencer: &Sequencer) -> Option<Arc<Owner>> {
        let owner = self.topics.remove(name);
        let mut newest = self.past.begin(name).own;
        if let Some(owner) = &owner {
            let (counters, origin) = owner.shared().leave();
            self.counted += counters;
            newest = origin.own;
        }
        let mut turn = sequencer.turn();
        let (next, at) = (turn.ids().log(), turn.last() + 1);
        // Before that number can be seen.
        let topic = owner.as_ref().and_then(|owner| owner.shared().topic.as_ref());
        let successor = topic.map_or_else(|| self.successor(name), |topic| Arc::clone(&topic.successor));
        successor.set(next, at);
        turn.skip();
        drop(turn);
        let closed = Closed { at, next, newest, successor };
        let origin = Origin { mark: Mark { sequence: at, count: 0 }, log: Some(next), ..Origin::default() };
        self.past.record(name, Gone { origin, closed: Some(closed), finished: false });
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
        if owner.shared().backing.is_some() {
            // The store remembers it.
            return;
        }
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

#[derive(Clone)]
struct Gone {
    /// Where the next one of its name begins.
    origin: Origin,
    closed: Option<Closed>,
    /// Nothing more will be published in it, unless it was closed.
    finished: bool,
}

/// How a topic was closed.
#[derive(Clone)]
struct Closed {
    /// At this number, of no event, the next one of its name begins.
    at: u64,
    /// The log of that.
    next: LogId,
    /// The own ID of its newest event, hashed.
    newest: Option<u64>,
    successor: Arc<Successor>,
}

/// So many topics that are gone are remembered, in about 16 MiB.
const REMEMBERED: usize = 1 << 16;

impl Past {
    fn record(&mut self, name: &str, gone: Gone) {
        let key = self.hasher.hash_one(name);
        let newest = gone.origin.mark.sequence;
        let gone = Gone { closed: gone.closed.or_else(|| self.closed(name).cloned()), ..gone };
        if self.topics.insert(key, gone).is_none() {
            self.order.push_back((key, newest));
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

    fn closed(&self, name: &str) -> Option<&Closed> {
        self.topics.get(&self.hasher.hash_one(name))?.closed.as_ref()
    }

    fn was_finished(&self, name: &str) -> bool {
        self.topics.get(&self.hasher.hash_one(name)).is_some_and(|gone| gone.finished)
    }
}
