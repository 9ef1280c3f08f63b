//! The store in Redis passes the suite, on a node of a cluster: that refuses whatever touches two slots, and is a server like others
//! besides. All other tests have servers without a cluster.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use support::Server;
use typed_sse_core::store::Store;
use typed_sse_redis::Redis;
use typed_sse_store_conformance::{Harness, Limits};

/// One for all cases: each has keys of its own. It is the only node, with all slots.
static SERVER: LazyLock<Server> = LazyLock::new(|| {
    let server = Server::start(&["--cluster-enabled", "yes"]).end_with_process();
    assert_eq!(server.cli(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]), "OK");
    let started = Instant::now();
    while !server.cli(&["CLUSTER", "INFO"]).contains("cluster_state:ok") {
        assert!(started.elapsed() < Duration::from_secs(20), "the cluster does not come up");
        std::thread::sleep(Duration::from_millis(20));
    }
    server
});

struct InRedis {
    prefix: String,
    limits: Limits,
}

impl Harness for InRedis {
    const SHARED: bool = true;

    async fn start(limits: Limits) -> Self {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        Self { prefix: format!("case{}:", CASES.fetch_add(1, Ordering::Relaxed)), limits }
    }

    async fn store(&self) -> Arc<dyn Store> {
        let Limits { records, bytes, age, .. } = self.limits;
        let store = Redis::builder().prefix(&self.prefix).events(records).bytes(bytes);
        let store = if let Some(age) = age { store.age(age) } else { store };
        Arc::new(store.connect(SERVER.url()).await.unwrap())
    }

    async fn lose(&self, log: &str) -> bool {
        let keys = SERVER.cli(&["--scan", "--pattern", &format!("{}{log}*", self.prefix)]);
        let delete: Vec<_> = ["DEL"].into_iter().chain(keys.lines()).collect();
        SERVER.cli(&delete) == keys.lines().count().to_string()
    }
}

typed_sse_store_conformance::suite!(InRedis);

/// Else the cases above would say nothing of slots.
#[test]
fn two_logs_are_in_two_slots() {
    let said = SERVER.cli(&["DEL", "{market}", "{shop}"]);
    assert!(said.contains("CROSSSLOT"), "{said}");
}
