//! Three servers on one Redis.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::sleep;
use typed_sse::SseEvent as _;
use typed_sse::store::{Batch, Range, Record, Store as _, StoredLog};
use typed_sse_redis::Redis;

use crate::Failure;
use crate::client::Habits;
use crate::crowd::Crowd;
use crate::event::Name;
use crate::judge::{Loss, Place};
use crate::process::{Book, Process};
use crate::proxy::Proxy;
use crate::redis::{Server, now};
use crate::report::{Fault, Faults, Report};
use crate::serve::{self, LOG, Serve};

/// How a pass goes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
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
    servers: Vec<Arc<Mutex<Process>>>,
    client_proxies: Vec<Proxy>,
    faults: Faults,
    /// What has been read of the stream.
    logged: HashSet<Name>,
    read_up_to: u64,
    /// Trims, as a publisher that allows for few events.
    trims: u32,
    /// What takes its time beside other faults.
    beside: JoinSet<Result<(), Failure>>,
}

const SERVERS: usize = 3;
/// Each server publishes so often.
const EVERY: Duration = Duration::from_millis(100);

/// One pass.
pub(crate) async fn run(plan: Plan, seed: u64) -> Result<Report, Failure> {
    let started = Instant::now();
    let mut storm = Storm::start(plan, seed).await?;
    let ports = storm.client_proxies.iter().map(Proxy::port).collect();
    let pause = Duration::from_millis(400);
    let habits = Habits { ports, pause, nap_each: 12, nap: plan.nap };
    let crowd = Crowd::start(plan.clients, &habits, &storm.book, &mut storm.rng);
    storm.rage(&crowd).await?;
    storm.calm().await?;
    let verdict = crowd.judge(&storm.book, &storm.logged).await?;
    let title = match plan.failovers {
        0 => format!("{SERVERS} servers on one Redis (appendfsync always)"),
        _ => format!("{SERVERS} servers on a Redis with a replica (appendfsync everysec)"),
    };
    let truth = storm.book.open();
    Ok(Report::new(title, started.elapsed(), std::mem::take(&mut storm.faults), &truth, verdict))
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
        let book = Book::default();
        let (mut servers, mut client_proxies) = (Vec::new(), Vec::new());
        for _ in 0..SERVERS {
            let store = format!("redis:redis://127.0.0.1:{}", proxy.port());
            let options = Serve { store, origin: 0, publishers: 1, every: EVERY };
            let server = Process::start(options, book.clone()).await?;
            client_proxies.push(server.proxy.clone());
            servers.push(Arc::new(Mutex::new(server)));
        }
        Ok(Self {
            plan,
            rng: Rng::with_seed(seed),
            book,
            redis,
            replica,
            proxy,
            servers,
            client_proxies,
            faults: Faults::default(),
            logged: HashSet::new(),
            read_up_to: 0,
            trims: 0,
            beside: JoinSet::new(),
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
            while let Some(ended) = self.beside.try_join_next() {
                ended??;
            }
            if self.faults.total() / 1000 > told {
                told = self.faults.total() / 1000;
                let (faults, deliveries) = (self.faults.total(), crowd.deliveries());
                crate::say(format_args!(
                    "{faults} faults, {deliveries} deliveries, {} s",
                    started.elapsed().as_secs()
                ));
            }
        }
        Ok(())
    }

    async fn any_fault(&mut self) -> Result<(), Failure> {
        let kills = self.plan.failovers == 0;
        match self.rng.u32(0..1000) {
            0..60 => self.faults.add(Fault::StoreCut, self.proxy.cut_all().min(1)),
            60..110 if kills => self.kill_server()?,
            110..140 => self.stop_server(),
            140..155 if kills => self.kill_redis().await?,
            155..175 => {
                let most = if self.rng.u32(0..5) == 0 { 2500 } else { 500 };
                let time = Duration::from_millis(self.rng.u64(20..most));
                self.redis.stand_still(time).await?;
                self.faults.add(Fault::RedisStop, 1);
            }
            175..260 => self.trim().await?,
            _ => self.cut_client(),
        }
        Ok(())
    }

    fn cut_client(&mut self) {
        let server = self.rng.usize(0..SERVERS);
        if self.client_proxies[server].cut_one(&mut self.rng, 300) {
            self.faults.add(Fault::ClientCut, 1);
        }
    }

    /// Kills one that runs; it is started again a little later, beside other faults.
    fn kill_server(&mut self) -> Result<(), Failure> {
        let server = self.rng.usize(0..SERVERS);
        let Ok(mut server) = Arc::clone(&self.servers[server]).try_lock_owned() else { return Ok(()) };
        let away = Duration::from_millis(self.rng.u64(0..800));
        self.beside.spawn(async move {
            server.kill().await?;
            sleep(away).await;
            server.run().await
        });
        self.faults.add(Fault::ServerKill, 1);
        Ok(())
    }

    fn stop_server(&mut self) {
        let server = self.rng.usize(0..SERVERS);
        let Ok(server) = Arc::clone(&self.servers[server]).try_lock_owned() else { return };
        let time = Duration::from_millis(self.rng.u64(20..1000));
        self.beside.spawn(async move { server.stand_still(time).await });
        self.faults.add(Fault::ServerStop, 1);
    }

    async fn kill_redis(&mut self) -> Result<(), Failure> {
        self.redis.kill().await?;
        sleep(Duration::from_millis(self.rng.u64(0..400))).await;
        self.redis.start_again().await?;
        self.faults.add(Fault::RedisKill, 1);
        Ok(())
    }

    /// Publishes an event, as a publisher that allows for few: the store trims to that. Or another program does. What goes is read
    /// before.
    async fn trim(&mut self) -> Result<(), Failure> {
        self.read_log().await?;
        let (events, by_another) = (self.rng.usize(20..400), self.rng.bool());
        let since = Instant::now();
        if by_another {
            self.redis.trim(events).await?;
        }
        let (store, log) = self.open(if by_another { serve::REDIS_EVENTS } else { events }).await?;
        let name = Name { origin: 0, number: self.trims };
        self.trims += 1;
        let record = Record::from_frame("", &name.event().to_frame()?)?;
        let appended = store.append(&log, Batch::new(&[record])).await?;
        let page = store.read(&log, Range::after(0).of("").records(0)).await?;
        let mut truth = self.book.open();
        let epoch = truth.epochs.number(&log.epoch().to_string());
        for position in appended.positions {
            truth.acknowledged(Place { epoch, position }, name);
        }
        truth.trimmed(since, page.bounds.trimmed);
        drop(truth);
        self.faults.add(if by_another { Fault::TrimByAnother } else { Fault::Trim }, 1);
        Ok(())
    }

    /// Past the proxy: what is asked of the log here is not to fail.
    async fn open(&self, events: usize) -> Result<(Redis, StoredLog), Failure> {
        let store = serve::redis(&format!("redis://127.0.0.1:{}", self.redis.port), events).await?;
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
        while let Some(ended) = self.beside.join_next().await {
            ended??;
        }
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

    /// All stand again, and publish nothing any more.
    async fn calm(&mut self) -> Result<(), Failure> {
        while let Some(ended) = self.beside.join_next().await {
            ended??;
        }
        for server in &self.servers {
            server.lock().await.be_quiet().await?;
        }
        // What was put last may be on its way.
        sleep(Duration::from_secs(3)).await;
        self.read_log().await
    }
}
