//! Somebody deletes a message, and what lay behind it stays: nothing is refused for want of what is gone.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use support::{Server, event, push, until_tidied};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreError, StoreErrorKind, StoredLog, Token};
use typed_sse_nats::Nats;

const PATIENCE: Duration = Duration::from_secs(60);

async fn open(server: &Server) -> (Nats, StoredLog) {
    let store = Nats::builder().events(10).time_limit(PATIENCE).connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

/// Appends an event with the token's name, and says at which message.
async fn numbered(store: &Nats, log: &StoredLog, epoch: u64, number: u64) -> Result<u64, StoreError> {
    let (token, text) = (Token::new("importer", epoch, number), format!("{epoch} {number}"));
    let appended = store.append(log, Batch::new(&[event(&text)]).with_token(&token)).await?;
    Ok(appended.positions.first().map_or(0, |position| position >> 16))
}

async fn delete(server: &Server, sequence: u64) {
    let answer = server.api("STREAM.MSG.DELETE.sse_market", &format!("{{\"seq\":{sequence}}}")).await;
    assert!(answer.contains("\"success\":true"), "{answer}");
}

/// What the topic without a name has.
async fn unnamed(store: &Nats, log: &StoredLog) -> Vec<String> {
    let page = store.read(log, Range::after(0).of("")).await.unwrap();
    page.records.iter().map(|stored| stored.record.data().to_owned()).collect()
}

/// What is there in the life that follows, and behind a checkpoint of that.
async fn stays(server: &Server, left: &[&str]) -> (Nats, StoredLog) {
    let (store, log) = open(server).await;
    assert_eq!(unnamed(&store, &log).await, left);
    until_tidied(server, &store, &log).await;
    let (store, same) = open(server).await;
    assert_eq!(same, log);
    assert_eq!(unnamed(&store, &log).await, left, "behind a checkpoint");
    (store, log)
}

/// Their first one is gone, so the number of the next looks like a gap.
#[tokio::test]
async fn what_a_producer_stored_behind_a_deleted_message_stays() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let mut at = Vec::new();
    for number in 1..=6 {
        at.push(numbered(&store, &log, 0, number).await.unwrap());
    }
    drop(store);
    // Everything before it as well, so that whoever opens the log sees that something is missing.
    let purged = format!("{{\"seq\":{}}}", at[1]);
    server.api("STREAM.PURGE.sse_market", &purged).await;
    delete(&server, at[3]).await;
    let (store, log) = stays(&server, &["0 2", "0 3", "0 5", "0 6"]).await;
    assert!(numbered(&store, &log, 0, 7).await.is_ok(), "it goes on");
    let error = numbered(&store, &log, 0, 9).await.unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::Gap { .. }), "{error}");
}

/// The checkpoint knew which numbers came before those that are there. It is gone, or a part of it.
#[tokio::test]
async fn what_a_producer_stored_stays_without_the_checkpoint() {
    for gone in ["state", "state.part"] {
        let server = Server::start();
        let (store, log) = open(&server).await;
        for number in 1..=30 {
            numbered(&store, &log, 0, number).await.unwrap();
        }
        until_tidied(&server, &store, &log).await;
        let numbers: Vec<_> = (21..=30).map(|number| format!("0 {number}")).collect();
        assert_eq!(unnamed(&store, &log).await, numbers);
        drop(store);
        let asked = format!("{{\"last_by_subj\":\"sse.market.{gone}\"}}");
        let newest = server.api("STREAM.MSG.GET.sse_market", &asked).await;
        let sequence = newest.split("\"seq\":").nth(1).unwrap();
        delete(&server, sequence.split(',').next().unwrap().parse().unwrap()).await;
        let numbers: Vec<_> = numbers.iter().map(String::as_str).collect();
        let (store, new) = stays(&server, &numbers).await;
        assert_ne!(new.epoch(), log.epoch());
        assert!(numbered(&store, &new, 0, 31).await.is_ok(), "it goes on");
    }
}

/// A batch that came twice counts once, and as the first that is left; what a newer epoch fenced stays out.
#[tokio::test]
async fn what_came_twice_or_late_stays_refused() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let first = numbered(&store, &log, 1, 1).await.unwrap();
    numbered(&store, &log, 1, 1).await.unwrap();
    numbered(&store, &log, 1, 2).await.unwrap();
    numbered(&store, &log, 1, 1).await.unwrap();
    let opener = numbered(&store, &log, 2, 1).await.unwrap();
    numbered(&store, &log, 2, 2).await.unwrap();
    let error = numbered(&store, &log, 1, 3).await.unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::Fenced { .. }), "{error}");
    drop(store);
    delete(&server, opener).await;
    let purged = format!("{{\"seq\":{}}}", first + 1);
    server.api("STREAM.PURGE.sse_market", &purged).await;
    let (store, log) = stays(&server, &["1 1", "1 2", "2 2"]).await;
    numbered(&store, &log, 2, 3).await.unwrap();
}

/// The first that is left has an own ID, a key takes the newest that is left, and a topic goes on or stays finished as what is left says.
#[tokio::test]
async fn what_is_left_decides_about_ids_keys_and_ends() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let append = async |fields: &[(&str, &str)]| {
        let record = Record::from_fields(fields.iter().copied()).unwrap();
        store.append(&log, Batch::new(&[record])).await.map(|stored| stored.positions[0] >> 16)
    };
    let first = append(&[("data", "first"), ("id", "7")]).await.unwrap();
    append(&[("data", "second"), ("id", "7")]).await.unwrap_err();
    append(&[("data", "third"), ("id", "8"), ("key", "k")]).await.unwrap();
    let newest = append(&[("data", "fourth"), ("key", "k")]).await.unwrap();
    append(&[("data", "begin"), ("topic", "done")]).await.unwrap();
    append(&[("data", "end"), ("topic", "done")]).await.unwrap();
    store.append(&log, Batch::new(&[Record::finish("done")])).await.unwrap();
    let late = append(&[("data", "late"), ("topic", "done")]).await.unwrap_err();
    assert_eq!(late.kind(), StoreErrorKind::Finished, "{late}");
    append(&[("data", "begin"), ("topic", "again")]).await.unwrap();
    let closed = store.append(&log, Batch::new(&[Record::close("again")])).await.unwrap().positions[0];
    append(&[("data", "anew"), ("topic", "again")]).await.unwrap();
    drop(store);
    delete(&server, newest).await;
    delete(&server, newest + 1).await;
    let purged = format!("{{\"seq\":{}}}", first + 1);
    server.api("STREAM.PURGE.sse_market", &purged).await;
    let (store, log) = stays(&server, &["second", "third"]).await;
    let texts = async |topic: &'static str| {
        let page = store.read(&log, Range::after(0).of(topic)).await.unwrap();
        let texts: Vec<_> = page.records.iter().map(|stored| stored.record.data().to_owned()).collect();
        (texts, page.bounds)
    };
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    assert_eq!(newest.records[0].record.data(), "third");
    let (done, bounds) = texts("done").await;
    assert_eq!((&done[..], bounds.finished.is_some()), (&["end".to_owned(), String::new()][..], true));
    let (again, bounds) = texts("again").await;
    assert_eq!((&again[..], bounds.closed), (&[String::new(), "anew".to_owned()][..], closed));
}

/// It was written for a life that was over by then, and its publisher was told so.
#[tokio::test]
async fn what_came_too_late_for_its_life_stays_refused() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let first = push(&store, &log, "a").await.unwrap().positions[0] >> 16;
    let second = push(&store, &log, "b").await.unwrap().positions[0] >> 16;
    push(&store, &log, "c").await.unwrap();
    drop(store);
    server.api("STREAM.PURGE.sse_market", &format!("{{\"seq\":{}}}", first + 1)).await;
    let (store, next) = open(&server).await;
    assert_ne!(next.epoch(), log.epoch());
    let client = server.client().await;
    let mut headers = async_nats::HeaderMap::new();
    headers.insert("sse-epoch", log.epoch().to_string());
    client.publish_with_headers("sse.market.events", headers, "late".into()).await.unwrap();
    client.flush().await.unwrap();
    push(&store, &next, "d").await.unwrap();
    assert_eq!(unnamed(&store, &next).await, ["b", "c", "d"]);
    drop(store);
    server.api("STREAM.PURGE.sse_market", &format!("{{\"seq\":{}}}", second + 1)).await;
    stays(&server, &["c", "d"]).await;
}
