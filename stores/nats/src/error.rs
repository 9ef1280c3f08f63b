//! Errors of the client and of the server, in our words.
//!
//! What a server says while a connection is made may hold what it was given: only its kind is told.

use async_nats::ConnectErrorKind;
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::index::Refusal;
use crate::name::Names;

pub(crate) fn unavailable(server: &str, wrong: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Unavailable, format!("the NATS server {server} {wrong}"))
}

pub(crate) fn unreachable(server: &str) -> StoreError {
    unavailable(server, "cannot be reached in time")
}

pub(crate) fn late(server: &str) -> StoreError {
    unavailable(server, "did not answer in time")
}

/// No connection could be made.
pub(crate) fn connecting(server: &str, kind: ConnectErrorKind) -> StoreError {
    let wrong = match kind {
        ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => {
            "does not take this user and password, or key"
        }
        ConnectErrorKind::TimedOut => "does not answer in time",
        ConnectErrorKind::Dns => "has an address that is not known: correct it",
        ConnectErrorKind::Tls => "cannot be reached with TLS: see its certificate, and whether it has one",
        _ => "takes no connection: start it, or correct the address",
    };
    unavailable(server, wrong)
}

/// The server answered with an error.
pub(crate) fn said(server: &str, what: &str, code: u64, description: &str) -> StoreError {
    let kind = match code {
        // `message size exceeds maximum allowed`.
        10054 => StoreErrorKind::TooLong,
        _ => StoreErrorKind::Unavailable,
    };
    StoreError::new(kind, format!("the NATS server {server} {what}: {description} ({code})"))
}

pub(crate) fn no_jetstream(server: &str) -> StoreError {
    unavailable(
        server,
        "has no JetStream for this user, or not yet: start it with `--jetstream`, or enable it for the account",
    )
}

pub(crate) fn denied(server: &str) -> StoreError {
    unavailable(server, "does not find a message that it has")
}

pub(crate) fn unexpected(server: &str) -> StoreError {
    let words = format!("the NATS server {server} answered what `typed-sse-nats` does not understand");
    StoreError::new(StoreErrorKind::Other, words)
}

pub(crate) fn another_life(log: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Epoch, format!("the log `{log}` has begun another life: open it again"))
}

pub(crate) fn corrupt(stream: &str, wrong: &str) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, format!("the stream `{stream}` {wrong}"))
}

/// What lies at this place is none of our checkpoints.
pub(crate) fn unreadable(names: &Names, sequence: u64) -> StoreError {
    let stream = &names.stream;
    let wrong = format!(
        "has a message under `{}` that is no checkpoint: delete it (`nats stream rmm {stream} {sequence}`), and let nothing else publish there",
        names.of("state")
    );
    corrupt(stream, &wrong)
}

pub(crate) fn refused(log: &str, producer: Option<&str>, refusal: Refusal) -> StoreError {
    let producer = producer.unwrap_or_default();
    let (kind, words) = match refusal {
        Refusal::DuplicateId { topic, id, position } => (
            StoreErrorKind::DuplicateId { position },
            format!("the topic `{topic}` retains an event of the ID `{id}`"),
        ),
        Refusal::Finished { topic } => (
            StoreErrorKind::Finished,
            format!("the topic `{topic}` is finished: nothing more can be appended"),
        ),
        Refusal::Gap { expected } => (
            StoreErrorKind::Gap { expected },
            format!("batches of `{producer}` are missing: {expected} comes next"),
        ),
        Refusal::Fenced { epoch } => (
            StoreErrorKind::Fenced { epoch },
            format!("`{producer}` goes on in a newer epoch: this one may store nothing"),
        ),
        Refusal::Epoch => return another_life(log),
        Refusal::NoRecord => (StoreErrorKind::Other, "the batch is none that can be stored".to_owned()),
    };
    StoreError::new(kind, words)
}
