//! Why a store could not do what it was asked.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

/// Why a store could not do what it was asked.
#[derive(Debug)]
pub struct StoreError {
    kind: StoreErrorKind,
    message: Cow<'static, str>,
    may_have_been_stored: bool,
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// The kinds of a [`StoreError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The store does not answer, or not in time. Try again later.
    Unavailable,
    /// An event of this ID is retained in the topic, or stands earlier in the same batch.
    DuplicateId {
        /// Where it lies; 0 in the same batch.
        position: u64,
    },
    /// The topic is finished: nothing more can be appended.
    Finished,
    /// Batches of the producer are missing before this one.
    Gap {
        /// The number that is wanted next.
        expected: u64,
    },
    /// A newer epoch of the producer has stored something.
    Fenced {
        /// That epoch.
        epoch: u64,
    },
    /// The log has begun another life since it was opened: open it again. Its readers have to be told that they may have missed
    /// something.
    Epoch,
    /// The record is longer than the store takes.
    TooLong,
    /// What is stored cannot be read: torn, or written by something else.
    Corrupt,
    /// What is stored has a newer version than this program knows.
    Version,
    /// Another process has it.
    Locked,
    /// The store failed to keep something and will take nothing more until it is opened again.
    Stopped,
    /// Anything else.
    Other,
}

impl StoreError {
    /// An error in these words: what is wrong, where, and what to do.
    #[must_use]
    pub fn new(kind: StoreErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), may_have_been_stored: false, source: None }
    }

    /// What the error comes from. Its text must not carry secrets, such as those of a URL.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The records may be in the store all the same: it is not known.
    #[must_use]
    pub const fn unsure(mut self) -> Self {
        self.may_have_been_stored = true;
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// Whether an [`append`](super::Store::append) that failed so may have stored its records. If not, it has not.
    #[must_use]
    pub const fn may_have_been_stored(&self) -> bool {
        self.may_have_been_stored
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if self.may_have_been_stored {
            f.write_str("; it may have been stored")?;
        }
        Ok(())
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Why a list of fields is no [`Record`](super::Record).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordError {
    field: &'static str,
    wrong: &'static str,
}

impl RecordError {
    pub(super) const fn new(field: &'static str, wrong: &'static str) -> Self {
        Self { field, wrong }
    }

    /// The field that is wrong or missing.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        self.field
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the field `{}` of a record {}", self.field, self.wrong)
    }
}

impl Error for RecordError {}
