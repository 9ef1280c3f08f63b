//! What the command line says.

use std::time::Duration;

use crate::Failure;
use crate::event::Scene;
use crate::serve::Serve;
use crate::storm::Plan;

const USAGE: &str = "usage: store-storm [PASS...] [--short] [--seed NUMBER]";

pub(crate) enum Args {
    Storm {
        passes: Vec<Pass>,
        seed: u64,
        is_short: bool,
    },
    /// The storm has started itself, as one of its servers.
    Serve(Serve),
}

/// A part of the storm: what is served, and on what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pass {
    word: &'static str,
    pub(crate) on: On,
    pub(crate) scene: Scene,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    Redis,
    RedisWithReplica,
    Postgres,
    Nats,
    Redb,
}

/// All of them, in their order.
const PASSES: [Pass; 11] = [
    Pass { word: "topics", on: On::Redis, scene: Scene::Topics },
    Pass { word: "board", on: On::Redis, scene: Scene::Board },
    Pass { word: "postgres", on: On::Postgres, scene: Scene::Rows },
    Pass { word: "postgres-topics", on: On::Postgres, scene: Scene::Topics },
    Pass { word: "postgres-board", on: On::Postgres, scene: Scene::Board },
    Pass { word: "nats", on: On::Nats, scene: Scene::Rows },
    Pass { word: "nats-topics", on: On::Nats, scene: Scene::Topics },
    Pass { word: "nats-board", on: On::Nats, scene: Scene::Board },
    Pass { word: "redis", on: On::Redis, scene: Scene::Rows },
    Pass { word: "failover", on: On::RedisWithReplica, scene: Scene::Ticker },
    Pass { word: "redb", on: On::Redb, scene: Scene::Rows },
];

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
                word => match PASSES.into_iter().find(|pass| pass.word == word) {
                    Some(pass) => passes.push(pass),
                    None => {
                        let words = PASSES.map(|pass| pass.word).join(", ");
                        return Err(format!("unknown argument `{arg}`\n{USAGE}\npasses: {words}").into());
                    }
                },
            }
        }
        if passes.is_empty() {
            passes = PASSES.to_vec();
            // The short one is a part of each check, and has a board on Redis.
            passes.retain(|pass| !is_short || pass.scene != Scene::Board || pass.on == On::Redis);
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
    pub(crate) const fn plan(self, is_short: bool) -> Plan {
        let (clients, faults) = match (self.on, self.scene) {
            (On::Redb, _) if is_short => (30, 15),
            (On::RedisWithReplica, _) if is_short => (60, 40),
            (On::Postgres | On::Nats, Scene::Topics | Scene::Board) if is_short => (40, 30),
            _ if is_short => (60, 80),
            // Each of them is a kill.
            (On::Redb, _) => (100, 1_000),
            (On::RedisWithReplica, _) => (300, 1_000),
            (On::Redis, Scene::Topics) => (200, 3_000),
            (On::Redis, Scene::Board) => (60, 1_500),
            (On::Redis, _) => (300, 5_000),
            (_, Scene::Topics) => (200, 1_500),
            (_, Scene::Board) => (60, 1_500),
            _ => (200, 2_000),
        };
        // Long enough that what a client is behind may be trimmed.
        let nap = Duration::from_secs(if is_short { 4 } else { 8 });
        Plan { scene: self.scene, clients, nap, faults }
    }

    pub(crate) const fn failovers(self, is_short: bool) -> u64 {
        match self.on {
            On::RedisWithReplica if is_short => 1,
            On::RedisWithReplica => 20,
            _ => 0,
        }
    }
}
