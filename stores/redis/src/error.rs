//! Errors of the client and of the server, in our words.
//!
//! What a server says while a connection is made may hold the password that it was given: only its kind is told.

use redis::{ErrorKind, RedisError, ServerErrorKind};
use typed_sse_core::store::{StoreError, StoreErrorKind};

/// Why a command has no answer.
pub(crate) struct Failure {
    error: StoreError,
    /// Whether it may have been carried out.
    is_unsure: bool,
    /// Whether another connection may do better at once.
    pub(crate) is_lost: bool,
}

impl Failure {
    pub(crate) const fn sure(error: StoreError) -> Self {
        Self { error, is_unsure: false, is_lost: false }
    }

    pub(crate) const fn unsure(error: StoreError) -> Self {
        Self { error, is_unsure: true, is_lost: false }
    }

    pub(crate) fn lost(self, is_lost: bool) -> Self {
        Self { is_lost, ..self }
    }

    /// Nothing was to be stored yet.
    pub(crate) fn before(self) -> Self {
        Self { is_unsure: false, ..self }
    }

    /// Of a command that stores.
    pub(crate) fn of_append(self) -> StoreError {
        if self.is_unsure { self.error.unsure() } else { self.error }
    }
}

/// Of a command that stores nothing.
impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

pub(crate) fn unavailable(server: &str, wrong: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format!("the Redis server {server} {wrong}"))
}

/// What a server says that wants a password and was given none.
const NO_PASSWORD: &str = "wants a password, and the URL has none: `redis://user:password@host:port`";

const WRONG_PASSWORD: &str = "does not take this user and password";

/// No connection could be made.
pub(crate) fn connecting(server: &str, error: &RedisError) -> StoreError {
    let wrong = match error.kind() {
        _ if has_no_password(error) => NO_PASSWORD.to_owned(),
        ErrorKind::AuthenticationFailed => WRONG_PASSWORD.to_owned(),
        _ if error.code() == Some("WRONGPASS") => WRONG_PASSWORD.to_owned(),
        ErrorKind::InvalidClientConfig => {
            let words = format!(
                "the Redis server {server} cannot be reached with this URL: `rediss:` needs the feature `tls`"
            );
            return StoreError::new(StoreErrorKind::Other, words);
        }
        _ if error.is_timeout() => "does not answer in time".to_owned(),
        _ if error.is_connection_refusal() => {
            "takes no connection: start it, or correct the address".to_owned()
        }
        _ if error.detail().is_some_and(|detail| detail.contains("DB index")) => {
            "has no such database: correct the number behind the port, or leave it out".to_owned()
        }
        kind => format!("cannot be reached ({})", of_kind(kind)),
    };
    unavailable(server, &wrong)
}

/// A command was sent, and failed.
pub(crate) fn calling(server: &str, error: RedisError) -> Failure {
    match error.kind() {
        // It may have been carried out before the connection was lost.
        ErrorKind::Io | ErrorKind::Parse => {
            let wrong =
                if error.is_timeout() { "did not answer in time" } else { "was lost before it had answered" };
            let is_lost = !error.is_timeout();
            Failure::unsure(unavailable(server, wrong).with_source(error)).lost(is_lost)
        }
        ErrorKind::UnexpectedReturnType => Failure::unsure(unexpected(server)),
        _ if has_no_password(&error) => Failure::sure(unavailable(server, NO_PASSWORD).with_source(error)),
        _ => {
            let words = format!("refused a command: {}", error.code().unwrap_or("ERR"));
            Failure::sure(unavailable(server, &words).with_source(error))
        }
    }
}

fn has_no_password(error: &RedisError) -> bool {
    // Of what else is sent while a connection is made, only the words are left.
    error.code() == Some("NOAUTH")
        || error.detail().is_some_and(|detail| detail.contains("Authentication required"))
}

/// Whether the connection is good for nothing more.
pub(crate) fn is_lost(error: &RedisError) -> bool {
    // A server that became a replica takes writes no more: the name may lead to another one by now.
    let has_moved = matches!(
        error.kind(),
        ErrorKind::Server(
            ServerErrorKind::ReadOnly | ServerErrorKind::MasterDown | ServerErrorKind::BusyLoading
        )
    );
    error.is_io_error() || error.is_unrecoverable_error() || has_moved
}

/// Whether the server does not know a script, or not any more.
pub(crate) fn is_no_script(error: &RedisError) -> bool {
    let is_it = |kind| kind == ErrorKind::Server(ServerErrorKind::NoScript);
    // Of a transaction, the errors lie within.
    let within = || error.clone().into_server_errors();
    is_it(error.kind())
        || within().is_some_and(|errors| errors.iter().any(|(_, error)| error.code() == "NOSCRIPT"))
}

pub(crate) fn unexpected(server: &str) -> StoreError {
    let words = format!("the Redis server {server} answered what no script of `typed-sse-redis` does");
    StoreError::new(StoreErrorKind::Other, words)
}

pub(crate) fn another_life(log: &str) -> StoreError {
    let words = format!("the log `{log}` has begun another life: open it again");
    StoreError::new(StoreErrorKind::Epoch, words)
}

const fn of_kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Io => "its connection broke",
        ErrorKind::Parse => "it does not speak Redis's protocol",
        ErrorKind::Server(ServerErrorKind::BusyLoading) => "it is loading its data",
        ErrorKind::Server(ServerErrorKind::NoPerm) => "its user may not do this",
        _ => "it refused the connection",
    }
}
