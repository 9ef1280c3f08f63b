//! A place in a log, as text.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};

use crate::field::EventId;

/// Names one life of a log: eight lower-case letters or digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Epoch([u8; 8]);

/// An event ID of a channel's own making: `epoch-sequence`, or one with a [`Begun`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) epoch: Epoch,
    /// Where the client goes on. `None` for one that has nothing yet.
    pub(crate) sequence: Option<u64>,
    /// What cannot go on from there begins so.
    pub(crate) begun: Option<Begun>,
}

/// A client that was let begin as its start says, or with the newest event of each key because it coalesces, and has got
/// nothing since: coming back, it begins there again, and need not be told a second time what it has missed.
///
/// `epoch~at.trimmed` for one that has nothing yet, `epoch-sequence~at.trimmed` for one that goes on in some logs. With `*`
/// in place of `~`, it begins with the newest event of each key, whatever its start says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Begun {
    /// The highest sequence number in use when it began.
    pub(crate) at: u64,
    /// How many events its logs had trimmed by then, all together; of one that goes on in some, those logs that had lost
    /// some behind where it does. If it goes on in some, and begins live or with the newest of each key in the others: which
    /// those are.
    pub(crate) trimmed: u64,
    /// It begins with the newest event of each key, whatever its start says.
    pub(crate) by_key: bool,
}

/// What stands before a [`Begun`] that begins with the newest event of each key.
const BY_KEY: char = '*';

impl Epoch {
    const LEN: usize = 8;

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
    pub(crate) const fn at(epoch: Epoch, sequence: u64) -> Self {
        Self { epoch, sequence: Some(sequence), begun: None }
    }

    /// Reads what `Display` writes, and nothing else.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let (epoch, rest) = id.as_bytes().split_at_checked(Epoch::LEN)?;
        if !epoch.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return None;
        }
        let epoch = Epoch(epoch.try_into().ok()?);
        let rest = std::str::from_utf8(rest).ok()?;
        let (sequence, begun) = match rest.split_once(['~', BY_KEY]) {
            None => (rest, None),
            Some((sequence, begun)) => {
                (sequence, Some(Begun::parse(begun, rest[sequence.len()..].starts_with(BY_KEY))?))
            }
        };
        let sequence = match sequence.strip_prefix('-') {
            Some(sequence) => Some(parse_number(sequence)?),
            None if sequence.is_empty() && begun.is_some() => None,
            None => return None,
        };
        Some(Self { epoch, sequence, begun })
    }
}

impl Begun {
    fn parse(text: &str, by_key: bool) -> Option<Self> {
        let (at, trimmed) = match text.split_once('.') {
            None => (text, 0),
            // Written only if there is something to write.
            Some((at, trimmed)) => (at, parse_number(trimmed).filter(|trimmed| *trimmed > 0)?),
        };
        Some(Self { at: parse_number(at)?, trimmed, by_key })
    }
}

/// `str::parse` takes a sign, and zeros in front.
fn parse_number(text: &str) -> Option<u64> {
    let canonical = text == "0" || text.starts_with(|first| matches!(first, '1'..='9'));
    text.parse().ok().filter(|_| canonical)
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
        self.epoch.fmt(f)?;
        if let Some(sequence) = self.sequence {
            write!(f, "-{sequence}")?;
        }
        let Some(Begun { at, trimmed, by_key }) = self.begun else { return Ok(()) };
        write!(f, "{}{at}", if by_key { BY_KEY } else { '~' })?;
        if trimmed == 0 { Ok(()) } else { write!(f, ".{trimmed}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        let epoch = Epoch::random();
        for sequence in [0, 1, 10, u64::MAX] {
            let cursor = Cursor::at(epoch, sequence);
            assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            assert!(cursor.to_string().len() <= 32);
            for (trimmed, by_key) in [(0, false), (1, true), (u64::MAX, false), (0, true)] {
                let begun = Some(Begun { at: sequence, trimmed, by_key });
                for cursor in [Cursor { sequence: None, begun, epoch }, Cursor { begun, ..cursor }] {
                    assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
                }
            }
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
            "abcdefgé-1",
            "abcdefgh~",
            "abcdefgh-~1",
            "abcdefgh-1~",
            "abcdefgh-1~1.",
            "abcdefgh-1~1.0",
            "abcdefgh~1.01",
            "abcdefgh~1~1",
            "abcdefgh*",
            "abcdefgh*1~1",
            "abcdefgh~*1",
            "abcdefgh-*1",
        ] {
            assert_eq!(Cursor::parse(id), None, "{id:?}");
        }
    }
}
