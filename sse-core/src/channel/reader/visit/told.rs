//! What a client is told of its place, and of what it missed.

use std::slice;

use super::super::super::log::{Cursor, Epoch, Sequencer, Stand};
use super::super::super::reset::{Reset, ResetReason, encode_reset};
use super::super::super::start::Resumption;
use super::super::{Begun, Reader};
use super::{Ending, Owed, Visit};
use crate::encode::Frame;
use crate::field::EventId;

impl Visit {
    /// Makes what the client is told first.
    pub(crate) fn open(&mut self, sequencer: &Sequencer, readers: &[Reader], reached: &mut Option<u64>) {
        if std::mem::replace(&mut self.opened, true) || self.queued.is_some() {
            return;
        }
        self.span.begins(self.resumption, self.replayed);
        let Some(first) = readers.first().filter(|_| self.end.is_none()) else { return };
        match self.resumption {
            // No ID goes past a loss of which it was not told yet.
            _ if self.owed.is_some() => {}
            // The store has let go of more meanwhile.
            _ if self.was_told() && !self.is_told_of_all(readers) => {
                self.owed = Some(Box::new(Owed { missed: None }));
            }
            _ if self.was_told() => {
                let place = self.name(sequencer, readers, reached);
                self.queued = first.tells().then(|| Box::new(Frame::checkpoint(place.as_str())));
            }
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

    /// What stands on the wire for where the client is, when it has reached this number. That says that it has reached another,
    /// perhaps: what is behind that is not said any more.
    fn name(&self, sequencer: &Sequencer, readers: &[Reader], reached: &mut Option<u64>) -> EventId {
        let (id, number) = self.find_name(sequencer, readers, *reached);
        *reached = (*reached).max(number);
        id
    }

    /// The same, and the number that it has reached, if that is so in all of its logs.
    fn find_name(
        &self,
        sequencer: &Sequencer,
        readers: &[Reader],
        reached: Option<u64>,
    ) -> (EventId, Option<u64>) {
        let epoch = sequencer.epoch();
        let begun = || readers.iter().filter_map(|reader| reader.begun().number());
        if self.by_state {
            // It is given a whole state again.
            let at = begun().min().or(reached).unwrap_or(0);
            return (Cursor::new(epoch, Stand::Begun { at, trims: self.trims }).into(), None);
        }
        if let [reader] = readers {
            let stand = self.stand_in_one(reader);
            return (stand.map_or_else(|| reader.name(), |stand| Cursor::new(epoch, stand).into()), None);
        }
        // The ID of an event with which it ends says that it had that.
        let was_let_begin = begun().next().is_some();
        let may_name = |at: &u64| !(was_let_begin && self.is_behind_last(readers, *at));
        let reached = reached.filter(may_name);
        if let Some(at) =
            reached.filter(|at| Self::elsewhere(readers, Stand::Behind(*at), true).next().is_none())
        {
            return Self::name_all(at, sequencer, readers);
        }
        // With nothing left of what it began with, it is where it was let begin last.
        let are_all_at = |at: &u64| readers.iter().all(|reader| reader.is_at(*at));
        if let Some(at) = begun().max().filter(are_all_at).filter(may_name) {
            return Self::name_all(at, sequencer, readers);
        }
        let stand = reached.map_or_else(|| self.stand_at_start(readers), Stand::Behind);
        (self.name_each(epoch, stand, Self::elsewhere(readers, stand, true)), None)
    }

    /// Where the client of one log stands, unless the log names that.
    fn stand_in_one(&self, reader: &Reader) -> Option<Stand> {
        let begun = |at| Some(Stand::Begun { at, trims: self.trims(slice::from_ref(reader)) });
        match (self.stand(reader), reader.begun()) {
            (Stand::State { .. }, Begun::AtStart(at)) => begun(at),
            (state @ Stand::State { .. }, _) => Some(state),
            // Everything lies behind its mark, and it is not to get all of that.
            (Stand::Behind(_), Begun::AtStart(at)) if reader.awaits_newest() => begun(at),
            (Stand::Behind(sequence), at) => {
                // The ID of an event with which it ends says that it had that.
                at.number().filter(|_| self.is_behind_last(slice::from_ref(reader), sequence)).and_then(begun)
            }
            (Stand::Begun { .. }, _) => None,
        }
    }

    /// Where a client of several logs stands that has nothing yet, in most of them.
    fn stand_at_start(&self, readers: &[Reader]) -> Stand {
        let trims = self.trims(readers);
        let at_start = readers.iter().filter_map(|reader| match reader.begun() {
            Begun::AtStart(at) => Some(at),
            Begun::Elsewhere(_) | Begun::GoesOn => None,
        });
        let lowest = || readers.iter().map(|reader| reader.number()).min().unwrap_or(0);
        at_start.min().map_or_else(|| Stand::Behind(lowest()), |at| Stand::Begun { at, trims })
    }

    /// Where a client stands in a log.
    fn stand(&self, reader: &Reader) -> Stand {
        reader.stand(|| self.trims(slice::from_ref(reader)))
    }

    /// How many events had been trimmed, in all logs, when nothing was lost to a client that stands here.
    fn trims(&self, readers: &[Reader]) -> u64 {
        // The number first: what is trimmed meanwhile may be lost to it.
        let trims = readers.first().map(|reader| Self::trims_now(&reader.shared().sequencer, readers));
        let has_all = readers.iter().all(Reader::has_all);
        trims.filter(|_| has_all).unwrap_or(self.trims)
    }

    /// The logs in which a client does not stand there. One that was told of nothing may as well get more than it was to,
    /// where that is still there.
    fn elsewhere(readers: &[Reader], stand: Stand, told: bool) -> impl Iterator<Item = &Reader> {
        readers.iter().filter(move |reader| match (stand, reader.begun()) {
            (_, Begun::GoesOn) => false,
            (Stand::Behind(sequence), _) => !reader.is_at(sequence) && (told || !reader.goes_on(sequence)),
            (Stand::Begun { at, .. } | Stand::State { at, .. }, begun) => begun != Begun::AtStart(at),
        })
    }

    /// What stands for the place of a client of several logs, which is elsewhere in some.
    fn name_each<'a>(
        &self,
        epoch: Epoch,
        stand: Stand,
        elsewhere: impl Iterator<Item = &'a Reader>,
    ) -> EventId {
        let mut elsewhere: Vec<_> = elsewhere.map(|reader| (reader.log_id(), self.stand(reader))).collect();
        // Where not all can be named: one that is further would be told again, one that is behind would miss something.
        elsewhere.sort_unstable_by_key(|(_, there)| there.number());
        elsewhere.truncate(Cursor::MOST_ELSEWHERE);
        elsewhere.sort_unstable_by_key(|(log, _)| *log);
        Cursor { epoch, stand, elsewhere }.into()
    }

    /// What stands for the place behind everything up to this number, in all of its logs.
    pub(super) fn name_all(at: u64, sequencer: &Sequencer, readers: &[Reader]) -> (EventId, Option<u64>) {
        // In a store, a cursor is known to all servers, and an own ID goes when its topic is closed.
        let in_store = readers.iter().any(|reader| reader.shared().backing.is_some());
        if in_store && sequencer.is_of_many() {
            return (Cursor::at(sequencer.epoch(), at).into(), Some(at));
        }
        // Of the own IDs, that of another topic is forgotten while these are quiet.
        let own = readers.iter().filter_map(|reader| Some((reader.sequence(), reader.own_name()?)));
        let own = own.max_by_key(|(sequence, _)| *sequence);
        let own = own.filter(|(sequence, _)| readers.iter().all(|reader| reader.is_at(*sequence)));
        let (number, id) = own.unwrap_or_else(|| (at, Cursor::at(sequencer.epoch(), at).into()));
        (id, Some(number))
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
        reached: &mut Option<u64>,
    ) -> Option<Frame> {
        self.lagged = true;
        if let Some(owed) = &mut self.owed {
            owed.missed = owed.missed.zip(missed).map(|(owed, missed)| owed + missed);
        } else if self.may_reset {
            let place = self.name(sequencer, readers, reached);
            return self.reset(missed, readers, place);
        } else if !self.by_state {
            self.owed = Some(Box::new(Owed { missed }));
        }
        None
    }

    /// The ID of an event with which the client reaches this number, where another than its own says where the client is; or
    /// none, where no ID can.
    pub(crate) fn place(
        &mut self,
        sequence: u64,
        sequencer: &Sequencer,
        readers: &mut [Reader],
    ) -> Option<Option<EventId>> {
        if !self.unsettled {
            return None;
        }
        self.unsettled = false;
        for reader in readers.iter_mut().filter(|reader| reader.begun() != Begun::GoesOn) {
            if reader.is_at(sequence) {
                reader.settle();
            } else {
                self.unsettled = true;
            }
        }
        self.told &= self.unsettled;
        let stand = Stand::Behind(sequence);
        let elsewhere = || Self::elsewhere(readers, stand, self.told);
        elsewhere().next()?;
        let is_behind = |reader: &&Reader| reader.number() < sequence || reader.reads_state();
        let may_be_named = elsewhere().filter(is_behind).count() <= Cursor::MOST_ELSEWHERE;
        Some(may_be_named.then(|| self.name_each(sequencer.epoch(), stand, elsewhere())))
    }

    fn reset(&mut self, missed: Option<u64>, readers: &[Reader], place: EventId) -> Option<Frame> {
        (self.may_reset, self.has_event, self.told, self.unsettled) = (false, false, true, true);
        let reset = Reset { reason: ResetReason::Lagged, missed };
        self.resumption = Resumption::Reset(reset);
        let first = readers.first()?;
        first.shared().counts.reset(reset.reason);
        self.encode(first, reset, place)
    }

    /// Whether this frame is the first event since it began, or behind a reset; and if so, whether a reset follows it.
    pub(crate) fn is_first(&self, frame: &Frame) -> Option<bool> {
        (!self.has_event && frame.is_event()).then_some(self.owed.is_some())
    }

    /// What is sent of a frame that was read, and has this number. Behind it comes the reset that the client is owed, and where
    /// it ends, the place that says so if the frame has no ID.
    pub(crate) fn deliver(
        &mut self,
        (frame, sequence): (Frame, u64),
        sequencer: &Sequencer,
        readers: &[Reader],
        reached: &mut Option<u64>,
    ) -> Option<Frame> {
        if !frame.is_event() {
            // It would take the client past what it was not told of; or say that it had the event with which it ends, which it
            // would have ended with.
            let may_go = self.owed.is_none() && !self.is_behind_last(readers, sequence);
            return Some(frame).filter(|_| may_go);
        }
        (self.may_reset, self.has_event, self.has_got_any) = (true, true, true);
        let mut last = None;
        if self.until.as_ref().is_some_and(|is_last| is_last(&frame)) {
            self.end = Some(Ending::Done);
            last = (!frame.is_ephemeral()).then(|| EventId::from(Cursor::at(sequencer.epoch(), sequence)));
        }
        let Some(Owed { missed }) = self.owed.take().map(|owed| *owed) else {
            let tells = readers.first().is_some_and(Reader::tells);
            let last = last.filter(|_| tells && frame.id().is_none());
            self.queued = last.map(|last| Box::new(Frame::checkpoint(last.as_str())));
            return Some(frame);
        };
        let place = last.unwrap_or_else(|| self.name(sequencer, readers, reached));
        self.queued = self.reset(missed, readers, place).map(Box::new);
        Some(frame.without_id())
    }
}
