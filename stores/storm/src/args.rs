//! What the command line says.

use std::time::Duration;

use crate::Failure;
use crate::event::Scene;
use crate::serve::Serve;
use crate::{on_nats, on_postgres, on_redb, on_redis};

const USAGE: &str = "usage: store-storm [redis] [failover] [topics] [board] [postgres] [nats] [redb] [--short] [--seed NUMBER]";

pub(crate) enum Args {
    Storm {
        passes: Vec<Pass>,
        seed: u64,
        is_short: bool,
    },
    /// The storm has started itself, as one of its servers.
    Serve(Serve),
}

/// A part of the storm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pass {
    Redis,
    Failover,
    Topics,
    Board,
    Postgres,
    Nats,
    Redb,
}

impl Args {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let (mut passes, mut seed, mut is_short) = (Vec::new(), fastrand::u64(..), false);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "serve" => {
                    return serve(&args.collect::<Vec<_>>()).map(Self::Serve).ok_or_else(|| USAGE.into());
                }
                "--short" => is_short = true,
                "--seed" => {
                    let number = args.next().unwrap_or_default();
                    seed = number.parse().map_err(|_| format!("`--seed {number}` is no number\n{USAGE}"))?;
                }
                word => match Pass::ALL.into_iter().find(|pass| pass.word() == word) {
                    Some(pass) => passes.push(pass),
                    None => return Err(format!("unknown argument `{arg}`\n{USAGE}").into()),
                },
            }
        }
        if passes.is_empty() {
            passes = Pass::ALL.to_vec();
        }
        Ok(Self::Storm { passes, seed, is_short })
    }
}

fn serve(args: &[String]) -> Option<Serve> {
    let [scene, store, origin, publishers, every] = args else { return None };
    Some(Serve {
        scene: Scene::read(scene)?,
        store: store.clone(),
        origin: origin.parse().ok()?,
        publishers: publishers.parse().ok()?,
        every: Duration::from_millis(every.parse().ok()?),
    })
}

impl Pass {
    const ALL: [Self; 7] =
        [Self::Topics, Self::Board, Self::Postgres, Self::Nats, Self::Redis, Self::Failover, Self::Redb];

    const fn word(self) -> &'static str {
        match self {
            Self::Redis => "redis",
            Self::Failover => "failover",
            Self::Topics => "topics",
            Self::Board => "board",
            Self::Postgres => "postgres",
            Self::Nats => "nats",
            Self::Redb => "redb",
        }
    }

    pub(crate) const fn on_redis(self, is_short: bool) -> on_redis::Plan {
        let (scene, clients, faults, failovers) = match self {
            Self::Failover => (Scene::Ticker, 300, 1_000, 20),
            Self::Topics => (Scene::Topics, 200, 3_000, 0),
            Self::Board => (Scene::Board, 60, 1_500, 0),
            _ => (Scene::Rows, 300, 5_000, 0),
        };
        let (clients, faults, failovers) = match self {
            _ if !is_short => (clients, faults, failovers),
            Self::Failover => (60, 40, 1),
            _ => (60, 120, 0),
        };
        on_redis::Plan { scene, clients, nap: nap(is_short), faults, failovers }
    }

    pub(crate) const fn on_postgres(is_short: bool) -> on_postgres::Plan {
        let (clients, faults) = if is_short { (60, 100) } else { (200, 2_000) };
        on_postgres::Plan { clients, nap: nap(is_short), faults }
    }

    pub(crate) const fn on_nats(is_short: bool) -> on_nats::Plan {
        let (clients, faults) = if is_short { (60, 100) } else { (200, 2_000) };
        on_nats::Plan { clients, nap: nap(is_short), faults }
    }

    pub(crate) const fn on_redb(is_short: bool) -> on_redb::Plan {
        let (clients, kills) = if is_short { (30, 15) } else { (100, 1_000) };
        on_redb::Plan { clients, nap: nap(is_short), kills }
    }
}

/// Long enough that what a client is behind may be trimmed.
const fn nap(is_short: bool) -> Duration {
    Duration::from_secs(if is_short { 4 } else { 8 })
}
