//! The body of a response.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use futures_core::Stream;
use typed_sse_core::LocalSseBody;

/// An event stream as actix-web wants it.
pub(crate) struct Body {
    events: LocalSseBody,
}

impl Body {
    pub(crate) const fn new(events: LocalSseBody) -> Self {
        Self { events }
    }
}

impl MessageBody for Body {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        let known = self.events.without_events();
        known.map_or(BodySize::Stream, |bytes| BodySize::Sized(bytes.len() as u64))
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
        let chunk = Pin::new(&mut self.events).poll_next(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map_err(|error| error as _)))
    }
}
