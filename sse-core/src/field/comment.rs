//! Lines that no client dispatches.

use bytes::Bytes;

use super::error::{EncodeError, EncodeErrorKind};

/// A comment line that is legal on the wire: `:`, text without CR or LF, LF.
///
/// Clients ignore comments
/// ([the standard, "If the line starts with a U+003A COLON character"](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation)).
///
/// ```
/// use typed_sse_core::Comment;
///
/// assert_eq!(Comment::new(" still here")?.as_bytes(), b": still here\n");
/// assert!(Comment::new("a\ndata: injected").is_err());
/// # Ok::<(), typed_sse_core::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Comment(Bytes);

impl Comment {
    /// The shortest comment: `:` and LF.
    pub const EMPTY: Self = Self(Bytes::from_static(b":\n"));

    /// Checks the text; it stands right behind the colon.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::LineBreak`] for text with CR or LF.
    pub fn new(text: impl AsRef<str>) -> Result<Self, EncodeError> {
        let text = text.as_ref();
        if memchr::memchr2(b'\r', b'\n', text.as_bytes()).is_some() {
            return Err(EncodeError::new("comment", EncodeErrorKind::LineBreak));
        }
        Ok(Self(Bytes::from(format!(":{text}\n"))))
    }

    /// The whole line, LF included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn into_bytes(self) -> Bytes {
        self.0
    }
}

impl Default for Comment {
    /// [`Comment::EMPTY`].
    fn default() -> Self {
        Self::EMPTY
    }
}
