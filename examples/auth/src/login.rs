//! Sessions by cookie.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::json;

use crate::access::{Refused, cookie_name};
use crate::app::App;
use crate::session::Session;
use crate::user::User;

#[derive(Deserialize)]
pub(crate) struct Login {
    user: String,
    password: String,
}

pub(crate) async fn login(
    State(app): State<Arc<App>>,
    before: Result<Session, Refused>,
    Json(login): Json<Login>,
) -> Result<impl IntoResponse, Refused> {
    let user = app.users.log_in(&login.user, login.password).await.inspect_err(|refused| {
        // Without the name: now and then it is a password.
        tracing::warn!(?refused, "a login failed");
    })?;
    if let Ok(before) = before {
        app.sessions.end(&before.handle);
    }
    tracing::info!(user = user.name, "logged in");
    let secret = app.sessions.start(Arc::clone(&user)).map_err(|_| Refused::Unavailable)?;
    let cookie = set_cookie(&app, &secret, app.sessions.lifetime.as_secs());
    Ok(([(SET_COOKIE, cookie)], known(&user)))
}

pub(crate) async fn logout(State(app): State<Arc<App>>, session: Session) -> impl IntoResponse {
    app.sessions.end(&session.handle);
    (StatusCode::NO_CONTENT, [(SET_COOKIE, set_cookie(&app, "", 0))])
}

pub(crate) async fn session(session: Session) -> impl IntoResponse {
    known(&session.user)
}

/// What a page may know of its session.
fn known(user: &User) -> Json<serde_json::Value> {
    Json(json!({ "user": user.name, "admin": user.admin, "topics": *user.rights.borrow() }))
}

/// `HttpOnly`: no script can carry it off. `SameSite=Lax`: no other site's page can send it with a POST, a `fetch` or an
/// `EventSource`. `Secure`: it does not travel in the clear. No `Domain`: no other host gets it.
fn set_cookie(app: &App, secret: &str, max_age: u64) -> String {
    let secure = if app.https { "; Secure" } else { "" };
    let name = cookie_name(app.https);
    format!("{name}={secret}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{secure}")
}
