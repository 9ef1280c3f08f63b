//! What reads a log for one client, whatever the type of its events.

mod beginning;
mod filter;
mod read;

use std::sync::Arc;
use std::task::Context;

use tokio::time::Instant;

use super::delivery::{Membership, SubscriberLimit, Turns};
use super::log::{Located, Point};
use super::reset::{Reset, encode_reset};
use super::shared::Shared;
use super::sight::{Tally, trace};
use super::start::{Resumption, Slow, Start};
use super::sync::Ordering;
use crate::encode::Frame;
use crate::field::{EventId, LastEventId};
use beginning::Beginning;
use filter::Filter;

/// A place in a log, and what its client is to be told.
pub(super) struct Reader {
    shared: Arc<Shared>,
    /// `None` if it was sent away.
    membership: Option<Membership>,
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
    turns: Turns,
    /// Where to stop, once the channel drains.
    stop: Option<Stop>,
    ended: bool,
    tally: Tally,
    span: trace::Subscribed,
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
    /// Nothing yet: it waits for its turn to replay, and is woken then.
    Wait,
}

impl Reader {
    pub(super) fn new(shared: Arc<Shared>, last_event_id: LastEventId) -> Self {
        let limit = shared.limit.clone();
        Self::under(limit.as_ref(), shared, last_event_id)
    }

    /// One that takes its place under this limit, or under none if it is part of a whole that has.
    pub(super) fn under(
        limit: Option<&SubscriberLimit>,
        shared: Arc<Shared>,
        last_event_id: LastEventId,
    ) -> Self {
        // Who cannot join takes no place in the log.
        let end = shared.end.load(Ordering::Acquire);
        let (membership, first) = match shared.subscribers.join(end, limit) {
            Ok(membership) => (Some(membership), None),
            Err(time) => (None, Some(Frame::reconnection_time(time))),
        };
        shared.counts.subscribed(membership.is_none());
        let mut reader = Self {
            slow: shared.slow,
            span: trace::Subscribed::new(&shared.name, &last_event_id),
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
            turns: Turns::default(),
            stop: None,
            tally: Tally::default(),
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
        let checkpoint = self.filter.as_ref().and_then(|filter| filter.checkpoint());
        self.filter = Some(Box::new(Filter::new(keep).with_checkpoint(checkpoint)));
    }

    pub(super) fn set_checkpoint(&mut self, events: u64) {
        let filter = self.filter.take().map_or_else(Filter::all, |filter| *filter);
        self.filter = Some(Box::new(filter.with_checkpoint(Some(events))));
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

    /// Whether there may be something to read, in its turn or not. For one of many topics, of which most are quiet, this
    /// costs less than to read.
    pub(super) fn has_news(&self) -> bool {
        let is_ending = |membership: &Membership| membership.slot.ending().is_some();
        self.next.place < self.shared.end.load(Ordering::Acquire)
            || self.newest_of_key.is_some()
            || self.membership.as_ref().is_some_and(is_ending)
    }

    /// Whether it waits for its turn to replay.
    pub(super) const fn is_waiting(&self) -> bool {
        self.turns.is_waiting()
    }

    /// The sequence number up to which the client has what it came back for; 0 if it could not resume.
    pub(super) fn resumed_from(&self) -> u64 {
        if self.resumption == Resumption::Complete { self.next.mark.sequence } else { 0 }
    }

    /// Takes note that the client gets its first frame now; `resets` if it is told of its reset here.
    pub(super) fn open(&self, resets: bool) {
        self.span.begins(self.resumption, self.replayed);
        if let (true, Resumption::Reset(reset)) = (resets, self.resumption) {
            self.shared.counts.reset(reset.reason);
        }
    }

    /// What goes out before anything is read.
    pub(super) fn take_first(&mut self) -> Option<Frame> {
        self.first.take()
    }

    /// Has the client woken by the next event, or by its end. Read again afterwards: either may have come before.
    pub(super) fn register(&self, context: &Context<'_>) {
        if let Some(Membership { slot, .. }) = &self.membership {
            slot.register(context);
        }
    }

    /// The frame with which to end, once the channel drains, for one who has read to its end.
    pub(super) fn end(&mut self) -> Option<Frame> {
        let time = self.membership.as_ref()?.slot.ending()?;
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
        self.note_place();
    }

    /// The frame of the reset, if there is one to tell of.
    fn encode_reset(&self, id: Option<EventId>) -> Option<Frame> {
        let Resumption::Reset(reset) = self.resumption else { return None };
        self.encode(reset, id)
    }

    /// Adds what it has counted to what all have.
    fn hand_in(&mut self) {
        self.span.delivered(self.tally.events());
        self.shared.counts.take(&mut self.tally);
    }

    fn note_place(&self) {
        if let Some(membership) = &self.membership {
            membership.slot.reads(self.next.place);
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.turns.give_up(&self.shared.admission, &self.shared.counts);
        self.hand_in();
        let end = match &self.membership {
            None => "sent_away",
            Some(_) if !self.ended => "left",
            Some(membership) if membership.slot.ending().is_some() => "drained",
            Some(_) => "lagged",
        };
        self.span.ends(end);
        if let Some(membership) = &self.membership {
            self.shared.subscribers.leave(membership);
        }
    }
}
