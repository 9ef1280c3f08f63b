//! Whether the promise was kept.

use std::collections::{BTreeMap, HashSet};

use super::journal::{Journal, Place, Reset, Step};
use super::truth::Truth;
use crate::event::Name;

/// What all clients together saw, and what of it should not have been.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) clients: u64,
    pub(crate) connections: u64,
    pub(crate) deliveries: u64,
    /// By reason.
    pub(crate) resets: BTreeMap<String, u64>,
    /// Events that a client never got, and was not told of.
    pub(crate) lost: u64,
    /// Events that a client got twice, or behind a later one.
    pub(crate) doubled: u64,
    /// Resets of clients that had missed nothing.
    pub(crate) needless: u64,
    /// Whatever else should not be.
    pub(crate) wrong: u64,
    /// The first few, in words.
    pub(crate) words: Vec<String>,
}

/// So many are told in words.
const WORDS: usize = 20;

impl Verdict {
    /// Judges what publishers were told.
    pub(crate) fn of(truth: &Truth, logged: &HashSet<Name>) -> Self {
        let mut verdict = Self::default();
        for fault in truth.faults(logged) {
            verdict.wrong += 1;
            verdict.say(|| fault);
        }
        verdict
    }

    pub(crate) fn is_good(&self) -> bool {
        self.lost + self.doubled + self.needless + self.wrong == 0
    }

    /// Judges a client that had time to get everything.
    pub(crate) fn judge(&mut self, client: usize, journal: &Journal, truth: &Truth) {
        self.clients += 1;
        self.connections += journal.connections;
        let mut reader = Reader { verdict: self, client, truth, place: None, owed: 0 };
        for step in &journal.steps {
            reader.take(step);
        }
        reader.end();
    }

    fn say(&mut self, words: impl FnOnce() -> String) {
        if self.words.len() < WORDS {
            self.words.push(words());
        }
    }
}

/// Goes through one journal.
struct Reader<'a> {
    verdict: &'a mut Verdict,
    client: usize,
    truth: &'a Truth,
    /// Up to where the client has everything.
    place: Option<Place>,
    /// Events that it did not get because the log had lost them: it is to be told with the log's next life.
    owed: u64,
}

impl Reader<'_> {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Event { at, name } => self.event(*at, *name),
            Step::Moved(to) => self.moved(*to),
            Step::Reset(reset) => self.reset(reset),
            Step::Strange(words) => {
                self.verdict.wrong += 1;
                self.say(|| words.to_string());
            }
        }
    }

    fn event(&mut self, at: Place, name: Name) {
        self.verdict.deliveries += 1;
        match self.place {
            None => {
                self.verdict.wrong += 1;
                self.say(|| format!("{name:?} came before any ID"));
            }
            Some(place) if place.epoch != at.epoch => {
                self.verdict.wrong += 1;
                self.say(|| format!("{name:?} came from {at:?}, without a reset from {place:?}"));
            }
            Some(place) if place.position >= at.position => {
                self.verdict.doubled += 1;
                self.say(|| format!("{name:?} at {at:?} came behind {place:?}"));
                // It has what it had.
                return;
            }
            Some(place) => self.pass(place, at.position),
        }
        self.place = Some(at);
    }

    /// An ID alone promises that there is nothing up to it that the client lacks.
    fn moved(&mut self, to: Place) {
        match self.place {
            None => {}
            Some(place) if place.epoch == to.epoch && place.position <= to.position => {
                self.pass(place, to.position.saturating_add(1));
            }
            Some(place) => {
                self.verdict.wrong += 1;
                self.say(|| format!("a place {to:?} was given out behind {place:?}"));
            }
        }
        self.place = Some(to);
    }

    /// The client goes on, and gets nothing any more of what lies between.
    fn pass(&mut self, place: Place, before: u64) {
        for (position, name) in self.truth.between(place.epoch, place.position, before) {
            if self.truth.is_lost(position) {
                self.owed += 1;
            } else {
                self.verdict.lost += 1;
                self.say(|| {
                    format!("{name:?} at {position} was passed over, between {place:?} and {before}")
                });
            }
        }
    }

    fn reset(&mut self, reset: &Reset) {
        *self.verdict.resets.entry(reset.reason.clone()).or_default() += 1;
        let Some(place) = self.place else {
            self.verdict.needless += 1;
            self.say(|| format!("a client without an ID was told {reset:?}"));
            self.place = reset.to;
            return;
        };
        let to = reset.to.unwrap_or(place);
        let truth = self.truth;
        let is_needed = to.epoch != place.epoch
            || truth.is_trimmed_behind(place.position, reset.at)
            || truth.is_lost(place.position);
        if !is_needed {
            self.verdict.needless += 1;
            self.say(|| format!("nothing was missing behind {place:?} for {reset:?}"));
        }
        if to.epoch == place.epoch {
            let missed = truth.between(place.epoch, place.position, to.position.saturating_add(1));
            let missed = missed.filter(|(position, _)| !truth.is_lost(*position)).count() as u64;
            if reset.missed.is_some_and(|told| told != missed) {
                self.verdict.wrong += 1;
                self.say(|| format!("{missed} events were missed behind {place:?}, told was {reset:?}"));
            }
        } else {
            self.owed = 0;
        }
        self.place = Some(to);
    }

    fn end(&mut self) {
        self.verdict.lost += self.owed;
        if self.owed > 0 {
            let owed = self.owed;
            self.say(|| format!("{owed} events were lost with the end of their log, and nobody was told"));
        }
        let newest = self.truth.newest().unwrap_or(0);
        let place = self.place;
        if place.is_none_or(|place| place.position < newest) {
            self.verdict.lost += 1;
            self.say(|| format!("the end, {newest}, never came: it stands at {place:?}"));
        }
    }

    fn say(&mut self, words: impl FnOnce() -> String) {
        let client = self.client;
        self.verdict.say(|| format!("client {client}: {}", words()));
    }
}
