//! Three servers on one NATS server.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::sleep;
use typed_sse::SseEvent as _;
use typed_sse::store::{Batch, Range, Record, Store as _, StoredLog};
use typed_sse_nats::Nats;

use crate::client::Habits;
use crate::crowd::{Crowd, Ends};
use crate::event::{Name, Scene};
use crate::fleet::{Fleet, SERVERS};
use crate::judge::Place;
use crate::nats::{Reader, Server};
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
    nats: Server,
    /// Between the servers and NATS.
    proxy: Proxy,
    fleet: Fleet,
    faults: Faults,
    reader: Reader,
    /// What has been read of the stream.
    logged: HashSet<Name>,
    /// Up to where the log is trimmed.
    trimmed: u64,
    /// What the storm itself has published.
    published: u32,
}

/// So much that the store tidies its stream up several times in the long run: it does so when a thousand messages are of no use.
const PUBLISHERS: usize = 3;
const EVERY: Duration = Duration::from_millis(100);
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
    let (store, log) = storm.open(EVENTS).await?;
    let position = storm.publish(&store, &log).await?;
    storm.read_log().await?;
    let ends = Ends { position, ..Ends::default() };
    let verdict = crowd.judge(&storm.book, &storm.logged, &ends).await?;
    let title = format!("{SERVERS} servers on one NATS server (in files)");
    let truth = storm.book.open();
    Ok(Report::new(title, started.elapsed(), std::mem::take(&mut storm.faults), &truth, verdict))
}

impl Storm {
    async fn start(seed: u64) -> Result<Self, Failure> {
        let nats = Server::start().await?;
        let proxy = Proxy::start(nats.port()).await?;
        let (store, book) = (Server::url_at(proxy.port()), Book::default());
        let scene = Scene::Rows;
        let options = Serve { scene, store, origin: 0, publishers: PUBLISHERS, every: EVERY };
        let fleet = Fleet::start(&options, &book).await?;
        let rng = Rng::with_seed(seed);
        let (faults, reader, logged) = (Faults::default(), Reader::default(), HashSet::new());
        Ok(Self { rng, book, nats, proxy, fleet, faults, reader, logged, trimmed: 0, published: 0 })
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        match self.rng.u32(0..1000) {
            0..60 => self.faults.add(Fault::StoreCut, self.proxy.cut_all().min(1)),
            60..110 => self.fleet.kill_one(&mut self.rng, &mut self.faults),
            110..140 => self.fleet.stop_one(&mut self.rng, &mut self.faults),
            140..165 => {
                self.nats.kill().await?;
                sleep(Duration::from_millis(self.rng.u64(0..400))).await;
                self.nats.start_again().await?;
                self.faults.add(Fault::NatsKill, 1);
            }
            165..190 => {
                let most = if self.rng.u32(0..5) == 0 { 2500 } else { 500 };
                self.nats.stand_still(Duration::from_millis(self.rng.u64(20..most))).await?;
                self.faults.add(Fault::NatsStop, 1);
            }
            190..260 => self.trim().await?,
            _ => self.fleet.cut_client(&mut self.rng, &mut self.faults),
        }
        Ok(())
    }

    /// Whoever opens a log says how much is kept of it. What goes is read before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        let (since, events) = (Instant::now(), self.rng.usize(30..300));
        let (store, log) = self.open(events).await?;
        self.publish(&store, &log).await?;
        // All who publish trim to that, until another opens it.
        let (store, log) = self.open(EVENTS).await?;
        let page = store.read(&log, Range::after(0).of("").records(0)).await?;
        self.read_log().await?;
        self.note_trim(since, events, &log, page.bounds.trimmed);
        self.faults.add(Fault::Trim, 1);
        Ok(())
    }

    /// What the store says of it is held against how much it was to keep.
    fn note_trim(&mut self, since: Instant, events: usize, log: &StoredLog, trimmed: u64) {
        let mut truth = self.book.open();
        truth.trimmed(since, trimmed);
        let epoch = truth.epochs.number(&log.epoch().to_string());
        let kept = truth.between(epoch, trimmed, u64::MAX).count();
        if trimmed > self.trimmed && kept < events {
            truth.contradictions.push(format!("of {events} events that were to stay, {kept} did"));
        }
        self.trimmed = trimmed;
    }

    /// One event of the storm's own. Where it lies.
    async fn publish(&mut self, store: &Nats, log: &StoredLog) -> Result<u64, Failure> {
        let name = Name { origin: 0, number: self.published };
        self.published += 1;
        let record = Record::from_frame("", &Scene::Rows.event(name).to_frame()?)?;
        let appended = store.append(log, Batch::new(&[record])).await?;
        let position = appended.positions.first().copied().ok_or("an event without a position")?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&log.epoch().to_string());
        truth.acknowledged(Place { epoch, position }, name);
        Ok(position)
    }

    /// A log that keeps so many events. Past the proxy, and with patience: what is asked of it here is not to fail.
    async fn open(&self, events: usize) -> Result<(Nats, StoredLog), Failure> {
        let store = stage::nats(&self.nats.url(), events, PATIENCE).await?;
        let log = store.open(LOG).await?;
        Ok((store, log))
    }

    async fn read_log(&mut self) -> Result<(), Failure> {
        let events = self.reader.read(&self.nats).await?;
        let mut truth = self.book.open();
        for event in events {
            let epoch = truth.epochs.number(&event.epoch);
            truth.saw(Place { epoch, position: event.position }, event.name);
            self.logged.insert(event.name);
        }
        Ok(())
    }
}
