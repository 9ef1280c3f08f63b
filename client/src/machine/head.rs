//! What the head of a response means.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::error::{Error, ErrorKind};

/// What to do with a response.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// It is an event stream.
    Open,
    Follow(Redirect),
    /// `204`: the server has nothing more to say.
    NoContent,
    /// Not now.
    Later(Error),
    Fail(Error),
}

/// Where the server sends a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirect {
    pub(crate) location: HeaderValue,
    /// The request goes on as it is, with its body. If not, a `POST` becomes a `GET`.
    pub(crate) keeps_method: bool,
}

/// Reads the head of a response: ["processEventSourceEndOfBody" and what stands before it][standard].
///
/// The standard fails the connection on every status that is neither 200 nor a redirect. So do we, but for those whose
/// server says when to come back, and those that the application names.
///
/// [standard]: https://html.spec.whatwg.org/multipage/server-sent-events.html#the-eventsource-interface
pub(crate) fn judge(status: StatusCode, headers: &HeaderMap, retried: &[u16], now: SystemTime) -> Verdict {
    match status.as_u16() {
        200 => judge_body(headers),
        204 => Verdict::NoContent,
        // "If internalResponse's status is a redirect status"; without a location, it is an answer like any other.
        301 | 302 | 303 | 307 | 308 if headers.contains_key(LOCATION) => Verdict::Follow(Redirect {
            location: headers[LOCATION].clone(),
            keeps_method: matches!(status.as_u16(), 307 | 308),
        }),
        code => {
            let retry_after = headers.get(RETRY_AFTER).and_then(|value| retry_after(value, now));
            let error = Error::new(ErrorKind::Status(code)).after(retry_after);
            let may_come_back = matches!(code, 429 | 503) && retry_after.is_some();
            if may_come_back || retried.contains(&code) {
                Verdict::Later(error)
            } else {
                Verdict::Fail(error)
            }
        }
    }
}

fn judge_body(headers: &HeaderMap) -> Verdict {
    if !is_event_stream(headers) {
        return Verdict::Fail(Error::new(ErrorKind::ContentType));
    }
    // A transport that undoes a compression takes the header away.
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    if encodings.any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Verdict::Fail(Error::new(ErrorKind::ContentEncoding));
    }
    Verdict::Open
}

/// Whether the essence of [the last content type][extract] is `text/event-stream`. Parameters are allowed and ignored: a
/// stream is UTF-8 whatever its `charset` says.
///
/// [extract]: https://fetch.spec.whatwg.org/#concept-header-extract-mime-type
fn is_event_stream(headers: &HeaderMap) -> bool {
    let types =
        headers.get_all(CONTENT_TYPE).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let essence = |value: &'_ [u8]| {
        let end = value.iter().position(|byte| *byte == b';').unwrap_or(value.len());
        value[..end].trim_ascii().to_ascii_lowercase()
    };
    types
        .map(essence)
        .rfind(|essence| essence.contains(&b'/'))
        .is_some_and(|last| last == b"text/event-stream")
}

/// [`Retry-After`](https://www.rfc-editor.org/rfc/rfc9110#field.retry-after): seconds, or a date.
fn retry_after(value: &HeaderValue, now: SystemTime) -> Option<Duration> {
    let text = value.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // More than fits is a long time.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, headers: &[(&'static str, &'static str)]) -> Verdict {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        judge(StatusCode::from_u16(status).unwrap(), &map, &[502], now)
    }

    #[test]
    fn content_types() {
        let cases: [(&[&'static str], bool); 13] = [
            (&["text/event-stream"], true),
            (&["text/event-stream; charset=utf-8"], true),
            (&["text/event-stream;charset=latin1"], true),
            (&[" Text/Event-Stream ;x"], true),
            (&["text/html, text/event-stream"], true),
            (&["text/html", "text/event-stream"], true),
            (&["text/event-stream", "text/html"], false),
            (&["text/event-stream, nonsense"], true),
            (&["text/event-streams"], false),
            (&["text/plain"], false),
            (&["application/json; text/event-stream"], false),
            (&[""], false),
            (&[], false),
        ];
        for (values, is_stream) in cases {
            let headers: Vec<_> = values.iter().map(|value| ("content-type", *value)).collect();
            assert_eq!(matches!(of(200, &headers), Verdict::Open), is_stream, "{values:?}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let cases = [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("99999999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sunday, 06-Nov-94 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ];
        for (value, seconds) in cases {
            let retry_after = match of(503, &[("retry-after", value)]) {
                Verdict::Later(error) => error.retry_after(),
                Verdict::Fail(error) => {
                    assert_eq!(error.kind(), ErrorKind::Status(503));
                    None
                }
                other => panic!("{other:?}"),
            };
            assert_eq!(retry_after.map(|time| time.as_secs()), seconds, "{value}");
        }
    }

    #[test]
    fn only_who_says_when_or_is_named_is_asked_again() {
        let later = |status, headers| matches!(of(status, headers), Verdict::Later(_));
        assert!(later(429, &[("retry-after", "1")]) && later(503, &[("retry-after", "1")]));
        assert!(later(502, &[]));
        assert!(!later(503, &[]) && !later(429, &[]) && !later(500, &[("retry-after", "1")]));
    }

    #[test]
    fn redirects() {
        let follow = |status| match of(status, &[("location", "/new")]) {
            Verdict::Follow(redirect) => Some(redirect.keeps_method),
            _ => None,
        };
        assert_eq!([301, 302, 303].map(follow), [Some(false); 3]);
        assert_eq!([307, 308].map(follow), [Some(true); 2]);
        assert_eq!(follow(300), None);
        assert_eq!(follow(304), None);
        assert!(matches!(of(302, &[]), Verdict::Fail(error) if error.kind() == ErrorKind::Status(302)));
    }
}
