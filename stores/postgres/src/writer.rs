//! The task that writes: what has come while others were on their way is the next group, and a transaction.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use futures_util::future::join_all;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::Row;
use tokio_postgres::types::Type;
use typed_sse_core::store::{Appended, StoreError, StoredLog, Token};

use crate::connection::{BEGIN, Lent, Line, Often, Parameter};
use crate::error::{self, Failure};
use crate::outcome::{bounds, outcome, refusal};
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

/// So many calls are one transaction, and about so many bytes. Each is a subtransaction: of more than 64, Postgres keeps no list
/// in memory; and up to so many futures, `join_all` polls in their order.
const CALLS: usize = 30;
const GROUP_BYTES: usize = 1 << 20;

/// So many groups are on their way: while the server stores one, it has the next. Not behind a pooler, which may answer one transaction
/// with the end of another.
const AT_ONCE: usize = 2;

/// The handle of the task.
pub(crate) struct Writer {
    orders: mpsc::Sender<Order>,
    line: Arc<Line>,
}

impl Writer {
    /// With a session of its own, or behind a pooler that hands them out.
    pub(crate) fn new(line: Arc<Line>, wake: Arc<Wake>, has_session: bool) -> Self {
        let (orders, waiting) = mpsc::channel(WAITING);
        let at_once = if has_session { AT_ONCE } else { 1 };
        tokio::spawn(run(Arc::clone(&line), wake, waiting, at_once));
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

/// Sends groups, up to so many at once.
async fn run(line: Arc<Line>, wake: Arc<Wake>, mut waiting: mpsc::Receiver<Order>, at_once: usize) {
    let mut sent = FuturesUnordered::new();
    let mut next = Group::default();
    loop {
        while !next.is_full()
            && let Ok(order) = waiting.try_recv()
        {
            next.push(order);
        }
        let may_follow = sent.len() < at_once && !next.has_token;
        if !next.orders.is_empty() && (sent.is_empty() || may_follow) {
            let mut group = next.take();
            // Who has given up, has stored nothing.
            group.retain(|order| !order.answer.is_closed() && !order.taken.swap(true, Ordering::AcqRel));
            if !group.is_empty() {
                sent.push(store(&line, &wake, group));
                // It goes to the server now, before the next one does.
                let _is_stored = sent.next().now_or_never();
            }
            continue;
        }
        tokio::select! {
            biased;
            Some(()) = sent.next() => {}
            order = waiting.recv(), if !next.is_full() => match order {
                Some(order) => next.push(order),
                None => break,
            },
        }
    }
    while sent.next().await.is_some() {}
}

/// What is stored in one transaction.
#[derive(Default)]
struct Group {
    orders: Vec<Order>,
    calls: usize,
    bytes: usize,
    /// Behind a group that fails and is tried again, the next number of a producer would be a gap: a group with one waits for those before.
    has_token: bool,
    /// Of another log: a transaction holds one, so no two wait for each other.
    ahead: Option<Order>,
}

impl Group {
    fn is_full(&self) -> bool {
        self.ahead.is_some()
            || self.orders.len() == WAITING
            || self.calls == CALLS
            || self.bytes >= GROUP_BYTES
    }

    fn push(&mut self, order: Order) {
        match self.orders.last() {
            Some(last) if last.log != order.log => {
                self.ahead = Some(order);
                return;
            }
            Some(last) if last.is_joined_by(&order) => {}
            _ => self.calls += 1,
        }
        self.bytes += order.columns.bytes();
        self.has_token |= order.token.is_some();
        self.orders.push(order);
    }

    fn take(&mut self) -> Vec<Order> {
        let Self { orders, ahead, .. } = std::mem::take(self);
        ahead.into_iter().for_each(|order| self.push(order));
        orders
    }
}

/// Stores a group and answers all.
async fn store(line: &Line, wake: &Wake, mut group: Vec<Order>) {
    let lent = match lend(line, &group[0]).await {
        Ok(lent) => lent,
        Err(failure) => return refuse(group, &failure.error),
    };
    let mut follows = Follows { tail: Arc::clone(&group[0].tail), is_known: true };
    if group.len() > 1 {
        match line.within(&lent, together(line, &lent, &group)).await {
            Ok(rows) => {
                group = answer(line, group, rows, &mut follows);
                wake.published();
            }
            // One of them made the server refuse all: each by itself.
            Err(failure) if failure.is_refusal && !failure.is_lost && !failure.is_of_all => {}
            Err(failure) => return refuse(group, &failure.of_append()),
        }
    }
    let mut group = group.into_iter();
    while let Some(order) = group.next() {
        let stored = line.within(&lent, together(line, &lent, std::slice::from_ref(&order))).await;
        match stored.map(|rows| rows.into_iter().flatten().collect::<Vec<_>>()) {
            Ok(rows) => {
                let follows = follows.behind(&rows);
                order.answer(line, &rows, 0, follows);
                wake.published();
            }
            Err(failure) => {
                let rest = failure.rest();
                let _gone = order.answer.send(Err(failure.of_append()));
                if let Some(error) = rest {
                    return refuse(group.collect(), &error);
                }
            }
        }
    }
}

/// Whether what a group has stored lies right behind what was seen before. Where another server has answered, what was seen there has to be
/// looked for first.
struct Follows {
    tail: Arc<Tail>,
    is_known: bool,
}

impl Follows {
    fn behind(&mut self, rows: &[Row]) -> bool {
        let started = rows.first().and_then(|row| row.try_get(5).ok());
        self.is_known &= started.is_some_and(|started| self.tail.is_answered_by(started));
        self.is_known
    }
}

/// The orders of each call: neighbours whose batches are stored as one.
fn calls(group: &[Order]) -> impl Iterator<Item = &[Order]> {
    group.chunk_by(Order::is_joined_by)
}

/// Answers what the calls of a group have done; the rest, of which nothing is stored, is to be tried one by one.
fn answer(line: &Line, group: Vec<Order>, rows: Vec<Vec<Row>>, follows: &mut Follows) -> Vec<Order> {
    let lengths: Vec<_> = calls(&group).map(<[Order]>::len).collect();
    let (mut orders, mut rest) = (group.into_iter(), Vec::new());
    for (length, rows) in lengths.into_iter().zip(rows) {
        let orders = orders.by_ref().take(length);
        // One of several was refused, and so all.
        if length > 1 && outcome(&rows) != Some("stored") {
            rest.extend(orders);
            continue;
        }
        let (mut before, follows) = (0, follows.behind(&rows));
        for order in orders {
            let records = order.columns.len();
            order.answer(line, &rows, before, follows);
            before += records;
        }
    }
    rest
}

async fn lend(line: &Line, first: &Order) -> Result<Lent, Failure> {
    let lent = line.lend().await.map_err(Failure::sure)?;
    match line.within(&lent, make_ready(line, &lent, first)).await {
        // What was lost here stored nothing: another connection may do.
        Err(failure) if failure.is_lost => {
            let lent = line.lend().await.map_err(Failure::sure)?;
            line.within(&lent, make_ready(line, &lent, first)).await?;
            Ok(lent)
        }
        ready => ready.map(|()| lent),
    }
}

async fn make_ready(line: &Line, lent: &Lent, first: &Order) -> Result<(), Failure> {
    first.tail.verify(&first.log, line, lent, Serves::Writes).await?;
    // Before what is sent at once with others, whose order would be lost.
    let columns = Columns::<String>::default();
    let columns = columns.parameters().map(|(_, kind)| kind);
    let types: Vec<_> = [const { Type::TEXT }; 5].into_iter().chain(columns).chain([Type::INT8]).collect();
    line.prepare(lent, Often::Append, || statement(line), &types).await
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

/// All in one transaction, sent at once. What each of the calls has answered.
async fn together(line: &Line, lent: &Lent, group: &[Order]) -> Result<Vec<Vec<Row>>, Failure> {
    let mut all: Vec<_> = calls(group).map(|orders| call(line, lent, orders)).collect();
    // A statement is a transaction, as the session was told to begin them.
    if all.len() == 1
        && line.has_session
        && let Some(only) = all.pop()
    {
        return Ok(vec![only.await?]);
    }
    let client = lent.client();
    let told = |error: tokio_postgres::Error| {
        let failure = line.server.failure(&error);
        if failure.is_lost {
            line.forget(lent.number);
        }
        failure
    };
    // They are polled in this order, and so they are sent.
    let (begun, appended, committed) =
        tokio::join!(client.batch_execute(BEGIN), join_all(all), client.batch_execute("COMMIT"));
    // The calls may have been transactions of their own then.
    begun.map_err(|error| Failure { is_refusal: false, ..told(error) })?;
    // Where one fails, `COMMIT` rolls all back.
    let rows = appended.into_iter().collect::<Result<Vec<_>, _>>()?;
    committed.map_err(told).map(|()| rows)
}

/// Calls the function once, for orders of one log. Only one may have a token.
async fn call(line: &Line, lent: &Lent, orders: &[Order]) -> Result<Vec<Row>, Failure> {
    let Order { log, token, .. } = &orders[0];
    let columns = Columns::joined(orders.iter().map(|order| &order.columns));
    let (name, epoch) = (escape(log.name().into()), log.epoch().to_string());
    let producer = token.as_ref().map(|token| escape(token.producer.as_str().into()));
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
    line.query_often(lent, Often::Append, || statement(line), &parameters).await
}

fn statement(line: &Line) -> String {
    format!(
        "SELECT outcome, first, count, number, at, pg_postmaster_start_time(), trimmed, keys_trimmed, finished, closed \
         FROM {}.append($1, $2, $3, $4::numeric, $5::numeric, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        line.server.schema
    )
}

impl Order {
    /// Whether the batch of the next one can be stored with this one's, in less time than by itself: then no batch has a number, and no
    /// event has to be looked up.
    fn is_joined_by(&self, next: &Self) -> bool {
        let has_no_token = self.token.is_none() && next.token.is_none();
        let topic = self.columns.plain_topic();
        has_no_token && topic.is_some() && topic == next.columns.plain_topic()
    }

    /// With so many records before its own in the same call, which may lie right behind what was seen before.
    fn answer(self, line: &Line, rows: &[Row], before: usize, follows: bool) {
        let answer = self.read(line, rows, before, follows);
        let _gone = self.answer.send(answer);
    }

    /// What the function has answered.
    fn read(&self, line: &Line, rows: &[Row], before: usize, follows: bool) -> Result<Appended, StoreError> {
        let unexpected = || error::unexpected(&line.server.name).unsure();
        let row = rows.first().ok_or_else(unexpected)?;
        let outcome = outcome(rows).ok_or_else(unexpected)?;
        let positions = |before: usize, count: usize| -> Result<Vec<u64>, StoreError> {
            let first: i64 = row.try_get(1).map_err(|_| unexpected())?;
            let first = first.cast_unsigned() + before as u64;
            Ok((first..first + count as u64).collect())
        };
        let number = || {
            let text: Option<&str> = row.try_get(3).map_err(|_| unexpected())?;
            text.and_then(|text| text.parse().ok()).ok_or_else(unexpected)
        };
        match outcome {
            "stored" => {
                let positions = positions(before, self.columns.len())?;
                let at = row.try_get::<_, SystemTime>(4);
                if let (Some(last), Ok(at), true) = (positions.last(), at, follows) {
                    self.tail.saw(last.cast_signed(), at);
                }
                let bounds = positions.last().and_then(|last| bounds(row, *last));
                Ok(match (positions.first(), bounds) {
                    // What of it is trimmed already is read, if only to find that.
                    (Some(&first), Some(bounds)) if follows && bounds.trimmed < first => {
                        Appended::stored(positions).behind(first - 1, bounds)
                    }
                    _ => Appended::stored(positions),
                })
            }
            "repeated" => {
                let count: i64 = row.try_get(2).map_err(|_| unexpected())?;
                Ok(Appended::duplicate(positions(0, usize::try_from(count).map_err(|_| unexpected())?)?))
            }
            outcome => Err(refusal(outcome, self.log.name(), self.token.as_ref(), number)),
        }
    }
}
