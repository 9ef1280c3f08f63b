//! Three servers on one Postgres, which publish in transactions as well.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use tokio::time::sleep;
use typed_sse::store::{Store as _, StoredLog};
use typed_sse_postgres::Postgres;

use crate::Failure;
use crate::event::Scene;
use crate::fleet::Address;
use crate::postgres::{Server, signal};
use crate::report::{Fault, Report};
use crate::stage::{self, EVENTS, LOG};
use crate::storm::{Plan, Storm};

struct OnPostgres {
    storm: Storm,
    postgres: Server,
    read_up_to: u64,
}

/// One has a transaction open for a while, the others go on.
const PUBLISHERS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

/// One pass.
pub(crate) async fn run(plan: Plan, seed: u64) -> Result<Report, Failure> {
    let mut on = OnPostgres::start(plan, seed).await?;
    let crowd = on.storm.crowd();
    while on.storm.goes_on(&crowd).await? {
        on.any_fault().await?;
    }
    on.storm.fleet.calm().await?;
    let (store, log) = on.open(EVENTS).await?;
    let ends = on.storm.end(&store, &log).await?;
    on.read_log().await?;
    on.storm.judge(crowd, &ends, "one Postgres, a quarter of the events in transactions").await
}

/// Each publisher publishes so often.
const fn every(scene: Scene) -> Duration {
    Duration::from_millis(match scene {
        Scene::Ticker | Scene::Rows => 150,
        Scene::Topics | Scene::Board => 50,
    })
}

impl OnPostgres {
    async fn start(plan: Plan, seed: u64) -> Result<Self, Failure> {
        let postgres = Server::start().await?;
        let store = Address { port: postgres.port(), url: Server::url_at };
        let storm = Storm::start(plan, seed, store, PUBLISHERS, every(plan.scene)).await?;
        Ok(Self { storm, postgres, read_up_to: 0 })
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        let Storm { rng, fleet, faults, .. } = &mut self.storm;
        match rng.u32(0..1000) {
            0..60 => fleet.cut_store(faults),
            60..110 => fleet.kill_one(rng, faults),
            110..140 => fleet.stop_one(rng, faults),
            140..155 => {
                self.postgres.kill()?;
                sleep(Duration::from_millis(rng.u64(0..400))).await;
                self.postgres.start_again().await?;
                faults.add(Fault::PostgresKill, 1);
            }
            155..195 => {
                let mut processes = self.postgres.processes().await?;
                if rng.bool() {
                    processes = rng.choice(processes).into_iter().collect();
                }
                self.postgres.end_connections(&processes).await?;
                faults.add(Fault::PostgresEnd, 1);
            }
            195..225 => self.stop_process().await?,
            225..235 => self.kill_process().await?,
            235..295 => self.trim().await?,
            295..335 => fleet.part_one(rng, faults),
            _ => fleet.cut_client(rng, faults),
        }
        Ok(())
    }

    /// It answers nothing for a while, and may hold the log.
    async fn stop_process(&mut self) -> Result<(), Failure> {
        let Storm { rng, faults, .. } = &mut self.storm;
        let Some(process) = rng.choice(self.postgres.processes().await?) else { return Ok(()) };
        signal(process, Signal::STOP);
        let most = if rng.u32(0..5) == 0 { 2500 } else { 500 };
        sleep(Duration::from_millis(rng.u64(20..most))).await;
        signal(process, Signal::CONT);
        faults.add(Fault::PostgresStop, 1);
        Ok(())
    }

    /// It dies while it serves a connection: Postgres ends all others, and recovers.
    async fn kill_process(&mut self) -> Result<(), Failure> {
        let Storm { rng, faults, .. } = &mut self.storm;
        let Some(process) = rng.choice(self.postgres.processes().await?) else { return Ok(()) };
        let witness = self.postgres.connect().await?;
        signal(process, Signal::KILL);
        self.postgres.until_recovered(&witness).await?;
        faults.add(Fault::PostgresProcessKill, 1);
        Ok(())
    }

    /// Whoever opens a log says how much is kept of it. What goes is read before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        // Of a topic, all that comes meanwhile is less.
        let (since, events) = (Instant::now(), self.storm.leaves(10..40, 60..400));
        let (store, log) = self.open(events).await?;
        self.storm.publish_some(&store, &log).await?;
        // All who publish trim to that, until another opens it.
        self.open(EVENTS).await?;
        if self.storm.plan.scene == Scene::Topics {
            let dump = self.postgres.dump(0).await?;
            self.storm.has_only(&dump.epoch, &dump.events, since);
        } else {
            let dump = self.postgres.dump(self.read_up_to).await?;
            self.storm.book.open().trimmed(since, dump.trimmed);
        }
        self.storm.faults.add(Fault::PostgresTrim, 1);
        Ok(())
    }

    /// A log that keeps so many events. Past the proxy, and with patience: what is asked of it here is not to fail.
    async fn open(&self, events: usize) -> Result<(Postgres, StoredLog), Failure> {
        let store = stage::postgres(&self.postgres.url(), events, PATIENCE).await?;
        let log = store.open(LOG).await?;
        Ok((store, log))
    }

    async fn read_log(&mut self) -> Result<(), Failure> {
        let dump = self.postgres.dump(self.read_up_to).await?;
        self.read_up_to = dump.events.last().map_or(self.read_up_to, |(position, _)| *position);
        self.storm.saw(&dump.epoch, dump.events);
        Ok(())
    }
}
