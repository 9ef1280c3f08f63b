//! From an event to its bytes.

mod buffer;
mod data;
mod frame;
#[cfg(feature = "json")]
mod json;
mod marks;
#[cfg(feature = "tokio")]
mod packed;
mod whole;

use std::fmt::Display;
use std::time::Duration;

pub(crate) use buffer::Ids;
pub use frame::Frame;
pub(crate) use frame::Unsequenced;
#[cfg(feature = "json")]
pub use json::JsonObject;
#[cfg(feature = "tokio")]
pub(crate) use marks::Sequence;
#[cfg(feature = "tokio")]
pub(crate) use packed::{At, Chunk, Packed, Packer};
pub(crate) use whole::Whole;

#[cfg(doc)]
use crate::field::EncodeErrorKind;
use crate::field::{EncodeError, EventType};
use buffer::Buffer;

/// Writes the fields of one event, and accepts only legal ones.
///
/// Handed to [`SseEvent::encode`](crate::SseEvent::encode). Set the fields in any order: [`key`](Self::key),
/// [`event_type`](Self::event_type), [`id`](Self::id), [`retry`](Self::retry). Then exactly one of [`json`](Self::json),
/// [`text`](Self::text) or [`base64`](Self::base64) ends the event. The result of that last call is the proof that the event is
/// whole: an event without data is never sent, since
/// [a client would not dispatch it](https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage).
/// Every method before it returns a `Result` too, so that calls chain alike, whether the field can be refused or not.
///
/// ```
/// use typed_sse_core::{Encoded, EncodeError, Encoder, EventType, SseEvent};
///
/// struct Halted { seq: u64, reason: String }
///
/// impl SseEvent for Halted {
///     fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
///         const HALTED: EventType = EventType::from_static("halted");
///         encoder.event_type(&HALTED)?.id(&self.seq)?.text(&self.reason)
///     }
/// }
///
/// let frame = Halted { seq: 7, reason: "news\npending".to_owned() }.to_frame()?;
/// assert_eq!(frame.as_ref(), b"event: halted\nid: 7\ndata: news\ndata: pending\n\n");
/// # Ok::<(), EncodeError>(())
/// ```
///
/// # Wrap an event in another
///
/// Set what the wrapper knows, then hand the encoder to the event inside. **The first value of a field stays**, so the wrapper's
/// counts and the event inside gives the rest. What gives way is not looked at: a value that would be refused is no error there.
///
/// ```
/// use typed_sse_core::{Encoded, EncodeError, Encoder, Event, EventId, EventType, SseEvent};
///
/// struct Stored { seq: u64, event: Event }
///
/// impl SseEvent for Stored {
///     fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
///         self.event.encode(encoder.id(&self.seq)?)
///     }
/// }
///
/// let event = Event::new("news").with_event_type(EventType::from_static("halted")).with_id(EventId::new("draft")?);
/// let frame = Stored { seq: 7, event }.to_frame()?;
/// assert_eq!(frame.as_ref(), b"event: halted\nid: 7\ndata: news\n\n");
/// # Ok::<(), EncodeError>(())
/// ```
///
/// "No ID" is a value like any other: [`ephemeral`](Self::ephemeral) and [`id`](Self::id) give way to each other.
#[derive(Debug)]
#[must_use = "an encoder writes an event only when `json`, `text` or `base64` ends it"]
pub struct Encoder<'a> {
    buffer: &'a mut Buffer,
}

/// The proof that one whole event was written.
#[derive(Debug)]
#[must_use = "return it from `SseEvent::encode`"]
pub struct Encoded<'a> {
    // Borrowed on, so that the proof can only be of the encoder it came from.
    _buffer: &'a mut Buffer,
}

/// One event of a topic, or of none if it is empty, written by a function. The one allocation is the frame's own.
#[inline]
pub(crate) fn write(
    topic: &str,
    ids: Ids,
    write: impl for<'a> FnOnce(Encoder<'a>) -> Result<Encoded<'a>, EncodeError>,
) -> Result<Unsequenced, EncodeError> {
    Buffer::lend(topic, ids, |buffer| {
        let _whole = write(Encoder::new(buffer))?;
        // Exactly as long as its content, so that `Bytes` takes it over without another allocation.
        Ok(Unsequenced::new(buffer.bytes.as_slice().to_vec(), buffer.marks))
    })
}

impl<'a> Encoder<'a> {
    fn new(buffer: &'a mut Buffer) -> Self {
        Self { buffer }
    }

    /// Marks the event as live only: it gets no event ID, nor one from a channel, and is never replayed.
    ///
    /// An event that has its [`id`](Self::id) already keeps it, and can be replayed with it. After `ephemeral`, an `id` is
    /// left out.
    ///
    /// # Errors
    ///
    /// None.
    pub fn ephemeral(self) -> Result<Self, EncodeError> {
        self.buffer.set_ephemeral();
        Ok(self)
    }

    /// Sets the compaction key, which stays on the server: a newer event supersedes an older one of the same key. An empty
    /// key is none. The first key stays.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::Value`] if `key`'s `Display` fails.
    pub fn key(self, key: &(impl Display + ?Sized)) -> Result<Self, EncodeError> {
        self.buffer.write_key(key)?;
        Ok(self)
    }

    /// Marks the event as the last of its [`key`](Self::key), which it takes out of "latest per key".
    ///
    /// Inside an event that sets another key, it takes out that one.
    ///
    /// # Errors
    ///
    /// None here. Where the event ends without a key, that is an error, [`EncodeErrorKind::NoKey`].
    pub fn tombstone(self) -> Result<Self, EncodeError> {
        self.buffer.set_tombstone();
        Ok(self)
    }

    /// Marks the event as the one that ends its stream, such as `[DONE]`. It is not on the wire: a channel that publishes the
    /// event is finished with it, see [`Channel::publish`](crate::Channel::publish).
    ///
    /// # Errors
    ///
    /// None here. Where the event ends as [`ephemeral`](Self::ephemeral), that is an error,
    /// [`EncodeErrorKind::EphemeralTerminal`].
    pub fn terminal(self) -> Result<Self, EncodeError> {
        self.buffer.set_terminal();
        Ok(self)
    }

    /// Writes the field `event`; nothing for `message`, which is what a client takes for granted. The first event type
    /// stays, also where it is `message`.
    ///
    /// # Errors
    ///
    /// None.
    #[inline]
    pub fn event_type(self, event_type: &EventType) -> Result<Self, EncodeError> {
        self.buffer.write_event_type(event_type);
        Ok(self)
    }

    /// As [`event_type`](Self::event_type), but writes the field also for `message`.
    ///
    /// The standard takes a missing field for `message`, and so does a channel: to it, and to a filter, both are events of
    /// one type. Some clients that are no browser drop an event that does not name its type; write it out for those.
    ///
    /// ```
    /// use typed_sse_core::{Encoded, EncodeError, Encoder, EventType, SseEvent};
    ///
    /// struct Reply(&'static str);
    ///
    /// impl SseEvent for Reply {
    ///     fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
    ///         encoder.explicit_event_type(&EventType::MESSAGE)?.text(self.0)
    ///     }
    /// }
    ///
    /// let frame = Reply("{}").to_frame()?;
    /// assert_eq!(frame.as_ref(), b"event: message\ndata: {}\n\n");
    /// assert_eq!(frame.event_type(), "message");
    /// # Ok::<(), EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None.
    #[inline]
    pub fn explicit_event_type(self, event_type: &EventType) -> Result<Self, EncodeError> {
        self.buffer.write_event(event_type.as_str().as_bytes());
        Ok(self)
    }

    /// The same, for a name that was [checked](EventType::is_legal).
    pub(crate) fn legal_event_type(self, name: &str) -> Self {
        debug_assert!(EventType::is_legal(name));
        self.buffer.write_event(name.as_bytes());
        self
    }

    /// Writes the field `id`, checked piece by piece as `Display` writes it. The first ID stays, and after
    /// [`ephemeral`](Self::ephemeral) there is none; then `id` is not even written, so it cannot be refused.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::Empty`], [`EncodeErrorKind::LineBreak`] or [`EncodeErrorKind::Null`] where
    /// [`EventId`](crate::EventId) would refuse the text, [`EncodeErrorKind::Value`] if `Display` fails.
    pub fn id(self, id: &(impl Display + ?Sized)) -> Result<Self, EncodeError> {
        self.buffer.write_id(id)?;
        Ok(self)
    }

    /// Writes the field `retry`: the reconnection time in whole milliseconds, fractions cut off. The first one stays.
    ///
    /// # Errors
    ///
    /// None.
    pub fn retry(self, reconnection_time: Duration) -> Result<Self, EncodeError> {
        self.buffer.set_retry(reconnection_time);
        Ok(self)
    }

    /// Ends the event with `value` as JSON, written straight into the frame.
    ///
    /// Compact JSON is one line. Where the value brings line breaks of its own (a `RawValue`, a hand-written
    /// `Serialize`), they come out as further `data` lines, which a client joins with LF.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::Value`] if `value` cannot be JSON, [`EncodeErrorKind::TooLong`] past 4 GiB, [`EncodeErrorKind::NoKey`] for a [`tombstone`](Self::tombstone) without a key.
    #[cfg(feature = "json")]
    pub fn json(self, value: &(impl serde::Serialize + ?Sized)) -> Result<Encoded<'a>, EncodeError> {
        let start = self.buffer.begin_data();
        json::write(&mut self.buffer.bytes, value)?;
        self.end_value(start)
    }

    /// Ends the event with a JSON value that is written by a function.
    #[cfg(feature = "json")]
    #[doc(hidden)]
    pub fn json_with(
        self,
        serialize: impl FnOnce(&mut json::JsonSerializer<'_>) -> Result<(), serde_json::Error>,
    ) -> Result<Encoded<'a>, EncodeError> {
        let start = self.buffer.begin_data();
        json::write_with(&mut self.buffer.bytes, serialize)?;
        self.end_value(start)
    }

    /// Ends the event with a JSON object, written field by field.
    #[cfg(feature = "json")]
    #[doc(hidden)]
    #[inline]
    pub fn object(self) -> JsonObject<'a> {
        JsonObject::begin(self)
    }

    /// Ends the event with `text`, split at CRLF, CR and LF alike into as many `data` lines as it has.
    ///
    /// A client joins the lines with LF. White space, an empty text and a trailing line break arrive as they are.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::TooLong`] past 4 GiB, [`EncodeErrorKind::NoKey`] for a [`tombstone`](Self::tombstone) without a key.
    #[inline]
    pub fn text(self, text: &str) -> Result<Encoded<'a>, EncodeError> {
        self.buffer.begin_data();
        data::write_text(&mut self.buffer.bytes, text.as_bytes());
        self.end()
    }

    /// Ends the event with `bytes` as padded base64 text
    /// ([RFC 4648, section 4](https://www.rfc-editor.org/rfc/rfc4648#section-4)): an event stream carries no binary.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::TooLong`] past 4 GiB, [`EncodeErrorKind::NoKey`] for a [`tombstone`](Self::tombstone) without a key.
    pub fn base64(self, bytes: &[u8]) -> Result<Encoded<'a>, EncodeError> {
        self.buffer.begin_data();
        data::write_base64(&mut self.buffer.bytes, bytes)?;
        self.end()
    }

    /// Ends the event with what another encoder wrote; its key, event type, ID and reconnection time give way to those that
    /// are set.
    pub(crate) fn frame(self, frame: &Frame) -> Result<Encoded<'a>, EncodeError> {
        self.buffer.write_frame(frame)?;
        self.end()
    }

    #[cfg(feature = "json")]
    #[inline]
    fn end_value(self, start: usize) -> Result<Encoded<'a>, EncodeError> {
        data::end_value(&mut self.buffer.bytes, start);
        self.end()
    }

    #[inline]
    fn end(self) -> Result<Encoded<'a>, EncodeError> {
        self.buffer.end()?;
        Ok(Encoded { _buffer: self.buffer })
    }
}
