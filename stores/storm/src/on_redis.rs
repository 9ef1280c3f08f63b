//! Three servers on one Redis.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use tokio::time::sleep;
use typed_sse::store::{Range, Store as _, StoredLog};
use typed_sse_redis::Redis;

use crate::Failure;
use crate::event::Scene;
use crate::fleet::Address;
use crate::judge::Loss;
use crate::redis::{Server, now};
use crate::report::{Fault, Report};
use crate::stage::{self, EVENTS, LOG};
use crate::storm::{Plan, Storm};

struct OnRedis {
    storm: Storm,
    redis: Server,
    replica: Option<Server>,
    read_up_to: u64,
    /// How many failovers there are to be. With any, neither a server nor Redis is killed otherwise: who has seen what is lost
    /// then lives on, as whoever is to tell of it must.
    failovers: u64,
}

/// One pass.
pub(crate) async fn run(plan: Plan, failovers: u64, seed: u64) -> Result<Report, Failure> {
    let mut on = OnRedis::start(plan, failovers, seed).await?;
    let crowd = on.storm.crowd();
    let mut failed_over = 0;
    while on.storm.goes_on(&crowd).await? || failed_over < failovers {
        if failed_over < failovers
            && on.storm.faults.total() * (failovers + 1) >= plan.faults * (failed_over + 1)
        {
            failed_over += 1;
            on.fail_over().await?;
        } else {
            on.any_fault().await?;
        }
    }
    on.storm.fleet.calm().await?;
    let (store, log) = on.open(EVENTS).await?;
    let ends = on.storm.end(&store, &log).await?;
    on.read_log().await?;
    let store = match failovers {
        0 => "one Redis (appendfsync always)",
        _ => "a Redis with a replica (appendfsync everysec)",
    };
    on.storm.judge(crowd, &ends, store).await
}

/// Each server publishes so often.
const fn every(scene: Scene) -> Duration {
    Duration::from_millis(match scene {
        Scene::Ticker | Scene::Rows => 100,
        Scene::Topics | Scene::Board => 20,
    })
}

impl OnRedis {
    async fn start(plan: Plan, failovers: u64, seed: u64) -> Result<Self, Failure> {
        let sync = if failovers > 0 { "everysec" } else { "always" };
        let redis = Server::start(sync).await?;
        let replica = if failovers > 0 { Some(Server::start(sync).await?) } else { None };
        if let Some(replica) = &replica {
            replica.follow(&redis).await?;
        }
        let store = Address { port: redis.port, url: Server::store_at };
        let storm = Storm::start(plan, seed, store, 1, every(plan.scene)).await?;
        Ok(Self { storm, redis, replica, read_up_to: 0, failovers })
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        let kills = self.failovers == 0;
        let Storm { rng, fleet, faults, .. } = &mut self.storm;
        match rng.u32(0..1000) {
            0..60 => fleet.cut_store(faults),
            60..110 if kills => fleet.kill_one(rng, faults),
            110..140 => fleet.stop_one(rng, faults),
            140..155 if kills => {
                self.redis.kill().await?;
                sleep(Duration::from_millis(rng.u64(0..400))).await;
                self.redis.start_again().await?;
                faults.add(Fault::RedisKill, 1);
            }
            155..175 => {
                let most = if rng.u32(0..5) == 0 { 2500 } else { 500 };
                self.redis.stand_still(Duration::from_millis(rng.u64(20..most))).await?;
                faults.add(Fault::RedisStop, 1);
            }
            175..260 => self.trim().await?,
            260..300 => fleet.part_one(rng, faults),
            _ => fleet.cut_client(rng, faults),
        }
        Ok(())
    }

    /// Publishes an event, as a publisher that allows for few: the store trims its topic to that. Or another program trims all. What goes
    /// is read before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        let scene = self.storm.plan.scene;
        let events = self.storm.leaves(5..40, 20..400);
        // What another trims is gone, with its keys.
        let by_another = scene != Scene::Board && self.storm.rng.bool();
        let since = Instant::now();
        if by_another {
            self.redis.trim(events * if scene == Scene::Topics { 20 } else { 1 }).await?;
        }
        let (store, log) = self.open(if by_another { EVENTS } else { events }).await?;
        self.storm.publish_some(&store, &log).await?;
        if scene == Scene::Topics {
            let dump = self.redis.dump(0).await?;
            self.storm.has_only(&dump.epoch, &dump.events, since);
        } else {
            let page = store.read(&log, Range::after(0).of("").records(0)).await?;
            self.storm.book.open().trimmed(since, page.bounds.trimmed);
        }
        self.storm.faults.add(if by_another { Fault::TrimByAnother } else { Fault::Trim }, 1);
        Ok(())
    }

    /// Past the proxy: what is asked of the log here is not to fail.
    async fn open(&self, events: usize) -> Result<(Redis, StoredLog), Failure> {
        let store = stage::redis(&format!("redis://127.0.0.1:{}", self.redis.port), events).await?;
        let log = store.open(LOG).await?;
        Ok((store, log))
    }

    async fn read_log(&mut self) -> Result<(), Failure> {
        let dump = self.redis.dump(self.read_up_to).await?;
        self.read_up_to = dump.events.last().map_or(self.read_up_to, |(position, _)| *position);
        self.storm.saw(&dump.epoch, dump.events);
        Ok(())
    }

    /// The primary dies with what its replica has not got, and the replica stands in its place.
    async fn fail_over(&mut self) -> Result<(), Failure> {
        let Some(replica) = self.replica.take() else { return Ok(()) };
        // Whatever else goes on has come to its end.
        self.storm.fleet.settle().await?;
        // What a server could not put while it was parted is put.
        sleep(Duration::from_secs(1)).await;
        self.read_log().await?;
        // What is put before may be on its way still.
        let begins = Instant::now() - Duration::from_secs(1);
        replica.promote().await?;
        sleep(Duration::from_millis(self.storm.rng.u64(100..400))).await;
        self.redis.kill().await?;
        let until = now();
        self.storm.fleet.move_store(replica.port);
        let old = std::mem::replace(&mut self.redis, replica);
        let kept: HashSet<_> = self.redis.dump(0).await?.events.into_iter().map(|(at, _)| at).collect();
        let first = kept.iter().copied().filter(|at| *at <= until).min().unwrap_or(0);
        self.storm.book.open().lost(Loss { kept, first, until, time: begins..=Instant::now() });
        self.read_up_to = 0;
        // All servers have seen the new one before anybody may die.
        sleep(Duration::from_secs(2)).await;
        drop(old);
        let replica = Server::start("everysec").await?;
        replica.follow(&self.redis).await?;
        self.replica = Some(replica);
        self.storm.faults.add(Fault::Failover, 1);
        Ok(())
    }
}
