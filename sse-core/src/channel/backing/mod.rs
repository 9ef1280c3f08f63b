//! What a channel has of the store that keeps its log.

mod asks;
mod newest;
mod outbox;
mod own;
mod pages;

use std::any::Any;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

use super::sight::{Call, StoreCounts};
use crate::store::{Appended, Batch, BoxFuture, Range, Record, Store, StoreError, StoreErrorKind, StoredLog};
use newest::Searches;
use outbox::Outbox;
pub(crate) use own::Own;
use pages::Pages;
pub(crate) use pages::{Frames, Length, Reading};

/// What a channel has of its store.
pub(crate) struct Backing {
    link: Arc<Link>,
    topic: Arc<str>,
    /// Whether it is known what lies before the window.
    loaded: watch::Sender<bool>,
}

/// What all channels on one stored log have of it together.
pub(crate) struct Link {
    source: Source,
    log: Current,
    /// The position up to which the windows have everything.
    seen: watch::Sender<u64>,
    /// What is published where nothing can be awaited.
    outbox: Outbox,
    pages: Pages,
    searches: Searches,
    /// So many topics are read at one time.
    loads: Arc<Semaphore>,
    /// Set once there are windows to be fed.
    follower: OnceLock<AbortHandle>,
    runtime: Handle,
}

/// Of the topics that are used for the first time, so many are read at one time.
const LOADS: usize = 8;

/// A store, and what is asked of it.
#[derive(Clone)]
pub(crate) struct Source {
    pub(crate) store: Arc<dyn Store>,
    /// The same, for who knows its type.
    typed: Arc<dyn Any + Send + Sync>,
    /// The store has so long for an answer.
    pub(crate) time_limit: Duration,
    pub(crate) counts: Arc<StoreCounts>,
    /// What the follower need not read.
    pub(crate) own: Arc<Own>,
}

/// The log in its present life.
#[derive(Clone)]
struct Current(Arc<Mutex<StoredLog>>);

impl Backing {
    /// Of a channel that is the only one on its log, and has a window that is filled.
    pub(crate) fn of_channel(link: Link) -> Self {
        Self { link: Arc::new(link), topic: Arc::default(), loaded: watch::Sender::new(true) }
    }

    /// Of one of several topics, with a window that is to be filled.
    pub(crate) fn of_topic(link: &Arc<Link>, topic: Arc<str>) -> Self {
        Self { link: Arc::clone(link), topic, loaded: watch::Sender::new(false) }
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    pub(crate) const fn topic(&self) -> &Arc<str> {
        &self.topic
    }

    /// Whether it is known what lies before the window.
    pub(crate) fn is_loaded(&self) -> bool {
        *self.loaded.borrow()
    }

    pub(crate) fn set_loaded(&self) {
        self.loaded.send_replace(true);
    }

    /// Waits until it is known what lies before the window.
    pub(crate) async fn until_loaded(&self) -> Result<(), StoreError> {
        let mut loaded = self.loaded.subscribe();
        let is_loaded = async {
            // The sender lives as long as this.
            let _ = loaded.wait_for(|loaded| *loaded).await;
            Ok(())
        };
        self.link.source.within(Box::pin(is_loaded)).await
    }

    /// What lies behind this position in the topic.
    pub(crate) fn range(&self, after: u64) -> Range<'_> {
        Range::after(after).of(&self.topic)
    }

    /// Says in the store that nothing more will come.
    pub(crate) async fn finish(&self) -> Result<(), StoreError> {
        let appended = self.link.append(&self.link.log(), &[Record::finish(&*self.topic)]).await?;
        if let Some(last) = appended.positions.last() {
            self.link.until_seen(*last).await;
        }
        Ok(())
    }

    /// The same, later on.
    pub(crate) fn finish_later(&self) -> Result<(), StoreError> {
        self.link.put(vec![Record::finish(&*self.topic)])
    }
}

impl Link {
    /// To a log of which everything up to this position is known.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime.
    pub(crate) fn new(source: Source, log: StoredLog, seen: u64) -> Self {
        let log = Current::new(log);
        let outbox = Outbox::new(source.clone(), log.clone());
        let (seen, runtime) = (watch::Sender::new(seen), Handle::current());
        let (pages, loads) = (Pages::new(), Arc::new(Semaphore::new(LOADS)));
        let (searches, follower) = (Searches::default(), OnceLock::new());
        Self { source, log, seen, outbox, pages, searches, loads, follower, runtime }
    }

    pub(crate) const fn source(&self) -> &Source {
        &self.source
    }

    /// The runtime in which it was opened.
    pub(crate) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The turns to read a topic.
    pub(crate) fn loads(&self) -> Arc<Semaphore> {
        Arc::clone(&self.loads)
    }

    /// The log, in its present life.
    pub(crate) fn log(&self) -> StoredLog {
        self.log.get()
    }

    /// The log has begun another life, of which nothing was read yet.
    pub(crate) fn begin_life(&self, log: StoredLog) {
        // In this order: a page that comes late is not kept from now on, or is cleared.
        self.log.set(log);
        self.pages.clear();
        self.searches.clear();
    }

    /// The task that feeds the windows. It ends with this link.
    pub(crate) fn set_follower(&self, follower: AbortHandle) {
        let _only_one = self.follower.set(follower);
    }

    /// Up to where the windows have everything.
    pub(crate) fn seen(&self) -> u64 {
        *self.seen.borrow()
    }

    /// The windows have everything up to this position.
    pub(crate) fn saw(&self, position: u64) {
        self.seen.send_replace(position);
    }

    /// Waits until the windows have what lies at this position, but not for long: the store has it.
    pub(crate) async fn until_seen(&self, position: u64) {
        const PATIENCE: Duration = Duration::from_millis(250);
        let mut seen = self.seen.subscribe();
        let _late = tokio::time::timeout(PATIENCE, seen.wait_for(|seen| *seen >= position)).await;
    }

    /// Waits until the windows have what lies at this position, for one who cannot go on before.
    pub(crate) async fn reach(&self, position: u64) -> Result<(), StoreError> {
        let mut seen = self.seen.subscribe();
        let reached = async {
            // The sender lives as long as this.
            let _ = seen.wait_for(|seen| *seen >= position).await;
            Ok(())
        };
        self.source.within(Box::pin(reached)).await
    }

    /// Has these stored later on, in order, each once.
    pub(crate) fn put(&self, records: Vec<Record>) -> Result<(), StoreError> {
        self.outbox.put(records)
    }

    /// The same, however many wait already: for what is never many.
    pub(crate) fn put_surely(&self, records: Vec<Record>) {
        self.outbox.put_surely(records, &self.runtime);
    }

    pub(crate) async fn append(&self, log: &StoredLog, records: &[Record]) -> Result<Appended, StoreError> {
        self.source.ask(Call::Append, self.source.store.append(log, Batch::new(records))).await
    }
}

impl Source {
    /// This store, which has five seconds for an answer.
    pub(crate) fn new(store: impl Store) -> Self {
        let store = Arc::new(store);
        let typed = Arc::clone(&store) as _;
        Self { store, typed, time_limit: Duration::from_secs(5), counts: Arc::default(), own: Arc::default() }
    }

    /// The store, if it is of this type.
    pub(crate) fn store_as<S: Store>(&self) -> Option<&S> {
        self.typed.downcast_ref()
    }

    /// What the store answers to a call, if it does so in time. It is counted.
    pub(crate) async fn ask<T>(&self, call: Call, answer: BoxFuture<'_, T>) -> Result<T, StoreError> {
        let answer = self.within(answer).await;
        self.counts.called(call, &answer);
        answer
    }

    /// What waits for the store, if that comes in time.
    pub(crate) async fn within<T>(&self, answer: BoxFuture<'_, T>) -> Result<T, StoreError> {
        tokio::time::timeout(self.time_limit, answer).await.unwrap_or_else(|_| {
            let words = format!("the store did not answer within {} ms", self.time_limit.as_millis());
            Err(StoreError::new(StoreErrorKind::Unavailable, words).unsure())
        })
    }
}

impl Current {
    fn new(log: StoredLog) -> Self {
        Self(Arc::new(Mutex::new(log)))
    }

    fn get(&self) -> StoredLog {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, log: StoredLog) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = log;
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(follower) = self.follower.get() {
            follower.abort();
        }
    }
}
