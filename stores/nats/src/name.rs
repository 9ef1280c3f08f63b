//! Names of streams and subjects.

use std::fmt::Write as _;

use typed_sse_core::store::{StoreError, StoreErrorKind};

/// A stream's name is that of a folder; a subject has to fit into a line of the protocol.
const LONGEST: usize = 200;

/// What the server calls the parts of a log.
#[derive(Debug)]
pub(crate) struct Names {
    pub(crate) stream: String,
    /// What all of its subjects begin with, up to the dot.
    pub(crate) base: String,
}

/// What lies under a subject.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Records of this topic.
    Events(String),
    /// Records of several topics.
    Batch,
    Limits,
    Tick,
    State,
    StatePart,
    /// None of ours.
    Unknown,
}

impl Names {
    pub(crate) fn new(prefix: &str, log: &str) -> Result<Self, StoreError> {
        let token = escape(log, '=');
        if token.is_empty() || token.len() > LONGEST {
            let words = format!(
                "`{log}` is no name of a log: it has 1 to {LONGEST} letters or digits, others count three"
            );
            return Err(StoreError::new(StoreErrorKind::Other, words));
        }
        Ok(Self { stream: format!("{prefix}_{token}"), base: format!("{prefix}.{token}") })
    }

    pub(crate) fn of(&self, part: &str) -> String {
        format!("{}.{part}", self.base)
    }

    /// Under which the records of a topic lie.
    pub(crate) fn of_topic(&self, topic: &str) -> Result<String, StoreError> {
        if topic.is_empty() {
            return Ok(self.of("events"));
        }
        let token = escape(topic, '%');
        if token.len() > LONGEST * 4 {
            let words = format!("a topic of {} bytes is longer than a subject of NATS can hold", topic.len());
            return Err(StoreError::new(StoreErrorKind::TooLong, words));
        }
        Ok(format!("{}.events.{token}", self.base))
    }

    pub(crate) fn read(&self, subject: &str) -> Subject {
        let part = subject.strip_prefix(&self.base).and_then(|rest| rest.strip_prefix('.'));
        match part.unwrap_or_default() {
            "events" => Subject::Events(String::new()),
            "batch" => Subject::Batch,
            "limits" => Subject::Limits,
            "tick" => Subject::Tick,
            "state" => Subject::State,
            "state.part" => Subject::StatePart,
            part => match part.strip_prefix("events.") {
                Some(topic) if !topic.is_empty() => Subject::Events(unescape(topic)),
                _ => Subject::Unknown,
            },
        }
    }
}

/// Letters, digits, `-` and some more stay; every other byte becomes the mark and two hexadecimal digits.
fn escape(text: &str, mark: char) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        let stays = match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => true,
            // Of a topic, whose subject is no folder.
            b'/' | b':' | b'@' | b'=' | b'+' | b',' | b'#' | b'~' => mark == '%',
            _ => false,
        };
        push(&mut escaped, byte, stays, mark);
    }
    escaped
}

/// What a header cannot carry as it is: controls, spaces at the ends, and the mark itself.
pub(crate) fn escape_header(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (first, last) = (0, text.len().saturating_sub(1));
    for (n, byte) in text.bytes().enumerate() {
        let stays = match byte {
            b' ' => n != first && n != last,
            b'%' | 0..b' ' | 0x7f => false,
            // Of a letter of several bytes, all or none.
            _ => byte.is_ascii(),
        };
        push(&mut escaped, byte, stays, '%');
    }
    escaped
}

fn push(escaped: &mut String, byte: u8, stays: bool, mark: char) {
    if stays {
        escaped.push(char::from(byte));
    } else {
        // Writing to a string does not fail.
        let _done = write!(escaped, "{mark}{byte:02X}");
    }
}

/// What was escaped, with `%`. What is no escape stays: another program may have written it.
pub(crate) fn unescape(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match byte.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    #[test]
    fn what_is_escaped_comes_back() {
        let names = Names::new("sse", "market.eu/1").unwrap();
        assert_eq!((&*names.stream, &*names.base), ("sse_market=2Eeu=2F1", "sse.market=2Eeu=2F1"));
        for topic in ["", "user/7", "a.b", "a b", "*", ">", "\u{fc}\0\r\n", "%", "%41", "100%"] {
            let subject = names.of_topic(topic).unwrap();
            assert!(
                subject.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'*' && byte != b'>'),
                "{subject}"
            );
            assert_eq!(names.read(&subject), Subject::Events(topic.to_owned()), "{subject}");
            assert_eq!(unescape(&escape_header(topic)), topic);
        }
        assert_eq!(names.of_topic("user/7").unwrap(), "sse.market=2Eeu=2F1.events.user/7");
        assert_eq!(escape_header(" a b "), "%20a b%20");
        assert_eq!(unescape("100%, %zz"), "100%, %zz");
        for subject in ["sse.other.events", "sse.market=2Eeu=2F1.events.", "sse.market=2Eeu=2F1x.batch", ""] {
            assert_eq!(names.read(subject), Subject::Unknown, "{subject}");
        }
        assert!(Names::new("sse", "").is_err());
        assert!(names.of_topic(&"x".repeat(900)).is_err());
    }
}
