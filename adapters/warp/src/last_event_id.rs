//! The filter.

use std::convert::Infallible;

use typed_sse_core::{LastEventId, LastEventIdSource, header};
use warp::Filter;
use warp::http::HeaderValue;

/// Extracts the client's last event ID from the header `Last-Event-ID`; hand it to
/// [`Channel::subscribe`](typed_sse_core::Channel::subscribe).
///
/// It never rejects a request: an ID that is absent or malformed is empty.
pub fn last_event_id()
-> impl Filter<Extract = (LastEventId,), Error = Infallible> + Clone + Send + Sync + 'static {
    last_event_id_from(LastEventIdSource::new())
}

/// As [`last_event_id`], from where `source` says: to look into a query parameter too.
///
/// ```
/// use typed_sse_warp::{LastEventId, LastEventIdSource, last_event_id_from};
/// use warp::Filter;
///
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// let last = warp::path!("last").and(last_event_id_from(source)).map(|last: LastEventId| last.to_string());
/// # let _ = last;
/// ```
pub fn last_event_id_from(
    source: LastEventIdSource,
) -> impl Filter<Extract = (LastEventId,), Error = Infallible> + Clone + Send + Sync + 'static {
    let header = warp::header::value(header::LAST_EVENT_ID).map(Some).or(warp::any().map(|| None)).unify();
    let query = warp::query::raw().map(Some).or(warp::any().map(|| None)).unify();
    header.and(query).map(move |header: Option<HeaderValue>, query: Option<String>| {
        source.read(header.as_ref().map(HeaderValue::as_bytes), query.as_deref())
    })
}
