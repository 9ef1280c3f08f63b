//! The messages, as rows of an SQLite database.
//!
//! One connection writes and one reads. Both work on threads that may block, never on those of the async runtime.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use rusqlite::{Connection, OpenFlags, Row, params};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;
use typed_sse::BoxError;

use crate::events::Message;

/// Cheap to clone: clones are the same database.
#[derive(Clone)]
pub(crate) struct Database {
    reader: Arc<Mutex<Connection>>,
    // Closed after the reader: what closes last moves the write-ahead log into the file, and has to be able to write.
    writer: Arc<Mutex<Connection>>,
    reads: Arc<AtomicU64>,
}

// Without `AUTOINCREMENT`, SQLite gives the ID of a deleted newest row to the next one: an event ID would name two events.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    text TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT";

impl Database {
    /// Opens the database in this file, or makes it.
    pub(crate) fn open(file: &Path) -> rusqlite::Result<Self> {
        let writer = Connection::open(file)?;
        // Whoever reads does not wait for the writer, nor it for them.
        writer.pragma_update(None, "journal_mode", "wal")?;
        // A row that clients have seen is still there after a power failure, and its ID is not given again.
        writer.pragma_update(None, "synchronous", "full")?;
        writer.execute_batch(SCHEMA)?;
        let reader = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let [reader, writer] = [reader, writer].map(|connection| Arc::new(Mutex::new(connection)));
        Ok(Self { reader, writer, reads: Arc::default() })
    }

    /// Commits a message, then hands it to `committed`, on the same thread and before the next message is written.
    ///
    /// So messages are published in the order of their IDs, and a request that is dropped halfway, since its client
    /// has left, still publishes what it has committed.
    pub(crate) async fn insert(
        &self,
        text: String,
        committed: impl FnOnce(&Message) + Send + 'static,
    ) -> Result<i64, BoxError> {
        on_thread(&self.writer, |connection| {
            let at = UNIX_EPOCH.elapsed().unwrap_or_default().as_millis() as i64;
            // Not `RETURNING id`: with it, SQLite commits only after the row was handed out.
            connection.execute("INSERT INTO message (text, at) VALUES (?1, ?2)", params![text, at])?;
            let id = connection.last_insert_rowid();
            committed(&Message { id, text, at });
            Ok(id)
        })
        .await
    }

    /// The newest `n` messages, the oldest of them first.
    pub(crate) async fn newest(&self, n: u32) -> Result<Vec<Message>, BoxError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        on_thread(&self.reader, move |connection| {
            let mut newest =
                connection.prepare("SELECT id, text, at FROM message ORDER BY id DESC LIMIT ?1")?;
            let mut messages = newest.query_map([n], message)?.collect::<rusqlite::Result<Vec<_>>>()?;
            messages.reverse();
            Ok(messages)
        })
        .await
    }

    /// How often the newest messages were read.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// Lets all reads wait until the result is dropped.
    #[cfg(test)]
    pub(crate) async fn hold_reads(&self) -> tokio::sync::OwnedMutexGuard<Connection> {
        Arc::clone(&self.reader).lock_owned().await
    }
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message { id: row.get(0)?, text: row.get(1)?, at: row.get(2)? })
}

/// Runs `work` with the connection where it may block. It runs to its end even if nobody awaits it any more.
async fn on_thread<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, BoxError> {
    // Whoever waits for a turn waits here, and holds no thread.
    let connection = Arc::clone(connection).lock_owned().await;
    Ok(spawn_blocking(move || work(&connection)).await??)
}
