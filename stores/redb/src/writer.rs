//! The thread that writes: what waits is one transaction.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant, SystemTime};

use redb::Database;
use tokio::sync::oneshot;
use typed_sse_core::store::{Appended, StoreError, StoredLog};

use crate::append::{Appender, Lasts};
use crate::batch::Append;
use crate::error::Named;
use crate::file::{File, unwinding};
use crate::options::{Durability, Limits};
use crate::shared::Shared;
use crate::tables::Tables;

/// What the thread is asked for.
#[derive(Debug)]
pub(crate) enum Job {
    Open(String, oneshot::Sender<Result<StoredLog, StoreError>>),
    Append(Append, oneshot::Sender<Result<Appended, StoreError>>),
}

/// So many jobs at the most are one transaction, and about so many bytes.
const MOST_JOBS: usize = 1024;
const MOST_BYTES: usize = 4 << 20;

/// What is not on the disk yet gets there within this time.
const FLUSH: Duration = Duration::from_millis(100);

/// Where nothing is appended, records that are too old are looked for so often.
const AGE_TICK: Duration = Duration::from_millis(500);

/// So many records that are too old go with one transaction.
const AGED: usize = 4096;

pub(crate) struct Writer {
    pub(crate) shared: Arc<Shared>,
    pub(crate) jobs: Receiver<Job>,
    pub(crate) durability: Durability,
    pub(crate) limits: Limits,
    pub(crate) now: fn() -> SystemTime,
    /// Since when something is not on the disk.
    pub(crate) unflushed: Option<Instant>,
}

impl Writer {
    /// Until all handles are gone, and everything that waited is written.
    pub(crate) fn run(mut self) {
        loop {
            let jobs = match self.wait() {
                Ok(first) => self.gather(first),
                Err(RecvTimeoutError::Timeout) => Vec::new(),
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.serve(jobs);
        }
        if self.durability == Durability::Eventual && self.shared.stopped().is_none() {
            // Where it fails, the next process finds that this one did not end, and begins a new epoch.
            let _failed = self.shared.with_database(File::end);
        }
    }

    fn wait(&self) -> Result<Job, RecvTimeoutError> {
        let flush = self.unflushed.map(|since| (since + FLUSH).saturating_duration_since(Instant::now()));
        let tick = self.limits.age.map(|age| (age / 4).clamp(Duration::from_millis(10), AGE_TICK));
        let is_live = self.shared.stopped().is_none();
        match [flush, tick].into_iter().flatten().min().filter(|_| is_live) {
            Some(time) => self.jobs.recv_timeout(time),
            None => self.jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
        }
    }

    fn gather(&self, first: Job) -> Vec<Job> {
        let mut bytes = first.bytes();
        let mut jobs = vec![first];
        while jobs.len() < MOST_JOBS && bytes < MOST_BYTES {
            let Ok(job) = self.jobs.try_recv() else { break };
            bytes += job.bytes();
            jobs.push(job);
        }
        jobs
    }

    /// Writes these, and answers behind the commit.
    fn serve(&mut self, jobs: Vec<Job>) {
        let bytes: usize = jobs.iter().map(Job::bytes).sum();
        if let Some(why) = self.shared.stopped() {
            jobs.into_iter().for_each(|job| job.refuse(|| Named(&self.shared.path).stopped(&why)));
        } else {
            let shared = Arc::clone(&self.shared);
            let written = unwinding(|| shared.with_database(|database| self.write(database, &jobs)));
            match written {
                Some(Some(Ok((done, changed)))) => {
                    // Followers first: who is told of an append finds that it is there for all.
                    if !changed.is_empty() {
                        self.shared.changed.send_modify(|lasts| lasts.extend(changed));
                    }
                    jobs.into_iter().zip(done).for_each(|(job, done)| job.answer(done));
                }
                failed => self.stop(jobs, failed.flatten().and_then(Result::err)),
            }
        }
        self.shared.unqueue(bytes);
    }

    /// Nothing is retried: what a failed `fsync` has done to the file is unknown, and a second one may well succeed without it.
    fn stop(&self, jobs: Vec<Job>, error: Option<redb::Error>) {
        let why = error.map_or_else(|| "redb gave up".to_owned(), |error| error.to_string());
        self.shared.stop(&why);
        jobs.into_iter().for_each(|job| job.refuse(|| Named(&self.shared.path).stopped(&why).unsure()));
    }

    /// What became of the jobs, and the last position of each log that has changed.
    fn write(&mut self, database: &Database, jobs: &[Job]) -> Result<(Vec<Done>, Lasts), redb::Error> {
        let mut transaction = database.begin_write()?;
        let is_durable = match self.durability {
            Durability::Immediate => true,
            Durability::Eventual => self.unflushed.is_some_and(|since| since.elapsed() >= FLUSH),
        };
        if !is_durable {
            transaction.set_durability(redb::Durability::None)?;
        }
        let (done, changed) = {
            let now = (self.now)().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            let mut appender = Appender::new(Tables::open(&transaction)?, self.limits, now);
            let done = jobs.iter().map(|job| job.run(&mut appender)).collect::<Result<Vec<_>, _>>()?;
            appender.trim_aged(AGED)?;
            (done, appender.finish()?)
        };
        let must_flush = is_durable && self.unflushed.is_some();
        if !changed.is_empty() || must_flush {
            transaction.commit()?;
            self.unflushed = if is_durable { None } else { self.unflushed.or_else(|| Some(Instant::now())) };
        } else {
            transaction.abort()?;
        }
        Ok((done, changed))
    }
}

/// What became of a job.
enum Done {
    Opened(Result<StoredLog, StoreError>),
    Appended(Result<Appended, StoreError>),
}

impl Job {
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Open(name, _) => name.len(),
            Self::Append(append, _) => append.bytes(),
        }
    }

    fn run(&self, appender: &mut Appender<'_>) -> Result<Done, redb::StorageError> {
        Ok(match self {
            Self::Open(name, _) => {
                let torn = || redb::StorageError::Corrupted(format!("the epoch of the log `{name}`"));
                Done::Opened(Ok(appender.open(name)?.ok_or_else(torn)?))
            }
            Self::Append(append, _) => Done::Appended(appender.append(append)?),
        })
    }

    /// Whoever asked may have gone.
    fn answer(self, done: Done) {
        match (self, done) {
            (Self::Open(_, reply), Done::Opened(opened)) => drop(reply.send(opened)),
            (Self::Append(_, reply), Done::Appended(appended)) => drop(reply.send(appended)),
            _ => {}
        }
    }

    fn refuse(self, error: impl FnOnce() -> StoreError) {
        match self {
            Self::Open(_, reply) => drop(reply.send(Err(error()))),
            Self::Append(_, reply) => drop(reply.send(Err(error()))),
        }
    }
}
