//! The body of a response.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;
use http_body::{Frame, SizeHint};
use typed_sse_core::{BoxError, SseBody};

/// The body of an [`Sse`](crate::Sse) response: one data frame per chunk of an
/// [`EventStream`](typed_sse_core::EventStream). Also a stream of these chunks, for what has bodies of its own.
#[derive(Debug)]
pub struct Body {
    events: SseBody,
}

impl Body {
    pub(crate) const fn new(events: SseBody) -> Self {
        Self { events }
    }

    /// The whole body of a response without events, as [`Sse::stop`](crate::Sse::stop) and [`Sse::later`](crate::Sse::later)
    /// make it; `None` where there are events. For what has bodies of its own.
    #[must_use]
    pub fn without_events(&self) -> Option<Bytes> {
        self.events.without_events()
    }
}

impl http_body::Body for Body {
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

impl Stream for Body {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.events).poll_next(context)
    }
}
