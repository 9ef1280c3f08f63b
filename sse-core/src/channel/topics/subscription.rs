//! Cursors into several logs, read as one.

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
use super::super::log::Sequencer;
use super::super::reader::{Feed, Output, Reached, Reader, Visit};
use super::super::shared::Shared;
use super::super::start::{Resumption, Slow, Start};
use crate::encode::Frame;
use crate::field::LastEventId;
use crate::response::size_hint;

/// One client's place in several [`Topics`](super::Topics): a [`Stream`] of frames, in the order in which they were
/// published.
///
/// It begins as a [`Subscription`](super::super::Subscription) does: with the client's place if it is new, or with one reset
/// event if any of the topics could not be resumed; those that could are resumed all the same, the others start as
/// [`start`](Self::start) says. It ends when one of the topics [drains](super::Topics::drain), when all of them are
/// [finished](super::super::Channel::finish) or [closed](super::Topics::close), and behind the event named by
/// [`until`](Self::until).
///
/// It holds one place and at most one frame per topic.
///
/// # Panics
///
/// As [`Subscription`](super::super::Subscription).
#[must_use = "a subscription delivers when it is polled"]
pub struct TopicsSubscription<E> {
    sequencer: Arc<Sequencer>,
    visit: Visit,
    readers: Vec<Reader>,
    /// What was read of each, but may have to wait for a lower number of another.
    heads: Vec<Option<Frame>>,
    /// Those that the client did not have when it got its last event ID.
    joins: Vec<Box<str>>,
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

/// A number, whether no event has it, and the topic. What is ephemeral has the number of the event before it, and goes behind
/// that; and so does a block that tells the client that it has all up to a number.
type Place = (u64, bool, usize);

type Item = Result<Frame, SubscriptionError>;

impl<E> TopicsSubscription<E> {
    /// Of these topics. If there are none left, the client is done.
    pub(super) fn new(
        sequencer: Arc<Sequencer>,
        names: &str,
        topics: &[Arc<Shared>],
        last_event_id: LastEventId,
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
        if subscription.readers.is_empty() {
            subscription.visit.set_ended("finished");
        } else {
            subscription.begin();
        }
        subscription
    }

    /// One for which there is no room.
    pub(super) fn sent_away(sequencer: Arc<Sequencer>, names: &str, last_event_id: LastEventId) -> Self {
        let away = Frame::reconnection_time(long_reconnection_time());
        Self::with(sequencer, Visit::new(names, last_event_id, Some(away)), Vec::new(), None)
    }

    fn with(sequencer: Arc<Sequencer>, visit: Visit, readers: Vec<Reader>, seat: Option<Seat>) -> Self {
        Self {
            sequencer,
            visit,
            heads: readers.iter().map(|_| None).collect(),
            readers,
            joins: Vec::new(),
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

    /// Sets where a topic begins for a client that has no last event ID, cannot resume it, or [joins](Self::joining) it.
    /// Default: [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.visit.set_start(start);
        self.begin();
        self
    }

    /// Names topics that the client did not have when it got its last event ID: they begin as [`start`](Self::start) says.
    /// Default: none; a topic that is not named here goes on behind that ID, as if the client had had it.
    ///
    /// An application that subscribes one of its clients to another topic knows which it is, and no event ID says so. Let
    /// it name the topic once, with the request that adds it: one that comes by itself, after the connection broke, has an ID
    /// from both.
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use futures_util::StreamExt as _;
    /// use typed_sse_core::{Event, Start, Topics};
    ///
    /// let topics = Topics::<Event>::new();
    /// topics.channel("b")?.publish(&Event::new("before")).await?;
    /// let seen_of_a = topics.channel("a")?.publish(&Event::new("seen")).await?;
    ///
    /// let mut both = topics.subscribe(["a", "b"], seen_of_a)?.joining(["b"]).start(Start::Earliest);
    /// assert!(both.next().await.ok_or("ended")??.as_ref().ends_with(b"data: before\n\n"));
    /// # Ok(()) }
    /// ```
    pub fn joining<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.joins = names.into_iter().map(|name| name.as_ref().into()).collect();
        self.begin();
        self
    }

    /// Sets what becomes of the subscription if it falls behind in a topic. Default: that of the channels.
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn slow(mut self, slow: Slow) -> Self {
        self.readers.iter_mut().for_each(|reader| reader.set_slow(slow));
        self.begin();
        self
    }

    /// As [`Subscription::filter`](super::super::Subscription::filter); [`Frame::topic`] says where an event was published.
    pub fn filter(mut self, keep: impl Fn(&Frame) -> bool + Send + Sync + 'static) -> Self {
        let keep = Arc::new(keep);
        self.readers.iter_mut().for_each(|reader| reader.set_keep(keep.clone()));
        self.visit.narrowed(&self.sequencer, &self.readers);
        self
    }

    /// As [`Subscription::checkpoint`](super::super::Subscription::checkpoint), of the events that are left out in one topic.
    pub fn checkpoint(mut self, events: u64) -> Self {
        self.readers.iter_mut().for_each(|reader| reader.set_checkpoint(events));
        self
    }

    /// As [`Subscription::no_checkpoints`](super::super::Subscription::no_checkpoints).
    pub fn no_checkpoints(mut self) -> Self {
        self.readers.iter_mut().for_each(Reader::set_silent);
        self
    }

    /// As [`Subscription::until`](super::super::Subscription::until), in any of the topics.
    pub fn until(mut self, is_last: impl Fn(&Frame) -> bool + Send + Sync + 'static) -> Self {
        self.visit.set_until(Arc::new(is_last));
        self.begin();
        self
    }

    /// What became of the client's last event ID: [`Resumption::Complete`] if each topic was resumed. A reset says why
    /// the first of those was not that were not; it counts what was missed only if that is known of all of them.
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
        self.reached = reached.sequence;
    }

    const fn reached(&self) -> Reached {
        Reached { sequence: self.reached, is_ahead: false }
    }

    fn reached_now(&self) -> Reached {
        Reached { is_ahead: !self.ahead.is_empty(), ..self.reached() }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        loop {
            if let Some(topic) = self.unread.take() {
                if let Some(poll) = self.read_topic(topic, context) {
                    return Some(poll);
                }
            }
            match self.take_lowest() {
                Some(Some(frame)) => return Some(Poll::Ready(Some(Ok(frame)))),
                Some(None) => continue,
                None => {}
            }
            // Whatever has a number up to this can be read now, if it is there at all.
            let newest = self.sequencer.newest();
            if let Some(poll) = self.read_topics(context) {
                return Some(poll);
            }
            self.complete_to = newest;
            let last = self.end.as_ref().map(|(last, _)| *last);
            if self.waiting > 0 {
                // Whether it has the lowest number is known when its turn has come; the end does not wait for that.
                return last.and_then(|_| self.finish());
            }
            if self.lowest().is_some() {
                continue;
            }
            if last.is_some_and(|last| last <= newest) {
                return self.finish();
            }
            if self.ahead.is_empty() && self.readers.iter().all(Reader::is_ended) {
                self.visit.set_ended("finished");
                return Some(Poll::Ready(None));
            }
            // What waits came while the others were read, so one of them may have a lower number by now; or its
            // publisher has not ended its turn, and wakes all when it has.
            let next = self.ahead.peek().map(|Reverse((sequence, ..))| *sequence);
            if last.is_none() && next.is_none_or(|next| self.sequencer.newest() < next) {
                return None;
            }
        }
    }

    /// Reads each topic of which no frame waits. Returns what does not wait for the other topics.
    fn read_topics(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        let mut topics = 0..self.readers.len();
        topics.find_map(|i| if self.readers[i].has_news() { self.read_topic(i, context) } else { None })
    }

    fn read_topic(&mut self, index: usize, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        loop {
            let reader = &mut self.readers[index];
            if self.heads[index].is_some() || reader.is_ended() {
                return None;
            }
            self.waiting -= usize::from(reader.is_waiting());
            let output = reader.read(context, self.visit.falls());
            self.waiting += usize::from(reader.is_waiting());
            if output.is_none() || reader.has_counted_much() {
                self.visit.delivered(reader.hand_in());
            }
            match output? {
                Output::Wait | Output::Finished => return None,
                Output::Event { frame, sequence } => {
                    let is_behind = frame.is_ephemeral() || !frame.is_event();
                    self.ahead.push(Reverse((sequence, is_behind, index)));
                    self.heads[index] = Some(frame);
                    return None;
                }
                // Behind it, the topic may go on anywhere.
                Output::Overtaken { missed } => {
                    let reached = self.reached_now();
                    if let Some(reset) = self.visit.overtaken(missed, &self.sequencer, &self.readers, reached)
                    {
                        self.unread = Some(index);
                        return Some(Poll::Ready(Some(Ok(reset))));
                    }
                    if self.visit.is_by_state() {
                        // Nothing of the others before the state that is read anew: it would take the client past what it
                        // was not told of.
                        return Some(Poll::Pending);
                    }
                }
                // What was published before in the other topics comes first, but nothing behind what one of them has
                // left out: that would be a hole.
                Output::End { frame, sequence } => {
                    let last = self.end.take().map_or(sequence, |(last, _)| last.min(sequence));
                    self.end = Some((last, frame));
                    return None;
                }
                Output::Lagged => {
                    self.visit.set_ended("lagged");
                    return Some(Poll::Ready(Some(Err(SubscriptionError::Lagged))));
                }
                // Whether it has a lower number is not known yet.
                Output::Yield => {
                    self.unread = Some(index);
                    context.waker().wake_by_ref();
                    return Some(Poll::Pending);
                }
            }
        }
    }

    /// The place of the lowest number, if its frame may go: no topic can have a lower one.
    fn lowest(&self) -> Option<Place> {
        let last = self.end.as_ref().map_or(u64::MAX, |(last, _)| *last);
        let Reverse(place) = *self.ahead.peek()?;
        (self.waiting == 0 && place.0 <= self.complete_to.min(last)).then_some(place)
    }

    /// Takes the frame of the lowest number, if it may go: what of it is sent, if anything.
    fn take_lowest(&mut self) -> Option<Option<Frame>> {
        let (sequence, _, topic) = self.lowest()?;
        self.ahead.pop();
        self.unread = Some(topic);
        let mut frame = self.heads[topic].take()?;
        if frame.id().is_some() {
            if Some(sequence) >= self.reached {
                self.reached = Some(sequence);
                match self.visit.place(sequence, &self.sequencer, &self.readers) {
                    Some(place) if !frame.is_event() => frame = Frame::checkpoint(place.as_str()),
                    Some(place) if !frame.has_own_id() => frame = frame.with_id(&place),
                    _ => {}
                }
            } else if frame.is_event() {
                // Its ID would take the client back to what it has seen of other topics.
                frame = frame.without_id();
            } else {
                return Some(None);
            }
        }
        let reached = self.reached_now();
        Some(self.visit.deliver(frame, &self.sequencer, &self.readers, reached))
    }

    fn finish(&mut self) -> Option<Poll<Option<Item>>> {
        self.visit.set_ended("drained");
        self.end.take().map(|(_, frame)| Poll::Ready(Some(Ok(frame))))
    }
}

impl<E> Stream for TopicsSubscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        this.open();
        if let Some(queued) = this.visit.take_queued() {
            return Poll::Ready(Some(Ok(queued)));
        }
        if this.visit.is_ended() {
            return Poll::Ready(None);
        }
        if let Some(poll) = this.poll_read(context) {
            return poll;
        }
        this.readers.iter().for_each(|reader| reader.register(context));
        // Something may have come before the waker was in its places.
        this.poll_read(context).unwrap_or(Poll::Pending)
    }

    /// Nothing, once it is over.
    fn size_hint(&self) -> (usize, Option<usize>) {
        size_hint(self.ahead.is_empty() && self.visit.is_over(&self.readers))
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

    fn visit(&self) -> &Visit {
        &self.visit
    }

    fn visit_mut(&mut self) -> &mut Visit {
        &mut self.visit
    }

    fn open(&mut self) {
        let reached = self.reached();
        self.visit.open(&self.sequencer, &self.readers, reached);
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
        self.heads.iter_mut().for_each(|head| *head = None);
        self.ahead.clear();
        self.unread = None;
        self.complete_to = 0;
        self.reached = Some(sequence);
        self.readers.iter_mut().all(|reader| reader.resume_behind(sequence))
    }
}

impl<E> Drop for TopicsSubscription<E> {
    fn drop(&mut self) {
        for reader in &mut self.readers {
            self.visit.delivered(reader.hand_in());
        }
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
