//! What every adapter's `Sse` is made of.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;

use super::event_result::{BoxError, EventResult};
use super::event_stream::EventStream;
use super::events::Events;
use super::keep_alive::KeepAlive;

pin_project! {
    /// What the `Sse` of an adapter is made of: an [`EventStream`], or nothing where the client is told to stop.
    ///
    /// An adapter answers `204 No Content` if it [is empty](Self::is_empty), else `200` with the header fields of
    /// [`header::RESPONSE`](crate::header::RESPONSE) and the chunks of this stream. An error that ends the stream is
    /// told to `tracing` at the level `WARN`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use typed_sse_core::{Channel, Event, SseBody, Subscription};
    ///
    /// let channel = Channel::<Event>::new();
    /// let body = SseBody::new(channel.subscribe(None)).retry(Duration::from_secs(3));
    /// assert!(!body.is_empty());
    /// assert!(SseBody::<Subscription<Event>>::empty().is_empty());
    /// ```
    #[must_use = "a body sends when it is polled"]
    pub struct SseBody<S> {
        #[pin]
        events: Option<EventStream<S>>,
    }
}

impl<S> SseBody<S> {
    /// Sends `events`, with the defaults of [`EventStream::new`].
    pub const fn new(events: S) -> Self {
        Self { events: Some(EventStream::new(events)) }
    }

    /// Sends nothing and ends.
    pub const fn empty() -> Self {
        Self { events: None }
    }

    /// As [`EventStream::retry`].
    pub fn retry(self, reconnection_time: Duration) -> Self {
        Self { events: self.events.map(|events| events.retry(reconnection_time)) }
    }

    /// As [`EventStream::keep_alive`].
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        Self { events: self.events.map(|events| events.keep_alive(keep_alive)) }
    }

    /// Whether there is no event stream, so that the client is told to stop.
    pub const fn is_empty(&self) -> bool {
        self.events.is_none()
    }
}

impl<S> Stream for SseBody<S>
where
    S: Events<Item: EventResult>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(events) = self.project().events.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let chunk = ready!(events.poll_next(context));
        if let Some(Err(error)) = &chunk {
            tracing::warn!(%error, "an event stream ends early");
        }
        Poll::Ready(chunk)
    }
}

impl<S> fmt::Debug for SseBody<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SseBody").field("events", &self.events).finish()
    }
}
