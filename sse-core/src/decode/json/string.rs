//! Strings, by [RFC 8259, section 7](https://www.rfc-editor.org/rfc/rfc8259#section-7).

use serde::de::Visitor;

use super::{Reader, Taken};

impl<'de> Reader<'de> {
    /// Reads a string into the buffer: what came since its start, which stands for itself, and the rest.
    fn unescape(&mut self, mut start: usize) -> Taken<()> {
        /// As long as most texts are, so that it does not grow piece by piece.
        const SPACE: usize = 256;

        self.unescaped.clear();
        self.unescaped.reserve(self.at - start + SPACE.min(self.text.len() - self.at));
        loop {
            self.unescaped.push_str(&self.text[start..self.at]);
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                // A control character, or the end.
                _ => return self.give_up(),
            }
            start = self.at;
            self.at += plain_len(&self.text.as_bytes()[start..]);
        }
    }

    /// What the backslash here stands for.
    fn escape(&mut self) -> Taken<()> {
        let Some(letter) = self.text.as_bytes().get(self.at + 1) else { return self.give_up() };
        self.at += 2;
        let char = match letter {
            b'"' | b'\\' | b'/' => char::from(*letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => self.code_point()?,
            _ => return self.give_up(),
        };
        self.unescaped.push(char);
        Ok(())
    }

    /// The digits behind `\u`, and where they are one half of a pair, the other.
    fn code_point(&mut self) -> Taken<char> {
        let first = self.four_digits()?;
        let mut pair = [first, 0];
        let units = if matches!(first, 0xd800..0xdc00) && self.text.as_bytes()[self.at..].starts_with(b"\\u")
        {
            self.at += 2;
            pair[1] = self.four_digits()?;
            &pair[..]
        } else {
            &pair[..1]
        };
        match char::decode_utf16(units.iter().copied()).next() {
            Some(Ok(char)) => Ok(char),
            _ => self.give_up(),
        }
    }

    fn four_digits(&mut self) -> Taken<u16> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let value = digits.and_then(|digits| {
            let mut digits = digits.iter().map(|digit| char::from(*digit).to_digit(16));
            digits.try_fold(0, |value, digit| Some(value << 4 | digit?))
        });
        match value.and_then(|value| u16::try_from(value).ok()) {
            Some(value) => {
                self.at += 4;
                Ok(value)
            }
            None => self.give_up(),
        }
    }

    /// Reads a string, of which the quotation mark comes next. It is lent from the text where it stands there as it is.
    #[inline]
    pub(super) fn visit_string<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        let start = self.at + 1;
        let end = start + plain_len(&self.text.as_bytes()[start..]);
        let result = if self.text.as_bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            visitor.visit_borrowed_str(&self.text[start..end])
        } else {
            self.at = end;
            self.unescape(start)?;
            visitor.visit_str(&self.unescaped)
        };
        self.visited(result)
    }

    /// Goes past a string.
    pub(super) fn skip_string(&mut self) -> Taken<()> {
        self.visit_string(serde::de::IgnoredAny).map(drop)
    }
}

/// How many bytes stand for themselves: up to a quotation mark, a backslash or a control character.
#[inline]
fn plain_len(bytes: &[u8]) -> usize {
    const LANES: usize = 8;

    let mut at = 0;
    while let Some(lanes) = bytes.get(at..at + LANES).and_then(|lanes| <[u8; LANES]>::try_from(lanes).ok()) {
        let special = special_lanes(u64::from_le_bytes(lanes));
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += LANES;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + bytes[at..].iter().position(is_special).unwrap_or(bytes.len() - at)
}

/// Sets the high bit of each byte that is special. Of those above the first one it may set too many.
#[inline]
const fn special_lanes(lanes: u64) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    // The high bit is set where a subtraction borrows: where a byte is less than that. Bytes that have it themselves are none.
    let quotes = lanes ^ (ONES * b'"' as u64);
    let backslashes = lanes ^ (ONES * b'\\' as u64);
    let control = lanes.wrapping_sub(ONES * 0x20);
    (quotes.wrapping_sub(ONES) | backslashes.wrapping_sub(ONES) | control) & !lanes & (ONES * 0x80)
}
