//! Changes of rights.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

use crate::access::Refused;
use crate::app::App;
use crate::notice::TOPICS;
use crate::session::Session;

#[derive(Deserialize)]
pub(crate) struct Change {
    user: String,
    topic: String,
    allowed: bool,
}

/// Grants a right or withdraws it. Streams that have lost theirs end at once, by [`Grant::ended`](crate::access::Grant).
pub(crate) async fn rights(
    State(app): State<Arc<App>>,
    by: Session,
    Json(change): Json<Change>,
) -> Result<StatusCode, Refused> {
    // Again: the body may have come hours after the head, and its session be over.
    let by = app.sessions.find(&by.handle).ok_or(Refused::NotLoggedIn)?;
    if !by.user.admin {
        return Err(Refused::NotAllowed);
    }
    let (Some(user), true) = (app.users.find(&change.user), TOPICS.contains(&change.topic.as_str())) else {
        return Ok(StatusCode::NOT_FOUND);
    };
    tracing::info!(
        by = by.user.name,
        user = user.name,
        topic = change.topic,
        allowed = change.allowed,
        "rights"
    );
    user.rights.send_modify(|rights| {
        if change.allowed {
            rights.insert(change.topic);
        } else {
            rights.remove(&change.topic);
        }
    });
    Ok(StatusCode::NO_CONTENT)
}
