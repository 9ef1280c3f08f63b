//! The body of a response.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use pin_project_lite::pin_project;
use rocket::tokio::io::{AsyncRead, ReadBuf};
use typed_sse_core::{EventResult, Events, SseBody};

pin_project! {
    /// An event stream as Rocket wants it: to be read.
    pub(crate) struct Body<S> {
        #[pin]
        events: SseBody<S>,
        // What did not fit when it was read.
        rest: Bytes,
    }
}

impl<S> Body<S> {
    pub(crate) const fn new(events: SseBody<S>) -> Self {
        Self { events, rest: Bytes::new() }
    }
}

impl<S> AsyncRead for Body<S>
where
    S: Events<Item: EventResult>,
{
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.project();
        if this.rest.is_empty() {
            match ready!(this.events.poll_next(context)) {
                Some(Ok(chunk)) => *this.rest = chunk,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let len = this.rest.len().min(buffer.remaining());
        buffer.put_slice(&this.rest[..len]);
        this.rest.advance(len);
        Poll::Ready(Ok(()))
    }
}
