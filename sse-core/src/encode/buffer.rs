//! Where one event is put together: its bytes, and the places in them that a frame remembers.

use std::cell::Cell;
use std::fmt::{self, Display, Write as _};

use super::frame::Frame;
use super::marks::{Marks, Range, Sequence};
use crate::field::{EncodeError, EncodeErrorKind, EventId, EventType, event_id};

/// The bytes of one event in the making: its topic and its key, which never leave the server, then the wire bytes.
///
/// With them in front, one allocation holds all, and the wire bytes are its tail.
#[derive(Debug)]
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    pub(crate) marks: Marks,
    stage: Stage,
    ids: Ids,
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
    #[cfg_attr(not(feature = "tokio"), expect(dead_code, reason = "only a channel has its own events"))]
    Instead(Option<EventId>),
}

/// The last field written; the order is that of the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Start,
    Key,
    Event,
    Id,
    Retry,
    Data,
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
        let mut bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        bytes.extend_from_slice(topic.as_bytes());
        // A topic with a name of 4 GiB makes an event that `end` refuses.
        let begin = bytes.len() as u32;
        let marks = Marks { key: begin, wire: begin, ..Marks::default() };
        let mut buffer = Self { bytes, marks, stage: Stage::Start, ids };
        let result = encode(&mut buffer);
        let mut bytes = buffer.bytes;
        if bytes.capacity() <= MAX_SPARE {
            bytes.clear();
            let _ = SPARE.try_with(|spare| spare.set(bytes));
        }
        result
    }

    pub(crate) fn stage(&self) -> Stage {
        self.stage
    }

    /// Moves on to the field of `stage`.
    #[inline]
    pub(crate) fn enter(&mut self, stage: Stage, field: &'static str) -> Result<(), EncodeError> {
        if self.stage >= stage {
            return Err(EncodeError::new(field, EncodeErrorKind::Misplaced));
        }
        if self.stage <= Stage::Id && stage > Stage::Id {
            self.end_head();
        }
        self.stage = stage;
        Ok(())
    }

    pub(crate) fn write_key(&mut self, key: &(impl Display + ?Sized)) -> Result<(), EncodeError> {
        let mut piece = Pieces { bytes: &mut self.bytes, check: |_: &[u8]| Ok(()), error: None };
        piece.write("key", key)?;
        self.marks.wire = self.place();
        Ok(())
    }

    #[inline]
    pub(crate) fn write_event_type(&mut self, event_type: &EventType) {
        if *event_type != EventType::MESSAGE {
            self.write_event(event_type.as_str().as_bytes());
        }
    }

    /// The field `event`, also for `message`.
    #[inline]
    pub(crate) fn write_event(&mut self, name: &[u8]) {
        self.bytes.extend_from_slice(b"event: ");
        self.marks.event_type = self.append(name);
        self.bytes.push(b'\n');
    }

    pub(crate) fn write_id(&mut self, id: &(impl Display + ?Sized)) -> Result<(), EncodeError> {
        if matches!(self.ids, Ids::Instead(_)) {
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

    /// Everything before the value of the first `data` line. Returns where the value begins.
    #[inline]
    pub(crate) fn begin_data(&mut self) -> usize {
        if self.stage <= Stage::Id {
            self.end_head();
        }
        self.stage = Stage::Data;
        self.bytes.extend_from_slice(b"data: ");
        self.bytes.len()
    }

    /// Writes a frame as it is, but for its ID: a frame without one gets this buffer's cursor.
    pub(crate) fn write_frame(&mut self, frame: &Frame) -> Result<(), EncodeError> {
        if !frame.is_event() {
            return Err(EncodeError::new("data", EncodeErrorKind::Empty));
        }
        if self.stage != Stage::Start || self.marks.ephemeral {
            return Err(EncodeError::new("data", EncodeErrorKind::Misplaced));
        }
        let marks = frame.marks();
        self.marks.ephemeral = marks.ephemeral;
        self.marks.tombstone = marks.tombstone;
        if let Some(key) = frame.key() {
            self.write_key(key)?;
        }
        if !marks.event_type.is_empty() {
            self.write_event(frame.slice(marks.event_type));
        }
        if !marks.id.is_empty() && !matches!(self.ids, Ids::Instead(_)) {
            self.bytes.extend_from_slice(b"id: ");
            self.marks.id = self.append(frame.slice(marks.id));
            self.bytes.push(b'\n');
            self.stage = Stage::Id;
        }
        self.end_head();
        self.stage = Stage::Data;
        // The frame's own blank line is written again by `end`.
        let rest = frame.rest();
        self.bytes.extend_from_slice(rest.strip_suffix(b"\n").unwrap_or(rest));
        Ok(())
    }

    /// The blank line that makes a client dispatch the event.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), EncodeError> {
        self.bytes.push(b'\n');
        match u32::try_from(self.bytes.len()) {
            Ok(_) => Ok(()),
            Err(_) => Err(EncodeError::new("data", EncodeErrorKind::TooLong)),
        }
    }

    /// Between `event` and `id` and the fields that follow them: a channel's cursor for an event without an ID.
    #[inline]
    fn end_head(&mut self) {
        match std::mem::replace(&mut self.ids, Ids::Own) {
            Ids::OrCursor(sequence) if self.stage < Stage::Id && !self.marks.ephemeral => {
                self.write_cursor(sequence);
            }
            // A reset, or the end of a snapshot: the client has to learn where it is, whatever tells it.
            Ids::Instead(Some(id)) => {
                self.marks.ephemeral = false;
                self.bytes.extend_from_slice(b"id: ");
                self.marks.id = self.append(id.as_str().as_bytes());
                self.bytes.push(b'\n');
            }
            Ids::Own | Ids::OrCursor(_) | Ids::Instead(None) => {}
        }
        self.marks.rest = self.place();
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
