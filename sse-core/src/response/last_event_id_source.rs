//! Where a client's last event ID is found.

use std::borrow::Cow;

use crate::field::LastEventId;

/// Where to look for the last event ID of a request: in the header `Last-Event-ID`, and, if it is named, in a
/// parameter of the query.
///
/// The header wins. What is malformed (not UTF-8, with a line break or U+0000, longer than
/// [`LastEventId::MAX_LEN`]) counts as absent, and is told to `tracing` at the level `WARN`.
///
/// ```
/// use typed_sse_core::LastEventIdSource;
///
/// // An `EventSource` cannot set the header on its first request, but it can keep an ID in the URL.
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// assert_eq!(source.read(None, Some("last_event_id=k3v9x2ab-7")).as_str(), "k3v9x2ab-7");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastEventIdSource {
    query: Option<Cow<'static, str>>,
}

impl LastEventIdSource {
    /// The header only.
    #[must_use]
    pub const fn new() -> Self {
        Self { query: None }
    }

    /// Where the header is absent or malformed, reads the first query parameter of this name. Default: none.
    #[must_use]
    pub fn or_query(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.query = Some(name.into());
        self
    }

    /// Reads the last event ID from the value of the header, if there is one, and the query of the URL, without its
    /// question mark. Empty where the client sent none that could be used.
    #[must_use]
    pub fn read(&self, header: Option<&[u8]>, query: Option<&str>) -> LastEventId {
        let header = header.and_then(|value| parse(value, "header"));
        header.or_else(|| self.read_query(query?)).unwrap_or_default()
    }

    fn read_query(&self, query: &str) -> Option<LastEventId> {
        let name = self.query.as_deref()?;
        let mut pairs = query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = pairs.find(|(key, _)| decode(key) == name.as_bytes())?;
        parse(&decode(value), "query")
    }
}

/// Undoes `application/x-www-form-urlencoded`, without taking the bytes for text.
fn decode(text: &str) -> Vec<u8> {
    percent_encoding::percent_decode_str(&text.replace('+', " ")).collect()
}

fn parse(bytes: &[u8], place: &str) -> Option<LastEventId> {
    let id = LastEventId::parse(bytes);
    if id.is_none() {
        tracing::warn!(place, len = bytes.len(), "a malformed last event ID is taken as none");
    }
    id.filter(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: Option<&[u8]>, query: &str) -> String {
        LastEventIdSource::new().or_query("last").read(header, Some(query)).to_string()
    }

    #[test]
    fn header_first_then_query() {
        assert_eq!(read(None, ""), "");
        assert_eq!(read(Some(b"a"), "last=b"), "a");
        assert_eq!(read(Some("…".as_bytes()), ""), "…");
        assert_eq!(read(None, "x=1&last=a%20b%2B&last=c"), "a b+");
        assert_eq!(read(Some(b""), "last=b"), "b");
        assert_eq!(read(Some(b"\xff"), "last=b"), "b");
        assert_eq!(read(None, "last=%E2%80%A6&l%61st=x"), "…");
        assert_eq!(read(None, "l%61st=x"), "x");
        assert_eq!(read(None, "last"), "");
        assert_eq!(read(None, "last=%FF"), "");
        assert_eq!(read(None, "last=a%00"), "");
        assert_eq!(read(None, "last=a%0Ab"), "");
        assert_eq!(read(Some(&[b'x'; LastEventId::MAX_LEN + 1]), ""), "");
        assert!(LastEventIdSource::new().or_query("last").read(None, None).is_empty());
    }

    #[test]
    fn no_query_unless_named() {
        let query = "last-event-id=a&lastEventId=b&last=c";
        assert!(LastEventIdSource::new().read(None, Some(query)).is_empty());
    }
}
