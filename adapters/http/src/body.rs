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

    /// The whole body of a response without events, as [`Sse::stop`](crate::Sse::stop) and [`Sse::later`](crate::Sse::later)
    /// make it; `None` where there are events. For what has bodies of its own, whatever `S` is.
    #[must_use]
    pub fn without_events(&self) -> Option<Bytes> {
        self.events.without_events()
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
        let known = self.events.without_events();
        known.map_or_else(SizeHint::default, |bytes| SizeHint::with_exact(bytes.len() as u64))
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
