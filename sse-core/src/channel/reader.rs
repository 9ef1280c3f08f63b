//! What reads a log for one client, whatever the type of its events.

use std::sync::Arc;
use std::task::Context;

use tokio::time::Instant;

use super::Shared;
use super::log::{Located, Point, Read};
use super::resume::{Beginning, Reset, ResetReason, Resumption, Slow, Start, encode_reset};
use super::subscribers::Slot;
use super::sync::Ordering;
use crate::event_id::EventId;
use crate::frame::Frame;
use crate::last_event_id::LastEventId;

/// A place in a log, and what its client is to be told.
pub(super) struct Reader {
    shared: Arc<Shared>,
    /// Its key and slot among the subscribers; `None` if it was sent away.
    membership: Option<(usize, Arc<Slot>)>,
    last_event_id: LastEventId,
    start: Start,
    slow: Slow,
    filter: Option<Box<Filter>>,
    resumption: Resumption,
    /// Whether a reset carries the cursor from which the client goes on.
    resets_have_ids: bool,
    /// It fell behind and was reset since this was asked last.
    lagged: bool,
    replayed: u64,
    /// What goes out before anything is read: a reset, or the reconnection time of one that was sent away.
    first: Option<Frame>,
    /// The place from which the newest event of each key is read next, while they are.
    newest_of_key: Option<u64>,
    /// Where the log is read next.
    next: Point,
    /// What lies before was there when the subscription began: ephemeral events of then are not replayed.
    live_from: u64,
    /// Where to stop, once the channel drains.
    stop: Option<Stop>,
    ended: bool,
}

/// What narrows a subscription.
struct Filter {
    keep: Box<dyn Fn(&Frame) -> bool + Send + Sync>,
    /// How many events may be left out before the client is told how far it is; `None` for never.
    checkpoint: Option<u64>,
    /// How many were left out since it was told last.
    left_out: u64,
}

/// The end of what was there when a drain was noticed.
#[derive(Clone, Copy)]
struct Stop {
    place: u64,
    sequence: u64,
}

/// What comes next for the client.
pub(super) enum Output {
    /// An event, or a checkpoint in place of those that were left out, with the sequence number that it reaches.
    Event { frame: Frame, sequence: u64 },
    /// A reset in the middle.
    Reset(Frame),
    /// The last frame: a reconnection time. Whatever has a number up to this has been read.
    End { frame: Frame, sequence: u64 },
    /// The end of one that fell behind.
    Lagged,
    /// Nothing yet, but so much was left out that others are to have their turn first.
    Yield,
}

/// So many events are left out before others get their turn.
const MAX_LEFT_OUT: usize = 1024;

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, last_event_id: LastEventId) -> Self {
        // Joined before the place is taken, so that no event falls between the two.
        let (membership, first) = match shared.subscribers.join() {
            Ok(membership) => (Some(membership), None),
            Err(time) => (None, Some(Frame::reconnection_time(time))),
        };
        let mut reader = Self {
            slow: shared.slow,
            shared,
            ended: membership.is_none(),
            membership,
            last_event_id,
            start: Start::Live,
            filter: None,
            resumption: Resumption::New,
            resets_have_ids: true,
            lagged: false,
            replayed: 0,
            first,
            newest_of_key: None,
            next: Point::default(),
            live_from: 0,
            stop: None,
        };
        reader.begin();
        reader
    }

    pub(super) fn set_start(&mut self, start: Start) {
        self.start = start;
        self.begin();
    }

    pub(super) fn set_slow(&mut self, slow: Slow) {
        self.slow = slow;
    }

    pub(super) fn set_filter(&mut self, keep: Box<dyn Fn(&Frame) -> bool + Send + Sync>) {
        let checkpoint = self.filter.as_ref().and_then(|filter| filter.checkpoint);
        self.filter = Some(Box::new(Filter { keep, checkpoint, left_out: 0 }));
    }

    pub(super) fn set_checkpoint(&mut self, events: u64) {
        let all = || Box::new(Filter { keep: Box::new(|_| true), checkpoint: None, left_out: 0 });
        self.filter.get_or_insert_with(all).checkpoint = Some(events.max(1));
    }

    /// Lets resets carry no ID, where a cursor of this log alone would stand for what the client has not seen yet.
    pub(super) fn reset_without_id(&mut self) {
        self.resets_have_ids = false;
        if !self.is_sent_away() {
            self.first = self.encode_reset(None);
        }
    }

    /// Whether it fell behind and was reset since this was asked last.
    pub(super) fn take_lagged(&mut self) -> bool {
        std::mem::take(&mut self.lagged)
    }

    pub(super) const fn resumption(&self) -> Resumption {
        self.resumption
    }

    pub(super) const fn replayed(&self) -> u64 {
        self.replayed
    }

    pub(super) const fn last_event_id(&self) -> &LastEventId {
        &self.last_event_id
    }

    /// Whether it got no place in the channel, only a reconnection time.
    pub(super) const fn is_sent_away(&self) -> bool {
        self.membership.is_none()
    }

    pub(super) const fn is_ended(&self) -> bool {
        self.ended && self.first.is_none()
    }

    /// What goes out before anything is read.
    pub(super) fn take_first(&mut self) -> Option<Frame> {
        self.first.take()
    }

    /// Has the client woken by the next event, or by its end. Read again afterwards: either may have come before.
    pub(super) fn register(&self, context: &Context<'_>) {
        if let Some((_, slot)) = &self.membership {
            slot.register(context);
        }
    }

    /// The frame with which to end, once the channel drains, for one who has read to its end.
    pub(super) fn end(&mut self) -> Option<Frame> {
        let (_, slot) = self.membership.as_ref()?;
        let time = slot.ending()?;
        self.ended = true;
        Some(Frame::reconnection_time(time))
    }

    /// The frame of a reset, as the channel makes it.
    pub(super) fn encode(&self, reset: Reset, id: Option<EventId>) -> Option<Frame> {
        // The application's own event may be illegal; the ordinary one is not.
        (self.shared.encode_reset)(reset, id.clone()).or_else(|_| encode_reset(reset, id)).ok()
    }

    /// Goes on behind the event that `id` names. False if the log can no longer give all that follows.
    pub(super) fn resume_behind(&mut self, id: &LastEventId) -> bool {
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let Located::Retained(point) = log.locate(id.as_str(), shared.sequencer.newest()) else {
            return false;
        };
        self.live_from = log.end();
        self.next = point;
        self.newest_of_key = None;
        self.replayed = log.newest().mark.count - point.mark.count;
        true
    }

    fn begin(&mut self) {
        if self.is_sent_away() {
            return;
        }
        let now = Instant::now();
        let shared = Arc::clone(&self.shared);
        let mut log = shared.log();
        log.trim_aged(now);
        let newest = shared.sequencer.newest();
        let beginning = Beginning::find(&log, &self.last_event_id, newest, self.start);
        self.live_from = log.end();
        drop(log);
        self.begin_at(&beginning);
    }

    /// Without the log's lock: the reset may be of the application's making, which may do anything.
    fn begin_at(&mut self, beginning: &Beginning) {
        self.next = beginning.point;
        self.newest_of_key = beginning.latest_per_key.then_some(0);
        self.replayed = beginning.replayed;
        self.resumption = beginning.resumption;
        let id = self.resets_have_ids.then(|| beginning.cursor.into());
        self.first = self.encode_reset(id);
    }

    /// The frame of the reset, if there is one to tell of.
    fn encode_reset(&self, id: Option<EventId>) -> Option<Frame> {
        let Resumption::Reset(reset) = self.resumption else { return None };
        self.encode(reset, id)
    }

    /// What comes next, unless there is nothing yet.
    pub(super) fn read(&mut self) -> Option<Output> {
        let end = self.shared.end.load(Ordering::Acquire);
        if let Some((sequence, frame)) = self.read_newest_of_key() {
            return Some(Output::Event { frame, sequence });
        }
        if let Some(last) = self.end_behind_all() {
            return Some(last);
        }
        let mut left_out = 0;
        while self.next.place < end {
            if left_out == MAX_LEFT_OUT {
                return Some(Output::Yield);
            }
            left_out += 1;
            let log = self.shared.read_log();
            let read = log.read(self.next.place);
            drop(log);
            match read {
                Read::Entry { frame, next, superseded } => {
                    let replayed = self.next.place < self.live_from;
                    self.next = next;
                    let skipped =
                        frame.is_ephemeral() && replayed || superseded && self.slow == Slow::Coalesce;
                    if let Some(frame) = self.narrow(frame, skipped) {
                        return Some(Output::Event { frame, sequence: next.mark.sequence });
                    }
                }
                Read::Trimmed => return Some(self.lag()),
                Read::CaughtUp => break,
            }
        }
        // What was left out may have been the last before the end, which wakes nobody again.
        self.end_behind_all()
    }

    /// The last output, once the channel drains and all is read that was there when this was noticed.
    fn end_behind_all(&mut self) -> Option<Output> {
        self.membership.as_ref()?.1.ending()?;
        // Looked up only now: what was looked up before may lie before an event that was published ahead of the drain.
        let Stop { place, sequence } = *self.stop.get_or_insert_with(|| Stop {
            // The number first, so that what has one up to it lies before the place.
            sequence: self.shared.sequencer.newest(),
            place: self.shared.end.load(Ordering::Acquire),
        });
        if self.next.place < place { None } else { Some(Output::End { frame: self.end()?, sequence }) }
    }

    /// The newest event of the next key, while the subscription begins with them.
    fn read_newest_of_key(&mut self) -> Option<(u64, Frame)> {
        while let Some(place) = self.newest_of_key {
            let log = self.shared.read_log();
            let newest = log.read_newest_of_key(place, self.live_from);
            drop(log);
            self.newest_of_key = newest.as_ref().map(|(place, ..)| place + 1);
            let wanted = newest
                .map(|(_, sequence, frame)| (sequence, frame))
                .filter(|(_, frame)| self.filter.as_ref().is_none_or(|filter| (filter.keep)(frame)));
            if wanted.is_some() {
                return wanted;
            }
        }
        None
    }

    /// The frame if it is to be sent, or the checkpoint that is due in its place.
    fn narrow(&mut self, frame: Frame, skipped: bool) -> Option<Frame> {
        let Some(filter) = &mut self.filter else { return Some(frame).filter(|_| !skipped) };
        if !skipped && (filter.keep)(&frame) {
            filter.left_out = 0;
            return Some(frame);
        }
        filter.left_out += 1;
        if filter.checkpoint.is_none_or(|events| filter.left_out < events) {
            return None;
        }
        filter.left_out = 0;
        let log = self.shared.read_log();
        Some(Frame::checkpoint(&log.cursor(self.next).to_string()))
    }

    /// What stood at the reader's place has been trimmed.
    fn lag(&mut self) -> Output {
        let start = match self.slow {
            Slow::Disconnect => {
                self.ended = true;
                return Output::Lagged;
            }
            Slow::Skip => self.start,
            Slow::Coalesce => Start::LatestPerKey,
        };
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let seen = Some(self.next.mark.count);
        let beginning = Beginning::reset(&log, start, ResetReason::Lagged, seen);
        self.live_from = log.end();
        drop(log);
        self.begin_at(&beginning);
        match self.first.take() {
            Some(reset) => {
                self.lagged = true;
                Output::Reset(reset)
            }
            // A reset that could not be encoded at all would be a silent hole.
            None => {
                self.ended = true;
                Output::Lagged
            }
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some((key, _)) = self.membership {
            self.shared.subscribers.leave(key);
        }
    }
}
