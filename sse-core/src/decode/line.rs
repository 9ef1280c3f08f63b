//! Lines, and their values as text.

use simdutf8::basic::from_utf8;

/// The first line of `input`, what follows it, and whether it ended in a CR at the very end of `input`.
#[inline]
pub(super) fn split_line(input: &[u8]) -> Option<(&[u8], &[u8], bool)> {
    let end = match input.first()? {
        // The blank line behind most events needs no search.
        b'\n' | b'\r' => 0,
        _ => memchr::memchr2(b'\n', b'\r', input)?,
    };
    let (line, rest) = (&input[..end], &input[end + 1..]);
    if input[end] == b'\n' {
        return Some((line, rest, false));
    }
    match rest.split_first() {
        Some((b'\n', rest)) => Some((line, rest, false)),
        Some(_) => Some((line, rest, false)),
        None => Some((line, rest, true)),
    }
}

/// Lends `lent`, or else what `kept` holds; `None` where it is empty. Malformed UTF-8 is replaced in `kept`.
#[inline]
pub(super) fn text<'a>(lent: Option<&'a [u8]>, kept: &'a mut String) -> Option<&'a str> {
    if let Some(bytes) = lent {
        match from_utf8(bytes) {
            Ok("") => return None,
            Ok(text) => return Some(text),
            Err(_) => push_text(kept, bytes),
        }
    }
    if kept.is_empty() { None } else { Some(kept) }
}

/// Appends the value of a whole line, while it is still in the cache. Malformed UTF-8 becomes U+FFFD.
#[inline]
pub(super) fn push_text(text: &mut String, value: &[u8]) {
    match from_utf8(value) {
        Ok(value) => text.push_str(value),
        Err(_) => text.push_str(&String::from_utf8_lossy(value)),
    }
}
