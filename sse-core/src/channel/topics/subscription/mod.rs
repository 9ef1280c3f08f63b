//! Cursors into several logs, read as one.

mod closed;
mod options;
mod read;

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::super::delivery::{Seat, SubscriberLimit, long_reconnection_time};
use super::super::error::SubscriptionError;
use super::super::log::{Cursor, Epoch, LogId, Sequencer, Stand};
use super::super::reader::{Ending, Feed, Keep, Locating, Order, Reader, Visit};
use super::super::shared::Shared;
use super::super::start::Resumption;
use crate::encode::Frame;
use crate::field::LastEventId;
use crate::response::size_hint;
pub(super) use closed::Closed;

/// One client's place in several [`Topics`](crate::Topics): a [`Stream`] of frames, in the order in which they were
/// published.
///
/// It begins as a [`Subscription`](crate::Subscription) does: with the client's place if it is new, or with one reset
/// event if any of the topics could not be resumed; those that could are resumed all the same, the others start as
/// [`start`](Self::start) says. It ends when one of the topics [drains](crate::Topics::drain), when all of them are
/// [finished](crate::Channel::finish) or [closed](crate::Topics::close), and behind the event named by
/// [`until`](Self::until).
///
/// It holds one place and at most one frame per topic.
///
/// # Panics
///
/// As [`Subscription`](crate::Subscription).
#[must_use = "a subscription delivers when it is polled"]
pub struct TopicsSubscription<E> {
    sequencer: Arc<Sequencer>,
    /// Of the life of which its numbers are.
    epoch: Epoch,
    visit: Visit,
    readers: Vec<Reader>,
    /// What was read of each, but may have to wait for a lower number of another.
    heads: Vec<Option<Frame>>,
    /// Those that the client did not have when it got its last event ID.
    joins: Vec<Box<str>>,
    /// All were closed.
    closed: Option<Box<Closed<E>>>,
    /// In a store, all were closed since it got its last event ID.
    all_closed: bool,
    /// What a store is asked of the client's ID.
    locating: Option<Box<Locating>>,
    /// One of them has ended.
    has_ended: bool,
    /// Behind this number it goes on from a state that the application made; 0 if it has none.
    state_at: u64,
    /// It has joined some, and has no ID yet that says so.
    owes_place: bool,
    /// How many of them wait for their turn to replay.
    waiting: usize,
    /// In which order the heads go.
    ahead: BinaryHeap<Reverse<Place>>,
    /// What has a number up to this was read from all topics but the one that is `unread`.
    complete_to: u64,
    /// The topic that has to be read before another frame goes: what it has next may be lower than all that was read ahead.
    unread: Option<usize>,
    /// Once a topic has ended: the last number that is delivered, and the frame behind it.
    end: Option<(u64, Frame)>,
    /// The highest number that the client has got, or came back with, or began behind.
    reached: Option<u64>,
    /// Its place under a limit of several channels.
    _seat: Option<Seat>,
    event: PhantomData<fn() -> E>,
}

/// A number, what goes first of what has the same, and the topic. What is ephemeral has the number of the event before it, and
/// goes behind that; and so does a block that tells the client that it has all up to a number.
type Place = (u64, Order, usize);

type Item = Result<Frame, SubscriptionError>;

impl<E> TopicsSubscription<E> {
    /// Of these topics. In some that were made anew since it got its ID, it is said where the client stands.
    pub(super) fn new(
        sequencer: Arc<Sequencer>,
        names: &str,
        topics: &[Arc<Shared>],
        (last_event_id, fresh): (LastEventId, Box<[(LogId, Stand)]>),
    ) -> Self {
        let limit = topics.first().and_then(|topic| topic.limit.as_ref());
        let seat = limit.map(SubscriberLimit::take);
        if let Some(None) = seat {
            topics.iter().for_each(|topic| topic.counts.subscribed(true));
            return Self::sent_away(sequencer, names, last_event_id);
        }
        let (readers, sent_away): (Vec<_>, Vec<_>) =
            topics.iter().map(|topic| Reader::new(None, Arc::clone(topic))).unzip();
        let visit = Visit::new(names, last_event_id, sent_away.into_iter().flatten().next());
        let mut subscription = Self::with(sequencer, visit, readers, seat.flatten());
        subscription.visit.set_fresh(fresh);
        subscription.locate();
        if subscription.is_stored() && subscription.locating.is_none() {
            subscription.begin_located(None);
        } else {
            subscription.begin();
        }
        subscription
    }

    /// Of a client that is done with all of its topics, unless it joins one of those that have their names now.
    pub(super) fn done(
        sequencer: Arc<Sequencer>,
        names: &str,
        last_event_id: LastEventId,
        closed: Closed<E>,
    ) -> Self {
        let mut subscription =
            Self::with(sequencer, Visit::new(names, last_event_id, None), Vec::new(), None);
        subscription.visit.set_ended(Ending::Finished);
        subscription.closed = Some(Box::new(closed));
        subscription
    }

    /// One for which there is no room.
    pub(super) fn sent_away(sequencer: Arc<Sequencer>, names: &str, last_event_id: LastEventId) -> Self {
        let away = Frame::reconnection_time(long_reconnection_time());
        Self::with(sequencer, Visit::new(names, last_event_id, Some(away)), Vec::new(), None)
    }

    fn with(sequencer: Arc<Sequencer>, visit: Visit, readers: Vec<Reader>, seat: Option<Seat>) -> Self {
        Self {
            epoch: sequencer.epoch(),
            sequencer,
            visit,
            heads: readers.iter().map(|_| None).collect(),
            readers,
            joins: Vec::new(),
            closed: None,
            all_closed: false,
            locating: None,
            has_ended: false,
            state_at: 0,
            owes_place: false,
            waiting: 0,
            ahead: BinaryHeap::new(),
            complete_to: 0,
            unread: None,
            end: None,
            reached: None,
            _seat: seat,
            event: PhantomData,
        }
    }

    // Here, so that the compiler names the type where a closure is wrong.
    /// As [`Subscription::filter`](crate::Subscription::filter), which narrows again what is narrowed; [`Frame::topic`] says
    /// where an event was published.
    pub fn filter(
        self,
        keep: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
    ) -> Self {
        self.narrowed_to(Arc::new(keep))
    }

    fn narrowed_to(mut self, keep: Arc<Keep>) -> Self {
        self.readers.iter_mut().for_each(|reader| reader.set_keep(Arc::clone(&keep)));
        self.if_joined(|anew| anew.narrowed_to(keep));
        self.visit.narrowed(&self.sequencer, &self.readers);
        self
    }

    /// As [`Subscription::until`](crate::Subscription::until), in any of the topics.
    pub fn until(
        self,
        is_last: impl Fn(&Frame) -> bool + Send + Sync + 'static, // an encoded event: ask its event_type(), key(), id(), topic()
    ) -> Self {
        self.ended_by(Arc::new(is_last))
    }

    fn ended_by(mut self, is_last: Arc<Keep>) -> Self {
        self.visit.set_until(Arc::clone(&is_last));
        self.if_joined(|anew| anew.ended_by(is_last));
        self.begin();
        self
    }

    /// What became of the client's last event ID: [`Resumption::Complete`] if each topic was resumed. A reset says why
    /// the first of those was not that were not, but that something was trimmed only where that is all; it counts what was missed only if that is known of all of them.
    pub const fn resumption(&self) -> Resumption {
        self.visit.resumption()
    }

    /// How many events of all topics are replayed before the first live one.
    pub const fn replayed(&self) -> u64 {
        self.visit.replayed()
    }

    fn begin(&mut self) {
        if self.readers.is_empty() {
            return;
        }
        let Self { sequencer, visit, readers, joins, .. } = self;
        let reached =
            visit.begin(sequencer, readers, |reader| joins.contains(&reader.shared().name.as_ref().into()));
        (self.reached, self.epoch) = (reached, sequencer.epoch());
        self.owes_place =
            !joins.is_empty() && visit.resumption() == Resumption::Complete && !visit.is_by_state();
        self.count_waiting();
        if self.all_closed && self.joins.is_empty() {
            self.visit.set_ended(Ending::Finished);
        }
    }

    fn is_stored(&self) -> bool {
        self.readers.iter().any(|reader| reader.shared().backing.is_some())
    }

    /// Nothing that was read ahead is true any more.
    fn forget_ahead(&mut self) {
        self.heads.iter_mut().for_each(|head| *head = None);
        self.ahead.clear();
        (self.unread, self.complete_to) = (None, 0);
    }

    /// A turn that a topic waits for is still its own where it begins again.
    fn count_waiting(&mut self) {
        self.waiting = self.readers.iter().filter(|reader| reader.is_waiting()).count();
    }

    /// Where the logs have begun another life, no number of the one before says anything any more: all of them begin anew together.
    /// Whether others did.
    fn leave_past_life(&mut self) -> bool {
        let epoch = self.sequencer.epoch();
        if std::mem::replace(&mut self.epoch, epoch) == epoch || self.visit.is_by_state() {
            return false;
        }
        self.forget_ahead();
        self.reached = None;
        let falls = self.visit.falls();
        let mut others = false;
        for reader in self.readers.iter_mut().filter(|reader| reader.is_of_past_life()) {
            others = true;
            let _overtaken = reader.lag_behind_store(falls);
        }
        self.count_waiting();
        others
    }

    /// The store has let go of what the client was to get before it got anything: it begins again.
    fn begin_again(&mut self) {
        self.forget_ahead();
        self.visit.reopen(&self.sequencer, &self.readers);
        self.begin();
        self.open();
    }
}

impl<E> TopicsSubscription<E> {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Item>> {
        if let Some(poll) = self.poll_located(context) {
            return poll;
        }
        self.open();
        if let Some(queued) = self.visit.take_queued() {
            return Poll::Ready(Some(Ok(queued)));
        }
        if self.visit.is_ended() {
            return Poll::Ready(None);
        }
        if let Some(poll) = self.poll_read(context) {
            return poll;
        }
        self.readers.iter_mut().for_each(|reader| reader.register(context));
        // Something may have come before the waker was in its places.
        let poll = self.poll_read(context);
        poll.or_else(|| self.take_place().map(|place| Poll::Ready(Some(Ok(place))))).unwrap_or(Poll::Pending)
    }
}

impl<E> Stream for TopicsSubscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let poll = this.poll_frame(context);
        if !this.has_ended {
            return poll;
        }
        poll.map(|item| item.map(|item| item.map(|frame| this.name_closed(frame))))
    }

    /// Nothing, once it is over.
    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint(self.locating.is_none() && self.ahead.is_empty() && self.visit.is_over(&self.readers))
    }
}

impl<E> FusedStream for TopicsSubscription<E> {
    fn is_terminated(&self) -> bool {
        self.visit.is_ended()
    }
}

impl<E> Feed for TopicsSubscription<E> {
    fn sequencer(&self) -> &Arc<Sequencer> {
        &self.sequencer
    }

    fn locating(&mut self) -> &mut Option<Box<Locating>> {
        &mut self.locating
    }

    fn begin_located(&mut self, place: Option<Cursor>) {
        self.visit.set_located(place);
        let fresh: Vec<_> = self.closed_in_store().collect();
        self.all_closed = !fresh.is_empty() && fresh.len() == self.readers.len();
        self.visit.set_fresh(fresh.into());
        self.begin();
    }

    fn visit(&self) -> &Visit {
        &self.visit
    }

    fn visit_mut(&mut self) -> &mut Visit {
        &mut self.visit
    }

    fn open(&mut self) {
        if self.visit.is_opened() {
            return;
        }
        loop {
            self.visit.open(&self.sequencer, &self.readers, &mut self.reached);
            if !self.visit.is_of_past_life(&self.readers) {
                return;
            }
            let began = self.readers.iter().filter_map(|reader| reader.begun().number()).min();
            self.visit.begin_anew(self.epoch, began.unwrap_or_else(|| self.sequencer.newest()));
            self.begin();
        }
    }

    fn begin_by_state(&mut self) {
        self.visit.set_by_state();
        self.begin();
    }

    fn readers(&self) -> &[Reader] {
        &self.readers
    }

    fn readers_mut(&mut self) -> &mut [Reader] {
        &mut self.readers
    }

    fn resume_behind(&mut self, sequence: u64) -> bool {
        // What was read ahead may be part of the state.
        self.forget_ahead();
        (self.reached, self.state_at) = (Some(sequence), sequence);
        let goes_on = self.readers.iter_mut().all(|reader| reader.resume_behind(sequence));
        self.count_waiting();
        goes_on
    }
}

impl<E> Drop for TopicsSubscription<E> {
    fn drop(&mut self) {
        self.visit.delivered(self.readers.iter().map(Reader::delivered).sum());
    }
}

impl<E> fmt::Debug for TopicsSubscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicsSubscription")
            .field("topics", &self.readers.len())
            .field("resumption", &self.resumption())
            .finish_non_exhaustive()
    }
}
