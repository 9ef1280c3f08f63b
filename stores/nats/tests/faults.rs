//! Servers that die or stand still, connections that are cut, and what they tell.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashSet;
use std::error::Error as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use support::{LIMIT, Server, data, event, open, open_hasty, push};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Batch, Range, Store as _, StoreError, StoreErrorKind, StoredLog, Token};
use typed_sse_nats::Nats;

/// How often a server is killed under appends: 5 times, or as often as this says.
const KILLS: &str = "TYPED_SSE_KILLS";

/// What became of one record.
enum Outcome {
    Stored,
    Unsure,
    NotStored,
}

/// Appends until it is told to stop: with tokens, each batch until it is known to be stored; without, each once.
struct Load {
    store: Nats,
    log: StoredLog,
    name: String,
    has_token: bool,
}

impl Load {
    async fn run(self, mut stopped: watch::Receiver<bool>) -> Vec<(String, Outcome)> {
        let mut outcomes = Vec::new();
        for number in 1.. {
            if *stopped.borrow_and_update() {
                break;
            }
            let text = format!("{} {number}", self.name);
            let (records, token) = ([event(&text)], Token::new(&*self.name, 0, number));
            let outcome = loop {
                let mut batch = Batch::new(&records);
                if self.has_token {
                    batch = batch.with_token(&token);
                }
                match self.store.append(&self.log, batch).await {
                    Ok(_) => break Outcome::Stored,
                    Err(error) => {
                        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
                        sleep(Duration::from_millis(5)).await;
                        match (self.has_token, error.may_have_been_stored()) {
                            (true, _) => {}
                            (false, true) => break Outcome::Unsure,
                            (false, false) => break Outcome::NotStored,
                        }
                    }
                }
            };
            outcomes.push((text, outcome));
        }
        outcomes
    }
}

/// The data of all records as they come, until the last one.
async fn follow(store: Nats, log: StoredLog) -> Vec<String> {
    let (mut after, mut read) = (0, Vec::new());
    while read.last().is_none_or(|last| last != "last") {
        match store.follow(&log, Range::after(after)).await {
            Ok(page) => {
                after = page.records.last().map_or(after, |stored| stored.position);
                read.extend(page.records.iter().map(|stored| stored.record.data().to_owned()));
            }
            Err(error) => {
                assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
                sleep(Duration::from_millis(20)).await;
            }
        }
    }
    read
}

/// Loads, while this does something to the server: what was acknowledged is there once, what was said not to be stored is not there, and
/// one who follows sees all in the one order.
#[expect(clippy::print_stdout, reason = "what a run was worth")]
async fn under_load(server: &Server, url: &str, fault: impl AsyncFnOnce()) {
    let store = Nats::builder().time_limit(LIMIT).connect(url).await.unwrap();
    let log = store.open("market").await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let loads = (0..6).map(|n| {
        let (store, log) = (store.clone(), log.clone());
        let load = Load { store, log, name: format!("producer{n}"), has_token: n % 2 == 0 };
        tokio::spawn(load.run(stopped.clone()))
    });
    let loads: Vec<_> = loads.collect();
    let follower = tokio::spawn(follow(store.clone(), log.clone()));
    fault().await;
    stop.send(true).unwrap();
    let mut outcomes = Vec::new();
    for load in loads {
        outcomes.extend(timeout(Duration::from_secs(60), load).await.unwrap().unwrap());
    }
    while push(&store, &log, "last").await.is_err() {
        sleep(Duration::from_millis(20)).await;
    }
    let read = timeout(Duration::from_secs(60), follower).await.unwrap().unwrap();
    let there: HashSet<_> = read.iter().map(String::as_str).collect();
    let (mut stored, mut unsure, mut not_stored) = (0, 0, 0);
    for (text, outcome) in &outcomes {
        match outcome {
            Outcome::Stored => {
                stored += 1;
                assert!(there.contains(&**text), "{text} was acknowledged, and is not there");
            }
            Outcome::Unsure => unsure += 1,
            Outcome::NotStored => {
                not_stored += 1;
                assert!(!there.contains(&**text), "{text} is there, though it was said not to be");
            }
        }
    }
    println!("{stored} stored, {unsure} unsure, {not_stored} not stored");
    assert!(stored > 0);
    let once: Vec<_> = read.iter().filter(|text| *text != "last").collect();
    assert_eq!(once.iter().collect::<HashSet<_>>().len(), once.len(), "something came twice");
    // And so it is for one who comes now.
    let started = Instant::now();
    let other = Nats::connect(server.url()).await.unwrap();
    let same = other.open("market").await.unwrap();
    println!("opened again after {:?}", started.elapsed());
    assert_eq!(same, log, "its life goes on");
    assert_eq!(data(&other, &log).await, read, "one order for all");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_under_appends_loses_and_doubles_nothing() {
    let kills: u32 = std::env::var(KILLS).map_or(5, |kills| kills.parse().unwrap());
    let server = Arc::new(Server::start());
    let kill = async || {
        for _ in 0..kills {
            sleep(Duration::from_millis(fastrand::u64(100..400))).await;
            let server = Arc::clone(&server);
            let kill = move || {
                server.kill();
                server.start_again();
            };
            tokio::task::spawn_blocking(kill).await.unwrap();
        }
        sleep(Duration::from_millis(300)).await;
    };
    under_load(&server, &server.url(), kill).await;
}

/// Connects to the server, until the connections are cut.
async fn proxy(port: u16, cut: watch::Receiver<u32>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("nats://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut here, _)) = listener.accept().await {
            let mut cut = cut.clone();
            cut.mark_unchanged();
            tokio::spawn(async move {
                let mut there = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                tokio::select! {
                    _ = copy_bidirectional(&mut here, &mut there) => {}
                    _ = cut.changed() => {}
                }
            });
        }
    });
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_cut_lose_and_double_nothing() {
    let server = Server::start();
    let (cut, told) = watch::channel(0);
    let url = proxy(server.port, told).await;
    let cut = async || {
        for n in 1..=20 {
            sleep(Duration::from_millis(fastrand::u64(20..120))).await;
            cut.send(n).unwrap();
        }
        sleep(Duration::from_millis(300)).await;
    };
    under_load(&server, &url, cut).await;
}

#[tokio::test]
async fn a_server_that_stands_still_is_given_up() {
    let server = Server::start();
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
    while push(&store, &log, "c").await.is_err() {}
    let read: Vec<_> = data(&store, &log).await.into_iter().filter(|text| text != "d").collect();
    assert!(read == ["a", "b", "c"] || read == ["a", "c"], "{read:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_has_stored_nothing() {
    let server = Server::start();
    let (store, log) = open_hasty(&server).await;
    push(&store, &log, "a").await.unwrap();
    server.kill();
    // The first may have been on its way.
    let _lost = push(&store, &log, "b").await.unwrap_err();
    let error = push(&store, &log, "c").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!error.may_have_been_stored(), "{error}");
    let error = Nats::builder().time_limit(LIMIT).connect(server.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    server.start_again();
    while push(&store, &log, "d").await.is_err() {}
    let read = data(&store, &log).await;
    assert!(read == ["a", "d"] || read == ["a", "b", "d"], "{read:?}");
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
    // Longer than two heartbeats: it has begun to look for itself.
    sleep(Duration::from_secs(2)).await;
    back();
    let returned = Instant::now();
    let (publisher, _) = open(server).await;
    push(&publisher, &log, "b").await.unwrap();
    let (page, read) = timeout(Duration::from_secs(20), follower).await.unwrap().unwrap();
    assert_eq!(page.records[0].record.data(), "b");
    let took = read.saturating_duration_since(returned);
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[tokio::test]
async fn a_follower_goes_on_when_the_server_does() {
    let server = Server::start();
    goes_on(&server, || server.pause(), || server.go_on()).await;
}

#[tokio::test]
async fn a_follower_goes_on_when_the_server_is_started_again() {
    let server = Server::start();
    goes_on(&server, || server.kill(), || server.start_again()).await;
}

/// The server deletes the consumer, as it does when it finds nobody there: two heartbeats do not come.
#[tokio::test]
async fn a_consumer_that_is_gone_is_made_anew() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let first = push(&store, &log, "a").await.unwrap().positions[0];
    let consumers = server.api("CONSUMER.NAMES.sse_market", "").await;
    let name = consumers.split("\"consumers\":[\"").nth(1).unwrap().split('"').next().unwrap();
    server.api(&format!("CONSUMER.DELETE.sse_market.{name}"), "").await;
    let (other, _) = open(&server).await;
    push(&other, &log, "b").await.unwrap();
    let followed = async {
        loop {
            match store.follow(&log, Range::after(first)).await {
                Ok(page) if !page.records.is_empty() => return page,
                _ => {}
            }
        }
    };
    let page = timeout(Duration::from_secs(10), followed).await.unwrap();
    assert_eq!(page.records[0].record.data(), "b");
}

#[tokio::test]
async fn a_full_server_says_so_and_stores_nothing() {
    let server = Server::with("");
    let config = r#"{"name":"sse_market","subjects":["sse.market.>"],"retention":"limits","discard":"new","storage":"file",
        "allow_direct":true,"duplicate_window":120000000000,"num_replicas":1,"max_bytes":1000000,"max_msgs":-1,"max_consumers":-1,
        "max_msgs_per_subject":-1,"max_msg_size":-1}"#;
    server.api("STREAM.CREATE.sse_market", config).await;
    let (store, log) = open(&server).await;
    let large = "x".repeat(100_000);
    let mut stored = 0;
    let error = loop {
        match push(&store, &log, &large).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("maximum bytes exceeded"), "{error}");
    assert!(!error.may_have_been_stored(), "{error}");
    assert_eq!(data(&store, &log).await.len(), stored, "those who read are served");
}

#[tokio::test]
async fn what_is_too_long_for_the_server_is_told() {
    let server = Server::start();
    let (store, log) = open(&server).await;
    let error = push(&store, &log, &"x".repeat(9 << 20)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLong);
    assert!(error.to_string().contains("max_payload") && !error.may_have_been_stored(), "{error}");
    push(&store, &log, &"x".repeat(7 << 20)).await.unwrap();
    let record =
        [typed_sse_core::store::Record::from_fields([("data", "x"), ("topic", &"t".repeat(1000))]).unwrap()];
    let error = store.append(&log, Batch::new(&record)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::TooLong, "{error}");
}

#[tokio::test]
async fn a_server_without_jetstream_is_told() {
    let server = Server::with("accounts { A { users: [{ user: a, password: b }] } }");
    let url = format!("nats://a:b@127.0.0.1:{}", server.port);
    let store = Nats::builder().time_limit(LIMIT).connect(url).await.unwrap();
    let error = store.open("market").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("JetStream"), "{error}");
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
    let server = Server::with("authorization { user: us3r, password: s3cret }");
    let host = format!("127.0.0.1:{}", server.port);
    for url in [
        format!("nats://us3r:wr0ng@{host}"),
        format!("nats://wr0ng@{host}"),
        format!("http://us3r:wr0ng@{host}"),
        "nats://us3r:wr0ng@127.0.0.1:1".to_owned(),
        "nats://us3r:wr0ng@".to_owned(),
        "us3r:wr0ng".to_owned(),
    ] {
        let builder = Nats::builder().time_limit(LIMIT);
        let error = builder.connect(&url).await.unwrap_err();
        let shown = shown(&error);
        assert!(!shown.contains("wr0ng") && !shown.contains("us3r"), "{shown}");
    }
    let url = format!("nats://us3r:s3cret@{host}");
    let store = Nats::builder().time_limit(LIMIT).connect(url).await.unwrap();
    let log = store.open("market").await.unwrap();
    assert!(format!("{store:?}").contains(&host) && !format!("{store:?}").contains("s3cret"), "{store:?}");
    server.kill();
    for _ in 0..2 {
        let error = push(&store, &log, "x").await.unwrap_err();
        assert!(!shown(&error).contains("s3cret"), "{}", shown(&error));
    }
}
