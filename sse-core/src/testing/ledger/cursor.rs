//! The event IDs of a channel's own making.

/// What one of them says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cursor<'a> {
    pub(super) epoch: &'a str,
    pub(super) stand: Stand,
    /// In these logs its client stands elsewhere.
    pub(super) elsewhere: Vec<(u64, Stand)>,
}

/// Where its client stands in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It has what has a number up to this.
    Behind(u64),
    /// It was let begin as its start says when `at` was the newest number and so many events were trimmed, and has got nothing
    /// since.
    Begun { at: u64, trims: u64 },
    /// It was let begin with the newest event of each key, and has got nothing since.
    State { at: u64, trims: u64 },
}

impl<'a> Cursor<'a> {
    /// Reads `epoch-N`, `epoch~N`, `epoch~N.C`, `epoch*N` and `epoch*N.C`, and any number of `_L-N`, `_L*N` and `_L*N.C` behind
    /// it.
    pub(super) fn parse(id: &'a str) -> Option<Self> {
        let (epoch, rest) = id.split_at_checked(8)?;
        if !epoch.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return None;
        }
        let mut stands = rest.split('_');
        let stand = Stand::parse(stands.next()?)?;
        let elsewhere = stands.map(|elsewhere| {
            let (log, stand) = elsewhere.split_at(elsewhere.find(['-', '*'])?);
            Some((number(log)?, Stand::parse(stand)?))
        });
        Some(Self { epoch, stand, elsewhere: elsewhere.collect::<Option<_>>()? })
    }

    /// The highest number that it names.
    pub(super) fn highest(&self) -> u64 {
        self.elsewhere.iter().map(|(_, stand)| stand.number()).fold(self.stand.number(), u64::max)
    }

    /// The number of an event that has it for its ID by itself.
    pub(super) fn of_event(&self) -> Option<u64> {
        match self.stand {
            Stand::Behind(number) if self.elsewhere.is_empty() => Some(number),
            _ => None,
        }
    }
}

impl Stand {
    fn parse(text: &str) -> Option<Self> {
        let (kind, numbers) = text.split_at_checked(1)?;
        match kind {
            "-" => Some(Self::Behind(number(numbers)?)),
            "*" | "~" => {
                let (at, trims) = numbers.split_once('.').unwrap_or((numbers, "0"));
                let (at, trims) = (number(at)?, number(trims)?);
                Some(if kind == "*" { Self::State { at, trims } } else { Self::Begun { at, trims } })
            }
            _ => None,
        }
    }

    pub(super) const fn number(self) -> u64 {
        match self {
            Self::Behind(number) | Self::Begun { at: number, .. } | Self::State { at: number, .. } => number,
        }
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
        let read = |id| Cursor::parse(id).map(|Cursor { stand, elsewhere, .. }| (stand, elsewhere));
        let plain = |stand| Some((stand, Vec::new()));
        assert_eq!(read("abcdef12-3"), plain(Stand::Behind(3)));
        assert_eq!(read("abcdef12~3"), plain(Stand::Begun { at: 3, trims: 0 }));
        assert_eq!(read("abcdef12~3.4"), plain(Stand::Begun { at: 3, trims: 4 }));
        assert_eq!(read("abcdef12*3"), plain(Stand::State { at: 3, trims: 0 }));
        let elsewhere = vec![(2, Stand::Behind(4)), (7, Stand::State { at: 5, trims: 6 })];
        assert_eq!(read("abcdef12-3_2-4_7*5.6"), Some((Stand::Behind(3), elsewhere)));
        for other in [
            "",
            "abcdef12",
            "abcdef12-",
            "abcdef12~",
            "abcdef12-~3",
            "ABCDEF12-3",
            "abcdef12-+3",
            "own-3",
            "abcdef12-3_",
            "abcdef12-3_4",
            "abcdef12-3_-4",
        ] {
            assert_eq!(read(other), None, "{other}");
        }
    }
}
