//! Text as Postgres keeps it, which is without U+0000.

use std::borrow::Cow;

/// What begins the two characters that stand for one.
const ESCAPE: char = '\u{ffff}';

pub(crate) fn escape(text: Cow<'_, str>) -> String {
    // Both are found many bytes at a time.
    if !text.as_bytes().contains(&0) && !text.contains(ESCAPE) {
        return text.into_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            '\0' => escaped.extend([ESCAPE, '0']),
            ESCAPE => escaped.extend([ESCAPE, '1']),
            _ => escaped.push(character),
        }
    }
    escaped
}

/// Reads what [`escape`] wrote. Another program may have written any text: what stands for nothing stays.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    if !text.contains(ESCAPE) {
        return text.into();
    }
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        let stands_for = match (character, characters.peek()) {
            (ESCAPE, Some('0')) => Some('\0'),
            (ESCAPE, Some('1')) => Some(ESCAPE),
            _ => None,
        };
        if stands_for.is_some() {
            characters.next();
        }
        plain.push(stands_for.unwrap_or(character));
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_text_comes_back() {
        for text in [
            "",
            "plain",
            "\0",
            "a\0b",
            "\u{ffff}",
            "\u{ffff}0",
            "\u{ffff}1\0",
            "ünïcödé",
            "\0\0\u{ffff}\u{ffff}",
        ] {
            let escaped = escape(text.into());
            assert!(!escaped.contains('\0'), "{text:?}");
            assert_eq!(unescape(&escaped), text);
        }
        assert_eq!(unescape("\u{ffff}x\u{ffff}"), "\u{ffff}x\u{ffff}");
    }
}
