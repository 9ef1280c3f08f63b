//! The last event ID of a request.

use http::{HeaderMap, HeaderValue, Uri};
use typed_sse_core::{LastEventId, LastEventIdSource, header};

/// Reads the last event ID of a request from where `source` says; empty where the client sent none that could be
/// used.
///
/// ```
/// use http::{HeaderMap, Uri};
/// use typed_sse_http::{LastEventIdSource, last_event_id};
///
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// let uri = Uri::from_static("/events?last_event_id=k3v9x2ab-7");
/// assert_eq!(last_event_id(&source, &HeaderMap::new(), &uri).as_str(), "k3v9x2ab-7");
/// ```
#[must_use]
pub fn last_event_id(source: &LastEventIdSource, headers: &HeaderMap, uri: &Uri) -> LastEventId {
    source.read(headers.get(header::LAST_EVENT_ID).map(HeaderValue::as_bytes), uri.query())
}
