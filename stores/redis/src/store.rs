//! The store: each method is one script.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use redis::{Cmd, Value};
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Epoch, Page, Range, Store, StoreError, StoreErrorKind, StoredLog,
};

use crate::connection::{Lent, Server};
use crate::error::Failure;
use crate::limits::Limits;
use crate::reply::{Read, Reply};
use crate::script::Call;
use crate::tail::Tail;
use crate::{error, script};

/// A store in a Redis server. Clones share their connections. [The crate](crate) says what it keeps, and how.
#[derive(Clone)]
pub struct Redis {
    inner: Arc<Inner>,
}

struct Inner {
    server: Arc<Server>,
    prefix: String,
    limits: Limits,
    /// By name.
    logs: Mutex<HashMap<String, Arc<Tail>>>,
}

/// What a script has answered.
struct Answer {
    reply: Reply,
    /// What was read beside it.
    beside: Option<Value>,
    /// On which connection.
    connection: u64,
}

impl Redis {
    pub(crate) fn new(server: Server, prefix: String, limits: Limits) -> Self {
        let (server, logs) = (Arc::new(server), Mutex::default());
        Self { inner: Arc::new(Inner { server, prefix, limits, logs }) }
    }

    /// The key of a log's stream. The others begin with it, so that all lie in one slot of a cluster.
    fn key(&self, log: &str) -> Result<String, StoreError> {
        let other = |words: &'static str| Err(StoreError::new(StoreErrorKind::Other, words));
        if log.is_empty() {
            return other("the name of the log is empty: give it one");
        }
        if log.contains(['{', '}']) {
            return other(
                "a log in Redis has a name without `{` and `}`, which say where a cluster puts a key",
            );
        }
        Ok(format!("{}{{{log}}}", self.inner.prefix))
    }

    async fn open_log(&self, name: &str) -> Result<StoredLog, StoreError> {
        let (key, server) = (self.key(name)?, &self.inner.server);
        let (sent, invocation) = (AtomicU64::new(0), script::open(&key, Epoch::random()));
        let opening = async {
            let lent = server.lend().await.map_err(Failure::sure)?;
            sent.store(lent.number, Ordering::Relaxed);
            let value = server.run(&lent, &invocation).await?;
            Ok((lent.number, self.reply(value)?))
        };
        let (number, reply) = server.within(&sent, opening).await?;
        let epoch = match reply.word() {
            "1" => Epoch::parse(reply.text(1)),
            "type" | "" => None,
            _ => {
                let words =
                    format!("the log `{name}` was written by a newer version: update `typed-sse-redis`");
                return Err(StoreError::new(StoreErrorKind::Version, words));
            }
        };
        let Some(epoch) = epoch else {
            let key =
                Some(reply.text(1)).filter(|key| reply.word() == "type" && !key.is_empty()).unwrap_or(&key);
            let words = format!("the key `{key}` is something else: choose another prefix or name");
            return Err(StoreError::new(StoreErrorKind::Corrupt, words));
        };
        let mut logs = self.inner.logs.lock().unwrap_or_else(PoisonError::into_inner);
        if logs.get(name).is_none_or(|tail| tail.epoch != epoch) {
            logs.insert(name.to_owned(), Arc::new(Tail::new(epoch, key, number)));
        }
        Ok(StoredLog::new(name, epoch))
    }

    /// A log that was opened here.
    fn tail(&self, log: &StoredLog) -> Result<Arc<Tail>, StoreError> {
        let known = self.inner.logs.lock().unwrap_or_else(PoisonError::into_inner).get(log.name()).cloned();
        known.filter(|tail| tail.epoch == log.epoch()).ok_or_else(|| error::another_life(log.name()))
    }

    /// Runs a script, behind a look whether the server still has what it had, and a command beside it in the same step.
    async fn ask(
        &self,
        log: &StoredLog,
        tail: &Tail,
        script: &Call,
        beside: Option<&Cmd>,
    ) -> Result<Answer, Failure> {
        let (server, sent) = (&self.inner.server, AtomicU64::new(0));
        let ask = async {
            let lent = server.lend().await.map_err(Failure::sure)?;
            self.verify(log, tail, &lent).await.map_err(Failure::before)?;
            sent.store(lent.number, Ordering::Relaxed);
            let both = match beside {
                Some(command) => server.run_both(&lent, script, command).await?,
                None => None,
            };
            let (reply, beside) = match both {
                Some((reply, beside)) => (reply, Some(beside)),
                None => (server.run(&lent, script).await?, None),
            };
            let reply = self.reply(reply)?;
            match reply.word() {
                "epoch" => Err(Failure::sure(error::another_life(log.name()))),
                _ => Ok(Answer { reply, beside, connection: lent.number }),
            }
        };
        server.within(&sent, ask).await
    }

    /// The same where nothing is stored, so that it can be done twice: a connection that broke while nobody used it is found so.
    async fn ask_again(
        &self,
        log: &StoredLog,
        tail: &Tail,
        script: &Call,
        beside: Option<&Cmd>,
    ) -> Result<Answer, StoreError> {
        match self.ask(log, tail, script, beside).await {
            Err(failure) if failure.is_lost => Ok(self.ask(log, tail, script, beside).await?),
            asked => Ok(asked?),
        }
    }

    /// Behind a new connection there may be a server that has lost something: what was there last must be.
    async fn verify(&self, log: &StoredLog, tail: &Tail, lent: &Lent) -> Result<(), Failure> {
        if tail.verified.load(Ordering::Relaxed) >= lent.number {
            return Ok(());
        }
        let seen = tail.seen.load(Ordering::Relaxed);
        if seen > 0 {
            let script = script::verify(&tail.key, log.epoch(), seen);
            let verified: String = self.inner.server.run(lent, &script).await?;
            if verified != "same" {
                return Err(Failure::sure(error::another_life(log.name())));
            }
        }
        tail.verified.fetch_max(lent.number, Ordering::Relaxed);
        Ok(())
    }

    fn reply(&self, value: Value) -> Result<Reply, Failure> {
        Reply::new(value).ok_or_else(|| Failure::unsure(self.unexpected()))
    }

    fn unexpected(&self) -> StoreError {
        error::unexpected(&self.inner.server.name)
    }

    async fn page(&self, log: &StoredLog, what: &str, mut range: Range<'_>) -> Result<Page, StoreError> {
        let tail = self.tail(log)?;
        loop {
            let (read, connection) = self.read_some(log, &tail, what, range).await?;
            if let Some(newest) = read.page.records.last() {
                tail.saw(newest.position, connection);
            }
            tail.advance(read.page.bounds.last);
            match read.last {
                // All that was there is of another program, and no record.
                Some(last) if read.page.records.is_empty() && range.tail => range.up_to = last - 1,
                Some(last) if read.page.records.is_empty() => range.after = last,
                _ => return Ok(read.page),
            }
        }
    }

    /// Reads entries by the script, or beside it where they are all of the log: so they are not turned into Lua's tables and back.
    async fn read_some(
        &self,
        log: &StoredLog,
        tail: &Tail,
        what: &str,
        range: Range<'_>,
    ) -> Result<(Read, u64), StoreError> {
        let shape = tail.shape();
        let is_any = range.records > 0 && range.after < range.up_to;
        let is_all = what == "read" && is_any && (range.topic.is_none() || shape.is_sole);
        if let Some(records) = shape.records(&range).filter(|_| is_all) {
            let script = script::read(&tail.key, log.epoch(), self.inner.limits, what, range.records(0));
            let entries = script::entries(&tail.key, range, records);
            let answer = self.ask_again(log, tail, &script, Some(&entries)).await?;
            let has_entries = answer.beside.is_some();
            let read = answer.reply.read(answer.beside, range.bytes).ok_or_else(|| self.unexpected())??;
            tail.set_shape(&read);
            // Another topic may have come since.
            if has_entries && (range.topic.is_none() || read.is_sole) {
                return Ok((read, answer.connection));
            }
        }
        let script = script::read(&tail.key, log.epoch(), self.inner.limits, what, range);
        let answer = self.ask_again(log, tail, &script, None).await?;
        let read = answer.reply.read(None, usize::MAX).ok_or_else(|| self.unexpected())??;
        tail.set_shape(&read);
        Ok((read, answer.connection))
    }

    async fn append_batch(&self, log: &StoredLog, batch: Batch<'_>) -> Result<Appended, StoreError> {
        let tail = self.tail(log)?;
        let script = script::append(&tail.key, log.epoch(), self.inner.limits, batch)?;
        let answer = self.ask(log, &tail, &script, None).await.map_err(Failure::of_append)?;
        let appended = answer.reply.appended().ok_or_else(|| self.unexpected().unsure())??;
        if let Some(newest) = appended.positions.last().filter(|_| !appended.is_duplicate) {
            tail.saw(*newest, answer.connection);
        }
        Ok(appended)
    }
}

impl Store for Redis {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(self.open_log(name))
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(self.append_batch(log, batch))
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.page(log, "read", range))
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            // Where the server is asked for what comes behind that already, nothing has come.
            let tail = self.tail(log)?;
            if tail.watches(range.after) {
                tail.wait(&self.inner.server, range.after).await;
            }
            loop {
                let page = self.page(log, "read", range).await?;
                if !page.records.is_empty() {
                    return Ok(page);
                }
                self.tail(log)?.wait(&self.inner.server, page.bounds.last).await;
            }
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        Box::pin(async move {
            let tail = self.tail(log)?;
            let script = script::find(&tail.key, log.epoch(), self.inner.limits, topic, id);
            let Answer { reply, .. } = self.ask_again(log, &tail, &script, None).await?;
            match reply.word() {
                "found" => Ok(reply.position(1)),
                _ => Err(self.unexpected()),
            }
        })
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.page(log, "newest", range))
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { server, prefix, .. } = &*self.inner;
        f.debug_struct("Redis").field("server", &server.name).field("prefix", prefix).finish_non_exhaustive()
    }
}
