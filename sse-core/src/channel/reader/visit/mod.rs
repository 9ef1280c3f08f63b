//! One connection of a client, whether it reads one log or several.

mod told;

use std::sync::Arc;

use tokio::time::Instant;

use super::super::log::{Mark, Place, Sequencer};
use super::super::reset::Reset;
use super::super::sight::trace;
use super::super::start::{Resumption, Start};
use super::beginning::{Outcome, Request};
use super::{Falls, Keep, Reader};
use crate::encode::Frame;
use crate::field::LastEventId;

/// What a client came with, and what it is told of its place.
///
/// It is told once of what it missed, and then not again before it got an event: what it misses meanwhile is added up. An
/// event that comes before it could be told has no ID, so that a client which breaks off right behind it comes back to
/// where it was told last.
pub(crate) struct Visit {
    last_event_id: LastEventId,
    start: Start,
    /// What it begins with is a state that the application makes.
    by_state: bool,
    resumption: Resumption,
    /// It does not go on everywhere where it was.
    begins: bool,
    replayed: u64,
    /// How many events its logs had trimmed when it began; and, if they are several, up to which number each of them.
    trimmed: u64,
    trimmed_in: Vec<Mark>,
    /// It was let begin in some of its logs, and told what it missed there: up to this number, its place says so too.
    told: u64,
    /// What goes out before anything is read.
    queued: Option<Box<Frame>>,
    /// What it has missed without being told.
    owed: Option<Owed>,
    /// An event has come since it was told of what it missed.
    may_reset: bool,
    /// It fell behind since this was asked last.
    lagged: bool,
    until: Option<Arc<Keep>>,
    opened: bool,
    /// How it ended.
    end: Option<&'static str>,
    span: trace::Subscribed,
}

#[derive(Clone, Copy, Debug)]
struct Owed {
    missed: Option<u64>,
}

/// How far a client of several logs is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reached {
    /// The highest number that it got, or came back with, or the place from which it was let begin live: it goes on behind
    /// that. `None` if it has nothing yet, of what it begins with.
    pub(crate) sequence: Option<u64>,
    /// Something was read that it did not get yet.
    pub(crate) is_ahead: bool,
}

/// The places that were taken in all logs.
#[derive(Debug, Default)]
struct Taken {
    /// It goes on behind what it had in one of them.
    goes_on: bool,
    /// It begins in one of them.
    begins: bool,
    replayed: u64,
    /// What it has missed: the reason of the first, and how much in all, if that is known.
    reset: Option<Reset>,
}

impl Taken {
    fn of(readers: &mut [Reader], request: impl Fn(&Reader) -> Request) -> Self {
        let mut taken = Self::default();
        for reader in readers {
            let request = request(reader);
            let began = reader.begin(&request);
            taken.replayed += began.replayed;
            match began.outcome {
                Outcome::GoesOn => taken.goes_on = true,
                Outcome::Begins => taken.begins = true,
                Outcome::Lost(reason, missed) => {
                    taken.begins = true;
                    taken.reset = Some(match taken.reset {
                        None => Reset { reason, missed },
                        Some(Reset { reason, missed: more }) => {
                            Reset { reason, missed: more.zip(missed).map(|(more, missed)| more + missed) }
                        }
                    });
                }
            }
        }
        taken
    }
}

impl Visit {
    pub(crate) fn new(channel: &str, last_event_id: LastEventId, sent_away: Option<Frame>) -> Self {
        Self {
            span: trace::Subscribed::new(channel, &last_event_id),
            last_event_id,
            start: Start::Live,
            by_state: false,
            resumption: Resumption::New,
            begins: false,
            replayed: 0,
            trimmed: 0,
            trimmed_in: Vec::new(),
            told: 0,
            end: sent_away.is_some().then_some("sent_away"),
            queued: sent_away.map(Box::new),
            owed: None,
            may_reset: true,
            lagged: false,
            until: None,
            opened: false,
        }
    }

    pub(crate) fn set_start(&mut self, start: Start) {
        self.start = start;
    }

    pub(crate) fn set_by_state(&mut self) {
        self.by_state = true;
    }

    pub(crate) fn set_until(&mut self, last: Arc<Keep>) {
        self.until = Some(last);
    }

    /// Takes the client's places in these logs, of one sequence. Some of them it may join now.
    pub(crate) fn begin(
        &mut self,
        sequencer: &Sequencer,
        readers: &mut [Reader],
        joins: impl Fn(&Reader) -> bool,
    ) -> Reached {
        if self.end == Some("sent_away") {
            return Reached::default();
        }
        let now = Instant::now();
        readers.iter().for_each(|reader| reader.shared().trim_aged(now));
        // The number first: what comes meanwhile lies behind it, and follows.
        let newest = sequencer.newest();
        let place = sequencer.locate(self.last_event_id.as_str());
        self.note_trimmed(readers);
        let trimmed = match place {
            Place::Begun { goes_on, .. } => self.trimmed_behind(goes_on),
            _ => 0,
        };
        let Self { start, by_state, .. } = *self;
        let was_begun = self.begun_before(place, readers);
        let request = Request { place, start, by_state, coalesces: false, newest, was_begun: false, trimmed };
        let taken = Taken::of(readers, |reader| {
            let place = if joins(reader) { Place::New } else { place };
            Request { place, was_begun: was_begun(reader), ..request }
        });
        (self.begins, self.replayed) = (taken.begins, taken.replayed);
        self.resumption = match (taken.reset, place) {
            (Some(reset), _) => Resumption::Reset(reset),
            (None, Place::New | Place::BegunBefore) => Resumption::New,
            (None, _) => Resumption::Complete,
        };
        self.may_reset = taken.reset.is_none();
        self.end = None;
        let is_live = match place {
            Place::Begun { begun, .. } if begun.by_key => false,
            _ => start == Start::Live,
        };
        let sequence = match place {
            Place::At(sequence) | Place::Begun { goes_on: Some(sequence), .. } if taken.goes_on => {
                Some(sequence)
            }
            // All that it begins with lies behind.
            _ if (is_live || self.replayed == 0) && !by_state && !taken.goes_on => {
                readers.iter().filter_map(Reader::begun).min()
            }
            _ => None,
        };
        let reached = Reached { sequence, is_ahead: false };
        let was_told = taken.reset.is_some() || matches!(place, Place::Begun { .. });
        self.told = self.begun(readers, reached, Reader::told).filter(|_| was_told).unwrap_or(0);
        self.end_if_had_last(place, readers);
        reached
    }

    /// One that comes back with the event with which it was to end is done.
    fn end_if_had_last(&mut self, place: Place, readers: &[Reader]) {
        let Place::At(sequence) = place else { return };
        if !matches!(self.resumption, Resumption::Reset(_)) && self.is_behind_last(readers, sequence) {
            self.end = Some("done");
        }
    }

    /// Whether the event right before this number is one with which the client ends.
    fn is_behind_last(&self, readers: &[Reader], sequence: u64) -> bool {
        let Some(is_last) = &self.until else { return false };
        readers.iter().any(|reader| {
            // Without the lock: the application may do anything.
            let frame = {
                let log = reader.shared().read_log();
                log.at(log.mark_at(sequence)).cloned()
            };
            frame.is_some_and(|frame| reader.keeps(&frame) && is_last(&frame))
        })
    }

    /// What the client wants was narrowed: another's last event does not end it.
    pub(crate) fn narrowed(&mut self, sequencer: &Sequencer, readers: &[Reader]) {
        if self.end == Some("done") && !self.opened {
            self.end = None;
            self.end_if_had_last(sequencer.locate(self.last_event_id.as_str()), readers);
        }
    }

    /// An event of the application's making is sent. The client ends behind the state if this is the last for it.
    pub(crate) fn note_event(&mut self, frame: &Frame) {
        self.may_reset = true;
        if self.until.as_ref().is_some_and(|is_last| is_last(frame)) {
            self.end = Some("done");
        }
    }

    pub(crate) fn take_queued(&mut self) -> Option<Frame> {
        self.queued.take().map(|frame| *frame)
    }

    /// Whether it fell behind since this was asked last.
    pub(crate) fn take_lagged(&mut self) -> bool {
        std::mem::take(&mut self.lagged)
    }

    pub(crate) fn set_ended(&mut self, how: &'static str) {
        self.end = Some(how);
    }

    pub(crate) const fn is_ended(&self) -> bool {
        self.end.is_some() && self.queued.is_none()
    }

    /// Whether nothing at all will come of it.
    pub(crate) fn is_over(&self, readers: &[Reader]) -> bool {
        if self.is_ended() {
            return true;
        }
        let tells_nothing = match self.resumption {
            Resumption::Reset(_) => self.opened && self.queued.is_none(),
            // An ID alone is worth no connection.
            Resumption::New | Resumption::Complete => {
                self.queued.as_ref().is_none_or(|frame| !frame.is_event() && frame.id().is_some())
            }
        };
        tells_nothing
            && self.end.is_none()
            && !(self.by_state && self.begins)
            && readers.iter().all(Reader::is_over)
    }

    pub(crate) fn delivered(&mut self, events: u32) {
        self.span.delivered(events);
    }

    pub(crate) const fn begins(&self) -> bool {
        self.begins
    }

    /// Whether what it begins with is a state that the application makes.
    pub(crate) const fn is_by_state(&self) -> bool {
        self.by_state
    }

    /// Where the client goes on in a log in which it falls behind.
    pub(crate) const fn falls(&self) -> Falls {
        let Self { start, by_state, may_reset, .. } = *self;
        Falls { start, by_state, owes_event: !may_reset && !by_state }
    }

    pub(crate) const fn resumption(&self) -> Resumption {
        self.resumption
    }

    pub(crate) const fn replayed(&self) -> u64 {
        self.replayed
    }

    pub(crate) const fn last_event_id(&self) -> &LastEventId {
        &self.last_event_id
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.span.ends(self.end.unwrap_or("left"));
    }
}
