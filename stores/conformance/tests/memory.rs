//! The store in memory passes the suite.

use std::sync::Arc;

use typed_sse_core::store::Store;
use typed_sse_store_conformance::{Harness, Limits, Memory};

struct InMemory(Memory);

impl Harness for InMemory {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        Self(Memory::with_limits(limits))
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(self.0.clone())
    }

    async fn lose(&self, log: &str) -> bool {
        self.0.lose(log);
        true
    }

    async fn move_clock(&self, seconds: i64) -> bool {
        self.0.move_clock(seconds);
        true
    }
}

typed_sse_store_conformance::suite!(InMemory);
