//! What a request may read, and for how long.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::header::{AUTHORIZATION, COOKIE, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::app::App;
use crate::notice::Reason;
use crate::session::{Session, Sessions};
use crate::user::Rights;

/// A session that its cookie has proved.
pub(crate) struct LoggedIn(pub(crate) Session);

/// The right to read topics until a time, unless it is withdrawn before.
pub(crate) struct Grant {
    pub(crate) topics: Rights,
    pub(crate) until: Instant,
    pub(crate) session: Session,
    rights: watch::Receiver<Rights>,
}

/// Why a request is refused. An `EventSource` does not come back after either, and its page asks for a new token.
#[derive(Debug)]
pub(crate) enum Refused {
    /// No session, no token, or one that is not good (any more): which of them is nobody's business.
    NotLoggedIn,
    /// The same for a topic that does not exist, so that nobody learns which ones do.
    NotAllowed,
    /// The server cannot; it is nobody's fault.
    Unavailable,
}

impl Grant {
    /// Checks what the session may read now; what it could read when its token was made does not count.
    pub(crate) fn new(session: Session, topics: Rights, until: Instant) -> Result<Self, Refused> {
        let rights = session.user.rights.subscribe();
        // All or nothing: a stream that left a topic out would look like one in which nothing happens.
        if topics.is_empty() || !topics.is_subset(&rights.borrow()) {
            return Err(Refused::NotAllowed);
        }
        Ok(Self { topics, until: until.min(session.expires), session, rights })
    }

    /// A grant by a token in the query or in a header.
    pub(crate) fn by_token(app: &App, token: &str) -> Result<Self, Refused> {
        let (claims, expires) = app.tokens.check(token).ok_or(Refused::NotLoggedIn)?;
        let session = app.sessions.find(&claims.session).ok_or(Refused::NotLoggedIn)?;
        Self::new(session, claims.topics, expires)
    }

    /// Waits until it has ended, and says why.
    pub(crate) async fn ended(mut self) -> Reason {
        let withdrawn = self.rights.wait_for(|rights| !self.topics.is_subset(rights));
        tokio::select! {
            () = sleep_until(self.until) => Reason::Expired,
            _ = withdrawn => Reason::Withdrawn,
            // It never changes: this is the end of its sender.
            _ = self.session.alive.changed() => Reason::LoggedOut,
        }
    }
}

impl FromRequestParts<Arc<App>> for LoggedIn {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let session = cookie(&parts.headers, cookie_name(app.https));
        let session = session.and_then(|secret| app.sessions.find(&Sessions::handle(secret)));
        session.map(Self).ok_or(Refused::NotLoggedIn)
    }
}

/// Over https, browsers take a `__Host-` cookie from this host alone, and not from a sibling of its domain.
pub(crate) const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-session" } else { "session" }
}

/// For clients that can set a header, which keeps the token out of every URL.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::NotLoggedIn => {
                (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Bearer")], "log in, or get a new token")
                    .into_response()
            }
            Self::NotAllowed => (StatusCode::FORBIDDEN, "not yours: ask for fewer topics").into_response(),
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}
