//! The store.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Instant, SystemTime};

use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{
    Appended, Batch, BoxFuture, Page, Range, Store, StoreError, StoreErrorKind, StoredLog,
};

use crate::connection::{SOON, Server};
use crate::consumer::HEARTBEAT;
use crate::error;
use crate::fetch;
use crate::index::{Index, Place};
use crate::life::{self, publish};
use crate::limits::Limits;
use crate::name::Names;
use crate::publish::append;
use crate::stream::{self, Shape};
use crate::tail::{Stands, Tail};

/// A store in the streams of a NATS server. Clones share one connection. [The crate](crate) says what it keeps, and how.
#[derive(Clone)]
pub struct Nats {
    inner: Arc<Inner>,
}

struct Inner {
    server: Arc<Server>,
    prefix: String,
    limits: Limits,
    shape: Shape,
    /// By name.
    logs: Mutex<HashMap<String, Arc<Tail>>>,
}

/// What is asked of an index.
#[derive(Clone, Copy)]
enum What {
    Records,
    Newest,
}

impl Nats {
    pub(crate) fn new(server: Server, prefix: String, limits: Limits, shape: Shape) -> Self {
        Self {
            inner: Arc::new(Inner {
                server: Arc::new(server),
                prefix,
                limits,
                shape,
                logs: Mutex::default(),
            }),
        }
    }

    async fn open_log(&self, name: &str) -> Result<StoredLog, StoreError> {
        let (server, names) = (&self.inner.server, Names::new(&self.inner.prefix, name)?);
        stream::ensure(server, &names, self.inner.shape).await?;
        let tail = {
            let mut logs = self.inner.logs.lock().unwrap_or_else(PoisonError::into_inner);
            let tail = logs.entry(name.to_owned()).or_insert_with(|| Arc::new(Tail::new(name, names)));
            Arc::clone(tail)
        };
        tail.start(server);
        let asked = Instant::now();
        loop {
            self.read_through(&tail).await?;
            let epoch = tail.state().index.as_ref().map(|index| index.epoch);
            match epoch.map(|epoch| StoredLog::new(name, epoch)) {
                Some(log) => match self.settle(&tail, &log).await {
                    // It began another life just now.
                    Err(error)
                        if error.kind() == StoreErrorKind::Epoch && asked.elapsed() < server.time_limit => {}
                    settled => return settled.map(|()| log),
                },
                None if asked.elapsed() >= server.time_limit => return Err(error::late(&server.name)),
                None => {}
            }
            sleep(SOON).await;
            stream::ensure(server, &tail.names, self.inner.shape).await?;
        }
    }

    /// Waits until the log was read, for as long as that goes on.
    async fn read_through(&self, tail: &Tail) -> Result<(), StoreError> {
        let (server, mut stands) = (&self.inner.server, tail.stands());
        // Not to wait for the next of its own tries.
        tail.look_if_down();
        loop {
            let now = stands.borrow_and_update().clone();
            if let Some(unfit) = &now.unfit
                && unfit.0 != StoreErrorKind::Epoch
            {
                return Err(StoreError::new(unfit.0, unfit.1.clone()));
            }
            if now.is_up {
                return Ok(());
            }
            match timeout(server.time_limit, stands.changed()).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) => return Err(error::unavailable(&server.name, "was left")),
                Err(_) => return Err(error::late(&server.name)),
            }
        }
    }

    /// All that is in the stream is known, and the bounds are these.
    async fn settle(&self, tail: &Tail, log: &StoredLog) -> Result<(), StoreError> {
        let server = &self.inner.server;
        self.catch_up(tail).await?;
        let mine = self.inner.limits;
        if tail.with(log, |_, index| index.limits == Some(mine))? {
            return Ok(());
        }
        let payload = serde_json::to_vec(&mine).map_err(|_| error::unexpected(&server.name))?;
        if let Some(sequence) = publish(server, tail.names.of("limits"), payload, None).await? {
            self.applied(tail, sequence).await?;
        }
        tail.with(log, |_, _| ())
    }

    /// A log that was opened here.
    fn tail(&self, log: &StoredLog) -> Result<Arc<Tail>, StoreError> {
        let logs = self.inner.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.get(log.name()).cloned().ok_or_else(|| error::another_life(log.name()))
    }

    /// Waits until everything is known that is in the stream now.
    async fn catch_up(&self, tail: &Tail) -> Result<(), StoreError> {
        let server = &self.inner.server;
        let info = server.stream(&tail.names.stream).await?;
        let Some(info) = info.filter(|info| info.created == tail.state().created) else {
            return Err(tail.distrust());
        };
        self.applied(tail, info.state.last_seq).await?;
        // Without these, somebody else has deleted something.
        let is_whole = {
            let state = tail.state();
            state.index.as_ref().is_some_and(|index| info.state.first_seq <= index.lowest())
        };
        if is_whole { Ok(()) } else { Err(tail.distrust()) }
    }

    async fn applied(&self, tail: &Tail, sequence: u64) -> Result<(), StoreError> {
        let server = &self.inner.server;
        let mut stands = tail.stands();
        let there = async {
            let is_there =
                |stands: &Stands| stands.applied >= sequence || stands.is_gone || stands.unfit.is_some();
            let stands = stands.wait_for(is_there).await.map_err(|_| error::another_life(&tail.name))?;
            match &stands.unfit {
                Some(unfit) => Err(StoreError::new(unfit.0, unfit.1.clone())),
                None if stands.is_gone => Err(error::another_life(&tail.name)),
                None => Ok(()),
            }
        };
        server.within(there).await
    }

    /// Has the server say what time it is, if something is too old by now.
    async fn tick(&self, tail: &Tail, log: &StoredLog) -> Result<(), StoreError> {
        let now = SystemTime::now();
        if !tail.with(log, |_, index| index.is_aged(now))? || !tail.is_to_tick() {
            return Ok(());
        }
        let ticked = publish(&self.inner.server, tail.names.of("tick"), Vec::new(), None).await?;
        self.applied(tail, ticked.unwrap_or_default()).await
    }

    async fn page(&self, log: &StoredLog, what: What, range: Range<'_>) -> Result<Page, StoreError> {
        let (tail, server) = (self.tail(log)?, &self.inner.server);
        tail.with(log, |_, _| ())?;
        let asked = Instant::now();
        loop {
            self.catch_up(&tail).await?;
            self.tick(&tail, log).await?;
            match self.look(&tail, log, what, &range).await? {
                Ok(page) => return Ok(page),
                // Something was trimmed since, or a replica is behind.
                Err(_) if asked.elapsed() < server.time_limit / 2 => sleep(SOON).await,
                Err(lacking) => return Err(self.lack(&tail, lacking).await?),
            }
        }
    }

    /// A message is not there that nobody has trimmed. What is left is another life.
    async fn lack(&self, tail: &Tail, lacking: u64) -> Result<StoreError, StoreError> {
        let server = &self.inner.server;
        if !server.has_deleted(&tail.names.stream, &[lacking..=lacking]).await? {
            return Err(error::denied(&server.name));
        }
        let landmark = tail.state().index.as_ref().map(Index::landmark);
        if let Some(landmark) = landmark {
            life::begin(server, tail, landmark).await?;
        }
        Ok(tail.distrust())
    }

    /// What is known at this moment; if a message of it is not there, which one.
    async fn look(
        &self,
        tail: &Tail,
        log: &StoredLog,
        what: What,
        range: &Range<'_>,
    ) -> Result<Result<Page, u64>, StoreError> {
        let (places, known, bounds) = tail.with(log, |state, index| {
            let (places, topic): (Vec<Place>, _) = match what {
                What::Records => (index.places(range), range.topic),
                What::Newest => (index.newest(range), Some(range.topic.unwrap_or_default())),
            };
            let known = fetch::known(state, &places);
            (places, known, index.bounds(topic))
        })?;
        let records = fetch::fetch(&self.inner.server, tail, &places, known).await?;
        Ok(records.map(|records| Page::new(records, bounds)))
    }

    async fn wait(&self, log: &StoredLog, range: Range<'_>) -> Result<Page, StoreError> {
        let tail = self.tail(log)?;
        let mut stands: watch::Receiver<Stands> = tail.stands();
        let mut is_lacking = false;
        loop {
            let now = stands.borrow_and_update().clone();
            match self.look(&tail, log, What::Records, &range).await? {
                Ok(page) if !page.records.is_empty() => return Ok(page),
                Ok(page) if now.is_up => {
                    // It may be asked again, so that a log that ages is noticed.
                    if timeout(2 * HEARTBEAT, stands.changed()).await.is_err() {
                        self.tick(&tail, log).await?;
                        return Ok(page);
                    }
                }
                // It may be trimmed by now: then that is known soon.
                Err(_) if now.is_up && is_lacking => return self.page(log, What::Records, range).await,
                Err(_) if now.is_up => {
                    is_lacking = true;
                    sleep(SOON).await;
                }
                // The task that follows is at it.
                _ if timeout(2 * HEARTBEAT, stands.changed()).await.is_ok() => {}
                _ => return Err(error::late(&self.inner.server.name)),
            }
        }
    }
}

impl Store for Nats {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        Box::pin(self.open_log(name))
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        Box::pin(async move {
            let tail = self.tail(log)?;
            tail.with(log, |_, _| ())?;
            append(&self.inner.server, &tail, log, batch).await
        })
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.page(log, What::Records, range))
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.wait(log, range))
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        Box::pin(async move {
            let tail = self.tail(log)?;
            tail.with(log, |_, _| ())?;
            self.catch_up(&tail).await?;
            tail.with(log, |_, index| index.find(topic, id))
        })
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(self.page(log, What::Newest, range))
    }
}

impl fmt::Debug for Nats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { server, prefix, .. } = &*self.inner;
        f.debug_struct("Nats").field("server", &server.name).field("prefix", prefix).finish_non_exhaustive()
    }
}
