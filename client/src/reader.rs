//! Events from a stream of bytes that somebody else has opened.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use typed_sse_core::FromSseEvent;

use crate::error::{BoxError, Error, ErrorKind};
use crate::item::End;
use crate::reading::{Found, Reading, Resets};

/// Reads any stream of bytes as the events of a type: the body of a response that you have, a file, a test.
///
/// It knows no connection, so it does not come back. What it yields is as of [`Client`](crate::Client); an error of the stream of
/// bytes is final.
///
/// ```
/// # use typed_sse_core::Event as Market;
/// use bytes::Bytes;
/// use futures_util::stream;
/// use typed_sse_client::Reader;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bytes = stream::iter([Ok::<_, std::io::Error>(Bytes::from("id: 7\nda")), Ok("ta: up\n\n".into())]);
/// let mut market = Reader::<Market, _>::new(bytes);
/// let event = market.next().await.ok_or("no event")??;
/// assert_eq!((event.data(), market.current_event_id()), ("up", "7"));
/// assert!(market.next().await.is_none());
/// # Ok(()) }
/// ```
#[must_use = "a reader reads nothing until it is polled"]
pub struct Reader<E, S> {
    bytes: S,
    reading: Reading<E>,
    end: Option<End>,
}

impl<E, S> Reader<E, S> {
    /// Reads these bytes.
    pub fn new(bytes: S) -> Self {
        Self { bytes, reading: Reading::new(), end: None }
    }

    /// The longest event that is taken, in bytes. Set it before the first poll. Default: 16 MiB.
    pub fn limit(mut self, bytes: usize) -> Self {
        self.reading.set_limit(bytes);
        self
    }

    /// The ID of the last event that came; empty for none.
    #[must_use]
    pub fn current_event_id(&self) -> &str {
        self.reading.decoder().last_event_id()
    }

    /// How the stream ended; `None` as long as it has not.
    #[must_use]
    pub const fn end(&self) -> Option<End> {
        self.end
    }
}

impl<E, S, B, X> Reader<E, S>
where
    E: FromSseEvent,
    S: Stream<Item = Result<B, X>> + Unpin,
    B: Into<Bytes>,
    X: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    /// The next event; `None` at the end. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`]: what concerns one event, and the final [`ErrorKind::Transport`] of the bytes.
    pub async fn next(&mut self) -> Option<Result<E, Error>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<E, Error>>> {
        for _ in 0..TURNS {
            if self.end.is_some() {
                return Poll::Ready(None);
            }
            if let Some(found) = self.reading.next(Resets::ToType) {
                return Poll::Ready(Some(take(found, &mut self.end)));
            }
            match ready!(Pin::new(&mut self.bytes).poll_next(context)) {
                Some(Ok(bytes)) => self.reading.push(bytes.into()),
                Some(Err(error)) => return Poll::Ready(Some(Err(broken(error, &mut self.end)))),
                None => self.end = Some(End::Body),
            }
        }
        // Bytes that bring no event must not keep other tasks from running.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl<E, S, B, X> Stream for Reader<E, S>
where
    E: FromSseEvent,
    S: Stream<Item = Result<B, X>> + Unpin,
    B: Into<Bytes>,
    X: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Item = Result<E, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.get_mut().poll_event(context)
    }
}

impl<E, S> fmt::Debug for Reader<E, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("last_event_id", &self.current_event_id())
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// What was found, as an item of a stream of events alone.
pub(crate) fn take<E>(found: Found<E>, end: &mut Option<End>) -> Result<E, Error> {
    match found {
        Found::Event { event, is_terminal } => {
            if is_terminal {
                *end = Some(End::Terminal);
            }
            Ok(event)
        }
        Found::Reset(reset) => Err(Error::new(ErrorKind::Reset(reset))),
        Found::Error(error) => Err(error),
    }
}

pub(crate) fn broken(error: impl Into<BoxError>, end: &mut Option<End>) -> Error {
    *end = Some(End::Failed);
    Error::with_source(ErrorKind::Transport, error).into_final()
}

/// So many chunks before other tasks have their turn.
const TURNS: usize = 128;
