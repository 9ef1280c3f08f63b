//! Publishing in the application's own transactions.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use support::{FAST, Server, client, open};
use tokio::time::{sleep, timeout};
use typed_sse::store::{Range, Store as _, StoreErrorKind};
use typed_sse::{Channel, Event, EventId, PublishError, Subscription};
use typed_sse_postgres::tokio_postgres::{Client, IsolationLevel};
use typed_sse_postgres::{Postgres, PublishIn as _};

/// How many each of eight publishers publishes: 150, or as many as this says. With 3,000 it takes half a minute.
const EVENTS: &str = "TYPED_SSE_EVENTS";

async fn channel(server: &Server) -> Channel<Event> {
    let store = Postgres::connect(server.url()).await.unwrap();
    Channel::builder().events(64).store(store, "market").open().await.unwrap()
}

/// A server with the schema, a table of the application's, and a channel.
async fn shop() -> (Server, Client, Channel<Event>) {
    let server = Server::start(&FAST);
    open(&server).await;
    let client = client(&server).await;
    client.batch_execute("CREATE TABLE orders (item text NOT NULL)").await.unwrap();
    let channel = channel(&server).await;
    (server, client, channel)
}

/// The data of the next event, or `reset`.
async fn next(subscription: &mut Subscription<Event>) -> String {
    loop {
        let next = timeout(Duration::from_secs(30), subscription.next()).await;
        let frame = next.expect("nothing more").expect("the end").unwrap();
        if frame.is_event() {
            let text = std::str::from_utf8(frame.as_ref()).unwrap();
            let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap_or_default();
            return if frame.event_type() == "reset" { format!("reset {data}") } else { data.to_owned() };
        }
    }
}

fn with_id(id: &str, data: &str) -> Event {
    Event::new(data).with_id(EventId::new(id).unwrap())
}

#[tokio::test]
async fn published_exactly_if_it_commits() {
    let (server, mut client, market) = shop().await;
    let there = channel(&server).await;
    let mut clients = [market.subscribe(None), there.subscribe(None)];
    for n in 0..20 {
        let order = client.transaction().await.unwrap();
        order.execute("INSERT INTO orders VALUES ($1)", &[&n.to_string()]).await.unwrap();
        market.publish_in(&order, &Event::new(n.to_string())).await.unwrap();
        if n % 3 == 0 { order.commit().await.unwrap() } else { order.rollback().await.unwrap() }
    }
    // Of savepoints as well, and of a transaction that is dropped.
    let mut order = client.transaction().await.unwrap();
    market.publish_in(&order, &Event::new("before")).await.unwrap();
    let savepoint = order.transaction().await.unwrap();
    market.publish_in(&savepoint, &Event::new("taken back")).await.unwrap();
    savepoint.rollback().await.unwrap();
    market.publish_all_in(&order, &["one", "two"].map(Event::new)).await.unwrap();
    order.commit().await.unwrap();
    let order = client.transaction().await.unwrap();
    market.publish_in(&order, &Event::new("dropped")).await.unwrap();
    drop(order);
    market.publish(&Event::new("last")).await.unwrap();
    let mut all: Vec<_> = (0..20).step_by(3).map(|n| n.to_string()).collect();
    all.extend(["before", "one", "two", "last"].map(str::to_owned));
    for client in &mut clients {
        for data in &all {
            assert_eq!(&next(client).await, data);
        }
    }
    let orders = client.query_one("SELECT count(*) FROM orders", &[]).await.unwrap();
    assert_eq!(orders.get::<_, i64>(0), 7);
    let pending = client.query_one("SELECT count(*) FROM typed_sse.pending", &[]).await.unwrap();
    assert_eq!(pending.get::<_, i64>(0), 0, "a transaction leaves nothing behind");
}

/// What the store refuses, the transaction survives.
#[tokio::test]
async fn what_is_refused_leaves_the_transaction_as_it_is() {
    let (server, mut client, market) = shop().await;
    market.publish(&with_id("7", "seven")).await.unwrap();
    let order = client.transaction().await.unwrap();
    let refused = market.publish_in(&order, &with_id("7", "again")).await.unwrap_err();
    assert!(matches!(&refused, PublishError::DuplicateId { id } if id.as_str() == "7"), "{refused}");
    market.publish_in(&order, &with_id("8", "eight")).await.unwrap();
    let refused = market.publish_in(&order, &with_id("8", "eight again")).await.unwrap_err();
    assert!(matches!(refused, PublishError::DuplicateId { .. }), "{refused}");
    let twice = ["9", "9"].map(|id| with_id(id, "nine"));
    let refused = market.publish_all_in(&order, &twice).await.unwrap_err();
    let PublishError::Store(refused) = refused else { panic!("{refused}") };
    assert_eq!(refused.kind(), StoreErrorKind::DuplicateId { position: 0 }, "{refused}");
    order.commit().await.unwrap();
    let mut late = Channel::<Event>::builder()
        .store(Postgres::connect(server.url()).await.unwrap(), "market")
        .open()
        .await
        .unwrap()
        .subscribe(typed_sse::LastEventId::from(EventId::new("7").unwrap()));
    assert_eq!(next(&mut late).await, "eight");
    market.finish().await.unwrap();
    let order = client.transaction().await.unwrap();
    let refused = market.publish_in(&order, &Event::new("x")).await.unwrap_err();
    assert!(matches!(refused, PublishError::Finished), "{refused}");
    order.commit().await.unwrap();
    // A channel in memory, and one on another store, have nothing that a transaction could take.
    let order = client.transaction().await.unwrap();
    let refused = Channel::new().publish_in(&order, &Event::new("x")).await.unwrap_err();
    assert!(matches!(refused, PublishError::Store(_)), "{refused}");
}

/// What another did meanwhile is found by the commit: it fails, with the whole transaction.
#[tokio::test]
async fn the_commit_finds_what_others_did() {
    let (server, mut client, market) = shop().await;
    let order = client.transaction().await.unwrap();
    order.execute("INSERT INTO orders VALUES ('lamp')", &[]).await.unwrap();
    market.publish_in(&order, &with_id("7", "mine")).await.unwrap();
    market.publish(&with_id("7", "theirs")).await.unwrap();
    let error = order.commit().await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "SSE01", "{error:?}");
    let orders = client.query_one("SELECT count(*) FROM orders", &[]).await.unwrap();
    assert_eq!(orders.get::<_, i64>(0), 0);

    // With a snapshot that is older than what others have published, as Postgres has it.
    let builder = client.build_transaction().isolation_level(IsolationLevel::RepeatableRead);
    let order = builder.start().await.unwrap();
    order.query("SELECT 1", &[]).await.unwrap();
    market.publish(&Event::new("between")).await.unwrap();
    market.publish_in(&order, &Event::new("late")).await.unwrap();
    assert_eq!(order.commit().await.unwrap_err().code().unwrap().code(), "40001");
    let (store, log) = open(&server).await;
    assert_eq!(support::data(&store, &log).await, ["theirs", "between"]);
}

/// A transaction that stays open keeps nobody waiting, and two that publish in two logs, in whatever order, do not wait for each other.
#[tokio::test]
async fn an_open_transaction_holds_nobody() {
    let (server, mut client, market) = shop().await;
    let store = Postgres::connect(server.url()).await.unwrap();
    let orders = Channel::<Event>::builder().store(store, "orders").open().await.unwrap();
    let open = client.transaction().await.unwrap();
    market.publish_in(&open, &Event::new("early")).await.unwrap();
    orders.publish_in(&open, &Event::new("early")).await.unwrap();
    let mut other = support::client(&server).await;
    for n in 0..50 {
        market.publish(&Event::new(n.to_string())).await.unwrap();
        let order = other.transaction().await.unwrap();
        orders.publish_in(&order, &Event::new(n.to_string())).await.unwrap();
        market.publish_in(&order, &Event::new("beside")).await.unwrap();
        order.commit().await.unwrap();
    }
    open.commit().await.unwrap();
    let (store, log) = support::open(&server).await;
    assert_eq!(support::data(&store, &log).await.last().unwrap(), "early", "in the order of the commits");
}

/// With `synchronous_commit = off`, a crash would take what clients have seen.
#[tokio::test]
async fn what_is_published_is_on_the_disk_whatever_the_transaction_says() {
    let (_server, mut client, market) = shop().await;
    let order = client.transaction().await.unwrap();
    order.batch_execute("SET LOCAL synchronous_commit = off").await.unwrap();
    market.publish_in(&order, &Event::new("x")).await.unwrap();
    order.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await.unwrap();
    let row = order.query_one("SHOW synchronous_commit", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "on");
    order.commit().await.unwrap();
}

/// However often it publishes, a transaction takes all at once, and looks at each of its events once.
#[tokio::test]
async fn a_commit_takes_time_by_the_number_of_its_events_alone() {
    let (_server, mut client, market) = shop().await;
    let order = client.transaction().await.unwrap();
    for n in 0..100 {
        market.publish_in(&order, &Event::new(n.to_string())).await.unwrap();
        market.publish_in(&order, &with_id(&n.to_string(), "x")).await.unwrap();
    }
    order
        .batch_execute("SELECT typed_sse.publish('market', 'x') FROM generate_series(1, 100)")
        .await
        .unwrap();
    order.batch_execute("SET CONSTRAINTS ALL IMMEDIATE").await.unwrap();
    let scans = "SELECT pg_stat_get_xact_numscans('typed_sse.pending_by_transaction'::regclass)";
    let scans: i64 = order.query_one(scans, &[]).await.unwrap().get(0);
    let rows = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'pending'";
    let rows: i64 = order.query_one(rows, &[]).await.unwrap().get(0);
    assert_eq!((scans, rows), (1, 300));
    order.commit().await.unwrap();
}

/// By `SET CONSTRAINTS`, some is taken before the rest is published; a savepoint that is rolled back gives it back.
#[tokio::test]
async fn what_is_taken_early_is_published_once_and_in_order() {
    let (server, client, _market) = shop().await;
    client
        .batch_execute(
            "BEGIN;
             SELECT typed_sse.publish('market', 'a'); SELECT typed_sse.publish('market', 'b');
             SAVEPOINT one; SET CONSTRAINTS ALL IMMEDIATE; SELECT typed_sse.publish('market', 'never'); ROLLBACK TO one;
             SELECT typed_sse.publish('market', 'c');
             SET CONSTRAINTS ALL IMMEDIATE; SELECT typed_sse.publish('market', 'd');
             SET CONSTRAINTS ALL DEFERRED; SELECT typed_sse.publish('market', 'e');
             SAVEPOINT two; SELECT typed_sse.publish('market', 'never'); ROLLBACK TO two;
             SELECT typed_sse.publish('market', 'f');
             COMMIT;
             BEGIN; SAVEPOINT first; SELECT typed_sse.publish('market', 'never'); ROLLBACK TO first;
             SELECT typed_sse.publish('market', 'g'); COMMIT;
             BEGIN; SELECT typed_sse.publish('market', 'never'); ROLLBACK;
             SELECT typed_sse.publish('market', 'h')",
        )
        .await
        .unwrap();
    let (store, log) = open(&server).await;
    assert_eq!(support::data(&store, &log).await, ["a", "b", "c", "d", "e", "f", "g", "h"]);
}

/// For who does not use this crate: in SQL, in whatever transaction.
#[tokio::test]
async fn another_program_publishes_in_sql() {
    let (_server, client, market) = shop().await;
    let mut reader = market.subscribe(None);
    client
        .batch_execute(
            "BEGIN;
             SELECT typed_sse.publish('market', '{\"symbol\":\"ACME\"}', event => 'price_changed', key => 'ACME');
             COMMIT;
             BEGIN; SELECT typed_sse.publish('market', 'never'); ROLLBACK;
             SELECT typed_sse.publish('market', 'last', id => '9')",
        )
        .await
        .unwrap();
    assert_eq!(next(&mut reader).await, "{\"symbol\":\"ACME\"}");
    assert_eq!(next(&mut reader).await, "last");
    for (wrong, code) in [
        ("'nowhere', 'x'", "SSE03"),
        ("'market', NULL", "SSE04"),
        ("'market', 'x', event => E'a\\nb'", "SSE04"),
        ("'market', 'x', flags => 'tombstone'", "SSE04"),
        ("'market', 'x', id => '9'", "SSE01"),
    ] {
        let refused = client.batch_execute(&format!("SELECT typed_sse.publish({wrong})")).await.unwrap_err();
        assert_eq!(refused.code().unwrap().code(), code, "{wrong}");
    }
}

/// Eight who publish at two servers, plainly and in transactions that take a while, of which some are rolled back, beside one that stays
/// open: each client gets exactly what was committed, in one order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_publishers_with_delays_and_rollbacks() {
    let each = std::env::var(EVENTS).map_or(150, |events| events.parse().unwrap());
    let (server, mut long, market) = shop().await;
    let there = channel(&server).await;
    let mut clients: Vec<_> = (0..6).map(|n| [&market, &there][n % 2].subscribe(None)).collect();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let open = {
        let there = there.clone();
        tokio::spawn(async move {
            let order = long.transaction().await.unwrap();
            there.publish_in(&order, &Event::new("long")).await.unwrap();
            stopped.await.unwrap();
            order.commit().await.unwrap();
        })
    };
    let publish = |publisher: usize| {
        let (market, there, url) = (market.clone(), there.clone(), server.url());
        tokio::spawn(async move {
            let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls);
            let (mut client, connection) = connected.await.unwrap();
            tokio::spawn(connection);
            let mut committed = Vec::new();
            for n in 0..each {
                let data = format!("{publisher}.{n}");
                let channel = if n % 2 == 0 { &market } else { &there };
                if n % 5 == 0 {
                    channel.publish(&Event::new(&*data)).await.unwrap();
                    committed.push(data);
                    continue;
                }
                let order = client.transaction().await.unwrap();
                order.execute("INSERT INTO orders VALUES ($1)", &[&data]).await.unwrap();
                channel.publish_in(&order, &Event::new(&*data)).await.unwrap();
                sleep(Duration::from_micros(fastrand::u64(0..8_000))).await;
                if fastrand::u32(0..10) == 0 {
                    order.rollback().await.unwrap();
                } else {
                    order.commit().await.unwrap();
                    committed.push(data);
                }
            }
            committed
        })
    };
    let began = Instant::now();
    let publishers: Vec<_> = (0..8).map(publish).collect();
    let mut committed = HashSet::new();
    let mut by_publisher = Vec::new();
    for publisher in publishers {
        let own = publisher.await.unwrap();
        committed.extend(own.iter().cloned());
        by_publisher.push(own);
    }
    eprintln!("{} commits in {:?}", committed.len(), began.elapsed());
    stop.send(()).unwrap();
    open.await.unwrap();
    committed.insert("long".to_owned());
    let mut orders = Vec::new();
    for client in &mut clients {
        let mut seen = Vec::new();
        while seen.len() < committed.len() {
            seen.push(next(client).await);
        }
        orders.push(seen);
    }
    assert_eq!(orders[0].iter().cloned().collect::<HashSet<_>>(), committed);
    assert!(orders.iter().all(|order| *order == orders[0]), "one order for all");
    assert_eq!(orders[0].last().unwrap(), "long", "it was committed last");
    for (n, own) in by_publisher.iter().enumerate() {
        let prefix = format!("{n}.");
        let seen: Vec<_> = orders[0].iter().filter(|data| data.starts_with(&prefix)).cloned().collect();
        assert_eq!(&seen, own, "each publisher's own order");
    }
    // Nothing comes behind it.
    let (store, log) = support::open(&server).await;
    assert_eq!(support::data(&store, &log).await, orders[0]);
    let rows = store.read(&log, Range::after(0).records(0)).await.unwrap().bounds.last;
    assert_eq!(rows as usize, committed.len(), "no position was used for what was rolled back");
}
