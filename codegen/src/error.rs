//! What can go wrong with a file.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is not as it has to be, or could not be made.
///
/// A test that returns one, or unwraps it, shows it as written for people.
pub struct Error {
    kind: ErrorKind,
    path: Option<PathBuf>,
    message: String,
    source: Option<io::Error>,
}

/// What kind of error it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The file has other contents than the catalogue gives now.
    Stale,
    /// There is no such file yet.
    Missing,
    /// The file could not be read or written.
    Io,
    /// The catalogue has something that the file cannot say.
    Unsupported,
}

impl Error {
    pub(crate) fn stale(path: &Path, diff: &str) -> Self {
        let message = format!(
            "{} is stale: the events have changed since it was written.\n\
             To write it anew: {WRITE}\n\n{diff}",
            path.display()
        );
        Self { kind: ErrorKind::Stale, path: Some(path.to_owned()), message, source: None }
    }

    pub(crate) fn missing(path: &Path) -> Self {
        let message = format!("{} is not there yet.\nTo write it: {WRITE}", path.display());
        Self { kind: ErrorKind::Missing, path: Some(path.to_owned()), message, source: None }
    }

    pub(crate) fn io(what: &str, path: &Path, source: io::Error) -> Self {
        let message = format!("cannot {what} {}: {source}", path.display());
        Self { kind: ErrorKind::Io, path: Some(path.to_owned()), message, source: Some(source) }
    }

    /// An error of what a file cannot say, in lower case, with what to do instead.
    #[must_use]
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Unsupported, path: None, message: message.into(), source: None }
    }

    /// What kind of error it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The file that it is about, if it is about one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// As it is displayed: a test that fails with one prints it so.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}

const WRITE: &str = "TYPED_SSE_WRITE=1 cargo test";
