//! The body of a response.

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_core::Stream;
use pin_project_lite::pin_project;
use typed_sse_core::{EventResult, Events, SseBody};

pin_project! {
    /// The body of an [`Sse`](crate::Sse) response.
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

impl<S> MessageBody for Body<S>
where
    S: Events<Item: EventResult>,
{
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        if self.events.is_empty() { BodySize::None } else { BodySize::Stream }
    }

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        let chunk = self.project().events.poll_next(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map_err(|error| error as _)))
    }
}

impl<S> fmt::Debug for Body<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").field("events", &self.events).finish()
    }
}
