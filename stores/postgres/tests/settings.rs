//! Whatever the defaults of the database or of a session are, and however long a call may take, what is published is there.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use futures_util::future::join_all;
use support::{FAST, Server, client, data, open, push};
use tokio::time::sleep;
use typed_sse_core::store::Store as _;
use typed_sse_postgres::tokio_postgres::Client;
use typed_sse_postgres::{Builder, Postgres};

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
