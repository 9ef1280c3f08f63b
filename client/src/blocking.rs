//! The same without a runtime: for command-line tools and threads.

use std::fmt;
use std::io::{self, Read};

use bytes::BytesMut;
use typed_sse_core::FromSseEvent;

use crate::error::Error;
use crate::item::End;
use crate::reader::{broken, take};
use crate::reading::{Reading, Resets};

/// Reads anything that is [`Read`] as the events of a type: the body of a blocking HTTP client, a pipe, a file.
///
/// It is an iterator that blocks until an event has come. It knows no connection, so it does not come back: open
/// another one with [`current_event_id`](Self::current_event_id). An error of the reader is final, also the
/// [time-out](std::net::TcpStream::set_read_timeout) of a socket.
///
/// ```
/// # use typed_sse_core::Event as Market;
/// use typed_sse_client::blocking::Reader;
///
/// let body = &b"id: 7\ndata: up\n\n"[..];
/// let mut market = Reader::<Market, _>::new(body);
/// for event in &mut market {
///     assert_eq!(event?.data(), "up");
/// }
/// assert_eq!(market.current_event_id(), "7");
/// # Ok::<_, typed_sse_client::Error>(())
/// ```
#[must_use = "a reader reads nothing until it is iterated"]
pub struct Reader<E, R> {
    input: R,
    reading: Reading<E>,
    buffer: BytesMut,
    end: Option<End>,
}

impl<E, R> Reader<E, R> {
    /// Reads this input.
    pub fn new(input: R) -> Self {
        Self { input, reading: Reading::new(), buffer: BytesMut::new(), end: None }
    }

    /// The longest event that is taken, in bytes. Set it before the first event. Default: 16 MiB.
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

    /// Goes on with another connection: what was unterminated is dropped, the last event ID stays.
    ///
    /// ```
    /// # use typed_sse_core::Event as Market;
    /// use typed_sse_client::blocking::Reader;
    ///
    /// # fn open(_last_event_id: &str) -> std::io::Result<&'static [u8]> { Ok(b"data: again\n\n") }
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let mut market = Reader::<Market, _>::new(&b"id: 7\n\ndata: lo"[..]);
    /// assert!(market.next().is_none());
    /// market = market.reconnect(open("7")?);
    /// assert_eq!(market.next().ok_or("no event")??.data(), "again");
    /// assert_eq!(market.current_event_id(), "7");
    /// # Ok(()) }
    /// ```
    pub fn reconnect(mut self, input: R) -> Self {
        self.reading.reconnect();
        Self { input, end: None, ..self }
    }
}

impl<E, R: Read> Reader<E, R> {
    /// Reads once. Zero is the end.
    fn fill(&mut self) -> io::Result<usize> {
        // The last chunk has been read, so that its memory is taken again.
        self.buffer.resize(CHUNK, 0);
        let length = loop {
            match self.input.read(&mut self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        self.reading.push(self.buffer.split_to(length).freeze());
        Ok(length)
    }
}

impl<E: FromSseEvent, R: Read> Iterator for Reader<E, R> {
    type Item = Result<E, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.end.is_none() {
            if let Some(found) = self.reading.next(Resets::ToType) {
                return Some(take(found, &mut self.end));
            }
            match self.fill() {
                Ok(0) => self.end = Some(End::Body),
                Ok(_) => {}
                Err(error) => return Some(Err(broken(error, &mut self.end))),
            }
        }
        None
    }
}

impl<E, R> fmt::Debug for Reader<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader")
            .field("last_event_id", &self.current_event_id())
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

/// What is read at once, at most.
const CHUNK: usize = 16 << 10;
