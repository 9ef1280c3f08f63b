//! Three servers on one NATS server.

use std::time::{Duration, Instant};

use tokio::time::sleep;
use typed_sse::store::{Range, Store as _, StoredLog};
use typed_sse_nats::Nats;

use crate::Failure;
use crate::event::{Scene, topic_name};
use crate::fleet::Address;
use crate::judge::Gone;
use crate::nats::{Reader, Server};
use crate::report::{Fault, Report};
use crate::stage::{self, EVENTS, LOG};
use crate::storm::{Plan, Storm};

struct OnNats {
    storm: Storm,
    nats: Server,
    reader: Reader,
    /// Up to where each topic is trimmed.
    trimmed: Vec<u64>,
}

/// So much that the store tidies its stream up several times in the long run: it does so when a thousand messages are of no use.
const PUBLISHERS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(30);

/// One pass.
pub(crate) async fn run(plan: Plan, seed: u64) -> Result<Report, Failure> {
    let mut on = OnNats::start(plan, seed).await?;
    let crowd = on.storm.crowd();
    while on.storm.goes_on(&crowd).await? {
        on.any_fault().await?;
    }
    on.storm.fleet.calm().await?;
    let (store, log) = on.open(EVENTS).await?;
    let ends = on.storm.end(&store, &log).await?;
    on.read_log().await?;
    on.storm.judge(crowd, &ends, "one NATS server (in files)").await
}

/// Each publisher publishes so often.
const fn every(scene: Scene) -> Duration {
    Duration::from_millis(match scene {
        Scene::Ticker | Scene::Rows => 100,
        Scene::Topics | Scene::Board => 50,
    })
}

impl OnNats {
    async fn start(plan: Plan, seed: u64) -> Result<Self, Failure> {
        let nats = Server::start().await?;
        let store = Address { port: nats.port(), url: Server::url_at };
        let storm = Storm::start(plan, seed, store, PUBLISHERS, every(plan.scene)).await?;
        let trimmed = vec![0; plan.scene.topics() as usize];
        Ok(Self { storm, nats, reader: Reader::default(), trimmed })
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        let Storm { rng, fleet, faults, .. } = &mut self.storm;
        match rng.u32(0..1000) {
            0..60 => fleet.cut_store(faults),
            60..110 => fleet.kill_one(rng, faults),
            110..140 => fleet.stop_one(rng, faults),
            140..165 => {
                self.nats.kill().await?;
                sleep(Duration::from_millis(rng.u64(0..400))).await;
                self.nats.start_again().await?;
                faults.add(Fault::NatsKill, 1);
            }
            165..190 => {
                let most = if rng.u32(0..5) == 0 { 2500 } else { 500 };
                self.nats.stand_still(Duration::from_millis(rng.u64(20..most))).await?;
                faults.add(Fault::NatsStop, 1);
            }
            190..260 => self.trim().await?,
            260..300 => fleet.part_one(rng, faults),
            _ => fleet.cut_client(rng, faults),
        }
        Ok(())
    }

    /// Whoever opens a log says how much is kept of it. What goes is read before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        // Of a topic, all that comes meanwhile is less.
        let (since, events) = (Instant::now(), self.storm.leaves(10..40, 30..300));
        let (store, log) = self.open(events).await?;
        self.storm.publish_some(&store, &log).await?;
        // All who publish trim to that, until another opens it.
        let (store, log) = self.open(EVENTS).await?;
        let mut trimmed = Vec::new();
        for topic in 0..self.storm.plan.scene.topics() {
            let topic = topic_name(self.storm.plan.scene, topic);
            let page = store.read(&log, Range::after(0).of(&topic).records(0)).await?;
            trimmed.push(page.bounds.trimmed);
        }
        let when = Gone { since, by: Instant::now() };
        self.read_log().await?;
        self.note_trim(when, events, &log, trimmed);
        self.storm.faults.add(Fault::Trim, 1);
        Ok(())
    }

    /// What the store says of it is held against how much it was to keep.
    fn note_trim(&mut self, when: Gone, events: usize, log: &StoredLog, trimmed: Vec<u64>) {
        let (scene, mut truth) = (self.storm.plan.scene, self.storm.book.open());
        let epoch = truth.epochs.number(&log.epoch().to_string());
        for (topic, (before, trimmed)) in (0..).zip(self.trimmed.iter().zip(&trimmed)) {
            if trimmed == before {
                continue;
            }
            let of_topic = truth.between(epoch, *before, u64::MAX);
            let of_topic =
                of_topic.filter(|(_, name)| scene.topic(*name) == topic).map(|(position, _)| position);
            let (gone, kept): (Vec<_>, Vec<_>) = of_topic.partition(|position| position <= trimmed);
            if kept.len() < events {
                let kept = kept.len();
                let words = format!("of {events} events of topic {topic} that were to stay, {kept} did");
                truth
                    .contradictions
                    .push(format!("{words}: it was trimmed up to {before}, and is up to {trimmed}"));
            }
            if scene == Scene::Topics {
                truth.gone(gone, when);
            } else {
                truth.trimmed(when.since, *trimmed);
            }
        }
        self.trimmed = trimmed;
    }

    /// A log that keeps so many events. Past the proxy, and with patience: what is asked of it here is not to fail.
    async fn open(&self, events: usize) -> Result<(Nats, StoredLog), Failure> {
        let store = stage::nats(&self.nats.url(), events, PATIENCE).await?;
        let log = store.open(LOG).await?;
        Ok((store, log))
    }

    async fn read_log(&mut self) -> Result<(), Failure> {
        for event in self.reader.read(&self.nats).await? {
            self.storm.saw(&event.epoch, [(event.position, event.name)]);
        }
        Ok(())
    }
}
