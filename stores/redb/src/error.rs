//! Errors of redb, in our words.

use std::fmt;
use std::path::Path;

use redb::{DatabaseError, StorageError};
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::value::ValueError;

/// Where the file lies, for the errors that name it.
pub(crate) struct Named<'a>(pub(crate) &'a Path);

impl Named<'_> {
    pub(crate) fn corrupt(&self, wrong: impl fmt::Display) -> StoreError {
        let words = format!(
            "`{}` cannot be read ({wrong}): restore it from a backup, or move it away to begin a new log",
            self.0.display()
        );
        StoreError::new(StoreErrorKind::Corrupt, words)
    }

    pub(crate) fn version(&self) -> StoreError {
        let words = format!(
            "`{}` was written by a newer version: update `typed-sse-redb`, or name another file",
            self.0.display()
        );
        StoreError::new(StoreErrorKind::Version, words)
    }

    pub(crate) fn foreign(&self) -> StoreError {
        let words = format!("`{}` is no file of `typed-sse-redb`: name another file", self.0.display());
        StoreError::new(StoreErrorKind::Corrupt, words)
    }

    pub(crate) fn stopped(&self, why: impl fmt::Display) -> StoreError {
        let words = format!(
            "`{}` takes nothing more, since a write failed ({why}): see to the disk, then open it again",
            self.0.display()
        );
        StoreError::new(StoreErrorKind::Stopped, words)
    }

    /// The file could not be opened.
    pub(crate) fn open(&self, error: DatabaseError) -> StoreError {
        let file = self.0.display();
        let words = match &error {
            DatabaseError::DatabaseAlreadyOpen | DatabaseError::LockProtocolMismatch => {
                let words = format!(
                    "`{file}` is open already, here or in another process: clone the handle, or use one process"
                );
                return StoreError::new(StoreErrorKind::Locked, words);
            }
            DatabaseError::UpgradeRequired(version) => {
                let words =
                    format!("`{file}` has version {version} of redb's format: upgrade it with redb 2.6");
                return StoreError::new(StoreErrorKind::Version, words);
            }
            // redb has no error of its own for a file of its future.
            DatabaseError::Storage(StorageError::Corrupted(wrong))
                if wrong.contains("file format version") =>
            {
                return self.version();
            }
            DatabaseError::Storage(StorageError::Io(io)) if io.kind() == std::io::ErrorKind::InvalidData => {
                return self.corrupt(io);
            }
            DatabaseError::Storage(StorageError::Io(io))
                if io.kind() == std::io::ErrorKind::UnexpectedEof =>
            {
                return self.corrupt("it is too short");
            }
            DatabaseError::Storage(StorageError::Corrupted(wrong)) => return self.corrupt(wrong),
            _ => format!(
                "`{file}` cannot be opened: {error}; its folder has to be there, and this process may write to it"
            ),
        };
        StoreError::new(StoreErrorKind::Other, words).with_source(error)
    }

    /// Something could not be read.
    pub(crate) fn read(&self, error: redb::Error) -> StoreError {
        match &error {
            redb::Error::PreviousIo => self.stopped("an earlier one"),
            redb::Error::Corrupted(wrong) => self.corrupt(wrong),
            redb::Error::TableTypeMismatch { .. } | redb::Error::TableDoesNotExist(_) => self.foreign(),
            _ => {
                let words = format!("`{}` cannot be read: {error}", self.0.display());
                StoreError::new(StoreErrorKind::Unavailable, words).with_source(error)
            }
        }
    }

    pub(crate) fn value(&self, position: u64, error: ValueError) -> StoreError {
        match error {
            ValueError::Torn => self.corrupt(format_args!("the record at {position} is torn")),
            ValueError::Newer => self.version(),
            ValueError::Record(error) if error.field() == "v" => self.version(),
            ValueError::Record(error) => self.corrupt(format_args!("the record at {position}: {error}")),
        }
    }
}

pub(crate) fn another_life(log: &str) -> StoreError {
    let words = format!("the log `{log}` has begun another life: open it again");
    StoreError::new(StoreErrorKind::Epoch, words)
}
