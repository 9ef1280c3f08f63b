//! Servers that die or stand still, connections that are cut, and what they tell.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use futures_util::{FutureExt as _, StreamExt as _};
use support::{FAST, LIMIT, Server, client, data, event, open, open_hasty, processes, push};
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreErrorKind, StoredLog, Token};
use typed_sse_core::{Channel, Event, Frame, PublishError};
use typed_sse_postgres::Postgres;

/// How often a server is killed under appends: 4 times, or as often as this says.
const KILLS: &str = "TYPED_SSE_KILLS";

fn kills() -> u64 {
    std::env::var(KILLS).map_or(4, |kills| kills.parse().unwrap())
}

/// What became of one record.
enum Outcome {
    Stored,
    Unsure,
    NotStored,
}

/// Appends until it is told to stop: with tokens, each batch until it is known to be stored; without, each once.
struct Load {
    store: Postgres,
    log: StoredLog,
    name: String,
    has_token: bool,
}

impl Load {
    async fn run(self, mut stopped: tokio::sync::watch::Receiver<bool>) -> Vec<(String, Outcome)> {
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
async fn follow(store: Postgres, log: StoredLog) -> Vec<String> {
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

/// The postmaster is killed, one of its processes, or the connections are ended, at any moment: what was acknowledged is there once, what was
/// said not to be stored is not there, and one who follows sees all in the one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_killed_under_appends_loses_and_doubles_nothing() {
    let server = Arc::new(Server::start(&[]));
    let (store, log) = open_hasty(&server).await;
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let loads = (0..6).map(|n| {
        let (store, log) = (store.clone(), log.clone());
        let load = Load { store, log, name: format!("producer{n}"), has_token: n % 2 == 0 };
        tokio::spawn(load.run(stopped.clone()))
    });
    let loads: Vec<_> = loads.collect();
    let follower = tokio::spawn(follow(store.clone(), log.clone()));
    for n in 0..kills() {
        sleep(Duration::from_millis(fastrand::u64(100..400))).await;
        match n % 4 {
            0 | 2 => {
                let server = Arc::clone(&server);
                let kill = move || {
                    server.kill();
                    server.start_again();
                };
                tokio::task::spawn_blocking(kill).await.unwrap();
            }
            1 => {
                let processes = processes(&client(&server).await).await;
                server.kill_process(processes[fastrand::usize(0..processes.len())]);
            }
            _ => {
                let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'typed-sse'";
                // The server may be on its way up.
                while let Err(_starting) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await
                {
                    sleep(Duration::from_millis(20)).await;
                }
                client(&server).await.batch_execute(end).await.unwrap();
            }
        }
    }
    sleep(Duration::from_millis(300)).await;
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
    eprintln!("{stored} stored, {unsure} unsure, {not_stored} not stored");
    assert!(stored > 0);
    let once: Vec<_> = read.iter().filter(|text| *text != "last").collect();
    assert_eq!(once.iter().collect::<HashSet<_>>().len(), once.len(), "something came twice");
    assert_eq!(data(&store, &log).await, read, "one order for all");
}

#[tokio::test]
async fn a_server_that_stands_still_is_given_up() {
    let server = Server::start(&FAST);
    let (store, log) = open_hasty(&server).await;
    push(&store, &log, "a").await.unwrap();
    store.read(&log, Range::after(0)).await.unwrap();
    let stopped = processes(&client(&server).await).await;
    server.pause(&stopped);
    let asked = Instant::now();
    let error = push(&store, &log, "b").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.may_have_been_stored(), "{error}");
    let error = store.read(&log, Range::after(0)).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(!error.may_have_been_stored(), "nothing was to be stored: {error}");
    assert!(asked.elapsed() < 2 * LIMIT + Duration::from_secs(2), "{:?}", asked.elapsed());
    server.go_on(&stopped);
    while push(&store, &log, "c").await.is_err() {}
    let read = data(&store, &log).await;
    assert!(read == ["a", "b", "c"] || read == ["a", "c"], "{read:?}");
}

#[tokio::test]
async fn a_server_that_is_gone_has_stored_nothing() {
    let server = Server::start(&[]);
    let (store, log) = open_hasty(&server).await;
    push(&store, &log, "a").await.unwrap();
    server.kill();
    // Its processes notice a little later that they are alone, and answer until then.
    let (mut stored, mut unsure) = (0, 0);
    let error = loop {
        match push(&store, &log, "c").await {
            Ok(_) => stored += 1,
            Err(error) if error.may_have_been_stored() => unsure += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    let error = Postgres::builder().time_limit(LIMIT).connect(server.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    server.start_again();
    push(&store, &log, "d").await.unwrap();
    let read = data(&store, &log).await;
    assert_eq!((read[0].as_str(), read.last().unwrap().as_str()), ("a", "d"));
    assert!((stored..=stored + unsure).contains(&(read.len() - 2)), "{stored}, {unsure}: {read:?}");
    assert_eq!(store.open("market").await.unwrap(), log, "its life goes on");
}

/// A transaction that holds a log, as one that has put its constraints forward does: others give up, and have stored nothing.
#[tokio::test]
async fn a_log_that_is_held_is_given_up() {
    let server = Server::start(&FAST);
    let (store, log) = open_hasty(&server).await;
    let holder = client(&server).await;
    holder.batch_execute("BEGIN; SELECT FROM typed_sse.logs FOR UPDATE").await.unwrap();
    let error = push(&store, &log, "a").await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    assert!(!error.may_have_been_stored() && error.to_string().contains("holds the log"), "{error}");
    assert_eq!(data(&store, &log).await, [""; 0], "who reads is not held");
    holder.batch_execute("COMMIT").await.unwrap();
    push(&store, &log, "b").await.unwrap();
    assert_eq!(data(&store, &log).await, ["b"]);
}

/// The same, of many who append at once, which the server refuses together: each is told in time, and for certain.
#[tokio::test]
async fn many_give_up_a_log_that_is_held_at_once() {
    let server = Server::start(&FAST);
    let (store, log) = open_hasty(&server).await;
    let holder = client(&server).await;
    holder.batch_execute("BEGIN; SELECT FROM typed_sse.logs FOR UPDATE").await.unwrap();
    // With keys, none of which is stored in the same call as another.
    let keyed = ["a", "b", "c", "d"].map(|key| [Record::from_fields([("data", "x"), ("key", key)]).unwrap()]);
    for refused in join_all(keyed.iter().map(|record| store.append(&log, Batch::new(record)))).await {
        let error = refused.unwrap_err();
        assert!(!error.may_have_been_stored() && error.to_string().contains("holds the log"), "{error}");
    }
    holder.batch_execute("COMMIT").await.unwrap();
    push(&store, &log, "b").await.unwrap();
    assert_eq!(data(&store, &log).await, ["b"]);
}

/// Where the connections that listen are lost, nobody misses what is published meanwhile: neither who waits, and looks once an hour, nor because
/// the one who tells was cut off.
#[tokio::test]
async fn who_listens_or_tells_anew_misses_nothing() {
    let server = Server::start(&FAST);
    let (publisher, log) = open(&server).await;
    let watcher = client(&server).await;
    let mut publishers = listening(&watcher, &[]).await;
    let waits = Postgres::builder().poll(Duration::from_secs(3600)).connect(server.url()).await.unwrap();
    assert_eq!(waits.open("market").await.unwrap(), log);
    for round in 0..16 {
        let last = publisher.read(&log, Range::after(0).records(0)).await.unwrap().bounds.last;
        let mut waiters = listening(&watcher, &publishers).await;
        let follower = tokio::spawn({
            let (store, log) = (waits.clone(), log.clone());
            async move { store.follow(&log, Range::after(last)).await.map(|page| page.records.len()) }
        });
        sleep(Duration::from_millis(20)).await;
        let cut = if round % 2 == 0 { &mut publishers } else { &mut waiters };
        assert!(!cut.is_empty());
        for process in cut.drain(..) {
            watcher.execute("SELECT pg_terminate_backend($1)", &[&process]).await.unwrap();
        }
        push(&publisher, &log, "x").await.unwrap();
        let followed = timeout(Duration::from_secs(20), follower).await.expect("it is told in time");
        assert!(followed.unwrap().is_ok(), "round {round}");
        if round % 2 == 0 {
            publishers = listening(&watcher, &waiters).await;
        }
    }
}

/// The processes that listen, but for these, once there is one.
async fn listening(client: &tokio_postgres::Client, but_for: &[i32]) -> Vec<i32> {
    let statement = "SELECT pid FROM pg_stat_activity WHERE application_name = 'typed-sse'
        AND query ILIKE ANY (ARRAY['LISTEN%', 'NOTIFY%']) AND pid <> ALL ($1)";
    loop {
        let rows = client.query(statement, &[&but_for]).await.unwrap();
        if !rows.is_empty() {
            return rows.iter().map(|row| row.get(0)).collect();
        }
        sleep(Duration::from_millis(10)).await;
    }
}

/// Clients of channels stay while the server is away, and get what comes behind its return soon.
#[tokio::test]
async fn clients_stay_and_go_on_when_the_server_does() {
    let server = Server::start(&FAST);
    open(&server).await;
    let store = || async { Postgres::builder().time_limit(LIMIT).connect(server.url()).await.unwrap() };
    let (one, two) = (store().await, store().await);
    let [one, two] = [one, two].map(|store| Channel::<Event>::builder().events(16).store(store, "market"));
    let (one, two) = (one.open().await.unwrap(), two.open().await.unwrap());
    let mut client = two.subscribe(None).no_checkpoints();
    for round in 0..3 {
        server.kill();
        // Its processes notice a little later that they are alone, and answer until then.
        let error = loop {
            match one.publish(&Event::new("of this moment")).await {
                Ok(_) => sleep(Duration::from_millis(10)).await,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, PublishError::Store(_)), "{error}");
        assert!(client.next().now_or_never().is_none_or(|next| next.is_some_and(|next| next.is_ok())));
        server.start_again();
        let data = format!("round {round}");
        while one.publish(&Event::new(&*data)).await.is_err() {
            sleep(Duration::from_millis(10)).await;
        }
        let is_it =
            |frame: &Frame| std::str::from_utf8(frame.as_ref()).is_ok_and(|text| text.contains(&data));
        let goes_on = async { while !is_it(&client.next().await.unwrap().unwrap()) {} };
        // A second, and what a machine needs that has much else to do.
        timeout(Duration::from_secs(2), goes_on).await.expect("soon after the server's return");
    }
}

/// One that waits is told by other processes, and need not look by itself; nor does it need to be told.
#[tokio::test]
async fn who_waits_is_told_and_looks() {
    let server = Server::start(&FAST);
    let (publisher, log) = open(&server).await;
    let hour = Duration::from_secs(3600);
    let told = Postgres::builder().poll(hour).connect(server.url()).await.unwrap();
    let looks = Postgres::builder()
        .listen(false)
        .poll(Duration::from_millis(50))
        .connect(server.url())
        .await
        .unwrap();
    for (n, store) in [told, looks].into_iter().enumerate() {
        assert_eq!(store.open("market").await.unwrap(), log);
        for round in 0..20 {
            let last = publisher.read(&log, Range::after(0).records(0)).await.unwrap().bounds.last;
            let follower = tokio::spawn({
                let (store, log) = (store.clone(), log.clone());
                async move {
                    loop {
                        let page = store.follow(&log, Range::after(last)).await.unwrap();
                        if !page.records.is_empty() {
                            return page.records[0].record.data().to_owned();
                        }
                    }
                }
            });
            if round % 2 == 0 {
                sleep(Duration::from_millis(5)).await;
            }
            let text = format!("{n} {round}");
            push(&publisher, &log, &text).await.unwrap();
            assert_eq!(timeout(Duration::from_secs(20), follower).await.unwrap().unwrap(), text);
        }
    }
}
