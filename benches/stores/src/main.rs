//! What a channel costs whose log a store keeps, and what one Redis holds: `cargo run --release -p typed-sse-store-benches`.
//!
//! It starts a `redis-server` of its own. It takes three minutes, and prints the tables of docs/scaling.md; `-- topics`
//! prints one of `latency`, `throughput`, `replay`, `servers` and `topics`.
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

mod bare;
mod latency;
mod replay;
mod servers;
#[path = "../../../stores/redis/tests/support/mod.rs"]
mod support;
mod throughput;
mod topics;

use std::path::Path;

use support::{DURABLE, Server};
use typed_sse_core::{Builder, Channel, Event};
use typed_sse_redb::{Durability, Redb};
use typed_sse_redis::Redis;

/// An event has so many bytes of data.
pub(crate) const LEN: usize = 200;

/// Where a channel has its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Memory,
    Redb(Durability),
    /// Whether its append-only file is on the disk before it answers.
    Redis {
        is_durable: bool,
    },
}

/// A channel, and what has to live as long as it does.
pub(crate) struct Place {
    pub(crate) channel: Channel<Event>,
    folder: tempfile::TempDir,
    server: Option<Server>,
}

impl Place {
    /// The same log, as another server has it; `None` where there is no other.
    pub(crate) async fn elsewhere(&self, kind: Kind) -> Option<Channel<Event>> {
        let server = self.server.as_ref()?;
        Some(kind.channel(Channel::builder().events(100_000), self.folder.path(), Some(server)).await)
    }
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [
        Self::Memory,
        Self::Redb(Durability::Eventual),
        Self::Redb(Durability::Immediate),
        Self::Redis { is_durable: false },
        Self::Redis { is_durable: true },
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "in memory",
            Self::Redb(Durability::Eventual) => "redb, `Eventual`",
            Self::Redb(_) => "redb, `Immediate`",
            Self::Redis { is_durable: false } => "Redis, no file",
            Self::Redis { is_durable: true } => "Redis, `appendfsync always`",
        }
    }

    pub(crate) async fn open(self) -> Place {
        self.open_with(Channel::builder().events(100_000)).await
    }

    pub(crate) async fn open_with(self, builder: Builder<Event>) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let server = match self {
            Self::Redis { is_durable } => Some(Server::start(if is_durable { &DURABLE } else { &[] })),
            Self::Memory | Self::Redb(_) => None,
        };
        let channel = self.channel(builder, folder.path(), server.as_ref()).await;
        Place { channel, folder, server }
    }

    async fn channel(
        self,
        builder: Builder<Event>,
        folder: &Path,
        server: Option<&Server>,
    ) -> Channel<Event> {
        match (self, server) {
            (Self::Redb(durability), _) => {
                let store = Redb::builder().durability(durability).open(folder.join("events.redb")).unwrap();
                builder.store(store, "market").open().await.unwrap()
            }
            (Self::Redis { .. }, Some(server)) => {
                let store = Redis::connect(server.url()).await.unwrap();
                builder.store(store, "market").open().await.unwrap()
            }
            _ => builder.build(),
        }
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let wants = |table: &str| named.is_empty() || named.iter().any(|name| name == table);
    if wants("latency") {
        latency::run().await;
    }
    if wants("throughput") {
        throughput::run().await;
    }
    if wants("replay") {
        replay::run().await;
    }
    if wants("servers") {
        servers::run().await;
    }
    if wants("topics") {
        topics::run().await;
    }
}
