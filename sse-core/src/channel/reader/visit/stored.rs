//! What a visit to logs that a store keeps has beyond that to others.

use std::time::Duration;

use super::super::super::log::{Cursor, Epoch, Located, LogId, Place, Sequencer, Stand};
use super::super::super::start::{Resumption, Start};
use super::super::Reader;
use super::{Ending, Visit};
use crate::encode::Frame;
use crate::field::EventId;

/// What holds for a client that had to wait for a store.
pub(super) struct Waited {
    /// It came in this life of the log, when this was the highest number in use.
    epoch: Epoch,
    since: u64,
    /// The cursor that stands for the ID that it came with.
    known_as: Option<EventId>,
    /// It was told of what it missed, when this was the highest number in use, and begins again without having got anything since.
    told_at: Option<u64>,
    /// The store had let go of what it was to get first.
    begins_again: bool,
}

impl Visit {
    /// Where its ID says that it is.
    pub(crate) fn locate(&self, sequencer: &Sequencer) -> Located {
        let came_behind = self.came_behind.filter(|(epoch, _)| *epoch == sequencer.epoch());
        match came_behind {
            Some((_, number)) => Place::At(Stand::Behind(number)).into(),
            None => sequencer.locate(self.came_with()),
        }
    }

    /// The same. From now on it says so, though a window forgets which event had an ID.
    pub(crate) fn locate_for_good(&mut self, sequencer: &Sequencer) -> Located {
        let (epoch, located) = (sequencer.epoch(), self.locate(sequencer));
        if let Place::At(Stand::Behind(number)) = located.place
            && located.is_plain()
        {
            self.came_behind = Some((epoch, number));
        }
        located
    }

    /// Whether it may begin again where the store has let go of what comes first: its client has got nothing yet, and either will be told of
    /// what it misses, or was told, and that was all there when it began.
    pub(crate) fn may_begin_again(&self, readers: &[Reader]) -> bool {
        if self.has_got_any || self.by_state || readers.iter().any(Reader::is_of_past_life) {
            return false;
        }
        if self.was_told() || self.opened && matches!(self.resumption, Resumption::Reset(_)) {
            // In all of its logs as of when it was told: what came since lies behind that.
            let told_at = self.told_at(readers);
            let is_there = |reader: &Reader| reader.begun().number().is_none_or(|at| Some(at) == told_at);
            return self.is_told_of_all(readers) && readers.iter().all(is_there);
        }
        self.start == Start::Earliest || !self.is_new
    }

    /// Whether it begins once more, as the store had let go of what it was to get.
    pub(super) fn begins_again(&self) -> bool {
        self.waited.as_ref().is_some_and(|waited| waited.begins_again)
    }

    /// Whether it was told of what it missed, and begins again.
    pub(super) fn was_told(&self) -> bool {
        self.waited.as_ref().is_some_and(|waited| waited.told_at.is_some())
    }

    /// Whether all that the store has let go of was there when it was told.
    pub(super) fn is_told_of_all(&self, readers: &[Reader]) -> bool {
        let told_at = self.told_at(readers);
        readers.iter().all(|reader| told_at.is_some_and(|at| reader.stored_loss() <= at))
    }

    /// The highest number in use when it was told. Where it lost something, it was let begin as of then.
    fn told_at(&self, readers: &[Reader]) -> Option<u64> {
        let before = self.waited.as_ref().and_then(|waited| waited.told_at);
        before.or_else(|| readers.iter().filter_map(|reader| reader.begun().number()).max())
    }

    pub(super) fn came_with(&self) -> &str {
        let known_as = self.waited.as_ref().and_then(|waited| waited.known_as.as_ref());
        known_as.map_or(self.last_event_id(), EventId::as_str)
    }

    /// The highest number that was in use when it came, if it had to wait since. All of a life that has begun since came behind that.
    pub(super) fn came_at(&self, sequencer: &Sequencer) -> Option<u64> {
        let waited = self.waited.as_ref()?;
        Some(if waited.epoch == sequencer.epoch() { waited.since } else { 0 })
    }

    /// It waits for a store from now on, and begins as of now.
    pub(crate) fn set_waiting(&mut self, sequencer: &Sequencer) {
        let (epoch, since) = (sequencer.epoch(), sequencer.newest());
        self.waited =
            Some(Box::new(Waited { epoch, since, known_as: None, told_at: None, begins_again: false }));
    }

    /// Whether its logs have begun another life since it was let begin, and it was told nothing yet: no place of the life before is one of
    /// this.
    pub(crate) fn is_of_past_life(&self, readers: &[Reader]) -> bool {
        let goes_on_by_state = self.by_state && !self.begins;
        !self.has_got_any
            && self.end.is_none()
            && !goes_on_by_state
            && readers.iter().any(Reader::is_of_past_life)
    }

    /// It is let begin anew, as of when it came: in this life of its logs, when this was the highest number in use. All of another came behind
    /// it.
    pub(crate) fn begin_anew(&mut self, epoch: Epoch, since: u64) {
        (self.opened, self.queued) = (false, None);
        let came = Waited { epoch, since, known_as: None, told_at: None, begins_again: false };
        self.waited.get_or_insert_with(|| Box::new(came));
    }

    /// The store knows the client's ID, which stands for this place; or the logs do, by now.
    pub(crate) fn set_located(&mut self, place: Option<Cursor>) {
        let came_with = Cursor::parse(self.last_event_id());
        let (Some(cursor), Some(waited)) = (place, &mut self.waited) else { return };
        // One that says more is known by itself, now that the window is as far.
        if came_with.is_none_or(|came_with| came_with.epoch != cursor.epoch) {
            waited.known_as = Some(cursor.into());
        }
    }

    /// It begins again where it began, since some of what it was to get is not there any more. It is told anew, but
    /// not of what it missed, if it was told of that already.
    pub(crate) fn reopen(&mut self, sequencer: &Sequencer, readers: &[Reader]) {
        self.opened = false;
        let is_told = self.was_told() || matches!(self.resumption, Resumption::Reset(_));
        let told_at = self.told_at(readers).filter(|_| is_told);
        let began = readers.iter().filter_map(|reader| reader.begun().number()).min();
        let waited = self.waited.get_or_insert_with(|| {
            let (epoch, since) = (sequencer.epoch(), began.unwrap_or_else(|| sequencer.newest()));
            Box::new(Waited { epoch, since, known_as: None, told_at: None, begins_again: false })
        });
        (waited.told_at, waited.begins_again) = (told_at, true);
        waited.since = told_at.unwrap_or(waited.since);
    }

    /// Whether what its ID says of what was trimmed is to be compared with [`Reader::loss`]: topics in a store have no count that
    /// goes over all of them.
    pub(super) fn compares_losses(sequencer: &Sequencer, readers: &[Reader]) -> bool {
        sequencer.is_of_many() && readers.iter().any(|reader| reader.shared().backing.is_some())
    }

    /// What an ID says of what was trimmed until now.
    pub(super) fn trims_now(sequencer: &Sequencer, readers: &[Reader]) -> u64 {
        if Self::compares_losses(sequencer, readers) { loss(readers) } else { sequencer.trims() }
    }

    /// What the client needs cannot be read: it ends, and comes back.
    pub(crate) fn fail(&mut self) -> Frame {
        self.set_ended(Ending::Failed);
        Frame::reconnection_time(Duration::from_millis(fastrand::u64(1000..5000)))
    }

    /// It has all that it wants, up to this number. It is told so, since its ID alone says it only to those who ask a store.
    pub(crate) fn done(&mut self, sequence: u64, sequencer: &Sequencer, readers: &[Reader]) -> Option<Frame> {
        self.set_ended(Ending::Done);
        let elsewhere = vec![(LogId::NONE, Stand::Behind(sequence))];
        let place = EventId::from(Cursor { elsewhere, ..Cursor::at(sequencer.epoch(), sequence) });
        let tells = readers.first().is_some_and(Reader::tells);
        tells.then(|| Frame::checkpoint(place.as_str()))
    }
}

/// What was let go of in these logs, as one number; 0 for nothing.
pub(super) fn loss(readers: &[Reader]) -> u64 {
    let all = readers.iter().map(Reader::loss).fold(0, u64::wrapping_add);
    // As short as the number of a log.
    all & LogId::MAX
}
