//! A hundred clients that connect, stall, break and resume at random, against tens of thousands of events, with trimming and
//! restarts going on; they start and lag in every way, with and without filters, checkpoints and states of the
//! application's making. At the end of some lives the channel is finished, and every client ends with all of it. Each client's
//! events are checked against the ledger of what was published: exactly once and in order, or a reset that tells the truth and
//! was called for.
//!
//! The seed is printed; `TYPED_SSE_SEED=n` replays it.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::convert::Infallible;
use std::pin::Pin;

use fastrand::Rng;
use futures_util::{FutureExt as _, Stream};
use support::rng;
use typed_sse_core::testing::{Client, End, Ledger, Received, Terms};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, EventId, EventType, Frame, LastEventId, ResetReason, Resumption,
    Slow, SseEvent, Start, SubscriptionError,
};

const EVENTS: u64 = 60_000;

/// How large everything is.
#[derive(Clone, Copy)]
struct Scale {
    clients: usize,
    retained: usize,
    ephemeral: usize,
    /// Events have so many keys.
    keys: u64,
    /// Of so many, the newest event is kept.
    kept: usize,
}

const LARGE: Scale = Scale { clients: 100, retained: 200, ephemeral: 20, keys: 40, kept: 1024 };

/// Its log turns over with each burst and often within a state.
const SMALL: Scale = Scale { clients: 12, retained: 4, ephemeral: 3, keys: 4, kept: 1024 };

/// The data is a number, of all that were published.
#[derive(Clone, Copy)]
enum Numbered {
    Plain(u64),
    Own(u64),
    Keyed(u64, u64),
    Gone(u64, u64),
    Ephemeral(u64),
    /// Part of a state of the application's making.
    State(u64),
}

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const KEYED: EventType = EventType::from_static("keyed");
        const STATE: EventType = EventType::from_static("state");
        match self {
            Self::Plain(n) => encoder.text(&n.to_string()),
            Self::Own(n) => encoder.id(&EventId::new(format!("own/{n}"))?)?.text(&n.to_string()),
            Self::Keyed(key, n) => encoder.key(&key.to_string())?.event_type(&KEYED)?.text(&n.to_string()),
            Self::Gone(key, n) => encoder.key(&key.to_string())?.tombstone()?.text(&n.to_string()),
            Self::Ephemeral(n) => encoder.ephemeral()?.text(&n.to_string()),
            Self::State(n) => encoder.event_type(&STATE)?.text(&n.to_string()),
        }
    }
}

struct Server {
    channel: Channel<Numbered>,
    ledger: Ledger,
    scale: Scale,
    /// How many events that can be replayed there have been in this life.
    published: u64,
    is_finished: bool,
    lives: u32,
}

/// What happened.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    received: usize,
    /// Subscriptions, by how they began.
    new: usize,
    complete: usize,
    unknown: usize,
    trimmed: usize,
    epoch: usize,
    /// New ones that were told what had been trimmed.
    too_late: usize,
    /// Those that came back before they had an event, by the ID that they were told.
    told_only: usize,
    begun: usize,
    with_own_id: usize,
    silent: usize,
    with_state: usize,
    lagged: usize,
    /// Resets behind an event that came before the client could be told.
    untold: usize,
    disconnected: usize,
    caught_up: usize,
    finished: usize,
    restarts: u32,
}

type Body = Pin<Box<dyn Stream<Item = Result<Frame, SubscriptionError>>>>;

struct Tested {
    client: Client<Body>,
    start: Start,
    slow: Slow,
    /// It reads less than is published.
    is_slow: bool,
    by_state: bool,
    /// It is told nothing between events.
    is_silent: bool,
    /// The life that it is connected to.
    life: u32,
    /// The number in it of the event behind which it was at least, when that was seen last.
    behind: u64,
    /// How many events it has got since it was told of a loss.
    since_reset: Option<usize>,
    has_got: bool,
}

#[test]
fn every_event_exactly_once_or_one_true_reset() {
    let tally = run(&mut rng(), EVENTS, LARGE);
    println!("{tally:?}");
    assert!(tally.received as u64 > EVENTS && tally.complete > 200 && tally.caught_up > 1000);
    assert!(tally.restarts > 0, "the server was never restarted");
    assert!(tally.trimmed > 100 && tally.epoch > 20 && tally.unknown > 5);
    assert!(tally.lagged > 100 && tally.untold > 20 && tally.disconnected > 100);
    assert!(tally.new > 50 && tally.too_late > 5 && tally.told_only > 50 && tally.begun > 20);
    assert!(tally.with_own_id > 50 && tally.silent > 100 && tally.with_state > 100);
    assert!(tally.finished > LARGE.clients);
}

#[test]
fn more_keys_than_are_kept() {
    let tally = run(&mut rng(), EVENTS / 3, Scale { kept: 10, ..LARGE });
    println!("{tally:?}");
    assert!(tally.complete > 50 && tally.lagged > 30 && tally.trimmed > 30);
}

/// Each begins with a few events, where much happens that does not with many behind it.
#[test]
fn a_log_that_turns_over_all_the_time_and_keeps_few_keys_or_all() {
    let mut seeds = rng();
    for kept in [2, 3, 1024] {
        let mut sum = Tally::default();
        for _ in 0..40 {
            let seed = seeds.u64(..);
            println!("kept {kept}: seed {seed}");
            let tally = run(&mut Rng::with_seed(seed), 1000, Scale { kept, ..SMALL });
            sum.trimmed += tally.trimmed;
            sum.untold += tally.untold;
            sum.caught_up += tally.caught_up;
        }
        println!("{sum:?}");
        assert!(sum.trimmed > 100 && sum.untold > 20 && sum.caught_up > 100);
    }
}

#[test]
fn one_seed_is_one_run() {
    let seed = fastrand::u64(..);
    let [first, second] = [(); 2].map(|()| run(&mut Rng::with_seed(seed), EVENTS / 20, LARGE));
    assert_eq!(first, second, "seed {seed}");
    assert_ne!(first, run(&mut Rng::with_seed(seed ^ 1), EVENTS / 20, LARGE));
}

fn run(rng: &mut Rng, events: u64, scale: Scale) -> Tally {
    let Scale { clients, retained, ephemeral, kept, .. } = scale;
    let ledger = Ledger::new().retaining(retained).keeping_ephemeral(ephemeral).keeping_keys(kept);
    let mut server = Server {
        channel: channel(scale),
        ledger: ledger.clone(),
        scale,
        published: 0,
        is_finished: false,
        lives: 1,
    };
    let mut clients: Vec<_> = (0..clients).map(|n| Tested::new(&ledger, n % 4 == 0)).collect();
    let mut tally = Tally::default();

    while (server.ledger.len() as u64) < events {
        let client = &mut clients[rng.usize(..scale.clients)];
        match rng.u32(..1000) {
            0..500 => server.publish(rng),
            // Now and then a burst that overtakes who is behind.
            500..501 => server.burst(rng),
            501..503 if rng.u32(..10) == 0 => {
                // The first of them, and then every other one.
                if tally.restarts % 2 == 0 {
                    server.publish_this(Numbered::Plain(server.ledger.len() as u64));
                    server.channel.finish_now();
                    server.is_finished = true;
                    clients.iter_mut().for_each(|client| client.end(&server, rng, &mut tally));
                }
                server.restart();
                tally.restarts += 1;
            }
            503..504 => client.be_overtaken(&mut server, rng, &mut tally),
            // A new one in its place.
            504..508 => *client = Tested::new(&ledger, client.is_slow),
            _ => client.step(&server, rng, &mut tally),
        }
    }
    server.channel.finish_now();
    clients.iter_mut().for_each(|client| client.end(&server, rng, &mut tally));
    tally
}

fn channel(scale: Scale) -> Channel<Numbered> {
    Channel::builder().events(scale.retained).ephemeral(scale.ephemeral).keys(scale.kept).build()
}

impl Server {
    fn publish(&mut self, rng: &mut Rng) {
        let n = self.ledger.len() as u64;
        let event = match rng.u32(..20) {
            0..2 => Numbered::Ephemeral(n),
            2..10 => Numbered::Keyed(rng.u64(..self.scale.keys), n),
            10..12 => Numbered::Gone(rng.u64(..self.scale.keys), n),
            12..15 => Numbered::Own(n),
            _ => Numbered::Plain(n),
        };
        self.publish_this(event);
    }

    fn publish_this(&mut self, event: Numbered) {
        self.published += u64::from(!matches!(event, Numbered::Ephemeral(_)));
        self.ledger.publish(&self.channel, &event).now_or_never().unwrap().unwrap();
    }

    fn burst(&mut self, rng: &mut Rng) {
        let n = rng.usize(..2 * self.scale.retained);
        match rng.u32(..4) {
            // What takes nothing from the others.
            0 => (0..n).for_each(|_| self.publish_this(Numbered::Ephemeral(self.ledger.len() as u64))),
            // What is superseded soon.
            1 => (0..n).for_each(|_| {
                let n = self.ledger.len() as u64;
                self.publish_this(Numbered::Keyed(rng.u64(..self.scale.keys), n));
            }),
            _ => (0..n).for_each(|_| self.publish(rng)),
        }
    }

    /// Loses the log. Whoever was connected can still read what was there. What is published before and behind shows who that
    /// was.
    fn restart(&mut self) {
        if !self.is_finished {
            self.publish_this(Numbered::Plain(self.ledger.len() as u64));
        }
        self.channel = channel(self.scale);
        self.ledger.restart();
        self.published = 0;
        self.lives += 1;
        self.is_finished = false;
        self.publish_this(Numbered::Plain(self.ledger.len() as u64));
    }
}

impl Tested {
    fn new(ledger: &Ledger, is_slow: bool) -> Self {
        Self {
            client: ledger.client(),
            start: Start::Live,
            slow: Slow::Disconnect,
            is_slow,
            by_state: false,
            is_silent: false,
            life: 0,
            behind: 0,
            since_reset: None,
            has_got: false,
        }
    }

    fn step(&mut self, server: &Server, rng: &mut Rng, tally: &mut Tally) {
        match (self.client.body(), rng.u32(..10)) {
            (None, _) => self.connect(server, rng, tally),
            // The connection breaks, with whatever was on its way: at once, or in the middle of an event.
            (Some(_), 0) if rng.bool() => self.client.disconnect(),
            (Some(_), 0) => {
                self.client.cut_after(rng.usize(..200));
                self.receive(server, usize::MAX, tally);
            }
            // It stalls.
            (Some(_), 1..4) => {}
            (Some(_), _) if self.is_slow => self.receive(server, rng.usize(..4), tally),
            (Some(_), _) => self.receive(server, rng.usize(..300), tally),
        }
    }

    /// The log turns over again and again, and little is read in between.
    fn be_overtaken(&mut self, server: &mut Server, rng: &mut Rng, tally: &mut Tally) {
        for _ in 0..3 {
            if self.client.body().is_none() {
                self.connect(server, rng, tally);
            }
            server.burst(rng);
            self.receive(server, rng.usize(..3), tally);
        }
        if rng.u32(..3) == 0 {
            self.client.disconnect();
        }
    }

    fn connect(&mut self, server: &Server, rng: &mut Rng, tally: &mut Tally) {
        let id = self.client.last_event_id();
        // Who comes back before it has anything begins as it began before.
        if !id.as_str().contains('~') {
            self.start = match rng.u32(..4) {
                0 => Start::Live,
                1 => Start::Earliest,
                2 => Start::LatestPerKey,
                _ => Start::Last(rng.usize(..2 * server.scale.retained)),
            };
            self.slow = [Slow::Disconnect, Slow::Skip, Slow::Coalesce][rng.usize(..3)];
            self.by_state = rng.u32(..6) == 0;
        }
        let mut terms = Terms::new().slow(self.slow);
        let mut subscription = server.channel.subscribe(id.clone()).start(self.start).slow(self.slow);
        let keep: Option<fn(&Frame) -> bool> = match rng.u32(..5) {
            0 => Some(|frame| frame.event_type() == "keyed"),
            1 => Some(|frame| frame.key().is_some_and(|key| key.ends_with('7'))),
            _ => None,
        };
        if let Some(keep) = keep {
            subscription = subscription.filter(keep);
            terms = terms.filter(keep);
        }
        // Nothing at all would say that an empty state has come.
        let choice = rng.u32(..4);
        self.is_silent = choice == 0;
        match choice {
            0 => {
                tally.silent += 1;
                subscription = subscription.no_checkpoints();
            }
            1 => subscription = subscription.checkpoint(rng.u64(..100)),
            _ => {}
        }
        let body: Body = if self.by_state {
            tally.with_state += 1;
            terms = terms.besides(|event| event.event_type() == "state");
            let (channel, ledger, parts) =
                (server.channel.clone(), server.ledger.clone(), rng.u64(u64::from(self.is_silent)..4));
            let snapshot = subscription.snapshot(move || {
                let (cursor, n) = (channel.cursor(), ledger.len() as u64);
                let state = (0..parts).map(|_| Numbered::State(n)).collect::<Vec<_>>();
                async move { Ok::<_, Infallible>((state, cursor)) }
            });
            count(&id, snapshot.resumption(), tally);
            Box::pin(snapshot)
        } else {
            terms = terms.start(self.start);
            check_replayed(self.start, subscription.resumption(), subscription.replayed());
            count(&id, subscription.resumption(), tally);
            // After a reset that it was told of, as one that coalesces does.
            let begins_by_key = self.start == Start::LatestPerKey || id.as_str().contains('*');
            let replayed = if begins_by_key { server.published } else { subscription.replayed() };
            self.behind = server.published.saturating_sub(replayed);
            Box::pin(subscription)
        };
        tally.told_only += usize::from(!self.has_got && !id.is_empty());
        (self.since_reset, self.has_got, self.life) = (None, false, server.lives);
        self.client.set_terms(terms).open(body);
        if rng.u32(..4) == 0 {
            self.client.cut_after(rng.usize(..60));
            self.receive(server, usize::MAX, tally);
        }
    }

    fn receive(&mut self, server: &Server, most: usize, tally: &mut Tally) {
        let ledger = &server.ledger;
        let events = self.client.ready_up_to(most);
        // One that is connected to a life before has nothing to catch up with.
        let is_caught_up = self.client.body().is_some() && events.len() < most && self.life == server.lives;
        let checked = if is_caught_up {
            tally.caught_up += 1;
            ledger.check_caught_up(&mut self.client)
        } else {
            ledger.check(&mut self.client)
        };
        checked.unwrap();
        self.client.clear();
        tally.received += events.len();
        self.has_got |= !events.is_empty();
        events.iter().for_each(|event| self.follow(event, tally));
        match self.client.connections().last().and_then(|connection| connection.end()) {
            Some(End::Failed(error)) if !std::mem::replace(&mut self.has_got, true) || !events.is_empty() => {
                assert!(error.contains("fell behind"), "{error}");
                tally.disconnected += 1;
                // Of a life that is over nobody knows how far it had come.
                if !self.by_state && self.life == server.lives {
                    assert_eq!(self.slow, Slow::Disconnect);
                    let left = server.published - self.behind.min(server.published);
                    assert!(left > server.scale.retained as u64, "it lagged by only {left}");
                }
            }
            _ => {}
        }
        if is_caught_up {
            self.behind = server.published;
        }
    }

    fn follow(&mut self, event: &Received, tally: &mut Tally) {
        let lagged = event.event_type() == "reset" && event.data().contains("lagged");
        tally.lagged += usize::from(lagged);
        tally.untold += usize::from(lagged && self.since_reset == Some(1));
        self.since_reset = match self.since_reset {
            _ if event.event_type() == "reset" => Some(0),
            since => since.map(|events| events + 1),
        };
    }

    /// The channel is finished: it comes back for as long as it takes to have all of it, and then gets nothing.
    fn end(&mut self, server: &Server, rng: &mut Rng, tally: &mut Tally) {
        if self.life != server.lives {
            self.client.disconnect();
        }
        for _ in 0..100 {
            if self.client.body().is_none() {
                self.connect(server, rng, tally);
            }
            self.receive_to_end(server, tally);
            let connection = self.client.connections().last().unwrap();
            if connection.end() != Some(&End::Closed) {
                continue;
            }
            server.ledger.check_over(&mut self.client).unwrap();
            tally.finished += 1;
            let id = self.client.last_event_id();
            let back = server.channel.subscribe(id.clone()).start(self.start).slow(self.slow);
            if back.resumption() == Resumption::Complete && !self.is_silent {
                assert_eq!(back.size_hint(), (0, Some(0)), "behind {id:?}");
            }
            return;
        }
        panic!("it has come back a hundred times");
    }

    fn receive_to_end(&mut self, server: &Server, tally: &mut Tally) {
        if self.client.body().is_some() {
            self.receive(server, usize::MAX, tally);
        }
    }
}

fn count(id: &LastEventId, resumption: Resumption, tally: &mut Tally) {
    tally.begun += usize::from(id.as_str().contains('~'));
    tally.with_own_id += usize::from(id.as_str().starts_with("own"));
    match resumption {
        Resumption::New => tally.new += 1,
        Resumption::Complete => tally.complete += 1,
        Resumption::Reset(reset) if id.is_empty() => {
            assert_eq!(reset.reason, ResetReason::Trimmed);
            tally.too_late += 1;
        }
        Resumption::Reset(reset) => match reset.reason {
            ResetReason::Trimmed => tally.trimmed += 1,
            ResetReason::Epoch => tally.epoch += 1,
            ResetReason::Unknown => {
                assert!(id.as_str().starts_with("own"), "{id:?} was sent by a channel");
                tally.unknown += 1;
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// Whether what a subscription says of itself fits to its start.
fn check_replayed(start: Start, resumption: Resumption, replayed: u64) {
    if resumption == Resumption::Complete {
        return;
    }
    match start {
        Start::Live => assert_eq!(replayed, 0),
        Start::Last(n) => assert!(replayed <= n as u64),
        _ => {}
    }
}
