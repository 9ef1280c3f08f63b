//! What a channel costs whose log a store keeps, and what one Redis holds: `cargo run --release -p typed-sse-store-benches`.
//!
//! It starts a `redis-server`, a `postgres` and a `nats-server` of its own. It takes three minutes, and prints the tables of docs/scaling.md; `-- topics`
//! prints one of `latency`, `throughput`, `servers` and `topics`.
#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

mod bare;
mod latency;
#[path = "../../../stores/nats/tests/support/mod.rs"]
mod nats;
#[path = "../../../stores/postgres/tests/support/mod.rs"]
mod postgres;
mod servers;
#[path = "../../../stores/redis/tests/support/mod.rs"]
mod support;
mod throughput;
mod topics;

use std::path::Path;

use support::{DURABLE, Server};
use typed_sse_core::{Channel, Event};
use typed_sse_postgres::Postgres;
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
    /// Whether a commit waits for the disk.
    Postgres {
        is_durable: bool,
    },
    /// Its files are written, and go to the disk every 2 minutes.
    Nats,
}

/// A channel, and what has to live as long as it does.
pub(crate) struct Place {
    pub(crate) channel: Channel<Event>,
    _folder: tempfile::TempDir,
    _server: Option<Server>,
    _postgres: Option<postgres::Server>,
    _nats: Option<nats::Server>,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Memory,
        Self::Redb(Durability::Eventual),
        Self::Redb(Durability::Immediate),
        Self::Redis { is_durable: false },
        Self::Redis { is_durable: true },
        Self::Postgres { is_durable: false },
        Self::Postgres { is_durable: true },
        Self::Nats,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Memory => "in memory",
            Self::Redb(Durability::Eventual) => "redb, `Eventual`",
            Self::Redb(_) => "redb, `Immediate`",
            Self::Redis { is_durable: false } => "Redis, no file",
            Self::Redis { is_durable: true } => "Redis, `appendfsync always`",
            Self::Postgres { is_durable: false } => "Postgres, `fsync = off`",
            Self::Postgres { is_durable: true } => "Postgres",
            Self::Nats => "NATS, in files",
        }
    }

    pub(crate) async fn open(self) -> Place {
        let folder = tempfile::tempdir().unwrap();
        let server = match self {
            Self::Redis { is_durable } => Some(Server::start(if is_durable { &DURABLE } else { &[] })),
            Self::Memory | Self::Redb(_) | Self::Postgres { .. } | Self::Nats => None,
        };
        let postgres = match self {
            Self::Postgres { is_durable } => Some(postgres::Server::of(is_durable)),
            Self::Memory | Self::Redb(_) | Self::Redis { .. } | Self::Nats => None,
        };
        if self == Self::Nats {
            let server = nats::Server::start();
            let store = typed_sse_nats::Nats::connect(server.url()).await.unwrap();
            let channel = Channel::builder().events(100_000).store(store, "market").open().await.unwrap();
            return Place { channel, _folder: folder, _server: None, _postgres: None, _nats: Some(server) };
        }
        let channel = self.channel(folder.path(), server.as_ref(), postgres.as_ref()).await;
        Place { channel, _folder: folder, _server: server, _postgres: postgres, _nats: None }
    }

    async fn channel(
        self,
        folder: &Path,
        server: Option<&Server>,
        postgres: Option<&postgres::Server>,
    ) -> Channel<Event> {
        let builder = Channel::builder().events(100_000);
        if let Some(server) = postgres {
            postgres::client(server).await.batch_execute(Postgres::MIGRATION).await.unwrap();
            let store = Postgres::connect(server.url()).await.unwrap();
            return builder.store(store, "market").open().await.unwrap();
        }
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
    if wants("servers") {
        servers::run().await;
    }
    if wants("topics") {
        topics::run().await;
    }
}
