//! The same with the store's own client: one that writes batches, and one that reads them as they come, and hands them to tasks if there are
//! any.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::future::join_all;
use redb::{Database, ReadableDatabase as _, TableDefinition};
use redis::aio::MultiplexedConnection;
use redis::{Value, cmd, pipe};
use tokio::sync::{Notify, broadcast};
use tokio::task::JoinHandle;
use typed_sse_postgres::tokio_postgres::{Client, Statement};
use typed_sse_redb::Durability;

use crate::support::{DURABLE, Server};
use crate::{Kind, LEN, nats, postgres};

/// Events a second, to so many tasks, or to the client alone for none; no number where there is no store.
pub(crate) async fn measure(kind: Kind, tasks: usize, events: usize, batch: usize) -> f64 {
    if kind == Kind::Memory {
        return f64::NAN;
    }
    let crowd = Crowd::start(tasks, events);
    match kind {
        Kind::Memory => unreachable!("there is none"),
        Kind::Redb(durability) => in_redb(durability, events, batch, crowd).await,
        Kind::Redis { is_durable } => {
            let server = Server::start(if is_durable { &DURABLE } else { &[] });
            in_redis(&server, events, batch, crowd).await
        }
        Kind::Postgres { is_durable } => {
            in_postgres(&postgres::Server::of(is_durable), events, batch, crowd).await
        }
        Kind::Nats => in_nats(&nats::Server::start(), events, batch, crowd).await,
    }
}

/// Tasks each of which is handed each event.
struct Crowd {
    sender: broadcast::Sender<Bytes>,
    tasks: Vec<JoinHandle<()>>,
}

impl Crowd {
    fn start(tasks: usize, events: usize) -> Self {
        // Nobody falls behind.
        let (sender, _) = broadcast::channel(events);
        let receive = |mut receiver: broadcast::Receiver<Bytes>| async move {
            for _ in 0..events {
                assert_eq!(receiver.recv().await.unwrap().len(), LEN);
            }
        };
        let tasks = (0..tasks).map(|_| tokio::spawn(receive(sender.subscribe()))).collect();
        Self { sender, tasks }
    }

    fn is_empty(&self) -> bool {
        self.tasks.is_empty()
    }

    /// Makes the data of an event, if there is anybody for it.
    fn hand(&self, data: impl FnOnce() -> Bytes) {
        if !self.is_empty() {
            self.sender.send(data()).unwrap();
        }
    }

    async fn end(self) {
        for task in self.tasks {
            task.await.unwrap();
        }
    }
}

/// Who reads what was written reads so many events at a time.
const PAGE: usize = 1024;

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");

async fn in_redb(durability: Durability, events: usize, batch: usize, crowd: Crowd) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("bare.redb")).unwrap();
    let started = Instant::now();
    let written = tokio::task::spawn_blocking(move || {
        for n in 0..(events / batch) as u64 {
            let first = n * batch as u64 + 1;
            insert(&database, durability, first, batch);
            assert_eq!(read(&database, first, &crowd), batch);
        }
        crowd
    });
    written.await.unwrap().end().await;
    events as f64 / started.elapsed().as_secs_f64()
}

/// One transaction.
fn insert(database: &Database, durability: Durability, first: u64, batch: usize) {
    let data = [b'x'; LEN];
    let mut transaction = database.begin_write().unwrap();
    if durability == Durability::Eventual {
        transaction.set_durability(redb::Durability::None).unwrap();
    }
    let mut table = transaction.open_table(TABLE).unwrap();
    for n in first..first + batch as u64 {
        table.insert(n, data.as_slice()).unwrap();
    }
    drop(table);
    transaction.commit().unwrap();
}

/// Each row, from one on. How many there are.
fn read(database: &Database, first: u64, crowd: &Crowd) -> usize {
    let table = database.begin_read().unwrap().open_table(TABLE).unwrap();
    let rows = table.range(first..).unwrap().map(|row| {
        let data = row.unwrap().1.value().to_vec();
        let events = data.len() / LEN;
        crowd.hand(|| data.into());
        events
    });
    rows.sum()
}

/// All rows, a transaction for so many as a page has: what is read of one is there until the next is. How many there are.
fn read_pages(database: &Database) -> usize {
    let (mut first, mut read) = (0, 0);
    loop {
        let table = database.begin_read().unwrap().open_table(TABLE).unwrap();
        let rows = table.range(first..).unwrap().take(PAGE).map(|row| {
            let (position, data) = row.unwrap();
            (position.value(), String::from_utf8(data.value().to_vec()).unwrap())
        });
        let page: Vec<_> = rows.collect();
        let Some((last, _)) = page.last() else { return read };
        first = last + 1;
        read += page.iter().map(|(_, data)| data.len() / LEN).sum::<usize>();
    }
}

/// The client's own is half a second, which is short for `BLOCK`, and for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(10);

/// What `XREAD` answers: by stream, entries by ID.
type Streams = Vec<(String, Vec<(String, Value)>)>;

async fn in_redis(server: &Server, events: usize, batch: usize, crowd: Crowd) -> f64 {
    let client = redis::Client::open(server.url()).unwrap();
    let mut writer = client.get_multiplexed_async_connection().await.unwrap();
    let mut reader = client.get_multiplexed_async_connection().await.unwrap();
    reader.set_response_timeout(PATIENCE);
    writer.set_response_timeout(PATIENCE);
    let started = Instant::now();
    let reading = tokio::spawn(async move {
        read_streams(&mut reader, events, &crowd).await;
        crowd.end().await
    });
    for _ in 0..events / batch {
        add(&mut writer, batch).await;
    }
    reading.await.unwrap();
    events as f64 / started.elapsed().as_secs_f64()
}

/// One `INSERT` for a batch, and a reader that is woken behind each commit.
async fn in_postgres(server: &postgres::Server, events: usize, batch: usize, crowd: Crowd) -> f64 {
    let (writer, reader) = (postgres::client(server).await, postgres::client(server).await);
    let insert = prepare_table(&writer).await;
    let committed = Arc::new(Notify::new());
    let started = Instant::now();
    let reading = {
        let committed = Arc::clone(&committed);
        tokio::spawn(async move {
            read_rows(&reader, events, &committed, &crowd).await;
            crowd.end().await
        })
    };
    let data = vec!["x".repeat(LEN); batch];
    for _ in 0..events / batch {
        writer.execute(&insert, &[&data]).await.unwrap();
        committed.notify_one();
    }
    reading.await.unwrap();
    events as f64 / started.elapsed().as_secs_f64()
}

/// A table, and the statement that writes a batch into it.
async fn prepare_table(client: &Client) -> Statement {
    let table = "CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), data text)";
    client.batch_execute(table).await.unwrap();
    client.prepare("INSERT INTO bare (data) SELECT * FROM unnest($1::text[])").await.unwrap()
}

/// So many rows from the beginning, and waits for them where they are not there yet. How many were read.
async fn read_rows(client: &Client, events: usize, committed: &Notify, crowd: &Crowd) -> usize {
    let select = format!("SELECT id, at, data FROM bare WHERE id > $1 ORDER BY id LIMIT {PAGE}");
    let select = client.prepare(&select).await.unwrap();
    let (mut after, mut read) = (0i64, 0);
    while read < events {
        let rows = client.query(&select, &[&after]).await.unwrap();
        let Some(last) = rows.last() else {
            committed.notified().await;
            continue;
        };
        after = last.get(0);
        for row in &rows {
            let data: String = row.get(2);
            read += data.len() / LEN;
            crowd.hand(|| data.into());
        }
    }
    read
}

/// One pipeline.
async fn add(connection: &mut MultiplexedConnection, batch: usize) {
    let data = "x".repeat(LEN);
    let mut pipeline = pipe();
    for _ in 0..batch {
        pipeline.cmd("XADD").arg("bare").arg("*").arg("data").arg(&data).ignore();
    }
    pipeline.exec_async(connection).await.unwrap();
}

/// So many entries from the beginning, and waits for them where they are not there yet. How many were read.
async fn read_streams(connection: &mut MultiplexedConnection, events: usize, crowd: &Crowd) -> usize {
    let (mut after, mut read) = ("0-0".to_owned(), 0);
    while read < events {
        let mut xread = cmd("XREAD");
        xread.arg("COUNT").arg(PAGE).arg("BLOCK").arg(1000).arg("STREAMS").arg("bare").arg(&after);
        let streams: Option<Streams> = xread.query_async(connection).await.unwrap();
        let Some(streams) = streams else { continue };
        let entries = &streams[0].1;
        read += entries.len();
        entries.iter().for_each(|(_, fields)| crowd.hand(|| data_of(fields)));
        after.clone_from(&entries[entries.len() - 1].0);
    }
    read
}

/// The value of the one field of an entry.
fn data_of(fields: &Value) -> Bytes {
    let [_, Value::BulkString(data)] = fields.as_sequence().unwrap() else { unreachable!("one field") };
    Bytes::copy_from_slice(data)
}

/// One message for each event, as many at once as a batch has, and a push consumer.
async fn in_nats(server: &nats::Server, events: usize, batch: usize, crowd: Crowd) -> f64 {
    let (writer, reader) = (server.client().await, server.client().await);
    make_stream(server).await;
    let started = Instant::now();
    let reading = tokio::spawn(async move {
        read_messages(&reader, "live", events, &crowd).await;
        crowd.end().await
    });
    for _ in 0..events / batch {
        send(&writer, batch).await;
    }
    reading.await.unwrap();
    events as f64 / started.elapsed().as_secs_f64()
}

async fn make_stream(server: &nats::Server) {
    let stream = r#"{"name":"bare","subjects":["bare.>"],"storage":"file","num_replicas":1}"#;
    server.api("STREAM.CREATE.bare", stream).await;
}

/// So many messages at once.
async fn send(client: &async_nats::Client, batch: usize) {
    let data = "x".repeat(LEN);
    let published = (0..batch).map(|_| client.request("bare.events", data.clone().into()));
    for acknowledged in join_all(published).await {
        acknowledged.unwrap();
    }
}

/// So many messages from the beginning, by a consumer for this alone.
async fn read_messages(client: &async_nats::Client, name: &str, events: usize, crowd: &Crowd) -> usize {
    let inbox = format!("to.{name}");
    let messages = client.subscribe(inbox.clone()).await.unwrap();
    let consumer = format!(
        r#"{{"stream_name":"bare","config":{{"deliver_subject":"{inbox}","deliver_policy":"all","ack_policy":"none","replay_policy":"instant","max_deliver":1}}}}"#
    );
    client.request("$JS.API.CONSUMER.CREATE.bare", consumer.into()).await.unwrap();
    let mut messages = messages.take(events);
    let mut read = 0;
    while let Some(message) = messages.next().await {
        crowd.hand(|| message.payload);
        read += 1;
    }
    read
}

/// A log that was written, to be read from its beginning.
pub(crate) enum Replay {
    Redb { database: Database, _folder: tempfile::TempDir },
    Redis { connection: MultiplexedConnection, _server: Server },
    Postgres { client: Client, _server: postgres::Server },
    Nats { client: async_nats::Client, _server: nats::Server },
}

impl Replay {
    pub(crate) async fn fill(kind: Kind, events: usize, batch: usize) -> Self {
        match kind {
            Kind::Redis { is_durable } => {
                let server = Server::start(if is_durable { &DURABLE } else { &[] });
                let client = redis::Client::open(server.url()).unwrap();
                let mut connection = client.get_multiplexed_async_connection().await.unwrap();
                connection.set_response_timeout(PATIENCE);
                for _ in 0..events / batch {
                    add(&mut connection, batch).await;
                }
                Self::Redis { connection, _server: server }
            }
            Kind::Postgres { is_durable } => {
                let server = postgres::Server::of(is_durable);
                let client = postgres::client(&server).await;
                let (insert, data) = (prepare_table(&client).await, vec!["x".repeat(LEN); batch]);
                for _ in 0..events / batch {
                    client.execute(&insert, &[&data]).await.unwrap();
                }
                Self::Postgres { client, _server: server }
            }
            Kind::Nats => {
                let server = nats::Server::start();
                let client = server.client().await;
                make_stream(&server).await;
                for _ in 0..events / batch {
                    send(&client, batch).await;
                }
                Self::Nats { client, _server: server }
            }
            Kind::Memory | Kind::Redb(_) => {
                let folder = tempfile::tempdir().unwrap();
                let database = Database::create(folder.path().join("bare.redb")).unwrap();
                for n in 0..(events / batch) as u64 {
                    insert(&database, Durability::Eventual, n * batch as u64 + 1, batch);
                }
                Self::Redb { database, _folder: folder }
            }
        }
    }

    /// Events a second.
    pub(crate) async fn run(&self, events: usize) -> f64 {
        let (started, nobody) = (Instant::now(), Crowd::start(0, 1));
        let read = match self {
            Self::Redb { database, .. } => tokio::task::block_in_place(|| read_pages(database)),
            Self::Redis { connection, .. } => read_streams(&mut connection.clone(), events, &nobody).await,
            Self::Postgres { client, .. } => read_rows(client, events, &Notify::new(), &nobody).await,
            Self::Nats { client, .. } => {
                read_messages(client, &client.new_inbox().replace('.', "_"), events, &nobody).await
            }
        };
        assert_eq!(read, events);
        events as f64 / started.elapsed().as_secs_f64()
    }

    /// Events a second that are looked at one after the other, in one transaction, and not kept; only redb has them in this process.
    pub(crate) fn scan(&self, events: usize) -> Option<f64> {
        let Self::Redb { database, .. } = self else { return None };
        let (started, nobody) = (Instant::now(), Crowd::start(0, 1));
        assert_eq!(tokio::task::block_in_place(|| read(database, 0, &nobody)), events);
        Some(events as f64 / started.elapsed().as_secs_f64())
    }
}
