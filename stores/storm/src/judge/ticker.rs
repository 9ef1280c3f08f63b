//! One channel: every event once, and in order.

use super::journal::{Place, Reset, Step};
use super::truth::Truth;
use super::verdict::Client;
use crate::event::Name;

pub(super) fn judge(client: &mut Client<'_>, truth: &Truth) {
    let mut reader = Reader { client, truth, place: None, owed: 0 };
    while let Some(step) = reader.client.next_step() {
        reader.take(step);
    }
    reader.end();
}

/// Goes through one journal.
struct Reader<'a, 'v> {
    client: &'a mut Client<'v>,
    truth: &'a Truth,
    /// Up to where the client has everything.
    place: Option<Place>,
    /// Events that it did not get because the log had lost them: it is to be told with the log's next life.
    owed: u64,
}

impl Reader<'_, '_> {
    fn take(&mut self, step: &Step) {
        match step {
            Step::Connected(_) => {}
            Step::Event { at, name } => match at.as_ref().and_then(|mark| self.truth.place(mark)) {
                Some(at) if at.position == self.truth.place_of(*name).map_or(0, |place| place.position) => {
                    self.event(at, *name);
                }
                _ => self.client.wrong(|| format!("{name:?} came with the ID {at:?}")),
            },
            Step::Moved(to, _) => match self.truth.place(to) {
                Some(to) => self.moved(to),
                None => self.client.wrong(|| format!("nobody knows the place {to:?}")),
            },
            Step::Reset(reset) => self.reset(reset),
            Step::Strange(words) => self.client.wrong(|| words.to_string()),
        }
    }

    fn event(&mut self, at: Place, name: Name) {
        self.client.delivered();
        match self.place {
            None => self.client.wrong(|| format!("{name:?} came before any ID")),
            Some(place) if place.epoch != at.epoch => {
                self.client.wrong(|| format!("{name:?} came from {at:?}, without a reset from {place:?}"));
            }
            Some(place) if place.position >= at.position => {
                self.client.doubled(|| format!("{name:?} at {at:?} came behind {place:?}"));
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
            Some(place) => self.client.wrong(|| format!("a place {to:?} was given out behind {place:?}")),
        }
        self.place = Some(to);
    }

    /// The client goes on, and gets nothing any more of what lies between.
    fn pass(&mut self, place: Place, before: u64) {
        for (position, name) in self.truth.between(place.epoch, place.position, before) {
            if self.truth.is_lost(position) {
                self.owed += 1;
            } else {
                self.client.lost(1, || {
                    format!("{name:?} at {position} was passed over, between {place:?} and {before}")
                });
            }
        }
    }

    fn reset(&mut self, reset: &Reset) {
        self.client.was_reset(&reset.reason);
        let to = reset.to.as_ref().and_then(|to| self.truth.place(to));
        let Some(place) = self.place else {
            self.client.needless(|| format!("a client without an ID was told {reset:?}"));
            self.place = to;
            return;
        };
        let to = to.unwrap_or(place);
        let truth = self.truth;
        let is_needed = to.epoch != place.epoch
            || truth.is_trimmed_behind(place.position, reset.at)
            || truth.is_lost(place.position);
        if !is_needed {
            self.client.needless(|| format!("nothing was missing behind {place:?} for {reset:?}"));
        }
        if to.epoch == place.epoch {
            let missed = truth.between(place.epoch, place.position, to.position.saturating_add(1));
            let missed = missed.filter(|(position, _)| !truth.is_lost(*position)).count() as u64;
            if reset.missed.is_some_and(|told| told != missed) {
                let words = || format!("{missed} events were missed behind {place:?}, told was {reset:?}");
                self.client.wrong(words);
            }
        } else {
            self.owed = 0;
        }
        self.place = Some(to);
    }

    fn end(&mut self) {
        let (owed, place) = (self.owed, self.place);
        if owed > 0 {
            let words = || format!("{owed} events were lost with the end of their log, and nobody was told");
            self.client.lost(owed, words);
        }
        let newest = self.truth.newest().unwrap_or(0);
        if place.is_none_or(|place| place.position < newest) {
            self.client.lost(1, || format!("the end, {newest}, never came: it stands at {place:?}"));
        }
    }
}
