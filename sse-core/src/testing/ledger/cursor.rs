//! The event IDs of a channel's own making.

/// What one of them says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor<'a> {
    pub(super) epoch: &'a str,
    /// Its client has what has a number up to this.
    pub(super) sequence: Option<u64>,
    pub(super) begun: Option<Begun>,
}

/// Its client was let begin as its start says, or with the newest event of each key, where it cannot go on from a number, and has got nothing since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    /// When this was the newest number.
    pub(super) at: u64,
    /// When so many events were trimmed; of one that goes on in some topics and begins live in the others, which those are.
    pub(super) trimmed: u64,
    /// It begins with the newest event of each key, whatever its start says.
    pub(super) by_key: bool,
}

impl<'a> Cursor<'a> {
    /// Reads `epoch-N`, `epoch~N`, `epoch~N.C`, and the last two with `-S` behind the epoch; these with `*` for `~` as well.
    pub(super) fn parse(id: &'a str) -> Option<Self> {
        let (epoch, rest) = id.split_at_checked(8)?;
        if !epoch.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return None;
        }
        let by_key = rest.contains('*');
        let (sequence, begun) = match rest.split_once(if by_key { '*' } else { '~' }) {
            None => (rest, None),
            Some((sequence, begun)) => {
                let (at, trimmed) = begun.split_once('.').unwrap_or((begun, "0"));
                (sequence, Some(Begun { at: number(at)?, trimmed: number(trimmed)?, by_key }))
            }
        };
        let sequence = match sequence.strip_prefix('-') {
            Some(sequence) => Some(number(sequence)?),
            None if sequence.is_empty() && begun.is_some() => None,
            None => return None,
        };
        Some(Self { epoch, sequence, begun })
    }

    /// The highest number that it names.
    pub(super) fn highest(&self) -> u64 {
        self.sequence.unwrap_or(0).max(self.begun.map_or(0, |begun| begun.at))
    }
}

fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_form() {
        let read = |id| {
            let Cursor { sequence, begun, .. } = Cursor::parse(id)?;
            Some((sequence, begun.map(|Begun { at, trimmed, by_key }| (at, trimmed, by_key))))
        };
        assert_eq!(read("abcdef12-3"), Some((Some(3), None)));
        assert_eq!(read("abcdef12~3"), Some((None, Some((3, 0, false)))));
        assert_eq!(read("abcdef12~3.4"), Some((None, Some((3, 4, false)))));
        assert_eq!(read("abcdef12*3.4"), Some((None, Some((3, 4, true)))));
        assert_eq!(read("abcdef12-5~6.7"), Some((Some(5), Some((6, 7, false)))));
        assert_eq!(read("abcdef12-5*6"), Some((Some(5), Some((6, 0, true)))));
        for other in
            ["", "abcdef12", "abcdef12-", "abcdef12~", "abcdef12-~3", "ABCDEF12-3", "abcdef12-+3", "own-3"]
        {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
