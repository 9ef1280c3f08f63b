//! What a client is told of its place, and of what it missed.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::super::super::log::{Begun, Cursor, LogId, Place, Sequencer};
use super::super::super::reset::{Reset, ResetReason, encode_reset};
use super::super::super::start::{Resumption, Start};
use super::super::Reader;
use super::{Owed, Reached, Visit};
use crate::encode::Frame;
use crate::field::EventId;

impl Visit {
    /// Makes what the client is told first.
    pub(crate) fn open(&mut self, sequencer: &Sequencer, readers: &[Reader], reached: Reached) {
        if std::mem::replace(&mut self.opened, true) || self.queued.is_some() {
            return;
        }
        self.span.begins(self.resumption, self.replayed);
        let Some(first) = readers.first().filter(|_| self.end.is_none()) else { return };
        match self.resumption {
            Resumption::Reset(reset) => {
                first.shared().counts.reset(reset.reason);
                let id = self.name(sequencer, readers, reached);
                self.queued = self.encode(first, reset, id).map(Box::new);
            }
            Resumption::New if first.tells() => {
                let place = self.name(sequencer, readers, reached);
                self.queued = Some(Box::new(Frame::checkpoint(place.as_str())));
            }
            Resumption::New | Resumption::Complete => {}
        }
    }

    /// What stands on the wire for where the client is.
    fn name(&self, sequencer: &Sequencer, readers: &[Reader], reached: Reached) -> EventId {
        // Where it was let begin before what it has got since, it goes on behind that.
        let begun = self.begun(readers, reached, Reader::begun);
        let at = begun.or(reached.sequence).unwrap_or(0);
        // The ID of an event with which it ends says that it had that.
        let goes_on = readers.iter().all(|reader| reader.begun().is_none());
        let ends_there = !goes_on && self.is_behind_last(readers, at);
        if !(self.by_state || ends_there) {
            let stands_at = |at: &u64| readers.iter().all(|reader| reader.stands_at(*at));
            // With nothing left of what it began with, it is as well where it was let begin last.
            let begun_last = readers.iter().filter_map(Reader::begun).max();
            match readers {
                [reader] if !reader.reads_state() => return reader.name(),
                _ if reached.is_ahead => {}
                _ => {
                    let mut places = [Some(at), begun_last].into_iter().flatten();
                    if let Some(at) = places.find(stands_at) {
                        return Self::place_of_all(at, sequencer, readers);
                    }
                }
            }
        }
        let goes_on = !self.by_state
            && readers
                .iter()
                .any(|reader| !reader.begun().is_some_and(|at| reader.has_to_begin(at, reached)));
        let sequence = reached.sequence.filter(|_| goes_on);
        let begun = Some(self.let_begin(at, sequence, readers, reached));
        Cursor { epoch: sequencer.epoch(), sequence, begun }.into()
    }

    /// What stands for the place behind everything up to this number, in all of its logs.
    fn place_of_all(at: u64, sequencer: &Sequencer, readers: &[Reader]) -> EventId {
        // Of the own IDs, that of another topic is forgotten while these are quiet.
        let own = readers.iter().filter_map(|reader| Some((reader.sequence(), reader.own_name()?)));
        let own = own.max_by_key(|(sequence, _)| *sequence);
        let own = own.filter(|(sequence, _)| readers.iter().all(|reader| reader.goes_on(*sequence)));
        own.map_or_else(|| Cursor::at(sequencer.epoch(), at).into(), |(_, own)| own)
    }

    /// The highest number in use when it was let begin in logs in which it does not go on.
    pub(super) fn begun(
        &self,
        readers: &[Reader],
        reached: Reached,
        begun: impl Fn(&Reader) -> Option<u64>,
    ) -> Option<u64> {
        let begun = |reader| begun(reader).filter(|at| reader.has_to_begin(*at, reached));
        let begun = readers.iter().filter_map(begun);
        // The oldest events are the same for all of them.
        if self.start == Start::Earliest { begun.max() } else { begun.min() }
    }

    pub(super) fn note_trimmed(&mut self, readers: &[Reader]) {
        let trimmed = |reader: &Reader| reader.shared().read_log().trimmed();
        self.trimmed_in.clear();
        match readers {
            [reader] => self.trimmed = trimmed(reader).count,
            _ => {
                self.trimmed_in.extend(readers.iter().map(trimmed));
                self.trimmed = self.trimmed_in.iter().map(|trimmed| trimmed.count).sum();
            }
        }
    }

    /// How many events were trimmed in logs in which some are behind this number: what one has that goes on from there is
    /// lost to it in no other.
    pub(super) fn trimmed_behind(&self, sequence: Option<u64>) -> u64 {
        let Some(sequence) = sequence.filter(|_| !self.trimmed_in.is_empty()) else { return self.trimmed };
        let lost_some = self.trimmed_in.iter().filter(|trimmed| trimmed.sequence > sequence);
        lost_some.map(|trimmed| trimmed.count).sum()
    }

    /// What the client is told beside where it goes on: when it was let begin, and of several logs, in which of them, else how
    /// many events had been trimmed.
    fn let_begin(&self, at: u64, goes_on: Option<u64>, readers: &[Reader], reached: Reached) -> Begun {
        let has_to_begin =
            readers.iter().filter(|reader| reader.begun().is_some_and(|at| reader.has_to_begin(at, reached)));
        // One ID does not say both.
        let by_key = has_to_begin.map(Reader::begun_by_key).reduce(|all, by_key| all && by_key);
        let by_key = by_key.unwrap_or(false) && !self.by_state;
        let logs = goes_on.filter(|_| self.names_logs(by_key)).and_then(|_| Logs::of(readers));
        let trimmed = logs.map_or_else(
            || self.trimmed_behind(goes_on),
            |logs| logs.with(readers.iter().filter(|reader| reader.begun().is_some())),
        );
        Begun { at, trimmed, by_key }
    }

    /// Whether a client that comes back here was let begin in a log.
    pub(super) fn begun_before(&self, place: Place, readers: &[Reader]) -> impl Fn(&Reader) -> bool + use<> {
        let told = match place {
            Place::Begun { goes_on: Some(_), begun } if self.names_logs(begun.by_key) => Some(begun.trimmed),
            _ => None,
        };
        let told = told.and_then(|told| Logs::of(readers).map(|logs| (logs, told)));
        move |reader| told.as_ref().is_some_and(|(logs, told)| logs.has(*told, reader))
    }

    /// Where it begins with the oldest events, it has to be known how many those were.
    const fn names_logs(&self, by_key: bool) -> bool {
        (by_key || matches!(self.start, Start::Live | Start::LatestPerKey)) && !self.by_state
    }

    /// The frame of a reset, as the channel makes it. Without the log's lock: it may be of the application's making, which
    /// may do anything.
    fn encode(&self, reader: &Reader, reset: Reset, id: EventId) -> Option<Frame> {
        // The application's own event may be illegal; the ordinary one is not.
        let encoded = (reader.shared().encode_reset)(reset, Some(id.clone()));
        encoded.or_else(|_| encode_reset(reset, Some(id))).ok()
    }

    /// Takes note that a reader fell behind and began anew. The reset, if the client is to be told now.
    pub(crate) fn overtaken(
        &mut self,
        missed: Option<u64>,
        sequencer: &Sequencer,
        readers: &[Reader],
        reached: Reached,
    ) -> Option<Frame> {
        self.lagged = true;
        self.note_trimmed(readers);
        if let Some(owed) = &mut self.owed {
            owed.missed = owed.missed.zip(missed).map(|(owed, missed)| owed + missed);
        } else if self.may_reset {
            let place = self.told_place(sequencer, readers, reached);
            return self.reset(missed, readers, place);
        } else if !self.by_state {
            self.owed = Some(Owed { missed });
        }
        None
    }

    /// The ID of an event of this number, where another than its own says what the client was told.
    pub(crate) fn place(
        &mut self,
        sequence: u64,
        sequencer: &Sequencer,
        readers: &[Reader],
    ) -> Option<EventId> {
        if self.told > 0 && self.told <= sequence {
            // There may be logs in which it began later.
            let reached = Reached { sequence: Some(sequence), is_ahead: false };
            self.told = self.begun(readers, reached, Reader::told).unwrap_or(0);
        }
        if sequence >= self.told {
            return None;
        }
        let reached = Reached { sequence: Some(sequence), is_ahead: false };
        let begun = Some(self.let_begin(self.told, Some(sequence), readers, reached));
        let cursor = Cursor { epoch: sequencer.epoch(), sequence: Some(sequence), begun };
        Some(cursor.into())
    }

    /// Where it is with a reset.
    fn told_place(&mut self, sequencer: &Sequencer, readers: &[Reader], reached: Reached) -> EventId {
        self.told = self.begun(readers, reached, Reader::told).unwrap_or(0);
        self.name(sequencer, readers, reached)
    }

    fn reset(&mut self, missed: Option<u64>, readers: &[Reader], place: EventId) -> Option<Frame> {
        self.may_reset = false;
        let reset = Reset { reason: ResetReason::Lagged, missed };
        self.resumption = Resumption::Reset(reset);
        let first = readers.first()?;
        first.shared().counts.reset(reset.reason);
        self.encode(first, reset, place)
    }

    /// What is sent of a frame that was read, and has this number. Behind it comes the reset that the client is owed, and where
    /// it ends, the place that says so if the frame has no ID.
    pub(crate) fn deliver(
        &mut self,
        (frame, sequence): (Frame, u64),
        sequencer: &Sequencer,
        readers: &[Reader],
        reached: Reached,
    ) -> Option<Frame> {
        if !frame.is_event() {
            // It would take the client past what it was not told of.
            return Some(frame).filter(|_| self.owed.is_none());
        }
        self.may_reset = true;
        let mut last = None;
        if self.until.as_ref().is_some_and(|is_last| is_last(&frame)) {
            self.end = Some("done");
            last = (!frame.is_ephemeral()).then(|| EventId::from(Cursor::at(sequencer.epoch(), sequence)));
        }
        let Some(Owed { missed }) = self.owed.take() else {
            let tells = readers.first().is_some_and(Reader::tells);
            let last = last.filter(|_| tells && frame.id().is_none());
            self.queued = last.map(|last| Box::new(Frame::checkpoint(last.as_str())));
            return Some(frame);
        };
        let place = last.unwrap_or_else(|| self.told_place(sequencer, readers, reached));
        self.queued = self.reset(missed, readers, place).map(Box::new);
        Some(frame.without_id())
    }
}

/// The logs of a client, in the order in which they were made.
struct Logs(Vec<LogId>);

impl Logs {
    /// A number has one bit for each of so many logs, and above these a digest of all.
    const MOST: usize = 40;

    /// `None` if a number cannot name them.
    fn of(readers: &[Reader]) -> Option<Self> {
        if readers.len() > Self::MOST {
            return None;
        }
        let mut logs: Vec<_> = readers.iter().map(Reader::log_id).collect();
        logs.sort_unstable();
        Some(Self(logs))
    }

    /// The number that names some of them.
    fn with<'a>(&self, some: impl Iterator<Item = &'a Reader>) -> u64 {
        some.fold(self.digest() << Self::MOST, |named, reader| named | self.bit(reader))
    }

    /// Whether a number is one of the same logs, and names this one.
    fn has(&self, named: u64, reader: &Reader) -> bool {
        named >> Self::MOST == self.digest() && named & self.bit(reader) != 0
    }

    fn bit(&self, reader: &Reader) -> u64 {
        1 << self.0.partition_point(|log| *log < reader.log_id())
    }

    fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        hasher.finish() >> Self::MOST
    }
}
