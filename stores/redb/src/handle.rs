//! The store: what its methods hand to the writer's thread, and what they read.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, mpsc};
use std::thread::{Builder as Thread, JoinHandle};
use std::time::{Duration, SystemTime};

use redb::Database;
use tokio::sync::{oneshot, watch};
use typed_sse_core::store::{
    Appended, Batch, Bounds, BoxFuture, Page, Range, Store, StoreError, StoreErrorKind, StoredLog,
};

use crate::batch::Append;
use crate::builder::Builder;
use crate::error::Named;
use crate::file::File;
use crate::read::{OwnedRange, Reader};
use crate::writer::{Job, Writer};

/// A store in one file. Clones are the same store. [The crate](crate) says what it keeps, and how.
///
/// When the last clone is dropped, what waits is written, and the file is closed, before the drop returns.
#[derive(Clone)]
pub struct Redb {
    handle: Arc<Handle>,
}

/// Gone with the last clone.
struct Handle {
    shared: Arc<Shared>,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Mutex<Option<JoinHandle<()>>>,
    time_limit: Duration,
}

/// What the handles, the writer and those who read have in common.
pub(crate) struct Shared {
    pub(crate) path: PathBuf,
    /// `None` once it is closed.
    database: RwLock<Option<Database>>,
    /// The last position of each log to which this process has appended. Changes with every transaction.
    pub(crate) changed: watch::Sender<HashMap<String, u64>>,
    /// Bytes that wait to be written.
    queued: AtomicUsize,
    /// Why nothing is taken any more.
    stopped: OnceLock<String>,
}

/// So much waits at the most; what comes then is refused.
const MOST_QUEUED: usize = 256 << 20;

impl Redb {
    /// Opens the file, or makes it, with the defaults of [`builder`](Self::builder). It blocks this thread while it does so.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder().open(path)
    }

    /// Says how much is kept and when an append is answered, and then opens the file.
    ///
    /// ```
    /// use std::time::Duration;
    /// use typed_sse_redb::{Durability, Redb};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("events.redb");
    /// let store = Redb::builder()
    ///     .durability(Durability::Eventual)
    ///     .events(10_000)
    ///     .age(Duration::from_secs(24 * 60 * 60))
    ///     .open(path)?;
    /// # drop(store);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn start(file: File, builder: &Builder) -> Result<Self, StoreError> {
        let Builder { durability, limits, time_limit, .. } = *builder;
        let File { path, database } = file;
        let shared = Arc::new(Shared {
            path,
            database: RwLock::new(Some(database)),
            changed: watch::Sender::default(),
            queued: AtomicUsize::new(0),
            stopped: OnceLock::new(),
        });
        let (jobs, received) = mpsc::channel();
        let writer =
            Writer { shared: Arc::clone(&shared), jobs: received, durability, limits, unflushed: None };
        let writer = Thread::new().name("typed-sse-redb".to_owned()).spawn(|| writer.run());
        let writer = writer.map_err(|error| {
            StoreError::new(StoreErrorKind::Other, "no thread can be started that writes").with_source(error)
        })?;
        let writer = Mutex::new(Some(writer));
        Ok(Self { handle: Arc::new(Handle { shared, jobs: Some(jobs), writer, time_limit }) })
    }

    /// Hands a job to the writer, and waits for its answer.
    async fn ask<T>(
        &self,
        bytes: usize,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let Handle { shared, jobs, time_limit, .. } = &*self.handle;
        if !shared.queue(bytes) {
            let words =
                format!("`{}`: the disk does not keep up, {MOST_QUEUED} bytes wait", shared.path.display());
            return Err(StoreError::new(StoreErrorKind::Unavailable, words));
        }
        let (reply, answer) = oneshot::channel();
        let job = job(reply);
        debug_assert_eq!(job.bytes(), bytes);
        if jobs.as_ref().is_none_or(|jobs| jobs.send(job).is_err()) {
            return Err(Named(&shared.path).stopped("its thread has ended"));
        }
        match within(*time_limit, answer).await {
            Some(Ok(answer)) => answer,
            Some(Err(_)) => Err(Named(&shared.path).stopped("its thread has ended").unsure()),
            None => Err(shared.is_late().unsure()),
        }
    }

    /// Reads on a thread that may wait for the disk: what is not in the memory is read with a call that blocks.
    async fn read_with<T: Send + 'static>(
        &self,
        log: &StoredLog,
        read: impl FnOnce(&Reader<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (shared, log) = (Arc::clone(&self.handle.shared), log.clone());
        let read = tokio::task::spawn_blocking(move || {
            let read = shared.with_database(|database| read(&Reader::new(database, &shared.path, &log)?));
            read.unwrap_or_else(|| Err(shared.closed()))
        });
        let shared = &self.handle.shared;
        match within(self.handle.time_limit, read).await {
            Some(Ok(read)) => read,
            Some(Err(error)) if error.is_panic() => Err(Named(&shared.path).corrupt("redb gave up on it")),
            Some(Err(_)) => Err(shared.closed()),
            None => Err(shared.is_late()),
        }
    }
}

async fn within<T>(limit: Duration, call: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(limit, call).await.ok()
}

impl Shared {
    /// `None` if it is closed.
    pub(crate) fn with_database<T>(&self, call: impl FnOnce(&Database) -> T) -> Option<T> {
        // A call that panicked has read, or written what is thrown away.
        self.database.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(call)
    }

    pub(crate) fn stopped(&self) -> Option<String> {
        self.stopped.get().cloned()
    }

    pub(crate) fn stop(&self, why: &str) {
        let _first = self.stopped.set(why.to_owned());
        self.changed.send_modify(|_| ());
    }

    fn queue(&self, bytes: usize) -> bool {
        let before = self.queued.fetch_add(bytes, Ordering::Relaxed);
        let fits = before == 0 || before.saturating_add(bytes) <= MOST_QUEUED;
        if !fits {
            self.unqueue(bytes);
        }
        fits
    }

    pub(crate) fn unqueue(&self, bytes: usize) {
        self.queued.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn is_late(&self) -> StoreError {
        let words = format!("`{}`: the disk does not answer in time", self.path.display());
        StoreError::new(StoreErrorKind::Unavailable, words)
    }

    fn closed(&self) -> StoreError {
        let words = format!("`{}` is being closed", self.path.display());
        StoreError::new(StoreErrorKind::Unavailable, words)
    }
}

impl Store for Redb {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(self.ask(name.len(), |reply| Job::Open(name.to_owned(), reply)))
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            let append = Append::new(log, batch, SystemTime::now())?;
            self.ask(append.bytes(), |reply| Job::Append(append, reply)).await
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        let range = OwnedRange::from(range);
        Box::pin(self.read_with(log, move |reader| reader.read(&range)))
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            // Before it is read: what comes meanwhile is seen.
            let mut changed = self.handle.shared.changed.subscribe();
            loop {
                // Where nothing has come, there is nothing to read.
                let last = changed.borrow_and_update().get(log.name()).copied();
                let page = match last.filter(|last| *last <= range.after) {
                    Some(last) => Page::new(Vec::new(), Bounds::at(last)),
                    None => self.read(log, range).await?,
                };
                if !page.records.is_empty() {
                    return Ok(page);
                }
                if let Some(why) = self.handle.shared.stopped() {
                    return Err(Named(&self.handle.shared.path).stopped(why));
                }
                if changed.changed().await.is_err() {
                    return Ok(page);
                }
            }
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        let (topic, id) = (topic.to_owned(), id.to_owned());
        Box::pin(self.read_with(log, move |reader| reader.find(&topic, &id)))
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        let range = OwnedRange::from(range);
        Box::pin(self.read_with(log, move |reader| reader.newest(&range)))
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.jobs = None;
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _panicked = writer.join();
        }
        // Waits for those who read, so that the file can be opened again at once.
        *self.shared.database.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for Redb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redb").field("path", &self.handle.shared.path).finish_non_exhaustive()
    }
}
