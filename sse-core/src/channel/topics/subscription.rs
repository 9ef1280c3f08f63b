//! Cursors into several logs, read as one.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::super::Channel;
use super::super::error::SubscriptionError;
use super::super::limit::{Seat, SubscriberLimit};
use super::super::reader::{Output, Reader};
use super::super::resume::{Reset, Resumption, Slow, Start};
use super::super::sequencer::Sequencer;
use super::super::subscribers::long_reconnection_time;
use crate::frame::Frame;
use crate::last_event_id::LastEventId;

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
    next: Option<(u64, Frame)>,
}

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
            // Whatever has a number up to this can be read now, if it is there at all.
            let newest = self.sequencer.newest();
            if let Some(poll) = self.read_topics(context) {
                return Some(poll);
            }
            let last = self.end.as_ref().map(|(last, _)| *last);
            if self.topics.iter().any(|topic| topic.reader.is_waiting()) {
                // Whether it has the lowest number is known when its turn has come; the end does not wait for that.
                return last.and_then(|_| self.finish());
            }
            let lowest = self.topics.iter().filter_map(|topic| Some(topic.next.as_ref()?.0)).min();
            if lowest.is_some_and(|lowest| lowest <= last.unwrap_or(newest).min(newest)) {
                return self.take_lowest().map(|frame| Poll::Ready(Some(Ok(frame))));
            }
            if last.is_some_and(|last| last <= newest) {
                return self.finish();
            }
            // It came while the others were read, so one of them may have a lower number by now; or its publisher has
            // not ended its turn, and wakes all when it has.
            if last.is_none() && lowest.is_none_or(|lowest| self.sequencer.newest() < lowest) {
                return None;
            }
        }
    }

    /// Reads each topic of which no frame waits. Returns what does not wait for the other topics.
    fn read_topics(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        for topic in &mut self.topics {
            if topic.next.is_some() || topic.reader.is_ended() {
                continue;
            }
            match topic.reader.read(context) {
                None | Some(Output::Wait) => {}
                Some(Output::Event { frame, sequence }) => topic.next = Some((sequence, frame)),
                Some(Output::Reset(frame)) => return Some(Poll::Ready(Some(Ok(frame)))),
                // What was published before in the other topics comes first, but nothing behind what one of them has
                // left out: that would be a hole.
                Some(Output::End { frame, sequence }) => {
                    let last = self.end.take().map_or(sequence, |(last, _)| last.min(sequence));
                    self.end = Some((last, frame));
                }
                Some(Output::Lagged) => {
                    self.ended = true;
                    return Some(Poll::Ready(Some(Err(SubscriptionError::Lagged))));
                }
                // Whether it has a lower number is not known yet.
                Some(Output::Yield) => {
                    context.waker().wake_by_ref();
                    return Some(Poll::Pending);
                }
            }
        }
        None
    }

    /// The frame of the lowest number. An ephemeral one has that of the event before it, whatever topic that is of.
    fn take_lowest(&mut self) -> Option<Frame> {
        let order = |topic: &&mut Topic| {
            topic.next.as_ref().map(|(sequence, frame)| (*sequence, frame.is_ephemeral()))
        };
        let lowest = self.topics.iter_mut().filter(|topic| topic.next.is_some()).min_by_key(order);
        let (sequence, frame) = lowest?.next.take()?;
        if sequence < self.reached {
            // The newest of a quiet key: its ID would take the client back to what it has seen of other topics.
            return Some(Frame::encode_with_id(&frame, None).unwrap_or(frame));
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
