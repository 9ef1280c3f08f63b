//! What there was to be received.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::time::Instant;

use super::journal::{Epochs, Journal, Mark, Place, Step};
use crate::event::{Name, Scene};

/// What was published, as far as anybody knows.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) epochs: Epochs,
    /// By epoch, then by position.
    lives: Vec<BTreeMap<u64, Name>>,
    places: HashMap<Name, Place>,
    /// What publishers were told is stored.
    acknowledged: Vec<Name>,
    /// What they left to be stored later on, and when. Of those that were killed, it may be anywhere.
    put: HashMap<Name, Instant>,
    /// What they were told is not stored.
    refused: HashSet<Name>,
    /// Up to where the log was trimmed, and since when that may have been so.
    trims: Vec<(Instant, u64)>,
    /// What was trimmed out of the midst, by position.
    gone: HashMap<u64, Gone>,
    losses: Vec<Loss>,
    /// What contradicts itself.
    pub(crate) contradictions: Vec<String>,
}

/// When an event was trimmed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gone {
    /// Not before this,
    pub(crate) since: Instant,
    /// and not later than this.
    pub(crate) by: Instant,
}

/// The log came back without its end.
#[derive(Debug)]
pub(crate) struct Loss {
    /// What it still had, from the first to the last.
    pub(crate) kept: HashSet<u64>,
    pub(crate) first: u64,
    /// What came later lies behind this position.
    pub(crate) until: u64,
    /// What was put in this time may be lost as well.
    pub(crate) time: RangeInclusive<Instant>,
}

impl Truth {
    /// The log had this event there.
    pub(crate) fn saw(&mut self, at: Place, name: Name) {
        let epoch = usize::from(at.epoch);
        if self.lives.len() <= epoch {
            self.lives.resize_with(epoch + 1, BTreeMap::new);
        }
        let there = *self.lives[epoch].entry(at.position).or_insert(name);
        if there != name {
            self.contradictions.push(format!("{at:?} is both {there:?} and {name:?}"));
        }
        let first = *self.places.entry(name).or_insert(at);
        if first.position != at.position {
            self.contradictions.push(format!("{name:?} was stored twice: at {first:?} and at {at:?}"));
        }
    }

    /// What a client received was there. Of several topics, an ID is the place of the client, and not that of the event.
    pub(crate) fn take_in(&mut self, scene: Scene, journal: &Journal) {
        for step in journal.steps.iter().filter(|_| scene != Scene::Topics) {
            if let Step::Event { at: Some(Mark::At(at)), name } = step {
                self.saw(*at, *name);
            }
        }
    }

    /// A publisher was told that its event is stored.
    pub(crate) fn acknowledged(&mut self, at: Place, name: Name) {
        self.saw(at, name);
        self.is_stored(name);
    }

    /// A publisher was told that its event is stored, but not where.
    pub(crate) fn is_stored(&mut self, name: Name) {
        self.acknowledged.push(name);
    }

    /// A publisher has left an event to be stored later on.
    pub(crate) fn put(&mut self, name: Name) {
        self.put.insert(name, Instant::now());
    }

    /// A publisher was killed: what it was about to store is gone.
    pub(crate) fn killed(&mut self, origin: u32) {
        self.put.retain(|name, _| name.origin != origin);
    }

    /// A publisher was told that its event is not stored.
    pub(crate) fn refused(&mut self, name: Name) {
        self.refused.insert(name);
    }

    /// The log has nothing up to this position, and that may be so since then.
    pub(crate) fn trimmed(&mut self, since: Instant, position: u64) {
        self.trims.push((since, position));
    }

    /// The log has nothing at these positions any more.
    pub(crate) fn gone(&mut self, positions: impl IntoIterator<Item = u64>, when: Gone) {
        for position in positions {
            self.gone.entry(position).or_insert(when);
        }
    }

    pub(crate) fn lost(&mut self, loss: Loss) {
        self.losses.push(loss);
    }

    /// The events of a life between two positions.
    pub(crate) fn between(&self, epoch: u16, after: u64, before: u64) -> impl Iterator<Item = (u64, Name)> {
        let life = self.lives.get(usize::from(epoch));
        let range = (after.saturating_add(1) < before).then(|| after + 1..before);
        let events = life.zip(range).into_iter().flat_map(|(life, range)| life.range(range));
        events.map(|(position, name)| (*position, *name))
    }

    /// All events that ever were.
    pub(super) fn all(&self) -> impl Iterator<Item = (Name, Place)> {
        self.places.iter().map(|(name, place)| (*name, *place))
    }

    pub(super) fn place_of(&self, name: Name) -> Option<Place> {
        self.places.get(&name).copied()
    }

    /// What an ID says, if that is one place.
    pub(super) fn place(&self, mark: &Mark) -> Option<Place> {
        match mark {
            Mark::At(place) => Some(*place),
            Mark::Row(name) => self.place_of(*name),
            Mark::Begun(_) | Mark::Several(_) => None,
        }
    }

    pub(super) fn when_gone(&self, position: u64) -> Option<Gone> {
        self.gone.get(&position).copied()
    }

    /// Whether an event is gone with the end of its log.
    pub(super) fn is_lost(&self, position: u64) -> bool {
        self.losses.iter().any(|loss| loss.has_taken(position))
    }

    pub(super) fn is_trimmed_behind(&self, position: u64, at: Instant) -> bool {
        self.trims.iter().any(|(since, trimmed)| *since <= at && *trimmed > position)
    }

    /// Where the newest event lies of those that are not lost.
    pub(super) fn newest(&self) -> Option<u64> {
        self.places.values().map(|at| at.position).filter(|position| !self.is_lost(*position)).max()
    }

    pub(crate) fn events(&self) -> usize {
        self.places.len()
    }

    pub(crate) fn acknowledgements(&self) -> usize {
        self.acknowledged.len()
    }

    /// How many acknowledged events are gone with the end of their log.
    pub(crate) fn acknowledged_and_lost(&self) -> usize {
        self.acknowledged.iter().filter(|name| self.is_known_lost(name)).count()
    }

    fn is_known_lost(&self, name: &Name) -> bool {
        self.places.get(name).is_some_and(|at| self.is_lost(at.position))
    }

    /// What is wrong with what publishers were told. `logged` is all that the log had when it was read.
    pub(super) fn faults(&self, logged: &HashSet<Name>) -> Vec<String> {
        let mut faults = self.contradictions.clone();
        let refused = self.refused.iter().filter(|name| self.places.contains_key(name));
        faults.extend(refused.map(|name| format!("{name:?} was refused, and is stored")));
        let missing = self.acknowledged.iter();
        let missing = missing.filter(|name| !logged.contains(name) && !self.is_known_lost(name));
        faults.extend(missing.map(|name| format!("{name:?} was acknowledged, and is lost")));
        let put = self.put.iter().filter(|(name, at)| {
            !logged.contains(name) && !self.losses.iter().any(|loss| loss.time.contains(at))
        });
        faults.extend(put.map(|(name, _)| format!("{name:?} was put, and is lost")));
        // A log begins another life where it has lost something, and only there.
        let lives = self.lives.iter().filter(|life| !life.is_empty()).count();
        let losses =
            self.losses.iter().filter(|loss| self.places.values().any(|at| loss.has_taken(at.position)));
        let losses = losses.count();
        if lives > losses + 1 {
            faults
                .push(format!("the log has begun {} new lives, but lost its end {losses} times", lives - 1));
        }
        faults
    }
}

impl Loss {
    fn has_taken(&self, position: u64) -> bool {
        self.first <= position && position <= self.until && !self.kept.contains(&position)
    }
}
