//! Who waits is told: within the process at once, other processes by an empty `NOTIFY` behind the commit.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::types::Type;

use crate::connection::{Line, Server, Statement};

/// Tells who waits that there may be something.
#[derive(Default)]
pub(crate) struct Wake {
    changed: watch::Sender<()>,
    /// Others are to be told. However many ask, it is one `NOTIFY`.
    tell: Notify,
    /// Transactions in which something was published, of which it is not known how they ended.
    open: Mutex<Vec<String>>,
    opened: Notify,
}

/// The tasks that keep a [`Wake`] going; they end with wake.
pub(crate) struct Waker {
    pub(crate) wake: Arc<Wake>,
    tasks: Vec<AbortHandle>,
}

/// After a lost connection, the next is tried so soon.
const PAUSE: Duration = Duration::from_millis(200);

/// How soon a transaction is looked at, at first and at the latest.
const LOOK: Duration = Duration::from_millis(1);
const LONGEST_LOOK: Duration = Duration::from_millis(250);

impl Waker {
    pub(crate) fn start(reads: Arc<Line>, listens: Option<Arc<Server>>) -> Self {
        let wake = Arc::<Wake>::default();
        let listener = listens.map(|server| tokio::spawn(listen(Arc::clone(&wake), server)).abort_handle());
        let looker = tokio::spawn(look(Arc::clone(&wake), reads)).abort_handle();
        Self { wake, tasks: listener.into_iter().chain([looker]).collect() }
    }
}

impl Drop for Waker {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Wake {
    /// Who is told of what comes from now on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// This process has committed something.
    pub(crate) fn published(&self) {
        self.changed.send_replace(());
        self.tell.notify_one();
    }

    /// Something was published in this transaction, which is open.
    pub(crate) fn opened(&self, transaction: String) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !open.contains(&transaction) {
            open.push(transaction);
        }
        self.opened.notify_one();
    }

    fn open(&self) -> Vec<String> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn closed(&self, transactions: &[String]) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|open| !transactions.contains(open));
    }
}

/// Listens, and tells others, on one connection.
async fn listen(wake: Arc<Wake>, server: Arc<Server>) {
    loop {
        // What fails is tried again; until then, who waits looks by himself.
        let _lost = listen_once(&wake, &server).await;
        sleep(PAUSE).await;
    }
}

/// Until the connection is lost.
async fn listen_once(wake: &Arc<Wake>, server: &Server) -> Option<()> {
    let own = Arc::new(AtomicI32::new(0));
    let heard = {
        let (wake, own) = (Arc::clone(wake), Arc::clone(&own));
        move |process: i32| {
            // What this process has told, it knows.
            if process != own.load(Ordering::Relaxed) {
                wake.changed.send_replace(());
            }
        }
    };
    let mut connection = server.connect(Box::new(heard)).await.ok()?;
    let schema = &server.schema;
    let (listen, notify) = (format!("LISTEN {schema}"), format!("NOTIFY {schema}"));
    let begin = async {
        let row = connection.client.query_typed_one("SELECT pg_backend_pid()", &[]).await.ok()?;
        own.store(row.try_get(0).ok()?, Ordering::Relaxed);
        connection.client.batch_execute(&listen).await.ok()
    };
    timeout(server.time_limit, begin).await.ok()??;
    // What came while nobody listened.
    wake.changed.send_replace(());
    loop {
        tokio::select! {
            () = wake.tell.notified() => {}
            _ = &mut connection.task => return None,
        }
        let told = timeout(server.time_limit, connection.client.batch_execute(&notify)).await;
        if !matches!(told, Ok(Ok(()))) {
            // The next connection tells them.
            wake.tell.notify_one();
            return None;
        }
    }
}

/// Looks how the transactions end in which something was published: nothing within them tells who waits.
async fn look(wake: Arc<Wake>, reads: Arc<Line>) {
    let mut pause = LOOK;
    loop {
        let open = wake.open();
        if open.is_empty() {
            pause = LOOK;
            wake.opened.notified().await;
            continue;
        }
        if let Some((ended, has_committed)) = ended(&reads, &open).await {
            if has_committed {
                wake.published();
            }
            if !ended.is_empty() {
                pause = LOOK;
            }
            wake.closed(&ended);
        }
        // One that was opened just now is likely to end soon.
        let opened = timeout(pause, wake.opened.notified()).await;
        pause = if opened.is_ok() { LOOK } else { (pause * 2).min(LONGEST_LOOK) };
        if opened.is_ok() {
            sleep(LOOK).await;
        }
    }
}

/// Those of these that have ended, and whether one of them has committed.
async fn ended(reads: &Arc<Line>, open: &[String]) -> Option<(Vec<String>, bool)> {
    const STATEMENT: &str = "SELECT x, pg_xact_status(x::xid8) FROM unnest($1) AS x";
    let lent = reads.lend().await.ok()?;
    let statement = Statement::new(STATEMENT).with(open.to_vec(), Type::TEXT_ARRAY);
    let asked = {
        let (reads, lent) = (Arc::clone(reads), lent.clone());
        async move { reads.run(&lent, &statement).await }
    };
    let rows = reads.within(&lent, lent.in_turn(asked)).await;
    let rows = match rows {
        Ok(rows) => rows,
        // A server that does not know one, as one that another took the place of, knows none.
        Err(failure) if failure.is_refusal => return Some((open.to_vec(), true)),
        Err(_) => return None,
    };
    let (mut ended, mut has_committed) = (Vec::new(), false);
    for row in rows {
        let status: Option<&str> = row.try_get(1).ok()?;
        if status != Some("in progress") {
            has_committed |= status != Some("aborted");
            ended.push(row.try_get(0).ok()?);
        }
    }
    Some((ended, has_committed))
}
