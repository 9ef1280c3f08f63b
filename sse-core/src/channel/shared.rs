//! What the handles and the readers of a channel share.

use std::convert::Infallible;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep};

use super::backing::Backing;
use super::delivery::{Admission, Linger, Pace, SubscriberLimit, Subscribers};
use super::error::PublishError;
use super::log::{Appended, Budget, Cursor, LastUsed, Log, LogId, Origin, Sequencer, Tenant, Turn};
use super::reset::EncodeReset;
use super::sight::{Counters, Counts, trace};
use super::start::Slow;
use super::sync::{AtomicU64, Count, Ordering, RwLock, RwLockReadGuard, RwLockWriteGuard};
use crate::encode::{Frame, Unsequenced};
use crate::field::EventId;

/// What a channel is, whatever the type of its events.
pub(crate) struct Shared {
    pub(super) log: RwLock<Log>,
    /// The place behind the newest entry: what a caught-up reader compares without the lock. And [`FINISHED`].
    pub(super) end: AtomicU64,
    /// Of how many events it has let go.
    pub(super) trimmed: Count,
    /// Tells this log from all others that this process ever had.
    pub(super) serial: u64,
    pub(super) sequencer: Arc<Sequencer>,
    pub(super) pace: Pace,
    /// The age at which events are trimmed.
    pub(super) age: Option<Duration>,
    pub(super) slow: Slow,
    /// Whether clients get blocks that have only an ID.
    pub(super) checkpoints: bool,
    pub(super) encode_reset: Arc<EncodeReset>,
    pub(super) subscribers: Subscribers,
    pub(super) limit: Option<SubscriberLimit>,
    pub(super) linger: Linger,
    pub(super) admission: Arc<Admission>,
    /// So many snapshots are produced at one time.
    pub(super) snapshots: Arc<Semaphore>,
    pub(super) counts: Counts,
    pub(super) name: Arc<str>,
    /// What a topic has beyond that.
    pub(super) topic: Option<Topic>,
    /// The store that keeps the log, of which this one is then a window.
    pub(super) backing: Option<Backing>,
}

/// What makes a channel one of several topics.
pub(crate) struct Topic {
    pub(super) last_used: LastUsed,
    pub(super) budget: Arc<Budget>,
    pub(super) is_listed: AtomicBool,
    pub(super) successor: Arc<Successor>,
    /// In a store, what came while its window could not take it.
    pub(super) loading: std::sync::Mutex<Option<Loading>>,
}

impl Topic {
    pub(super) fn loading(&self) -> std::sync::MutexGuard<'_, Option<Loading>> {
        self.loading.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What comes in a topic while it is read what the store has of it.
pub(crate) struct Loading {
    /// Everything behind this position is here.
    pub(super) behind: u64,
    pub(super) events: Vec<(u64, Frame)>,
    pub(super) finished: bool,
}

/// What came in the place of the topics of a name, once one was closed. All of that name have the same, so that a client of any
/// of them knows the newest.
#[derive(Default)]
pub(crate) struct Successor(std::sync::Mutex<Option<(LogId, u64)>>);

impl Loading {
    /// What comes behind this position is kept.
    pub(super) const fn behind(behind: u64) -> Self {
        Self { behind, events: Vec::new(), finished: false }
    }
}

impl Successor {
    /// The next one of the name has this log, and begins at this number.
    pub(super) fn set(&self, log: LogId, at: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((log, at));
    }

    fn get(&self) -> Option<(LogId, u64)> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Stands in `end` once the channel is finished.
const FINISHED: u64 = 1 << 63;

/// A wake-up on its way. It comes early if its runtime stops: the subscribers may live in another.
struct WakeUp(Arc<Shared>);

impl Shared {
    /// How much of a task's turn it takes to publish so many events, of so many bytes in all.
    pub(super) fn parts_of_turn(&self, events: usize, bytes: usize) -> u32 {
        let (least, parts) = (u32::try_from(events).unwrap_or(u32::MAX), self.pace.parts(events, bytes));
        // Where nobody reads, it is for others of the thread alone.
        if parts > least && self.subscribers.len() == 0 { least } else { parts }
    }

    /// Appends an event, and wakes the subscribers.
    pub(super) fn append(self: &Arc<Self>, event: Unsequenced) -> Result<EventId, PublishError> {
        let span = trace::publish(&self.name, &event);
        let id = self.change(|log, turn, now| {
            let appended = log.append(event, turn, now)?;
            let id = self.use_number(log, turn, &appended);
            Ok(id)
        })?;
        span.as_id(&id);
        Ok(id)
    }

    /// Appends all of these or none, in one turn.
    pub(super) fn append_all(
        self: &Arc<Self>,
        events: Vec<Unsequenced>,
    ) -> Result<Vec<EventId>, PublishError> {
        if events.is_empty() {
            return Ok(Vec::new());
        }
        self.change(|log, turn, now| {
            log.append_all(events, turn, now, |log, turn, appended| self.use_number(log, turn, appended))
        })
    }

    /// Lets nothing more be appended. Whether something could until now.
    pub(super) fn finish(self: &Arc<Self>) -> bool {
        self.change_always(|log, _, _| log.finish())
    }

    /// Takes a turn at the log for what cannot fail.
    pub(super) fn change_always<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Log, &mut Turn<'_>, Instant) -> T,
    ) -> T {
        let changed = self.change(|log, turn, now| Ok::<_, Infallible>(change(log, turn, now)));
        changed.unwrap_or_else(|never| match never {})
    }

    /// Takes a turn at the log, shows what became of it, and wakes the subscribers.
    fn change<T, X>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Log, &mut Turn<'_>, Instant) -> Result<T, X>,
    ) -> Result<T, X> {
        let now = Instant::now();
        let (changed, held) = {
            let mut turn = self.sequencer.turn();
            let mut log = self.log();
            let before = log.held_bytes();
            let changed = change(&mut log, &mut turn, now)?;
            self.show(&log);
            turn.show();
            (changed, (before, log.held_bytes()))
        };
        self.wake();
        self.weigh(held);
        Ok(changed)
    }

    /// Shows how far the log is. Behind this, a reader that sees the new end finds the entry.
    pub(super) fn show(&self, log: &Log) {
        self.trimmed.store(log.trimmed().count, Ordering::Relaxed);
        self.end.store(Self::end_mark(log.end(), log.is_finished()), Ordering::Release);
    }

    /// What stands in `end`.
    pub(super) const fn end_mark(end: u64, is_finished: bool) -> u64 {
        if is_finished { end | FINISHED } else { end }
    }

    fn use_number(&self, log: &Log, turn: &mut Turn<'_>, appended: &Appended) -> EventId {
        if appended.ephemeral {
            return log.name(log.newest());
        }
        turn.used(appended.sequence, appended.own.clone());
        appended.own.clone().unwrap_or_else(|| Cursor::at(self.sequencer.epoch(), appended.sequence).into())
    }

    /// Tells the topics what this one holds, in bytes before and now.
    pub(super) fn weigh(self: &Arc<Self>, (before, now): (usize, usize)) {
        if let Some(Topic { budget, .. }) = &self.topic {
            budget.weigh(before, now, self);
        }
    }

    /// Drops what is too old at `now`.
    pub(super) fn trim_aged(self: &Arc<Self>, now: Instant) {
        if self.age.is_none() || !self.read_log().has_aged(now) {
            return;
        }
        let held = {
            let mut turn = self.sequencer.turn();
            let mut log = self.log();
            let before = log.held_bytes();
            log.trim_aged(now, &mut turn);
            self.show(&log);
            (before, log.held_bytes())
        };
        self.weigh(held);
    }

    /// The place behind the newest entry.
    pub(super) fn end(&self) -> u64 {
        self.end.load(Ordering::Acquire) & !FINISHED
    }

    /// Whether one who reads here may find something: an entry, or that nothing more will come.
    #[inline]
    pub(super) fn has_more(&self, place: u64) -> bool {
        // Behind a waker that was registered, in the one order of all: see `announce`.
        let end = self.end.load(Ordering::SeqCst);
        place < end & !FINISHED || end & FINISHED != 0
    }

    /// Whether nothing more will come.
    #[inline]
    pub(super) fn is_finished(&self) -> bool {
        self.end.load(Ordering::Acquire) & FINISHED != 0
    }

    /// The topic is gone. What was counted in it, and where the next one of its name begins.
    pub(super) fn leave(&self) -> (Counters, Origin) {
        (self.counters().of_forgotten(), self.read_log().origin())
    }

    /// The log of the newest one of its name, if the topic was closed, and the number at which that begins.
    pub(super) fn successor(&self) -> Option<(LogId, u64)> {
        let own = self.read_log().id();
        self.topic.as_ref()?.successor.get().filter(|(log, _)| *log != own)
    }

    /// Takes note that it was in use until now.
    pub(super) fn touch(&self) {
        if let Some(topic) = &self.topic {
            topic.last_used.set(Instant::now());
        }
    }

    pub(super) fn counters(&self) -> Counters {
        let volume = self.read_log().volume();
        let end = self.end();
        let (subscribers, slowest, tally) = self.subscribers.count();
        let lag = slowest.map_or(0, |place| end.saturating_sub(place));
        let mut counters = self.counts.read();
        counters += tally.read();
        Counters {
            subscribers: subscribers as u64,
            lag,
            retained: volume.retained,
            retained_bytes: volume.retained_bytes,
            published: volume.published,
            published_bytes: volume.published_bytes,
            trimmed: volume.published - volume.retained,
            ..counters
        }
    }

    pub(super) fn log(&self) -> RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn read_log(&self) -> RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes the subscribers, at once or together with what is published meanwhile.
    pub(super) fn wake(self: &Arc<Self>) {
        let runtime = if self.linger.duration().is_zero() { None } else { Handle::try_current().ok() };
        // Without a clock there is nothing to wait for.
        let Some(runtime) = runtime else { return self.subscribers.wake() };
        // Made here: where time is not enabled, the publisher learns of it, and no wake-up is lost in a task.
        let lingering = sleep(self.linger.duration());
        if !self.linger.begins() {
            return;
        }
        let wake_up = WakeUp(Arc::clone(self));
        runtime.spawn(async move {
            lingering.await;
            drop(wake_up);
        });
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Some(Topic { budget, .. }) = &self.topic else { return };
        let mut turn = self.sequencer.turn();
        let mut log = self.log();
        budget.leave(log.held_bytes());
        log.forget(&mut turn);
    }
}

impl Drop for WakeUp {
    fn drop(&mut self) {
        self.0.linger.ends();
        self.0.subscribers.wake();
    }
}

impl Tenant for Shared {
    fn oldest(&self) -> Option<u64> {
        self.read_log().oldest_sequence()
    }

    fn make_room(&self) -> usize {
        let mut turn = self.sequencer.turn();
        let mut log = self.log();
        let before = log.held_bytes();
        log.make_room(&mut turn);
        self.show(&log);
        before - log.held_bytes()
    }

    fn is_listed(&self) -> &AtomicBool {
        static NEVER: AtomicBool = AtomicBool::new(true);
        self.topic.as_ref().map_or(&NEVER, |topic| &topic.is_listed)
    }
}
