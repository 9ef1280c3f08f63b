//! The request guard.

use std::convert::Infallible;

use rocket::request::{FromRequest, Outcome};
use rocket::{Request, async_trait};
use typed_sse_core::{self as core, LastEventIdSource, header};

/// Extracts the client's last event ID; hand it to [`Channel::subscribe`](core::Channel::subscribe).
///
/// It holds the [`LastEventId`](core::LastEventId) of `typed_sse`, which is no extractor.
///
/// It never rejects a request: an ID that is absent or malformed is empty. It is read from the header
/// `Last-Event-ID`; to look into a query parameter too, let Rocket manage a [`LastEventIdSource`]:
///
/// ```
/// use rocket::{get, routes};
/// use typed_sse_rocket::{LastEventId, LastEventIdSource};
///
/// #[get("/last")]
/// fn last(last: LastEventId) -> String {
///     last.0.to_string()
/// }
///
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// let app = rocket::build().manage(source).mount("/", routes![last]);
/// # let _ = app;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastEventId(pub core::LastEventId);

#[async_trait]
impl<'r> FromRequest<'r> for LastEventId {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let header_only = LastEventIdSource::new();
        let source = request.rocket().state().unwrap_or(&header_only);
        let header = request.headers().get_one(header::LAST_EVENT_ID).map(str::as_bytes);
        let query = request.uri().query().map(|query| query.as_str());
        Outcome::Success(Self(source.read(header, query)))
    }
}

impl From<LastEventId> for core::LastEventId {
    fn from(LastEventId(id): LastEventId) -> Self {
        id
    }
}
