//! The HTTP header fields of an event stream, as plain text: core names no `http` version.

/// The media type of an event stream; always UTF-8, so it takes no parameter.
pub const CONTENT_TYPE: &str = "text/event-stream";

/// The request header that carries the last event ID, in lower case.
pub const LAST_EVENT_ID: &str = "last-event-id";

/// The header fields of every event stream response, names in lower case, in the order they are sent.
///
/// `no-store` keeps caches from holding the stream, `no-transform` keeps proxies from buffering it to compress
/// it, and `X-Accel-Buffering: no` makes nginx pass each event on at once.
pub const RESPONSE: [(&str, &str); 3] = [
    ("content-type", CONTENT_TYPE),
    ("cache-control", "no-store, no-transform"),
    ("x-accel-buffering", "no"),
];
