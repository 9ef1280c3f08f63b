//! A cursor into the log.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use tokio::time::Instant;

use super::Shared;
use super::error::SubscriptionError;
use super::log::Read;
use super::resume::{Beginning, ResetEvent, Resumption, Start};
use super::subscribers::Slot;
use crate::frame::Frame;
use crate::last_event_id::LastEventId;

/// One client's place in a [`Channel`](super::Channel): a [`Stream`] of frames that are shared with all others.
///
/// It yields, in this order: the reset event, if the client could not resume; the events it has missed; live events
/// without end. It ends when the channel [drains](super::Channel::drain), behind a frame that carries only a
/// reconnection time, and with an error when it lags.
///
/// Its size does not depend on how far behind it is. Dropping it ends it.
#[must_use = "a subscription delivers when it is polled"]
pub struct Subscription<E> {
    shared: Arc<Shared>,
    key: usize,
    slot: Arc<Slot>,
    last_event_id: LastEventId,
    resumption: Resumption,
    replayed: u64,
    /// The reset event, until it is delivered.
    reset: Option<Frame>,
    /// The place to read next.
    place: u64,
    /// What lies before was there when the subscription began: ephemeral events of then are not replayed.
    live_from: u64,
    /// Where to stop, once the channel drains.
    stop_at: Option<u64>,
    ended: bool,
    event: PhantomData<fn() -> E>,
}

impl<E> Subscription<E> {
    pub(super) fn new(shared: Arc<Shared>, last_event_id: LastEventId) -> Self {
        // Joined before the place is taken, so that no event falls between the two.
        let (key, slot) = shared.subscribers.join();
        let mut subscription = Self {
            shared,
            key,
            slot,
            last_event_id,
            resumption: Resumption::New,
            replayed: 0,
            reset: None,
            place: 0,
            live_from: 0,
            stop_at: None,
            ended: false,
            event: PhantomData,
        };
        subscription.begin(Start::Live);
        subscription
    }

    /// Sets where the client begins if it has no last event ID or cannot resume. Default: [`Start::Live`].
    ///
    /// Call it before the first poll: it takes the subscription back to its beginning, as of now.
    pub fn start(mut self, start: Start) -> Self {
        self.begin(start);
        self
    }

    /// What became of the client's last event ID.
    pub const fn resumption(&self) -> Resumption {
        self.resumption
    }

    /// How many events are replayed before the first live one. Some may be trimmed before they are read; then the
    /// subscription lags.
    pub const fn replayed(&self) -> u64 {
        self.replayed
    }

    fn begin(&mut self, start: Start) {
        let now = Instant::now();
        let mut log = self.shared.log.write().unwrap_or_else(PoisonError::into_inner);
        log.trim_aged(now);
        let beginning = Beginning::find(&log, &self.last_event_id, start);
        self.live_from = log.end();
        drop(log);
        self.place = beginning.point.place;
        self.replayed = beginning.replayed;
        self.resumption = beginning.resumption;
        self.reset = match beginning.resumption {
            // Every field of a reset is legal.
            Resumption::Reset(reset) => Frame::encode(&ResetEvent { reset, cursor: beginning.cursor }).ok(),
            Resumption::New | Resumption::Complete => None,
        };
    }

    fn poll_frame(&mut self, context: &Context<'_>) -> Poll<Option<Result<Frame, SubscriptionError>>> {
        if let Some(reset) = self.reset.take() {
            return Poll::Ready(Some(Ok(reset)));
        }
        if self.ended {
            return Poll::Ready(None);
        }
        let mut registered = false;
        loop {
            if let Some(item) = self.read() {
                return Poll::Ready(Some(item));
            }
            if registered {
                return Poll::Pending;
            }
            self.slot.register(context);
            registered = true;
        }
    }

    /// The next item, unless there is none yet.
    fn read(&mut self) -> Option<Result<Frame, SubscriptionError>> {
        let end = self.shared.end.load(Ordering::Acquire);
        if let Some(time) = self.slot.ending()
            && self.place >= *self.stop_at.get_or_insert(end)
        {
            self.ended = true;
            return Some(Ok(Frame::reconnection_time(time)));
        }
        while self.place < end {
            let log = self.shared.log.read().unwrap_or_else(PoisonError::into_inner);
            let read = log.read(self.place);
            drop(log);
            match read {
                Read::Frame(frame) => {
                    self.place += 1;
                    if !(frame.is_ephemeral() && self.place <= self.live_from) {
                        return Some(Ok(frame));
                    }
                }
                Read::Trimmed => {
                    self.ended = true;
                    return Some(Err(SubscriptionError::Lagged));
                }
                Read::CaughtUp => break,
            }
        }
        None
    }
}

impl<E> Stream for Subscription<E> {
    type Item = Result<Frame, SubscriptionError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_frame(context)
    }
}

impl<E> FusedStream for Subscription<E> {
    fn is_terminated(&self) -> bool {
        self.ended && self.reset.is_none()
    }
}

impl<E> Drop for Subscription<E> {
    fn drop(&mut self) {
        self.shared.subscribers.leave(self.key);
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription")
            .field("last_event_id", &self.last_event_id)
            .field("resumption", &self.resumption)
            .field("replayed", &self.replayed)
            .finish_non_exhaustive()
    }
}
