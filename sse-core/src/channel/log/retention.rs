//! How much a log keeps, and what it takes.

use std::time::Duration;

use super::super::error::PublishError;
use super::{Cursor, Epoch};
use crate::encode::Unsequenced;
use crate::field::{EncodeError, EncodeErrorKind, EventId, LastEventId};

#[derive(Clone, Debug)]
pub(crate) struct Retention {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    /// The most that a single one can have.
    pub(crate) event_bytes: usize,
    pub(crate) age: Option<Duration>,
    /// So many of the newest events of their keys are kept beyond the other bounds.
    pub(crate) keys: usize,
    /// So many ephemeral events are kept for live readers that are behind.
    pub(crate) ephemeral: usize,
}

impl Retention {
    /// So many own IDs of trimmed events are remembered.
    pub(crate) fn remembered(&self) -> usize {
        self.events
    }

    /// What can be told of an event by itself, in this life of a log.
    pub(crate) fn check(&self, event: &Unsequenced, epoch: Epoch) -> Result<(), PublishError> {
        let limit = self.bytes.min(self.event_bytes);
        if event.len() > limit {
            return Err(PublishError::TooLong { len: event.len(), limit });
        }
        let Some(id) = event.own_id() else { return Ok(()) };
        check_returns(id).map_err(PublishError::Encode)?;
        match Cursor::parse(id).is_some_and(|cursor| cursor.epoch == epoch) {
            true => Err(PublishError::CursorId { id: EventId::from_legal(id.to_owned()) }),
            false => Ok(()),
        }
    }
}

/// What a client could not send back as it is in a `Last-Event-ID` header, or what would not be read there.
fn check_returns(id: &str) -> Result<(), EncodeError> {
    if id.len() > LastEventId::MAX_LEN {
        return Err(EncodeError::new("id", EncodeErrorKind::TooLong));
    }
    // RFC 9110, section 5.5: a field value has no white space around it, and no control characters but the tab.
    let trimmed = id.trim_matches([' ', '\t']) != id;
    if trimmed || id.bytes().any(|byte| byte.is_ascii_control() && byte != b'\t') {
        return Err(EncodeError::new("id", EncodeErrorKind::NotReturnable));
    }
    Ok(())
}
