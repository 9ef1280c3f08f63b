//! The end of a stored log, which fills a window.

use tokio::time::Instant;

use super::super::backing::{Source, encode};
use super::super::log::{Log, Retention, Turn};
use crate::store::{Page, RecordKind, StoreError, Stored, StoredLog};

/// The end of a stored log: what fills a window.
pub(super) struct End {
    pub(super) log: StoredLog,
    pub(super) page: Page,
    /// The newest event of each key, as far as it lies before the page.
    keys: Page,
}

impl End {
    /// Opens the log, and reads its end.
    pub(super) async fn read(source: &Source, name: &str, retention: &Retention) -> Result<Self, StoreError> {
        let log = source.within(source.store.open(name)).await?;
        let range = source.range(0).records(retention.events).bytes(retention.bytes).tail();
        let page = source.within(source.store.read(&log, range)).await?;
        let end = Self { log, page, keys: Page::default() };
        let keys = source.range(0).up_to(end.begins()).records(retention.keys).bytes(retention.bytes).tail();
        let keys = source.within(source.store.newest(&end.log, keys)).await?;
        Ok(Self { keys, ..end })
    }

    /// The position behind which the window begins.
    pub(super) fn begins(&self) -> u64 {
        // Of a log that has nothing, it begins at the end.
        self.page.records.first().map_or(self.page.bounds.last, |first| first.position - 1)
    }

    /// Fills a window as far as it takes.
    pub(super) fn fill(&self, window: &mut Log, turn: &mut Turn<'_>) {
        let (now, epoch) = (Instant::now(), self.log.epoch());
        let encode = |stored: &Stored| encode("", &stored.record, epoch, stored.position).ok();
        for stored in &self.keys.records {
            if let Some(event) = encode(stored) {
                window.take_key(event.freeze(), stored.position);
            }
        }
        for stored in self.page.records.iter().filter(|stored| stored.record.kind() == RecordKind::Event) {
            if let Some(event) = encode(stored) {
                let taken = window.take(event, stored.position, turn, now);
                turn.used(taken.sequence, taken.own);
            }
        }
        let last = self.page.bounds.last;
        if turn.last() < last {
            turn.used(last, None);
        }
        if self.page.bounds.finished.is_some() {
            window.finish();
        }
    }
}
