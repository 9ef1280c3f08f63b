//! A board of prices: a client may miss what is superseded, but ends with the newest of each key, and never gets an older one behind it.

use std::collections::HashMap;

use super::journal::{Mark, Reset, Step};
use super::truth::Truth;
use super::verdict::Client;
use crate::event::Name;

pub(super) struct Board<'a> {
    truth: &'a Truth,
    /// By key, and where it lies.
    newest: HashMap<u32, (u64, Name)>,
}

impl<'a> Board<'a> {
    pub(super) fn of(truth: &'a Truth) -> Self {
        let mut newest = HashMap::new();
        for (name, place) in truth.all() {
            let newest = newest.entry(name.key()).or_insert((place.position, name));
            *newest = (*newest).max((place.position, name));
        }
        Self { truth, newest }
    }

    pub(super) fn judge(&self, client: &mut Client<'_>) {
        let mut reader = Reader {
            all: self,
            client,
            has: HashMap::new(),
            reached: 0,
            place: 0,
            has_state: false,
            again: false,
        };
        while let Some(step) = reader.client.next_step() {
            reader.take(step);
        }
        reader.end();
    }
}

/// Goes through one journal.
struct Reader<'a, 'v> {
    all: &'a Board<'a>,
    client: &'a mut Client<'v>,
    /// The newest event that it got, by key.
    has: HashMap<u32, u64>,
    /// The last position of this connection.
    reached: u64,
    /// Where its last ID stands.
    place: u64,
    /// It has got the whole of the state with which it began.
    has_state: bool,
    /// It was cut before that: what it has got of the state comes again.
    again: bool,
}

impl Reader<'_, '_> {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Connected(_) => (self.reached, self.again) = (0, !self.has_state),
            Step::Event { at, name } => self.event(at.as_ref(), *name),
            Step::Moved(to, _) => self.moved(to),
            Step::Reset(reset) => self.reset(reset),
            Step::Strange(words) => self.client.wrong(|| words.to_string()),
        }
    }

    fn moved(&mut self, to: &Mark) {
        self.has_state = matches!(to, Mark::At(_));
        if let Mark::At(place) | Mark::Begun(place) = to {
            self.place = place.position;
        }
    }

    /// All keys are kept, but not what took one away: a server that was started since cannot tell of that, once it is trimmed.
    fn reset(&mut self, reset: &Reset) {
        self.client.was_reset(&reset.reason);
        if !self.all.truth.is_trimmed_behind(self.place, reset.at) {
            let place = self.place;
            self.client.needless(|| format!("nothing was missing behind {place} for {reset:?}"));
        }
        self.has.clear();
        self.reached = 0;
        reset.to.iter().for_each(|to| self.moved(to));
    }

    fn event(&mut self, at: Option<&Mark>, name: Name) {
        self.client.delivered();
        let Some(place) = self.all.truth.place_of(name) else {
            self.client.wrong(|| format!("{name:?} came, and was never stored"));
            return;
        };
        let position = place.position;
        if at.is_some_and(|at| *at != Mark::At(place)) {
            self.client.wrong(|| format!("{name:?} at {place:?} came with the ID {at:?}"));
        }
        if at.is_none() && self.has_state {
            self.client.wrong(|| format!("{name:?} at {position} has no ID, and is not of a state"));
        }
        if position <= self.reached {
            let reached = self.reached;
            self.client.doubled(|| format!("{name:?} at {position} came behind {reached}"));
        }
        self.reached = position;
        let had = self.has.insert(name.key(), position).unwrap_or(0);
        let is_again = at.is_none() && self.again;
        if had > position || had == position && !is_again {
            self.client.doubled(|| format!("{name:?} at {position} came behind {had} of its key"));
        }
        // The first with an ID stands behind the state.
        at.into_iter().for_each(|at| self.moved(at));
    }

    fn end(&mut self) {
        for (key, (position, name)) in &self.all.newest {
            let has = self.has.get(key);
            // What was taken away before it began is not part of the state.
            let is_current = has == Some(position) || has.is_none() && name.is_removal();
            if !is_current {
                let words = || format!("of the key {key}, {name:?} at {position} never came: it has {has:?}");
                self.client.lost(1, words);
            }
        }
    }
}
