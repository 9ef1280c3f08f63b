//! Shared text: bytes that were UTF-8 when they were taken.

use std::fmt;

use bytes::Bytes;

/// Immutable UTF-8 that is cheap to clone. Empty by default; the empty one holds no memory.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Utf8Bytes(Bytes);

impl Utf8Bytes {
    pub(crate) fn copy_from(text: &str) -> Self {
        Self(Bytes::copy_from_slice(text.as_bytes()))
    }

    pub(crate) fn as_str(&self) -> &str {
        // The bytes came from a `str`, so the default is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl From<String> for Utf8Bytes {
    fn from(text: String) -> Self {
        Self(Bytes::from(text))
    }
}

impl fmt::Debug for Utf8Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}
