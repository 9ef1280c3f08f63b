//! A place in one log or several, as text.

use std::fmt;

use super::ids::LogId;
use crate::field::EventId;
use crate::store::Epoch;

/// An event ID of a channel's own making: `epoch-sequence`, or one that says more ([`Stand`]).
///
/// A client of several logs need not stand at the same place in all of them. Those in which it stands elsewhere follow, by their
/// numbers, lowest first: `epoch-12_3-9_5*11` is behind the event 12, but behind 9 in the log 3, and in the log 5, it is to get
/// what stood there at 11. The number 0 is of no log, and says that the client had all it wants: `epoch-12_0-12`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) epoch: Epoch,
    pub(crate) stand: Stand,
    /// In these logs, it stands elsewhere.
    pub(crate) elsewhere: Vec<(LogId, Stand)>,
}

/// Where a client stands in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stand {
    /// It has what has a number up to this: `-sequence`.
    Behind(u64),
    /// It has nothing, and begins as its start says with what was there when `at` was the highest number in use, and so many
    /// events had been trimmed in all logs: `~at.trims`, or `~at` if none had.
    Begun { at: u64, trims: u64 },
    /// It has nothing, and begins with the newest event of each key that was there then, whatever its start says: `*at.trims`, or
    /// `*at`.
    State { at: u64, trims: u64 },
}

impl Cursor {
    /// A client stands elsewhere in so many logs at the most. An ID has to fit into a header.
    pub(crate) const MOST_ELSEWHERE: usize = 32;

    pub(crate) const fn new(epoch: Epoch, stand: Stand) -> Self {
        Self { epoch, stand, elsewhere: Vec::new() }
    }

    pub(crate) const fn at(epoch: Epoch, sequence: u64) -> Self {
        Self::new(epoch, Stand::Behind(sequence))
    }

    /// The highest number that it names.
    pub(crate) fn newest(&self) -> u64 {
        self.elsewhere.iter().map(|(_, stand)| stand.number()).fold(self.stand.number(), u64::max)
    }

    /// Reads what `Display` writes, and nothing else.
    pub(crate) fn parse(id: &str) -> Option<Self> {
        let (epoch, rest) = id.split_at_checked(Epoch::LEN)?;
        let epoch = Epoch::parse(epoch)?;
        let mut places = rest.split(ELSEWHERE);
        let stand = Stand::parse(places.next()?)?;
        let mut elsewhere = Vec::new();
        for place in places {
            let (log, stand) = place.split_at(place.find(['-', '*'])?);
            let log = LogId::from_number(parse_number(log)?)?;
            let follows = elsewhere.last().is_none_or(|(last, _)| *last < log);
            if !follows || elsewhere.len() == Self::MOST_ELSEWHERE {
                return None;
            }
            elsewhere.push((log, Stand::parse(stand)?));
        }
        Some(Self { epoch, stand, elsewhere })
    }
}

impl Stand {
    fn parse(text: &str) -> Option<Self> {
        let mut chars = text.chars();
        match (chars.next()?, chars.as_str()) {
            ('-', sequence) => Some(Self::Behind(parse_number(sequence)?)),
            ('~', begun) => parse_begun(begun).map(|(at, trims)| Self::Begun { at, trims }),
            ('*', begun) => parse_begun(begun).map(|(at, trims)| Self::State { at, trims }),
            _ => None,
        }
    }

    /// The same at another number: who has nothing yet has nothing there, either.
    pub(crate) const fn moved_to(self, at: u64) -> Self {
        match self {
            Self::Behind(_) => Self::Behind(at),
            Self::Begun { trims, .. } => Self::Begun { at, trims },
            Self::State { trims, .. } => Self::State { at, trims },
        }
    }

    /// The same, where so much was trimmed by then.
    pub(crate) const fn with_trims(self, trims: u64) -> Self {
        match self {
            Self::Behind(_) => self,
            Self::Begun { at, .. } => Self::Begun { at, trims },
            Self::State { at, .. } => Self::State { at, trims },
        }
    }

    /// The highest number in use that it names.
    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Behind(number) | Self::Begun { at: number, .. } | Self::State { at: number, .. } => number,
        }
    }
}

/// What stands before each log in which the client stands elsewhere. Not escaped in a URL.
const ELSEWHERE: char = '_';

/// Reads `at.trims`, or `at` if none had been trimmed.
fn parse_begun(text: &str) -> Option<(u64, u64)> {
    let (at, trims) = match text.split_once('.') {
        None => (text, 0),
        // Written only if there is something to write.
        Some((at, trims)) => (at, parse_number(trims).filter(|trims| *trims > 0)?),
    };
    Some((parse_number(at)?, trims))
}

/// `str::parse` takes a sign, and zeros in front.
fn parse_number(text: &str) -> Option<u64> {
    let canonical = text == "0" || text.starts_with(|first| matches!(first, '1'..='9'));
    text.parse().ok().filter(|_| canonical)
}

/// What `Display` writes of most cursors, in one allocation: a batch has many.
fn event_id(epoch: Epoch, number: u64) -> EventId {
    let mut digits = itoa::Buffer::new();
    let digits = digits.format(number).as_bytes();
    let mut text = [b'-'; 8 + 1 + 20];
    let end = 9 + digits.len();
    text[..8].copy_from_slice(&epoch.bytes());
    text[9..end].copy_from_slice(digits);
    EventId::copy_of(std::str::from_utf8(&text[..end]).unwrap_or_default())
}

impl From<Cursor> for EventId {
    fn from(cursor: Cursor) -> Self {
        match cursor.stand {
            Stand::Behind(number) if cursor.elsewhere.is_empty() => event_id(cursor.epoch, number),
            _ => Self::from_legal(cursor.to_string()),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.epoch, self.stand)?;
        self.elsewhere.iter().try_for_each(|(log, stand)| write!(f, "{ELSEWHERE}{log}{stand}"))
    }
}

impl fmt::Display for Stand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Behind(sequence) => write!(f, "-{sequence}"),
            Self::Begun { at, trims: 0 } => write!(f, "~{at}"),
            Self::Begun { at, trims } => write!(f, "~{at}.{trims}"),
            Self::State { at, trims: 0 } => write!(f, "*{at}"),
            Self::State { at, trims } => write!(f, "*{at}.{trims}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_writes() {
        let epoch = Epoch::random();
        let log = |number| LogId::from_number(number).unwrap();
        for number in [0, 1, 10, u64::MAX] {
            let begun = |trims| Stand::Begun { at: number, trims };
            let state = |trims| Stand::State { at: number, trims };
            let stands = [Stand::Behind(number), begun(0), begun(1), begun(u64::MAX), state(0), state(7)];
            for stand in stands {
                let mut cursor = Cursor::new(epoch, stand);
                assert_eq!(Cursor::parse(&cursor.to_string()).as_ref(), Some(&cursor));
                cursor.elsewhere =
                    vec![(log(1), Stand::State { at: 2, trims: 3 }), (log(7), Stand::Behind(number))];
                assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor));
            }
            let plain = Cursor::at(epoch, number);
            assert!(plain.to_string().len() <= 32);
            assert_eq!(EventId::from(plain.clone()).as_str(), plain.to_string());
        }
    }

    #[test]
    fn one_that_says_most_fits_into_a_header() {
        let elsewhere = (0..Cursor::MOST_ELSEWHERE as u64).rev();
        let state = Stand::State { at: u64::MAX, trims: u64::MAX };
        let elsewhere = elsewhere.map(|n| (LogId::from_number(LogId::MAX - n).unwrap(), state));
        let stand = Stand::Begun { at: u64::MAX, trims: u64::MAX };
        let cursor = Cursor { epoch: Epoch::random(), stand, elsewhere: elsewhere.collect() };
        let text = cursor.to_string();
        assert!(text.len() <= crate::field::LastEventId::MAX_LEN);
        assert_eq!(Cursor::parse(&text), Some(cursor));
        assert_eq!(Cursor::parse(&format!("{text}_281474976710656-1")), None);
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
            "abcdefgh-1~1",
            "abcdefgh~1.0",
            "abcdefgh~1.",
            "abcdefgh~1.01",
            "abcdefgh~1~1",
            "abcdefgh*",
            "abcdefgh*1~1",
            "abcdefgh*1.0",
            "abcdefgh*1.",
            "abcdefgh*.1",
            "abcdefgh~*1",
            "abcdefgh-*1",
            "abcdefgh_1-1",
            "abcdefgh-1_",
            "abcdefgh-1_1",
            "abcdefgh-1_-1",
            "abcdefgh-1_1-",
            "abcdefgh-1_1~1",
            "abcdefgh-1_01-1",
            "abcdefgh-1_1-1_",
            "abcdefgh-1_1-1_1-2",
            "abcdefgh-1_2-1_1-1",
            "abcdefgh-1_281474976710656-1",
            "abcdefgh-1_é-1",
        ] {
            assert_eq!(Cursor::parse(id), None, "{id:?}");
        }
    }
}
