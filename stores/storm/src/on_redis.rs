//! Three servers on one Redis.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::time::sleep;
use typed_sse::SseEvent as _;
use typed_sse::store::{Batch, Range, Record, Store as _, StoredLog};
use typed_sse_redis::Redis;

use crate::client::Habits;
use crate::crowd::{Crowd, Ends};
use crate::event::{Name, Scene, TOPICS, topic_name};
use crate::fleet::{Fleet, SERVERS};
use crate::judge::{Gone, Loss, Place};
use crate::process::Book;
use crate::proxy::Proxy;
use crate::redis::{Server, now};
use crate::report::{Fault, Faults, Report};
use crate::serve::Serve;
use crate::stage::{self, EVENTS, LOG};
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
    /// So many of them are failovers. With any, neither a server nor Redis is killed otherwise: who has seen what is lost
    /// then lives on, as whoever is to tell of it must.
    pub(crate) failovers: u64,
}

struct Storm {
    plan: Plan,
    rng: Rng,
    book: Book,
    redis: Server,
    replica: Option<Server>,
    /// Between the servers and Redis.
    proxy: Proxy,
    fleet: Fleet,
    faults: Faults,
    /// What has been read of the stream.
    logged: HashSet<Name>,
    read_up_to: u64,
    /// What the storm itself has published.
    published: u32,
}

/// One pass.
pub(crate) async fn run(plan: Plan, seed: u64) -> Result<Report, Failure> {
    let started = Instant::now();
    let mut storm = Storm::start(plan, seed).await?;
    let (ports, pause) = (storm.fleet.ports(), Duration::from_millis(400));
    let habits = Habits { ports, pause, nap_each: 12, nap: plan.nap, scene: plan.scene };
    let crowd = Crowd::start(plan.clients, &habits, &storm.book, &mut storm.rng);
    storm.rage(&crowd).await?;
    storm.fleet.calm().await?;
    let ends = storm.end().await?;
    let verdict = crowd.judge(&storm.book, &storm.logged, &ends).await?;
    let truth = storm.book.open();
    Ok(Report::new(plan.title(), started.elapsed(), std::mem::take(&mut storm.faults), &truth, verdict))
}

impl Plan {
    fn title(&self) -> String {
        match (self.scene, self.failovers) {
            (Scene::Topics, _) => format!("{SERVERS} servers on one Redis, {TOPICS} topics"),
            (Scene::Board, _) => format!("{SERVERS} servers on one Redis, the newest of each key"),
            (_, 0) => format!("{SERVERS} servers on one Redis (appendfsync always)"),
            _ => format!("{SERVERS} servers on a Redis with a replica (appendfsync everysec)"),
        }
    }

    /// Each server publishes so often.
    const fn every(&self) -> Duration {
        match self.scene {
            Scene::Ticker | Scene::Rows => Duration::from_millis(100),
            Scene::Topics | Scene::Board => Duration::from_millis(20),
        }
    }

    /// A trim leaves so many events of a topic.
    fn leaves(&self, rng: &mut Rng) -> usize {
        if self.scene == Scene::Topics { rng.usize(5..40) } else { rng.usize(20..400) }
    }
}

impl Storm {
    async fn start(plan: Plan, seed: u64) -> Result<Self, Failure> {
        let sync = if plan.failovers > 0 { "everysec" } else { "always" };
        let redis = Server::start(sync).await?;
        let replica = if plan.failovers > 0 { Some(Server::start(sync).await?) } else { None };
        if let Some(replica) = &replica {
            replica.follow(&redis).await?;
        }
        let proxy = Proxy::start(redis.port).await?;
        let store = format!("redis:redis://127.0.0.1:{}", proxy.port());
        let book = Book::default();
        let options = Serve { scene: plan.scene, store, origin: 0, publishers: 1, every: plan.every() };
        let fleet = Fleet::start(&options, &book).await?;
        let rng = Rng::with_seed(seed);
        let (faults, logged) = (Faults::default(), HashSet::new());
        Ok(Self {
            plan,
            rng,
            book,
            redis,
            replica,
            proxy,
            fleet,
            faults,
            logged,
            read_up_to: 0,
            published: 0,
        })
    }

    async fn rage(&mut self, crowd: &Crowd) -> Result<(), Failure> {
        let Plan { faults, failovers, .. } = self.plan;
        let (started, mut told, mut failed_over) = (Instant::now(), 0, 0);
        while self.faults.total() < faults || failed_over < failovers {
            sleep(Duration::from_millis(self.rng.u64(5..70))).await;
            let is_due = self.faults.total() * (failovers + 1) >= faults * (failed_over + 1);
            if failed_over < failovers && is_due {
                failed_over += 1;
                self.fail_over().await?;
            } else {
                self.any_fault().await?;
            }
            self.fleet.look()?;
            report::progress(&mut told, &self.faults, crowd, started);
        }
        Ok(())
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        let kills = self.plan.failovers == 0;
        match self.rng.u32(0..1000) {
            0..60 => self.faults.add(Fault::StoreCut, self.proxy.cut_all().min(1)),
            60..110 if kills => self.fleet.kill_one(&mut self.rng, &mut self.faults),
            110..140 => self.fleet.stop_one(&mut self.rng, &mut self.faults),
            140..155 if kills => self.kill_redis().await?,
            155..175 => {
                let most = if self.rng.u32(0..5) == 0 { 2500 } else { 500 };
                let time = Duration::from_millis(self.rng.u64(20..most));
                self.redis.stand_still(time).await?;
                self.faults.add(Fault::RedisStop, 1);
            }
            175..260 => self.trim().await?,
            _ => self.fleet.cut_client(&mut self.rng, &mut self.faults),
        }
        Ok(())
    }

    async fn kill_redis(&mut self) -> Result<(), Failure> {
        self.redis.kill().await?;
        sleep(Duration::from_millis(self.rng.u64(0..400))).await;
        self.redis.start_again().await?;
        self.faults.add(Fault::RedisKill, 1);
        Ok(())
    }

    /// Publishes an event, as a publisher that allows for few: the store trims its topic to that. Or another program trims all. What goes
    /// is read before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        let scene = self.plan.scene;
        let events = self.plan.leaves(&mut self.rng);
        // What another trims is gone, with its keys.
        let by_another = scene != Scene::Board && self.rng.bool();
        let since = Instant::now();
        if by_another {
            self.redis.trim(events * if scene == Scene::Topics { 20 } else { 1 }).await?;
        }
        let (store, log) = self.open(if by_another { EVENTS } else { events }).await?;
        let topics = if scene == Scene::Topics && !by_another { 10 } else { 1 };
        for _ in 0..topics {
            self.publish(&store, &log).await?;
        }
        if scene == Scene::Topics {
            self.note_gone(since).await?;
        } else {
            let page = store.read(&log, Range::after(0).of("").records(0)).await?;
            self.book.open().trimmed(since, page.bounds.trimmed);
        }
        self.faults.add(if by_another { Fault::TrimByAnother } else { Fault::Trim }, 1);
        Ok(())
    }

    /// One event of the storm's own. Its topic, and where it lies.
    async fn publish(&mut self, store: &Redis, log: &StoredLog) -> Result<(u32, Name, u64), Failure> {
        let (scene, name) = (self.plan.scene, Name { origin: 0, number: self.published });
        self.published += 1;
        let topic = scene.topic(name);
        let record = Record::from_frame(topic_name(scene, topic), &scene.event(name).to_frame()?)?;
        let appended = store.append(log, Batch::new(&[record])).await?;
        let position = appended.positions.first().copied().ok_or("an event without a position")?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&log.epoch().to_string());
        truth.acknowledged(Place { epoch, position }, name);
        Ok((topic, name, position))
    }

    /// What was there once, and is not there now.
    async fn note_gone(&mut self, since: Instant) -> Result<(), Failure> {
        let dump = self.redis.dump(0).await?;
        let by = Instant::now();
        let there: HashSet<_> = dump.events.iter().map(|(position, _)| *position).collect();
        let end = dump.events.last().map_or(0, |(position, _)| *position);
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&dump.epoch);
        let gone = truth.between(epoch, 0, end).map(|(position, _)| position);
        let gone: Vec<_> = gone.filter(|position| !there.contains(position)).collect();
        truth.gone(gone, Gone { since, by });
        Ok(())
    }

    /// Publishes the last event of each topic.
    async fn end(&mut self) -> Result<Ends, Failure> {
        let (store, log) = self.open(EVENTS).await?;
        let topics = if self.plan.scene == Scene::Topics { TOPICS as usize } else { 1 };
        let mut ends = Ends { events: HashMap::new(), position: 0 };
        while ends.events.len() < topics {
            let (topic, name, position) = self.publish(&store, &log).await?;
            ends.events.insert(topic, name);
            ends.position = position;
        }
        self.read_log().await?;
        Ok(ends)
    }

    /// Past the proxy: what is asked of the log here is not to fail.
    async fn open(&self, events: usize) -> Result<(Redis, StoredLog), Failure> {
        let store = stage::redis(&format!("redis://127.0.0.1:{}", self.redis.port), events).await?;
        let log = store.open(LOG).await?;
        Ok((store, log))
    }

    async fn read_log(&mut self) -> Result<(), Failure> {
        let dump = self.redis.dump(self.read_up_to).await?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&dump.epoch);
        for (position, name) in dump.events {
            truth.saw(Place { epoch, position }, name);
            self.logged.insert(name);
            self.read_up_to = position;
        }
        Ok(())
    }

    /// The primary dies with what its replica has not got, and the replica stands in its place.
    async fn fail_over(&mut self) -> Result<(), Failure> {
        let Some(replica) = self.replica.take() else { return Ok(()) };
        // Whatever else goes on has come to its end.
        self.fleet.settle().await?;
        self.read_log().await?;
        // What is put before may be on its way still.
        let begins = Instant::now() - Duration::from_secs(1);
        replica.promote().await?;
        sleep(Duration::from_millis(self.rng.u64(100..400))).await;
        self.redis.kill().await?;
        let until = now();
        self.proxy.aim(replica.port);
        self.proxy.cut_all();
        let old = std::mem::replace(&mut self.redis, replica);
        let kept: HashSet<_> = self.redis.dump(0).await?.events.into_iter().map(|(at, _)| at).collect();
        let first = kept.iter().copied().filter(|at| *at <= until).min().unwrap_or(0);
        self.book.open().lost(Loss { kept, first, until, time: begins..=Instant::now() });
        self.read_up_to = 0;
        // All servers have seen the new one before anybody may die.
        sleep(Duration::from_secs(2)).await;
        drop(old);
        let replica = Server::start("everysec").await?;
        replica.follow(&self.redis).await?;
        self.replica = Some(replica);
        self.faults.add(Fault::Failover, 1);
        Ok(())
    }
}
