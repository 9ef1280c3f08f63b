//! The body of a response.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;
use typed_sse_core::{EventResult, Events, SseBody};

pin_project! {
    /// An event stream as actix-web wants it.
    pub(crate) struct Body<S> {
        #[pin]
        events: SseBody<S>,
    }
}

impl<S> Body<S> {
    pub(crate) const fn new(events: SseBody<S>) -> Self {
        Self { events }
    }
}

impl<S> MessageBody for Body<S>
where
    S: Events<Item: EventResult>,
{
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        let chunk = self.project().events.poll_next(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map_err(|error| error as _)))
    }
}
