//! The application: what its parts share, and the way in.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::routing::{get, post};
use typed_sse::{Channel, Topics};

use crate::notice::Notice;
use crate::session::Sessions;
use crate::token::Tokens;
use crate::user::{User, Users};
use crate::{admin, guard, login, page, stream};

/// What an [`App`] is made of.
pub(crate) struct Config {
    /// Where browsers reach this server, and after it the other origins whose pages may use its users' cookies.
    pub(crate) origins: Vec<HeaderValue>,
    /// Signs tokens: 64 random bytes (a block of SHA-256), the same on every server that shall accept them.
    pub(crate) key: [u8; 64],
    /// How long a token opens streams, and how long a stream that it opened may run.
    pub(crate) token_lifetime: Duration,
    /// How long a login lasts.
    pub(crate) session_lifetime: Duration,
    pub(crate) users: Vec<User>,
}

/// The state of the server.
pub(crate) struct App {
    pub(crate) topics: Topics<Notice>,
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) tokens: Tokens,
    pub(crate) token_lifetime: Duration,
    pub(crate) https: bool,
    origins: Vec<HeaderValue>,
}

/// Nobody needs more to log in; the default of axum is 2 MiB.
const MAX_BODY: usize = 16 << 10;

impl App {
    pub(crate) fn new(config: Config) -> Arc<Self> {
        Arc::new(Self {
            topics: Topics::builder().channel(Channel::builder().events(1000)).build(),
            users: Users::new(config.users),
            sessions: Sessions::new(config.session_lifetime),
            tokens: Tokens::new(config.key),
            token_lifetime: config.token_lifetime,
            https: config.origins.first().is_some_and(|own| own.as_bytes().starts_with(b"https:")),
            origins: config.origins,
        })
    }

    /// All routes, behind the guards.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let routes = Router::new()
            .merge(page::routes())
            .route("/login", post(login::login))
            .route("/logout", post(login::logout))
            .route("/session", get(login::session))
            .route("/token", post(stream::token))
            .route("/events", get(stream::events).layer(stream::last_event_id_source()))
            .route("/admin/rights", post(admin::rights))
            .layer(DefaultBodyLimit::max(MAX_BODY))
            .with_state(Arc::clone(self));
        guard::around(routes, self.origins.clone())
    }
}
