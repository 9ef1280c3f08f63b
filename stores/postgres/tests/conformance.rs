//! The store in Postgres passes the suite.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use support::{FAST, Server};
use typed_sse_core::store::Store;
use typed_sse_postgres::Postgres;
use typed_sse_store_conformance::{Harness, Limits};

/// One for all cases: each has a schema of its own.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(&FAST).end_with_process());

struct InPostgres {
    schema: String,
    limits: Limits,
}

impl Harness for InPostgres {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        let schema = format!("case_{}", CASES.fetch_add(1, Ordering::Relaxed));
        let mut migration = Postgres::migration(&schema).unwrap();
        if limits.age.is_some() {
            migration =
                migration.replace("clock_timestamp()", &format!("{schema}.clock()")) + &clock(&schema);
        }
        support::client(&SERVER).await.batch_execute(&migration).await.unwrap();
        Self { schema, limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let Limits { records, bytes, age, .. } = self.limits;
        let store = Postgres::builder().schema(&self.schema).events(records).bytes(bytes);
        let store = if let Some(age) = age { store.age(age) } else { store };
        Arc::new(store.connect(SERVER.url()).await.unwrap())
    }

    async fn lose(&self, log: &str) -> bool {
        let delete = format!("DELETE FROM {}.logs WHERE name = $1", self.schema);
        support::client(&SERVER).await.execute(&delete, &[&log]).await.unwrap() == 1
    }

    async fn move_clock(&self, seconds: i64) -> bool {
        let set = format!("UPDATE {}.ahead SET seconds = seconds + {seconds}", self.schema);
        support::client(&SERVER).await.batch_execute(&set).await.unwrap();
        true
    }
}

/// A clock that can be moved, in the place of the server's.
fn clock(schema: &str) -> String {
    format!(
        "CREATE TABLE {schema}.ahead AS SELECT 0 AS seconds;
         CREATE FUNCTION {schema}.clock() RETURNS timestamptz LANGUAGE sql AS $$
           SELECT clock_timestamp() + make_interval(secs => seconds) FROM {schema}.ahead
         $$;"
    )
}

typed_sse_store_conformance::suite!(InPostgres);
