//! What a process shares of one log: the index, the newest records, and who waits.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, oneshot, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use typed_sse_core::store::{Record, StoreError, StoreErrorKind, StoredLog};

use crate::error;
use crate::index::{Index, Verdict};
use crate::life;
use crate::name::Names;

pub(crate) struct Tail {
    pub(crate) name: String,
    pub(crate) names: Names,
    state: Mutex<State>,
    /// Changes with every message that is applied.
    stands: watch::Sender<Stands>,
    waiting: Mutex<HashMap<String, oneshot::Sender<Verdict>>>,
    /// Something is not as it should be: the task has to look.
    pub(crate) look: Arc<Notify>,
    pub(crate) task: Mutex<Option<AbortHandle>>,
    /// A checkpoint is being made.
    pub(crate) tidying: Mutex<Option<AbortHandle>>,
    ticked: Mutex<Option<Instant>>,
    /// Names the messages of this process.
    prefix: u64,
    number: AtomicU64,
}

/// How far it is, and how well.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stands {
    pub(crate) applied: u64,
    pub(crate) is_up: bool,
    /// The stream is not there.
    pub(crate) is_gone: bool,
    /// Counts what came while the log is read for the first time.
    pub(crate) read: u64,
    /// Why the log cannot be read at all: what is there is not ours, or newer.
    pub(crate) unfit: Option<Arc<(StoreErrorKind, String)>>,
}

impl Stands {
    fn unfit_for_good(&self) -> Option<StoreError> {
        let (kind, words) = &**self.unfit.as_ref()?;
        let is_for_good = matches!(kind, StoreErrorKind::Corrupt | StoreErrorKind::Version);
        is_for_good.then(|| StoreError::new(*kind, words.clone()))
    }
}

#[derive(Default)]
pub(crate) struct State {
    /// Once it was read.
    pub(crate) index: Option<Index>,
    /// Of which stream it is: when that was made.
    pub(crate) created: String,
    /// The newest message that stays, and when it was stored: it has to be there still, behind each new connection.
    pub(crate) anchor: (u64, u64),
    pub(crate) life: u64,
    /// The lives before it whose end was read, and where the one after them begins.
    over: (Vec<String>, u64),
    newest: Newest,
}

/// Records that came last, up to so many bytes, so that they are not asked for again.
#[derive(Default)]
struct Newest {
    messages: VecDeque<(u64, Arc<[Record]>, usize)>,
    bytes: usize,
}

const MOST_BYTES: usize = 16 << 20;
const MOST_MESSAGES: usize = 1 << 16;

impl Newest {
    fn push(&mut self, sequence: u64, records: Arc<[Record]>, bytes: usize) {
        self.bytes += bytes;
        self.messages.push_back((sequence, records, bytes));
        while self.messages.len() > 1 && (self.bytes > MOST_BYTES || self.messages.len() > MOST_MESSAGES) {
            let gone = self.messages.pop_front().map_or(0, |(_, _, bytes)| bytes);
            self.bytes -= gone;
        }
    }

    fn get(&self, sequence: u64) -> Option<Arc<[Record]>> {
        let index = self.messages.binary_search_by_key(&sequence, |(sequence, ..)| *sequence).ok()?;
        self.messages.get(index).map(|(_, records, _)| Arc::clone(records))
    }
}

impl State {
    pub(crate) fn new(index: Index, created: &str, life: u64) -> Self {
        Self { index: Some(index), created: created.to_owned(), life, ..Self::default() }
    }

    /// One of the lives before this one begins here, or this one does.
    pub(crate) fn ends_life(&mut self, sequence: u64) {
        let before = std::mem::replace(&mut self.over.1, sequence);
        self.over.0.push(life::epoch(before, &self.created).to_string());
    }

    /// Whether what was written for this life came when it was over, and was refused.
    pub(crate) fn is_over(&self, epoch: &str) -> bool {
        self.over.0.iter().any(|over| over == epoch)
    }

    /// A message came whose records may be asked for.
    pub(crate) fn keep(&mut self, sequence: u64, records: Arc<[Record]>, bytes: usize) {
        self.newest.push(sequence, records, bytes);
    }

    pub(crate) fn kept(&self, sequence: u64) -> Option<Arc<[Record]>> {
        self.newest.get(sequence)
    }
}

impl Tail {
    pub(crate) fn new(name: &str, names: Names) -> Self {
        Self {
            name: name.to_owned(),
            names,
            state: Mutex::default(),
            stands: watch::Sender::default(),
            waiting: Mutex::default(),
            look: Arc::default(),
            task: Mutex::default(),
            tidying: Mutex::default(),
            ticked: Mutex::default(),
            prefix: fastrand::u64(..),
            number: AtomicU64::new(0),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks into the index of this life of the log.
    pub(crate) fn with<T>(
        &self,
        log: &StoredLog,
        look: impl FnOnce(&State, &Index) -> T,
    ) -> Result<T, StoreError> {
        let state = self.state();
        match &state.index {
            Some(index) if index.epoch == log.epoch() => Ok(look(&state, index)),
            _ => Err(error::another_life(&self.name)),
        }
    }

    /// The task that follows has failed, and waits a little.
    pub(crate) fn look_if_down(&self) {
        if !self.stands.borrow().is_up {
            self.look.notify_one();
        }
    }

    /// The stream is not what it was: nothing is said of it until it was read again.
    pub(crate) fn distrust(&self) -> StoreError {
        self.state().index = None;
        self.stand(|stands| stands.is_up = false);
        self.look.notify_one();
        error::another_life(&self.name)
    }

    /// Whether the time was not asked for just now: a clock that is fast would ask on and on.
    pub(crate) fn is_to_tick(&self) -> bool {
        const PAUSE: Duration = Duration::from_millis(200);
        let mut ticked = self.ticked.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = ticked.is_none_or(|ticked| ticked.elapsed() >= PAUSE);
        if is_due {
            *ticked = Some(Instant::now());
        }
        is_due
    }

    pub(crate) fn stands(&self) -> watch::Receiver<Stands> {
        self.stands.subscribe()
    }

    /// Whether the log could not be read by this process, when it tried last.
    pub(crate) fn is_unfit(&self) -> bool {
        self.stands.borrow().unfit_for_good().is_some()
    }

    /// Waits until it can be read.
    pub(crate) async fn until_fit(&self) {
        let mut stands = self.stands();
        let fit = stands.wait_for(|stands| stands.unfit_for_good().is_none()).await.is_ok();
        if !fit {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until it cannot be read, and that stays so while it is tried again.
    pub(crate) async fn until_unfit(&self) -> StoreError {
        const PATIENCE: Duration = Duration::from_secs(1);
        let mut stands = self.stands();
        while stands.wait_for(|stands| stands.unfit_for_good().is_some()).await.is_ok() {
            self.look_if_down();
            let _fit = timeout(PATIENCE, self.until_fit()).await;
            if let Some(error) = self.stands.borrow().unfit_for_good() {
                return error;
            }
        }
        std::future::pending().await
    }

    pub(crate) fn stand(&self, change: impl FnOnce(&mut Stands)) {
        self.stands.send_if_modified(|stands| {
            let before = stands.clone();
            change(stands);
            *stands != before
        });
    }

    /// Names a message, and waits for what becomes of it.
    pub(crate) fn wait_for_verdict(self: &Arc<Self>) -> Waiting {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:016x}-{number}", self.prefix);
        let (sender, verdict) = oneshot::channel();
        self.waiting().insert(id.clone(), sender);
        Waiting { tail: Arc::clone(self), id, verdict }
    }

    pub(crate) fn tell(&self, id: &str, verdict: Verdict) {
        if let Some(sender) = self.waiting().remove(id) {
            // It may have given up.
            let _told = sender.send(verdict);
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<String, oneshot::Sender<Verdict>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        for task in [&mut self.task, &mut self.tidying] {
            if let Some(task) = task.get_mut().unwrap_or_else(PoisonError::into_inner) {
                task.abort();
            }
        }
    }
}

/// One who waits for what becomes of a message.
pub(crate) struct Waiting {
    tail: Arc<Tail>,
    pub(crate) id: String,
    pub(crate) verdict: oneshot::Receiver<Verdict>,
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.tail.waiting().remove(&self.id);
    }
}
