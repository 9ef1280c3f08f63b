//! Events on their way into a store by a way of its own.

use std::fmt;

use super::super::backing::Source;
use super::super::error::PublishError;
use crate::store::{Record, RecordKind, Store, StoreError, StoreErrorKind, StoredLog};

/// Events as a store keeps them, of which none is stored yet: see [`Channel::stage`](crate::Channel::stage).
#[non_exhaustive]
pub struct Staged<'a, S> {
    /// What keeps the log.
    pub store: &'a S,
    /// The log, in its present life.
    pub log: StoredLog,
    /// What [`append`](Store::append) takes, in this order.
    pub records: Vec<Record>,
}

impl<S> Staged<'_, S> {
    /// What [`Channel::publish`](crate::Channel::publish) would say if the store refused these records with this error.
    #[must_use]
    pub fn refused(&self, error: StoreError) -> PublishError {
        duplicate(error, &self.records)
    }
}

impl<S: fmt::Debug> fmt::Debug for Staged<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staged").field("store", self.store).field("log", &self.log).finish_non_exhaustive()
    }
}

pub(super) fn store_of<S: Store>(source: &Source) -> Result<&S, PublishError> {
    source.store_as().ok_or_else(not_stored)
}

pub(in super::super) fn not_stored() -> PublishError {
    let words =
        "no store of this type keeps the log of the channel: open it with `Channel::builder().store(..)`";
    PublishError::Store(StoreError::new(StoreErrorKind::Other, words))
}

/// The error of a batch of which an ID was stored before.
pub(super) fn duplicate(error: StoreError, records: &[Record]) -> PublishError {
    let is_duplicate = matches!(error.kind(), StoreErrorKind::DuplicateId { .. });
    let mut ids = records.iter().filter(|record| record.kind() == RecordKind::Event).filter_map(Record::id);
    match (ids.next(), ids.next()) {
        // Of several, the error itself says which.
        (Some(id), None) if is_duplicate => PublishError::DuplicateId { id: id.clone() },
        _ => PublishError::of_store(error),
    }
}
