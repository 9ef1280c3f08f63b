//! What the README promises.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::sync::mpsc;

use axum::Router;
use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::{Request, StatusCode};
use futures_util::future::join_all;
use rusqlite::Connection;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower::ServiceExt as _;
use typed_sse::testing::{Client, End, Received};

use crate::database::Database;
use crate::events::{MAX_CHARS, Room, SHOWN};

/// A server over a database of its own.
struct Server {
    room: Room,
    app: Router,
    folder: TempDir,
}

type Browser = Client<BodyDataStream>;

#[derive(Deserialize)]
struct Shown {
    id: i64,
    text: String,
}

impl Server {
    fn start() -> Self {
        Self::over(tempfile::tempdir().unwrap())
    }

    fn over(folder: TempDir) -> Self {
        let room = Room::new(Database::open(&folder.path().join("history.db")).unwrap());
        Self { app: room.clone().router(), room, folder }
    }

    /// Another process over the same file, which knows nothing of the one before.
    fn restart(self) -> Self {
        Self::over(self.folder)
    }

    /// Gives the client its next connection.
    async fn open(&self, client: &mut Browser) {
        let last = client.last_event_id();
        let request = Request::get("/events").header("Last-Event-ID", last.as_str()).body(Body::empty());
        let answer = self.app.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        client.open(answer.into_body().into_data_stream());
    }

    async fn connect(&self) -> Browser {
        let mut client = Client::new();
        self.open(&mut client).await;
        client
    }

    /// Connects a client that has its rows read, and has not looked at them yet.
    async fn ask(&self) -> Browser {
        let mut client = former_client().await;
        let reads = self.room.database.reads();
        self.open(&mut client).await;
        assert_eq!(client.next().await.unwrap().event_type(), "reset");
        assert_eq!(self.room.database.reads(), reads + 1);
        client
    }

    async fn post(&self, text: &str) -> (StatusCode, String) {
        let request = Request::post("/messages").header("Content-Type", "application/json");
        let request = request.body(Body::from(format!("{{\"text\":\"{text}\"}}"))).unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1000).await.unwrap();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    async fn post_rows(&self, n: usize) {
        for _ in 0..n {
            assert_eq!(self.post("hello").await.0, StatusCode::CREATED);
        }
    }

    /// Commits a row, and publishes it only when the result is told to.
    async fn commit(&self, text: &str) -> Committed {
        let (committed, is_committed) = oneshot::channel();
        let (publish, may_publish) = mpsc::channel();
        let Room { database, channel, .. } = self.room.clone();
        let text = text.to_owned();
        let writing = tokio::spawn(async move {
            let pause_and_publish = move |message: &_| {
                committed.send(()).unwrap();
                may_publish.recv().unwrap();
                channel.publish_now(message).unwrap();
            };
            database.insert(text, pause_and_publish).await.unwrap();
        });
        is_committed.await.unwrap();
        Committed { publish, writing }
    }
}

struct Committed {
    publish: mpsc::Sender<()>,
    writing: JoinHandle<()>,
}

impl Committed {
    async fn publish(self) {
        self.publish.send(()).unwrap();
        self.writing.await.unwrap();
    }
}

/// Reads until this row is among the events that came.
async fn until(client: &mut Browser, text: &str) {
    let is_row = |event: &Received| event.json::<Shown>().is_ok_and(|row| row.text == text);
    if !client.events().iter().any(is_row) {
        client.until(is_row).await.unwrap();
    }
}

/// A client that has an event ID of an earlier process.
async fn former_client() -> Browser {
    let mut client = Client::new();
    client.open(Body::from("id: formerly-7\n\n").into_data_stream());
    assert_eq!(client.ended().await.unwrap(), End::Closed);
    client
}

/// The rows that came, by their IDs, without what is no row.
fn rows(events: &[Received]) -> Vec<i64> {
    let rows = events.iter().filter(|event| event.event_type() == "message");
    rows.map(|event| event.json::<Shown>().unwrap().id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_comes_once_however_a_client_meets_the_writer() {
    let server = Server::start();
    let mut clients = Vec::new();
    for n in 1..=200 {
        let text = format!("row {n}");
        if n % 10 == 5 {
            clients.push((n, meet(&server, n / 10 % 5, &text).await));
        } else {
            server.commit(&text).await.publish().await;
        }
    }
    server.post("the last").await;
    assert_eq!(clients.len(), 20);
    for (met, mut client) in clients {
        until(&mut client, "the last").await;
        let came = rows(client.events());
        assert!(came[0] <= (met - i64::from(SHOWN) + 1).max(1), "met row {met}: {came:?}");
        assert_eq!(came, (came[0]..=201).collect::<Vec<_>>(), "met row {met}");
    }
}

/// Commits and publishes a row while a client connects, in one of five ways. The client has that row in the end.
async fn meet(server: &Server, way: i64, text: &str) -> Browser {
    let database = &server.room.database;
    let mut client;
    match way {
        // The rows are read before the commit, and looked at after the publication.
        0 => {
            client = server.ask().await;
            drop(database.hold_reads().await);
            server.commit(text).await.publish().await;
        }
        // The cursor is taken before the commit; the rows are read, and looked at, before the publication.
        1 => {
            let held = database.hold_reads().await;
            client = server.ask().await;
            let committed = server.commit(text).await;
            drop(held);
            until(&mut client, text).await;
            committed.publish().await;
        }
        // The cursor is taken before the commit; the rows are read after the publication.
        2 => {
            let held = database.hold_reads().await;
            client = server.ask().await;
            server.commit(text).await.publish().await;
            drop(held);
        }
        // The cursor is taken and the rows are read after the commit, and looked at before the publication.
        3 => {
            client = server.connect().await;
            let committed = server.commit(text).await;
            until(&mut client, text).await;
            committed.publish().await;
        }
        // The same, but they are looked at after the publication.
        _ => {
            let committed = server.commit(text).await;
            client = server.ask().await;
            drop(database.hold_reads().await);
            committed.publish().await;
        }
    }
    until(&mut client, text).await;
    client
}

#[tokio::test]
async fn a_request_that_is_dropped_halfway_publishes_what_it_committed() {
    let server = Server::start();
    let mut client = server.connect().await;
    let committed = server.commit("hello").await;
    committed.writing.abort();
    assert!(committed.writing.await.unwrap_err().is_cancelled());
    committed.publish.send(()).unwrap();
    until(&mut client, "hello").await;
}

#[tokio::test]
async fn clients_that_come_back_together_cause_one_query() {
    let server = Server::start();
    server.post_rows(3).await;
    let reads = server.room.database.hold_reads().await;
    let mut clients: Vec<Browser> = Vec::new();
    for _ in 0..200 {
        let mut client = former_client().await;
        server.open(&mut client).await;
        assert_eq!(client.ready().len(), 1, "the reset");
        clients.push(client);
    }
    drop(reads);
    for received in join_all(clients.iter_mut().map(|client| client.take(3))).await {
        assert_eq!(rows(&received.unwrap()), [1, 2, 3]);
    }
    assert_eq!(server.room.database.reads(), 1);
    // One that comes later reads anew.
    server.connect().await.next().await.unwrap();
    assert_eq!(server.room.database.reads(), 2);
}

#[tokio::test]
async fn after_a_restart_clients_begin_anew_with_the_newest_rows() {
    let server = Server::start();
    server.post_rows(150).await;
    let mut client = server.connect().await;
    client.take(100).await.unwrap();
    server.post_rows(1).await;
    assert_eq!(client.next().await.unwrap().id().unwrap().as_str(), "151");
    client.disconnect();
    client.clear();

    let server = server.restart();
    server.open(&mut client).await;
    assert_eq!(client.next().await.unwrap().event_type(), "reset");
    let mut new = server.connect().await;
    for client in [&mut client, &mut new] {
        assert_eq!(rows(&client.take(100).await.unwrap()), (52..=151).collect::<Vec<_>>());
    }
    server.post_rows(2).await;
    for client in [&mut client, &mut new] {
        assert_eq!(rows(&client.take(2).await.unwrap()), [152, 153]);
    }
    // Within the life of a process it resumes.
    client.disconnect();
    server.post_rows(1).await;
    server.open(&mut client).await;
    assert_eq!(rows(&[client.next().await.unwrap()]), [154]);
    assert!(client.ready().is_empty());
}

#[tokio::test]
async fn a_message_out_of_bounds_is_refused_and_no_row() {
    let server = Server::start();
    for (text, status) in [
        ("é".repeat(MAX_CHARS + 1), StatusCode::UNPROCESSABLE_ENTITY),
        (" ".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        ("x".repeat(100_000), StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        assert_eq!(server.post(&text).await.0, status);
    }
    assert!(server.room.database.newest(SHOWN).await.unwrap().is_empty());
    assert_eq!(server.room.channel.counters().published, 0);
    // The longest there can be, in the longest way to write it.
    assert_eq!(
        server.post(&"\\ud83d\\ude00".repeat(MAX_CHARS)).await,
        (StatusCode::CREATED, "1\n".to_owned())
    );
}

#[tokio::test]
async fn a_failed_database_is_an_answer() {
    let server = Server::start();
    server.post_rows(1).await;
    let mut client = server.connect().await;
    client.next().await.unwrap();
    let vandal = Connection::open(server.folder.path().join("history.db")).unwrap();
    vandal.execute_batch("ALTER TABLE message RENAME TO elsewhere").unwrap();
    let (status, text) = server.post("hello").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(text.contains("not stored"), "{text}");
    let end = server.connect().await.ended().await.unwrap();
    assert!(matches!(&end, End::Failed(error) if error.contains("no such table")), "{end:?}");
    // Whoever has begun goes on, and all is well when the database is.
    vandal.execute_batch("ALTER TABLE elsewhere RENAME TO message").unwrap();
    server.post_rows(1).await;
    assert_eq!(rows(&[client.next().await.unwrap()]), [2]);
    assert_eq!(rows(&server.connect().await.take(2).await.unwrap()), [1, 2]);
}
