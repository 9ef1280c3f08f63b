//! What this process has appended itself: where nothing lies between, its follower need not read it again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use crate::store::{Appended, Behind, Epoch, Page, Record, Stored};

/// Batches that were appended, on their way to the follower. The order is the store's all the same: a batch is taken only where
/// the follower has everything that lies before it. What is not taken is read.
#[derive(Default)]
pub(crate) struct Own {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    /// By the position behind which they lie.
    batches: BTreeMap<u64, (Epoch, Page)>,
    records: usize,
    /// So many are being appended.
    under_way: usize,
}

/// A batch that is being appended.
pub(crate) struct UnderWay(Arc<Own>);

/// What the follower may find here.
enum Found {
    Page(Page),
    /// It is likely to come, until then.
    Soon(Duration),
    Nothing,
}

/// So many records wait at the most.
const MOST: usize = 4096;

/// A batch that is being appended is waited for so long, so that it is not read beside that; less where another has come.
const PATIENCE: Duration = Duration::from_millis(5);
const SHORT_PATIENCE: Duration = Duration::from_millis(1);

impl Own {
    /// A batch is about to be appended.
    pub(crate) fn begin(self: &Arc<Self>) -> UnderWay {
        self.state().under_way += 1;
        self.changed.notify_one();
        UnderWay(Arc::clone(self))
    }

    /// The batch behind this position, if there is one, or soon will be. If not, it returns once something changes.
    pub(crate) async fn next(&self, epoch: Epoch, after: u64) -> Option<Page> {
        let began = Instant::now();
        loop {
            match self.find(epoch, after) {
                Found::Page(page) => return Some(page),
                Found::Soon(patience)
                    if timeout_at(began + patience, self.changed.notified()).await.is_ok() => {}
                Found::Soon(_) | Found::Nothing => return None,
            }
        }
    }

    /// Waits until something changes.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn find(&self, epoch: Epoch, after: u64) -> Found {
        let mut state = self.state();
        while let Some(oldest) = state.batches.first_entry().filter(|oldest| *oldest.key() <= after) {
            let (behind, (of, page)) = oldest.remove_entry();
            state.records -= page.records.len();
            if behind == after && of == epoch {
                return Found::Page(page);
            }
        }
        match (state.under_way, state.batches.is_empty()) {
            (0, _) => Found::Nothing,
            (_, true) => Found::Soon(PATIENCE),
            (_, false) => Found::Soon(SHORT_PATIENCE),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnderWay {
    /// The records were appended.
    pub(crate) fn done(self, epoch: Epoch, records: Vec<Record>, appended: Appended) {
        let Appended { positions, is_duplicate, behind } = appended;
        let Some(Behind { last, bounds }) = behind.filter(|_| !is_duplicate) else { return };
        // Some of it was trimmed already.
        if positions.first().is_none_or(|first| bounds.trimmed >= *first) {
            return;
        }
        let mut state = self.0.state();
        if state.records + records.len() <= MOST {
            let now = Some(SystemTime::now());
            let stored = positions.into_iter().zip(records);
            let stored = stored.map(|(position, record)| Stored::new(position, now, record));
            let page = Page::new(stored.collect(), bounds);
            state.records += page.records.len();
            state.batches.insert(last, (epoch, page));
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.state().under_way -= 1;
        self.0.changed.notify_one();
    }
}
