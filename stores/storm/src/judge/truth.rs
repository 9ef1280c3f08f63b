//! What there was to be received.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::RangeInclusive;
use std::time::Instant;

use super::journal::{Epochs, Journal, Place, Step};
use crate::event::Name;

/// What was published, as far as anybody knows.
#[derive(Debug, Default)]
pub(crate) struct Truth {
    pub(crate) epochs: Epochs,
    /// By epoch, then by position.
    lives: Vec<BTreeMap<u64, Name>>,
    positions: HashMap<Name, u64>,
    /// What publishers were told is stored.
    acknowledged: Vec<(Place, Name)>,
    /// What they left to be stored later on, and when. Of those that were killed, it may be anywhere.
    put: HashMap<Name, Instant>,
    /// What they were told is not stored.
    refused: HashSet<Name>,
    /// Up to where the log was trimmed, and since when that may have been so.
    trims: Vec<(Instant, u64)>,
    losses: Vec<Loss>,
    /// What contradicts itself.
    pub(crate) contradictions: Vec<String>,
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
        let position = *self.positions.entry(name).or_insert(at.position);
        if position != at.position {
            self.contradictions
                .push(format!("{name:?} was stored twice: at {position} and at {}", at.position));
        }
    }

    /// What a client received was there.
    pub(crate) fn take_in(&mut self, journal: &Journal) {
        for step in &journal.steps {
            if let Step::Event { at, name } = step {
                self.saw(*at, *name);
            }
        }
    }

    /// A publisher was told that its event is stored.
    pub(crate) fn acknowledged(&mut self, at: Place, name: Name) {
        self.saw(at, name);
        self.acknowledged.push((at, name));
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

    pub(crate) fn lost(&mut self, loss: Loss) {
        self.losses.push(loss);
    }

    /// The events of a life between two positions.
    pub(super) fn between(&self, epoch: u16, after: u64, before: u64) -> impl Iterator<Item = (u64, Name)> {
        let life = self.lives.get(usize::from(epoch));
        let range = (after.saturating_add(1) < before).then(|| after + 1..before);
        let events = life.zip(range).into_iter().flat_map(|(life, range)| life.range(range));
        events.map(|(position, name)| (*position, *name))
    }

    /// Whether an event is gone with the end of its log.
    pub(super) fn is_lost(&self, position: u64) -> bool {
        self.losses.iter().any(|loss| loss.has_taken(position))
    }

    pub(super) fn is_trimmed_behind(&self, position: u64, at: Instant) -> bool {
        self.trims.iter().any(|(since, trimmed)| *since <= at && *trimmed > position)
    }

    /// Where the newest event lies of those that are not lost.
    pub(crate) fn newest(&self) -> Option<u64> {
        self.positions.values().copied().filter(|position| !self.is_lost(*position)).max()
    }

    pub(crate) fn events(&self) -> usize {
        self.positions.len()
    }

    pub(crate) fn acknowledgements(&self) -> usize {
        self.acknowledged.len()
    }

    /// How many acknowledged events are gone with the end of their log.
    pub(crate) fn acknowledged_and_lost(&self) -> usize {
        self.acknowledged.iter().filter(|(at, _)| self.is_lost(at.position)).count()
    }

    /// What is wrong with what publishers were told. `logged` is all that the log had when it was read.
    pub(super) fn faults(&self, logged: &HashSet<Name>) -> Vec<String> {
        let mut faults = self.contradictions.clone();
        let refused = self.refused.iter().filter(|name| self.positions.contains_key(name));
        faults.extend(refused.map(|name| format!("{name:?} was refused, and is stored")));
        let missing = self
            .acknowledged
            .iter()
            .filter(|(at, name)| !logged.contains(name) && !self.is_lost(at.position));
        faults.extend(missing.map(|(at, name)| format!("{name:?} was acknowledged at {at:?}, and is lost")));
        let put = self.put.iter().filter(|(name, at)| {
            !logged.contains(name) && !self.losses.iter().any(|loss| loss.time.contains(at))
        });
        faults.extend(put.map(|(name, _)| format!("{name:?} was put, and is lost")));
        // A log begins another life where it has lost something, and only there.
        let lives = self.lives.iter().filter(|life| !life.is_empty()).count();
        let losses = self.losses.iter().filter(|loss| self.positions.values().any(|at| loss.has_taken(*at)));
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
