//! A cursor into the log.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;

use super::error::SubscriptionError;
use super::reader::{Output, Reader};
use super::shared::Shared;
use super::start::{Resumption, Slow, Start};
use crate::encode::Frame;
use crate::field::LastEventId;

/// One client's place in a [`Channel`](super::Channel): a [`Stream`] of frames that are shared with all others.
///
/// It yields, in this order: the reset event, if the client could not resume; the events it has missed; live events
/// without end. It ends when the channel [drains](super::Channel::drain), behind a frame that carries only a
/// reconnection time, and as [`Slow`] says when it lags.
///
/// Its size does not depend on how far behind it is. Dropping it ends it.
///
/// # Panics
///
/// When it has to wait for its turn to replay ([`Builder::replay_rate`](super::Builder::replay_rate)) in a Tokio runtime
/// without time enabled.
#[must_use = "a subscription delivers when it is polled"]
pub struct Subscription<E> {
    pub(super) reader: Reader,
    /// It was polled.
    opened: bool,
    event: PhantomData<fn() -> E>,
}

type Item = Result<Frame, SubscriptionError>;

impl<E> Subscription<E> {
    pub(super) fn new(shared: Arc<Shared>, last_event_id: LastEventId) -> Self {
        Self { reader: Reader::new(shared, last_event_id), opened: false, event: PhantomData }
    }

    /// Sets where the client begins if it has no last event ID or cannot resume. Default: [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.reader.set_start(start);
        self
    }

    /// Sets what becomes of the subscription if it falls behind what is retained. Default: that of the channel.
    pub fn slow(mut self, slow: Slow) -> Self {
        self.reader.set_slow(slow);
        self
    }

    /// Narrows the subscription to the events that `keep` accepts, by type, key or ID; nothing is decoded.
    ///
    /// A reset passes in any case. Default: all events.
    ///
    /// ```
    /// use typed_sse_core::{Channel, Event};
    ///
    /// let channel = Channel::<Event>::new();
    /// let acme = channel.subscribe(None).filter(|frame| frame.key() == Some("ACME"));
    /// let halts = channel.subscribe(None).filter(|frame| frame.event_type() == "trading_halted");
    /// ```
    pub fn filter(mut self, keep: impl Fn(&Frame) -> bool + Send + Sync + 'static) -> Self {
        self.reader.set_filter(Box::new(keep));
        self
    }

    /// Tells the client of a narrowed subscription how far it is whenever `events` were left out: a block with only
    /// an `id`, which moves its last event ID and dispatches nothing. Without it, a client for which nothing came for
    /// long comes back with an old ID, and may be told that events were trimmed which it never wanted.
    ///
    /// Default: never, since some clients that do not follow the standard dispatch such a block as an empty event.
    /// 0 counts as 1.
    pub fn checkpoint(mut self, events: u64) -> Self {
        self.reader.set_checkpoint(events);
        self
    }

    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.reader.resumption()
    }

    /// How many events are replayed before the first live one, before they are filtered. Some may be trimmed or
    /// superseded before they are read.
    pub const fn replayed(&self) -> u64 {
        self.reader.replayed()
    }

    fn poll_read(&mut self, context: &mut Context<'_>) -> Option<Poll<Option<Item>>> {
        let item = match self.reader.read(context)? {
            Output::Event { frame, .. } | Output::Reset(frame) | Output::End { frame, .. } => Ok(frame),
            Output::Lagged => Err(SubscriptionError::Lagged),
            Output::Yield => {
                context.waker().wake_by_ref();
                return Some(Poll::Pending);
            }
            Output::Wait => return Some(Poll::Pending),
        };
        Some(Poll::Ready(Some(item)))
    }
}

impl<E> Stream for Subscription<E> {
    type Item = Item;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if !std::mem::replace(&mut this.opened, true) {
            this.reader.open(true);
        }
        if let Some(first) = this.reader.take_first() {
            return Poll::Ready(Some(Ok(first)));
        }
        if this.reader.is_ended() {
            return Poll::Ready(None);
        }
        if let Some(poll) = this.poll_read(context) {
            return poll;
        }
        this.reader.register(context);
        // Something may have come before the waker was in its place.
        this.poll_read(context).unwrap_or(Poll::Pending)
    }
}

impl<E> FusedStream for Subscription<E> {
    fn is_terminated(&self) -> bool {
        self.reader.is_ended()
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("last_event_id", self.reader.last_event_id())
            .field("resumption", &self.resumption())
            .field("replayed", &self.replayed())
            .finish_non_exhaustive()
    }
}
