//! What reads a log for one client, whatever the type of its events.

mod answer;
mod beginning;
mod feed;
mod locate;
mod narrow;
mod newest;
mod read;
mod run;
mod spot;
mod stored;
mod visit;

use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use super::delivery::{Membership, SubscriberLimit, Turns};
use super::log::{Log, LogId, Mark, Point, Read};
use super::shared::Shared;
use super::start::{Slow, Start};
use crate::encode::Frame;
pub(crate) use beginning::{Beginning, Begun, Outcome, Request};
pub(crate) use feed::Feed;
pub(crate) use locate::Locating;
pub(crate) use narrow::Keep;
use narrow::Narrow;
pub(crate) use read::{Falls, Order, Output};
use spot::Spot;
use stored::{Missed, Paging};
pub(crate) use visit::{Ending, Visit};

/// A place in a log.
///
/// In the order of its fields: what each event needs comes first, side by side. Of a hundred thousand subscribers none is in the
/// cache when its turn comes.
#[repr(C)]
pub(crate) struct Reader {
    /// Where the log is read next.
    next: Point,
    shared: Arc<Shared>,
    /// `None` if it was sent away.
    membership: Option<Membership>,
    /// Where it was before it read what it read last: of several logs, that may have to wait for what comes from others.
    before: Spot,
    /// How the client was let begin here, until its other logs are as far.
    begun: Begun,
    /// Where to stop, once the channel drains.
    stop: Option<Box<Stop>>,
    turns: Turns,
    narrow: Option<Box<Narrow>>,
    /// While the newest event of each key is read: behind which number, and up to which.
    state: Option<Box<State>>,
    /// It begins with the newest event of each key, up to this number, and its client has got nothing since, of any log: else
    /// [`NOT_WHOLE`].
    whole: u64,
    /// What lies before was there when the subscription began.
    live_from: u64,
    slow: Slow,
    /// Whether the client gets blocks that have only an ID.
    tells: bool,
    is_ahead: bool,
    /// A page was forgotten before it was sent: it reads shorter ones for now.
    is_slow: bool,
    ended: bool,
    /// What it reads that lies before the window onto a stored log.
    paging: Option<Box<Paging>>,
}

/// Stands for no number.
const NOT_WHOLE: u64 = u64::MAX;

struct State {
    behind: u64,
    up_to: u64,
    /// Of a client that gets no block that has only an ID, the last event that was found: if it is the last of all, it has the
    /// ID.
    last: Option<Box<(u64, Frame)>>,
}

/// What comes of taking a place in a log.
pub(crate) struct Began {
    pub(crate) outcome: Outcome,
    /// How many events are replayed.
    pub(crate) replayed: u64,
}

/// The end of what was there when a drain was noticed.
#[derive(Clone, Copy)]
struct Stop {
    place: u64,
    sequence: u64,
}

impl Reader {
    /// Takes its place under this limit, or under none if it is part of a whole that has.
    pub(crate) fn new(limit: Option<&SubscriberLimit>, shared: Arc<Shared>) -> (Self, Option<Frame>) {
        // Who cannot join takes no place in the log.
        let end = shared.end();
        let (membership, sent_away) = match shared.subscribers.join(end, limit) {
            Ok(membership) => (Some(membership), None),
            Err(time) => (None, Some(Frame::reconnection_time(time))),
        };
        shared.counts.subscribed(membership.is_none());
        let reader = Self {
            slow: shared.slow,
            tells: shared.checkpoints,
            shared,
            ended: membership.is_none(),
            membership,
            narrow: None,
            state: None,
            next: Point::default(),
            whole: NOT_WHOLE,
            before: Default::default(),
            is_ahead: false,
            is_slow: false,
            begun: Begun::GoesOn,
            live_from: 0,
            turns: Turns::default(),
            stop: None,
            paging: None,
        };
        (reader, sent_away)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn set_slow(&mut self, slow: Slow) {
        self.slow = slow;
    }

    pub(crate) fn coalesces(&self) -> bool {
        self.slow == Slow::Coalesce
    }

    pub(crate) fn set_keep(&mut self, keep: Arc<Keep>) {
        self.narrow().narrow(keep);
    }

    /// Tells the client how far it is whenever so many events were left out.
    pub(crate) fn set_checkpoint(&mut self, events: u64) {
        self.tells = true;
        self.narrow().set_every(events);
    }

    /// Lets the client get no block that has only an ID.
    pub(crate) fn set_silent(&mut self) {
        self.tells = false;
    }

    /// Whether the client gets blocks that have only an ID.
    pub(crate) const fn tells(&self) -> bool {
        self.tells
    }

    fn narrow(&mut self) -> &mut Narrow {
        self.narrow.get_or_insert_with(|| Box::new(Narrow::new(self.shared.age)))
    }

    /// Takes its place in the log.
    pub(crate) fn begin(&mut self, request: &Request) -> Began {
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let request = Request { coalesces: self.coalesces(), ..*request };
        let beginning = Beginning::find(&log, &request);
        self.begin_at(&log, &beginning);
        let replayed = if beginning.state { log.keys() as u64 } else { log.left(beginning.mark) };
        Began { outcome: beginning.outcome, replayed }
    }

    fn begin_at(&mut self, log: &Log, beginning: &Beginning) {
        let Beginning { mark, state, older, older_behind, begun, outcome } = *beginning;
        self.next = log.point(mark);
        self.state = state.then(|| Box::new(State { behind: log.state(), up_to: mark.sequence, last: None }));
        (self.begun, self.is_ahead) = (begun, false);
        // Of what is there since it began, it gets all.
        let began = begun.number().unwrap_or(u64::MAX);
        let up_to = began.min(log.trimmed().sequence);
        // It is told of what is gone by now, if it is told at all.
        let told = if matches!(outcome, Outcome::Lost(..)) { log.own_loss() } else { 0 };
        let missed = Missed { behind: began.max(told), if_fewer: older_behind };
        self.paging = (older > 0).then(|| Box::new(Paging::newest(older, up_to, missed)));
        self.whole = if state { mark.sequence } else { NOT_WHOLE };
        self.live_from = log.end();
        self.note_place();
    }

    /// The first event since this began goes out, or the first behind a reset; from here, or from another log. If another reset follows, and
    /// this begins with the newest event of each key, these follow, and the event again. Whether they do.
    pub(crate) fn begin_again(&mut self, is_reset: bool, is_from_here: bool) -> bool {
        let whole = std::mem::replace(&mut self.whole, NOT_WHOLE);
        let is_in_state = self.state.is_some() || self.next.mark.sequence == whole;
        if whole == NOT_WHOLE || self.is_ahead || !is_reset || !(is_in_state || is_from_here) {
            return false;
        }
        let (behind, has_keys) = {
            let log = self.shared.read_log();
            (log.state(), log.keys() > 0)
        };
        if is_in_state {
            self.state = Some(Box::new(State { behind, up_to: whole, last: None }));
        } else if has_keys {
            // The state had nothing for the client. As of now, it is what lies before this event.
            self.next.mark = match self.paging.take() {
                Some(_) => Mark { sequence: self.next.mark.sequence.saturating_sub(1), ..self.next.mark },
                None => self.before.mark,
            };
            self.note_place();
            let up_to = self.next.mark.sequence;
            self.begun = Begun::Elsewhere(up_to);
            self.state = (up_to > 0).then(|| Box::new(State { behind, up_to, last: None }));
        }
        is_in_state || has_keys
    }

    /// Goes on behind a state that stands at this place. False if the log can no longer give all that follows.
    pub(crate) fn resume_behind(&mut self, sequence: u64) -> bool {
        let shared = Arc::clone(&self.shared);
        let log = shared.read_log();
        let Some(mark) = log.resume(sequence, self.coalesces()) else { return false };
        self.begin_at(&log, &Beginning::behind(mark));
        true
    }

    pub(crate) fn log_id(&self) -> LogId {
        self.shared.read_log().id()
    }

    /// What it read last waits, or does not any more: until it goes out, its client is where it was before.
    pub(crate) const fn set_ahead(&mut self, is_ahead: bool) {
        self.is_ahead = is_ahead;
    }

    pub(crate) const fn is_ended(&self) -> bool {
        self.ended
    }

    /// Whether nothing will come: all is read that its client wants, and the log is finished.
    pub(crate) fn is_over(&self) -> bool {
        if self.ended {
            return true;
        }
        if self.awaits_newest() {
            return false;
        }
        if self.state.is_some() || !self.shared.read_log().is_finished() {
            return false;
        }
        let mut at = self.next;
        loop {
            // As it will be read; without the lock, the application is asked.
            let read = self.shared.read_log().read(at, self.coalesces());
            match read {
                Read::Superseded { next, .. } => at = next,
                Read::Entry { frame, next, .. } if !self.keeps(&frame) => at = next,
                Read::Finished(_) => return true,
                Read::Entry { .. } | Read::Trimmed | Read::CaughtUp(_) => return false,
            }
        }
    }

    /// Whether the client wants this.
    pub(crate) fn keeps(&self, frame: &Frame) -> bool {
        self.narrow.as_ref().is_none_or(|narrow| narrow.keeps(frame))
    }

    /// Whether there may be something to read, in its turn or not. For one of many topics, of which most are quiet, this
    /// costs less than to read.
    pub(crate) fn has_news(&self) -> bool {
        self.shared.has_more(self.next.place())
            || self.state.is_some()
            || self.tells && self.narrow.as_ref().is_some_and(|narrow| self.is_due(narrow))
            || self.ending().is_some()
    }

    fn is_due(&self, narrow: &Narrow) -> bool {
        narrow.is_due_when_quiet(|| self.shared.read_log().retained_before(self.next.mark))
    }

    /// Whether it waits for its turn to replay, or for the store.
    pub(crate) fn is_waiting(&self) -> bool {
        self.turns.is_waiting() || self.paging.as_ref().is_some_and(|paging| paging.is_waiting())
    }

    /// Has the client woken by the next event, or by its end. Read again afterwards: either may have come before.
    #[inline]
    pub(crate) fn register(&mut self, context: &Context<'_>) {
        if let Some(membership) = &mut self.membership {
            self.shared.subscribers.register(membership, context);
        }
    }

    /// Whether something has come, or its end, since it was read to where it is.
    #[inline]
    pub(crate) fn has_more(&self) -> bool {
        self.shared.has_more(self.next.place()) || self.ending().is_some()
    }

    /// The frame with which to end, once the channel drains, for one who has read to its end.
    pub(crate) fn end(&mut self) -> Option<Frame> {
        let time = self.ending()?;
        self.ended = true;
        Some(Frame::reconnection_time(time))
    }

    /// The reconnection time with which to end, once the channel drains. One that is finished ends by itself: its clients
    /// get all of it first, and go on in other topics.
    #[inline]
    fn ending(&self) -> Option<Duration> {
        let time = self.shared.subscribers.ending(self.membership.as_ref()?)?;
        (!self.shared.is_finished()).then_some(time)
    }

    /// How many events were delivered.
    pub(crate) fn delivered(&self) -> u64 {
        self.membership.as_ref().map_or(0, |membership| membership.slot.tally.events())
    }

    fn note_place(&self) {
        if let Some(membership) = &self.membership {
            membership.slot.reads(self.next.place());
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.turns.give_up(&self.shared.admission, &self.shared.counts);
        if let Some(membership) = &self.membership {
            self.shared.subscribers.leave(membership);
        }
        self.shared.touch();
    }
}

/// As the start says that holds when a subscription falls behind.
const fn start_of(slow: Slow, start: Start) -> Start {
    match slow {
        Slow::Coalesce => Start::LatestPerKey,
        Slow::Skip | Slow::Disconnect => start,
    }
}
