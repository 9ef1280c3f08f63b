//! The response.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Response, StatusCode};
use typed_sse_core::{KeepAlive, SseBody, header};

use crate::body::Body;

/// An event stream as a response: `200`, the header fields of [`header::RESPONSE`], and the events as its body.
///
/// It takes a stream of `Result<T, E>` with `T: SseEvent` and `E: Into<BoxError>`. An error of the stream, or an event
/// that cannot be encoded, breaks the connection, so that a client comes back; what was sent before arrives as far as
/// the socket had taken it, and a client dispatches no event that is not whole.
#[derive(Debug)]
#[must_use = "turn it into a response"]
pub struct Sse<S>(SseBody<S>);

impl<S> Sse<S> {
    /// Sends `events`, with a reconnection time of 2 to 4 seconds and a keep-alive comment every 15 idle seconds.
    pub const fn new(events: S) -> Self {
        Self(SseBody::new(events))
    }

    /// Tells the client to stop: `204 No Content`, upon which
    /// [it does not reconnect](https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model).
    pub const fn stop() -> Self {
        Self(SseBody::empty())
    }

    /// Sets the reconnection time that stands first in the stream, in whole milliseconds. Default: between 2
    /// and 4 seconds, drawn for each stream.
    pub fn retry(self, reconnection_time: Duration) -> Self {
        Self(self.0.retry(reconnection_time))
    }

    /// Sets how an idle stream is kept open. Default: an empty comment, 15 s after the last byte.
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        Self(self.0.keep_alive(keep_alive))
    }

    /// The response.
    pub fn into_response(self) -> Response<Body<S>> {
        let stopped = self.0.is_empty();
        let mut response = Response::new(Body::new(self.0));
        if stopped {
            *response.status_mut() = StatusCode::NO_CONTENT;
            return response;
        }
        let headers = header::RESPONSE
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        response.headers_mut().extend(headers);
        response
    }
}

impl<S> From<Sse<S>> for Response<Body<S>> {
    fn from(sse: Sse<S>) -> Self {
        sse.into_response()
    }
}
