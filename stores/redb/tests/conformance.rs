//! The store in a file passes the suite.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::sync::Arc;

use tempfile::TempDir;
use typed_sse_core::store::Store;
use typed_sse_redb::{Durability, Redb};
use typed_sse_store_conformance::{Harness, Limits};

struct InFile {
    folder: TempDir,
    limits: Limits,
}

impl Harness for InFile {
    const SHARED: bool = false;

    async fn start(limits: Limits) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let store = Redb::builder().events(self.limits.records).bytes(self.limits.bytes);
        Arc::new(store.open(self.folder.path().join("events.redb")).unwrap())
    }
}

typed_sse_store_conformance::suite!(InFile);

mod eventual {
    use super::*;

    struct Eventual(InFile);

    impl Harness for Eventual {
        const SHARED: bool = false;

        async fn start(limits: Limits) -> Self {
            Self(InFile::start(limits).await)
        }

        async fn store(&self) -> Arc<dyn Store> {
            let InFile { folder, limits } = &self.0;
            let store = Redb::builder().durability(Durability::Eventual);
            let store = store.events(limits.records).bytes(limits.bytes);
            Arc::new(store.open(folder.path().join("events.redb")).unwrap())
        }
    }

    typed_sse_store_conformance::suite!(Eventual);
}
