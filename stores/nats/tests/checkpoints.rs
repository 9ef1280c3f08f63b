//! Checkpoints of others, at bad moments.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use support::{Server, data, messages, until_tidied};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::time::timeout;
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreErrorKind, StoredLog, Token};
use typed_sse_nats::Nats;

const PATIENCE: Duration = Duration::from_secs(60);

/// Ten events of each topic are kept.
async fn open(url: &str) -> (Nats, StoredLog) {
    let store = Nats::builder().events(10).time_limit(PATIENCE).connect(url).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

async fn push(store: &Nats, log: &StoredLog, topic: &str, data: String) -> u64 {
    let record = Record::from_fields([("data", data), ("topic", topic.to_owned())]).unwrap();
    store.append(log, Batch::new(&[record])).await.unwrap().positions[0]
}

/// The checkpoint is of the life before, and knows nothing of what is missing in this one.
#[tokio::test]
async fn a_life_that_begins_behind_a_checkpoint_can_be_read() {
    let server = Server::start();
    let (store, log) = open(&server.url()).await;
    let first = push(&store, &log, "quiet", "q".to_owned()).await >> 16;
    until_tidied(&server, &store, &log).await;
    server.api("STREAM.MSG.DELETE.sse_market", &format!("{{\"seq\":{first}}}")).await;
    let error = store.read(&log, Range::after(0)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
    let again = timeout(PATIENCE / 2, store.open("market")).await.unwrap().unwrap();
    assert_ne!(again.epoch(), log.epoch());
    let left: Vec<_> = (1190..1200).map(|n| n.to_string()).collect();
    assert_eq!(data(&store, &again).await, left);
    assert_eq!(open(&server.url()).await.1, again);
}

/// A server that is killed may have again what it had deleted, and whoever reads a checkpoint takes what it finds for stored.
#[tokio::test]
async fn what_was_refused_stays_away_when_the_server_was_killed() {
    let server = Server::start();
    let (store, log) = open(&server.url()).await;
    push(&store, &log, "quiet", "first".to_owned()).await;
    let token = Token::new("importer", 0, 1);
    let once = [Record::from_fields([("data", "once"), ("topic", "quiet"), ("id", "7")]).unwrap()];
    let first = store.append(&log, Batch::new(&once).with_token(&token)).await.unwrap();
    let again = store.append(&log, Batch::new(&once).with_token(&token)).await.unwrap();
    assert_eq!(again.positions, first.positions);
    let error = store.append(&log, Batch::new(&once)).await.unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::DuplicateId { .. }), "{error}");
    push(&store, &log, "quiet", "last".to_owned()).await;
    until_tidied(&server, &store, &log).await;
    drop(store);
    server.kill();
    server.forget_deletes();
    server.start_again();
    let (store, same) = open(&server.url()).await;
    assert_eq!(same, log);
    let page = store.read(&log, Range::after(0).of("quiet")).await.unwrap();
    let texts: Vec<_> = page.records.iter().map(|stored| stored.record.data()).collect();
    assert_eq!(texts, ["first", "once", "last"]);
}

/// Passes everything on, but holds a client's bytes from when it is told to and they have this, until it is let go.
struct Gate {
    cut: watch::Sender<u32>,
    /// It lets nothing pass from where this is in it; all, if it is empty.
    what: watch::Sender<&'static str>,
    holds: Arc<Notify>,
    url: String,
}

impl Gate {
    async fn start(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let gate =
            Self { cut: watch::Sender::new(0), what: watch::Sender::new(""), holds: Arc::default(), url };
        let (cut, what, holds) = (gate.cut.subscribe(), gate.what.subscribe(), Arc::clone(&gate.holds));
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let (mut cut, what, holds) = (cut.clone(), what.clone(), Arc::clone(&holds));
                cut.mark_unchanged();
                let (mut from, mut to) = here.into_split();
                let (mut answers, mut there) =
                    TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
                tokio::spawn(async move {
                    tokio::select! {
                        () = pass(&mut from, &mut there, what, &holds) => {}
                        _ = copy(&mut answers, &mut to) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        gate
    }

    fn shut(&self, what: &'static str) {
        self.what.send_replace(what);
    }

    fn open(&self) {
        self.shut("");
    }

    async fn holds(&self) {
        timeout(PATIENCE, self.holds.notified()).await.unwrap();
    }
}

async fn pass(
    from: &mut (impl AsyncReadExt + Unpin),
    to: &mut (impl AsyncWriteExt + Unpin),
    mut what: watch::Receiver<&str>,
    holds: &Notify,
) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(read) = from.read(&mut bytes).await
        && read > 0
    {
        let held = *what.borrow();
        if !held.is_empty() && bytes[..read].windows(held.len()).any(|part| part == held.as_bytes()) {
            holds.notify_one();
            what.wait_for(|what| *what != held).await.unwrap();
        }
        if to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// It has looked for a checkpoint when there was none, and then reads what is left behind one.
#[tokio::test]
async fn what_a_checkpoint_took_while_one_came_back_is_not_lost() {
    let server = Server::start();
    let gate = Gate::start(server.port).await;
    let (away, log) = open(&gate.url).await;
    let (store, same) = open(&server.url()).await;
    assert_eq!(same, log);
    gate.shut("CONSUMER.CREATE.");
    gate.cut.send_replace(1);
    gate.holds().await;
    until_tidied(&server, &store, &log).await;
    gate.open();
    let left: Vec<_> = (1190..1200).map(|n| n.to_string()).collect();
    assert_eq!(away.open("market").await.unwrap(), log, "its life goes on");
    assert_eq!(data(&away, &log).await, left);
}

/// It goes by a checkpoint when the next one is not stored yet, and reads when that has taken the first messages of the stream.
#[tokio::test]
async fn what_a_checkpoint_took_while_one_was_read_is_not_lost() {
    let server = Server::start();
    let tidying = Gate::start(server.port).await;
    let (store, log) = open(&tidying.url).await;
    let keyed = [Record::from_fields([("data", "1"), ("topic", "rows"), ("key", "k")]).unwrap()];
    let fill = async || {
        store.append(&log, Batch::new(&keyed)).await.unwrap();
        for (n, topic) in (0..10).flat_map(|n| [(n, "rows"), (n, "quiet")]) {
            push(&store, &log, topic, n.to_string()).await;
        }
    };
    fill().await;
    push(&store, &log, "still", "there".to_owned()).await;
    until_tidied(&server, &store, &log).await;
    fill().await;
    // The next checkpoint is stored but for its head.
    tidying.shut("PUB sse.market.state ");
    until_held(&tidying, &store, &log).await;
    let reading = Gate::start(server.port).await;
    reading.shut("CONSUMER.CREATE.");
    let url = reading.url.clone();
    let opening = tokio::spawn(async move { open(&url).await });
    reading.holds().await;
    // It is stored, and has deleted what lies before the first record that is wanted.
    tidying.shut("STREAM.MSG.DELETE.");
    tidying.holds().await;
    reading.open();
    let (late, same) = timeout(PATIENCE, opening).await.unwrap().unwrap();
    assert_eq!(same, log);
    tidying.open();
    push(&store, &log, "quiet", "next".to_owned()).await;
    for topic in ["rows", "quiet", "still", "busy"] {
        let [of_one, of_other] = [&store, &late].map(|store| store.read(&log, Range::after(0).of(topic)));
        assert_eq!(of_other.await.unwrap(), of_one.await.unwrap(), "{topic}");
    }
}

/// Publishes until the next checkpoint is on its way.
async fn until_held(gate: &Gate, store: &Nats, log: &StoredLog) {
    let append = async {
        for n in 0.. {
            push(store, log, "busy", n.to_string()).await;
        }
    };
    tokio::select! {
        () = append => {}
        () = gate.holds() => {}
    }
}

/// A process is about to store a checkpoint, and does so when it is let go.
async fn about_to_tidy(server: &Server) -> (Gate, Nats, StoredLog) {
    let gate = Gate::start(server.port).await;
    let (store, log) = open(&gate.url).await;
    gate.shut("PUB sse.market.state");
    until_held(&gate, &store, &log).await;
    (gate, store, log)
}

/// Another has begun a life meanwhile, and has more of what is left than the one before had retained.
#[tokio::test]
async fn no_checkpoint_comes_behind_the_end_of_its_life() {
    let server = Server::start();
    let (gate, late, log) = about_to_tidy(&server).await;
    let newest = messages(&server).await;
    // So few are left that the other has nothing to tidy.
    server.api("STREAM.PURGE.sse_market", &format!("{{\"seq\":{}}}", newest - 500)).await;
    for gone in newest - 5..newest {
        server.api("STREAM.MSG.DELETE.sse_market", &format!("{{\"seq\":{gone}}}")).await;
    }
    let (store, new) = open(&server.url()).await;
    assert_ne!(new, log);
    let left = data(&store, &new).await;
    assert_eq!(left.len(), 10);
    gate.open();
    assert_eq!(timeout(PATIENCE, late.open("market")).await.unwrap().unwrap(), new);
    for url in [gate.url, server.url()] {
        let (store, same) = open(&url).await;
        assert_eq!(same, new);
        assert_eq!(data(&store, &new).await, left);
    }
}

/// What was to go from the stream before is not what lies there now.
#[tokio::test]
async fn a_stream_that_was_made_anew_is_not_tidied_by_what_was_known_of_the_one_before() {
    let server = Server::start();
    let (gate, late, log) = about_to_tidy(&server).await;
    server.api("STREAM.DELETE.sse_market", "").await;
    let (store, new) = open(&server.url()).await;
    assert_ne!(new, log);
    let texts: Vec<_> = (0..10).map(|n| format!("new {n}")).collect();
    for text in &texts {
        push(&store, &new, "busy", text.clone()).await;
    }
    gate.open();
    assert_eq!(timeout(PATIENCE, late.open("market")).await.unwrap().unwrap(), new);
    let (third, same) = open(&server.url()).await;
    assert_eq!(same, new);
    assert_eq!(data(&third, &new).await, texts);
}
