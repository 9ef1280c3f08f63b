//! The event with which a client ends.

use std::sync::Arc;

use super::super::super::log::{Cursor, Located, LogId, Place, Sequencer, Stand};
use super::super::super::start::Resumption;
use super::super::{Keep, Reader};
use super::{Ending, Visit};
use crate::encode::Frame;
use crate::field::EventId;

impl Visit {
    /// Ends it behind an event of which this is true, too.
    pub(crate) fn set_until(&mut self, last: Arc<Keep>) {
        self.until = Some(Box::new(match self.until.take() {
            Some(before) => Arc::new(move |frame: &Frame| before(frame) || last(frame)),
            None => last,
        }));
    }

    /// One that comes back with the event with which it was to end is done.
    pub(super) fn end_if_had_last(&mut self, located: &Located, readers: &[Reader]) {
        let Place::At(Stand::Behind(sequence)) = located.place else { return };
        // Of a log that its ID names by itself, it was let begin there.
        let mut had = readers.iter().filter(|reader| located.elsewhere(reader.log_id()).is_none());
        let had_last = self.until.is_some() && located.elsewhere(LogId::NONE).is_some()
            || had.any(|reader| self.is_last_of(reader, sequence));
        if had_last && !matches!(self.resumption, Resumption::Reset(_)) {
            self.end = Some(Ending::Done);
        }
    }

    /// Whether the event right before this number is one with which the client ends.
    pub(super) fn is_behind_last(&self, readers: &[Reader], sequence: u64) -> bool {
        readers.iter().any(|reader| self.is_last_of(reader, sequence))
    }

    /// The same, of an event of this log.
    fn is_last_of(&self, reader: &Reader, sequence: u64) -> bool {
        let Some(is_last) = &self.until else { return false };
        // Without the lock: the application may do anything.
        let frame = {
            let log = reader.shared().read_log();
            log.at(log.mark_at(sequence)).cloned()
        };
        frame.is_some_and(|frame| reader.keeps(&frame) && is_last(&frame))
    }

    /// Whether the client ends with an event of these, which the application made.
    pub(crate) fn ends_with(&self, frames: &[Frame]) -> bool {
        self.until.as_deref().is_some_and(|is_last| frames.iter().any(&**is_last))
    }

    /// What stands on the wire for the place of a client that has a state of the application's, and goes on behind this number or
    /// ends.
    pub(crate) fn name_behind_state(
        &self,
        (sequence, ends): (u64, bool),
        sequencer: &Sequencer,
        readers: &[Reader],
    ) -> EventId {
        // The ID of an event with which it ends says that it had that.
        let last = readers.iter().find(|reader| self.is_last_of(reader, sequence));
        let log = match (last, ends) {
            (Some(reader), false) => Some(reader.log_id()),
            (None, true) => Some(LogId::NONE),
            (Some(_), true) | (None, false) => None,
        };
        if let Some(log) = log {
            let stand = Stand::Behind(sequence);
            return Cursor { elsewhere: vec![(log, stand)], ..Cursor::new(sequencer.epoch(), stand) }.into();
        }
        Self::name_all(sequence, sequencer, readers).0
    }

    /// What the client wants was narrowed: another's last event does not end it.
    pub(crate) fn narrowed(&mut self, sequencer: &Sequencer, readers: &[Reader]) {
        if self.end == Some(Ending::Done) && !self.opened {
            self.end = None;
            self.end_if_had_last(&self.locate(sequencer), readers);
        }
    }
}
