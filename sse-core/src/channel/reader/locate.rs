//! What a client's ID stands for, where a store has to be asked.

use std::sync::Arc;

use super::super::backing::Backing;
use super::super::log::{Cursor, Place, Sequencer, Stand};
use super::super::shared::Shared;
use super::super::sight::Call;
use super::answer::Answer;
use crate::store::StoreError;

/// Where an ID stands that was looked up, in the life that the log had then; `None` where the log knows by itself, or nobody does.
pub(crate) type Locating = Answer<Option<Cursor>>;

impl Locating {
    /// Looks an ID up for the client of these logs, of one sequence, where a store keeps them. `None` if there is nothing to wait
    /// for.
    pub(crate) fn ask<'a>(
        sequencer: &Arc<Sequencer>,
        logs: impl Iterator<Item = &'a Arc<Shared>>,
        id: &str,
    ) -> Option<Self> {
        let logs: Vec<_> = logs.filter(|log| log.backing.is_some()).map(Arc::clone).collect();
        let is_ready = |log: &Arc<Shared>| log.backing.as_ref().is_some_and(Backing::is_loaded);
        let has_begun = sequencer.is_of_many() && sequencer.locate(id).has_begun();
        if logs.is_empty() || logs.iter().all(is_ready) && !has_begun && sequencer.knows(id) {
            return None;
        }
        let runtime = logs.iter().find_map(|log| Some(log.backing.as_ref()?.link().runtime().clone()))?;
        let (sequencer, id) = (Arc::clone(sequencer), id.to_owned());
        Some(Self::spawn(&runtime, async move {
            for backing in logs.iter().filter_map(|log| log.backing.as_ref()) {
                backing.until_loaded().await?;
            }
            if has_begun {
                for log in &logs {
                    log.look_at_store().await?;
                }
            }
            let epoch = sequencer.epoch();
            match sequencer.locate(&id).place {
                Place::Unknown => {
                    let found = find(&logs, &id).await?;
                    if found.is_none() {
                        catch_up_if_empty(&logs).await?;
                    }
                    Ok(found)
                }
                // When the client begins, the window may have forgotten an own ID.
                Place::At(Stand::Behind(number)) => Ok(Some(Cursor::at(epoch, number))),
                Place::New | Place::At(_) | Place::BegunBefore | Place::OtherEpoch => Ok(None),
            }
        }))
    }
}

/// The place that an ID stands for which no window knows, once the windows are as far.
async fn find(logs: &[Arc<Shared>], id: &str) -> Result<Option<Cursor>, StoreError> {
    let mut logs = logs.iter().filter_map(|log| log.backing.as_ref());
    let Some(first) = logs.next() else { return Ok(None) };
    let (link, log) = (first.link(), first.link().log());
    let source = link.source();
    let place = match Cursor::parse(id).filter(|cursor| cursor.epoch == log.epoch()) {
        // Another server has given it out, and this one will come to it; or somebody made it up.
        Some(cursor) => {
            let nothing = first.range(0).records(0);
            let last = source.ask(Call::Read, source.store.read(&log, nothing)).await?.bounds.last;
            Some(cursor.newest()).filter(|number| *number <= last)
        }
        None => {
            let mut found = Vec::new();
            for backing in std::iter::once(first).chain(logs) {
                found.extend(source.ask(Call::Read, source.store.find(&log, backing.topic(), id)).await?);
            }
            // What names several names none.
            found.pop().filter(|_| found.is_empty())
        }
    };
    if let Some(place) = place {
        link.reach(place).await?;
    }
    Ok(place.map(|place| Cursor::at(log.epoch(), place)))
}

/// Waits until the windows have what the store has, where they never had an event. What they say of an ID that nobody knows holds then.
async fn catch_up_if_empty(logs: &[Arc<Shared>]) -> Result<(), StoreError> {
    if logs.iter().any(|log| log.read_log().begins_empty().is_none()) {
        return Ok(());
    }
    for backing in logs.iter().filter_map(|log| log.backing.as_ref()) {
        let (link, log) = (backing.link(), backing.link().log());
        let newest = link.source().store.read(&log, backing.range(0).records(1).tail());
        if let Some(newest) = link.source().ask(Call::Read, newest).await?.records.last() {
            link.reach(newest.position).await?;
        }
    }
    Ok(())
}

impl Shared {
    /// Asks the store what it still has.
    async fn look_at_store(self: &Arc<Self>) -> Result<(), StoreError> {
        let Some(backing) = &self.backing else { return Ok(()) };
        let past_lives = self.read_log().past_lives();
        let (source, log) = (backing.link().source(), backing.link().log());
        let nothing = source.store.read(&log, backing.range(0).records(0));
        let bounds = source.ask(Call::Read, nothing).await?.bounds;
        // What was closed since is gone for another reason, to which the window will come.
        if bounds.closed <= self.read_log().closed() {
            self.set_stored_from(past_lives, bounds.trimmed);
        }
        Ok(())
    }
}
