//! Clients that are cut anywhere, of one topic or several, and what each of them has to get.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use fastrand::Rng;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, Decoder, EncodeError, Encoded, Encoder, Resumption, Slow, SseEvent, Start, Topics,
    TopicsSubscription,
};

use super::publish;

const NAMES: [&str; 3] = ["a", "b", "c"];

#[derive(Clone, Debug)]
struct Numbered {
    n: u64,
    own: bool,
    ephemeral: bool,
    key: Option<u64>,
}

impl SseEvent for Numbered {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if let Some(key) = self.key {
            encoder = encoder.key(&key)?;
        }
        if self.ephemeral {
            return encoder.ephemeral()?.text("live");
        }
        if self.own {
            encoder = encoder.id(&format!("o{}", self.n))?;
        }
        encoder.text(&self.n.to_string())
    }
}

#[derive(Default)]
struct World {
    /// The topic and the key of each event.
    events: BTreeMap<u64, (usize, Option<u64>)>,
    of: [Vec<u64>; 3],
    retained: usize,
}

impl World {
    fn is_trimmed(&self, n: u64) -> bool {
        let of = &self.of[self.events[&n].0];
        of.iter().rev().take(self.retained).all(|kept| *kept != n)
    }

    fn there(&self) -> BTreeSet<u64> {
        self.events.keys().copied().filter(|n| !self.is_trimmed(*n) || self.is_newest(*n)).collect()
    }

    fn is_newest(&self, n: u64) -> bool {
        let (topic, key) = self.events[&n];
        key.is_some() && self.events.range(n + 1..).all(|(_, other)| *other != (topic, key))
    }
}

struct Client {
    names: Vec<usize>,
    start: Start,
    slow: Slow,
    every: Option<u64>,
    modulo: u64,
    last: String,
    stream: Option<TopicsSubscription<Numbered>>,
    decoder: Decoder,
    /// It has to get these.
    pending: BTreeSet<u64>,
    /// It may get these too.
    optional: BTreeSet<u64>,
    got: HashSet<u64>,
    /// What came without an ID: cut behind it, the client comes back from before.
    unnamed: Vec<u64>,
    newest: u64,
    since_connect: BTreeSet<u64>,
    at_connect: BTreeSet<u64>,
    fresh: bool,
    was_new: bool,
    was_reset: bool,
    log: Vec<String>,
}

impl Client {
    fn wants(&self, n: u64, topic: usize) -> bool {
        self.names.contains(&topic) && n % self.modulo == 0
    }

    fn connect(&mut self, topics: &Topics<Numbered>, world: &World) {
        let names = self.names.iter().map(|i| NAMES[*i]);
        let mut stream = topics.subscribe(names, &*self.last).unwrap().start(self.start).slow(self.slow);
        if let Some(every) = self.every {
            stream = stream.checkpoint(every);
        }
        let modulo = self.modulo;
        if modulo > 1 {
            stream = stream.filter(move |frame| {
                let text = std::str::from_utf8(frame.as_ref()).unwrap();
                let data = text.trim_end().rsplit("data: ").next().unwrap();
                data.parse::<u64>().is_ok_and(|n| n % modulo == 0)
            });
        }
        self.log.push(format!("connect {:?} {:?} {:?}", self.last, stream.resumption(), world.of));
        self.was_new = self.last.is_empty();
        if self.was_new {
            self.pending.clear();
            self.got.clear();
            self.optional = world.events.keys().copied().collect();
        }
        let fresh = matches!(stream.resumption(), Resumption::Reset(_));
        self.stream = Some(stream);
        self.decoder = Decoder::new();
        self.since_connect.clear();
        self.at_connect = world.there();
        (self.fresh, self.was_reset, self.newest) = (fresh, false, 0);
    }

    fn cut(&mut self) {
        self.log.push("cut".to_owned());
        self.stream = None;
        for n in self.unnamed.drain(..) {
            self.got.remove(&n);
        }
        if self.last.is_empty() {
            self.pending.clear();
        }
    }

    fn read(&mut self, most: usize, world: &World) {
        for _ in 0..most {
            let Some(stream) = &mut self.stream else { return };
            let item = match stream.next().now_or_never() {
                None => {
                    // It may have been told, and be owed another reset behind its next event.
                    assert!(
                        self.was_reset || self.pending.is_empty(),
                        "a hole: {:?}\n{}",
                        self.pending,
                        self.log.join("\n")
                    );
                    return;
                }
                Some(None) => panic!("ended\n{}", self.log.join("\n")),
                Some(Some(item)) => item,
            };
            let Ok(frame) = item else {
                self.log.push("lagged".to_owned());
                self.cut();
                return;
            };
            self.log.push(format!("{:?}", std::str::from_utf8(frame.as_ref()).unwrap()));
            if frame.id().is_some() {
                self.unnamed.clear();
            }
            let is_unnamed = frame.id().is_none();
            let mut input = frame.as_ref();
            while let Some(event) = self.decoder.next_event(&mut input).unwrap() {
                let (event_type, data) = (event.event_type.to_owned(), event.data.to_owned());
                self.take(&event_type, &data, world);
                if is_unnamed {
                    self.unnamed.extend(data.parse::<u64>());
                }
            }
            if !self.decoder.last_event_id().is_empty() {
                self.last = self.decoder.last_event_id().to_owned();
            }
        }
    }

    fn take(&mut self, event_type: &str, data: &str, world: &World) {
        let log = || self.log.join("\n");
        if event_type == "reset" {
            assert!(!self.was_reset, "two resets\n{}", log());
            let lost =
                |n: &u64| world.is_trimmed(*n) && !(self.slow == Slow::Coalesce && world.is_newest(*n));
            let mut not_got =
                self.pending.iter().chain(self.optional.iter().filter(|n| !self.got.contains(n)));
            let of_mine = |n: &&u64| self.names.contains(&world.events[*n].0);
            // What is left of the newest few, no ID says.
            let is_exact = !self.last.contains('~') || !matches!(self.start, Start::Last(_));
            if self.fresh && self.modulo == 1 && !self.was_new && is_exact {
                assert!(not_got.by_ref().filter(of_mine).any(lost), "for nothing\n{}", log());
            }
            self.was_reset = true;
            self.pending = if self.fresh { self.since_connect.clone() } else { BTreeSet::new() };
            self.got.clear();
            self.newest = 0;
            if self.fresh {
                self.optional =
                    if self.start == Start::Live && self.slow != Slow::Coalesce && self.names.len() == 1 {
                        BTreeSet::new()
                    } else {
                        self.at_connect.clone()
                    };
            } else {
                self.optional = world.there();
            }
            self.fresh = false;
            return;
        }
        self.was_reset = false;
        self.fresh = false;
        if data == "live" {
            return;
        }
        let n: u64 = data.parse().unwrap();
        let state = self.start == Start::LatestPerKey || self.slow == Slow::Coalesce;
        assert!(self.got.insert(n) || state && self.optional.contains(&n), "twice\n{}", log());
        assert!(n > self.newest, "out of order\n{}", log());
        self.newest = n;
        self.pending.remove(&n);
    }
}

fn run(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let retained = [2, 3, 5, 1000][rng.usize(0..4)];
    let topics = Topics::<Numbered>::builder().channel(Channel::builder().events(retained)).build();
    let channels = NAMES.map(|name| topics.channel(name).unwrap());
    let mut world = World { retained, ..World::default() };
    let (own, keyed) = (rng.u8(0..3), rng.u8(0..3));
    // Own IDs are remembered for a while alone.
    let own = if retained < 1000 { 0 } else { own };
    let mut clients: Vec<_> = (0..3)
        .map(|_| {
            let mut names: Vec<_> = (0..3).filter(|_| rng.bool()).collect();
            if names.is_empty() {
                names.push(rng.usize(0..3));
            }
            Client {
                names,
                start: [Start::Live, Start::Live, Start::Earliest, Start::Last(2), Start::LatestPerKey]
                    [rng.usize(0..5)],
                slow: [Slow::Disconnect, Slow::Skip, Slow::Coalesce][rng.usize(0..3)],
                every: [None, Some(1), Some(3)][rng.usize(0..3)],
                modulo: [1, 1, 3][rng.usize(0..3)],
                last: String::new(),
                stream: None,
                decoder: Decoder::new(),
                pending: BTreeSet::new(),
                optional: BTreeSet::new(),
                got: HashSet::new(),
                unnamed: Vec::new(),
                newest: 0,
                since_connect: BTreeSet::new(),
                at_connect: BTreeSet::new(),
                fresh: true,
                was_new: true,
                was_reset: false,
                log: vec![format!("seed {seed} retained {retained}")],
            }
        })
        .collect();
    for client in &mut clients {
        let Client { names, start, slow, every, modulo, .. } = client;
        let line = format!("{names:?} {start:?} {slow:?} {every:?} {modulo}");
        client.log.push(line);
    }
    let mut n = 0;
    for _ in 0..60 {
        match rng.u8(0..4) {
            0 => {
                for _ in 0..rng.usize(0..retained.min(6) + 2) {
                    n += 1;
                    let topic = rng.usize(0..3);
                    let key = (rng.u8(0..3) < keyed).then(|| rng.u64(0..3));
                    let event = Numbered { n, own: rng.u8(0..3) < own, ephemeral: rng.u8(0..6) == 0, key };
                    publish(&channels[topic], &event);
                    if event.ephemeral {
                        continue;
                    }
                    let older: Vec<u64> = world.of[topic]
                        .iter()
                        .copied()
                        .filter(|older| key.is_some() && world.events[older].1 == key)
                        .collect();
                    world.events.insert(n, (topic, key));
                    world.of[topic].push(n);
                    for client in &mut clients {
                        if client.slow == Slow::Coalesce || client.start == Start::LatestPerKey {
                            for older in &older {
                                if client.slow == Slow::Coalesce || client.optional.contains(older) {
                                    client.pending.remove(older);
                                    client.since_connect.remove(older);
                                }
                            }
                        }
                        client.log.push(format!("publish {n} in {topic} {key:?} own {}", event.own));
                        if client.wants(n, topic) && (client.stream.is_some() || !client.last.is_empty()) {
                            client.pending.insert(n);
                            client.since_connect.insert(n);
                        }
                    }
                }
            }
            1 => {
                let client = rng.usize(0..3);
                clients[client].cut();
            }
            _ => {
                let client = &mut clients[rng.usize(0..3)];
                if client.stream.is_none() {
                    client.connect(&topics, &world);
                    if rng.bool() {
                        continue;
                    }
                }
                client.read(rng.usize(1..8), &world);
            }
        }
    }
    for client in &mut clients {
        for _ in 0..3 {
            if client.stream.is_none() {
                client.connect(&topics, &world);
            }
            client.read(usize::MAX, &world);
        }
    }
}

#[test]
fn cut_anywhere_nobody_misses_anything_unawares_and_nobody_is_told_for_nothing() {
    let seeds = match std::env::var("TYPED_SSE_SEED") {
        Ok(seed) => seed.parse::<u64>().unwrap()..seed.parse::<u64>().unwrap() + 1,
        Err(_) => 0..3000,
    };
    seeds.for_each(run);
}
