//! Three servers on one Postgres, which publish in transactions as well.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use fastrand::Rng;
use rustix::process::Signal;
use tokio::time::sleep;
use typed_sse::SseEvent as _;
use typed_sse::store::{Batch, Record, Store as _};
use typed_sse_postgres::Postgres;

use crate::client::Habits;
use crate::crowd::{Crowd, Ends};
use crate::event::{Name, Scene};
use crate::fleet::{Fleet, SERVERS};
use crate::judge::Place;
use crate::postgres::{Server, signal};
use crate::process::Book;
use crate::proxy::Proxy;
use crate::report::{Fault, Faults, Report};
use crate::serve::Serve;
use crate::stage::{self, EVENTS, LOG};
use crate::{Failure, report};

/// How a pass goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) clients: usize,
    /// Now and then, one of them stays away for up to so long.
    pub(crate) nap: Duration,
    /// So many faults at the least.
    pub(crate) faults: u64,
}

struct Storm {
    rng: Rng,
    book: Book,
    postgres: Server,
    /// Between the servers and Postgres.
    proxy: Proxy,
    fleet: Fleet,
    faults: Faults,
    /// What has been read of the log.
    logged: HashSet<Name>,
    read_up_to: u64,
    /// What the storm itself has published.
    published: u32,
}

/// One has a transaction open for a while, the others go on.
const PUBLISHERS: usize = 3;
const EVERY: Duration = Duration::from_millis(150);
const PATIENCE: Duration = Duration::from_secs(30);

/// One pass.
pub(crate) async fn run(plan: Plan, seed: u64) -> Result<Report, Failure> {
    let started = Instant::now();
    let mut storm = Storm::start(seed).await?;
    let (ports, pause) = (storm.fleet.ports(), Duration::from_millis(400));
    let habits = Habits { ports, pause, nap_each: 12, nap: plan.nap, scene: Scene::Rows };
    let crowd = Crowd::start(plan.clients, &habits, &storm.book, &mut storm.rng);
    let mut told = 0;
    while storm.faults.total() < plan.faults {
        sleep(Duration::from_millis(storm.rng.u64(5..70))).await;
        storm.any_fault().await?;
        storm.fleet.look()?;
        report::progress(&mut told, &storm.faults, &crowd, started);
    }
    storm.fleet.calm().await?;
    let position = storm.publish(EVENTS).await?;
    storm.read_log().await?;
    let ends = Ends { position, ..Ends::default() };
    let verdict = crowd.judge(&storm.book, &storm.logged, &ends).await?;
    let title = format!("{SERVERS} servers on one Postgres, a quarter of the events in transactions");
    let truth = storm.book.open();
    Ok(Report::new(title, started.elapsed(), std::mem::take(&mut storm.faults), &truth, verdict))
}

impl Storm {
    async fn start(seed: u64) -> Result<Self, Failure> {
        let postgres = Server::start().await?;
        let proxy = Proxy::start(postgres.port()).await?;
        let (store, book) = (Server::url_at(proxy.port()), Book::default());
        let scene = Scene::Rows;
        let options = Serve { scene, store, origin: 0, publishers: PUBLISHERS, every: EVERY };
        let fleet = Fleet::start(&options, &book).await?;
        let rng = Rng::with_seed(seed);
        let (faults, logged) = (Faults::default(), HashSet::new());
        Ok(Self { rng, book, postgres, proxy, fleet, faults, logged, read_up_to: 0, published: 0 })
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        match self.rng.u32(0..1000) {
            0..60 => self.faults.add(Fault::StoreCut, self.proxy.cut_all().min(1)),
            60..110 => self.fleet.kill_one(&mut self.rng, &mut self.faults),
            110..140 => self.fleet.stop_one(&mut self.rng, &mut self.faults),
            140..155 => {
                self.postgres.kill()?;
                sleep(Duration::from_millis(self.rng.u64(0..400))).await;
                self.postgres.start_again().await?;
                self.faults.add(Fault::PostgresKill, 1);
            }
            155..195 => {
                let mut processes = self.postgres.processes().await?;
                if self.rng.bool() {
                    processes = self.rng.choice(processes).into_iter().collect();
                }
                self.postgres.end_connections(&processes).await?;
                self.faults.add(Fault::PostgresEnd, 1);
            }
            195..225 => self.stop_process().await?,
            225..235 => self.kill_process().await?,
            235..295 => self.trim().await?,
            _ => self.fleet.cut_client(&mut self.rng, &mut self.faults),
        }
        Ok(())
    }

    /// It answers nothing for a while, and may hold the log.
    async fn stop_process(&mut self) -> Result<(), Failure> {
        let Some(process) = self.rng.choice(self.postgres.processes().await?) else { return Ok(()) };
        signal(process, Signal::STOP);
        let most = if self.rng.u32(0..5) == 0 { 2500 } else { 500 };
        sleep(Duration::from_millis(self.rng.u64(20..most))).await;
        signal(process, Signal::CONT);
        self.faults.add(Fault::PostgresStop, 1);
        Ok(())
    }

    /// It dies while it serves a connection: Postgres ends all others, and recovers.
    async fn kill_process(&mut self) -> Result<(), Failure> {
        let Some(process) = self.rng.choice(self.postgres.processes().await?) else { return Ok(()) };
        signal(process, Signal::KILL);
        self.postgres.until_recovered().await?;
        self.faults.add(Fault::PostgresProcessKill, 1);
        Ok(())
    }

    /// Whoever opens a log says how much is kept of it. What goes is read before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        let (since, events) = (Instant::now(), self.rng.usize(60..400));
        self.publish(events).await?;
        // All who publish trim to that, until another opens it.
        self.store(EVENTS).await?.open(LOG).await?;
        let dump = self.postgres.dump(self.read_up_to).await?;
        self.book.open().trimmed(since, dump.trimmed);
        self.faults.add(Fault::PostgresTrim, 1);
        Ok(())
    }

    /// One event of the storm's own, into a log that keeps so many. Where it lies.
    async fn publish(&mut self, events: usize) -> Result<u64, Failure> {
        let name = Name { origin: 0, number: self.published };
        self.published += 1;
        let record = Record::from_frame("", &Scene::Rows.event(name).to_frame()?)?;
        let store = self.store(events).await?;
        let log = store.open(LOG).await?;
        let appended = store.append(&log, Batch::new(&[record])).await?;
        let position = appended.positions.first().copied().ok_or("an event without a position")?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&log.epoch().to_string());
        truth.acknowledged(Place { epoch, position }, name);
        Ok(position)
    }

    /// Past the proxy, and with patience: what is asked of the log here is not to fail.
    async fn store(&self, events: usize) -> Result<Postgres, Failure> {
        Ok(stage::postgres(&self.postgres.url(), events, PATIENCE).await?)
    }

    async fn read_log(&mut self) -> Result<(), Failure> {
        let dump = self.postgres.dump(self.read_up_to).await?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&dump.epoch);
        for (position, name) in dump.events {
            truth.saw(Place { epoch, position }, name);
            self.logged.insert(name);
            self.read_up_to = position;
        }
        Ok(())
    }
}
