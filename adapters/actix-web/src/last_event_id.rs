//! The extractor.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, HttpRequest};
use typed_sse_core::{self as core, LastEventIdSource, header};

/// Extracts the client's last event ID; hand it to [`Channel::subscribe`](core::Channel::subscribe).
///
/// It holds the [`LastEventId`](core::LastEventId) of `typed_sse`, which is no extractor.
///
/// It never rejects a request: an ID that is absent or malformed is empty. It is read from the header
/// `Last-Event-ID`; to look into a query parameter too, add a [`LastEventIdSource`] to the app's data:
///
/// ```
/// use actix_web::{App, web};
/// use typed_sse_actix_web::{LastEventId, LastEventIdSource};
///
/// async fn last(LastEventId(id): LastEventId) -> String {
///     id.to_string()
/// }
///
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// let app = App::new().app_data(source).route("/last", web::get().to(last));
/// # let _ = app;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastEventId(pub core::LastEventId);

impl FromRequest for LastEventId {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header_only = LastEventIdSource::new();
        let source = request.app_data().unwrap_or(&header_only);
        let header = request.headers().get(header::LAST_EVENT_ID).map(HeaderValue::as_bytes);
        ready(Ok(Self(source.read(header, request.uri().query()))))
    }
}

impl From<LastEventId> for core::LastEventId {
    fn from(LastEventId(id): LastEventId) -> Self {
        id
    }
}
