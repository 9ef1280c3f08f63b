//! One line of an event stream.

use std::time::Duration;

/// What a line that is not blank means, per
/// [the standard, "process the field"](https://html.spec.whatwg.org/multipage/server-sent-events.html#processField).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field<'a> {
    EventType(&'a [u8]),
    Data(&'a [u8]),
    Id(&'a [u8]),
    Retry(Duration),
    /// A comment, an unknown field, or a value that the standard says to ignore.
    Ignored,
}

impl<'a> Field<'a> {
    #[inline]
    pub(super) fn parse(line: &'a [u8]) -> Self {
        // "Field names must be compared literally, with no case folding performed."
        if let Some(value) = value_of(b"data", line) {
            return Self::Data(value);
        }
        if let Some(value) = value_of(b"event", line) {
            return Self::EventType(value);
        }
        if let Some(value) = value_of(b"id", line) {
            return Self::id(value);
        }
        match value_of(b"retry", line) {
            Some(value) => Self::retry(value),
            None => Self::Ignored,
        }
    }

    /// "If the field value does not contain U+0000 NULL, then set the last event ID buffer to the field value.
    /// Otherwise, ignore the field."
    fn id(value: &'a [u8]) -> Self {
        if memchr::memchr(0, value).is_some() { Self::Ignored } else { Self::Id(value) }
    }

    /// "If the field value consists of only ASCII digits, then interpret the field value as an integer in base ten
    /// [...]. Otherwise, ignore the field." One past `u64::MAX` is taken as that.
    fn retry(value: &[u8]) -> Self {
        if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
            return Self::Ignored;
        }
        let ms = value
            .iter()
            .fold(0_u64, |ms, digit| ms.saturating_mul(10).saturating_add(u64::from(digit - b'0')));
        Self::Retry(Duration::from_millis(ms))
    }
}

/// The value of the field `name`: what stands behind the first colon, less one leading space; empty without a colon.
#[inline]
fn value_of<'a>(name: &[u8], line: &'a [u8]) -> Option<&'a [u8]> {
    match line.strip_prefix(name)? {
        [b':', b' ', value @ ..] | [b':', value @ ..] | value @ [] => Some(value),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_mean_what_the_standard_says() {
        let ms = |ms| Field::Retry(Duration::from_millis(ms));
        let table: [(&[u8], Field<'_>); 18] = [
            (b"data: a", Field::Data(b"a")),
            (b"data:a", Field::Data(b"a")),
            (b"data:  a", Field::Data(b" a")),
            (b"data:\ta", Field::Data(b"\ta")),
            (b"data", Field::Data(b"")),
            (b"data:", Field::Data(b"")),
            (b"data::", Field::Data(b":")),
            (b"Data: a", Field::Ignored),
            (b" data: a", Field::Ignored),
            (b"data : a", Field::Ignored),
            (b"dat", Field::Ignored),
            (b": comment", Field::Ignored),
            (b"event: x", Field::EventType(b"x")),
            (b"id: a\0", Field::Ignored),
            (b"id", Field::Id(b"")),
            (b"retry: 0250", ms(250)),
            (b"retry: 99999999999999999999999", ms(u64::MAX)),
            (b"retry: +1", Field::Ignored),
        ];
        for (line, field) in table {
            assert_eq!(Field::parse(line), field, "{:?}", String::from_utf8_lossy(line));
        }
        assert_eq!(Field::parse(b"retry:"), Field::Ignored);
        assert_eq!(Field::parse(b"retry: 1 "), Field::Ignored);
    }
}
