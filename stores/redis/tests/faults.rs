//! Servers that die, stand still, or are full.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::{DURABLE, LIMIT, Server, data, event, open, open_hasty, push};
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreError, StoreErrorKind, StoredLog, Token};
use typed_sse_redis::Redis;

/// How often a server is killed under appends: 5 times, or as often as this says.
const KILLS: &str = "TYPED_SSE_KILLS";

/// Appends batches with tokens without end, each until it is known to be stored. What was acknowledged comes out.
fn publish(store: &Redis, log: &StoredLog, producer: u32, batches: u64) -> tokio::task::JoinHandle<()> {
    let (store, log) = (store.clone(), log.clone());
    tokio::spawn(async move {
        for number in 1..=batches {
            let token = Token::new(producer.to_string(), 0, number);
            let records =
                [event(&format!("{producer} {number} a")), event(&format!("{producer} {number} b"))];
            while let Err(error) = store.append(&log, Batch::new(&records).with_token(&token)).await {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
                sleep(Duration::from_millis(20)).await;
            }
        }
    })
}

/// The data of so many records, in the order in which they come.
async fn follow(store: Redis, log: StoredLog, records: usize) -> Vec<String> {
    let (mut after, mut read) = (0, Vec::new());
    while read.len() < records {
        match store.follow(&log, Range::after(after)).await {
            Ok(page) => {
                after = page.records.last().map_or(after, |stored| stored.position);
                read.extend(page.records.iter().map(|stored| stored.record.data().to_owned()));
            }
            Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
    read
}

#[tokio::test]
async fn a_server_that_is_killed_under_appends_loses_and_doubles_nothing() {
    let kills = std::env::var(KILLS).map_or(5, |kills| kills.parse().unwrap());
    let batches = 80 * kills;
    let server = Arc::new(Server::start(&DURABLE));
    let (store, log) = open_hasty(&server).await;
    let publishers: Vec<_> = (0..3).map(|producer| publish(&store, &log, producer, batches)).collect();
    let follower = tokio::spawn(follow(store.clone(), log.clone(), 3 * 2 * batches as usize));
    for _ in 0..kills {
        sleep(Duration::from_millis(fastrand::u64(50..150))).await;
        let server = Arc::clone(&server);
        tokio::task::spawn_blocking(move || {
            server.kill();
            server.start_again();
        })
        .await
        .unwrap();
    }
    for publisher in publishers {
        publisher.await.unwrap();
    }
    let read = timeout(Duration::from_secs(120), follower).await.unwrap().unwrap();
    assert_eq!(read.iter().collect::<HashSet<_>>().len(), read.len(), "something came twice");
    assert_eq!(data(&store, &log).await, read, "one order for all");
    for producer in 0..3 {
        let own: Vec<_> = read.iter().filter(|data| data.starts_with(&format!("{producer} "))).collect();
        let all: Vec<_> =
            (1..=batches).flat_map(|n| [format!("{producer} {n} a"), format!("{producer} {n} b")]).collect();
        assert_eq!(own, all.iter().collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_server_that_stands_still_is_given_up() {
    let server = Server::start(&[]);
    let (store, log) = open_hasty(&server).await;
    push(&store, &log, "a").await.unwrap();
    server.pause();
    let asked = Instant::now();
    let error = push(&store, &log, "b").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.may_have_been_stored(), "{error}");
    let error = store.read(&log, Range::after(0)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!error.may_have_been_stored(), "nothing was to be stored: {error}");
    assert!(asked.elapsed() < 2 * LIMIT + Duration::from_secs(2), "{:?}", asked.elapsed());
    // However many ask, nobody waits for the others.
    let asked = Instant::now();
    let many: Vec<_> = (0..50)
        .map(|_| {
            let (store, log) = (store.clone(), log.clone());
            tokio::spawn(async move { push(&store, &log, "d").await.unwrap_err() })
        })
        .collect();
    for asked in many {
        assert_eq!(asked.await.unwrap().kind(), StoreErrorKind::Unavailable);
    }
    assert!(asked.elapsed() < 10 * LIMIT, "{:?}", asked.elapsed());
    server.go_on();
    push(&store, &log, "c").await.unwrap();
    let read = data(&store, &log).await;
    assert!(read == ["a", "b", "c"] || read == ["a", "c"], "{read:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_has_stored_nothing() {
    let server = Server::start(&DURABLE);
    let (store, log) = open_hasty(&server).await;
    push(&store, &log, "a").await.unwrap();
    server.kill();
    // The first may have been on its way.
    let _lost = push(&store, &log, "b").await.unwrap_err();
    let error = push(&store, &log, "c").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!error.may_have_been_stored(), "{error}");
    let error = Redis::builder().time_limit(LIMIT).connect(server.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    server.start_again();
    push(&store, &log, "d").await.unwrap();
    assert_eq!(data(&store, &log).await, ["a", "d"]);
    assert_eq!(store.open("market").await.unwrap(), log, "its life goes on");
}

/// One who follows as a channel does goes on within a second of the server's return.
async fn goes_on(server: &Server, away: impl FnOnce(), back: impl FnOnce()) {
    let (store, log) = open(server).await;
    let first = push(&store, &log, "a").await.unwrap().positions[0];
    let follower = tokio::spawn({
        let (store, log) = (store.clone(), log.clone());
        async move {
            loop {
                match store.follow(&log, Range::after(first)).await {
                    Ok(page) if page.records.is_empty() => {}
                    Ok(page) => return (page, Instant::now()),
                    Err(_) => sleep(Duration::from_millis(50)).await,
                }
            }
        }
    });
    sleep(Duration::from_millis(100)).await;
    away();
    sleep(Duration::from_secs(2)).await;
    back();
    let returned = Instant::now();
    server.cli(&["XADD", "{market}", "*", "data", "b"]);
    let (page, read) = timeout(Duration::from_secs(20), follower).await.unwrap().unwrap();
    assert_eq!(page.records[0].record.data(), "b");
    let took = read.saturating_duration_since(returned);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_follower_goes_on_when_the_server_does() {
    let server = Server::start(&[]);
    goes_on(&server, || server.pause(), || server.go_on()).await;
}

#[tokio::test]
async fn a_follower_goes_on_when_the_server_is_started_again() {
    let server = Server::start(&DURABLE);
    goes_on(&server, || server.kill(), || server.start_again()).await;
}

#[tokio::test]
async fn scripts_that_the_server_forgot_are_loaded_again() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    for _ in 0..3 {
        assert_eq!(data(&store, &log).await, ["a"]);
        server.cli(&["SCRIPT", "FLUSH"]);
    }
    push(&store, &log, "b").await.unwrap();
    assert_eq!(data(&store, &log).await, ["a", "b"]);
}

#[tokio::test]
async fn a_full_server_says_so_and_stores_nothing() {
    let server = Server::start(&["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"]);
    let (store, log) = open(&server).await;
    let large = "x".repeat(100_000);
    let error = loop {
        if let Err(error) = push(&store, &log, &large).await {
            break error;
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("OOM") && !error.may_have_been_stored(), "{error}");
    let stored = data(&store, &log).await.len();
    assert!(stored > 3, "those who read are served");
    assert_eq!(data(&store, &log).await.len(), stored);
    server.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    push(&store, &log, "last").await.unwrap();
    assert_eq!(data(&store, &log).await.last().unwrap(), "last");
}

/// Also where something is due: what others added is taken in, and what is too old goes.
#[tokio::test]
async fn a_full_server_serves_who_reads_whatever_is_due() {
    let server = Server::start(&["--maxmemory-policy", "noeviction"]);
    let store = Redis::builder().age(Duration::from_millis(100)).connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    for n in 0..5 {
        let (key, topic) = (n.to_string(), ["", "a"][n % 2]);
        let record = Record::from_fields([("data", "old"), ("key", &key), ("topic", topic)]).unwrap();
        store.append(&log, Batch::new(&[record])).await.unwrap();
    }
    let id = server.cli(&["XADD", "{market}", "*", "data", "new", "id", "own"]);
    server.cli(&["XADD", "{market}", "*", "event", "no data"]);
    server.cli(&["CONFIG", "SET", "maxmemory", "1mb"]);
    assert!(store.find(&log, "", "own").await.unwrap().is_some(), "{id}");
    sleep(Duration::from_millis(150)).await;
    let page = store.read(&log, Range::after(0)).await.unwrap();
    let data: Vec<_> = page.records.iter().map(|stored| stored.record.data()).collect();
    assert_eq!(data, ["new"]);
    assert_eq!(store.newest(&log, Range::after(0).of("a")).await.unwrap().records.len(), 2);
    let error = push(&store, &log, "more").await.unwrap_err();
    assert!(error.to_string().contains("OOM") && !error.may_have_been_stored(), "{error}");
}

#[tokio::test]
async fn whoever_waits_without_end_is_woken() {
    let server = Server::start(&[]);
    let store = Redis::builder().time_limit(Duration::MAX).connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    let follower = tokio::spawn({
        let (store, log) = (store.clone(), log.clone());
        async move { store.follow(&log, Range::after(0)).await.unwrap() }
    });
    let watched = async {
        while !server.cli(&["CLIENT", "LIST"]).contains("cmd=xread") {
            sleep(Duration::from_millis(10)).await;
        }
    };
    assert!(
        timeout(Duration::from_secs(20), watched).await.is_ok(),
        "the server is not asked for what comes"
    );
    push(&store, &log, "a").await.unwrap();
    assert_eq!(follower.await.unwrap().records.len(), 1);
}

/// Everything that an error shows, of itself and of what it comes from.
fn shown(error: &StoreError) -> String {
    let mut shown = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        shown.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    shown
}

#[tokio::test]
async fn no_secret_is_shown() {
    let server = Server::start(&["--requirepass", "s3cret"]);
    let port = server.port;
    let host = format!("127.0.0.1:{port}");
    for url in [
        format!("redis://:wr0ng@{host}"),
        format!("redis://us3r:wr0ng@{host}"),
        format!("redis://us3r:wr0ng@{host}/nodatabase"),
        format!("rediss://us3r:wr0ng@{host}"),
        format!("http://us3r:wr0ng@{host}"),
        "redis://us3r:wr0ng@127.0.0.1:1".to_owned(),
        "us3r:wr0ng".to_owned(),
    ] {
        let builder = Redis::builder().time_limit(LIMIT);
        let error = builder.connect(&url).await.unwrap_err();
        let shown = shown(&error);
        assert!(!shown.contains("wr0ng") && !shown.contains("us3r"), "{shown}");
    }
    let store = Redis::builder().time_limit(LIMIT).connect(format!("redis://:s3cret@{host}")).await.unwrap();
    let log = store.open("market").await.unwrap();
    assert!(format!("{store:?}").contains(&host) && !format!("{store:?}").contains("s3cret"), "{store:?}");
    server.kill();
    for _ in 0..2 {
        let error = push(&store, &log, "x").await.unwrap_err();
        assert!(!shown(&error).contains("s3cret"), "{}", shown(&error));
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_url_is_said() {
    let server = Server::start(&["--requirepass", "s3cret"]);
    let host = format!("127.0.0.1:{}", server.port);
    for url in ["", "/1", "?protocol=resp3", "/1?protocol=resp3"] {
        let connected = Redis::connect(format!("redis://{host}{url}")).await;
        let error = match connected {
            Ok(store) => store.open("market").await.unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        assert!(error.to_string().contains("wants a password"), "{url}: {error}");
    }
    for url in ["", "?protocol=resp3"] {
        let error = Redis::connect(format!("redis://:wr0ng@{host}{url}")).await.unwrap_err();
        assert!(error.to_string().contains("does not take this user"), "{url}: {error}");
    }
    for url in ["/99", "/99?protocol=resp3"] {
        let error = Redis::connect(format!("redis://:s3cret@{host}{url}")).await.unwrap_err();
        assert!(error.to_string().contains("no such database"), "{url}: {error}");
    }
}

/// Two hundred who follow one log are one connection that waits, and one for calls.
#[tokio::test]
async fn many_who_follow_are_two_connections() {
    let server = Server::start(&[]);
    let (store, log) = open(&server).await;
    let first = push(&store, &log, "a").await.unwrap().positions[0];
    let followers: Vec<_> = (0..200)
        .map(|_| {
            let (store, log) = (store.clone(), log.clone());
            tokio::spawn(async move { store.follow(&log, Range::after(first)).await.unwrap() })
        })
        .collect();
    sleep(Duration::from_millis(200)).await;
    // `redis-cli` itself is the third.
    let clients = server.cli(&["CLIENT", "LIST"]);
    assert_eq!(clients.lines().count(), 3, "{clients}");
    assert_eq!(clients.lines().filter(|client| client.contains("cmd=xread")).count(), 1, "{clients}");
    push(&store, &log, "b").await.unwrap();
    for follower in followers {
        assert_eq!(follower.await.unwrap().records[0].record.data(), "b");
    }
    drop(store);
    while server.cli(&["CLIENT", "LIST"]).lines().count() > 1 {
        sleep(Duration::from_millis(20)).await;
    }
}

/// To bounds of age and keys, which the suite does not set.
#[tokio::test]
async fn what_is_too_old_goes_and_keys_are_bounded() {
    let server = Server::start(&[]);
    let builder = Redis::builder().age(Duration::from_millis(100)).keys(2);
    let store = builder.connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    let mut positions = Vec::new();
    for (key, text) in [("a", "a1"), ("b", "b1"), ("c", "c1")] {
        let record = Record::from_fields([("data", text), ("key", key), ("id", key)]).unwrap();
        positions.push(store.append(&log, Batch::new(&[record])).await.unwrap().positions[0]);
    }
    sleep(Duration::from_millis(150)).await;
    assert_eq!(data(&store, &log).await, ["c1"], "the newest of a log stays");
    assert_eq!(store.find(&log, "", "b").await.unwrap(), Some(positions[1]), "its client has missed nothing");
    assert_eq!(store.find(&log, "", "a").await.unwrap(), None);
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    let texts: Vec<_> = newest.records.iter().map(|stored| stored.record.data()).collect();
    assert_eq!((texts, newest.bounds.keys_trimmed), (vec!["b1", "c1"], positions[0]));
    assert_eq!(newest.bounds.trimmed, positions[1]);
}
