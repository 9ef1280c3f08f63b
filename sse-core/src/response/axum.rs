//! An extractor of axum.

use std::convert::Infallible;

use axum_core::extract::FromRequestParts;
use http::HeaderValue;
use http::request::Parts;

use super::header;
use super::last_event_id_source::LastEventIdSource;
use crate::field::LastEventId;

/// As an argument of an axum handler: the last event ID that the client sent. Hand it to
/// [`Channel::subscribe`](crate::Channel::subscribe).
///
/// It never rejects a request: an ID that is absent or malformed is empty. It is read from the header `Last-Event-ID`; to look into a
/// query parameter too, add a [`LastEventIdSource`] as an extension.
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let header_only = LastEventIdSource::new();
        let source = parts.extensions.get().unwrap_or(&header_only);
        let header = parts.headers.get(header::LAST_EVENT_ID).map(HeaderValue::as_bytes);
        Ok(source.read(header, parts.uri.query()))
    }
}
