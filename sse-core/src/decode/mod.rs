//! From bytes to dispatched events.

mod error;
mod event_ref;
mod field;
mod from_event;
mod from_event_error;
#[cfg(feature = "json")]
pub(crate) mod json;
mod line;
mod read;
mod start;

use std::fmt;
use std::time::Duration;

pub use error::DecodeError;
pub use event_ref::EventRef;
pub use from_event::FromSseEvent;
pub use from_event_error::{FromEventError, FromEventErrorKind};
use line::text;
use read::Lines;
use start::Start;

use crate::field::LastEventId;

/// An incremental decoder of an event stream: bytes in, dispatched events out, without I/O.
///
/// It follows [the standard, "Interpreting an event stream"][interpret] to the letter, however the bytes are cut into
/// chunks. Each byte is searched once. An event that lies in one chunk is lent from it; what is unterminated at the
/// end of a chunk is kept, up to [a limit](Self::with_limit). Malformed UTF-8 becomes U+FFFD and ends nothing.
///
/// The last event ID and the reconnection time outlive a connection: call [`reconnect`](Self::reconnect) before the
/// first bytes of the next one.
///
/// ```
/// use typed_sse_core::Decoder;
///
/// let mut decoder = Decoder::new();
/// let mut seen = Vec::new();
/// for chunk in [&b"id: 1\ndata: one\n\ndata: t"[..], b"wo\n", b"\n"] {
///     let mut input = chunk;
///     while let Some(event) = decoder.next_event(&mut input)? {
///         seen.push((event.id.to_owned(), event.data.to_owned()));
///     }
/// }
/// assert_eq!(seen, [("1".into(), "one".into()), ("1".into(), "two".into())]);
/// # Ok::<(), typed_sse_core::DecodeError>(())
/// ```
///
/// [interpret]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
#[derive(Clone)]
pub struct Decoder {
    limit: usize,
    start: Start,
    /// A CR ended the last line of the last chunk: an LF that comes next belongs to it.
    after_cr: bool,
    /// What is known of a line that had no end yet.
    partial: Partial,
    line: Vec<u8>,
    /// The event type buffer, where it outlived its chunk. Empty: none.
    event_type: String,
    /// The data buffer, without the LF behind its last line, where it is not lent from a chunk.
    data: String,
    has_data: bool,
    /// `event_type` and `data` were lent out by the last call and are free to be cleared.
    lent: bool,
    /// An event was too long; the rest of it is skipped.
    discarding: bool,
    /// The last event ID buffer, where it differs from the string.
    id_buffer: Option<String>,
    last_event_id: String,
    spare_id: String,
    reconnection_time: Option<Duration>,
    /// Of the event at hand, whose ID is the last event ID.
    has_id: bool,
    /// The reconnection time that came with the event at hand.
    retry: Option<Duration>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Partial {
    /// No byte of the line has come.
    Empty,
    /// Its bytes are kept.
    Kept,
    /// It is a comment, or too long: its bytes are not needed.
    Skipped,
}

impl Decoder {
    /// The limit of [`Decoder::new`]: 16 MiB.
    pub const DEFAULT_LIMIT: usize = 16 << 20;

    /// A decoder at the start of its first stream. Holds no memory yet.
    #[must_use]
    pub const fn new() -> Self {
        Self::with_limit(Self::DEFAULT_LIMIT)
    }

    /// As [`new`](Self::new) with another limit, in bytes, on one line and on the data of one event. Comments do not
    /// count. The decoder holds at most a small multiple of it.
    #[must_use]
    pub const fn with_limit(limit: usize) -> Self {
        Self {
            limit,
            start: Start::new(),
            after_cr: false,
            partial: Partial::Empty,
            line: Vec::new(),
            event_type: String::new(),
            data: String::new(),
            has_data: false,
            lent: false,
            discarding: false,
            id_buffer: None,
            last_event_id: String::new(),
            spare_id: String::new(),
            reconnection_time: None,
            has_id: false,
            retry: None,
        }
    }

    /// Goes on behind this event, as a client that comes back after a restart of its own: the [last event ID](Self::last_event_id)
    /// until the stream brings another.
    ///
    /// ```
    /// use typed_sse_core::{Decoder, LastEventId};
    ///
    /// let mut decoder = Decoder::new().with_last_event_id(&LastEventId::from("41"));
    /// let event = decoder.next_event(&mut &b"data: one\n\n"[..])?;
    /// assert_eq!(event.map(|event| event.id), Some("41"));
    /// # Ok::<(), typed_sse_core::DecodeError>(())
    /// ```
    #[must_use]
    pub fn with_last_event_id(mut self, id: &LastEventId) -> Self {
        id.as_str().clone_into(&mut self.last_event_id);
        self
    }

    /// Reads on in `input` until an event is dispatched, and moves `input` past what was read.
    ///
    /// `None` means that all of `input` was read and more is needed. Call again with the same `input` until then.
    /// At the end of a stream there is nothing more to do: an event without its blank line is not dispatched, as the standard
    /// has it. Where a server leaves that line out, see [`finish`](Self::finish).
    ///
    /// # Errors
    ///
    /// [`DecodeError::TooLong`], once per event that is too long; what follows it is decoded as usual.
    pub fn next_event<'a, 'input: 'a>(
        &'a mut self,
        input: &mut &'input [u8],
    ) -> Result<Option<EventRef<'a>>, DecodeError> {
        self.reclaim();
        self.skip_byte_order_mark(input);
        self.skip_line_feed(input);
        if self.partial != Partial::Empty && !self.end_partial_line(input)? {
            return Ok(None);
        }
        let (event_type, data) = match self.read_lines(input)? {
            Lines::Dispatch { event_type, data } => (event_type, data),
            Lines::NeedMore => return Ok(None),
        };
        Ok(Some(self.lend(event_type, data)))
    }

    /// Dispatches the event that the end of the input has left without its blank line, if there is one.
    ///
    /// Some servers close after the last event without a blank line, or without any line end, and a client that goes by
    /// the standard never sees that event: ["Once the end of the file is reached, any pending data must be
    /// discarded"][interpret]. Nobody has to call this; who does departs from the standard. The input is then read as if a line end
    /// and a blank line stood behind it:
    ///
    /// - The last line counts, whatever field it is.
    /// - The ID of the event counts, and so does one without data: it is the [last event ID](Self::last_event_id) from now on, and
    ///   the next connection does not ask for this event again.
    /// - An event that is too long, or that has no data, is not dispatched. A second call dispatches nothing.
    ///
    /// **An event that was cut off looks like one that has ended.** Call this only where the two can be told apart: by the
    /// transport, which knows a whole body from a broken one, or by the data. Otherwise half an event is dispatched, and, with
    /// its ID, never asked for again.
    ///
    /// Call [`reconnect`](Self::reconnect) before the first bytes of another stream, as ever.
    ///
    /// ```
    /// use typed_sse_core::Decoder;
    ///
    /// let mut decoder = Decoder::new();
    /// let mut input = &b"data: {}\n\nid: 2\ndata: [DONE]"[..];
    /// let mut seen = Vec::new();
    /// while let Some(event) = decoder.next_event(&mut input)? {
    ///     seen.push(event.data.to_owned());
    /// }
    /// // The server has closed the connection.
    /// if let Some(event) = decoder.finish()? {
    ///     seen.push(event.data.to_owned());
    /// }
    /// assert_eq!(seen, ["{}", "[DONE]"]);
    /// assert_eq!(decoder.last_event_id(), "2");
    /// # Ok::<(), typed_sse_core::DecodeError>(())
    /// ```
    ///
    /// [interpret]: https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
    ///
    /// # Errors
    ///
    /// [`DecodeError::TooLong`] if the last line makes the event too long.
    pub fn finish(&mut self) -> Result<Option<EventRef<'_>>, DecodeError> {
        self.reclaim();
        // The beginning of a byte order mark that came no further may stay where it is: no field is called so.
        let last_line = match self.partial {
            Partial::Empty => Ok(true),
            Partial::Kept | Partial::Skipped => self.end_partial_line(&mut &b"\n"[..]),
        };
        let is_dispatched = self.end_block(false);
        last_line?;
        Ok(is_dispatched.then(|| self.lend(None, None)))
    }

    /// The last event ID string: what a client sends as `Last-Event-ID` when it reconnects. Empty for none.
    #[must_use]
    pub fn last_event_id(&self) -> &str {
        &self.last_event_id
    }

    /// The reconnection time that the stream asked for last, if it did.
    #[must_use]
    pub const fn reconnection_time(&self) -> Option<Duration> {
        self.reconnection_time
    }

    /// Starts at the beginning of another stream. What was unterminated is dropped; the last event ID, the
    /// reconnection time and the limit stay.
    pub fn reconnect(&mut self) {
        self.start = Start::new();
        self.after_cr = false;
        self.partial = Partial::Empty;
        self.line.clear();
        self.lent = false;
        self.forget_event();
        self.discarding = false;
        self.retry = None;
        if let Some(buffer) = self.id_buffer.take() {
            self.spare_id = buffer;
        }
    }

    /// Lends an event, from the chunk or else from the decoder's own buffers.
    #[inline]
    fn lend<'a>(&'a mut self, event_type: Option<&'a [u8]>, data: Option<&'a [u8]>) -> EventRef<'a> {
        self.lent = true;
        EventRef {
            event_type: text(event_type, &mut self.event_type).unwrap_or("message"),
            data: text(data, &mut self.data).unwrap_or_default(),
            id: &self.last_event_id,
            has_id: self.has_id,
            retry: self.retry.take(),
        }
    }
}

impl Default for Decoder {
    /// As [`Decoder::new`].
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decoder")
            .field("limit", &self.limit)
            .field("last_event_id", &self.last_event_id)
            .field("reconnection_time", &self.reconnection_time)
            .finish_non_exhaustive()
    }
}
