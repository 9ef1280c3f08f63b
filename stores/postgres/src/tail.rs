//! What is known here of a log that was opened.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;
use tokio_postgres::types::Type;
use typed_sse_core::store::{Epoch, StoreError, StoredLog};

use crate::connection::{Lent, Line};
use crate::error::{self, Failure};
use crate::text::escape;

/// A log that was opened, in one of its lives.
pub(crate) struct Tail {
    pub(crate) epoch: Epoch,
    /// The newest record that this process knows of, and when it was stored.
    seen: Mutex<Option<(i64, SystemTime)>>,
    /// The numbers of the connections, by what they serve, behind which the server has what was seen.
    verified: [AtomicU64; 2],
    /// When the server was started that has answered last.
    started: Mutex<Option<SystemTime>>,
    swept: Mutex<Option<Instant>>,
}

/// What a connection serves.
#[derive(Clone, Copy)]
pub(crate) enum Serves {
    Reads,
    Writes,
}

impl Tail {
    pub(crate) fn new(epoch: Epoch) -> Self {
        Self {
            epoch,
            seen: Mutex::default(),
            verified: Default::default(),
            started: Mutex::default(),
            swept: Mutex::default(),
        }
    }

    /// A record lies here.
    pub(crate) fn saw(&self, position: i64, at: SystemTime) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_none_or(|(newest, _)| newest < position) {
            *seen = Some((position, at));
        }
    }

    /// A server that was started then has answered. Whether it is the one that answered before: behind a pooler, another may have taken its
    /// place, and the connection stays. Then what was seen is looked for once more.
    pub(crate) fn is_answered_by(&self, started: SystemTime) -> bool {
        let before = self.started.lock().unwrap_or_else(PoisonError::into_inner).replace(started);
        let is_same = before.is_none_or(|before| before == started);
        if !is_same {
            self.verified.iter().for_each(|verified| verified.store(0, Ordering::Relaxed));
        }
        is_same
    }

    /// Whether it is time to drop what is older than this. A log is swept once a second, by whoever reads it.
    pub(crate) fn is_to_sweep(&self, age: Option<Duration>) -> bool {
        let Some(age) = age else { return false };
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = (age / 16).min(Duration::from_secs(1));
        let is_due = swept.is_none_or(|swept| swept.elapsed() >= pause);
        if is_due {
            *swept = Some(Instant::now());
        }
        is_due
    }

    /// Behind a new connection there may be a server that has lost something: what was there last must be, or have been trimmed.
    pub(crate) async fn verify(
        &self,
        log: &StoredLog,
        line: &Line,
        lent: &Lent,
        serves: Serves,
    ) -> Result<(), Failure> {
        let verified = &self.verified[serves as usize];
        if verified.load(Ordering::Relaxed) == lent.number {
            return Ok(());
        }
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((position, at)) = seen {
            let schema = &line.server.schema;
            let statement = format!(
                "SELECT l.trimmed >= $2 OR EXISTS (SELECT FROM {schema}.records AS r \
                 WHERE r.log = l.number AND r.position = $2 AND r.at = $3 AND NOT r.kept) \
                 FROM {schema}.logs AS l WHERE l.name = $1"
            );
            let name = escape(log.name().into());
            let parameters: [crate::connection::Parameter<'_>; 3] =
                [(&name, Type::TEXT), (&position, Type::INT8), (&at, Type::TIMESTAMPTZ)];
            let rows = line.query(lent, &statement, &parameters).await?;
            let is_there = rows.first().is_some_and(|row| row.try_get(0).unwrap_or_default());
            if !is_there {
                self.begin_life(log, line, lent).await?;
                return Err(Failure::sure(error::another_life(log.name())));
            }
        }
        verified.store(lent.number, Ordering::Relaxed);
        Ok(())
    }

    async fn begin_life(&self, log: &StoredLog, line: &Line, lent: &Lent) -> Result<(), Failure> {
        let schema = &line.server.schema;
        let statement = format!("UPDATE {schema}.logs SET epoch = $3 WHERE name = $1 AND epoch = $2");
        let (before, next) = (self.epoch.to_string(), Epoch::random().to_string());
        let name = escape(log.name().into());
        let parameters: [crate::connection::Parameter<'_>; 3] =
            [(&name, Type::TEXT), (&before, Type::TEXT), (&next, Type::TEXT)];
        line.query(lent, &statement, &parameters).await?;
        Ok(())
    }
}

/// The error of a log that was not opened here in this life.
pub(crate) fn unknown(log: &StoredLog) -> StoreError {
    error::another_life(log.name())
}
