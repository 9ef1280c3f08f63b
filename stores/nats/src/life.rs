//! One life of a log: how it is named, and how the next one begins.

use async_nats::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_sse_core::store::{Epoch, StoreError, StoreErrorKind};

use crate::api::{Failure, NOT_LAST, StreamState};
use crate::connection::{Server, Unanswered};
use crate::error;
use crate::index::{Head, VERSION};
use crate::tail::Tail;

/// A message under `state`. It is stored only behind the one that its writer knows, so no checkpoint comes behind the end of its life.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "lowercase")]
pub(crate) enum Landmark {
    Checkpoint(Head),
    Life(Life),
}

/// A message that begins a life: what is there counts, from its first message on, and no checkpoint before it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Life {
    v: u32,
    first: u64,
}

impl Landmark {
    pub(crate) fn read(tail: &Tail, sequence: u64, payload: &[u8]) -> Result<Self, StoreError> {
        #[derive(Deserialize)]
        struct Version {
            v: u32,
        }
        let stream = &tail.names.stream;
        if serde_json::from_slice::<Version>(payload).is_ok_and(|version| version.v > VERSION) {
            let words = format!("the stream `{stream}` has a newer version: update `typed-sse-nats`");
            return Err(StoreError::new(StoreErrorKind::Version, words));
        }
        match serde_json::from_slice(payload) {
            Ok(Self::Checkpoint(head)) => Ok(Self::Checkpoint(Head { sequence, ..head })),
            Ok(life) => Ok(life),
            Err(_) => Err(error::unreadable(&tail.names, sequence)),
        }
    }

    pub(crate) fn write(&self, server: &Server) -> Result<Vec<u8>, StoreError> {
        serde_json::to_vec(self).map_err(|_| error::unexpected(&server.name))
    }
}

/// Where whoever reads a log begins: what its newest [`Landmark`] says.
#[derive(Debug)]
pub(crate) struct Basis {
    /// Where the landmark lies; 0 if there is none yet.
    pub(crate) sequence: u64,
    /// Where the life begins, which is 0 for the first one.
    pub(crate) life: u64,
    /// The first message that was there then, without a checkpoint of this life; 0 if what is there does not say.
    pub(crate) first: u64,
    pub(crate) head: Option<Head>,
}

impl Basis {
    /// Of the stream that was made then.
    pub(crate) async fn of(server: &Server, tail: &Tail, created: &str) -> Result<Self, StoreError> {
        let newest = server.newest(&tail.names.stream, &tail.names.of("state")).await?;
        let Some(message) = newest else {
            return Ok(Self { sequence: 0, life: 0, first: 1, head: None });
        };
        let sequence = message.sequence;
        Ok(match Landmark::read(tail, sequence, &message.data)? {
            Landmark::Checkpoint(head) if head.epoch != epoch(head.life, created).to_string() => {
                // It came late, from the stream before this one.
                Self { sequence, life: 0, first: 0, head: None }
            }
            Landmark::Checkpoint(head) => Self { sequence, life: head.life, first: 1, head: Some(head) },
            Landmark::Life(life) => Self { sequence, life: sequence, first: life.first.max(1), head: None },
        })
    }
}

/// The name of the life that begins here: by when the stream was made, which is the same for all, and by where it begins.
pub(crate) fn epoch(sequence: u64, created: &str) -> Epoch {
    // FNV-1a, for it must be the same everywhere and for good.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in created.bytes().chain([0]).chain(sequence.to_be_bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    }
    // The last bytes have reached the low bits alone.
    hash = (hash ^ (hash >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash ^= hash >> 32;
    let mut text = [b'0'; 8];
    for digit in &mut text {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(hash % 36) as usize];
        hash /= 36;
    }
    let text = std::str::from_utf8(&text).unwrap_or_default();
    Epoch::parse(text).unwrap_or_else(Epoch::random)
}

/// Begins the next life, for what was missing by what this landmark says: unless another has come behind that, whoever wrote it.
pub(crate) async fn begin(server: &Server, tail: &Tail, before: u64) -> Result<(), StoreError> {
    let stream = &tail.names.stream;
    let Some(info) = server.stream(stream).await? else { return Ok(()) };
    // While it denies what it has, it takes one that is said to be the first.
    let StreamState { first_seq, last_seq, .. } = info.state;
    let has_any = (1..=last_seq).contains(&first_seq);
    if before == 0 && has_any && server.message(stream, first_seq).await?.is_none() {
        return Err(error::denied(&server.name));
    }
    let life = Landmark::Life(Life { v: VERSION, first: info.state.first_seq });
    publish(server, tail.names.of("state"), life.write(server)?, Some(before)).await.map(|_| ())
}

/// Publishes a message that is none of records: where it lies. With the sequence of the one before it under its subject, it is stored
/// only if nobody was faster; `None` if somebody was.
pub(crate) async fn publish(
    server: &Server,
    subject: String,
    payload: Vec<u8>,
    last: Option<u64>,
) -> Result<Option<u64>, StoreError> {
    let mut headers = HeaderMap::new();
    if let Some(last) = last {
        headers.insert("Nats-Expected-Last-Subject-Sequence", last.to_string());
    }
    let published = async {
        let number = server.up().await;
        let answer = server.ask_once(number, subject, headers, payload.into()).await;
        let answer = answer.map_err(|unanswered| match unanswered {
            Unanswered::Nobody => error::no_jetstream(&server.name),
            Unanswered::TooLong => error::unexpected(&server.name),
            Unanswered::Lost => error::unavailable(&server.name, "was lost before it had answered"),
        })?;
        match stored(&answer.payload) {
            Some(Ok(sequence)) => Ok(Some(sequence)),
            Some(Err(failure)) if failure.err_code == NOT_LAST => Ok(None),
            Some(Err(failure)) => {
                Err(error::said(&server.name, "stores nothing", failure.err_code, &failure.description))
            }
            None => Err(error::unexpected(&server.name)),
        }
    };
    server.within(published).await
}

/// What the server says to a message: where it is stored, or why it is not.
pub(crate) fn stored(answer: &[u8]) -> Option<Result<u64, Failure>> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    match answer.get("error") {
        Some(failure) => serde_json::from_value(failure.clone()).ok().map(Err),
        None => answer.get("seq")?.as_u64().map(Ok),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    #[test]
    fn a_newer_landmark_says_what_to_do() {
        let tail = Tail::new("market", crate::name::Names::new("sse", "market").unwrap());
        let read = |text: &str| Landmark::read(&tail, 7, text.as_bytes()).map_err(|error| error.kind());
        let text =
            r#"{"is":"checkpoint","v":1,"applied":5,"parts":[6],"first":2,"life":0,"epoch":"k3v9x2ab"}"#;
        assert!(
            matches!(read(text), Ok(Landmark::Checkpoint(head)) if (head.sequence, head.lowest()) == (7, 6))
        );
        assert!(matches!(
            read(r#"{"is":"life","v":1,"first":3}"#),
            Ok(Landmark::Life(Life { first: 3, .. }))
        ));
        assert_eq!(read(r#"{"is":"tree","v":2}"#).unwrap_err(), StoreErrorKind::Version);
        for text in ["", "{}", r#"{"is":"tree","v":1}"#, r#"{"is":"checkpoint","v":1}"#] {
            assert_eq!(read(text).unwrap_err(), StoreErrorKind::Corrupt, "{text}");
        }
    }

    #[test]
    fn every_life_has_its_name() {
        let named = |created, sequence| epoch(sequence, created).to_string();
        let names = [("2026-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1), ("2026-01-01T00:00:01Z", 0)];
        let names = names.map(|(created, sequence)| named(created, sequence));
        assert_eq!(named("2026-01-01T00:00:00Z", 0), names[0], "the same for all");
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2], "{names:?}");
    }
}
