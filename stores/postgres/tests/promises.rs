//! What the documentation promises besides the contract: secrets, connections, lives, versions, privileges, bounds.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::error::Error as _;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::join_all;
use support::{FAST, LIMIT, Server, client, data, event, open, processes, push};
use tokio::time::sleep;
use tokio_postgres::NoTls;
use typed_sse::{Channel, Event, Topics};
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreError, StoreErrorKind, StoredLog, Token};
use typed_sse_postgres::{Postgres, PublishIn as _};

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
async fn no_secret_and_no_row_is_shown() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let admin = client(&server).await;
    admin.batch_execute("CREATE ROLE us3r LOGIN PASSWORD 's3cret'").await.unwrap();
    let host = format!("127.0.0.1:{}", server.port);
    for url in [
        format!("postgres://n0body:s3cret@{host}/postgres"),
        format!("postgres://us3r:s3cret@{host}/nowhere"),
        format!("postgres://us3r:s3cret@{host}/postgres?sslmode=require"),
        // It may connect, and not use the schema.
        format!("postgres://us3r:s3cret@{host}/postgres"),
        format!("http://us3r:s3cret@{host}"),
        "postgres://us3r:s3cret@127.0.0.1:1/postgres".to_owned(),
        "us3r:s3cret".to_owned(),
        "host=127.0.0.1 password=s3cret user=us3r nonsense=1".to_owned(),
    ] {
        let error = Postgres::builder().time_limit(LIMIT).connect(&url).await.unwrap_err();
        let shown = shown(&error);
        assert!(!shown.contains("s3cret") && !shown.contains("us3r") && !shown.contains("n0body"), "{shown}");
    }
    let own = format!("postgres://postgres:s3cret@{host}/postgres");
    let shows = format!("{:?}", Postgres::connect(own).await.unwrap());
    assert!(shows.contains(&host) && !shows.contains("s3cret"), "{shows}");

    // What Postgres says of a row that it does not take holds the row.
    admin.batch_execute("ALTER TABLE typed_sse.records ADD CHECK (data <> 'r0w')").await.unwrap();
    let error = push(&store, &log, "r0w").await.unwrap_err();
    assert!(!shown(&error).contains("r0w") && shown(&error).contains("23514"), "{}", shown(&error));
    assert!(!error.may_have_been_stored(), "{error}");
    // One that is refused does not take others with it, which came at the same time.
    let pushed = ["b", "r0w", "c"].map(|data| {
        let (store, log) = (store.clone(), log.clone());
        tokio::spawn(async move { push(&store, &log, data).await.is_ok() })
    });
    let mut stored = Vec::new();
    for pushed in pushed {
        stored.push(pushed.await.unwrap());
    }
    assert_eq!(stored, [true, false, true]);
}

/// Two hundred who follow one log are one connection that reads, and one that listens; a third writes.
#[tokio::test]
async fn many_who_follow_are_two_connections() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let admin = client(&server).await;
    let first = push(&store, &log, "a").await.unwrap().positions[0];
    let followers: Vec<_> = (0..200)
        .map(|_| {
            let (store, log) = (store.clone(), log.clone());
            tokio::spawn(async move {
                loop {
                    let page = store.follow(&log, Range::after(first)).await.unwrap();
                    if !page.records.is_empty() {
                        return page;
                    }
                }
            })
        })
        .collect();
    while processes(&admin).await.len() < 3 {
        sleep(Duration::from_millis(20)).await;
    }
    push(&store, &log, "b").await.unwrap();
    for follower in followers {
        assert_eq!(follower.await.unwrap().records[0].record.data(), "b");
    }
    assert_eq!(processes(&admin).await.len(), 3);
    drop(store);
    while !processes(&admin).await.is_empty() {
        sleep(Duration::from_millis(20)).await;
    }
}

async fn epoch_is_another(store: &Postgres, log: &StoredLog) {
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
async fn a_log_that_is_gone_or_has_lost_its_end_begins_another_life() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let admin = client(&server).await;
    push(&store, &log, "a").await.unwrap();
    admin.batch_execute("DELETE FROM typed_sse.logs").await.unwrap();
    let left = admin.query_one("SELECT count(*) FROM typed_sse.records", &[]).await.unwrap();
    assert_eq!(left.get::<_, i64>(0), 0, "its records go with it");
    epoch_is_another(&store, &log).await;
    let again = store.open("market").await.unwrap();
    assert_ne!(again.epoch(), log.epoch());
    for text in ["a", "b"] {
        push(&store, &again, text).await.unwrap();
    }
    // As a replica that was promoted without the newest, or a backup: and another program appends at once.
    let lose = "DELETE FROM typed_sse.records WHERE data = 'b';
                SELECT typed_sse.publish('market', 'c');
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'typed-sse'";
    admin.batch_execute(lose).await.unwrap();
    let error = loop {
        match store.read(&again, Range::after(0)).await {
            Err(error) if error.kind() == StoreErrorKind::Unavailable => {}
            read => break read.unwrap_err(),
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
    epoch_is_another(&store, &again).await;
    let third = store.open("market").await.unwrap();
    assert_eq!(data(&store, &third).await, ["a", "c"]);
}

#[tokio::test]
async fn a_schema_that_is_not_there_or_is_newer_is_told() {
    let server = Server::start(&FAST);
    let error = Postgres::connect(server.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Version);
    assert!(error.to_string().contains("MIGRATION"), "{error}");
    open(&server).await;
    client(&server).await.batch_execute("UPDATE typed_sse.meta SET version = 2").await.unwrap();
    let error = Postgres::connect(server.url()).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Version, "{error}");
    for schema in ["", "a b", "x\"", "1a", "Ab", "pg_x"] {
        assert_eq!(Postgres::migration(schema).unwrap_err().kind(), StoreErrorKind::Other, "{schema}");
    }
}

/// What the documentation grants is enough, and no less is.
#[tokio::test]
async fn the_least_privileges_are_enough() {
    let server = Server::start(&FAST);
    open(&server).await;
    let grants = "CREATE ROLE shop LOGIN;
        GRANT USAGE ON SCHEMA typed_sse TO shop;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA typed_sse TO shop;
        REVOKE INSERT, UPDATE, DELETE ON typed_sse.meta FROM shop";
    client(&server).await.batch_execute(grants).await.unwrap();
    let url = format!("postgres://shop@127.0.0.1:{}/postgres", server.port);
    let store = Postgres::builder().age(Duration::from_secs(60)).connect(&*url).await.unwrap();
    let log = store.open("orders").await.unwrap();
    let token = Token::new("importer", 0, 1);
    let keyed = [Record::from_fields([("data", "x"), ("key", "k"), ("id", "7")]).unwrap()];
    store.append(&log, Batch::new(&keyed).with_token(&token)).await.unwrap();
    assert_eq!(data(&store, &log).await, ["x"]);
    assert_eq!(store.newest(&log, Range::after(0).of("")).await.unwrap().records.len(), 1);
    assert!(store.find(&log, "", "7").await.unwrap().is_some());

    // To publish in a transaction of one's own, and from SQL, as well.
    let (mut shop, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tokio::spawn(connection);
    let channel = Channel::<Event>::builder().store(store.clone(), "orders").open().await.unwrap();
    let order = shop.transaction().await.unwrap();
    channel.publish_in(&order, &Event::new("in")).await.unwrap();
    order.execute("SELECT typed_sse.publish('orders', 'from SQL')", &[]).await.unwrap();
    order.commit().await.unwrap();
    assert_eq!(data(&store, &log).await, ["x", "in", "from SQL"]);

    for privilege in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        let revoke = format!("REVOKE {privilege} ON ALL TABLES IN SCHEMA typed_sse FROM shop");
        client(&server).await.batch_execute(&revoke).await.unwrap();
        let order = shop.transaction().await.unwrap();
        let published = channel.publish_in(&order, &Event::new("in")).await;
        assert!(published.is_err() || order.commit().await.is_err(), "without {privilege}");
        // Nothing is to be deleted by this one.
        if let Err(error) = store.append(&log, Batch::new(&[event("y")])).await {
            assert_eq!(error.kind(), StoreErrorKind::Other, "without {privilege}: {error}");
            assert!(
                error.to_string().contains("grant what the documentation"),
                "without {privilege}: {error}"
            );
        } else {
            assert_eq!(privilege, "DELETE");
        }
        client(&server)
            .await
            .batch_execute(&revoke.replace("REVOKE", "GRANT").replace("FROM", "TO"))
            .await
            .unwrap();
    }
}

/// To bounds of age and keys, which the suite does not set.
#[tokio::test]
async fn what_is_too_old_goes_and_keys_are_bounded() {
    let server = Server::start(&FAST);
    open(&server).await;
    let builder = Postgres::builder().age(Duration::from_millis(200)).keys(2);
    let store = builder.connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    let mut positions = Vec::new();
    for (key, text) in [("a", "a1"), ("b", "b1"), ("c", "c1"), ("d", "d1")] {
        let record = Record::from_fields([("data", text), ("key", key), ("id", key)]).unwrap();
        positions.push(store.append(&log, Batch::new(&[record])).await.unwrap().positions[0]);
    }
    sleep(Duration::from_millis(300)).await;
    assert_eq!(data(&store, &log).await, ["d1"], "the newest of a log stays");
    assert_eq!(store.find(&log, "", "c").await.unwrap(), Some(positions[2]), "its client has missed nothing");
    assert_eq!(store.find(&log, "", "b").await.unwrap(), None);
    let newest = store.newest(&log, Range::after(0).of("")).await.unwrap();
    let texts: Vec<_> = newest.records.iter().map(|stored| stored.record.data()).collect();
    assert_eq!((texts, newest.bounds.keys_trimmed), (vec!["b1", "c1", "d1"], positions[0]));
    assert_eq!(newest.bounds.trimmed, positions[2]);
}

/// What is trimmed makes room for what comes: a bounded log that is vacuumed, as Postgres does by itself, grows no further. With one topic and with
/// keys, IDs and topics, of which all that has an index goes as well.
#[tokio::test]
async fn a_bounded_log_does_not_bloat() {
    const ROUNDS: usize = 12;
    let server = Server::start(&FAST);
    open(&server).await;
    let store = Postgres::builder().events(500).keys(50).connect(server.url()).await.unwrap();
    let admin = client(&server).await;
    let size = "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relnamespace = 'typed_sse'::regnamespace AND relkind = 'r'";
    let text = "x".repeat(200);
    for (log, is_plain) in [("plain", true), ("keyed", false)] {
        let log = store.open(log).await.unwrap();
        let (mut sizes, mut n) = (Vec::new(), 0);
        for _ in 0..ROUNDS {
            for _ in 0..20 {
                let records = (0..100).map(|_| {
                    n += 1;
                    let (key, id, topic) =
                        (format!("{}", n % 97), format!("{n}"), format!("{}", n / 100 % 3));
                    let more = [("key", &*key), ("id", &*id), ("topic", &*topic)];
                    let fields = [("data", &*text)].into_iter().chain(more.into_iter().filter(|_| !is_plain));
                    Record::from_fields(fields).unwrap()
                });
                store.append(&log, Batch::new(&records.collect::<Vec<_>>())).await.unwrap();
            }
            admin.batch_execute("VACUUM").await.unwrap();
            let size: String = admin.query_one(&format!("SELECT ({size})::text"), &[]).await.unwrap().get(0);
            sizes.push(size.parse::<u64>().unwrap());
        }
        let [soon, later] = [&sizes[..4], &sizes[4..]].map(|sizes| sizes.iter().max().copied().unwrap());
        assert!(later <= soon + soon / 10, "{sizes:?} bytes, of {n} records");
    }
}

/// What a process has appended, it need not read again; and what waits is appended in one step.
#[tokio::test]
async fn plain_batches_that_wait_are_one_and_each_knows_where_it_lies() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    push(&store, &log, "first").await.unwrap();
    let plain = ["a", "b"].map(|data| Record::from_fields([("data", data)]).unwrap());
    let appended = join_all((0..20).map(|_| store.append(&log, Batch::new(&plain)))).await;
    for (n, appended) in (0..).zip(appended) {
        let appended = appended.unwrap();
        assert_eq!(appended.positions, [2 + 2 * n, 3 + 2 * n]);
        let behind = appended.behind.unwrap();
        assert_eq!((behind.last, behind.bounds.last), (1 + 2 * n, 3 + 2 * n));
    }
    let admin = client(&server).await;
    let moments = "SELECT count(DISTINCT at) FROM typed_sse.records WHERE position > 1";
    assert_eq!(admin.query_one(moments, &[]).await.unwrap().get::<_, i64>(0), 1);
    // Where they are refused, each of them is told.
    store.append(&log, Batch::new(&[Record::finish("")])).await.unwrap();
    for refused in join_all((0..3).map(|_| store.append(&log, Batch::new(&plain)))).await {
        assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::Finished);
    }
}

/// The last record of a batch counts for all of it: where somebody deletes its row, the others are counted.
#[tokio::test]
async fn what_a_topic_has_is_known_without_the_last_of_a_batch() {
    let server = Server::start(&FAST);
    open(&server).await;
    let admin = client(&server).await;
    let publish =
        "BEGIN; SELECT typed_sse.publish('market', data) FROM unnest('{a,bb,ccc}'::text[]) AS data; COMMIT;
        DELETE FROM typed_sse.records WHERE data = 'ccc'; SELECT typed_sse.publish('market', 'dddd')";
    admin.batch_execute(publish).await.unwrap();
    let newest = "SELECT nth, bytes FROM typed_sse.records ORDER BY position DESC LIMIT 1";
    let newest = admin.query_one(newest, &[]).await.unwrap();
    assert_eq!((newest.get(0), newest.get(1)), (3i64, 7i64));
}

/// Ten thousand clients of a thousand topics cost the server what one costs.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_clients_are_three_connections() {
    let server = Server::start(&FAST);
    open(&server).await;
    let store = Postgres::connect(server.url()).await.unwrap();
    let topics = Topics::<Event>::builder().topics(2_000).store(store, "users").open().await.unwrap();
    let mut clients = Vec::new();
    for n in 0..1_000 {
        for _ in 0..10 {
            clients.push(topics.subscribe([format!("user/{n}")], None).unwrap());
        }
    }
    for n in 0..1_000 {
        topics.channel(format!("user/{n}")).unwrap().publish(&Event::new(n.to_string())).await.unwrap();
    }
    for (n, subscription) in clients.iter_mut().enumerate() {
        loop {
            let frame = subscription.next().await.unwrap().unwrap();
            if frame.is_event() {
                let data = format!("data: {}\n\n", n / 10);
                assert!(frame.as_ref().ends_with(data.as_bytes()), "{frame:?}");
                break;
            }
        }
    }
    assert_eq!(processes(&client(&server).await).await.len(), 3);
}
