//! The extractor.

use std::convert::Infallible;

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use typed_sse_core as core;
use typed_sse_http::{LastEventIdSource, last_event_id};

/// Extracts the client's last event ID; hand it to [`Channel::subscribe`](core::Channel::subscribe).
///
/// It holds the [`LastEventId`](core::LastEventId) of `typed_sse`, which is no extractor.
///
/// It never rejects a request: an ID that is absent or malformed is empty. It is read from the header
/// `Last-Event-ID`; to look into a query parameter too, add a [`LastEventIdSource`] as an extension:
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use typed_sse_axum::{LastEventId, LastEventIdSource};
///
/// async fn last(LastEventId(id): LastEventId) -> String {
///     id.to_string()
/// }
///
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// let app: Router = Router::new().route("/last", get(last)).layer(Extension(source));
/// # let _ = app;
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastEventId(pub core::LastEventId);

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header_only = LastEventIdSource::new();
        let source = parts.extensions.get().unwrap_or(&header_only);
        Ok(Self(last_event_id(source, &parts.headers, &parts.uri)))
    }
}

impl From<LastEventId> for core::LastEventId {
    fn from(LastEventId(id): LastEventId) -> Self {
        id
    }
}
