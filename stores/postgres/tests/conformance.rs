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
        let migration = Postgres::migration(&schema).unwrap();
        support::client(&SERVER).await.batch_execute(&migration).await.unwrap();
        Self { schema, limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let store =
            Postgres::builder().schema(&self.schema).events(self.limits.records).bytes(self.limits.bytes);
        Arc::new(store.connect(SERVER.url()).await.unwrap())
    }
}

typed_sse_store_conformance::suite!(InPostgres);
