//! Servers that are started anew, clients that move between them, a store that fails and forgets: at random, from a seed.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt as _;
use tokio::time::timeout;
use typed_sse_core::store::{Range, Store, StoredLog};
use typed_sse_core::{Channel, Event, EventId, LastEventId, Slow, Start, Subscription};

use crate::faulty::{Fault, Faulty};
use crate::harness::Harness;
use crate::limits::Limits;

/// For so long a client waits for an event, that there may be none.
const SHORT: Duration = Duration::from_millis(2);

/// The same, once all are to get everything: a store may be slow, and a server pauses after an error.
const LONG: Duration = Duration::from_millis(1000);

struct Client {
    subscription: Option<Subscription<Event>>,
    /// The same whenever it comes back: who was cut before its first event begins by it again.
    start: Start,
    last_event_id: LastEventId,
    /// The number of the event that has to come next; `None` for any of those that the store has.
    next: Option<u64>,
    /// The number of the event that comes first, at the most.
    latest: Option<u64>,
    /// Only one event has come since it was reset: what it lost before that is told behind it.
    owed: bool,
    /// The event before had no ID, since a reset was owed behind it: one that breaks off between the two gets it again.
    unnamed: bool,
    slow: Slow,
}

struct Server {
    channel: Channel<Event>,
    store: Faulty,
}

struct World<H> {
    rng: Rng,
    harness: H,
    /// Without faults.
    inner: Arc<dyn Store>,
    log: StoredLog,
    servers: Vec<Server>,
    clients: Vec<Client>,
    published: u64,
    own_ids: bool,
    delivered: u64,
    resets: u64,
}

impl<H: Harness> World<H> {
    async fn new(seed: u64, harness: H) -> Self {
        let inner = harness.store().await;
        let mut rng = Rng::with_seed(seed);
        let log = inner.open("market").await.unwrap();
        let own_ids = rng.bool();
        let mut world = Self {
            rng,
            harness,
            inner,
            log,
            servers: Vec::new(),
            clients: Vec::new(),
            published: 0,
            own_ids,
            delivered: 0,
            resets: 0,
        };
        for _ in 0..world.rng.usize(1..4) {
            let server = world.open().await;
            world.servers.push(server);
        }
        world
    }

    /// A server with a connection of its own, where the store can be opened more than once.
    async fn open(&mut self) -> Server {
        // More than the store keeps, now and then.
        let events = [self.rng.usize(1..30), self.rng.usize(60..200)][self.rng.usize(..2)];
        let store = if H::SHARED { self.harness.store().await } else { Arc::clone(&self.inner) };
        let store = Faulty::over(store);
        let channel = Channel::builder().events(events).store(store.clone(), "market");
        Server { channel: channel.open().await.unwrap(), store }
    }

    async fn publish(&mut self) {
        let server = self.rng.usize(..self.servers.len());
        self.publish_at(server).await;
    }

    async fn publish_at(&mut self, server: usize) {
        self.published += 1;
        let mut event = Event::new(self.published.to_string());
        if self.own_ids && self.rng.u8(..4) > 0 {
            event = event.with_id(EventId::new(format!("row {}", self.published)).unwrap());
        }
        self.servers[server].channel.publish(&event).await.unwrap();
    }

    /// The number of the oldest event that the store has.
    async fn oldest(&self) -> u64 {
        let page = self.inner.read(&self.log, Range::after(0).records(1)).await.unwrap();
        page.records.first().map_or(self.published + 1, |stored| stored.record.data().parse().unwrap())
    }

    async fn come_back(&mut self, client: usize) {
        let server = self.rng.usize(..self.servers.len());
        let oldest = self.oldest().await;
        let client = &mut self.clients[client];
        if std::mem::take(&mut client.unnamed) {
            client.next = None;
        }
        if client.last_event_id.as_str().is_empty() {
            let start = [Start::Live, Start::Earliest, Start::Last(3)][self.rng.usize(..3)];
            client.start = start;
            // A server may be a little behind the others, and what is older may be trimmed by the time it is read.
            client.next = (start == Start::Earliest && oldest == 1).then_some(1);
            client.latest = match start {
                Start::Live => Some(self.published + 1),
                Start::Last(n) => Some((self.published + 1).saturating_sub(n as u64).max(1)),
                _ => None,
            };
        }
        let subscription = self.servers[server].channel.subscribe(client.last_event_id.clone());
        client.subscription = Some(subscription.slow(client.slow).start(client.start));
    }

    /// Reads up to so many frames that are there.
    async fn read(&mut self, client: usize, most: usize, patience: Duration) {
        for _ in 0..most {
            if patience == LONG && self.has_all(client) {
                return;
            }
            let Some(subscription) = &mut self.clients[client].subscription else { return };
            let Ok(next) = timeout(patience, subscription.next()).await else { return };
            let Some(Ok(frame)) = next else {
                self.clients[client].subscription = None;
                return;
            };
            let oldest = self.oldest().await;
            let seen = &mut self.clients[client];
            let before = seen.last_event_id.clone();
            if let Some(id) = frame.id() {
                seen.last_event_id = LastEventId::from(id);
            }
            if !frame.is_event() {
                continue;
            }
            if frame.event_type() == "reset" {
                self.resets += 1;
                assert!(
                    oldest > 1,
                    "a reset behind {before:?}, though the store has everything in its life {}: {frame:?}, {:?}",
                    self.log.epoch(),
                    seen.subscription
                );
                let next = seen.next.take().filter(|_| !seen.owed);
                if let Some(next) = next {
                    assert!(next < oldest, "{frame:?}, though {next} is there: the oldest is {oldest}");
                }
                (seen.owed, seen.unnamed) = (true, false);
                continue;
            }
            self.delivered += 1;
            let text = std::str::from_utf8(frame.as_ref()).unwrap();
            let number = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            let number: u64 = number.parse().unwrap();
            if let Some(latest) = seen.latest.take().filter(|_| oldest == 1) {
                assert!(number <= latest, "{number} comes first, of {latest}");
            }
            if let Some(next) = seen.next {
                assert_eq!(
                    number, next,
                    "of {} published, the oldest is {oldest}; {:?} {:?} {:?}",
                    self.published, seen.slow, seen.last_event_id, seen.subscription
                );
            }
            seen.unnamed = frame.id().is_none();
            assert!(!seen.unnamed || seen.owed, "{frame:?} has no ID, and no reset is owed");
            seen.owed &= seen.next.is_none();
            seen.next = Some(number + 1);
        }
    }

    async fn step(&mut self) {
        let client = self.rng.usize(..self.clients.len().max(1));
        match self.rng.u8(..100) {
            0..35 => {
                for _ in 0..self.rng.usize(1..8) {
                    self.publish().await;
                }
            }
            35..40 => {
                let slow = [Slow::Disconnect, Slow::Skip, Slow::Coalesce][self.rng.usize(..3)];
                let last_event_id = LastEventId::from(None::<LastEventId>);
                self.clients.push(Client {
                    subscription: None,
                    start: Start::Live,
                    last_event_id,
                    next: None,
                    latest: None,
                    owed: false,
                    unnamed: false,
                    slow,
                });
                self.come_back(self.clients.len() - 1).await;
            }
            40..43 => {
                let server = self.rng.usize(..self.servers.len());
                self.servers[server] = self.open().await;
            }
            43..45 => self.fail().await,
            _ if self.clients.is_empty() => {}
            45..60 => self.clients[client].subscription = None,
            60..75 => self.come_back(client).await,
            _ => {
                let most = self.rng.usize(1..60);
                self.read(client, most, SHORT).await;
            }
        }
    }

    /// One server cannot reach the store for a while. The others go on, perhaps for longer than the store keeps anything.
    async fn fail(&mut self) {
        let failing = self.rng.usize(..self.servers.len());
        let store = self.servers[failing].store.clone();
        store.set([Fault::Down, Fault::NoHistory][self.rng.usize(..2)]);
        if self.servers.len() > 1 {
            for _ in 0..[0, 5, 100][self.rng.usize(..3)] {
                self.publish_at((failing + 1) % self.servers.len()).await;
            }
        }
        for client in 0..self.clients.len().min(5) {
            self.read(client, 3, SHORT).await;
        }
        store.set(Fault::None);
    }

    /// Everybody comes back, and gets all.
    async fn settle(&mut self) {
        for client in 0..self.clients.len() {
            self.come_back(client).await;
        }
        // For those, too, who have nothing to wait for.
        self.publish().await;
        for client in 0..self.clients.len() {
            for _ in 0..10 {
                self.read(client, usize::MAX, LONG).await;
                if self.has_all(client) {
                    break;
                }
                if self.clients[client].subscription.is_none() {
                    self.come_back(client).await;
                }
                if self.clients[client].next.is_none() {
                    // It was reset, and has got nothing since: there may be nothing.
                    self.publish().await;
                }
            }
            let next = self.clients[client].next;
            assert!(self.has_all(client), "{next:?} of {}", self.published);
        }
    }

    fn has_all(&self, client: usize) -> bool {
        self.clients[client].next == Some(self.published + 1)
    }
}

async fn run<H: Harness>(limits: Limits) {
    const STEPS: usize = 250;
    let seed = std::env::var("TYPED_SSE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("TYPED_SSE_SEED={seed}");
    let mut world = World::<H>::new(seed, H::start(limits).await).await;
    for _ in 0..STEPS {
        world.step().await;
    }
    world.settle().await;
    println!("{} delivered, {} resets", world.delivered, world.resets);
    assert!(world.delivered > 100, "{} delivered", world.delivered);
}

/// Nobody is reset.
pub async fn random_channels_on_a_store_that_keeps_all<H: Harness>() {
    run::<H>(Limits::NONE).await;
}

/// Whoever lost something is told, and nobody else.
pub async fn random_channels_on_a_store_that_forgets<H: Harness>() {
    run::<H>(Limits::records(60)).await;
}
