//! The value of the field `id`.

use std::fmt;

use super::error::{EncodeError, EncodeErrorKind};
use super::utf8::Utf8Bytes;

/// An event ID that is legal on the wire: not empty, without CR, LF or U+0000.
///
/// A client keeps it as its last event ID and sends it back as `Last-Event-ID` when it reconnects; see
/// [the standard, field `id`](https://html.spec.whatwg.org/multipage/server-sent-events.html#processField).
/// HTTP trims white space around a header's value, so an ID should not begin or end with it.
///
/// Cheap to clone: clones share the text.
///
/// ```
/// use typed_sse_core::{EncodeErrorKind, EventId};
///
/// assert_eq!(EventId::new("42")?.as_str(), "42");
/// assert_eq!(EventId::new("4\02").unwrap_err().kind(), EncodeErrorKind::Null);
/// # Ok::<(), typed_sse_core::EncodeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventId(Utf8Bytes);

impl EventId {
    /// Checks an ID.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::Empty`] (an empty ID makes a client forget its last one),
    /// [`EncodeErrorKind::LineBreak`] or [`EncodeErrorKind::Null`] (a client ignores an ID with U+0000).
    pub fn new(id: impl AsRef<str>) -> Result<Self, EncodeError> {
        let id = id.as_ref();
        check(id.as_bytes())?;
        Ok(Self(Utf8Bytes::copy_from(id)))
    }

    /// The ID as it stands on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// A copy of a legal one.
    #[cfg(feature = "tokio")]
    pub(crate) fn copy_of(id: &str) -> Self {
        debug_assert!(check(id.as_bytes()).is_ok());
        Self(Utf8Bytes::copy_from(id))
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn from_legal(id: String) -> Self {
        debug_assert!(check(id.as_bytes()).is_ok());
        Self(Utf8Bytes::from(id))
    }

    pub(crate) fn into_text(self) -> Utf8Bytes {
        self.0
    }
}

/// The rules for a whole event ID.
pub(crate) fn check(id: &[u8]) -> Result<(), EncodeError> {
    if id.is_empty() {
        return Err(EncodeError::new("id", EncodeErrorKind::Empty));
    }
    check_part(id)
}

/// The rules for a piece of an event ID, which may be empty.
pub(crate) fn check_part(piece: &[u8]) -> Result<(), EncodeError> {
    match piece.iter().find(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        None => Ok(()),
        Some(0) => Err(EncodeError::new("id", EncodeErrorKind::Null)),
        Some(_) => Err(EncodeError::new("id", EncodeErrorKind::LineBreak)),
    }
}

impl AsRef<str> for EventId {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl TryFrom<&str> for EventId {
    type Error = EncodeError;

    fn try_from(id: &str) -> Result<Self, EncodeError> {
        Self::new(id)
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
