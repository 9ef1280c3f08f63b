//! The body of a response.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, Bytes};
use futures_core::Stream;
use rocket::tokio::io::{AsyncRead, ReadBuf};
use typed_sse_core::SseBody;

/// An event stream as Rocket wants it: to be read.
pub(crate) struct Body {
    events: SseBody,
    // What did not fit when it was read.
    rest: Bytes,
}

impl Body {
    pub(crate) const fn new(events: SseBody) -> Self {
        Self { events, rest: Bytes::new() }
    }
}

impl AsyncRead for Body {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.events).poll_next(context)) {
                Some(Ok(chunk)) => self.rest = chunk,
                Some(Err(error)) => return Poll::Ready(Err(io::Error::other(error))),
                None => return Poll::Ready(Ok(())),
            }
        }
        let len = self.rest.len().min(buffer.remaining());
        buffer.put_slice(&self.rest[..len]);
        self.rest.advance(len);
        Poll::Ready(Ok(()))
    }
}
