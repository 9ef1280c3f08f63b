//! Why an event stream could not be decoded.

use std::error::Error;
use std::fmt;

/// Why bytes could not be decoded. The decoder has recovered and may be used on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeError {
    /// An event grew past the decoder's limit before it ended. The rest of it is skipped; its ID and reconnection
    /// time still count. Raise the limit with [`Decoder::with_limit`](crate::Decoder::with_limit) if the event is legitimate.
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::TooLong { limit } = self;
        write!(
            f,
            "an event is longer than the limit of {limit} bytes: it was skipped; raise `Decoder::with_limit`"
        )
    }
}

impl Error for DecodeError {}
