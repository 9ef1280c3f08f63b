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

/// The right to read topics until a time, unless it is withdrawn before.
pub(crate) struct Grant {
    pub(crate) topics: Rights,
    pub(crate) until: Instant,
    pub(crate) session: Session,
    rights: watch::Receiver<Rights>,
}

/// Why a request is refused. An `EventSource` does not come back after any of them; its page finds out by `GET /session`.
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
            // The time first: a session that has run out is cleared away at some login or other.
            biased;
            () = sleep_until(self.until) => Reason::Expired,
            // It never changes: this is the end of its sender.
            _ = self.session.alive.changed() => Reason::LoggedOut,
            _ = withdrawn => Reason::Withdrawn,
        }
    }
}

/// A session is what its cookie proves.
impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Refused> {
        let secret = cookie(&parts.headers, cookie_name(app.https));
        secret.and_then(|secret| app.sessions.find(&Sessions::handle(secret))).ok_or(Refused::NotLoggedIn)
    }
}

/// Over https, browsers take a `__Host-` cookie from this host alone, and not from a sibling of its domain.
pub(crate) const fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-session" } else { "session" }
}

/// For clients that can set a header, which keeps the token out of every URL.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    // Bytes, since the cookies of others in the same line may be anything.
    let mut pairs =
        headers.get_all(COOKIE).iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    let value = pairs.find_map(|pair| pair.trim_ascii().strip_prefix(name.as_bytes())?.strip_prefix(b"="));
    std::str::from_utf8(value?).ok()
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
