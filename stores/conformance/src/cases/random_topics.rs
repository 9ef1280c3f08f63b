//! Topics on a store, at random, from a seed: servers that are started anew, clients that move between them, a store that fails and
//! forgets, topics that are closed.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt as _;
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Range, Store, StoredLog};
use typed_sse_core::{
    Channel, Event, EventId, Frame, LastEventId, PublishError, Slow, Start, Topics, TopicsSubscription,
};

use crate::faulty::{Fault, Faulty};
use crate::harness::Harness;
use crate::limits::Limits;

/// For so long a client waits for an event, that there may be none.
const SHORT: Duration = Duration::from_millis(2);

/// The same, once all are to get everything.
const LONG: Duration = Duration::from_millis(1000);

const TOPICS: [&str; 5] = ["a", "b", "c", "d", "e"];

struct Server {
    topics: Topics<Event>,
    store: Faulty,
}

#[derive(Default)]
struct Client {
    subscription: Option<TopicsSubscription<Event>>,
    /// What became of its connections, for when it fails.
    history: Vec<String>,
    names: Vec<usize>,
    start: Start,
    last_event_id: String,
    slow: Slow,
    /// In each topic, the number of the event that has to come next; none for any of those that the store has.
    next: HashMap<usize, u64>,
    /// The topics in which that is the first since the closing, of which a server may not know yet.
    presumed: HashSet<usize>,
    /// The number of the event that comes first, at the most.
    latest: HashMap<usize, u64>,
    /// How many events each topic had when it was told that it missed some, if it has got none since.
    told_at: Option<[u64; TOPICS.len()]>,
    /// It asked for all there was, and has got nothing yet.
    wants_all: bool,
    /// Only one event has come since it was reset: what it lost before that is told behind it.
    owed: bool,
    /// The event before had no ID, since a reset was owed behind it: one that breaks off between the two gets it again.
    unnamed: bool,
    /// The place of its last event among those of all topics, while they come in order.
    place: u64,
    /// This connection brought nothing so far.
    is_fresh: bool,
    is_done: bool,
}

struct World<H> {
    rng: Rng,
    harness: H,
    limits: Limits,
    /// Without faults.
    inner: Arc<dyn Store>,
    log: StoredLog,
    servers: Vec<Server>,
    clients: Vec<Client>,
    /// How many events were published in each topic, and in all.
    published: [u64; TOPICS.len()],
    all_published: u64,
    /// The number of the first event of each topic since it was closed.
    life: [u64; TOPICS.len()],
    /// The same, of all its lives.
    lives: [Vec<u64>; TOPICS.len()],
    /// The topic of each event, and its number there.
    events: Vec<(usize, u64)>,
    own_ids: bool,
    delivered: u64,
    resets: u64,
}

impl<H: Harness> World<H> {
    async fn new(seed: u64, limits: Limits) -> Self {
        let harness = H::start(limits).await;
        let inner = harness.store().await;
        let mut rng = Rng::with_seed(seed);
        let log = inner.open("market").await.unwrap();
        let own_ids = rng.bool();
        let mut world = Self {
            rng,
            harness,
            limits,
            inner,
            log,
            servers: Vec::new(),
            clients: Vec::new(),
            published: [0; TOPICS.len()],
            all_published: 0,
            life: [1; TOPICS.len()],
            lives: std::array::from_fn(|_| vec![1]),
            events: Vec::new(),
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
        let events = [self.rng.usize(1..30), self.rng.usize(60..200)][self.rng.usize(..2)];
        let idle = [Duration::from_millis(1), Duration::from_secs(300)][self.rng.usize(..2)];
        let store = if H::SHARED { self.harness.store().await } else { Arc::clone(&self.inner) };
        let store = Faulty::over(store);
        let topics = Topics::builder().channel(Channel::builder().events(events)).idle(idle);
        Server { topics: topics.store(store.clone(), "market").open().await.unwrap(), store }
    }

    async fn publish(&mut self) {
        let (server, topic) = (self.rng.usize(..self.servers.len()), self.rng.usize(..TOPICS.len()));
        self.publish_at(server, topic).await;
    }

    async fn publish_at(&mut self, server: usize, topic: usize) {
        self.published[topic] += 1;
        self.all_published += 1;
        self.events.push((topic, self.published[topic]));
        let mut event = Event::new(format!("{topic} {} {}", self.published[topic], self.all_published));
        if self.own_ids && self.rng.u8(..4) > 0 {
            event = event.with_id(EventId::new(format!("row {}", self.all_published)).unwrap());
        }
        loop {
            let channel = self.servers[server].topics.channel(TOPICS[topic]).unwrap();
            match channel.publish(&event).await {
                Ok(_) => return,
                // It was closed since the handle was made.
                Err(PublishError::Finished) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The number of the oldest event that the store has of a topic.
    async fn oldest(&self, topic: usize) -> u64 {
        let mut after = 0;
        loop {
            let range = Range::after(after).of(TOPICS[topic]).records(2);
            let page = self.inner.read(&self.log, range).await.unwrap();
            let Some(last) = page.records.last() else { return self.published[topic] + 1 };
            if let Some(number) = page.records.iter().find_map(|stored| numbers(stored.record.data())) {
                return number.1;
            }
            // The first of a topic that was closed says so.
            after = last.position;
        }
    }

    async fn close(&mut self) {
        let (server, topic) = (self.rng.usize(..self.servers.len()), self.rng.usize(..TOPICS.len()));
        let nothing = Range::after(0).of(TOPICS[topic]).records(0);
        let before = self.inner.read(&self.log, nothing).await.unwrap().bounds.closed;
        self.servers[server].topics.close(TOPICS[topic]);
        while self.inner.read(&self.log, nothing).await.unwrap().bounds.closed == before {
            sleep(Duration::from_millis(1)).await;
        }
        self.life[topic] = self.published[topic] + 1;
        self.lives[topic].push(self.life[topic]);
    }

    async fn come(&mut self) {
        let mut names: Vec<_> = (0..TOPICS.len()).collect();
        self.rng.shuffle(&mut names);
        names.truncate(self.rng.usize(1..=TOPICS.len()));
        let slow = [Slow::Disconnect, Slow::Skip, Slow::Coalesce][self.rng.usize(..3)];
        let start = [Start::Live, Start::Earliest, Start::Last(3)][self.rng.usize(..3)];
        let history = vec![format!("{slow:?}, {start:?}")];
        self.clients.push(Client { names, start, slow, history, ..Client::default() });
        self.come_back(self.clients.len() - 1).await;
    }

    async fn come_back(&mut self, client: usize) {
        let server = self.rng.usize(..self.servers.len());
        let mut oldest = HashMap::new();
        for topic in 0..TOPICS.len() {
            oldest.insert(topic, self.oldest(topic).await);
        }
        let client = &mut self.clients[client];
        if client.is_done {
            return;
        }
        if std::mem::take(&mut client.unnamed) {
            client.next.clear();
        }
        (client.place, client.is_fresh) = (0, true);
        client.history.push(format!("{} at {server}", client.last_event_id));
        let names = client.names.iter().map(|topic| TOPICS[*topic]);
        let topics = &self.servers[server].topics;
        let subscription = topics.subscribe(names, LastEventId::from(&*client.last_event_id)).unwrap();
        let start = client.start;
        let subscription = subscription.slow(client.slow).start(start);
        if client.last_event_id.is_empty() {
            client.wants_all = start == Start::Earliest;
            for topic in &client.names {
                let next = self.published[*topic] + 1;
                let latest = match start {
                    Start::Live => Some(next),
                    Start::Last(n) => Some(next.saturating_sub(n as u64).max(self.life[*topic])),
                    _ => None,
                };
                client.latest.remove(topic);
                client.latest.extend(latest.map(|latest| (*topic, latest)));
                client.next.remove(topic);
                client.presumed.remove(topic);
                if start == Start::Earliest && oldest[topic] == self.life[*topic] {
                    client.next.insert(*topic, self.life[*topic]);
                    client.presumed.insert(*topic);
                }
            }
        }
        client.subscription = Some(subscription);
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
                let client = &mut self.clients[client];
                client.subscription = None;
                client.history.push(format!("{next:?}"));
                let is_closed =
                    |topic: &usize| client.next.get(topic).is_none_or(|next| *next <= self.life[*topic]);
                // All that it had is closed since.
                client.is_done = next.is_none() && client.is_fresh && client.names.iter().all(is_closed);
                return;
            };
            self.take(client, &frame).await;
        }
    }

    async fn take(&mut self, client: usize, frame: &Frame) {
        let names = self.clients[client].names.clone();
        let mut oldest = HashMap::new();
        for topic in names {
            oldest.insert(topic, self.oldest(topic).await);
        }
        let (published, life) = (self.published, self.life);
        let seen = &mut self.clients[client];
        seen.history.push(format!("{:?} {:?}", frame.id(), String::from_utf8_lossy(frame.as_ref())));
        let before = seen.last_event_id.clone();
        if let Some(id) = frame.id() {
            id.clone_into(&mut seen.last_event_id);
        }
        if !frame.is_event() {
            seen.is_fresh &= frame.id().is_some();
            if let Some(told_at) = seen.told_at.filter(|_| frame.id().is_some()) {
                // It has got nothing since it was told, and begins again behind more that is gone: of what there was then.
                let is_told = |topic: usize| oldest[&topic] <= told_at[topic] + 1;
                seen.next.retain(|topic, next| *next >= oldest[topic] || !is_told(*topic));
            }
            return;
        }
        seen.is_fresh = false;
        let told =
            format!("{:#?}\nof {published:?} published, since {life:?}, oldest {oldest:?}", seen.history);
        if frame.event_type() == "reset" {
            self.resets += 1;
            // The own ID of an event that is gone with its topic is gone, too.
            let row = before.strip_prefix("row ").and_then(|row| row.parse::<usize>().ok());
            let is_unknown = frame.as_ref().windows(9).any(|text| text == b"\"unknown\"");
            let is_gone = |row: usize| self.events[row - 1].1 < life[self.events[row - 1].0];
            let is_lost_place = is_unknown && row.is_some_and(is_gone);
            let may_be = self.limits != Limits::NONE || is_lost_place;
            assert!(may_be, "a reset, though nothing is lost: {told}");
            let is_lost = |(topic, next): (&usize, &u64)| *next < oldest[topic];
            let is_true = seen.next.iter().any(is_lost)
                || seen.next.len() < seen.names.len()
                || seen.wants_all
                || seen.owed
                || is_lost_place;
            assert!(is_true, "a reset, though everything is there that follows: {told}");
            seen.next.retain(|topic, next| *next >= oldest[topic]);
            seen.told_at = Some(published);
            seen.latest.clear();
            if is_unknown {
                // It begins anew in all topics.
                seen.next.clear();
            }
            (seen.owed, seen.unnamed, seen.place, seen.wants_all) = (true, false, u64::MAX, false);
            return;
        }
        self.delivered += 1;
        let text = std::str::from_utf8(frame.as_ref()).unwrap();
        let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        let (topic, number, place) = numbers(data).unwrap();
        assert!(seen.names.contains(&topic), "of another topic: {told}");
        assert_eq!(frame.topic(), Some(TOPICS[topic]));
        let latest = seen.latest.remove(&topic).map(|latest| latest.max(life[topic]));
        if let Some(latest) = latest.filter(|_| oldest[&topic] == life[topic]) {
            assert!(number <= latest, "{number} comes first, of {latest}: {told}");
        }
        if let Some(next) = seen.next.get(&topic) {
            // Of a topic that was closed, all that is there since.
            let lives = &self.lives[topic];
            let begins_life = *next < number
                && (lives.contains(&number) || *next < life[topic] && number >= oldest[&topic]);
            // The server does not know yet that it was closed.
            let is_before = seen.presumed.contains(&topic) && number < life[topic];
            assert!(
                number == *next || begins_life || is_before,
                "{number} instead of {next} in {topic}: {told}"
            );
        }
        assert!(place > seen.place || seen.place == u64::MAX, "out of order: {told}");
        seen.place = seen.place.max(place);
        seen.unnamed = frame.id().is_none();
        assert!(!seen.unnamed || seen.owed, "it has no ID, and no reset is owed: {told}");
        seen.owed = seen.unnamed;
        seen.wants_all = false;
        seen.next.insert(topic, number + 1);
        seen.presumed.remove(&topic);
        seen.told_at = None;
    }

    async fn step(&mut self) {
        let client = self.rng.usize(..self.clients.len().max(1));
        match self.rng.u8(..100) {
            0..35 => {
                for _ in 0..self.rng.usize(1..8) {
                    self.publish().await;
                }
            }
            35..40 => self.come().await,
            40..43 => {
                let server = self.rng.usize(..self.servers.len());
                self.servers[server] = self.open().await;
            }
            43..45 => self.fail().await,
            45..47 => self.close().await,
            _ if self.clients.is_empty() => {}
            47..60 => self.clients[client].subscription = None,
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
                let topic = self.rng.usize(..TOPICS.len());
                self.publish_at((failing + 1) % self.servers.len(), topic).await;
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
        self.publish_to_all().await;
        for client in 0..self.clients.len() {
            for _ in 0..20 {
                self.read(client, usize::MAX, LONG).await;
                if self.has_all(client) {
                    break;
                }
                let is_quiet = self.clients[client].subscription.is_some();
                // One of its topics may have been closed since it came.
                self.come_back(client).await;
                if is_quiet && self.clients[client].next.len() < self.clients[client].names.len() {
                    self.publish_to_all().await;
                }
            }
            let seen = &self.clients[client];
            let told = format!("{:#?}\n{:?} of {:?}", seen.history, seen.next, self.published);
            assert!(self.has_all(client), "it does not get all: {told}");
        }
    }

    async fn publish_to_all(&mut self) {
        for topic in 0..TOPICS.len() {
            let server = self.rng.usize(..self.servers.len());
            self.publish_at(server, topic).await;
        }
    }

    fn has_all(&self, client: usize) -> bool {
        let client = &self.clients[client];
        let has_all = |topic: &usize| client.next.get(topic) == Some(&(self.published[*topic] + 1));
        client.is_done || client.names.iter().all(has_all)
    }
}

/// The topic of an event, its number there, and its place among all.
fn numbers(data: &str) -> Option<(usize, u64, u64)> {
    let mut numbers = data.split(' ');
    let topic = numbers.next()?.parse().ok()?;
    Some((topic, numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

async fn run<H: Harness>(limits: Limits) {
    const STEPS: usize = 400;
    let seed = std::env::var("TYPED_SSE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("TYPED_SSE_SEED={seed}");
    let mut world = World::<H>::new(seed, limits).await;
    for _ in 0..STEPS {
        world.step().await;
    }
    world.settle().await;
    println!("{} delivered, {} resets", world.delivered, world.resets);
    assert!(world.delivered > 100, "{} delivered", world.delivered);
}

/// Nobody is reset.
pub async fn random_topics_on_a_store_that_keeps_all<H: Harness>() {
    run::<H>(Limits::NONE).await;
}

/// Whoever lost something is told, and nobody else.
pub async fn random_topics_on_a_store_that_forgets<H: Harness>() {
    run::<H>(Limits::records(30)).await;
}
