//! The response.

use std::time::Duration;

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use typed_sse_core::{BoxError, EventResult, Events, KeepAlive, SseEvent};

/// An event stream as a response, of a stream of `Result<T, E>` with `T: SseEvent` and `E: Into<BoxError>`.
///
/// An error of the stream, or an event that cannot be encoded, breaks the connection, so that a client comes back; what was
/// sent before arrives as far as the socket had taken it, and a client dispatches no event that is not whole.
///
/// ```
/// use std::time::Duration;
/// use axum::extract::State;
/// use typed_sse_axum::{KeepAlive, LastEventId, Sse};
/// use typed_sse::{Channel, Event};
/// # use {axum::http::Method as User, std::convert::Infallible as NotLoggedIn}; // Whatever says who asks.
///
/// async fn events(
///     State(channel): State<Channel<Event>>,
///     user: Result<User, NotLoggedIn>,
///     last: LastEventId,
/// ) -> Sse {
///     if user.is_err() {
///         return Sse::stop();
///     }
///     Sse::new(channel.subscribe(last))
///         .retry(Duration::from_secs(1))
///         .keep_alive(KeepAlive::new().with_interval(Duration::from_secs(5)))
/// }
/// # let _: axum::Router = axum::Router::new().route("/", axum::routing::get(events)).with_state(Channel::new());
/// ```
///
/// `Sse` is one type, whatever its stream is: a handler can return one stream here and another there. [`Events`] shows how
/// to put one event, or another stream, in front of a stream.
#[derive(Debug)]
#[must_use = "return it from a handler"]
pub struct Sse(typed_sse_http::Sse);

impl Sse {
    /// Sends `events`, with a reconnection time of 2 to 4 seconds and a keep-alive comment every 15 idle seconds.
    ///
    /// If they are known to be over before they began, the answer is that of [`stop`](Self::stop); see [`Events`].
    pub fn new<S>(events: S) -> Self
    where
        S: Events<Item: EventResult> + Send + 'static,
    {
        Self(typed_sse_http::Sse::new(events))
    }

    /// Tells the client to stop: `204 No Content`, upon which it does not reconnect.
    pub const fn stop() -> Self {
        Self(typed_sse_http::Sse::stop())
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
    /// use typed_sse_axum::Sse;
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
        Self(typed_sse_http::Sse::later(reconnection_time))
    }

    /// Sets the reconnection time that stands first in the stream, in whole milliseconds. Default: between 2
    /// and 4 seconds, drawn for each stream.
    pub fn retry(self, reconnection_time: Duration) -> Self {
        Self(self.0.retry(reconnection_time))
    }

    /// Sends no reconnection time: the stream begins with its first event. For the answer to a single request, such as that of
    /// a language model to a `POST`, for which nobody comes back.
    pub fn no_retry(self) -> Self {
        Self(self.0.no_retry())
    }

    /// Sets how an idle stream is kept open. Default: an empty comment, 15 s after the last byte.
    pub fn keep_alive(self, keep_alive: KeepAlive) -> Self {
        Self(self.0.keep_alive(keep_alive))
    }

    /// Sets the greatest lifetime of the stream. Default: none.
    ///
    /// At that age the stream ends properly, behind a whole event, whether it is idle or busy. The client comes back after
    /// the reconnection time with its last event ID: your load balancer chooses a server anew, and your handler checks its
    /// rights anew. Each stream draws its own, evenly between 90 and 100 % of `lifetime`, so that streams which began together
    /// do not end together.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self(self.0.lifetime(lifetime))
    }

    /// Tells the client of an error by an event of your making, behind which the stream ends properly. Default: an error breaks
    /// the connection, so that an `EventSource` comes back and resumes.
    ///
    /// It is for the answer to a single request, whose client would not come back. See
    /// [`EventStream::on_error`](typed_sse_core::EventStream::on_error).
    pub fn on_error<T: SseEvent>(self, tell: impl FnOnce(BoxError) -> T + Send + Sync + 'static) -> Self {
        Self(self.0.on_error(tell))
    }
}

typed_sse_core::__unfiltered!(Sse);

impl IntoResponse for Sse {
    fn into_response(self) -> Response {
        self.0.into_response().map(Body::new)
    }
}
