//! The case of the suite in which the clock jumps, on a server whose clock the test moves: what `redis-server` asks of the C library is
//! answered by `clock.c`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use support::Server;
use tempfile::TempDir;
use typed_sse_core::store::Store;
use typed_sse_redis::Redis;
use typed_sse_store_conformance::{__private as cases, Harness, Limits};

struct Clocked {
    server: Server,
    folder: TempDir,
    moved: AtomicI64,
    limits: Limits,
}

impl Clocked {
    /// How far the server's clock is ahead, in seconds.
    fn ahead(&self) -> i64 {
        let said = self.server.cli(&["TIME"]);
        let there: i64 = said.lines().next().and_then(|seconds| seconds.parse().ok()).unwrap();
        let here = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        there - i64::try_from(here).unwrap()
    }
}

impl Harness for Clocked {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let library = folder.path().join("clock.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clock.c");
        let compiled =
            Command::new("cc").args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library).arg(source).status();
        assert!(compiled.expect("no `cc` here: apt-get install gcc").success(), "clock.c cannot be compiled");
        let clock = folder.path().join("moved");
        let environment = [("LD_PRELOAD", library), ("MOVED_CLOCK", clock)];
        let environment = environment.map(|(name, value)| (name.to_owned(), value));
        let server = Server::start_in(&[], environment.into());
        Self { server, folder, moved: AtomicI64::new(0), limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let Limits { records, bytes, age, .. } = self.limits;
        let store = Redis::builder().events(records).bytes(bytes);
        let store = if let Some(age) = age { store.age(age) } else { store };
        Arc::new(store.connect(self.server.url()).await.unwrap())
    }

    async fn move_clock(&self, seconds: i64) -> bool {
        let moved = self.moved.fetch_add(seconds, Ordering::Relaxed) + seconds;
        let (new, clock) = (self.folder.path().join("new"), self.folder.path().join("moved"));
        std::fs::write(&new, moved.to_string()).unwrap();
        std::fs::rename(new, clock).unwrap();
        let off = self.ahead() - moved;
        assert!(off.abs() < 60, "the clock is {off} s off");
        true
    }
}

#[test]
fn the_clock_jumps() {
    cases::run("the_clock_jumps", cases::the_clock_jumps::<Clocked>());
}
