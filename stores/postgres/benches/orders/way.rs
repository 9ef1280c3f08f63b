//! The ways to keep a log, and what each of them needs: tables, what publishes into them, and what reads them in order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::poll_fn;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use typed_sse::{Channel, Event, Publisher};
use typed_sse_core::store::{Range, Store as _, StoredLog};
use typed_sse_postgres::tokio_postgres::types::Type;
use typed_sse_postgres::tokio_postgres::{AsyncMessage, Client, NoTls, Statement, Transaction, connect};
use typed_sse_postgres::{Postgres, PublishIn as _};

use crate::sequencer;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Way {
    /// A table with a sequence, read by its numbers. It costs the least, and its readers miss rows.
    Bare,
    /// Read in the order of the transactions' numbers, below the oldest one that has not ended.
    Below,
    /// Numbered by one task, once committed.
    Sequenced,
    /// Numbered as the first step of the commit, while a row is held. No more than that.
    InTurn,
    /// The same with all that the store does.
    Ours,
}

pub(crate) const WAYS: [Way; 5] = [Way::Bare, Way::Below, Way::Sequenced, Way::InTurn, Way::Ours];

pub(crate) const TABLES: &str = "
    CREATE TABLE orders (item text);
    CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), data text);
    CREATE TABLE below (xid xid8 DEFAULT pg_current_xact_id(), id bigserial, at timestamptz DEFAULT now(), data text,
      PRIMARY KEY (xid, id));
    CREATE TABLE outbox (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), data text);
    CREATE TABLE sequenced (id bigint PRIMARY KEY, at timestamptz, data text);
    CREATE TABLE in_turn (id bigint PRIMARY KEY, at timestamptz DEFAULT now(), data text);
    CREATE TABLE turn (log integer);
    INSERT INTO turn VALUES (1);
    CREATE UNLOGGED TABLE pending (id bigserial PRIMARY KEY, data text);
    CREATE FUNCTION flush() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      PERFORM FROM turn FOR UPDATE;
      INSERT INTO in_turn (id, data) SELECT coalesce(max(id), 0) + 1, NEW.data FROM in_turn;
      DELETE FROM pending WHERE id = NEW.id;
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER flush AFTER INSERT ON pending DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION flush();";

/// Who hears nothing looks so often.
pub(crate) const POLL: Duration = Duration::from_millis(20);

const PAGE: &str = "1024";

impl Way {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bare => "by the sequence (misses rows)",
            Self::Below => "below the oldest open",
            Self::Sequenced => "one sequencer",
            Self::InTurn => "counting in turn, alone",
            Self::Ours => "counting in turn, the store",
        }
    }

    /// The table that publishers write.
    fn written(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Below => "below",
            Self::Sequenced => "outbox",
            Self::InTurn => "pending",
            Self::Ours => "typed_sse",
        }
    }

    /// The table that readers read, which is also the channel that they listen to.
    fn read(self) -> &'static str {
        match self {
            Self::Sequenced => "sequenced",
            Self::InTurn => "in_turn",
            _ => self.written(),
        }
    }

    /// What lies behind a transaction and a number: of each event the two, and its data.
    fn page(self) -> String {
        let table = self.read();
        if self == Self::Below {
            // What is below is all there will ever be.
            return format!(
                "SELECT xid::text AS transaction, id, data FROM {table} WHERE (xid, id) > ($1::text::xid8, $2) \
                 AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY xid, id LIMIT {PAGE}"
            );
        }
        format!("SELECT $1, id, data FROM {table} WHERE id > $2 ORDER BY id LIMIT {PAGE}")
    }
}

/// A log that is kept in one of the ways, with the tasks that this takes.
pub(crate) struct Log {
    pub(crate) way: Way,
    url: String,
    tell: Arc<Notify>,
    ours: Option<(Publisher<Event>, StoredLog)>,
    _tasks: JoinSet<()>,
}

/// A connection that publishes.
pub(crate) struct Line {
    pub(crate) client: Client,
    insert: Option<Statement>,
}

impl Log {
    /// An empty one.
    pub(crate) async fn new(url: &str, way: Way) -> Arc<Self> {
        let (client, _) = wire(url).await;
        // The sequencer of one before may be there yet.
        until(&client, &format!("SELECT NOT EXISTS ({HELD})")).await;
        client
            .batch_execute("TRUNCATE bare, below, outbox, sequenced, in_turn, pending RESTART IDENTITY")
            .await
            .unwrap();
        Self::open(url, way).await
    }

    /// One whose tables are empty.
    pub(crate) async fn open(url: &str, way: Way) -> Arc<Self> {
        let mut tasks = JoinSet::new();
        let tell = Arc::<Notify>::default();
        let mut ours = None;
        if way == Way::Ours {
            let store = Postgres::connect(url).await.unwrap();
            let name = format!("log {}", fastrand::u64(..));
            let publisher = Channel::builder().store(store.clone(), &*name).publisher().await.unwrap();
            ours = Some((publisher, store.open(&name).await.unwrap()));
        } else {
            // Who waits for the commit: the sequencer, or the readers.
            let channel = if way == Way::Sequenced { way.written() } else { way.read() };
            tasks.spawn(teller(url.to_owned(), channel, Arc::clone(&tell)));
        }
        if way == Way::Sequenced {
            // One does it, and another one stands by.
            tasks.spawn(sequencer::run(url.to_owned(), way.written(), way.read()));
            tasks.spawn(sequencer::run(url.to_owned(), way.written(), way.read()));
            until(&wire(url).await.0, &format!("SELECT EXISTS ({HELD})")).await;
        }
        Arc::new(Self { way, url: url.to_owned(), tell, ours, _tasks: tasks })
    }

    pub(crate) async fn line(&self) -> Line {
        let (client, _) = wire(&self.url).await;
        let insert = format!("INSERT INTO {} (data) VALUES ($1)", self.way.written());
        let insert = match self.way {
            Way::Ours => None,
            _ => Some(client.prepare(&insert).await.unwrap()),
        };
        Line { client, insert }
    }

    /// Publishes in a transaction, with the prepared statement if it is one of a [`Line`].
    pub(crate) async fn put(&self, order: &mut Transaction<'_>, insert: Option<&Statement>, data: &str) {
        match (&self.ours, insert) {
            (Some((publisher, _)), _) => publisher.publish_in(order, &Event::new(data)).await.unwrap(),
            (None, Some(insert)) => {
                order.execute(insert, &[&data]).await.unwrap();
            }
            (None, None) => {
                let insert = format!("INSERT INTO {} (data) VALUES ($1)", self.way.written());
                order.execute(&insert, &[&data]).await.unwrap();
            }
        }
    }

    /// So many events from `old.1` on, a thousand to a transaction; until they are where readers look.
    pub(crate) async fn fill(&self, events: i32) {
        let (client, _) = wire(&self.url).await;
        let (fill, table) = match &self.ours {
            Some((_, log)) => {
                (format!("SELECT typed_sse.publish('{}', 'old.' || n)", log.name()), "typed_sse.records")
            }
            None => {
                (format!("INSERT INTO {} (data) SELECT 'old.' || n", self.way.written()), self.way.read())
            }
        };
        for first in (1..=events).step_by(1000) {
            let last = first + 999;
            client
                .batch_execute(&format!("{fill} FROM generate_series({first}, {last}) AS n"))
                .await
                .unwrap();
        }
        let newest = format!("SELECT EXISTS (SELECT FROM {table} WHERE data = 'old.{events}')");
        until(&client, &newest).await;
    }

    /// A transaction that has published was committed. The store finds that out by itself.
    pub(crate) fn committed(&self) {
        self.tell.notify_one();
    }

    /// What comes, up to the event `end`, and when it came.
    pub(crate) async fn read(self: Arc<Self>) -> Vec<(String, Instant)> {
        if let Some((_, log)) = &self.ours {
            return follow(&self.url, log).await;
        }
        let (client, heard) = wire(&self.url).await;
        client.batch_execute(&format!("LISTEN {}", self.way.read())).await.unwrap();
        let page = client.prepare_typed(&self.way.page(), &[Type::TEXT, Type::INT8]).await.unwrap();
        let (mut transaction, mut number) = ("0".to_owned(), 0i64);
        let mut seen = Vec::new();
        loop {
            let rows = client.query(&page, &[&transaction, &number]).await.unwrap();
            let now = Instant::now();
            for row in &rows {
                (transaction, number) = (row.get(0), row.get(1));
                if is_end(&mut seen, row.get(2), now) {
                    return seen;
                }
            }
            if rows.is_empty() {
                let _or_looks = timeout(POLL, heard.notified()).await;
            }
        }
    }
}

impl Line {
    /// Begins a transaction that can publish.
    pub(crate) async fn begin(&mut self) -> (Transaction<'_>, Option<&Statement>) {
        (self.client.transaction().await.unwrap(), self.insert.as_ref())
    }
}

async fn follow(url: &str, log: &StoredLog) -> Vec<(String, Instant)> {
    // In a process of its own, as it were.
    let store = Postgres::connect(url).await.unwrap();
    store.open(log.name()).await.unwrap();
    let (mut after, mut seen) = (0, Vec::new());
    loop {
        let page = store.follow(log, Range::after(after)).await.unwrap();
        let now = Instant::now();
        for stored in page.records {
            after = stored.position;
            if is_end(&mut seen, stored.record.data(), now) {
                return seen;
            }
        }
    }
}

fn is_end(seen: &mut Vec<(String, Instant)>, data: &str, now: Instant) -> bool {
    let name = data.split(' ').next().unwrap();
    if name != "end" {
        seen.push((name.to_owned(), now));
    }
    name == "end"
}

/// Tells the readers behind the commits: however many there were meanwhile, it is one `NOTIFY`.
async fn teller(url: String, channel: &'static str, tell: Arc<Notify>) {
    let (client, _) = wire(&url).await;
    loop {
        tell.notified().await;
        client.batch_execute(&format!("NOTIFY {channel}")).await.unwrap();
    }
}

/// Who holds the lock of the sequencer.
pub(crate) const HELD: &str = "SELECT FROM pg_locks WHERE locktype = 'advisory'";

/// Asks until it is so.
pub(crate) async fn until(client: &Client, question: &str) {
    while !client.query_one(question, &[]).await.unwrap().get::<_, bool>(0) {
        sleep(Duration::from_millis(1)).await;
    }
}

/// A connection, and what is told by each notification that comes on it.
pub(crate) async fn wire(url: &str) -> (Client, Arc<Notify>) {
    let (client, mut connection) = connect(url, NoTls).await.unwrap();
    let heard = Arc::<Notify>::default();
    let told = Arc::clone(&heard);
    tokio::spawn(async move {
        let mut messages = poll_fn(move |context| connection.poll_message(context));
        while let Some(Ok(message)) = messages.next().await {
            if let AsyncMessage::Notification(_) = message {
                told.notify_one();
            }
        }
    });
    (client, heard)
}
