//! A hundred clients that connect, stall, break and resume at random, against a hundred thousand events, with trimming
//! and restarts going on; they start and lag in every way, with and without filters and checkpoints. Each client's events
//! are checked against the ledger of what was published: exactly once and in order, or a reset that tells the truth.
//!
//! The seed is printed; `TYPED_SSE_SEED=n` replays it.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use fastrand::Rng;
use futures_util::FutureExt as _;
use support::{rng, sequence};
use typed_sse_core::testing::{Client, End, Ledger, Received, Terms};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, EventType, Frame, ResetReason, Resumption, Slow, SseEvent, Start,
    Subscription,
};

const CLIENTS: usize = 100;
const EVENTS: u64 = 100_000;
const RETAINED: usize = 500;
/// Fewer than a channel keeps the newest event of.
const KEYS: u64 = 40;

/// The data is a number, of all that were published.
#[derive(Clone, Copy)]
enum Numbered {
    Plain(u64),
    Keyed(u64, u64),
    Gone(u64, u64),
    Ephemeral(u64),
}

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const KEYED: EventType = EventType::from_static("keyed");
        match self {
            Self::Plain(n) => encoder.text(&n.to_string()),
            Self::Keyed(key, n) => encoder.key(&key.to_string())?.event_type(&KEYED)?.text(&n.to_string()),
            Self::Gone(key, n) => encoder.key(&key.to_string())?.tombstone()?.text(&n.to_string()),
            Self::Ephemeral(n) => encoder.ephemeral()?.text(&n.to_string()),
        }
    }
}

struct Server {
    channel: Channel<Numbered>,
    ledger: Ledger,
    /// How many events that can be replayed there have been in this life.
    published: u64,
    restarts: u32,
}

/// What happened.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    received: usize,
    complete: usize,
    /// By reason: `unknown` never, as every ID was sent by a channel.
    trimmed: usize,
    epoch: usize,
    lagged: usize,
    disconnected: usize,
    caught_up: usize,
    restarts: u32,
}

struct Tested {
    client: Client<Subscription<Numbered>>,
    slow: Slow,
    /// The number in this life of the event that it stands behind, where it gets all of them.
    behind: Option<u64>,
}

#[test]
fn every_event_exactly_once_or_one_true_reset() {
    let tally = run(&mut rng(), EVENTS);
    println!("{tally:?}");
    assert!(tally.received as u64 > EVENTS && tally.complete > 500 && tally.caught_up > 1000);
    assert!(tally.restarts > 0, "the server was never restarted");
    assert!(tally.trimmed > 100 && tally.epoch > 100 && tally.lagged > 100 && tally.disconnected > 100);
}

#[test]
fn one_seed_is_one_run() {
    let seed = fastrand::u64(..);
    let [first, second] = [(); 2].map(|()| run(&mut Rng::with_seed(seed), EVENTS / 20));
    assert_eq!(first, second, "seed {seed}");
    assert_ne!(first, run(&mut Rng::with_seed(seed ^ 1), EVENTS / 20));
}

fn run(rng: &mut Rng, events: u64) -> Tally {
    let ledger = Ledger::new().retaining(RETAINED);
    let mut server = Server { channel: channel(), ledger: ledger.clone(), published: 0, restarts: 0 };
    let tested = |_| Tested { client: ledger.client(), slow: Slow::Disconnect, behind: None };
    let mut clients: Vec<_> = (0..CLIENTS).map(tested).collect();
    let mut tally = Tally::default();

    while (server.ledger.len() as u64) < events {
        match rng.u32(..1000) {
            0..600 => server.publish(rng),
            // Now and then a burst that overtakes who is behind.
            600..601 => (0..rng.usize(..2 * RETAINED)).for_each(|_| server.publish(rng)),
            601..603 if rng.u32(..10) == 0 => server.restart(),
            _ => clients[rng.usize(..CLIENTS)].step(&server, rng, &mut tally),
        }
    }
    for tested in &mut clients {
        tested.receive(&server, usize::MAX, &mut tally);
    }
    tally.restarts = server.restarts;
    tally
}

fn channel() -> Channel<Numbered> {
    Channel::builder().events(RETAINED).build()
}

impl Server {
    fn publish(&mut self, rng: &mut Rng) {
        let n = self.ledger.len() as u64;
        let event = match rng.u32(..20) {
            0..2 => Numbered::Ephemeral(n),
            2..10 => Numbered::Keyed(rng.u64(..KEYS), n),
            10..12 => Numbered::Gone(rng.u64(..KEYS), n),
            _ => Numbered::Plain(n),
        };
        self.published += u64::from(!matches!(event, Numbered::Ephemeral(_)));
        self.ledger.publish(&self.channel, &event).now_or_never().unwrap().unwrap();
    }

    /// Loses the log. Whoever was connected can still read what was there.
    fn restart(&mut self) {
        self.channel = channel();
        self.ledger.restart();
        self.published = 0;
        self.restarts += 1;
    }
}

impl Tested {
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
            (Some(_), _) => self.receive(server, rng.usize(..300), tally),
        }
    }

    fn connect(&mut self, server: &Server, rng: &mut Rng, tally: &mut Tally) {
        let start = match rng.u32(..4) {
            0 => Start::Live,
            1 => Start::Earliest,
            2 => Start::LatestPerKey,
            _ => Start::Last(rng.usize(..2 * RETAINED)),
        };
        self.slow = [Slow::Disconnect, Slow::Skip, Slow::Coalesce][rng.usize(..3)];
        let id = self.client.last_event_id();
        let mut terms = Terms::new().start(start).slow(self.slow);
        let mut subscription = server.channel.subscribe(id.clone()).start(start).slow(self.slow);
        let keep: Option<fn(&Frame) -> bool> = match rng.u32(..5) {
            0 => Some(|frame| frame.event_type() == "keyed"),
            1 => Some(|frame| frame.key().is_some_and(|key| key.ends_with('7'))),
            _ => None,
        };
        if let Some(keep) = keep {
            subscription = subscription.filter(keep);
            terms = terms.filter(keep);
        }
        if rng.bool() {
            subscription = subscription.checkpoint(rng.u64(..100));
        }
        let from_start = check_resumption(server, id.as_str(), start, &subscription, tally);
        let all_in_order = keep.is_none() && start != Start::LatestPerKey && self.slow != Slow::Coalesce;
        self.behind = all_in_order.then_some(from_start);
        self.client.set_terms(terms).open(subscription);
    }

    fn receive(&mut self, server: &Server, most: usize, tally: &mut Tally) {
        let ledger = &server.ledger;
        let events = self.client.ready_up_to(most);
        let checked = if self.client.body().is_some() && events.len() < most {
            tally.caught_up += 1;
            ledger.check_caught_up(&mut self.client)
        } else {
            ledger.check(&mut self.client)
        };
        checked.unwrap();
        self.client.clear();
        tally.received += events.len();
        for event in &events {
            self.follow(event, tally);
        }
        match self.client.connections().last().and_then(|connection| connection.end()) {
            Some(End::Failed(error)) if !events.is_empty() || self.behind.is_some() => {
                assert!(error.contains("fell behind"), "{error}");
                assert_eq!(self.slow, Slow::Disconnect);
                tally.disconnected += 1;
                // Of a life that is over nobody knows how far it had come.
                if let Some(behind) = self.behind.take().filter(|behind| *behind < server.published) {
                    let retained = server.published - behind;
                    assert!(
                        server.restarts > 0 || retained >= RETAINED as u64 / 2,
                        "it lagged by only {retained}"
                    );
                }
            }
            _ => {}
        }
    }

    /// The numbers on the wire, of one that gets all of them.
    fn follow(&mut self, event: &Received, tally: &mut Tally) {
        let Some(id) = event.id() else { return };
        let number = sequence(id.as_str());
        let is_reset = event.event_type() == "reset";
        tally.lagged += usize::from(is_reset && event.data().contains("lagged"));
        if let Some(behind) = &mut self.behind {
            assert!(is_reset || number == *behind || number == *behind + 1, "{event} came behind {behind}");
            *behind = number;
        }
    }
}

/// Whether what a subscription says of itself is true. Returns the number behind which it begins.
fn check_resumption(
    server: &Server,
    id: &str,
    start: Start,
    subscription: &Subscription<Numbered>,
    tally: &mut Tally,
) -> u64 {
    let from_start = server.published - subscription.replayed().min(server.published);
    match subscription.resumption() {
        Resumption::New => assert_eq!(id, ""),
        Resumption::Complete => {
            tally.complete += 1;
            assert_eq!(sequence(id), from_start, "what is replayed is what follows the ID");
        }
        Resumption::Reset(reset) => match (reset.reason, reset.missed) {
            (ResetReason::Trimmed, None) => {
                tally.trimmed += 1;
                assert_eq!(start, Start::LatestPerKey);
            }
            (ResetReason::Trimmed, Some(missed)) => {
                tally.trimmed += 1;
                assert_eq!(sequence(id) + missed, from_start);
            }
            (ResetReason::Epoch, None) => tally.epoch += 1,
            (reason, missed) => panic!("{reason} {missed:?}, but every ID was sent by a channel"),
        },
        other => panic!("{other:?}"),
    }
    match start {
        Start::Live if subscription.resumption() != Resumption::Complete => {
            assert_eq!(subscription.replayed(), 0);
        }
        Start::Last(n) if subscription.resumption() != Resumption::Complete => {
            assert!(subscription.replayed() <= n as u64);
        }
        _ => {}
    }
    from_start
}
