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
use crate::encode::Frame;
use crate::event::SseEvent;

pin_project! {
    /// What the `Sse` of an adapter is made of: an [`EventStream`], a reconnection time alone where the client is told to come
    /// back later, or nothing where it is told to stop.
    ///
    /// An adapter answers `204 No Content` if it [is empty](Self::is_empty), else `200` with the header fields of
    /// [`header::RESPONSE`](crate::header::RESPONSE) and the chunks of this stream, or what [`without_events`](Self::without_events)
    /// gives. An error that ends the stream is told to `tracing` at the level `WARN`.
    ///
    /// ```
    /// use std::time::Duration;
    /// use typed_sse_core::{Channel, Event, SseBody, Subscription};
    ///
    /// let channel = Channel::<Event>::new();
    /// let body = SseBody::new(channel.subscribe(None)).retry(Duration::from_secs(3));
    /// assert!(!body.is_empty());
    /// assert!(SseBody::<Subscription<Event>>::empty().is_empty());
    ///
    /// let later = SseBody::<Subscription<Event>>::later(Duration::from_secs(30));
    /// assert_eq!(later.without_events().unwrap(), "retry: 30000\n");
    /// ```
    #[must_use = "a body sends when it is polled"]
    pub struct SseBody<S> {
        #[pin]
        events: Option<EventStream<S>>,
        // Where there are no events: when the client comes back.
        later: Option<Duration>,
    }
}

impl<S: Events> SseBody<S> {
    /// Sends `events`, with the defaults of [`EventStream::new`]. Is [empty](Self::empty) where they are known to be over; see
    /// [`Events`].
    pub fn new(events: S) -> Self {
        if events.is_over() {
            Self::empty()
        } else {
            Self { events: Some(EventStream::new(events)), later: None }
        }
    }
}

impl<S> SseBody<S> {
    /// Sends nothing and ends.
    pub const fn empty() -> Self {
        Self { events: None, later: None }
    }

    /// Sends `reconnection_time` as a `retry:` line, in whole milliseconds, and ends.
    pub const fn later(reconnection_time: Duration) -> Self {
        Self { events: None, later: Some(reconnection_time) }
    }

    /// As [`EventStream::retry`]. Also of a body that is for [later](Self::later).
    pub fn retry(self, reconnection_time: Duration) -> Self {
        Self {
            events: self.events.map(|events| events.retry(reconnection_time)),
            later: self.later.map(|_| reconnection_time),
        }
    }

    /// As [`EventStream::no_retry`]. A body that is for [later](Self::later) has one all the same.
    pub fn no_retry(self) -> Self {
        Self { events: self.events.map(EventStream::no_retry), ..self }
    }

    /// As [`EventStream::keep_alive`].
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        Self { events: self.events.map(|events| events.keep_alive(keep_alive)), ..self }
    }

    /// As [`EventStream::lifetime`].
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { events: self.events.map(|events| events.lifetime(lifetime)), ..self }
    }

    /// As [`EventStream::on_error`].
    pub fn on_error<T: SseEvent>(self, tell: impl FnOnce(BoxError) -> T + Send + Sync + 'static) -> Self {
        Self { events: self.events.map(|events| events.on_error(tell)), ..self }
    }

    /// Whether there is nothing to send, so that the client is told to stop.
    pub const fn is_empty(&self) -> bool {
        self.events.is_none() && self.later.is_none()
    }

    /// All that is still to be sent, where that is known because there are no events; `None` where there are.
    #[must_use]
    pub fn without_events(&self) -> Option<Bytes> {
        let later = || self.later.map(|time| Frame::reconnection_time(time).into_bytes());
        self.events.is_none().then(|| later().unwrap_or_default())
    }
}

impl<S> Stream for SseBody<S>
where
    S: Events<Item: EventResult>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.project();
        let Some(events) = this.events.as_pin_mut() else {
            let later = this.later.take();
            return Poll::Ready(later.map(|time| Ok(Frame::reconnection_time(time).into_bytes())));
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
        f.debug_struct("SseBody").field("events", &self.events).field("later", &self.later).finish()
    }
}
