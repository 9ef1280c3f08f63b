//! What goes into a stored log.

use std::sync::Arc;

use super::super::backing::Backing;
use super::super::error::PublishError;
use super::super::log::Cursor;
use super::super::shared::Shared;
use super::staged::{self, Staged, duplicate};
use crate::encode::Unsequenced;
use crate::field::EventId;
use crate::store::{Record, RecordKind, Store};

impl Backing {
    /// Stores these events and returns their IDs, in order, once the window has them. Those that are ephemeral are not stored.
    pub(crate) async fn publish(
        &self,
        shared: &Arc<Shared>,
        events: Vec<Unsequenced>,
    ) -> Result<Vec<EventId>, PublishError> {
        let Split { order, records, live } = self.split(shared, events)?;
        let link = self.link();
        let mut stored = Vec::with_capacity(records.len());
        if !records.is_empty() {
            let (log, under_way) = (link.log(), link.source().own.begin());
            let appended = link.append(&log, &records).await;
            let appended = appended.map_err(|error| duplicate(error, &records))?;
            let events = records.iter().zip(&appended.positions);
            for (record, position) in events.filter(|(record, _)| record.kind() == RecordKind::Event) {
                let cursor = || Cursor::at(log.epoch(), *position).into();
                stored.push(record.id().cloned().unwrap_or_else(cursor));
            }
            let last = appended.positions.last().copied();
            under_way.done(log.epoch(), records, appended);
            if let Some(last) = last {
                link.until_seen(last).await;
            }
        }
        Ok(join(&order, stored, append_live(shared, live)?))
    }

    /// Has these events stored later on. The IDs are their own, or those of the place in front of them.
    pub(crate) fn publish_later(
        &self,
        shared: &Arc<Shared>,
        events: Vec<Unsequenced>,
    ) -> Result<Vec<EventId>, PublishError> {
        let Split { order, records, live } = self.split(shared, events)?;
        let cursor = || Cursor::at(shared.sequencer.epoch(), shared.sequencer.newest()).into();
        let events = records.iter().filter(|record| record.kind() == RecordKind::Event);
        let stored = events.map(|record| record.id().cloned().unwrap_or_else(cursor)).collect();
        if !records.is_empty() {
            self.link().put(records).map_err(PublishError::Store)?;
        }
        Ok(join(&order, stored, append_live(shared, live)?))
    }

    /// The records of these events, of which none may be ephemeral, and the log that they are for.
    pub(in super::super) fn stage<S: Store>(
        &self,
        shared: &Shared,
        events: Vec<Unsequenced>,
    ) -> Result<Staged<'_, S>, PublishError> {
        let link = self.link();
        let store = staged::store_of(link.source())?;
        let Split { records, live, .. } = self.split(shared, events)?;
        if live.is_empty() {
            Ok(Staged { store, log: link.log(), records })
        } else {
            Err(PublishError::Ephemeral)
        }
    }

    /// What goes to the store, and what does not.
    fn split(&self, shared: &Shared, events: Vec<Unsequenced>) -> Result<Split, PublishError> {
        self.check(shared, &events)?;
        let order = events.iter().map(Unsequenced::is_ephemeral).collect();
        let ends = events.iter().position(Unsequenced::is_terminal);
        if ends.is_some_and(|last| last + 1 < events.len()) {
            return Err(PublishError::Finished);
        }
        let (live, stored) = if events.iter().any(Unsequenced::is_ephemeral) {
            events.into_iter().partition(Unsequenced::is_ephemeral)
        } else {
            (Vec::new(), events)
        };
        let mut records = self.records(stored)?;
        if ends.is_some() {
            // In the same step, so that nothing gets behind the event.
            records.push(Record::finish(&**self.topic()));
        }
        Ok(Split { order, records, live })
    }

    /// What can be told without the store.
    fn check(&self, shared: &Shared, events: &[Unsequenced]) -> Result<(), PublishError> {
        let mut turn = shared.sequencer.turn();
        let log = shared.read_log();
        events.iter().try_for_each(|event| log.check(event, &mut turn))
    }

    fn records(&self, events: Vec<Unsequenced>) -> Result<Vec<Record>, PublishError> {
        let record = |event: Unsequenced| Record::from_frame(&**self.topic(), &event.freeze());
        events.into_iter().map(record).collect::<Result<_, _>>().map_err(PublishError::Encode)
    }
}

/// Events on their way into a stored log.
struct Split {
    /// Whether each is ephemeral.
    order: Vec<bool>,
    records: Vec<Record>,
    live: Vec<Unsequenced>,
}

fn append_live(shared: &Arc<Shared>, live: Vec<Unsequenced>) -> Result<Vec<EventId>, PublishError> {
    live.into_iter().map(|event| shared.append(event)).collect()
}

/// The IDs in the order in which the events came.
fn join(order: &[bool], stored: Vec<EventId>, live: Vec<EventId>) -> Vec<EventId> {
    let (mut stored, mut live) = (stored.into_iter(), live.into_iter());
    let ids = order.iter().filter_map(|is_live| if *is_live { live.next() } else { stored.next() });
    ids.collect()
}
