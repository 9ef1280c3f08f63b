//! The case of the suite in which clocks jump.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;
use typed_sse_core::store::Store;
use typed_sse_store_conformance::{__private as cases, Harness, Limits};

use crate::Redb;

/// By so many seconds the clock is ahead.
static AHEAD: AtomicI64 = AtomicI64::new(0);

fn now() -> SystemTime {
    let ahead = Duration::from_secs(AHEAD.load(Ordering::Relaxed).unsigned_abs());
    if AHEAD.load(Ordering::Relaxed) < 0 { SystemTime::now() - ahead } else { SystemTime::now() + ahead }
}

struct Moved {
    folder: TempDir,
    age: Duration,
}

impl Harness for Moved {
    const SHARED: bool = false;

    async fn start(limits: Limits) -> Self {
        Self { folder: tempfile::tempdir().unwrap(), age: limits.age.unwrap() }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let store = Redb::builder().age(self.age).clock(now);
        Arc::new(store.open(self.folder.path().join("events.redb")).unwrap())
    }

    async fn move_clock(&self, seconds: i64) -> bool {
        AHEAD.fetch_add(seconds, Ordering::Relaxed);
        true
    }
}

#[test]
fn the_clock_jumps() {
    cases::run("the_clock_jumps", cases::the_clock_jumps::<Moved>());
}
