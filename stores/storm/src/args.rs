//! What the command line says.

use std::time::Duration;

use crate::Failure;
use crate::serve::Serve;
use crate::{on_redb, on_redis};

const USAGE: &str = "usage: store-storm [redis] [failover] [redb] [--short] [--seed NUMBER]";

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
                "redis" => passes.push(Pass::Redis),
                "failover" => passes.push(Pass::Failover),
                "redb" => passes.push(Pass::Redb),
                "--short" => is_short = true,
                "--seed" => {
                    let number = args.next().unwrap_or_default();
                    seed = number.parse().map_err(|_| format!("`--seed {number}` is no number\n{USAGE}"))?;
                }
                _ => return Err(format!("unknown argument `{arg}`\n{USAGE}").into()),
            }
        }
        if passes.is_empty() {
            passes = vec![Pass::Redis, Pass::Failover, Pass::Redb];
        }
        Ok(Self::Storm { passes, seed, is_short })
    }
}

fn serve(args: &[String]) -> Option<Serve> {
    let [store, origin, publishers, every] = args else { return None };
    Some(Serve {
        store: store.clone(),
        origin: origin.parse().ok()?,
        publishers: publishers.parse().ok()?,
        every: Duration::from_millis(every.parse().ok()?),
    })
}

impl Pass {
    pub(crate) const fn on_redis(self, is_short: bool) -> on_redis::Plan {
        let clients = if is_short { 60 } else { 300 };
        let (faults, failovers) = match (self, is_short) {
            (Self::Failover, false) => (1_000, 20),
            (Self::Failover, true) => (40, 1),
            (_, false) => (10_000, 0),
            (_, true) => (200, 0),
        };
        on_redis::Plan { clients, nap: nap(is_short), faults, failovers }
    }

    pub(crate) const fn on_redb(self, is_short: bool) -> on_redb::Plan {
        let (clients, kills) = if is_short { (30, 15) } else { (100, 1_000) };
        on_redb::Plan { clients, nap: nap(is_short), kills }
    }
}

/// Long enough that what a client is behind may be trimmed.
const fn nap(is_short: bool) -> Duration {
    Duration::from_secs(if is_short { 4 } else { 8 })
}
