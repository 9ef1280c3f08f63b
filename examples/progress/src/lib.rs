//! What the server tells and the progress bar reads: one type for both.

use std::{fs, io, path::Path};

use typed_sse::{FromSseEvent, SseEvent};

/// A job that takes its time.
#[derive(Debug, SseEvent, FromSseEvent)]
pub enum Job {
    /// A step is done.
    Progress {
        /// How many steps are done.
        done: u64,
        /// How many there are.
        of: u64,
    },
    /// Nothing comes behind this.
    #[sse(terminal)]
    Finished {
        /// How many steps there were.
        steps: u64,
    },
}

/// Writes the file as a whole or not at all: a program that is killed in the middle must not find half of it.
///
/// # Errors
///
/// If the file cannot be written.
pub fn save(file: impl AsRef<Path>, text: &str) -> io::Result<()> {
    let beside = file.as_ref().with_extension("new");
    fs::write(&beside, text)?;
    fs::rename(beside, file)
}
