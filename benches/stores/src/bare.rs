//! The same with the store's own client: one that writes batches, and one that reads them as they come.

use std::sync::Arc;
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use redb::{Database, ReadableDatabase as _, TableDefinition};
use redis::{Value, cmd, pipe};
use tokio::sync::Notify;
use typed_sse_redb::Durability;

use crate::support::{DURABLE, Server};
use crate::{Kind, LEN, nats, postgres};

/// Events a second; no number where there is no store.
pub(crate) async fn measure(kind: Kind, events: usize, batch: usize) -> f64 {
    match kind {
        Kind::Memory => f64::NAN,
        Kind::Redb(durability) => {
            tokio::task::spawn_blocking(move || in_redb(durability, events, batch)).await.unwrap()
        }
        Kind::Redis { is_durable } => {
            let server = Server::start(if is_durable { &DURABLE } else { &[] });
            in_redis(&server, events, batch).await
        }
        Kind::Postgres { is_durable } => in_postgres(&postgres::Server::of(is_durable), events, batch).await,
        Kind::Nats => in_nats(&nats::Server::start(), events, batch).await,
    }
}

const TABLE: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("events");

fn in_redb(durability: Durability, events: usize, batch: usize) -> f64 {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::create(folder.path().join("bare.redb")).unwrap();
    let data = [b'x'; LEN];
    let started = Instant::now();
    let mut last = 0;
    for _ in 0..events / batch {
        let mut transaction = database.begin_write().unwrap();
        if durability == Durability::Eventual {
            transaction.set_durability(redb::Durability::None).unwrap();
        }
        let mut table = transaction.open_table(TABLE).unwrap();
        let first = last + 1;
        for _ in 0..batch {
            last += 1;
            table.insert(last, data.as_slice()).unwrap();
        }
        drop(table);
        transaction.commit().unwrap();
        let table = database.begin_read().unwrap().open_table(TABLE).unwrap();
        let rows = table.range(first..=last).unwrap();
        let read: usize = rows.map(|row| row.unwrap().1.value().to_vec().len() / LEN).sum();
        assert_eq!(read, batch);
    }
    events as f64 / started.elapsed().as_secs_f64()
}

/// What `XREAD` answers: by stream, entries by ID.
type Streams = Vec<(String, Vec<(String, Value)>)>;

async fn in_redis(server: &Server, events: usize, batch: usize) -> f64 {
    let client = redis::Client::open(server.url()).unwrap();
    let mut writer = client.get_multiplexed_async_connection().await.unwrap();
    let mut reader = client.get_multiplexed_async_connection().await.unwrap();
    reader.set_response_timeout(std::time::Duration::from_secs(10));
    let started = Instant::now();
    let reading = tokio::spawn(async move {
        let (mut after, mut read) = ("0-0".to_owned(), 0);
        while read < events {
            let mut xread = cmd("XREAD");
            xread.arg("COUNT").arg(1024).arg("BLOCK").arg(1000).arg("STREAMS").arg("bare").arg(&after);
            let streams: Option<Streams> = xread.query_async(&mut reader).await.unwrap();
            let Some(streams) = streams else { continue };
            let entries = &streams[0].1;
            read += entries.len();
            after.clone_from(&entries[entries.len() - 1].0);
        }
    });
    let data = "x".repeat(LEN);
    for _ in 0..events / batch {
        let mut pipeline = pipe();
        for _ in 0..batch {
            pipeline.cmd("XADD").arg("bare").arg("*").arg("data").arg(&data).ignore();
        }
        pipeline.exec_async(&mut writer).await.unwrap();
    }
    reading.await.unwrap();
    events as f64 / started.elapsed().as_secs_f64()
}

/// One `INSERT` for a batch, and a reader that is woken behind each commit.
async fn in_postgres(server: &postgres::Server, events: usize, batch: usize) -> f64 {
    let (writer, reader) = (postgres::client(server).await, postgres::client(server).await);
    let table = "CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), data text)";
    writer.batch_execute(table).await.unwrap();
    let insert = writer.prepare("INSERT INTO bare (data) SELECT * FROM unnest($1::text[])").await.unwrap();
    let select = "SELECT id, at, data FROM bare WHERE id > $1 ORDER BY id LIMIT 1024";
    let select = reader.prepare(select).await.unwrap();
    let committed = Arc::new(Notify::new());
    let started = Instant::now();
    let reading = {
        let committed = Arc::clone(&committed);
        tokio::spawn(async move {
            let (mut after, mut read) = (0i64, 0);
            while read < events {
                let rows = reader.query(&select, &[&after]).await.unwrap();
                let Some(last) = rows.last() else {
                    committed.notified().await;
                    continue;
                };
                after = last.get(0);
                read += rows.iter().map(|row| row.get::<_, String>(2).len() / LEN).sum::<usize>();
            }
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

/// One message for each event, as many at once as a batch has, and a push consumer.
async fn in_nats(server: &nats::Server, events: usize, batch: usize) -> f64 {
    server
        .api(
            "STREAM.CREATE.bare",
            r#"{"name":"bare","subjects":["bare.>"],"storage":"file","num_replicas":1}"#,
        )
        .await;
    let (writer, client) = (server.client().await, server.client().await);
    let mut reader = client.subscribe("to.reader").await.unwrap();
    let consumer = r#"{"stream_name":"bare","config":{"deliver_subject":"to.reader","deliver_policy":"all","ack_policy":"none","replay_policy":"instant","max_deliver":1}}"#;
    client.request("$JS.API.CONSUMER.CREATE.bare", consumer.into()).await.unwrap();
    let started = Instant::now();
    let reading = tokio::spawn(async move {
        for _ in 0..events {
            reader.next().await.unwrap();
        }
    });
    let data = "x".repeat(LEN);
    for _ in 0..events / batch {
        let published = (0..batch).map(|_| writer.request("bare.events", data.clone().into()));
        for acknowledged in join_all(published).await {
            acknowledged.unwrap();
        }
    }
    reading.await.unwrap();
    events as f64 / started.elapsed().as_secs_f64()
}
