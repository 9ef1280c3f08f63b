//! The store: what its methods hand to the writer's thread, and what they read.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{Builder as Thread, JoinHandle};
use std::time::{Duration, SystemTime};

use tokio::sync::oneshot;
use typed_sse_core::store::{
    Appended, Batch, Bounds, BoxFuture, Page, Range, Sink, Store, StoreError, StoreErrorKind, StoredLog,
};

use crate::batch::Append;
use crate::error::Named;
use crate::file::File;
use crate::options::Options;
use crate::read::{OwnedRange, Reader};
use crate::shared::Shared;
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
    now: fn() -> SystemTime,
}

impl Redb {
    pub(crate) fn start(file: File, options: Options) -> Result<Self, StoreError> {
        let Options { durability, limits, time_limit, now, .. } = options;
        let shared = Arc::new(Shared::new(file));
        let (jobs, received) = mpsc::channel();
        let writer =
            Writer { shared: Arc::clone(&shared), jobs: received, durability, limits, now, unflushed: None };
        let writer = Thread::new().name("typed-sse-redb".to_owned()).spawn(|| writer.run());
        let writer = writer.map_err(|error| {
            StoreError::new(StoreErrorKind::Other, "no thread can be started that writes").with_source(error)
        })?;
        let writer = Mutex::new(Some(writer));
        Ok(Self { handle: Arc::new(Handle { shared, jobs: Some(jobs), writer, time_limit, now }) })
    }

    /// Hands a job to the writer, and waits for its answer.
    async fn ask<T>(
        &self,
        bytes: usize,
        job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job,
    ) -> Result<T, StoreError> {
        let Handle { shared, jobs, time_limit, .. } = &*self.handle;
        shared.queue(bytes)?;
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

impl Store for Redb {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(self.ask(name.len(), |reply| Job::Open(name.to_owned(), reply)))
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            let append = Append::new(log, batch, (self.handle.now)())?;
            self.ask(append.bytes(), |reply| Job::Append(append, reply)).await
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        let range = OwnedRange::from(range);
        let read = self.read_with(log, move |reader| reader.read(&range, Sink::records()));
        Box::pin(async { Ok(read.await?.into_page()) })
    }

    fn read_into<'a>(&'a self, log: &'a StoredLog, range: Range<'a>, sink: Sink) -> BoxFuture<'a, Sink> {
        let range = OwnedRange::from(range);
        Box::pin(self.read_with(log, move |reader| reader.read(&range, sink)))
    }

    /// Each is read on a thread of its own.
    fn records_at_once(&self) -> usize {
        4096
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
        let read = self.read_with(log, move |reader| reader.newest(&range, Sink::records()));
        Box::pin(async { Ok(read.await?.into_page()) })
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.jobs = None;
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _panicked = writer.join();
        }
        self.shared.close();
    }
}

impl fmt::Debug for Redb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redb").field("path", &self.handle.shared.path).finish_non_exhaustive()
    }
}
