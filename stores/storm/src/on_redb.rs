//! One server on a file, killed again and again.

use std::collections::HashSet;
use std::path::Path;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tempfile::TempDir;
use tokio::time::sleep;
use typed_sse::SseEvent as _;
use typed_sse::store::{Batch, Range, Record, Store as _};
use typed_sse_redb::Redb;

use crate::Failure;
use crate::client::Habits;
use crate::crowd::{Crowd, Ends};
use crate::event::{Name, Scene};
use crate::judge::Place;
use crate::process::{Book, Process};
use crate::report::{Fault, Faults, Report};
use crate::serve::Serve;
use crate::stage::{LOG, REDB_EVENTS};
use crate::storm::Plan;

struct Storm {
    rng: Rng,
    book: Book,
    folder: TempDir,
    server: Process,
    faults: Faults,
    logged: HashSet<Name>,
    /// When the file was read last.
    read_at: Instant,
}

/// So many tasks of the server publish, each so often.
const PUBLISHERS: usize = 4;
const EVERY: Duration = Duration::from_millis(40);

/// One pass, with so many kills as there are to be faults.
pub(crate) async fn run(plan: Plan, seed: u64) -> Result<Report, Failure> {
    let started = Instant::now();
    let mut storm = Storm::start(seed).await?;
    let ports = vec![storm.server.proxy.port()];
    let pause = Duration::from_millis(200);
    let habits = Habits { ports, pause, nap_each: 100, nap: plan.nap, scene: Scene::Rows };
    let crowd = Crowd::start(plan.clients, &habits, &storm.book, &mut storm.rng);
    for kill in 1..=plan.faults {
        storm.live().await;
        storm.kill().await?;
        if kill % 100 == 0 {
            let deliveries = crowd.deliveries();
            crate::say(format_args!(
                "{kill} kills, {deliveries} deliveries, {} s",
                started.elapsed().as_secs()
            ));
        }
    }
    storm.server.be_quiet().await?;
    // What was put last may be on its way.
    sleep(Duration::from_secs(2)).await;
    storm.server.options.publishers = 0;
    let ends = storm.end().await?;
    let verdict = crowd.judge(&storm.book, &storm.logged, &ends).await?;
    let truth = storm.book.open();
    let title = "One server on a redb file (Immediate)".to_owned();
    Ok(Report::new(title, started.elapsed(), std::mem::take(&mut storm.faults), &truth, verdict))
}

impl Storm {
    async fn start(seed: u64) -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let store = format!("redb:{}", path(&folder).display());
        let (book, options) = (
            Book::default(),
            Serve { scene: Scene::Rows, store, origin: 0, publishers: PUBLISHERS, every: EVERY },
        );
        let server = Process::start(options, book.clone()).await?;
        let (rng, faults, logged) = (Rng::with_seed(seed), Faults::default(), HashSet::new());
        Ok(Self { rng, book, folder, server, faults, logged, read_at: Instant::now() })
    }

    /// Lets the server live for a while, and cuts connections.
    async fn live(&mut self) {
        let end = Instant::now() + Duration::from_millis(self.rng.u64(50..900));
        while Instant::now() < end {
            sleep(Duration::from_millis(self.rng.u64(20..120))).await;
            if self.server.proxy.cut_one(&mut self.rng, 300) {
                self.faults.add(Fault::ClientCut, 1);
            }
        }
    }

    /// Kills it, reads what the file has, and starts it again.
    async fn kill(&mut self) -> Result<(), Failure> {
        self.server.kill().await?;
        self.faults.add(Fault::ServerKill, 1);
        self.read_file().await?;
        self.server.run().await
    }

    /// Kills it, publishes the last event, and starts it again.
    async fn end(&mut self) -> Result<Ends, Failure> {
        self.server.kill().await?;
        self.faults.add(Fault::ServerKill, 1);
        let name = Name { origin: 0, number: 0 };
        let store = Redb::builder().events(REDB_EVENTS).open(path(&self.folder))?;
        let log = store.open(LOG).await?;
        let record = Record::from_frame("", &Scene::Rows.event(name).to_frame()?)?;
        let appended = store.append(&log, Batch::new(&[record])).await?;
        drop((store, log));
        self.read_file().await?;
        self.server.run().await?;
        let position = appended.positions.first().copied().unwrap_or(0);
        Ok(Ends { position, ..Ends::default() })
    }

    async fn read_file(&mut self) -> Result<(), Failure> {
        let store = Redb::builder().events(REDB_EVENTS).open(path(&self.folder))?;
        let log = store.open(LOG).await?;
        let range = Range::after(0).of("").records(2 * REDB_EVENTS).bytes(usize::MAX);
        let page = store.read(&log, range).await?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&log.epoch().to_string());
        for stored in page.records {
            let name = Name::read(stored.record.data()).ok_or("a record of the file is none of ours")?;
            truth.saw(Place { epoch, position: stored.position }, name);
            self.logged.insert(name);
        }
        // It may have been trimmed as soon as it was read last.
        truth.trimmed(std::mem::replace(&mut self.read_at, Instant::now()), page.bounds.trimmed);
        Ok(())
    }
}

fn path(folder: &TempDir) -> std::path::PathBuf {
    Path::new(folder.path()).join("events.redb")
}
