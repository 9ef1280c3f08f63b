//! What every pass of several servers has, whatever their store: these, the clients, and what the storm itself does with the log.

use std::collections::HashSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::sleep;
use typed_sse::SseEvent as _;
use typed_sse::store::{Batch, Record, Store, StoredLog};

use crate::client::Habits;
use crate::crowd::{Crowd, Ends};
use crate::event::{Name, Scene, topic_name};
use crate::fleet::{Address, Fleet, SERVERS};
use crate::judge::{Gone, Place};
use crate::process::Book;
use crate::report::{Faults, Report};
use crate::serve::Serve;
use crate::{Failure, report};

/// How a pass goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) scene: Scene,
    pub(crate) clients: usize,
    /// Now and then, one of them stays away for up to so long.
    pub(crate) nap: Duration,
    /// So many faults at the least.
    pub(crate) faults: u64,
}

pub(crate) struct Storm {
    pub(crate) plan: Plan,
    pub(crate) rng: Rng,
    pub(crate) book: Book,
    pub(crate) fleet: Fleet,
    pub(crate) faults: Faults,
    started: Instant,
    /// What has been read of the log.
    logged: HashSet<Name>,
    /// What the storm itself has published.
    published: u32,
    /// How many thousand faults were told.
    told: u64,
}

impl Storm {
    /// Starts servers on this store. Each has so many publishers, of which each publishes so often.
    pub(crate) async fn start(
        plan: Plan,
        seed: u64,
        store: Address,
        publishers: usize,
        every: Duration,
    ) -> Result<Self, Failure> {
        let (started, book) = (Instant::now(), Book::default());
        let options = Serve { scene: plan.scene, store: String::new(), origin: 0, publishers, every };
        let fleet = Fleet::start(store, &options, &book).await?;
        let (rng, faults, logged) = (Rng::with_seed(seed), Faults::default(), HashSet::new());
        Ok(Self { plan, rng, book, fleet, faults, started, logged, published: 0, told: 0 })
    }

    /// Starts the clients.
    pub(crate) fn crowd(&mut self) -> Crowd {
        let Plan { scene, clients, nap, .. } = self.plan;
        let (ports, pause) = (self.fleet.ports(), Duration::from_millis(400));
        let habits = Habits { ports, pause, nap_each: 12, nap, scene };
        Crowd::start(clients, &habits, &self.book, &mut self.rng)
    }

    /// Whether another fault is due, after a moment.
    pub(crate) async fn goes_on(&mut self, crowd: &Crowd) -> Result<bool, Failure> {
        self.fleet.look()?;
        report::progress(&mut self.told, &self.faults, crowd, self.started);
        sleep(Duration::from_millis(self.rng.u64(5..70))).await;
        Ok(self.faults.total() < self.plan.faults)
    }

    /// What a trim leaves, of each topic where there are several.
    pub(crate) fn leaves(&mut self, of_topic: Range<usize>, of_channel: Range<usize>) -> usize {
        self.rng.usize(if self.plan.scene == Scene::Topics { of_topic } else { of_channel })
    }

    /// Publishes an event of the storm's own, or ten among several topics.
    pub(crate) async fn publish_some(&mut self, store: &impl Store, log: &StoredLog) -> Result<(), Failure> {
        for _ in 0..self.plan.scene.topics().min(10) {
            self.publish(store, log).await?;
        }
        Ok(())
    }

    /// Publishes the last event of each topic.
    pub(crate) async fn end(&mut self, store: &impl Store, log: &StoredLog) -> Result<Ends, Failure> {
        let mut ends = Ends::default();
        while ends.events.len() < self.plan.scene.topics() as usize {
            let (name, position) = self.publish(store, log).await?;
            ends.events.insert(self.plan.scene.topic(name), name);
            ends.position = position;
        }
        Ok(ends)
    }

    /// One event, and where it lies.
    async fn publish(&mut self, store: &impl Store, log: &StoredLog) -> Result<(Name, u64), Failure> {
        let (scene, name) = (self.plan.scene, Name { origin: 0, number: self.published });
        self.published += 1;
        let record =
            Record::from_frame(topic_name(scene, scene.topic(name)), &scene.event(name).to_frame()?)?;
        let appended = store.append(log, Batch::new(&[record])).await?;
        let position = appended.positions.first().copied().ok_or("an event without a position")?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&log.epoch().to_string());
        truth.acknowledged(Place { epoch, position }, name);
        Ok((name, position))
    }

    /// The log had these events, by position.
    pub(crate) fn saw(&mut self, epoch: &str, events: impl IntoIterator<Item = (u64, Name)>) {
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(epoch);
        for (position, name) in events {
            truth.saw(Place { epoch, position }, name);
            self.logged.insert(name);
        }
    }

    /// The log has these events now, by position. What it had before them and between them was trimmed since then.
    pub(crate) fn has_only(&self, epoch: &str, events: &[(u64, Name)], since: Instant) {
        let by = Instant::now();
        let there: HashSet<_> = events.iter().map(|(position, _)| *position).collect();
        let end = events.last().map_or(0, |(position, _)| *position);
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(epoch);
        let gone = truth.between(epoch, 0, end).map(|(position, _)| position);
        let gone: Vec<_> = gone.filter(|position| !there.contains(position)).collect();
        truth.gone(gone, Gone { since, by });
    }

    /// Gives the clients time to come to the end, and judges them.
    pub(crate) async fn judge(&mut self, crowd: Crowd, ends: &Ends, store: &str) -> Result<Report, Failure> {
        let verdict = crowd.judge(&self.book, &self.logged, ends).await?;
        let title = format!("{SERVERS} servers on {store}{}", self.plan.scene.title());
        let (truth, faults) = (self.book.open(), std::mem::take(&mut self.faults));
        Ok(Report::new(title, self.started.elapsed(), faults, &truth, verdict))
    }
}
