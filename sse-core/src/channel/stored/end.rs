//! The end of a stored log, which fills a window.

use tokio::time::Instant;

use super::super::backing::Source;
use super::super::log::{Appended, Ground, Log, LogId, Retention, Turn};
use super::super::sight::Call;
use crate::store::{Page, Range, RecordKind, StoreError, Stored, StoredLog, encode};

/// The end of a topic in a stored log: what fills a window.
pub(in super::super) struct End {
    pub(in super::super) log: StoredLog,
    topic: Box<str>,
    /// It was read up to this position.
    pub(in super::super) up_to: u64,
    page: Page,
    /// The newest event of each key, as far as it lies before the page.
    keys: Page,
}

impl End {
    /// Reads the end of a log that has no topics.
    pub(super) async fn of_channel(
        source: &Source,
        name: &str,
        retention: &Retention,
    ) -> Result<Self, StoreError> {
        let log = source.ask(Call::Read, source.store.open(name)).await?;
        let end = Self::read(source, log, "", u64::MAX, retention).await?;
        Ok(Self { up_to: end.page.bounds.last, ..end })
    }

    /// Reads the end of a topic, as if nothing were behind this position.
    pub(in super::super) async fn of_topic(
        source: &Source,
        log: StoredLog,
        topic: &str,
        up_to: u64,
        retention: &Retention,
    ) -> Result<Self, StoreError> {
        /// The rest can be read when somebody wants it.
        const EVENTS: usize = 512;
        const BYTES: usize = 256 << 10;
        let (events, bytes) = (retention.events.min(EVENTS), retention.bytes.min(BYTES));
        let retention = Retention { events, bytes, ..retention.clone() };
        Self::read(source, log, topic, up_to, &retention).await
    }

    async fn read(
        source: &Source,
        log: StoredLog,
        topic: &str,
        up_to: u64,
        retention: &Retention,
    ) -> Result<Self, StoreError> {
        let all = Range::after(0).of(topic).up_to(up_to).bytes(retention.bytes).tail();
        let mut page = source.ask(Call::Read, source.store.read(&log, all.records(retention.events))).await?;
        let has_event = page.records.iter().any(|stored| stored.record.kind() == RecordKind::Event);
        if let Some(finished) = page.bounds.finished.filter(|finished| !has_event && *finished <= up_to) {
            // What finishes it took all the room, and does not say whether there were events.
            let events = all.up_to(finished - 1).records(retention.events);
            page = source.ask(Call::Read, source.store.read(&log, events)).await?;
        }
        let mut end = Self { log, topic: topic.into(), up_to, page, keys: Page::default() };
        let keys = all.up_to(end.ground().begins).records(retention.keys);
        if end.ground().has_any {
            end.keys = source.ask(Call::Read, source.store.newest(&end.log, keys)).await?;
        }
        Ok(end)
    }

    /// Whether the topic was closed behind this: what was before is gone, and the window will come to that.
    pub(in super::super) const fn closes(&self) -> bool {
        self.page.bounds.closed > self.up_to
    }

    /// What a window stands on that is filled with this.
    pub(in super::super) fn ground(&self) -> Ground {
        let Page { records, bounds, .. } = &self.page;
        let trimmed = bounds.trimmed.min(self.up_to);
        // Of a log that has nothing, it begins at the end of what it had.
        let begins = records.first().map_or(trimmed, |first| first.position - 1);
        let closed = bounds.closed.min(self.up_to);
        let has_events = records.iter().any(|stored| stored.record.kind() == RecordKind::Event);
        Ground {
            begins,
            stored_from: trimmed.min(begins),
            has_any: has_events || trimmed > closed,
            log: (!self.topic.is_empty()).then(|| LogId::of_stored(&self.topic, closed)),
            closed,
        }
    }

    /// Fills a window as far as it takes. Each event that it took is told.
    pub(in super::super) fn fill(
        &self,
        window: &mut Log,
        turn: &mut Turn<'_>,
        mut taken: impl FnMut(&mut Turn<'_>, Appended),
    ) {
        let (now, epoch) = (Instant::now(), self.log.epoch());
        let encode = |stored: &Stored| encode(&self.topic, &stored.record, epoch, stored.position).ok();
        for stored in &self.keys.records {
            if let Some(event) = encode(stored) {
                window.take_key(&event.freeze(), stored.position);
            }
        }
        for stored in self.page.records.iter().filter(|stored| stored.record.kind() == RecordKind::Event) {
            if let Some(event) = encode(stored) {
                let appended = window.take(event.freeze(), stored.position, turn, now);
                taken(turn, appended);
            }
        }
        if self.page.bounds.finished.is_some_and(|finished| finished <= self.up_to) {
            window.finish();
        }
    }
}
