//! One life of a log: how it is named, and how the next one begins.

use async_nats::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use typed_sse_core::store::{Epoch, StoreError};

use crate::api::{Failure, NOT_LAST};
use crate::apply::read_head;
use crate::connection::{Server, Unanswered};
use crate::error;
use crate::index::Head;
use crate::tail::Tail;

/// A message that begins a life: what is there counts, from its first message on, and no checkpoint before it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Life {
    pub(crate) first: u64,
    /// Where it begins.
    #[serde(skip)]
    pub(crate) sequence: u64,
    /// The same, if the message is there still.
    #[serde(skip)]
    message: u64,
}

impl Life {
    const FIRST: Self = Self { first: 1, sequence: 0, message: 0 };

    /// The epoch of the one that began here, in the stream that was made then.
    pub(crate) fn epoch_at(sequence: u64, created: &str) -> Epoch {
        Self { sequence, ..Self::FIRST }.epoch(created)
    }

    /// The newest. The first one has no message; that of another may be trimmed, and the newest checkpoint knows it.
    pub(crate) async fn of(server: &Server, tail: &Tail, head: Option<&Head>) -> Result<Self, StoreError> {
        let names = &tail.names;
        let Some(message) = server.newest(&names.stream, &names.of("life")).await? else {
            return Ok(Self { sequence: head.map_or(0, |head| head.life), ..Self::FIRST });
        };
        let life: Self = serde_json::from_slice(&message.data).map_err(|_| {
            error::corrupt(&names.stream, "has a message `life` that `typed-sse-nats` did not write")
        })?;
        Ok(Self { first: life.first, sequence: message.sequence, message: message.sequence })
    }

    /// Its name: by when the stream was made, which is the same for all, and by where it begins.
    pub(crate) fn epoch(self, created: &str) -> Epoch {
        // FNV-1a, for it must be the same everywhere and for good.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in created.bytes().chain([0]).chain(self.sequence.to_be_bytes()) {
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
}

/// Begins the next life, unless somebody else has.
pub(crate) async fn begin(server: &Server, tail: &Tail) -> Result<(), StoreError> {
    let Some(info) = server.stream(&tail.names.stream).await? else { return Ok(()) };
    let life = Life::of(server, tail, newest_head(server, tail).await?.as_ref()).await?;
    let next = Life { first: info.state.first_seq, ..life };
    let payload = serde_json::to_vec(&next).map_err(|_| error::unexpected(&server.name))?;
    publish(server, tail.names.of("life"), payload, Some(life.message)).await.map(|_| ())
}

/// The newest checkpoint.
pub(crate) async fn newest_head(server: &Server, tail: &Tail) -> Result<Option<Head>, StoreError> {
    let head = server.newest(&tail.names.stream, &tail.names.of("state")).await?;
    head.map(|message| read_head(tail, message.sequence, &message.data)).transpose()
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
mod tests {
    use super::*;

    #[test]
    fn every_life_has_its_name() {
        let epoch = |created, sequence| Life::epoch_at(sequence, created).to_string();
        let names = [("2026-01-01T00:00:00Z", 0), ("2026-01-01T00:00:00Z", 1), ("2026-01-01T00:00:01Z", 0)];
        let names = names.map(|(created, sequence)| epoch(created, sequence));
        assert_eq!(epoch("2026-01-01T00:00:00Z", 0), names[0], "the same for all");
        assert!(names[0] != names[1] && names[1] != names[2] && names[0] != names[2], "{names:?}");
    }
}
