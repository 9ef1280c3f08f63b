//! What a client that comes back says it saw last.

use std::fmt;

use super::event_id::{self, EventId};
use super::utf8::Utf8Bytes;

/// The last event ID that a client sent, from the header `Last-Event-ID` or wherever an adapter found it.
///
/// The empty string, the default, is "no ID", as in
/// [the standard](https://html.spec.whatwg.org/multipage/server-sent-events.html#concept-event-stream-last-event-id).
/// Reading one is total: what no server of this kind can have sent is no ID.
///
/// In a handler of axum it is an extractor, once the application depends on `typed-sse-axum`. In one of actix-web or Rocket, take
/// the `LastEventId` of the adapter, which extracts this one.
///
/// ```
/// use typed_sse_core::LastEventId;
///
/// assert_eq!(LastEventId::from_bytes(b"42").as_str(), "42");
/// assert!(LastEventId::from_bytes(b"4\02").is_empty());
/// assert!(LastEventId::from_bytes(&[0xff]).is_empty());
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct LastEventId(Utf8Bytes);

impl LastEventId {
    /// The longest ID that is read, in bytes. A longer one is malformed; a channel sends none.
    pub const MAX_LEN: usize = 4096;

    /// Reads what a client sent. Malformed input (not UTF-8, with CR, LF or U+0000, longer than
    /// [`MAX_LEN`](Self::MAX_LEN)) is no ID.
    #[must_use]
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> Self {
        Self::parse(bytes.as_ref()).unwrap_or_default()
    }

    /// As [`from_bytes`](Self::from_bytes), but tells the malformed (`None`) from the absent (empty input).
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > Self::MAX_LEN {
            return None;
        }
        event_id::check_part(bytes).ok()?;
        let text = std::str::from_utf8(bytes).ok()?;
        Some(Self(Utf8Bytes::copy_from(text)))
    }

    /// The ID; empty where the client sent none.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the client sent no ID: it is new, or nothing it saw had one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.as_str().is_empty()
    }
}

impl From<EventId> for LastEventId {
    fn from(id: EventId) -> Self {
        Self(id.into_text())
    }
}

impl From<Option<Self>> for LastEventId {
    fn from(id: Option<Self>) -> Self {
        id.unwrap_or_default()
    }
}

impl From<&[u8]> for LastEventId {
    fn from(bytes: &[u8]) -> Self {
        Self::from_bytes(bytes)
    }
}

impl From<&str> for LastEventId {
    fn from(text: &str) -> Self {
        Self::from_bytes(text)
    }
}

impl fmt::Display for LastEventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for LastEventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_is_total() {
        let huge = vec![b'a'; 1 << 20];
        let hostile: [&[u8]; 7] = [b"", b"a\0", b"a\nb", b"a\r", &[0xff, 0xfe], &huge, &[0xe2, 0x82]];
        for bytes in hostile {
            assert_eq!(LastEventId::from_bytes(bytes), LastEventId::default());
        }
        assert_eq!(LastEventId::from_bytes("…".as_bytes()).as_str(), "…");
        assert_eq!(
            LastEventId::from_bytes(&huge[..LastEventId::MAX_LEN]).as_str().len(),
            LastEventId::MAX_LEN
        );
    }
}
