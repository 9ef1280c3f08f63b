//! The body of a response.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use pin_project_lite::pin_project;
use typed_sse_core::{BoxError, EventResult, Events, SseBody};

pin_project! {
    /// The body of an [`Sse`](crate::Sse) response: one data frame per chunk of an
    /// [`EventStream`](typed_sse_core::EventStream). Also a stream of these chunks, for what has bodies of its own.
    pub struct Body<S> {
        #[pin]
        events: SseBody<S>,
    }
}

impl<S> Body<S> {
    pub(crate) const fn new(events: SseBody<S>) -> Self {
        Self { events }
    }
}

impl<S> http_body::Body for Body<S>
where
    S: Events<Item: EventResult>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.poll_next(context).map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.events.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        if self.events.is_empty() { SizeHint::with_exact(0) } else { SizeHint::default() }
    }
}

impl<S> Stream for Body<S>
where
    S: Events<Item: EventResult>,
{
    type Item = Result<Bytes, BoxError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.project().events.poll_next(context)
    }
}

impl<S> fmt::Debug for Body<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("events", &self.events).finish()
    }
}
