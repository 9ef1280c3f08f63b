//! The servers and clients of one log, and what happens to them.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use futures_util::{Stream, StreamExt as _};
use tokio::time::timeout;
use typed_sse_core::store::{Range, Store};
use typed_sse_core::{
    Channel, EventId, Frame, LastEventId, PublishError, Slow, Start, Subscription, SubscriptionError,
};

use super::judge::{Filter, Judge, Terms};
use super::truth::{Mark, Row, Truth};
use crate::faulty::{Fault, Faulty};
use crate::harness::Harness;

/// For so long a client waits for an event, that there may be none.
const SHORT: Duration = Duration::from_millis(2);

/// The same, where one has to come.
const LONG: Duration = Duration::from_secs(30);

const KEYS: u8 = 6;

type Frames = Pin<Box<dyn Stream<Item = Result<Frame, SubscriptionError>> + Send>>;

pub(super) struct Server {
    channel: Channel<Row>,
    store: Faulty,
    window: usize,
}

pub(super) struct Client {
    frames: Option<Frames>,
    server: usize,
    pub(super) judge: Judge,
}

pub(super) struct World<'a, H> {
    rng: Rng,
    harness: &'a H,
    /// Without faults.
    inner: Arc<dyn Store>,
    name: &'static str,
    truth: Arc<Mutex<Truth>>,
    servers: Vec<Server>,
    pub(super) clients: Vec<Client>,
    serial: u64,
    own_ids: bool,
    is_finished: bool,
    pub(super) tally: Tally,
}

#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) cut: u64,
    pub(super) finished: u64,
}

fn locked(truth: &Mutex<Truth>) -> MutexGuard<'_, Truth> {
    truth.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a, H: Harness> World<'a, H> {
    pub(super) async fn new(seed: u64, harness: &'a H, inner: Arc<dyn Store>, name: &'static str) -> Self {
        let log = inner.open(name).await.unwrap();
        let mut rng = Rng::with_seed(seed);
        let mut world = Self {
            own_ids: rng.bool(),
            rng,
            harness,
            inner,
            name,
            truth: Arc::new(Mutex::new(Truth::new(log))),
            servers: Vec::new(),
            clients: Vec::new(),
            serial: 0,
            is_finished: false,
            tally: Tally::default(),
        };
        for _ in 0..world.rng.usize(1..4) {
            let server = world.open().await;
            world.servers.push(server);
        }
        world
    }

    /// A server with a connection of its own, where the store can be opened more than once.
    async fn open(&mut self) -> Server {
        let window = [self.rng.usize(1..8), self.rng.usize(8..60)][self.rng.usize(..2)];
        let store = if H::SHARED { self.harness.store().await } else { Arc::clone(&self.inner) };
        let store = Faulty::over(store);
        let channel = Channel::builder().events(window).snapshots(100).store(store.clone(), self.name);
        Server { channel: channel.open().await.unwrap(), store, window }
    }

    /// Starts a server anew: its clients are cut.
    async fn restart(&mut self, server: usize) {
        self.clients
            .iter_mut()
            .filter(|client| client.server == server)
            .for_each(|client| client.frames = None);
        self.servers[server] = self.open().await;
    }

    /// Looks what is new in the store, and what it has let go.
    async fn look(&self) {
        loop {
            let (log, end) = self.truth().end();
            let page = self.inner.read(&log, Range::after(end)).await.unwrap();
            if self.truth().take(&page) {
                return;
            }
        }
    }

    fn truth(&self) -> MutexGuard<'_, Truth> {
        locked(&self.truth)
    }

    fn row(&mut self) -> Row {
        self.serial += 1;
        let mut row = Row::new(self.name, self.serial);
        match self.rng.u8(..20) {
            0..9 => row.key = Some(self.rng.u8(..KEYS)),
            9..12 => (row.key, row.is_tombstone) = (Some(self.rng.u8(..KEYS)), true),
            _ => {}
        }
        if self.own_ids && self.rng.u8(..4) > 0 {
            row.own_id = Some(format!("row {}", self.serial));
        }
        row
    }

    /// Publishes so many at one server; at another one at the same time, now and then.
    async fn publish(&mut self, server: usize, events: usize) {
        let other = (server + 1) % self.servers.len();
        let others = if other != server && self.rng.u8(..4) == 0 { events } else { 0 };
        let rows: Vec<Row> = (0..events + others).map(|_| self.row()).collect();
        rows.iter().for_each(|row| self.truth().expect(row));
        let [one, two] = [server, other].map(|server| &self.servers[server].channel);
        let (ids, others) = tokio::join!(one.publish_all(&rows[..events]), two.publish_all(&rows[events..]));
        self.look().await;
        let truth = self.truth();
        assert!(truth.has_all(), "not all that was published is stored");
        for (row, id) in rows.iter().zip(ids.unwrap().into_iter().chain(others.unwrap())) {
            assert_eq!(truth.mark(id.as_str()), truth.number(&row.data).map(Mark::At), "{row:?} {id}");
        }
    }

    /// The place up to which a server knows what there is.
    fn known(&self, server: usize) -> usize {
        match self.truth().mark(self.servers[server].channel.cursor().as_str()) {
            Some(Mark::At(place)) => place,
            mark => panic!("{mark:?}"),
        }
    }

    async fn publish_passing(&mut self) {
        let server = self.rng.usize(..self.servers.len());
        self.serial += 1;
        let row = Row { is_ephemeral: true, ..Row::new(self.name, self.serial) };
        let (known, window) = (self.known(server), self.servers[server].window);
        let truth = Arc::clone(&self.truth);
        for client in
            self.clients.iter_mut().filter(|client| client.server == server && client.frames.is_some())
        {
            client.judge.publish_passing(&locked(&truth), &row.data, known, window);
        }
        self.servers[server].channel.publish(&row).await.unwrap();
    }

    fn terms(&mut self) -> Terms {
        let rng = &mut self.rng;
        let n = rng.usize(..40);
        let start = [Start::Live, Start::Earliest, Start::Last(n), Start::LatestPerKey][rng.usize(..4)];
        let filters = [Filter::All, Filter::All, Filter::Type, Filter::Key, Filter::NoKey];
        Terms {
            start,
            slow: [Slow::Disconnect, Slow::Skip, Slow::Coalesce][rng.usize(..3)],
            filter: filters[rng.usize(..filters.len())],
            by_state: rng.u8(..5) == 0,
            silent: start != Start::LatestPerKey && rng.u8(..8) == 0,
        }
    }

    fn come(&mut self) {
        let judge = Judge::new(self.terms());
        self.clients.push(Client { frames: None, server: 0, judge });
        self.come_back(self.clients.len() - 1);
    }

    fn come_back(&mut self, client: usize) {
        let server = self.rng.usize(..self.servers.len());
        let known = self.known(server);
        let of = &self.servers[server];
        let Client { judge, .. } = &mut self.clients[client];
        judge.connect(&locked(&self.truth), known, (server, of.window));
        let Terms { start, slow, filter, by_state, silent } = judge.terms;
        let mut frames =
            of.channel.subscribe(LastEventId::from(&*judge.last_event_id)).slow(slow).start(start);
        if !matches!(filter, Filter::All) {
            frames = frames.filter(move |frame| filter.keeps(frame.event_type(), frame.key()));
        }
        match self.rng.u8(..3) {
            _ if silent => frames = frames.no_checkpoints(),
            0 => frames = frames.checkpoint(self.rng.u64(..20)),
            _ => {}
        }
        let frames = if by_state { self.with_state(frames, server) } else { Box::pin(frames) };
        (self.clients[client].frames, self.clients[client].server) = (Some(frames), server);
    }

    /// A client that begins with a state, which stands at what this server knows, or any has published, or a little before.
    fn with_state(&mut self, frames: Subscription<Row>, server: usize) -> Frames {
        let (channel, truth, name) =
            (self.servers[server].channel.clone(), Arc::clone(&self.truth), self.name);
        let mut rng = self.rng.fork();
        Box::pin(frames.snapshot(move || {
            let truth = locked(&truth);
            let newest = truth.len();
            let choices = [None, truth.id(newest), truth.id(newest.saturating_sub(rng.usize(1..5)))];
            let cursor = choices[rng.usize(..3)].clone().and_then(|id| EventId::new(id).ok());
            let cursor = cursor.unwrap_or_else(|| channel.cursor());
            let Some(Mark::At(place)) = truth.mark(cursor.as_str()) else { panic!("{cursor}") };
            let part = |n: usize| Row { is_state: true, ..Row::new(&format!("{name} {n}"), place as u64) };
            let state: Vec<Row> = (0..rng.usize(1..4)).map(part).collect();
            async move { Ok::<_, Infallible>((state, cursor)) }
        }))
    }

    /// Reads up to so many frames that are there. Whether the client has everything, and is done.
    async fn read(&mut self, client: usize, most: usize, patience: Duration) -> bool {
        for _ in 0..most {
            let Some(frames) = &mut self.clients[client].frames else { return false };
            let Ok(next) = timeout(patience, frames.next()).await else {
                let judge = &mut self.clients[client].judge;
                assert!(patience < LONG, "nothing comes: {:#?}", judge.history);
                judge.is_live = true;
                return false;
            };
            let is_plain =
                matches!(&next, Some(Ok(frame)) if frame.event_type() != "reset" && frame.id().is_some());
            if !is_plain || self.clients[client].judge.may_lack() {
                self.look().await;
            }
            let is_finished = self.is_finished;
            let of = &mut self.clients[client];
            let truth = locked(&self.truth);
            let judged = match next {
                Some(Ok(frame)) => of.judge.take(&truth, &frame).map(|()| false),
                end => {
                    of.frames = None;
                    let error = end.and_then(Result::err);
                    self.tally.cut += u64::from(error.is_some());
                    of.judge.end(&truth, error.as_ref(), is_finished)
                }
            };
            match judged {
                Ok(true) => return true,
                Ok(false) => {}
                Err(why) => panic!("{why}: {:#?}", of.judge.history),
            }
        }
        false
    }

    pub(super) async fn step(&mut self) {
        let client = self.rng.usize(..self.clients.len().max(1));
        match self.rng.u8(..100) {
            0..30 => {
                let server = self.rng.usize(..self.servers.len());
                // Never more at once than the store keeps: what it has is read behind each.
                for _ in 0..if self.rng.u8(..8) == 0 { 6 } else { 1 } {
                    let events = self.rng.usize(1..10);
                    self.publish(server, events).await;
                }
            }
            30..35 => self.publish_passing().await,
            35..40 => self.come(),
            40..43 => {
                let server = self.rng.usize(..self.servers.len());
                self.restart(server).await;
            }
            43..45 => self.fail().await,
            45..46 => self.harness.trim().await,
            _ if self.clients.is_empty() => {}
            46..57 => self.clients[client].frames = None,
            57..72 => self.come_back(client),
            _ => {
                let most = [self.rng.usize(1..8), 100][self.rng.usize(..2)];
                self.read(client, most, SHORT).await;
            }
        }
    }

    /// One server cannot reach the store for a while. The others go on, perhaps for longer than the store keeps anything.
    async fn fail(&mut self) {
        let failing = self.rng.usize(..self.servers.len());
        let store = self.servers[failing].store.clone();
        store.set([Fault::Down, Fault::NoHistory][self.rng.usize(..2)]);
        let servers = self.servers.len();
        if servers > 2 {
            // The neighbour of this one is not the one that fails.
            for _ in 0..[1, 5, 10][self.rng.usize(..3)] {
                self.publish((failing + 1) % servers, 5).await;
            }
        }
        for client in 0..self.clients.len().min(5) {
            self.read(client, 3, SHORT).await;
        }
        store.set(Fault::None);
    }

    /// Nothing more comes: everybody gets what is left, and then nothing.
    pub(super) async fn finish(&mut self) {
        let server = self.rng.usize(..self.servers.len());
        self.servers[server].channel.finish().await.unwrap();
        self.is_finished = true;
        self.look().await;
        let refused = self.servers[server].channel.publish(&Row::new(self.name, 0)).await;
        assert!(matches!(refused, Err(PublishError::Finished)), "{refused:?}");
        for client in 0..self.clients.len() + 8 {
            match self.clients.get(client) {
                None => self.come(),
                Some(_) if self.rng.u8(..8) == 0 => self.restart(server).await,
                Some(_) => {}
            }
            self.end(client).await;
        }
    }

    async fn end(&mut self, client: usize) {
        for _ in 0..50 {
            if self.clients[client].frames.is_none() {
                self.come_back(client);
            }
            if self.read(client, usize::MAX, LONG).await {
                self.tally.finished += 1;
                return self.end_again(client).await;
            }
        }
        panic!("it has come back fifty times: {:#?}", self.clients[client].judge.history);
    }

    /// Whoever has everything gets nothing more, unless it has no ID that says so.
    async fn end_again(&mut self, client: usize) {
        let before = self.clients[client].judge.events;
        self.come_back(client);
        let is_done = self.read(client, usize::MAX, LONG).await;
        let judge = &self.clients[client].judge;
        // Without an ID that says so, it gets what it may have left out, or all.
        let has_none =
            judge.terms.silent && (judge.terms.slow == Slow::Coalesce || judge.last_event_id.is_empty());
        assert!(is_done && (has_none || judge.events == before), "it gets more: {:#?}", judge.history);
    }
}
