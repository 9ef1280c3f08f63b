//! The response.

use std::io::Cursor;
use std::time::Duration;

use rocket::Request;
use rocket::http::Status;
use rocket::response::{self, Responder, Response};
use typed_sse_core::{BoxError, EventResult, Events, KeepAlive, SseBody, SseEvent, header};

use crate::body::Body;

/// An event stream as a response, of a stream of `Result<T, E>` with `T: SseEvent` and `E: Into<BoxError>`.
///
/// An error of the stream, or an event that cannot be encoded, ends it behind the last whole event, and the client comes
/// back. Rocket sends the proper end of a body whatever happened.
///
/// ```
/// use std::time::Duration;
/// use rocket::{State, get};
/// use typed_sse::{Channel, Event};
/// use typed_sse_rocket::{KeepAlive, LastEventId, Sse};
///
/// #[get("/events?<user>")]
/// fn events(
///     channel: &State<Channel<Event>>,
///     user: Option<&str>,
///     last: LastEventId,
/// ) -> Sse {
///     if user.is_none() {
///         return Sse::stop();
///     }
///     Sse::new(channel.subscribe(last))
///         .retry(Duration::from_secs(1))
///         .keep_alive(KeepAlive::new().with_interval(Duration::from_secs(5)))
/// }
/// # let _ = rocket::routes![events];
/// ```
///
/// `Sse` is one type, whatever its stream is: a handler can return one stream here and another there. [`Events`] shows how
/// to put one event, or another stream, in front of a stream.
#[derive(Debug)]
#[must_use = "return it from a handler"]
pub struct Sse(SseBody);

impl Sse {
    /// Sends `events`, with a reconnection time of 2 to 4 seconds and a keep-alive comment every 15 idle seconds.
    ///
    /// If they are known to be over before they began, the answer is that of [`stop`](Self::stop); see [`Events`].
    pub fn new<S>(events: S) -> Self
    where
        S: Events<Item: EventResult> + Send + 'static,
    {
        Self(SseBody::new(events))
    }

    /// Tells the client to stop: `204 No Content`, upon which it does not reconnect.
    pub const fn stop() -> Self {
        Self(SseBody::empty())
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
    /// use typed_sse_rocket::Sse;
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
        Self(SseBody::later(reconnection_time))
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

impl<'r> Responder<'r, 'static> for Sse {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        if self.0.is_empty() {
            // A body all the same: without one, Rocket would say how long it is, which no `204` may (RFC 9110, 8.6).
            response.status(Status::NoContent);
        } else {
            for (name, value) in header::RESPONSE {
                response.raw_header(name, value);
            }
        }
        if let Some(bytes) = self.0.without_events().filter(|bytes| !bytes.is_empty()) {
            return response.sized_body(bytes.len(), Cursor::new(bytes)).ok();
        }
        response.streamed_body(Body::new(self.0)).ok()
    }
}
