//! What a message of the stream does to what is known of the log.

use std::sync::Arc;

use typed_sse_core::store::{RecordError, StoreError, StoreErrorKind};

use crate::consumer::Delivery;
use crate::index::{Refusal, Verdict};
use crate::life::Landmark;
use crate::message::{EPOCH, Incoming, MESSAGE_ID};
use crate::name::Subject;
use crate::tail::{State, Tail};

/// What follows from a message.
pub(crate) enum Applied {
    Done,
    /// Another life of the log began.
    Life,
}

/// Applies a message. Up to `trusted`, a checkpoint says what became of it.
pub(crate) fn apply(
    tail: &Tail,
    state: &mut State,
    trusted: u64,
    delivery: &Delivery,
) -> Result<Applied, StoreError> {
    let Delivery { sequence, at, .. } = *delivery;
    let subject = tail.names.read(&delivery.subject);
    let Some(index) = &mut state.index else { return Ok(Applied::Done) };
    match subject {
        Subject::Events(topic) => return records(tail, state, trusted, delivery, Some(topic)),
        Subject::Batch => return records(tail, state, trusted, delivery, None),
        _ if sequence <= trusted => index.restore(sequence, at, &[]),
        Subject::State => match Landmark::read(tail, sequence, &delivery.payload)? {
            Landmark::Life(_) if sequence > state.life => return Ok(Applied::Life),
            Landmark::Life(_) => {
                index.pass(sequence, at);
                state.ends_life(sequence);
            }
            Landmark::Checkpoint(head) => {
                index.pass(sequence, at);
                if head.epoch != index.epoch.to_string() {
                    // It says nothing of this life.
                    index.set_part(sequence);
                } else if index.head.as_ref().is_none_or(|known| known.sequence < sequence) {
                    index.set_head(head);
                }
            }
        },
        Subject::StatePart => {
            index.pass(sequence, at);
            index.set_part(sequence);
        }
        Subject::Limits => {
            index.pass(sequence, at);
            match serde_json::from_slice(&delivery.payload) {
                Ok(limits) => index.set_limits(sequence, limits),
                // It goes, as all that says nothing.
                Err(_) => {
                    index.set_idle(sequence);
                    return Ok(Applied::Done);
                }
            }
        }
        Subject::Tick | Subject::Unknown => {
            index.pass(sequence, at);
            index.set_idle(sequence);
            return Ok(Applied::Done);
        }
    }
    state.anchor = (sequence, at);
    Ok(Applied::Done)
}

fn records(
    tail: &Tail,
    state: &mut State,
    trusted: u64,
    delivery: &Delivery,
    topic: Option<String>,
) -> Result<Applied, StoreError> {
    let Delivery { sequence, at, .. } = *delivery;
    let headers = delivery.headers.as_ref();
    let header = |name: &str| headers.and_then(|headers| headers.get(name)).map(|value| value.as_str());
    let Incoming { records, token } = Incoming::read(topic, headers, &delivery.payload);
    if let Err(error) = &records {
        check_version(tail, error)?;
    }
    // What lay there when this life began is part of it, unless it came too late for its own.
    let is_of_before = sequence < state.life && header(EPOCH).is_none_or(|epoch| !state.is_over(epoch));
    let Some(index) = &mut state.index else { return Ok(Applied::Done) };
    let records = match records {
        Ok(records) => records,
        Err(_) => Arc::from([]),
    };
    let is_of_life = is_of_before || header(EPOCH).is_none_or(|epoch| epoch == index.epoch.to_string());
    let verdict = if sequence <= trusted {
        index.restore(sequence, at, &records);
        None
    } else if is_of_life {
        Some(index.apply(sequence, at, &records, token.as_ref()))
    } else {
        index.pass(sequence, at);
        index.set_idle(sequence);
        Some(Verdict::Refused(Refusal::Epoch))
    };
    if matches!(verdict, None | Some(Verdict::Stored(_))) {
        state.anchor = (sequence, at);
        state.keep(sequence, records, delivery.payload.len());
    }
    if let (Some(id), Some(verdict)) = (header(MESSAGE_ID), verdict) {
        tail.tell(id, verdict);
    }
    Ok(Applied::Done)
}

/// A record of a newer version is not refused: others have taken it.
fn check_version(tail: &Tail, error: &RecordError) -> Result<(), StoreError> {
    if error.field() != "v" {
        return Ok(());
    }
    let words = format!("the stream `{}` has a record that cannot be read: {error}", tail.names.stream);
    Err(StoreError::new(StoreErrorKind::Version, words))
}
