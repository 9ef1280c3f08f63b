//! What keeps a log.

use typed_sse_core::{Builder, Channel, Event, Topics, TopicsPublisher, TopicsStoreBuilder};
use typed_sse_nats::Nats;
use typed_sse_postgres::Postgres;
use typed_sse_redb::Redb;
use typed_sse_redis::Redis;

use crate::support::{self as redis, DURABLE};
use crate::{Kind, nats, postgres, process};

/// It is there as long as this.
pub(crate) enum Server {
    /// The process of the channel.
    Process,
    File {
        store: Redb,
        _folder: tempfile::TempDir,
    },
    Redis(redis::Server),
    Postgres(postgres::Server),
    Nats(nats::Server),
}

impl Server {
    pub(crate) async fn start(kind: Kind) -> Self {
        match kind {
            Kind::Memory => Self::Process,
            Kind::Redb(durability) => {
                let folder = tempfile::tempdir().unwrap();
                let store = Redb::builder().durability(durability);
                let store = store.open(folder.path().join("events.redb")).unwrap();
                Self::File { store, _folder: folder }
            }
            Kind::Redis { is_durable } => {
                Self::Redis(redis::Server::start(if is_durable { &DURABLE } else { &[] }))
            }
            Kind::Postgres { is_durable } => {
                let server = postgres::Server::of(is_durable);
                postgres::client(&server).await.batch_execute(Postgres::MIGRATION).await.unwrap();
                Self::Postgres(server)
            }
            Kind::Nats => Self::Nats(nats::Server::start()),
        }
    }

    pub(crate) async fn channel(&self, builder: Builder<Event>) -> Channel<Event> {
        let builder = match self {
            Self::Process => return builder.build(),
            Self::File { store, .. } => builder.store(store.clone(), "market"),
            Self::Redis(server) => builder.store(Redis::connect(server.url()).await.unwrap(), "market"),
            Self::Postgres(server) => builder.store(Postgres::connect(server.url()).await.unwrap(), "market"),
            Self::Nats(server) => builder.store(Nats::connect(server.url()).await.unwrap(), "market"),
        };
        builder.open().await.unwrap()
    }

    pub(crate) async fn topics(&self) -> Topics<Event> {
        self.orders().await.open().await.unwrap()
    }

    pub(crate) async fn topics_publisher(&self) -> TopicsPublisher<Event> {
        self.orders().await.publisher().await.unwrap()
    }

    async fn orders(&self) -> TopicsStoreBuilder<Event> {
        let builder = Topics::builder().topics(20_000);
        match self {
            Self::Process => unreachable!("there is no store"),
            Self::File { store, .. } => builder.store(store.clone(), "orders"),
            Self::Redis(server) => builder.store(Redis::connect(server.url()).await.unwrap(), "orders"),
            Self::Postgres(server) => builder.store(Postgres::connect(server.url()).await.unwrap(), "orders"),
            Self::Nats(server) => builder.store(Nats::connect(server.url()).await.unwrap(), "orders"),
        }
    }

    /// Seconds of CPU time of the server.
    pub(crate) fn cpu(&self) -> f64 {
        self.address().map_or(0.0, |(process, _)| process::cpu(process))
    }

    pub(crate) fn connections(&self) -> usize {
        self.address().map_or(0, |(_, port)| process::connections(port))
    }

    /// The process, and the port, of a server by itself.
    fn address(&self) -> Option<(u32, u16)> {
        match self {
            Self::Process | Self::File { .. } => None,
            Self::Redis(server) => Some((server.process(), server.port)),
            Self::Postgres(server) => Some((server.process(), server.port)),
            Self::Nats(server) => Some((server.process(), server.port)),
        }
    }

    /// How many bytes it has, and where.
    pub(crate) async fn sizes(&self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Process | Self::File { .. } => Vec::new(),
            Self::Redis(server) => {
                let info = server.cli(&["INFO", "everything"]);
                let number = |name| number_behind(&info, name);
                vec![
                    ("in memory", number("used_memory:")),
                    ("in the append-only file", number("aof_current_size:")),
                ]
            }
            Self::Postgres(server) => {
                let client = postgres::client(server).await;
                let size = "SELECT pg_database_size(current_database())::float8";
                vec![("in tables and indexes", client.query_one(size, &[]).await.unwrap().get(0))]
            }
            Self::Nats(server) => {
                let info = server.api("INFO", "").await;
                vec![("in files", number_behind(&info, "\"storage\":"))]
            }
        }
    }
}

fn number_behind(text: &str, name: &str) -> f64 {
    let (_, rest) = text.split_once(name).unwrap();
    let rest = rest.trim_start();
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().unwrap()
}
