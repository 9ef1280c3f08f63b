//! The store in NATS passes the suite.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};

use support::Server;
use typed_sse_core::store::Store;
use typed_sse_nats::Nats;
use typed_sse_store_conformance::{Harness, Limits};

/// One for all cases: each has a prefix of its own.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start().end_with_process());

struct InNats {
    prefix: String,
    limits: Limits,
}

impl Harness for InNats {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        Self { prefix: format!("case-{}", CASES.fetch_add(1, Ordering::Relaxed)), limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let Limits { records, bytes, age, .. } = self.limits;
        let store = Nats::builder().prefix(&self.prefix).events(records).bytes(bytes);
        let store = if let Some(age) = age { store.age(age) } else { store };
        Arc::new(store.connect(SERVER.url()).await.unwrap())
    }

    async fn lose(&self, log: &str) -> bool {
        let answer = SERVER.api(&format!("STREAM.DELETE.{}_{log}", self.prefix), "").await;
        answer.contains("\"success\":true")
    }
}

typed_sse_store_conformance::suite!(InNats);
