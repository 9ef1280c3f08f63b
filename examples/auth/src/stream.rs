//! Event streams, and the tokens that open them.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use typed_sse::{Frame, SseEvent as _, Start, SubscriptionError, TopicsSubscription};
use typed_sse_axum::{LastEventId, LastEventIdSource, Sse};

use crate::access::{Grant, Refused, bearer};
use crate::app::App;
use crate::notice::Notice;
use crate::session::Session;
use crate::user::Rights;

#[derive(Deserialize)]
pub(crate) struct Scope {
    topics: Rights,
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    token: Option<String>,
    /// Separated by commas; for a stream by cookie. A token names its own.
    #[serde(default)]
    topics: String,
}

/// A new `EventSource` has no header `Last-Event-ID`, even if its page knows the ID from the one before.
pub(crate) fn last_event_id_source() -> Extension<LastEventIdSource> {
    Extension(LastEventIdSource::new().or_query("last_event_id"))
}

/// A token for these topics, for one who is logged in by cookie: a token cannot renew itself.
pub(crate) async fn token(
    State(app): State<Arc<App>>,
    session: Session,
    Json(Scope { topics }): Json<Scope>,
) -> Result<Json<Value>, Refused> {
    let now = Instant::now();
    let grant = Grant::new(session, topics, now + app.token_lifetime)?;
    let token = app.tokens.issue(&grant).ok_or(Refused::Unavailable)?;
    // From now, in seconds: the clock of the page may be wrong.
    Ok(Json(json!({ "token": token, "expires_in": grant.until.duration_since(now).as_secs_f64() })))
}

/// Streams the topics of a token, or those that are named to the session of a cookie.
pub(crate) async fn events(
    State(app): State<Arc<App>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    session: Result<Session, Refused>,
    last: LastEventId,
) -> Result<impl IntoResponse, Refused> {
    let grant = match wanted.token.as_deref().or_else(|| bearer(&headers)) {
        Some(token) => Grant::by_token(&app, token)?,
        None => {
            let session = session?;
            let until = session.expires;
            Grant::new(session, wanted.topics.split(',').map(str::to_owned).collect(), until)?
        }
    };
    // Checked before, whatever the last event ID says: it is a place in these topics, and no right to any.
    let subscription = app.topics.subscribe(&grant.topics, last).map_err(|_| Refused::Unavailable)?;
    // Whoever has seen no event has no ID to resume by: it loses nothing between two tokens if it begins at the start.
    Ok(Sse::new(while_granted(subscription.start(Start::Earliest), grant)))
}

/// The subscription, up to where the grant ends; then why, with a reconnection time.
fn while_granted(
    subscription: TopicsSubscription<Notice>,
    grant: Grant,
) -> impl Stream<Item = Result<Frame, SubscriptionError>> + Send {
    let ended = Box::pin(grant.ended());
    stream::unfold(Some((subscription, ended)), async |state| {
        let (mut subscription, mut ended) = state?;
        tokio::select! {
            // The end first: however much there is to send, nothing is read behind it.
            biased;
            reason = &mut ended => {
                let last = Notice::AccessEnded { reason }.to_frame().ok()?;
                Some((Ok(last), None))
            }
            item = subscription.next() => Some((item?, Some((subscription, ended)))),
        }
    })
}
