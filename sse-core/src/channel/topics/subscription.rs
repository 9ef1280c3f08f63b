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
use super::super::reader::{Output, Reader};
use super::super::resume::{Reset, Resumption, Slow, Start};
use super::super::sequencer::Sequencer;
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
#[must_use = "a subscription delivers when it is polled"]
pub struct TopicsSubscription<E> {
    sequencer: Arc<Sequencer>,
    topics: Vec<Topic>,
    /// The reset, or the reconnection time of one that was sent away.
    first: Option<Frame>,
    ended: bool,
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
            let mut reader = Reader::new(Arc::clone(channel.shared()), last_event_id.clone());
            // The cursor of one topic says nothing of what was seen of the others.
            reader.reset_without_id();
            Topic { reader, next: None }
        };
        let topics = channels.iter().map(topic).collect();
        let mut subscription = Self { sequencer, topics, first: None, ended: false, event: PhantomData };
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
        let firsts: Vec<Frame> =
            self.topics.iter_mut().filter_map(|topic| topic.reader.take_first()).collect();
        self.ended = self.topics.iter().any(|topic| topic.reader.is_sent_away());
        self.first = match (self.resumption(), self.topics.first()) {
            _ if self.ended => firsts.into_iter().find(|frame| !frame.is_event()),
            (Resumption::Reset(reset), Some(topic)) => topic.reader.encode(reset, None),
            _ => None,
        };
    }

    fn poll_read(&mut self, context: &Context<'_>) -> Option<Poll<Option<Item>>> {
        let ready = |item| Some(Poll::Ready(Some(item)));
        loop {
            // Whatever has a number up to this can be read now, if it is there at all.
            let newest = self.sequencer.newest();
            for topic in self.topics.iter_mut().filter(|topic| topic.next.is_none()) {
                match topic.reader.read() {
                    None => {}
                    Some(Output::Event { frame, sequence }) => topic.next = Some((sequence, frame)),
                    Some(Output::Reset(frame)) => return ready(Ok(frame)),
                    Some(Output::End(frame)) => {
                        self.ended = true;
                        return ready(Ok(frame));
                    }
                    Some(Output::Lagged) => {
                        self.ended = true;
                        return ready(Err(SubscriptionError::Lagged));
                    }
                    // Whether it has a lower number is not known yet.
                    Some(Output::Yield) => {
                        context.waker().wake_by_ref();
                        return Some(Poll::Pending);
                    }
                }
            }
            // An ephemeral event has the number of the event before it, which may be another topic's: it goes behind.
            let order =
                |topic: &Topic| topic.next.as_ref().map(|(number, frame)| (*number, frame.is_ephemeral()));
            let first = self.topics.iter().filter_map(order).min()?;
            let lowest = first.0;
            if lowest <= newest {
                let topic = self.topics.iter_mut().find(|topic| order(topic) == Some(first));
                let frame = topic.and_then(|topic| topic.next.take()).map(|(_, frame)| frame)?;
                return ready(Ok(frame));
            }
            // It came while the others were read, so one of them may have a lower number by now; or its publisher has
            // not ended its turn, and wakes all when it has.
            if self.sequencer.newest() < lowest {
                return None;
            }
        }
    }
}

impl<E> Stream for TopicsSubscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
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
