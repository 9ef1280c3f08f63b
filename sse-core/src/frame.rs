//! The encoded bytes of one event.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::catalogue::Catalogue;
use crate::encode::{Buffer, Encoded, Encoder, Marks, Sequence};
use crate::error::EncodeError;
use crate::event::SseEvent;

/// The encoded bytes of one event, blank line included, in one allocation that all clones share.
///
/// `as_ref()` is what goes over the wire. A frame is itself an [`SseEvent`], so typed events, untyped ones and
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
    /// The key, then the wire.
    bytes: Bytes,
    marks: Marks,
}

impl Frame {
    /// Encodes `event`. The one allocation is the frame's own.
    pub(crate) fn encode(event: &(impl SseEvent + ?Sized)) -> Result<Self, EncodeError> {
        Unsequenced::encode(event, None).map(Unsequenced::freeze)
    }

    /// A bare reconnection time, without a blank line: nothing a client dispatches.
    #[cfg(feature = "tokio")]
    pub(crate) fn reconnection_time(time: Duration) -> Self {
        let mut bytes = Vec::with_capacity("retry: \n".len() + 20);
        crate::reconnection_time::write(&mut bytes, time);
        Self { bytes: Bytes::from(bytes), marks: Marks::default() }
    }

    /// The event type under which a client dispatches the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        let event_type = self.text(self.slice(self.marks.event_type));
        if event_type.is_empty() { "message" } else { event_type }
    }

    /// The event ID, if the event has one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        Some(self.text(self.slice(self.marks.id))).filter(|id| !id.is_empty())
    }

    /// The compaction key, if the event has one. It is not on the wire.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        let key = self.text(&self.bytes[..self.marks.wire as usize]);
        Some(key).filter(|key| !key.is_empty())
    }

    /// Whether the event is live only: sent without an ID and never replayed.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.marks.ephemeral
    }

    /// Whether the event takes its key out of "latest per key".
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.marks.tombstone
    }

    /// Whether a client dispatches something for this frame. False for the bare reconnection time with which a
    /// channel ends a stream.
    #[must_use]
    pub fn is_event(&self) -> bool {
        self.marks.rest > 0 || self.bytes.ends_with(b"\n\n")
    }

    /// The wire bytes, shared, without copying.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        let mut bytes = self.bytes;
        bytes::Buf::advance(&mut bytes, self.marks.wire as usize);
        bytes
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(crate) fn slice(&self, range: crate::encode::Range) -> &[u8] {
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
    pub(crate) fn encode(
        event: &(impl SseEvent + ?Sized),
        sequence: Option<Sequence>,
    ) -> Result<Self, EncodeError> {
        Buffer::lend(sequence, |buffer| {
            let _whole = event.encode(Encoder::new(buffer))?;
            // Exactly as long as its content, so that `Bytes` takes it over without another allocation.
            Ok(Self { bytes: buffer.bytes.as_slice().to_vec(), marks: buffer.marks })
        })
    }

    pub(crate) fn freeze(self) -> Frame {
        Frame { bytes: Bytes::from(self.bytes), marks: self.marks }
    }
}

#[diagnostic::do_not_recommend]
impl SseEvent for Frame {
    const EVENTS: Catalogue = Catalogue::UNTYPED;

    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.frame(self)
    }

    fn to_frame(&self) -> Result<Frame, EncodeError> {
        Ok(self.clone())
    }

    fn into_frame(self) -> Result<Frame, EncodeError> {
        Ok(self)
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
