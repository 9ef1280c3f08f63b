//! The encoded bytes of one event.

use std::fmt;
#[cfg(feature = "tokio")]
use std::time::Duration;

use bytes::Bytes;

use super::Ids;
#[cfg(feature = "tokio")]
use super::marks::Flag;
use super::marks::{Marks, Range};
use crate::field::{EncodeError, EventId, EventType};

/// The encoded bytes of one event, blank line included, in one allocation that all clones share.
///
/// `as_ref()` is what goes over the wire. A frame is itself an [`SseEvent`](crate::SseEvent), so typed events, untyped ones and
/// shared frames are the same thing to an adapter.
///
/// ```
/// use typed_sse_core::{Event, SseEvent};
///
/// let frame = Event::new("hello").to_frame()?;
/// assert_eq!(frame.as_ref(), b"data: hello\n\n");
/// assert_eq!(frame.event_type(), "message");
/// # Ok::<(), typed_sse_core::EncodeError>(())
/// ```
#[derive(Clone)]
pub struct Frame {
    /// The topic, the key, then the wire.
    bytes: Bytes,
    marks: Marks,
}

impl Frame {
    #[cfg(feature = "tokio")]
    pub(super) const fn new(bytes: Bytes, marks: Marks) -> Self {
        Self { bytes, marks }
    }

    /// A bare event ID: a client takes it as its last one, and dispatches nothing.
    #[cfg(feature = "tokio")]
    pub(crate) fn checkpoint(id: &str) -> Self {
        let marks =
            Marks { id: Range { start: 4, end: 4 + id.len() as u32 }, sequence: 4, ..Marks::default() };
        Self { bytes: Bytes::from(format!("id: {id}\n\n")), marks: Marks { control: Flag::SET, ..marks } }
    }

    /// A bare reconnection time, without a blank line: nothing a client dispatches.
    #[cfg(feature = "tokio")]
    pub(crate) fn reconnection_time(time: Duration) -> Self {
        let mut bytes = Vec::with_capacity("retry: \n".len() + 20);
        crate::field::reconnection_time::write(&mut bytes, time);
        Self { bytes: Bytes::from(bytes), marks: Marks { control: Flag::SET, ..Marks::default() } }
    }

    /// The event type under which a client dispatches the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        let event_type = self.text(self.slice(self.marks.event_type));
        if event_type.is_empty() { "message" } else { event_type }
    }

    /// The event type as far as the field `event` is written.
    pub(crate) fn written_event_type(&self) -> Option<EventType> {
        EventType::new(self.text(self.slice(self.marks.event_type)).to_owned()).ok()
    }

    /// The event ID, if the event has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        Some(self.text(self.slice(self.marks.id))).filter(|id| !id.is_empty())
    }

    /// The compaction key, if the event has one. It is not on the wire.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        Some(self.text(self.key_bytes())).filter(|key| !key.is_empty())
    }

    /// The topic in which the event was published, of [`Topics`](crate::Topics); `None` for a channel that is none. It is not on
    /// the wire, unless [`TopicsBuilder::encode_with`](crate::TopicsBuilder::encode_with) puts it there.
    #[cfg(feature = "tokio")]
    #[cfg_attr(docsrs, doc(cfg(feature = "tokio")))]
    #[must_use]
    pub fn topic(&self) -> Option<&str> {
        Some(self.topic_or_empty()).filter(|topic| !topic.is_empty())
    }

    /// Whether the event is live only: sent without an ID and never replayed.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.marks.ephemeral.is_set()
    }

    /// Whether the event takes its key out of "latest per key".
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.marks.tombstone.is_set()
    }

    /// Whether the event ends its stream: a channel that publishes it is finished. It is not on the wire.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.marks.terminal.is_set()
    }

    /// Whether a client dispatches something for this frame. False for the bare reconnection time with which a
    /// channel ends a stream, and for a checkpoint.
    #[must_use]
    pub fn is_event(&self) -> bool {
        !self.marks.control.is_set()
    }

    /// The same event with this ID, in place of the one that it has.
    ///
    /// This frame and its clones stay as they are; the new one is a copy. Whatever this one's ID was, a channel's cursor or none
    /// at all, the new one's is its own: a channel publishes it under that ID. An [ephemeral](Self::is_ephemeral) event
    /// is one no more, since it can be replayed now.
    ///
    /// ```
    /// use typed_sse_core::{Event, EventId, SseEvent};
    ///
    /// let frame = Event::new("x").to_frame()?;
    /// let numbered = frame.with_id(&EventId::new("7")?)?;
    /// assert_eq!(numbered.as_ref(), b"id: 7\ndata: x\n\n");
    /// assert_eq!(frame.as_ref(), b"data: x\n\n");
    /// # Ok::<(), typed_sse_core::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::NoEvent`](crate::EncodeErrorKind::NoEvent) unless this [is an event](Self::is_event),
    /// [`EncodeErrorKind::TooLong`](crate::EncodeErrorKind::TooLong) past 4 GiB.
    pub fn with_id(&self, id: &EventId) -> Result<Self, EncodeError> {
        super::write(self.topic_or_empty(), Ids::Instead(Some(id.clone())), |encoder| encoder.frame(self))
            .map(Unsequenced::freeze)
    }

    /// The wire bytes, shared, without copying.
    #[must_use]
    #[inline]
    pub fn into_bytes(self) -> Bytes {
        let mut bytes = self.bytes;
        bytes::Buf::advance(&mut bytes, self.marks.wire as usize);
        bytes
    }

    /// How much memory the bytes take, key included.
    #[cfg(feature = "tokio")]
    pub(crate) fn stored_len(&self) -> usize {
        self.bytes.len()
    }

    /// The same event with this ID, a cursor, in place of its own.
    #[cfg(feature = "tokio")]
    pub(crate) fn with_cursor(&self, id: &EventId) -> Self {
        let Range { start, end } = self.marks.id;
        let id = id.as_str().as_bytes();
        let bytes = [&self.bytes[..start as usize], id, &self.bytes[end as usize..]].concat();
        let rest = self.marks.rest - end + start + id.len() as u32;
        let range = Range { start, end: start + id.len() as u32 };
        let marks = Marks { id: range, rest, sequence: range.start, ..self.marks };
        Self { bytes: Bytes::from(bytes), marks }
    }

    /// Whether the event brought its ID itself.
    #[cfg(feature = "tokio")]
    pub(crate) fn has_own_id(&self) -> bool {
        self.marks.sequence == 0 && self.marks.id.start != self.marks.id.end
    }

    /// The event ID that the event brought itself, shared; `None` for a channel's cursor.
    #[cfg(feature = "tokio")]
    pub(crate) fn own_id(&self) -> Option<Bytes> {
        let Range { start, end } = self.marks.id;
        self.has_own_id().then(|| self.bytes.slice(start as usize..end as usize))
    }

    /// The same event without its ID.
    pub(crate) fn without_id(&self) -> Self {
        let Range { start, end } = self.marks.id;
        if start == end {
            return self.clone();
        }
        // The whole line: `id: `, the ID and LF.
        let (from, to) = (start as usize - "id: ".len(), end as usize + 1);
        let bytes = [&self.bytes[..from], &self.bytes[to..]].concat();
        let rest = self.marks.rest - (to - from) as u32;
        Self {
            bytes: Bytes::from(bytes),
            marks: Marks { id: Range::default(), sequence: 0, rest, ..self.marks },
        }
    }

    /// The same in an allocation of its own.
    #[cfg(feature = "tokio")]
    pub(crate) fn detached(&self) -> Self {
        Self { bytes: Bytes::copy_from_slice(&self.bytes), marks: self.marks }
    }

    /// The data, if it is one line and no reconnection time stands before it.
    pub(crate) fn sole_line(&self) -> Option<&str> {
        let line = self.rest().strip_prefix(b"data: ")?.strip_suffix(b"\n\n")?;
        memchr::memchr(b'\n', line).is_none().then(|| self.text(line))
    }

    fn topic_or_empty(&self) -> &str {
        self.text(&self.bytes[..self.marks.key as usize])
    }

    /// Empty for none.
    pub(crate) fn key_bytes(&self) -> &[u8] {
        &self.bytes[self.marks.key as usize..self.marks.wire as usize]
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn slice(&self, range: Range) -> &[u8] {
        &self.bytes[range.start as usize..range.end as usize]
    }

    /// The fields behind `event` and `id`, blank line included.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes[self.marks.rest as usize..]
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> &'a str {
        // The encoder wrote these bytes from a `str`, so the default is never taken.
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

/// A frame whose cursor, if it has one, still holds a guess. A channel corrects it once the place is known.
#[derive(Debug)]
pub(crate) struct Unsequenced {
    bytes: Vec<u8>,
    marks: Marks,
}

impl Unsequenced {
    pub(crate) fn new(bytes: Vec<u8>, marks: Marks) -> Self {
        Self { bytes, marks }
    }

    /// Its length in bytes, key included.
    #[cfg(feature = "tokio")]
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn is_ephemeral(&self) -> bool {
        self.marks.ephemeral.is_set()
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn is_terminal(&self) -> bool {
        self.marks.terminal.is_set()
    }

    /// The event ID that the event brought itself.
    #[cfg(feature = "tokio")]
    pub(crate) fn own_id(&self) -> Option<&str> {
        let Range { start, end } = self.marks.id;
        if start == end || self.marks.sequence != 0 {
            return None;
        }
        std::str::from_utf8(&self.bytes[start as usize..end as usize]).ok()
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn event_type(&self) -> &str {
        let Range { start, end } = self.marks.event_type;
        match std::str::from_utf8(&self.bytes[start as usize..end as usize]) {
            Ok(event_type) if !event_type.is_empty() => event_type,
            _ => "message",
        }
    }

    /// Puts the number that it became in place of the guess. Most often both have the same number of digits.
    #[cfg(feature = "tokio")]
    pub(crate) fn set_sequence(&mut self, sequence: u64) {
        if self.marks.sequence == 0 {
            return;
        }
        let mut buffer = itoa::Buffer::new();
        let digits = buffer.format(sequence).as_bytes();
        let guess = self.marks.sequence as usize..self.marks.id.end as usize;
        if digits.len() == guess.len() {
            self.bytes[guess].copy_from_slice(digits);
            return;
        }
        let rest = self.marks.rest - self.marks.id.end;
        self.marks.id.end = self.marks.sequence + digits.len() as u32;
        self.marks.rest = self.marks.id.end + rest;
        self.bytes.splice(guess, digits.iter().copied());
    }

    #[inline]
    pub(crate) fn freeze(self) -> Frame {
        Frame { bytes: Bytes::from(self.bytes), marks: self.marks }
    }
}

impl AsRef<[u8]> for Frame {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.marks.wire as usize..]
    }
}

impl PartialEq for Frame {
    /// Two frames are equal if they are the same on the wire.
    fn eq(&self, other: &Self) -> bool {
        self.as_ref() == other.as_ref()
    }
}

impl Eq for Frame {}

impl From<Frame> for Bytes {
    fn from(frame: Frame) -> Self {
        frame.into_bytes()
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Frame").field(&self.text(self.as_ref())).finish()
    }
}
