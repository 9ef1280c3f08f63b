//! Whatever the defaults of the database or of a session are, and however long a call may take, what is published is there.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use futures_util::future::join_all;
use support::{FAST, Server, client, data, open, push};
use tokio::time::sleep;
use typed_sse::{Channel, Event};
use typed_sse_core::store::{Range, Store as _, StoreErrorKind};
use typed_sse_postgres::tokio_postgres::Client;
use typed_sse_postgres::{Builder, Postgres, PublishIn as _};

/// One that has sessions of its own, and one that does not know that.
fn builders() -> [Builder; 2] {
    [true, false].map(|listens| Postgres::builder().listen(listens).time_limit(Duration::from_secs(60)))
}

/// Until somebody waits for a transaction.
async fn somebody_waits(client: &Client) {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    while client.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

/// A statement that has waited for another transaction sees what that has stored.
#[tokio::test]
async fn whatever_the_default_isolation_level_is() {
    for level in ["repeatable read", "serializable"] {
        let server = Server::start(&FAST);
        open(&server).await;
        let admin = client(&server).await;
        let set = format!("ALTER DATABASE postgres SET default_transaction_isolation = '{level}'");
        admin.batch_execute(&set).await.unwrap();
        let mut holder = client(&server).await;
        for (which, builder) in builders().into_iter().enumerate() {
            let store = builder.connect(server.url()).await.unwrap();
            // A log that another process makes at the same time.
            let name = format!("log {which}");
            let made = holder.build_transaction().start().await.unwrap();
            let make = format!("INSERT INTO typed_sse.logs (name, epoch) VALUES ('{name}', 'k3v9x2ab')");
            made.batch_execute(&make).await.unwrap();
            let (opened, ()) = tokio::join!(store.open(&name), async {
                somebody_waits(&admin).await;
                made.commit().await.unwrap();
            });
            let log = opened.unwrap();
            // One batch, and several that are one transaction.
            push(&store, &log, "first").await.unwrap();
            for count in [1, 20] {
                let held = holder.build_transaction().start().await.unwrap();
                let publish = format!("SELECT typed_sse.publish('{name}', 'between')");
                held.batch_execute(&format!("{publish}; SET CONSTRAINTS ALL IMMEDIATE")).await.unwrap();
                let pushed = join_all((0..count).map(|_| push(&store, &log, "waited")));
                let (pushed, ()) = tokio::join!(pushed, async {
                    somebody_waits(&admin).await;
                    held.commit().await.unwrap();
                });
                for pushed in pushed {
                    pushed.unwrap();
                }
            }
            assert_eq!(data(&store, &log).await.len(), 24);
        }
    }
}

/// A replica of another kind, and a tool that copies rows, say so of their session; the commit must not take the event for one of theirs.
#[tokio::test]
async fn whatever_the_replication_role_of_the_session_is() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let market = Channel::<Event>::builder().store(store.clone(), "market").open().await.unwrap();
    let mut own = client(&server).await;
    own.batch_execute("SET session_replication_role = replica").await.unwrap();
    let order = own.transaction().await.unwrap();
    market.publish_in(&order, &Event::new("in")).await.unwrap();
    order.commit().await.unwrap();
    own.batch_execute("SELECT typed_sse.publish('market', 'from SQL', id => '7')").await.unwrap();
    assert_eq!(data(&store, &log).await, ["in", "from SQL"]);
    // Of a log that is removed, nothing stays.
    own.batch_execute("DELETE FROM typed_sse.logs").await.unwrap();
    for table in ["pending", "records", "topics", "producers"] {
        let left = own.query_one(&format!("SELECT count(*) FROM typed_sse.{table}"), &[]).await.unwrap();
        assert_eq!(left.get::<_, i64>(0), 0, "{table}");
    }
}

/// It is told, and not gone around: whoever has set it wants no writes.
#[tokio::test]
async fn a_database_that_is_read_only_is_told() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    push(&store, &log, "a").await.unwrap();
    let admin = client(&server).await;
    admin.batch_execute("ALTER DATABASE postgres SET default_transaction_read_only = on").await.unwrap();
    for builder in builders() {
        let store = builder.connect(server.url()).await.unwrap();
        let log = store.open("market").await.unwrap();
        assert_eq!(data(&store, &log).await, ["a"]);
        let error = push(&store, &log, "b").await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
        assert!(error.to_string().contains("`default_transaction_read_only`"), "{error}");
        assert!(!error.may_have_been_stored(), "{error}");
    }
}

#[tokio::test]
async fn however_long_a_call_may_take() {
    let server = Server::start(&FAST);
    open(&server).await;
    for limit in [Duration::from_secs(60 * 24 * 60 * 60), Duration::MAX] {
        let builder = Postgres::builder().time_limit(limit);
        let store = builder.poll(Duration::MAX).connect(server.url()).await.unwrap();
        let log = store.open(&format!("{limit:?}")).await.unwrap();
        push(&store, &log, "a").await.unwrap();
        assert_eq!(store.follow(&log, Range::after(0)).await.unwrap().records.len(), 1);
    }
}

/// A log, a topic and an ID have any name, and a schema any that Postgres does not keep for itself.
#[tokio::test]
async fn whatever_the_names_are() {
    let server = Server::start(&FAST);
    let mut own = client(&server).await;
    for schema in ["select", "loop", "my_typed_sse"] {
        own.batch_execute(&Postgres::migration(schema).unwrap()).await.unwrap();
        let store = Postgres::builder().schema(schema).age(Duration::from_secs(600));
        let store = store.connect(server.url()).await.unwrap();
        for name in ["a\0b", "a\u{ffff}0b", ""] {
            let log = store.open(name).await.unwrap();
            assert_eq!(store.open(name).await.unwrap(), log);
            push(&store, &log, name).await.unwrap();
            let channel = Channel::<Event>::builder().store(store.clone(), name).open().await.unwrap();
            let order = own.transaction().await.unwrap();
            channel.publish_in(&order, &Event::new("in")).await.unwrap();
            order.commit().await.unwrap();
            assert_eq!(data(&store, &log).await, [name, "in"]);
            assert_eq!(store.find(&log, "", "7").await.unwrap(), None);
        }
        let publish = format!(r#"SELECT "{schema}".publish(E'a\uFFFF0b', 'from SQL')"#);
        own.batch_execute(&publish).await.unwrap();
        let log = store.open("a\0b").await.unwrap();
        assert_eq!(data(&store, &log).await, ["a\0b", "in", "from SQL"]);
    }
}
