//! The response.

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, Response, StatusCode};
use typed_sse_core::{BoxError, EventResult, Events, KeepAlive, SseBody, SseEvent, header};

use crate::body::Body;

/// An event stream as a response: `200`, the header fields of [`header::RESPONSE`], and the events as its body.
///
/// It takes a stream of `Result<T, E>` with `T: SseEvent` and `E: Into<BoxError>`. An error of the stream, or an event
/// that cannot be encoded, breaks the connection, so that a client comes back; what was sent before arrives as far as
/// the socket had taken it, and a client dispatches no event that is not whole.
#[derive(Debug)]
#[must_use = "turn it into a response"]
pub struct Sse {
    body: SseBody,
    is_head: bool,
}

impl Sse {
    /// Sends `events`, with a reconnection time of 2 to 4 seconds and a keep-alive comment every 15 idle seconds.
    ///
    /// If they are known to be over before they began, the answer is that of [`stop`](Self::stop); see [`Events`].
    pub fn new<S>(events: S) -> Self
    where
        S: Events<Item: EventResult> + Send + 'static,
    {
        Self { body: SseBody::new(events), is_head: false }
    }

    /// Tells the client to stop: `204 No Content`, upon which
    /// [it does not reconnect](https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model).
    pub const fn stop() -> Self {
        Self { body: SseBody::empty(), is_head: false }
    }

    /// Tells the client to come back later: `200 OK` with the usual header fields, and a body that holds `retry: <ms>\n`, with
    /// `reconnection_time` in whole milliseconds, and nothing else.
    ///
    /// Answer so when you must turn a client away for now, as when your database does not answer. An error status such as `503`
    /// would stop an `EventSource` [for good](https://html.spec.whatwg.org/multipage/server-sent-events.html#sse-processing-model);
    /// after this it fires `open` and `error`, and asks again after that time, with the last event ID that it has. Draw the
    /// time for each client, so that those who are turned away together do not come back together.
    ///
    /// ```
    /// use std::time::Duration;
    /// use typed_sse_http::Sse;
    /// use typed_sse::{Channel, Event, LastEventId};
    ///
    /// // `None` where the database of users does not answer.
    /// fn events(channel: &Channel<Event>, last: LastEventId, may_read: Option<bool>) -> Sse {
    ///     match may_read {
    ///         Some(true) => Sse::new(channel.subscribe(last)).lifetime(Duration::from_secs(60 * 60)),
    ///         Some(false) => Sse::stop(),
    ///         None => Sse::later(Duration::from_secs(30)),
    ///     }
    /// }
    /// # let _ = events;
    /// ```
    pub const fn later(reconnection_time: Duration) -> Self {
        Self { body: SseBody::later(reconnection_time), is_head: false }
    }

    /// Sets the reconnection time that stands first in the stream, in whole milliseconds. Default: between 2
    /// and 4 seconds, drawn for each stream.
    pub fn retry(self, reconnection_time: Duration) -> Self {
        Self { body: self.body.retry(reconnection_time), ..self }
    }

    /// Sends no reconnection time: the stream begins with its first event. For the answer to a single request, such as that of
    /// a language model to a `POST`, for which nobody comes back.
    pub fn no_retry(self) -> Self {
        Self { body: self.body.no_retry(), ..self }
    }

    /// Sets how an idle stream is kept open. Default: an empty comment, 15 s after the last byte.
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        Self { body: self.body.keep_alive(keep_alive), ..self }
    }

    /// Sets the greatest lifetime of the stream. Default: none.
    ///
    /// At that age the stream ends properly, behind a whole event, whether it is idle or busy. The client comes back after
    /// the reconnection time with its last event ID: your load balancer chooses a server anew, and your handler checks its
    /// rights anew. Each stream draws its own, evenly between 90 and 100 % of `lifetime`, so that streams which began together
    /// do not end together.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { body: self.body.lifetime(lifetime), ..self }
    }

    /// Tells the client of an error by an event of your making, behind which the stream ends properly. Default: an error breaks
    /// the connection, so that an `EventSource` comes back and resumes.
    ///
    /// It is for the answer to a single request, whose client would not come back. See
    /// [`EventStream::on_error`](typed_sse_core::EventStream::on_error).
    pub fn on_error<T: SseEvent>(self, tell: impl FnOnce(BoxError) -> T + Send + Sync + 'static) -> Self {
        Self { body: self.body.on_error(tell), ..self }
    }

    /// Says which method the request has. To `HEAD` the header fields alone are the answer, and the events are dropped.
    ///
    /// Over HTTP/1.1 a server does so by itself; over HTTP/2, hyper would open a stream that nobody reads.
    pub fn method(self, method: &Method) -> Self {
        Self { is_head: method == Method::HEAD, ..self }
    }

    /// The response.
    pub fn into_response(self) -> Response<Body> {
        let stopped = self.body.is_empty();
        let body = if self.is_head { SseBody::empty() } else { self.body };
        let mut response = Response::new(Body::new(body));
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

typed_sse_core::__unfiltered!(Sse);

impl From<Sse> for Response<Body> {
    fn from(sse: Sse) -> Self {
        sse.into_response()
    }
}
