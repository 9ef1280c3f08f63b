//! Through `PgBouncer` in its transaction mode.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashSet;
use std::time::Duration;

use futures_util::future::join_all;
use support::pgbouncer::PgBouncer;
use support::{FAST, Server, client, data, open, push};
use tokio::time::timeout;
use typed_sse::{Channel, Event};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreErrorKind};
use typed_sse_postgres::{Builder, Postgres, PublishIn as _, tokio_postgres};

/// A server with the schema, and a pooler that has fewer sessions than there are clients.
async fn pooled() -> (Server, PgBouncer) {
    let server = Server::start(&FAST);
    open(&server).await;
    let pooler = PgBouncer::of_transactions(&server, 3);
    (server, pooler)
}

fn looking() -> Builder {
    Postgres::builder().listen(false).poll(Duration::from_millis(20))
}

/// What listens there would hear nothing, and be told nothing of it.
#[tokio::test]
async fn who_listens_at_a_pooler_is_told() {
    let (server, pooler) = pooled().await;
    for _ in 0..5 {
        let error = Postgres::connect(pooler.url()).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error}");
        for word in ["pooler", "listen_at", "listen(false)"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
    let error = Postgres::builder().listen_at(pooler.url()).connect(server.url()).await.unwrap_err();
    assert!(error.to_string().contains("pooler"), "{error}");
    // Past it, but not to the same database.
    client(&server).await.batch_execute("CREATE DATABASE other").await.unwrap();
    let other = format!("postgres://postgres:s3cret@127.0.0.1:{}/other", server.port);
    let error = Postgres::builder().listen_at(other).connect(pooler.url()).await.unwrap_err();
    assert!(
        error.to_string().contains("another database") && !error.to_string().contains("s3cret"),
        "{error}"
    );
}

/// Whatever comes at once on one connection, and whoever gives up: each answer is that of its own question.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_gets_the_answer_to_its_own_question() {
    const RECORDS: u64 = 40;
    let (server, pooler) = pooled().await;
    let (store, log) = open(&server).await;
    for n in 1..=RECORDS {
        push(&store, &log, &n.to_string()).await.unwrap();
    }
    let mut processes = Vec::new();
    for _ in 0..4 {
        processes.push(looking().time_limit(Duration::from_secs(3)).connect(pooler.url()).await.unwrap());
    }
    let mut asking = Vec::new();
    for (n, store) in processes.iter().cycle().take(24).enumerate() {
        let store = store.clone();
        asking.push(tokio::spawn(async move {
            let log = store.open("market").await.unwrap();
            for round in 0..60 {
                let after = (n as u64 * 7 + round) % (RECORDS - 1);
                let read = store.read(&log, Range::after(after).records(1));
                if round % 3 == 0 {
                    // It is asked, and nobody waits for the answer.
                    let _given_up = timeout(Duration::from_micros(fastrand::u64(..2_000)), read).await;
                    continue;
                }
                let page = read.await.unwrap();
                let numbers: Vec<_> = page.records.iter().map(|stored| stored.record.data()).collect();
                assert_eq!(numbers, [(after + 1).to_string()]);
                assert_eq!(store.find(&log, "", "none").await.unwrap(), None);
            }
        }));
    }
    for asked in asking {
        asked.await.unwrap();
    }
}

/// Eight who publish, plainly and in transactions, of which some are rolled back, through three sessions; and two processes that read.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_goes_through_it() {
    let (server, pooler) = pooled().await;
    client(&server).await.batch_execute("CREATE TABLE orders (item text)").await.unwrap();
    let (here, there) =
        (looking().connect(pooler.url()).await.unwrap(), looking().connect(pooler.url()).await);
    let market = Channel::<Event>::builder().store(here.clone(), "market").open().await.unwrap();
    let publishers: Vec<_> = (0..8)
        .map(|publisher| {
            let (market, url) = (market.clone(), pooler.url());
            tokio::spawn(async move {
                let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
                let (mut client, connection) = connected.unwrap();
                tokio::spawn(connection);
                let mut committed = Vec::new();
                for n in 0..30 {
                    let text = format!("{publisher}.{n}");
                    if n % 3 == 0 {
                        market.publish(&Event::new(&*text)).await.unwrap();
                        committed.push(text);
                        continue;
                    }
                    let mut order = client.transaction().await.unwrap();
                    let insert = format!("INSERT INTO orders VALUES ('{text}')");
                    order.batch_execute(&insert).await.unwrap();
                    market.publish_in(&mut order, &Event::new(&*text)).await.unwrap();
                    if n % 5 == 0 {
                        order.rollback().await.unwrap();
                    } else {
                        order.commit().await.unwrap();
                        committed.push(text);
                    }
                }
                committed
            })
        })
        .collect();
    let mut committed = HashSet::new();
    for publisher in publishers {
        committed.extend(publisher.await.unwrap());
    }
    let there = there.unwrap();
    let log = there.open("market").await.unwrap();
    let (mut after, mut followed) = (0, Vec::new());
    while followed.len() < committed.len() {
        let page = timeout(Duration::from_secs(30), there.follow(&log, Range::after(after))).await;
        for stored in page.unwrap().unwrap().records {
            after = stored.position;
            followed.push(stored.record.data().to_owned());
        }
    }
    assert_eq!(followed.iter().cloned().collect::<HashSet<_>>(), committed);
    let (direct, log) = open(&server).await;
    assert_eq!(data(&direct, &log).await, followed);
}

#[cfg(feature = "sqlx")]
#[tokio::test]
async fn transactions_of_sqlx_as_well() {
    use sqlx::Connection as _;

    let (server, pooler) = pooled().await;
    let store = looking().connect(pooler.url()).await.unwrap();
    let market = Channel::<Event>::builder().store(store, "market").publisher().await.unwrap();
    // Two that are open at once, and take turns in who begins, change sessions: what one had prepared would not be there.
    let mut one = sqlx::PgConnection::connect(&pooler.url()).await.unwrap();
    let mut other = sqlx::PgConnection::connect(&pooler.url()).await.unwrap();
    for n in 0..6 {
        let (first, second) = if n % 2 == 0 { (&mut one, &mut other) } else { (&mut other, &mut one) };
        let (mut first, mut second) = (first.begin().await.unwrap(), second.begin().await.unwrap());
        market.publish_in(&mut first, &Event::new(n.to_string())).await.unwrap();
        market.publish_in(&mut second, &Event::new("never")).await.unwrap();
        first.commit().await.unwrap();
        second.rollback().await.unwrap();
    }
    let (store, log) = open(&server).await;
    assert_eq!(data(&store, &log).await, ["0", "1", "2", "3", "4", "5"]);
}

/// Listening past the pooler, nobody waits for the next look, which here comes in an hour.
#[tokio::test]
async fn who_listens_past_it_is_woken() {
    let (server, pooler) = pooled().await;
    let listening = || {
        let builder = Postgres::builder().poll(Duration::from_secs(3600)).listen_at(server.url());
        builder.connect(pooler.url())
    };
    let (here, there) = (listening().await.unwrap(), listening().await.unwrap());
    let log = here.open("market").await.unwrap();
    there.open("market").await.unwrap();
    let follow = {
        let log = log.clone();
        tokio::spawn(async move {
            loop {
                let page = there.follow(&log, Range::after(0)).await.unwrap();
                if !page.records.is_empty() {
                    return page;
                }
            }
        })
    };
    while support::listeners(&client(&server).await).await < 2 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    push(&here, &log, "a").await.unwrap();
    let page = timeout(Duration::from_secs(30), follow).await.unwrap().unwrap();
    assert_eq!(page.records[0].record.data(), "a");
}

/// The connection to the pooler stays when another server takes the place of the one behind it, which may have lost something.
#[tokio::test]
async fn a_server_that_has_lost_its_end_is_found_behind_it() {
    let (server, pooler) = pooled().await;
    let [reads, writes] = [looking().connect(pooler.url()).await, looking().connect(pooler.url()).await];
    let (reads, writes) = (reads.unwrap(), writes.unwrap());
    let log = reads.open("market").await.unwrap();
    writes.open("market").await.unwrap();
    for text in ["a", "b"] {
        push(&writes, &log, text).await.unwrap();
    }
    assert_eq!(data(&reads, &log).await, ["a", "b"]);
    client(&server)
        .await
        .batch_execute("CHECKPOINT; DELETE FROM typed_sse.records WHERE data = 'b'")
        .await
        .unwrap();
    server.kill();
    server.start_again();
    // What is appended takes the position of what is gone.
    while push(&writes, &log, "c").await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let error = loop {
        match reads.read(&log, Range::after(0)).await {
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {}
            read => break read.unwrap_err(),
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
    assert_eq!(push(&writes, &log, "d").await.unwrap_err().kind(), StoreErrorKind::Epoch);
    let again = reads.open("market").await.unwrap();
    assert_ne!(again.epoch(), log.epoch());
    assert_eq!(data(&reads, &again).await, ["a", "c"]);
}

/// The same by who appends several at once: none of them, which another server has answered together, is taken for what comes next.
#[tokio::test]
async fn who_appends_several_at_once_finds_it_as_well() {
    let (server, pooler) = pooled().await;
    let store = looking().connect(pooler.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    for text in ["a", "b"] {
        push(&store, &log, text).await.unwrap();
    }
    let lose = "CHECKPOINT; DELETE FROM typed_sse.records WHERE data = 'b'";
    client(&server).await.batch_execute(lose).await.unwrap();
    server.kill();
    server.start_again();
    let [c, d, e] = ["c", "d", "e"].map(|data| [Record::from_fields([("data", data)]).unwrap()]);
    let appended = loop {
        let all = [&c, &d, &e].map(|record| store.append(&log, Batch::new(record)));
        match join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>() {
            Ok(appended) => break appended,
            Err(error) => assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert!(appended.iter().all(|appended| appended.behind.is_none()), "{appended:?}");
    assert_eq!(push(&store, &log, "f").await.unwrap_err().kind(), StoreErrorKind::Epoch);
}
