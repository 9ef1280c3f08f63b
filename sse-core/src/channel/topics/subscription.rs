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

use super::super::Channel;
use super::super::delivery::{Seat, SubscriberLimit, long_reconnection_time};
use super::super::error::SubscriptionError;
use super::super::log::Sequencer;
use super::super::reader::{Output, Reader};
use super::super::reset::Reset;
use super::super::start::{Resumption, Slow, Start};
use crate::encode::Frame;
use crate::event::encode_with_id;
use crate::field::LastEventId;

/// One client's place in several [`Topics`](super::Topics): a [`Stream`] of frames, in the order in which they were
/// published.
///
/// It begins with one reset event if any of the topics could not be resumed; those that could are resumed all the same, the
/// others start as [`start`](Self::start) says. The reset carries no event ID. It ends when one of the topics
/// [drains](super::Topics::drain).
///
/// It holds one place and at most one frame per topic.
///
/// # Panics
///
/// As [`Subscription`](super::super::Subscription).
#[must_use = "a subscription delivers when it is polled"]
pub struct TopicsSubscription<E> {
    sequencer: Arc<Sequencer>,
    topics: Vec<Topic>,
    /// Which of them wait for their turn to replay.
    waiting: usize,
    /// In which order the frames go that were read ahead, one of a topic at the most.
    ahead: BinaryHeap<Reverse<Place>>,
    /// What has a number up to this was read from all topics but the one that is `unread`.
    complete_to: u64,
    /// The topic that has to be read before another frame goes: what it has next may be lower than all that was read ahead.
    unread: Option<usize>,
    /// The reset, or the reconnection time of one that was sent away.
    first: Option<Frame>,
    /// Once a topic has ended: the last number that is delivered, and the frame behind it.
    end: Option<(u64, Frame)>,
    /// The highest number that the client has got, or came back with.
    reached: u64,
    /// It was polled.
    opened: bool,
    ended: bool,
    /// Its place under a limit of several channels.
    _seat: Option<Seat>,
    event: PhantomData<fn() -> E>,
}

struct Topic {
    reader: Reader,
    /// What was read, but may have to wait for a lower number of another topic.
    next: Option<Frame>,
}

/// A number, whether its event is ephemeral, and its topic. An ephemeral one has the number of the event before it,
/// whatever topic that is of.
type Place = (u64, bool, usize);

type Item = Result<Frame, SubscriptionError>;

impl<E> TopicsSubscription<E> {
    pub(super) fn new(
        sequencer: Arc<Sequencer>,
        channels: &[Channel<E>],
        last_event_id: &LastEventId,
    ) -> Self {
        let topic = |channel: &Channel<E>| {
            let mut reader = Reader::under(None, Arc::clone(channel.shared()), last_event_id.clone());
            // The cursor of one topic says nothing of what was seen of the others.
            reader.reset_without_id();
            Topic { reader, next: None }
        };
        let limit = channels.first().and_then(|channel| channel.shared().limit.as_ref());
        let seat = limit.map(SubscriberLimit::take);
        let full = matches!(seat, Some(None));
        if full {
            channels.iter().for_each(|channel| channel.shared().counts.subscribed(true));
        }
        let mut subscription = Self {
            sequencer,
            topics: if full { Vec::new() } else { channels.iter().map(topic).collect() },
            waiting: 0,
            ahead: BinaryHeap::new(),
            complete_to: 0,
            unread: None,
            first: full.then(|| Frame::reconnection_time(long_reconnection_time())),
            end: None,
            reached: 0,
            opened: false,
            ended: full,
            _seat: seat.flatten(),
            event: PhantomData,
        };
        subscription.begin();
        subscription
    }

    /// Sets where a topic begins for a client that has no last event ID or cannot resume it. Default:
    /// [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.topics.iter_mut().for_each(|topic| topic.reader.set_start(start));
        self.begin();
        self
    }

    /// Sets what becomes of the subscription if it falls behind in a topic. Default: that of the channels.
    pub fn slow(mut self, slow: Slow) -> Self {
        self.topics.iter_mut().for_each(|topic| topic.reader.set_slow(slow));
        self
    }

    /// What became of the client's last event ID: [`Resumption::Complete`] if each topic was resumed. A reset says why
    /// the first of those was not that were not; it counts what was missed only if that is known of all of them.
    pub fn resumption(&self) -> Resumption {
        let resets: Vec<Reset> = self.resets().collect();
        match (resets.first(), self.topics.first()) {
            (Some(first), _) => {
                let missed = resets.iter().try_fold(0_u64, |sum, reset| Some(sum + reset.missed?));
                Resumption::Reset(Reset { missed, ..*first })
            }
            (None, Some(topic)) => topic.reader.resumption(),
            (None, None) => Resumption::New,
        }
    }

    /// How many events of all topics are replayed before the first live one.
    pub fn replayed(&self) -> u64 {
        self.topics.iter().map(|topic| topic.reader.replayed()).sum()
    }

    fn resets(&self) -> impl Iterator<Item = Reset> + '_ {
        self.topics.iter().filter_map(|topic| match topic.reader.resumption() {
            Resumption::Reset(reset) => Some(reset),
            Resumption::New | Resumption::Complete => None,
        })
    }

    /// Makes one reset of those of the topics, or one end.
    fn begin(&mut self) {
        // One that was sent away keeps its reconnection time.
        if self.ended {
            return;
        }
        self.reached = self.topics.iter().map(|topic| topic.reader.resumed_from()).max().unwrap_or_default();
        let firsts: Vec<Frame> =
            self.topics.iter_mut().filter_map(|topic| topic.reader.take_first()).collect();
        self.ended = self.topics.iter().any(|topic| topic.reader.is_sent_away());
        self.first = match (self.resumption(), self.topics.first()) {
            _ if self.ended => firsts.into_iter().find(|frame| !frame.is_event()),
            (Resumption::Reset(reset), Some(topic)) => topic.reader.encode(reset, None),
            _ => None,
        };
    }

    /// One of the topics counts the reset for all.
    fn open(&self) {
        let is_reset = |topic: &Topic| matches!(topic.reader.resumption(), Resumption::Reset(_));
        let told = self.topics.iter().position(is_reset);
        for (i, topic) in self.topics.iter().enumerate() {
            topic.reader.open(Some(i) == told);
        }
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        loop {
            if let Some(topic) = self.unread.take() {
                if let Some(poll) = self.read_topic(topic, context) {
                    return Some(poll);
                }
            }
            if let Some(frame) = self.take_lowest() {
                return Some(Poll::Ready(Some(Ok(frame))));
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
        let mut topics = 0..self.topics.len();
        topics.find_map(|i| if self.topics[i].reader.has_news() { self.read_topic(i, context) } else { None })
    }

    fn read_topic(&mut self, index: usize, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        let topic = &mut self.topics[index];
        if topic.next.is_some() || topic.reader.is_ended() {
            return None;
        }
        self.waiting -= usize::from(topic.reader.is_waiting());
        let output = topic.reader.read(context);
        self.waiting += usize::from(topic.reader.is_waiting());
        match output? {
            Output::Wait => None,
            Output::Event { frame, sequence } => {
                self.ahead.push(Reverse((sequence, frame.is_ephemeral(), index)));
                topic.next = Some(frame);
                None
            }
            // Behind it, the topic may go on anywhere.
            Output::Reset(frame) => {
                self.unread = Some(index);
                Some(Poll::Ready(Some(Ok(frame))))
            }
            // What was published before in the other topics comes first, but nothing behind what one of them has
            // left out: that would be a hole.
            Output::End { frame, sequence } => {
                let last = self.end.take().map_or(sequence, |(last, _)| last.min(sequence));
                self.end = Some((last, frame));
                None
            }
            Output::Lagged => {
                self.ended = true;
                Some(Poll::Ready(Some(Err(SubscriptionError::Lagged))))
            }
            // Whether it has a lower number is not known yet.
            Output::Yield => {
                self.unread = Some(index);
                context.waker().wake_by_ref();
                Some(Poll::Pending)
            }
        }
    }

    /// The place of the lowest number, if its frame may go: no topic can have a lower one.
    fn lowest(&self) -> Option<Place> {
        let last = self.end.as_ref().map_or(u64::MAX, |(last, _)| *last);
        let Reverse(place) = *self.ahead.peek()?;
        (self.waiting == 0 && place.0 <= self.complete_to.min(last)).then_some(place)
    }

    fn take_lowest(&mut self) -> Option<Frame> {
        let (sequence, _, topic) = self.lowest()?;
        self.ahead.pop();
        self.unread = Some(topic);
        let frame = self.topics[topic].next.take()?;
        if sequence < self.reached {
            // The newest of a quiet key: its ID would take the client back to what it has seen of other topics.
            return Some(encode_with_id(&frame, None).unwrap_or(frame));
        }
        self.reached = sequence;
        Some(frame)
    }

    fn finish(&mut self) -> Option<Poll<Option<Item>>> {
        self.ended = true;
        self.end.take().map(|(_, frame)| Poll::Ready(Some(Ok(frame))))
    }
}

impl<E> Stream for TopicsSubscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.opened, true) {
            this.open();
        }
        if let Some(first) = this.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        if this.ended {
            return Poll::Ready(None);
        }
        if let Some(poll) = this.poll_read(context) {
            return poll;
        }
        this.topics.iter().for_each(|topic| topic.reader.register(context));
        // Something may have come before the waker was in its places.
        this.poll_read(context).unwrap_or(Poll::Pending)
    }
}

impl<E> FusedStream for TopicsSubscription<E> {
    fn is_terminated(&self) -> bool {
        self.ended && self.first.is_none()
    }
}

impl<E> fmt::Debug for TopicsSubscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TopicsSubscription")
            .field("topics", &self.topics.len())
            .field("resumption", &self.resumption())
            .finish_non_exhaustive()
    }
}
