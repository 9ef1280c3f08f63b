//! Waiting for what comes.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Value, cmd};
use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Epoch, Range};

use crate::connection::Server;
use crate::position;
use crate::reply::{Read, Reply};

/// What a process knows of one log.
pub(crate) struct Tail {
    pub(crate) epoch: Epoch,
    /// The key of its stream.
    pub(crate) key: String,
    /// The highest position that is in use, as far as is known.
    newest: watch::Sender<u64>,
    /// Where the newest record lies that was read or appended: it must be there behind each new connection.
    pub(crate) seen: AtomicU64,
    /// On which connection it was there.
    pub(crate) verified: AtomicU64,
    /// What records were like that were read last, for the next to be asked for.
    shape: Mutex<Shape>,
    read: Notify,
    /// Whether the server is asked for what comes, on a connection that is whole as far as is known.
    is_watched: AtomicBool,
    task: Mutex<Option<AbortHandle>>,
}

/// What records are like.
#[derive(Clone, Copy, Default)]
pub(crate) struct Shape {
    /// There is one topic, and it is the one that is read.
    pub(crate) is_sole: bool,
    /// So many bytes has the longest.
    longest: usize,
    /// So many has one of many.
    mean: usize,
}

/// What is read beside a script has so many bytes at the most.
const MOST_BYTES: usize = 8 << 20;

impl Shape {
    fn of(read: &Read) -> Self {
        let mean = read.bytes / read.page.records.len().max(1);
        Self { is_sole: read.is_sole, longest: read.longest, mean }
    }

    /// How many records are read beside a script, which would turn each of them over twice. `None` if that cannot be said: what is
    /// read there has no bound in bytes.
    pub(crate) fn records(self, range: &Range<'_>) -> Option<usize> {
        let fitting = (range.bytes / self.mean.max(1)).saturating_add(1);
        let records = range.records.min(fitting).min(MOST_BYTES / self.longest.max(1));
        (self.mean > 0 && records >= 16.min(range.records)).then_some(records)
    }
}

/// The server is asked to wait for so long.
const BLOCK: Duration = Duration::from_secs(1);

/// After a lost connection, the next is tried so soon.
const PAUSE: Duration = Duration::from_millis(100);

/// What has come is read within this time, or nobody reads.
const UNREAD: Duration = Duration::from_millis(50);

impl Tail {
    pub(crate) fn new(epoch: Epoch, key: String, verified: u64) -> Self {
        Self {
            epoch,
            key,
            newest: watch::Sender::new(0),
            seen: AtomicU64::new(0),
            verified: AtomicU64::new(verified),
            shape: Mutex::default(),
            read: Notify::new(),
            is_watched: AtomicBool::new(false),
            task: Mutex::new(None),
        }
    }

    /// This position is in use.
    pub(crate) fn advance(&self, position: u64) {
        self.newest.send_if_modified(|newest| {
            let is_new = position > *newest;
            *newest = position.max(*newest);
            is_new
        });
        self.read.notify_one();
    }

    /// A record lies here, as was said on this connection.
    pub(crate) fn saw(&self, position: u64, connection: u64) {
        self.seen.fetch_max(position, Ordering::Relaxed);
        // An answer that was on its way when the next connection was looked at: it has to be looked at again.
        self.verified.fetch_min(connection, Ordering::Relaxed);
        self.advance(position);
    }

    pub(crate) fn shape(&self) -> Shape {
        *self.shape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_shape(&self, read: &Read) {
        // A page of nothing says nothing of its records.
        let known = self.shape();
        let shape = Shape::of(read);
        let mean = if shape.mean == 0 { known.mean } else { shape.mean };
        *self.shape.lock().unwrap_or_else(PoisonError::into_inner) = Shape { mean, ..shape };
    }

    /// The position behind which the server is about to be asked.
    fn begin_watch(&self) -> u64 {
        self.is_watched.store(true, Ordering::Relaxed);
        *self.newest.borrow()
    }

    /// Whether the server is asked for what comes behind this position, which is the newest that is known.
    pub(crate) fn watches(&self, after: u64) -> bool {
        self.is_watched.load(Ordering::Relaxed) && after == *self.newest.borrow()
    }

    /// Waits until something lies behind this position; not for longer than a second, since a log that was emptied has to be noticed.
    pub(crate) async fn wait(self: &Arc<Self>, server: &Arc<Server>, after: u64) {
        self.start(server);
        let mut newest = self.newest.subscribe();
        let _none = timeout(BLOCK, newest.wait_for(|newest| *newest > after)).await;
    }

    /// Begins to ask the server. One task per log does so, whoever gives up: what it has asked for is never thrown away.
    fn start(self: &Arc<Self>, server: &Arc<Server>) {
        let mut task = self.task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.as_ref().is_none_or(AbortHandle::is_finished) {
            let run = run(Arc::downgrade(self), Arc::clone(server), self.key.clone());
            *task = Some(tokio::spawn(run).abort_handle());
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        if let Some(task) = self.task.get_mut().unwrap_or_else(PoisonError::into_inner) {
            task.abort();
        }
    }
}

async fn run(tail: Weak<Tail>, server: Arc<Server>, key: String) {
    while tail.strong_count() > 0 {
        if let Ok(Ok(connection)) = timeout(server.time_limit, server.connect_to_block()).await {
            watch_stream(&tail, &server, &key, connection).await;
            if let Some(tail) = tail.upgrade() {
                tail.is_watched.store(false, Ordering::Relaxed);
            }
        }
        sleep(PAUSE).await;
    }
}

/// Until the connection is lost.
async fn watch_stream(tail: &Weak<Tail>, server: &Server, key: &str, mut connection: MultiplexedConnection) {
    loop {
        let Some(after) = tail.upgrade().map(|tail| tail.begin_watch()) else { return };
        let mut xread = cmd("XREAD");
        // Only that there is something: what it is, a script reads in one step with the bounds. `$` would miss what comes
        // between two calls.
        xread.arg("COUNT").arg(1).arg("BLOCK").arg(BLOCK.as_millis() as usize);
        xread.arg("STREAMS").arg(key).arg(position::id(after));
        let answer =
            timeout(BLOCK.saturating_add(server.time_limit), xread.query_async::<Value>(&mut connection))
                .await;
        let Ok(Ok(answer)) = answer else { return };
        let Some(tail) = tail.upgrade() else { return };
        if let Some(position) = entry(answer) {
            let read = tail.read.notified();
            tail.newest.send_modify(|newest| *newest = position.max(*newest));
            // Whoever waits reads all that is there: not asked for one by one.
            let _nobody = timeout(UNREAD, read).await;
        }
    }
}

/// Where the entry lies that an `XREAD` brought; `None` if it brought none.
fn entry(answer: Value) -> Option<u64> {
    let entries = match answer {
        // Version 3 of the protocol.
        Value::Map(streams) => streams.into_iter().next()?.1,
        answer => Reply::new(Reply::new(answer)?.into_items().next()?)?.into_items().nth(1)?,
    };
    let entry = Reply::new(Reply::new(entries)?.into_items().next()?)?;
    position::of_id(entry.text(0))
}
