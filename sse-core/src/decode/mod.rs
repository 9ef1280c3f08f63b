//! From bytes to dispatched events.

mod error;
mod event_ref;
mod field;
mod from_event;
mod from_event_error;
#[cfg(feature = "json")]
pub(crate) mod json;
mod line;
mod start;

use std::fmt;
use std::time::Duration;

pub use error::DecodeError;
pub use event_ref::EventRef;
use field::Field;
pub use from_event::FromSseEvent;
pub use from_event_error::{FromEventError, FromEventErrorKind};
use line::{push_text, split_line, text};
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

    /// Takes back what the last call lent.
    fn reclaim(&mut self) {
        if self.lent {
            self.lent = false;
            self.forget_event();
        }
    }

    fn forget_event(&mut self) {
        self.event_type.clear();
        self.data.clear();
        self.has_data = false;
        // One huge event should not hold its memory for the life of the connection.
        self.data.shrink_to(MAX_SPARE);
        self.event_type.shrink_to(MAX_SPARE);
    }

    fn skip_byte_order_mark(&mut self, input: &mut &[u8]) {
        let beginning = self.start.skip_byte_order_mark(input);
        if !beginning.is_empty() {
            self.line.extend_from_slice(beginning);
            self.partial = Partial::Kept;
        }
    }

    /// A CR has ended its line at once; only now is it known whether it was half of a CRLF.
    fn skip_line_feed(&mut self, input: &mut &[u8]) {
        if self.after_cr && !input.is_empty() {
            self.after_cr = false;
            *input = input.strip_prefix(b"\n").unwrap_or(input);
        }
    }

    /// Completes the line that earlier chunks left open. False if `input` does not end it either.
    fn end_partial_line(&mut self, input: &mut &[u8]) -> Result<bool, DecodeError> {
        let (line, ended) = match split_line(input) {
            Some((line, rest, after_cr)) => {
                *input = rest;
                self.after_cr = after_cr;
                (line, true)
            }
            None => (std::mem::take(input), false),
        };
        let skipped = self.partial == Partial::Skipped;
        if ended {
            self.partial = Partial::Empty;
        }
        if skipped {
            return Ok(ended);
        }
        if self.line.len() + line.len() > self.limit {
            self.line.clear();
            self.line.shrink_to(MAX_SPARE);
            if !ended {
                self.partial = Partial::Skipped;
            }
            self.discard()?;
            return Ok(ended);
        }
        self.line.extend_from_slice(line);
        if ended {
            let mut line = std::mem::take(&mut self.line);
            let read = self.read_kept_line(&line);
            line.clear();
            line.shrink_to(MAX_SPARE);
            self.line = line;
            read?;
        }
        Ok(ended)
    }

    /// Reads a line that does not lie in the current chunk, so that nothing can be lent from it.
    fn read_kept_line(&mut self, line: &[u8]) -> Result<(), DecodeError> {
        match Field::parse(line) {
            Field::Data(value) => self.append_data(value),
            Field::EventType(value) => {
                self.keep_event_type(value);
                Ok(())
            }
            other => {
                self.read_lasting(other);
                Ok(())
            }
        }
    }

    /// Reads whole lines of `input` up to the blank line of an event with data.
    fn read_lines<'input>(&mut self, input: &mut &'input [u8]) -> Result<Lines<'input>, DecodeError> {
        // Lent from the chunk for as long as one piece holds them.
        let mut event_type: Option<&'input [u8]> = None;
        let mut data: Option<&'input [u8]> = None;
        while let Some((line, rest, after_cr)) = split_line(input) {
            *input = rest;
            self.after_cr = after_cr;
            if line.is_empty() {
                if self.end_block(data.is_some()) {
                    return Ok(Lines::Dispatch { event_type, data });
                }
                (event_type, data) = (None, None);
                continue;
            }
            if line.len() > self.limit && line[0] != b':' {
                (event_type, data) = (None, None);
                self.discard()?;
                continue;
            }
            match Field::parse(line) {
                Field::Data(value) if !self.has_data && data.is_none() => data = Some(value),
                Field::Data(value) => {
                    if let Some(first) = data.take() {
                        self.append_data(first)?;
                    }
                    self.append_data(value)?;
                }
                // An empty one is `message` again.
                Field::EventType(value) => {
                    event_type = Some(value);
                    self.event_type.clear();
                }
                other => self.read_lasting(other),
            }
        }
        self.keep(event_type, data, std::mem::take(input))?;
        Ok(Lines::NeedMore)
    }

    /// A blank line. Whether it dispatches an event.
    #[inline]
    fn end_block(&mut self, has_lent_data: bool) -> bool {
        // Step 1 of "dispatch the event": the ID counts even where there is no data to dispatch.
        self.set_last_event_id();
        let discarded = std::mem::take(&mut self.discarding);
        if (has_lent_data || self.has_data) && !discarded {
            return true;
        }
        self.retry = None;
        // Step 2: "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty
        // string and return."
        self.forget_event();
        false
    }

    /// Keeps what would be lost with the chunk, whose last line has no end.
    fn keep(
        &mut self,
        event_type: Option<&[u8]>,
        data: Option<&[u8]>,
        rest: &[u8],
    ) -> Result<(), DecodeError> {
        if let Some(value) = event_type {
            self.keep_event_type(value);
        }
        if let Some(value) = data {
            self.append_data(value)?;
        }
        match rest.first() {
            None => {}
            Some(b':') => self.partial = Partial::Skipped,
            Some(_) if rest.len() > self.limit => {
                self.partial = Partial::Skipped;
                self.discard()?;
            }
            Some(_) => {
                self.line.extend_from_slice(rest);
                self.partial = Partial::Kept;
            }
        }
        Ok(())
    }

    fn keep_event_type(&mut self, value: &[u8]) {
        self.event_type.clear();
        if !self.discarding {
            push_text(&mut self.event_type, value);
        }
    }

    /// "Append the field value to the data buffer, then append a single U+000A LINE FEED (LF) character"; that LF is
    /// written before the next line instead, which spares "if the data buffer's last character is LF, remove it".
    fn append_data(&mut self, value: &[u8]) -> Result<(), DecodeError> {
        if self.discarding {
            return Ok(());
        }
        if self.data.len() + usize::from(self.has_data) + value.len() > self.limit {
            return self.discard();
        }
        if self.has_data {
            self.data.push('\n');
        }
        push_text(&mut self.data, value);
        self.has_data = true;
        Ok(())
    }

    /// The fields that outlive the event.
    fn read_lasting(&mut self, field: Field<'_>) {
        match field {
            Field::Id(value) => {
                let mut buffer = self.id_buffer.take().unwrap_or_else(|| std::mem::take(&mut self.spare_id));
                buffer.clear();
                push_text(&mut buffer, value);
                self.id_buffer = Some(buffer);
            }
            Field::Retry(time) => (self.reconnection_time, self.retry) = (Some(time), Some(time)),
            Field::Data(_) | Field::EventType(_) | Field::Ignored => {}
        }
    }

    fn set_last_event_id(&mut self) {
        self.has_id = self.id_buffer.is_some();
        if let Some(id) = self.id_buffer.take() {
            self.spare_id = std::mem::replace(&mut self.last_event_id, id);
        }
    }

    /// Gives up the event at hand; an error the first time.
    fn discard(&mut self) -> Result<(), DecodeError> {
        self.forget_event();
        if std::mem::replace(&mut self.discarding, true) {
            return Ok(());
        }
        Err(DecodeError::TooLong { limit: self.limit })
    }
}

/// Buffers that one long event has grown are cut back to this.
const MAX_SPARE: usize = 1 << 20;

enum Lines<'input> {
    /// A blank line ended an event. `None`: the decoder's own buffers hold it.
    Dispatch {
        event_type: Option<&'input [u8]>,
        data: Option<&'input [u8]>,
    },
    NeedMore,
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
