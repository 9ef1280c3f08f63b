//! Where a channel has its log.

use typed_sse_core::{Builder, Channel, Event};
use typed_sse_redb::Durability;

use crate::server::Server;

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
    server: Server,
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

    /// Servers by themselves, each as one runs it that is to lose nothing.
    pub(crate) const SERVERS: [Self; 3] =
        [Self::Redis { is_durable: true }, Self::Postgres { is_durable: true }, Self::Nats];

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
        self.open_with(roomy()).await
    }

    pub(crate) async fn open_with(self, builder: Builder<Event>) -> Place {
        let server = Server::start(self).await;
        Place { channel: server.channel(builder).await, server }
    }
}

impl Place {
    /// The same log, as another server has it; `None` where there can be no other.
    pub(crate) async fn elsewhere(&self) -> Option<Channel<Event>> {
        match self.server {
            Server::Process | Server::File { .. } => None,
            Server::Redis(_) | Server::Postgres(_) | Server::Nats(_) => {
                Some(self.server.channel(roomy()).await)
            }
        }
    }
}

/// A window for all events.
fn roomy() -> Builder<Event> {
    Channel::builder().events(100_000)
}
