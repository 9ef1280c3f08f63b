//! Errors of the client and of the server, in our words.
//!
//! What a server says may hold a row of the application's, and what a client says of a URL a password: of both, only the kind is told.

use tokio_postgres::Error;
use tokio_postgres::error::SqlState;
use typed_sse_core::store::{StoreError, StoreErrorKind};

/// Why a statement has no answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: StoreError,
    /// Whether another connection may do better at once.
    pub(crate) is_lost: bool,
    /// Whether the server has said that it did nothing.
    pub(crate) is_refusal: bool,
    /// Whether another statement would fare alike, such as one that has to wait for the same transaction.
    pub(crate) is_of_all: bool,
}

impl Failure {
    pub(crate) const fn sure(error: StoreError) -> Self {
        Self { error, is_lost: false, is_refusal: true, is_of_all: false }
    }

    /// The error of those that were to be sent next, and are not: they have stored nothing.
    pub(crate) fn rest(&self) -> Option<StoreError> {
        (self.is_lost || self.is_of_all).then(|| StoreError::new(self.error.kind(), self.error.to_string()))
    }

    /// Of a statement that stores.
    pub(crate) fn of_append(self) -> StoreError {
        if self.is_refusal { self.error } else { self.error.unsure() }
    }
}

/// Of a statement that stores nothing.
impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.error
    }
}

pub(crate) fn unavailable(server: &str, wrong: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format!("the Postgres server {server} {wrong}"))
}

/// No connection could be made.
pub(crate) fn connecting(server: &str, error: &Error) -> StoreError {
    #[cfg(feature = "tls")]
    if let Some(wrong) = crate::tls::refused(error) {
        return unavailable(server, wrong);
    }
    match error.code().map(SqlState::code) {
        Some(code) if code.starts_with("28") => unavailable(server, "does not take this user and password"),
        Some("3D000") => unavailable(server, "has no such database"),
        Some("53300") => {
            unavailable(server, "has no connection left: raise `max_connections`, or use a pooler")
        }
        Some("57P03") => unavailable(server, "is starting or stopping"),
        Some(code) => unavailable(server, &format!("refused the connection (SQLSTATE {code})")),
        None => {
            unavailable(server, "takes no connection: start it, or correct the address, the password or TLS")
        }
    }
}

/// A pooler is to be listened at.
pub(crate) fn pooler(server: &str) -> StoreError {
    let words = format!(
        "the Postgres server {server} is reached through a pooler in transaction mode, which keeps no `LISTEN`: give the URL past it to `listen_at`, or have `listen(false)` look once a second"
    );
    StoreError::new(StoreErrorKind::Other, words)
}

/// What is listened at is not what is read.
pub(crate) fn elsewhere(listens: &str, reads: &str) -> StoreError {
    let words = format!(
        "`listen_at` leads to {listens}, which is another database than that of {reads}: nothing would be heard there"
    );
    StoreError::new(StoreErrorKind::Other, words)
}

/// The runtime that waits for an answer has ended.
pub(crate) fn stopped() -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, "the runtime in which Postgres is asked has ended")
}

/// A statement was sent, and failed.
pub(crate) fn calling(server: &str, schema: &str, error: &Error) -> Failure {
    failed(server, schema, error.code().map(SqlState::code))
}

/// The same of the application's `sqlx`.
#[cfg(feature = "sqlx")]
pub(crate) fn calling_sqlx(server: &str, schema: &str, error: &sqlx::Error) -> Failure {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    failed(server, schema, code.as_deref())
}

/// With this SQLSTATE, if the server has answered.
fn failed(server: &str, schema: &str, code: Option<&str>) -> Failure {
    let Some(code) = code else {
        let lost = unavailable(server, "was lost before it had answered");
        return Failure { error: lost, is_lost: true, is_refusal: false, is_of_all: true };
    };
    let other = |kind, words: String| Failure::sure(StoreError::new(kind, words));
    match code {
        "3F000" | "42P01" | "42883" | "42703" => other(StoreErrorKind::Version, no_schema(server, schema)),
        "42501" => other(
            StoreErrorKind::Other,
            format!(
                "the user may not use the schema `{schema}` of the Postgres server {server}: grant what the documentation of `typed-sse-postgres` lists"
            ),
        ),
        "54000" | "54023" => other(
            StoreErrorKind::TooLong,
            format!("the Postgres server {server} takes no record or name of this length (SQLSTATE {code})"),
        ),
        "55P03" => {
            let words = "has a transaction that holds the log: it did not end in time";
            Failure { is_of_all: true, ..Failure::sure(unavailable(server, words)) }
        }
        "25006" => Failure {
            is_lost: true,
            ..Failure::sure(unavailable(
                server,
                "takes no writes here: it is a replica, the transaction was begun read-only, or `default_transaction_read_only` is on",
            ))
        },
        "57014" => Failure::sure(unavailable(server, "cancelled a statement: see its `statement_timeout`")),
        // It may have been carried out when the server stopped.
        _ if code.starts_with("57") || code.starts_with("08") => {
            let stopped = unavailable(server, &format!("ended the connection (SQLSTATE {code})"));
            Failure { error: stopped, is_lost: true, is_refusal: false, is_of_all: true }
        }
        _ => Failure::sure(unavailable(server, &format!("refused a statement (SQLSTATE {code})"))),
    }
}

pub(crate) fn no_schema(server: &str, schema: &str) -> String {
    format!(
        "the Postgres server {server} has no schema `{schema}` of this version: run `Postgres::MIGRATION` in the database"
    )
}

pub(crate) fn another_life(log: &str) -> StoreError {
    let words = format!("the log `{log}` has begun another life: open it again");
    StoreError::new(StoreErrorKind::Epoch, words)
}

#[cfg(feature = "sqlx")]
pub(crate) fn no_transaction() -> StoreError {
    let words =
        "this connection of `sqlx` has no open transaction: begin one with `begin`, and publish in that";
    StoreError::new(StoreErrorKind::Other, words)
}

pub(crate) fn unexpected(server: &str) -> StoreError {
    let words = format!(
        "the Postgres server {server} answered what nothing of `typed-sse-postgres` does: compare its schema with `Postgres::migration`"
    );
    StoreError::new(StoreErrorKind::Other, words)
}
