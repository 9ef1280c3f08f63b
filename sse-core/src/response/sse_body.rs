//! What every adapter's `Sse` is made of.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;

use super::event_result::{BoxError, EventResult};
use super::event_stream::{AnyEventStream, EventStream};
use super::events::Events;
use super::keep_alive::KeepAlive;
use super::options::{Keeping, Options, Retry};
use crate::encode::Frame;
use crate::event::SseEvent;

/// What the `Sse` of an adapter is made of: an [`EventStream`], a reconnection time alone where the client is told to come
/// back later, or nothing where it is told to stop.
///
/// It is one type whatever its events are, so that a handler can answer with the one or the other. Where a framework moves its
/// responses from thread to thread, events have to be `Send`, as [`new`](SseBody::new) asks; where it does not, a
/// [`LocalSseBody`] takes any.
///
/// An adapter answers `204 No Content` if it [is empty](Self::is_empty), else `200` with the header fields of
/// [`header::RESPONSE`](crate::header::RESPONSE) and the chunks of this stream, or what [`without_events`](Self::without_events)
/// gives. An error that ends the stream is told to `tracing` at the level `WARN`.
///
/// ```
/// use std::time::Duration;
/// use typed_sse_core::{Channel, Event, SseBody};
///
/// let channel = Channel::<Event>::new();
/// let body: SseBody = SseBody::new(channel.subscribe(None)).retry(Duration::from_secs(3));
/// assert!(!body.is_empty());
///
/// let stop: SseBody = SseBody::empty();
/// assert!(stop.is_empty());
///
/// let later: SseBody = SseBody::later(Duration::from_secs(30));
/// assert_eq!(later.without_events().unwrap(), "retry: 30000\n");
/// ```
#[derive(Debug)]
#[must_use = "a body sends when it is polled"]
pub struct SseBody<B: ?Sized = dyn AnyEventStream + Send>(Sent<B>);

/// What is sent.
#[derive(Debug)]
enum Sent<B: ?Sized> {
    Nothing,
    Later(Duration),
    Events(Pin<Box<B>>),
}

/// An [`SseBody`] that stays on its thread, of events that need not be `Send`.
pub type LocalSseBody = SseBody<dyn AnyEventStream>;

impl SseBody {
    /// Sends `events`, with the defaults of [`EventStream::new`]. Is [empty](Self::is_empty) where they are known to be over; see
    /// [`Events`].
    pub fn new<S>(events: S) -> Self
    where
        S: Events<Item: EventResult> + Send + 'static,
    {
        if events.is_over() {
            return Self::empty();
        }
        Self(Sent::Events(Box::pin(EventStream::new(events))))
    }
}

impl LocalSseBody {
    /// As [`SseBody::new`], on one thread.
    pub fn local<S>(events: S) -> Self
    where
        S: Events<Item: EventResult> + 'static,
    {
        if events.is_over() {
            return Self::empty();
        }
        Self(Sent::Events(Box::pin(EventStream::new(events))))
    }
}

impl<B: AnyEventStream + ?Sized> SseBody<B> {
    /// Sends nothing and ends.
    pub const fn empty() -> Self {
        Self(Sent::Nothing)
    }

    /// Sends `reconnection_time` as a `retry:` line, in whole milliseconds, and ends.
    pub const fn later(reconnection_time: Duration) -> Self {
        Self(Sent::Later(reconnection_time))
    }

    /// As [`EventStream::retry`]. Also of a body that is for [later](Self::later).
    pub fn retry(self, reconnection_time: Duration) -> Self {
        if let Sent::Later(_) = self.0 {
            return Self::later(reconnection_time);
        }
        self.with(|options| options.set_retry(Retry::Set(reconnection_time)))
    }

    /// As [`EventStream::no_retry`]. A body that is for [later](Self::later) has one all the same.
    pub fn no_retry(self) -> Self {
        self.with(|options| options.set_retry(Retry::None))
    }

    /// As [`EventStream::keep_alive`].
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        self.with(|options| options.keep_alive = Keeping::By(keep_alive))
    }

    /// As [`EventStream::lifetime`].
    pub fn lifetime(self, lifetime: Duration) -> Self {
        self.with(|options| options.set_lifetime(lifetime))
    }

    /// As [`EventStream::on_error`].
    pub fn on_error<T: SseEvent>(self, tell: impl FnOnce(BoxError) -> T + Send + Sync + 'static) -> Self {
        self.with(|options| options.tell(tell))
    }

    fn with(mut self, set: impl FnOnce(&mut Options)) -> Self {
        if let Sent::Events(events) = &mut self.0 {
            set(events.as_mut().options());
        }
        self
    }

    /// Whether there is nothing to send, so that the client is told to stop.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self.0, Sent::Nothing)
    }

    /// All that is still to be sent, where that is known because there are no events; `None` where there are.
    #[must_use]
    pub fn without_events(&self) -> Option<Bytes> {
        match self.0 {
            Sent::Nothing => Some(Bytes::new()),
            Sent::Later(time) => Some(Frame::reconnection_time(time).into_bytes()),
            Sent::Events(_) => None,
        }
    }
}

impl<B: AnyEventStream + ?Sized> Stream for SseBody<B> {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Sent::Events(events) = &mut self.0 else {
            let all = self.without_events().filter(|bytes| !bytes.is_empty());
            self.0 = Sent::Nothing;
            return Poll::Ready(all.map(Ok));
        };
        let chunk = ready!(events.as_mut().poll_next(context));
        if let Some(Err(error)) = &chunk {
            tracing::warn!(%error, "an event stream ends early");
        }
        Poll::Ready(chunk)
    }
}
