//! Publishing in transactions of `sqlx`.
#![allow(clippy::unwrap_used, reason = "these are tests")]
#![cfg(feature = "sqlx")]

mod support;

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use support::{FAST, Server, client, data, open};
use typed_sse::{Channel, Event, EventId, PublishError};
use typed_sse_postgres::{Postgres, PublishIn as _};

/// A server, a channel on its log `market`, and a connection of `sqlx`.
async fn shop() -> (Server, Channel<Event>, PgConnection) {
    let server = Server::start(&FAST);
    open(&server).await;
    let store = Postgres::connect(server.url()).await.unwrap();
    let market = Channel::builder().store(store, "market").open().await.unwrap();
    let mut connection = PgConnection::connect(&server.url()).await.unwrap();
    sqlx::query("CREATE TABLE orders (item text)").execute(&mut connection).await.unwrap();
    (server, market, connection)
}

#[tokio::test]
async fn published_exactly_if_it_commits() {
    let (server, market, mut connection) = shop().await;
    for (item, commits) in [("lamp", true), ("chair", false), ("table", true)] {
        let mut order = connection.begin().await.unwrap();
        sqlx::query("INSERT INTO orders VALUES ($1)").bind(item).execute(&mut *order).await.unwrap();
        market.publish_in(&mut order, &Event::new(item)).await.unwrap();
        if commits { order.commit().await.unwrap() } else { order.rollback().await.unwrap() }
    }
    // Of savepoints as well, and of a transaction that is dropped.
    let mut order = connection.begin().await.unwrap();
    market.publish_in(&mut order, &Event::new("before")).await.unwrap();
    let mut savepoint = order.begin().await.unwrap();
    market.publish_in(&mut savepoint, &Event::new("taken back")).await.unwrap();
    savepoint.rollback().await.unwrap();
    let mut savepoint = order.begin().await.unwrap();
    // What it derefs to is a connection, which is in a transaction.
    market.publish_all_in(&mut *savepoint, &["one", "two"].map(Event::new)).await.unwrap();
    savepoint.commit().await.unwrap();
    order.commit().await.unwrap();
    let mut order = connection.begin().await.unwrap();
    market.publish_in(&mut order, &Event::new("dropped")).await.unwrap();
    drop(order);
    market.publish(&Event::new("last")).await.unwrap();
    let (store, log) = open(&server).await;
    assert_eq!(data(&store, &log).await, ["lamp", "table", "before", "one", "two", "last"]);
    let orders = "SELECT count(*) FROM orders";
    assert_eq!(sqlx::query_scalar::<_, i64>(orders).fetch_one(&mut connection).await.unwrap(), 2);
}

/// In the order of the commits, whichever client has begun a transaction.
#[tokio::test]
async fn two_clients_have_one_order() {
    let (server, market, mut connection) = shop().await;
    let mut other = client(&server).await;
    let mut expected = Vec::new();
    for n in 0..40 {
        let mut by_sqlx = connection.begin().await.unwrap();
        let mut by_tokio = other.transaction().await.unwrap();
        let names = [format!("sqlx {n}"), format!("tokio {n}")];
        market.publish_in(&mut by_sqlx, &Event::new(&*names[0])).await.unwrap();
        market.publish_in(&mut by_tokio, &Event::new(&*names[1])).await.unwrap();
        let [sqlx, tokio] = names;
        if n % 2 == 0 {
            by_tokio.commit().await.unwrap();
            by_sqlx.commit().await.unwrap();
            expected.extend([tokio, sqlx]);
        } else {
            by_sqlx.commit().await.unwrap();
            by_tokio.commit().await.unwrap();
            expected.extend([sqlx, tokio]);
        }
    }
    let (store, log) = open(&server).await;
    assert_eq!(data(&store, &log).await, expected);
}

#[tokio::test]
async fn outside_of_a_transaction_nothing_is_published() {
    let (server, market, mut connection) = shop().await;
    let refused = market.publish_in(&mut connection, &Event::new("x")).await.unwrap_err();
    assert!(refused.to_string().contains("has no open transaction: begin one"), "{refused}");
    // Its transaction is over, and the connection is none any more.
    connection.begin().await.unwrap().commit().await.unwrap();
    let refused = market.publish_in(&mut connection, &Event::new("x")).await.unwrap_err();
    assert!(matches!(refused, PublishError::Store(_)), "{refused}");
    let (store, log) = open(&server).await;
    assert!(data(&store, &log).await.is_empty());
}

/// What the store refuses, the transaction survives; what Postgres refuses, it does not, and is told without a row.
#[tokio::test]
async fn what_is_refused() {
    let (server, market, mut connection) = shop().await;
    let with_id = |text: &str| Event::new(text).with_id(EventId::new("7").unwrap());
    market.publish(&with_id("seven")).await.unwrap();
    let mut order = connection.begin().await.unwrap();
    let refused = market.publish_in(&mut order, &with_id("again")).await.unwrap_err();
    assert!(matches!(refused, PublishError::DuplicateId { .. }), "{refused}");
    market.publish_in(&mut order, &Event::new("eight")).await.unwrap();
    order.commit().await.unwrap();

    let check = "ALTER TABLE typed_sse.pending ADD CHECK (data <> 'r0w')";
    sqlx::query(check).execute(&mut connection).await.unwrap();
    let mut order = connection.begin().await.unwrap();
    let refused = market.publish_in(&mut order, &Event::new("r0w")).await.unwrap_err();
    let shown = format!("{refused} {refused:?}");
    assert!(shown.contains("23514") && !shown.contains("r0w"), "{shown}");
    drop(order);
    connection.close().await.unwrap();

    // In another database, there is no such log.
    client(&server).await.batch_execute("CREATE DATABASE other").await.unwrap();
    let other = format!("postgres://postgres@127.0.0.1:{}/other", server.port);
    let mut connection = PgConnection::connect(&other).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(Postgres::MIGRATION)).execute(&mut connection).await.unwrap();
    let mut order = connection.begin().await.unwrap();
    let refused = market.publish_in(&mut order, &Event::new("x")).await.unwrap_err();
    assert!(refused.to_string().contains("begin it in that of the store"), "{refused}");
    let (store, log) = open(&server).await;
    assert_eq!(data(&store, &log).await, ["seven", "eight"]);
}
