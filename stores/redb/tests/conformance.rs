//! The store in a file passes the suite.
#![allow(clippy::unwrap_used, reason = "these are tests")]

use std::sync::Arc;

use tempfile::TempDir;
use typed_sse_core::store::Store;
use typed_sse_redb::{Builder, Durability, Redb};
use typed_sse_store_conformance::{Harness, Limits};

struct InFile {
    folder: TempDir,
    limits: Limits,
}

fn of(limits: Limits) -> Builder {
    let Limits { records, bytes, age, .. } = limits;
    let store = Redb::builder().events(records).bytes(bytes);
    if let Some(age) = age { store.age(age) } else { store }
}

impl Harness for InFile {
    const SHARED: bool = false;

    async fn start(limits: Limits) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(of(self.limits).open(self.folder.path().join("events.redb")).unwrap())
    }

    async fn lose(&self, _: &str) -> bool {
        std::fs::remove_file(self.folder.path().join("events.redb")).is_ok()
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
            let store = of(*limits).durability(Durability::Eventual);
            Arc::new(store.open(folder.path().join("events.redb")).unwrap())
        }

        async fn lose(&self, log: &str) -> bool {
            self.0.lose(log).await
        }
    }

    typed_sse_store_conformance::suite!(Eventual);
}
