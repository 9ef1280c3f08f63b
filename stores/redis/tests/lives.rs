//! Servers that come back without what they had.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use support::{Server, data, open, push};
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Range, Store as _, StoreError, StoreErrorKind, StoredLog};
use typed_sse_redis::Redis;

async fn epoch_is_another(store: &Redis, log: &StoredLog) {
    let is_refused = |error: StoreError| {
        assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
        assert!(!error.may_have_been_stored(), "{error}");
    };
    is_refused(store.read(log, Range::after(0)).await.unwrap_err());
    is_refused(push(store, log, "x").await.unwrap_err());
    is_refused(store.find(log, "", "7").await.unwrap_err());
    is_refused(store.newest(log, Range::after(0).of("")).await.unwrap_err());
    is_refused(store.follow(log, Range::after(u64::MAX)).await.unwrap_err());
}

#[tokio::test]
async fn a_server_that_was_emptied_begins_another_life() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let before = push(&store, &log, "a").await.unwrap().positions[0];
    let follower = tokio::spawn({
        let (store, log) = (store.clone(), log.clone());
        async move { store.follow(&log, Range::after(before)).await }
    });
    sleep(Duration::from_millis(50)).await;
    server.cli(&["FLUSHALL"]);
    let error = timeout(Duration::from_secs(10), follower).await.unwrap().unwrap().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "one who waits is told");
    epoch_is_another(&store, &log).await;
    let again = store.open("market").await.unwrap();
    assert_ne!(again.epoch(), log.epoch());
    epoch_is_another(&store, &log).await;
    assert!(push(&store, &again, "b").await.unwrap().positions[0] > before, "positions do not come again");
}

/// A server that comes back without what it had answered last, as one whose disk was late, or a replica that was promoted.
#[tokio::test]
async fn a_server_that_has_lost_the_end_begins_another_life() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    server.cli(&["SAVE"]);
    let lost = push(&store, &log, "b").await.unwrap().positions[0];
    server.kill();
    server.start_again();
    // Another server's program, which knows of nothing, appends at once.
    let (other, same) = open(&server).await;
    assert_eq!(same, log);
    let position = push(&other, &same, "c").await.unwrap().positions[0];
    assert!(position > lost, "what is lost does not come again under its number");

    epoch_is_another(&store, &log).await;
    epoch_is_another(&other, &same).await;
    let again = other.open("market").await.unwrap();
    assert_eq!(data(&other, &again).await, ["a", "c"]);
    server.kill();
    server.start_again();
}

/// A replica that did not get all is promoted when the primary is dead.
#[tokio::test]
async fn a_promoted_replica_that_lacks_the_end_begins_another_life() {
    let (primary, replica) = (Server::start(&[]), Server::start(&[]));
    let (store, log) = open(&primary).await;
    push(&store, &log, "a").await.unwrap();
    replica.cli(&["REPLICAOF", "127.0.0.1", &primary.port.to_string()]);
    while !replica.cli(&["INFO", "replication"]).contains("master_link_status:up") {
        sleep(Duration::from_millis(20)).await;
    }
    let copied = push(&store, &log, "b").await.unwrap().positions[0];
    assert_eq!(primary.cli(&["WAIT", "1", "5000"]), "1");
    // It gets no more from now on.
    replica.cli(&["REPLICAOF", "NO", "ONE"]);
    let lost = push(&store, &log, "c").await.unwrap().positions[0];
    primary.kill();
    // The address is the replica's from now on.
    let proxy = tokio::net::TcpListener::bind(("127.0.0.1", primary.port)).await.unwrap();
    let port = replica.port;
    tokio::spawn(async move {
        while let Ok((mut client, _)) = proxy.accept().await {
            let mut server = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
            tokio::spawn(async move { tokio::io::copy_bidirectional(&mut client, &mut server).await });
        }
    });
    epoch_is_another(&store, &log).await;
    let again = store.open("market").await.unwrap();
    assert_eq!(data(&store, &again).await, ["a", "b"]);
    assert!(push(&store, &again, "d").await.unwrap().positions[0] > lost.max(copied));
}
