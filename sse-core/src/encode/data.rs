//! The field `data`, over as many lines as its value has.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::field::EncodeError;

/// Writes `text` behind a `data: ` that is already there, each further line behind its own.
///
/// [The standard](https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation) ends a
/// line at CRLF, CR and LF alike and strips one space behind the colon, so one is always written.
#[inline]
pub(super) fn write_text(bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.reserve(text.len() + 2);
    let mut line = 0;
    for end in memchr::memchr2_iter(b'\r', b'\n', text) {
        if end < line {
            // The LF of a CRLF that has ended its line already.
            continue;
        }
        bytes.extend_from_slice(&text[line..end]);
        bytes.extend_from_slice(b"\ndata: ");
        line = end + if text[end..].starts_with(b"\r\n") { 2 } else { 1 };
    }
    bytes.extend_from_slice(&text[line..]);
    bytes.push(b'\n');
}

/// Ends the value that was written from `start` on behind its `data: `.
///
/// One search over the finished value: a serialiser writes many pieces of a few bytes, too short to search well.
#[cfg(feature = "json")]
#[inline]
pub(super) fn end_value(bytes: &mut Vec<u8>, start: usize) {
    if memchr::memchr2(b'\r', b'\n', &bytes[start..]).is_none() {
        bytes.push(b'\n');
    } else {
        let value = bytes.split_off(start);
        write_text(bytes, &value);
    }
}

pub(super) fn write_base64(bytes: &mut Vec<u8>, value: &[u8]) -> Result<(), EncodeError> {
    let start = bytes.len();
    let Some(len) = base64::encoded_len(value.len(), true) else {
        return Err(EncodeError::new("data", crate::field::EncodeErrorKind::TooLong));
    };
    bytes.resize(start + len, 0);
    let written = STANDARD
        .encode_slice(value, &mut bytes[start..])
        .map_err(|error| EncodeError::value("data", error))?;
    bytes.truncate(start + written);
    bytes.push(b'\n');
    Ok(())
}
