//! A place in a log, as text.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::field::EventId;

/// Names one life of a log: eight lower-case letters or digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch([u8; 8]);

/// The event ID `epoch-sequence`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) epoch: Epoch,
    pub(crate) sequence: u64,
}

impl Epoch {
    /// One of 2.8 * 10^12.
    pub(crate) fn random() -> Self {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        // The keys of a `RandomState` are the operating system's random numbers, whatever the clock says after a
        // restart.
        let mut number = RandomState::new().build_hasher().finish();
        Self(std::array::from_fn(|_| {
            let digit = DIGITS[(number % 36) as usize];
            number /= 36;
            digit
        }))
    }

    pub(crate) const fn bytes(self) -> [u8; 8] {
        self.0
    }
}

impl Cursor {
    /// Reads what `Display` writes, and nothing else.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let (epoch, sequence) = id.split_once('-')?;
        let epoch: [u8; 8] = epoch.as_bytes().try_into().ok()?;
        if !epoch.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return None;
        }
        // `parse` takes a sign, and zeros in front.
        let canonical = sequence == "0" || sequence.starts_with(|first| matches!(first, '1'..='9'));
        let sequence = sequence.parse().ok().filter(|_| canonical)?;
        Some(Self { epoch: Epoch(epoch), sequence })
    }
}

impl From<Cursor> for EventId {
    fn from(cursor: Cursor) -> Self {
        Self::from_legal(cursor.to_string())
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.0).unwrap_or_default())
    }
}

impl fmt::Debug for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch, self.sequence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        for sequence in [0, 1, 10, u64::MAX] {
            let cursor = Cursor { epoch: Epoch::random(), sequence };
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            assert!(cursor.to_string().len() <= 32);
        }
    }

    #[test]
    fn reads_nothing_else() {
        for id in [
            "",
            "-",
            "42",
            "abcdefgh",
            "abcdefgh-",
            "abcdefg-1",
            "abcdefghi-1",
            "ABCDEFGH-1",
            "abcdefgh-01",
            "abcdefgh-+1",
            "abcdefgh--1",
            "abcdefgh-1 ",
            "abcdefgh-18446744073709551616",
            "abcdéfg-1",
        ] {
            assert_eq!(Cursor::parse(id), None, "{id:?}");
        }
    }
}
