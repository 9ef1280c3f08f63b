//! Where one event is put together: its bytes, and the places in them that a frame remembers.

use std::cell::Cell;
use std::fmt::{self, Display, Write as _};
use std::time::Duration;

use super::frame::Frame;
use super::marks::{Flag, Marks, Range, Sequence};
use crate::field::{EncodeError, EncodeErrorKind, EventId, EventType, event_id, reconnection_time};

/// The bytes of one event in the making: its topic and its key, which never leave the server, then the wire bytes.
///
/// With them in front, one allocation holds all, and the wire bytes are its tail. Fields may come in any order. The first value
/// of each stays, since what wraps an event writes before it.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) marks: Marks,
    ids: Ids,
    has_event_type: bool,
    /// It has an ID, or shall have none.
    has_id: bool,
    /// Written with the data: only then is it known that no more field comes before it.
    retry: Option<Duration>,
}

/// Where the event ID comes from.
#[derive(Clone, Debug)]
pub(crate) enum Ids {
    /// The event's own, if it brings one.
    Own,
    /// The event's own, else a cursor.
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "only a channel has cursors"))]
    OrCursor(Sequence),
    /// This one, or none, whatever the event brings.
    Instead(Option<EventId>),
}

thread_local! {
    /// The spare bytes of this thread's last event, so that encoding allocates only the frame.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A thread keeps at most this much between events.
const MAX_SPARE: usize = 1 << 20;

impl Buffer {
    /// Lends an empty buffer to `encode`. Nested calls, from within a value's `Serialize`, get their own.
    pub(crate) fn lend<T>(
        topic: &str,
        ids: Ids,
        encode: impl FnOnce(&mut Self) -> Result<T, EncodeError>,
    ) -> Result<T, EncodeError> {
        // A thread that is ending has no spare bytes left; then the event gets fresh ones.
        let bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        let mut buffer = Self::new(bytes, topic, ids);
        let result = encode(&mut buffer);
        let mut bytes = buffer.bytes;
        if bytes.capacity() <= MAX_SPARE {
            bytes.clear();
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
        result
    }

    #[inline]
    fn new(mut bytes: Vec<u8>, topic: &str, ids: Ids) -> Self {
        bytes.extend_from_slice(topic.as_bytes());
        // A topic with a name of 4 GiB makes an event that `end` refuses.
        let begin = topic.len() as u32;
        let marks = Marks { key: begin, wire: begin, ..Marks::default() };
        Self { bytes, marks, ids, has_event_type: false, has_id: false, retry: None }
    }

    /// An empty key is none.
    pub(crate) fn write_key(&mut self, key: &(impl Display + ?Sized)) -> Result<(), EncodeError> {
        if self.has_key() {
            return Ok(());
        }
        let start = self.place();
        let mut piece = Pieces { bytes: &mut self.bytes, check: |_: &[u8]| Ok(()), error: None };
        piece.write("key", key)?;
        self.end_key(start);
        Ok(())
    }

    /// Puts the key that was written from `start` on before what came before it.
    #[inline]
    fn end_key(&mut self, start: u32) {
        if start == self.marks.wire {
            self.marks.wire = self.place();
            return;
        }
        let len = self.move_ahead(start);
        self.marks.event_type = self.marks.event_type.moved(len);
        self.marks.id = self.marks.id.moved(len);
        self.marks.wire = self.marks.wire.wrapping_add(len);
    }

    pub(crate) fn set_tombstone(&mut self) {
        self.marks.tombstone = Flag::SET;
    }

    pub(crate) fn set_terminal(&mut self) {
        self.marks.terminal = Flag::SET;
    }

    #[inline]
    pub(crate) fn write_event_type(&mut self, event_type: &EventType) {
        if *event_type == EventType::MESSAGE {
            self.has_event_type = true;
        } else {
            self.write_event(event_type.as_str().as_bytes());
        }
    }

    /// The field `event`, also for `message`.
    #[inline]
    pub(crate) fn write_event(&mut self, name: &[u8]) {
        if std::mem::replace(&mut self.has_event_type, true) {
            return;
        }
        let start = self.place();
        self.bytes.extend_from_slice(b"event: ");
        self.marks.event_type = self.append(name);
        self.bytes.push(b'\n');
        if !self.marks.id.is_empty() {
            let len = self.move_ahead(start);
            self.marks.id = self.marks.id.moved(len);
            self.marks.event_type = self.marks.event_type.moved(self.marks.wire.wrapping_sub(start));
        }
    }

    pub(crate) fn write_id(&mut self, id: &(impl Display + ?Sized)) -> Result<(), EncodeError> {
        if !self.takes_id() {
            return Ok(());
        }
        self.bytes.extend_from_slice(b"id: ");
        let start = self.place();
        let mut pieces = Pieces { bytes: &mut self.bytes, check: event_id::check_part, error: None };
        pieces.write("id", id)?;
        self.marks.id = Range { start, end: self.place() };
        if self.marks.id.is_empty() {
            return Err(EncodeError::new("id", EncodeErrorKind::Empty));
        }
        self.bytes.push(b'\n');
        Ok(())
    }

    /// Whether an ID that comes now is written: the first one, unless another stands in its place.
    #[inline]
    fn takes_id(&mut self) -> bool {
        !std::mem::replace(&mut self.has_id, true) && !matches!(self.ids, Ids::Instead(_))
    }

    /// Leaves it without an ID, for good.
    pub(crate) fn set_ephemeral(&mut self) {
        if !std::mem::replace(&mut self.has_id, true) {
            self.marks.ephemeral = Flag::SET;
        }
    }

    #[inline]
    pub(crate) fn set_retry(&mut self, reconnection_time: Duration) {
        self.retry.get_or_insert(reconnection_time);
    }

    /// Everything before the value of the first `data` line. Returns where the value begins.
    #[inline]
    pub(crate) fn begin_data(&mut self) -> usize {
        self.end_head();
        self.bytes.extend_from_slice(b"data: ");
        self.bytes.len()
    }

    /// Writes a frame as it is, but for what is set already.
    pub(crate) fn write_frame(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        if !frame.is_event() {
            return Err(EncodeError::new("data", EncodeErrorKind::NoEvent));
        }
        if !self.has_key() {
            let start = self.place();
            self.bytes.extend_from_slice(frame.key_bytes());
            self.end_key(start);
        }
        if frame.is_tombstone() {
            self.set_tombstone();
        }
        if frame.is_terminal() {
            self.set_terminal();
        }
        let event_type = frame.marks().event_type;
        if !event_type.is_empty() {
            self.write_event(frame.slice(event_type));
        }
        let id = frame.marks().id;
        if frame.is_ephemeral() {
            self.set_ephemeral();
        } else if !id.is_empty() && self.takes_id() {
            self.append_id(frame.slice(id));
        }
        self.end_head();
        let mut rest = frame.rest();
        if self.retry.is_some() {
            rest = without_retry(rest);
        }
        // The frame's own blank line is written again by `end`.
        self.bytes.extend_from_slice(rest.strip_suffix(b"\n").unwrap_or(rest));
        Ok(())
    }

    /// The blank line that makes a client dispatch the event.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), EncodeError> {
        if self.marks.tombstone.is_set() && !self.has_key() {
            return Err(EncodeError::new("key", EncodeErrorKind::NoKey));
        }
        if self.marks.terminal.is_set() && self.marks.ephemeral.is_set() {
            return Err(EncodeError::new("id", EncodeErrorKind::EphemeralTerminal));
        }
        self.bytes.push(b'\n');
        match u32::try_from(self.bytes.len()) {
            Ok(_) => Ok(()),
            Err(_) => Err(EncodeError::new("data", EncodeErrorKind::TooLong)),
        }
    }

    /// Ends the fields before the data, with a channel's cursor for an event without an ID.
    #[inline]
    fn end_head(&mut self) {
        match std::mem::replace(&mut self.ids, Ids::Own) {
            Ids::OrCursor(sequence) if !self.has_id => {
                self.write_cursor(sequence);
            }
            // A reset, or the end of a snapshot: the client has to learn where it is, whatever tells it.
            Ids::Instead(Some(id)) => {
                self.marks.ephemeral = Flag::default();
                self.append_id(id.as_str().as_bytes());
            }
            Ids::Own | Ids::OrCursor(_) | Ids::Instead(None) => {}
        }
        self.marks.rest = self.place();
        if let Some(reconnection_time) = self.retry {
            reconnection_time::write(&mut self.bytes, reconnection_time);
        }
    }

    fn append_id(&mut self, id: &[u8]) {
        self.bytes.extend_from_slice(b"id: ");
        self.marks.id = self.append(id);
        self.bytes.push(b'\n');
    }

    fn write_cursor(&mut self, sequence: Sequence) {
        self.bytes.extend_from_slice(b"id: ");
        let start = self.append(&sequence.epoch).start;
        self.bytes.push(b'-');
        let number = self.append(itoa::Buffer::new().format(sequence.next).as_bytes());
        self.marks.sequence = number.start;
        self.marks.id = Range { start, end: number.end };
        self.bytes.push(b'\n');
    }

    #[inline]
    fn has_key(&self) -> bool {
        self.marks.key != self.marks.wire
    }

    /// Moves what was written from `start` on to where the wire begins: it stands before what came before it. Returns its
    /// length, by which that has moved.
    #[cold]
    fn move_ahead(&mut self, start: u32) -> u32 {
        let len = self.place().wrapping_sub(start);
        if self.marks.wire < start {
            self.bytes[self.marks.wire as usize..].rotate_right(len as usize);
        }
        len
    }

    #[inline]
    fn append(&mut self, value: &[u8]) -> Range {
        let start = self.place();
        self.bytes.extend_from_slice(value);
        Range { start, end: self.place() }
    }

    /// The place reached. Wraps past 4 GiB, where `end` refuses the event.
    #[inline]
    fn place(&self) -> u32 {
        self.bytes.len() as u32
    }
}

/// The fields behind `event` and `id`, of which `retry` is the first.
fn without_retry(rest: &[u8]) -> &[u8] {
    match memchr::memchr(b'\n', rest) {
        Some(end) if rest.starts_with(b"retry: ") => &rest[end + 1..],
        _ => rest,
    }
}

/// Takes a `Display` piece by piece, checking each.
struct Pieces<'a, C> {
    bytes: &'a mut Vec<u8>,
    check: C,
    error: Option<EncodeError>,
}

impl<C: Fn(&[u8]) -> Result<(), EncodeError>> Pieces<'_, C> {
    fn write(&mut self, field: &'static str, value: &(impl Display + ?Sized)) -> Result<(), EncodeError> {
        match write!(self, "{value}") {
            Ok(()) => self.error.take().map_or(Ok(()), Err),
            Err(error) => Err(self.error.take().unwrap_or_else(|| EncodeError::value(field, error))),
        }
    }
}

impl<C: Fn(&[u8]) -> Result<(), EncodeError>> fmt::Write for Pieces<'_, C> {
    #[inline]
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if let Err(error) = (self.check)(piece.as_bytes()) {
            self.error = Some(error);
            return Err(fmt::Error);
        }
        self.bytes.extend_from_slice(piece.as_bytes());
        Ok(())
    }
}
