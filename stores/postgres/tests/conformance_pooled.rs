//! The store passes the suite behind a pooler that hands out sessions for the time of a transaction.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use support::pgbouncer::PgBouncer;
use support::{FAST, Server};
use typed_sse_core::store::Store;
use typed_sse_postgres::Postgres;
use typed_sse_store_conformance::{Harness, Limits};

/// One for all cases: each has a schema of its own.
static SERVERS: LazyLock<(Server, PgBouncer)> = LazyLock::new(|| {
    let server = Server::start(&FAST).end_with_process();
    let pooler = PgBouncer::of_transactions(&server, 20).end_with_process();
    (server, pooler)
});

struct Pooled {
    schema: String,
    limits: Limits,
}

impl Harness for Pooled {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        let schema = format!("case_{}", CASES.fetch_add(1, Ordering::Relaxed));
        let migration = Postgres::migration(&schema).unwrap();
        support::client(&SERVERS.0).await.batch_execute(&migration).await.unwrap();
        Self { schema, limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let Limits { records, bytes, age, .. } = self.limits;
        let store = Postgres::builder().schema(&self.schema).events(records).bytes(bytes);
        let store = if let Some(age) = age { store.age(age) } else { store };
        let looking = store.listen(false).poll(Duration::from_millis(10));
        Arc::new(looking.connect(SERVERS.1.url()).await.unwrap())
    }

    async fn lose(&self, log: &str) -> bool {
        let delete = format!("DELETE FROM {}.logs WHERE name = $1", self.schema);
        support::client(&SERVERS.0).await.execute(&delete, &[&log]).await.unwrap() == 1
    }
}

typed_sse_store_conformance::suite!(Pooled);
