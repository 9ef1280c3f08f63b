//! Neither the store nor its client says what an event holds, or with which password it connects: not in a log at any level, not in
//! an error, not in `Debug`. One test alone: it hears all that the process says.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::os::unix::fs::PermissionsExt as _;

use support::{FAST, LIMIT, Server, client};
use tokio_postgres::NoTls;
use tokio_postgres::types::Type;
use typed_sse::{Channel, PublishError};
use typed_sse_postgres::{Postgres, PublishIn as _};
use typed_sse_store_overheard::{NAMED, Scene, Secret, Shown, UNSAID, assert_unsaid, has_heard, listen};

/// A server that asks `us3r_name` for a password, with the tables of the application and of the store.
async fn server(folder: &tempfile::TempDir) -> Server {
    let rules = folder.path().join("rules");
    let text = "host all us3r_name 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n";
    std::fs::write(&rules, text).unwrap();
    for path in [folder.path(), &rules] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    let rules = format!("hba_file={}", rules.display());
    let options: Vec<_> = FAST.into_iter().chain([&*rules]).collect();
    let server = Server::start(&options);
    let admin = client(&server).await;
    admin.batch_execute("CREATE ROLE us3r_name SUPERUSER LOGIN PASSWORD 's3cret-word'").await.unwrap();
    admin.batch_execute(Postgres::MIGRATION).await.unwrap();
    let tables = "ALTER TABLE typed_sse.records ADD CHECK (data <> 'd4ta-of-666');
        ALTER TABLE typed_sse.pending ADD CHECK (data <> 'd4ta-of-667');
        CREATE TABLE orders (item text PRIMARY KEY DEFERRABLE INITIALLY DEFERRED);
        INSERT INTO orders VALUES ('r0w-of-0')";
    admin.batch_execute(tables).await.unwrap();
    server
}

/// In transactions of `tokio-postgres`.
async fn publish_in(url: &str, events: &Channel<Secret>, shown: &mut Shown) {
    let (mut own, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    // This one commits; of the next the row is there; then the ID is, by now.
    for (n, item) in [(100, "r0w-of-1"), (101, "r0w-of-0"), (102, "r0w-of-2")] {
        let order = own.transaction().await.unwrap();
        order.query_typed("INSERT INTO orders VALUES ($1)", &[(&item, Type::TEXT)]).await.unwrap();
        events.publish_in(&order, &Secret(n)).await.unwrap();
        if n == 102 {
            events.publish(&Secret(n)).await.unwrap();
        }
        assert_eq!(order.commit().await.is_ok(), n == 100);
    }
    let order = own.transaction().await.unwrap();
    let refused = events.publish_in(&order, &Secret(100)).await.unwrap_err();
    assert!(matches!(refused, PublishError::DuplicateId { .. }), "{refused}");
    shown.error(&refused);
    let refused = events.publish_in(&order, &Secret(667)).await.unwrap_err();
    assert!(matches!(refused, PublishError::Store(_)), "{refused}");
    shown.error(&refused);
}

/// The same in transactions of `sqlx`.
#[cfg(feature = "sqlx")]
async fn publish_in_sqlx(url: &str, events: &Channel<Secret>, shown: &mut Shown) {
    use sqlx::{Connection as _, PgConnection};

    let mut own = PgConnection::connect(url).await.unwrap();
    for (n, item) in [(200, "r0w-of-3"), (201, "r0w-of-0"), (202, "r0w-of-4")] {
        let mut order = own.begin().await.unwrap();
        sqlx::query("INSERT INTO orders VALUES ($1)").bind(item).execute(&mut *order).await.unwrap();
        events.publish_in(&mut order, &Secret(n)).await.unwrap();
        if n == 202 {
            events.publish(&Secret(n)).await.unwrap();
        }
        assert_eq!(order.commit().await.is_ok(), n == 200);
    }
    let mut order = own.begin().await.unwrap();
    shown.error(&events.publish_in(&mut order, &Secret(667)).await.unwrap_err());
}

#[tokio::test]
async fn no_line_no_error_and_no_debug_has_a_secret_or_a_row() {
    let folder = tempfile::tempdir().unwrap();
    let server = server(&folder).await;
    let host = format!("127.0.0.1:{}", server.port);
    let url = format!("postgres://us3r_name:s3cret-word@{host}/postgres");
    let mut shown = Shown::default();
    listen();

    let wrong = format!("postgres://us3r_name:wr0ng-word@{host}/postgres");
    let builder = Postgres::builder().time_limit(LIMIT);
    shown.debug(&builder);
    shown.error(&builder.connect(wrong).await.unwrap_err());
    let mut scene = Scene::open(Postgres::connect(&url).await.unwrap()).await;
    scene.publish_and_read().await;
    scene.publish_again(&mut shown).await;
    let refused = scene.events.publish(&Secret(666)).await.unwrap_err();
    assert!(refused.to_string().contains("23514"), "{refused}");
    shown.error(&refused);
    publish_in(&url, &scene.events, &mut shown).await;
    #[cfg(feature = "sqlx")]
    publish_in_sqlx(&url, &scene.events, &mut shown).await;
    server.kill();
    scene.fail(&mut shown).await;
    server.start_again();
    scene.go_on().await;
    scene.show(&mut shown);

    shown.assert_silent();
    // They are heard: the clients, and what a channel says of its store and of what is published.
    assert!(has_heard(|line| line.target == "tokio_postgres::query" && line.text.contains("executing")));
    #[cfg(feature = "sqlx")]
    assert!(has_heard(|line| line.target == "sqlx::query" && line.text.contains(".stage(")));
    assert!(
        has_heard(|line| line.target == "typed_sse" && line.text.contains("the store cannot be reached"))
    );
    assert!(has_heard(|line| line.target == "typed_sse" && line.text.contains(NAMED[0])));
    assert_unsaid(&UNSAID, |_| false);
    assert_unsaid(&NAMED, |line| line.target == "typed_sse");
}
