//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use typed_sse_core::{BoxError, EventStream, SseEvent};

pin_project! {
    /// The body of an [`Sse`](crate::Sse) response: one data frame per chunk of an [`EventStream`].
    pub struct Body<S> {
        // Empty where the client is told to stop.
        #[pin]
        events: Option<EventStream<S>>,
    }
}

impl<S> Body<S> {
    pub(crate) const fn new(events: Option<EventStream<S>>) -> Self {
        Self { events }
    }
}

impl<S, T, E> http_body::Body for Body<S>
where
    S: Stream<Item = Result<T, E>>,
    T: SseEvent,
    E: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let Some(events) = self.project().events.as_pin_mut() else {
            return Poll::Ready(None);
        };
        let chunk = ready!(events.poll_next(context));
        if let Some(Err(error)) = &chunk {
            tracing::warn!(%error, "an event stream ends early");
        }
        Poll::Ready(chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.events.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match self.events {
            Some(_) => SizeHint::default(),
            None => SizeHint::with_exact(0),
        }
    }
}

impl<S> fmt::Debug for Body<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("events", &self.events).finish()
    }
}
