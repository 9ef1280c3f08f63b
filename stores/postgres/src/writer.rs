//! The task that writes: what has come while one transaction committed is the next one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use typed_sse_core::store::{Appended, StoreError, StoreErrorKind, StoredLog, Token};

use crate::connection::{Lent, Line, Parameter};
use crate::error::{self, Failure};
use crate::record::Columns;
use crate::tail::{Serves, Tail};
use crate::text::escape;
use crate::wake::Wake;

/// A batch on its way.
pub(crate) struct Order {
    log: StoredLog,
    tail: Arc<Tail>,
    columns: Columns,
    token: Option<Token>,
    /// Taken by the one who comes first: the writer, or the caller who gives up.
    taken: Arc<AtomicBool>,
    answer: oneshot::Sender<Result<Appended, StoreError>>,
}

/// So many batches wait, and more callers wait to hand theirs over.
const WAITING: usize = 256;

/// So many batches are one transaction, and about so many bytes. Each is a subtransaction: of more than 64, Postgres keeps no list
/// in memory; and up to so many futures, `join_all` polls in their order.
const GROUP: usize = 30;
const GROUP_BYTES: usize = 1 << 20;

/// The handle of the task.
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
    line: Arc<Line>,
}

impl Writer {
    pub(crate) fn new(line: Arc<Line>, wake: Arc<Wake>) -> Self {
        let (orders, waiting) = mpsc::channel(WAITING);
        tokio::spawn(run(Arc::clone(&line), wake, waiting));
        Self { orders, line }
    }

    pub(crate) async fn append(
        &self,
        log: &StoredLog,
        tail: Arc<Tail>,
        columns: Columns,
        token: Option<&Token>,
    ) -> Result<Appended, StoreError> {
        let server = &self.line.server;
        let deadline = Instant::now() + server.time_limit;
        let taken = Arc::new(AtomicBool::new(false));
        let (answer, answered) = oneshot::channel();
        let order = Order {
            log: log.clone(),
            tail,
            columns,
            token: token.cloned(),
            taken: Arc::clone(&taken),
            answer,
        };
        let late = || error::unavailable(&server.name, "did not answer in time");
        let stopped = || error::unavailable(&server.name, "is written to by a runtime that is gone");
        match timeout_at(deadline, self.orders.send(order)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return Err(stopped()),
            Err(_) => return Err(late()),
        }
        match timeout_at(deadline, answered).await {
            Ok(Ok(appended)) => appended,
            Ok(Err(_)) => Err(stopped().unsure()),
            Err(_) if taken.swap(true, Ordering::AcqRel) => Err(late().unsure()),
            Err(_) => Err(late()),
        }
    }
}

async fn run(line: Arc<Line>, wake: Arc<Wake>, mut waiting: mpsc::Receiver<Order>) {
    let mut ahead: Option<Order> = None;
    loop {
        let Some(first) = (match ahead.take() {
            Some(order) => Some(order),
            None => waiting.recv().await,
        }) else {
            return;
        };
        let mut group = vec![first];
        let mut bytes = group[0].columns.bytes();
        while group.len() < GROUP && bytes < GROUP_BYTES {
            match waiting.try_recv() {
                // A transaction holds one log: then no two wait for each other.
                Ok(order) if order.log == group[0].log => {
                    bytes += order.columns.bytes();
                    group.push(order);
                }
                Ok(order) => {
                    ahead = Some(order);
                    break;
                }
                Err(_) => break,
            }
        }
        // Who has given up, has stored nothing.
        group.retain(|order| !order.answer.is_closed() && !order.taken.swap(true, Ordering::AcqRel));
        if !group.is_empty() {
            store(&line, &wake, group).await;
        }
    }
}

/// Stores a group and answers all.
async fn store(line: &Line, wake: &Wake, mut group: Vec<Order>) {
    let lent = match lend(line, &group[0]).await {
        Ok(lent) => lent,
        Err(failure) => return refuse(group, &failure.error),
    };
    if group.len() > 1 {
        match line.within(&lent, together(line, &lent, &group)).await {
            Ok(rows) => {
                wake.published();
                for (order, row) in group.into_iter().zip(rows) {
                    order.answer(line, &row);
                }
                return;
            }
            // One of them made the server refuse all: each by itself.
            Err(failure) if failure.is_refusal && !failure.is_lost => {}
            Err(failure) => return refuse(group, &failure.of_append()),
        }
    }
    for order in group.drain(..) {
        let stored = line.within(&lent, one(line, &lent, &order)).await;
        match stored {
            Ok(row) => {
                wake.published();
                order.answer(line, &row);
            }
            Err(failure) => {
                let _gone = order.answer.send(Err(failure.of_append()));
            }
        }
    }
}

async fn lend(line: &Line, first: &Order) -> Result<Lent, Failure> {
    let lent = line.lend().await.map_err(Failure::sure)?;
    let verify = first.tail.verify(&first.log, line, &lent, Serves::Writes);
    match line.within(&lent, verify).await {
        // What was lost here stored nothing: another connection may do.
        Err(failure) if failure.is_lost => {
            let lent = line.lend().await.map_err(Failure::sure)?;
            line.within(&lent, first.tail.verify(&first.log, line, &lent, Serves::Writes)).await?;
            Ok(lent)
        }
        verified => verified.map(|()| lent),
    }
}

fn refuse(group: Vec<Order>, error: &StoreError) {
    for order in group {
        let copy = StoreError::new(error.kind(), plain(error));
        let copy = if error.may_have_been_stored() { copy.unsure() } else { copy };
        let _gone = order.answer.send(Err(copy));
    }
}

/// Its words, without what it adds of itself.
fn plain(error: &StoreError) -> String {
    let words = error.to_string();
    words.strip_suffix("; it may have been stored").map_or_else(|| words.clone(), str::to_owned)
}

/// All in one transaction, sent at once.
async fn together(line: &Line, lent: &Lent, group: &[Order]) -> Result<Vec<Vec<Row>>, Failure> {
    let client = lent.client();
    let told = |error: tokio_postgres::Error| {
        let failure = line.server.failure(&error);
        if failure.is_lost {
            line.forget(lent.number);
        }
        failure
    };
    // They are polled in this order, and so they are sent.
    let (begun, appended, committed) = tokio::join!(
        client.batch_execute("BEGIN"),
        join_all(group.iter().map(|order| one(line, lent, order))),
        client.batch_execute("COMMIT"),
    );
    begun.map_err(told)?;
    // Where one fails, `COMMIT` rolls all back.
    let rows = appended.into_iter().collect::<Result<Vec<_>, _>>()?;
    match committed.map_err(told) {
        Ok(()) => Ok(rows),
        Err(failure) => Err(failure),
    }
}

async fn one(line: &Line, lent: &Lent, order: &Order) -> Result<Vec<Row>, Failure> {
    let Order { log, columns, token, .. } = order;
    let statement = format!(
        "SELECT outcome, first, count, number, at, pg_postmaster_start_time() \
         FROM {}.append($1, $2, $3, $4::numeric, $5::numeric, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        line.server.schema
    );
    let (name, epoch) = (log.name(), log.epoch().to_string());
    let producer = token.as_ref().map(|token| escape(&token.producer));
    let producer = producer.as_deref();
    let producer_epoch = token.as_ref().map(|token| token.epoch.to_string());
    let number = token.as_ref().map(|token| token.number.to_string());
    // So long that its answer, that it has stored nothing, comes within the time limit.
    let patience = (line.server.time_limit * 3 / 4).as_millis();
    let patience = i64::try_from(patience).unwrap_or(i64::MAX).clamp(1, 1 << 30);
    let mut parameters: Vec<Parameter<'_>> = vec![
        (&name, Type::TEXT),
        (&epoch, Type::TEXT),
        (&producer, Type::TEXT),
        (&producer_epoch, Type::TEXT),
        (&number, Type::TEXT),
    ];
    parameters.extend(columns.parameters());
    parameters.push((&patience, Type::INT8));
    line.query(lent, &statement, &parameters).await
}

impl Order {
    fn answer(self, line: &Line, rows: &[Row]) {
        let answer = self.read(line, rows);
        let _gone = self.answer.send(answer);
    }

    /// What the function has answered.
    fn read(&self, line: &Line, rows: &[Row]) -> Result<Appended, StoreError> {
        let unexpected = || error::unexpected(&line.server.name).unsure();
        let row = rows.first().ok_or_else(unexpected)?;
        let outcome: &str = row.try_get(0).map_err(|_| unexpected())?;
        let positions = || -> Result<Vec<u64>, StoreError> {
            let first: i64 = row.try_get(1).map_err(|_| unexpected())?;
            let count: i64 = row.try_get(2).map_err(|_| unexpected())?;
            Ok((first..first + count).map(i64::cast_unsigned).collect())
        };
        let number = || {
            let text: Option<&str> = row.try_get(3).map_err(|_| unexpected())?;
            text.and_then(|text| text.parse().ok()).ok_or_else(unexpected)
        };
        match outcome {
            "stored" => {
                let (positions, at) = (positions()?, row.try_get::<_, SystemTime>(4));
                let started = row.try_get(5).map_err(|_| unexpected())?;
                // Of another server, it is not the newest of those before: they have to be there first.
                let is_next = self.tail.is_answered_by(started);
                if let (Some(last), Ok(at), true) = (positions.last(), at, is_next) {
                    self.tail.saw(last.cast_signed(), at);
                }
                Ok(Appended::stored(positions))
            }
            "repeated" => Ok(Appended::duplicate(positions()?)),
            outcome => Err(refusal(outcome, self.log.name(), self.token.as_ref(), number)),
        }
    }
}

/// The error of an outcome.
pub(crate) fn refusal(
    outcome: &str,
    log: &str,
    token: Option<&Token>,
    number: impl Fn() -> Result<u64, StoreError>,
) -> StoreError {
    let number = match outcome {
        "epoch" | "finished" => 0,
        _ => match number() {
            Ok(number) => number,
            Err(error) => return error,
        },
    };
    let producer = token.map_or("", |token| token.producer.as_str());
    let (kind, words) = match outcome {
        "epoch" => return error::another_life(log),
        "finished" => {
            (StoreErrorKind::Finished, "the topic is finished: nothing more can be appended".to_owned())
        }
        "gap" => (
            StoreErrorKind::Gap { expected: number },
            format!("batches of `{producer}` are missing: {number} comes next"),
        ),
        "fenced" => (
            StoreErrorKind::Fenced { epoch: number },
            format!("`{producer}` goes on in a newer epoch: this one may store nothing"),
        ),
        _ => (
            StoreErrorKind::DuplicateId { position: number },
            "the topic retains an event of this ID".to_owned(),
        ),
    };
    StoreError::new(kind, words)
}
