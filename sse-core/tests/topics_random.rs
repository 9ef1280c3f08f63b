//! Topics that are made, trimmed, forgotten and closed at random; clients of one to five of them, that join others and leave
//! some, stall, break and resume, and may begin with a state of the application's making; restarts; event IDs that are
//! cursors, and events' own. At the end all topics are finished, and every client ends with all of them. Each client's events
//! are checked against the ledger of what was published.
//!
//! The same with few clients of few topics, which keep only a few events: there, clients fall behind all the time, and are cut wherever
//! they are told something.
//!
//! The seed is printed; `TYPED_SSE_SEED=n` replays it.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use futures_util::{FutureExt as _, Stream, StreamExt as _};
use support::rng;
use typed_sse_core::testing::{Client, End, Ledger, Terms};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, EventId, EventType, Frame, LastEventId, Resumption, Slow,
    SseEvent, Start, SubscriptionError, Topics, TopicsBuilder, TopicsSubscription,
};

const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

/// How much there is of everything.
#[derive(Clone, Copy)]
struct Size {
    names: &'static [&'static str],
    clients: usize,
    /// What a topic keeps.
    events: usize,
    ephemeral: usize,
    /// So many topics, where some are to be forgotten.
    topics: usize,
    steps: usize,
}

const LARGE: Size = Size { names: &NAMES, clients: 30, events: 100, ephemeral: 20, topics: 9, steps: 30_000 };
const SMALL: Size =
    Size { names: NAMES.split_at(4).0, clients: 6, events: 4, ephemeral: 3, topics: 3, steps: 800 };

/// The data is the topic and a number, of all that were published in it or in its thread.
struct Numbered {
    topic: &'static str,
    n: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Cursor,
    OwnId,
    Keyed,
    Ephemeral,
    /// Part of a state of the application's making.
    State,
}

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const STATE: EventType = EventType::from_static("state");
        let Self { topic, n, kind } = self;
        let encoder = match kind {
            Kind::Cursor => encoder,
            Kind::OwnId => encoder.id(&EventId::new(format!("{topic}/{n}"))?)?,
            Kind::Keyed => encoder.key(&(n % 5).to_string())?,
            Kind::Ephemeral => encoder.ephemeral()?,
            Kind::State => encoder.event_type(&STATE)?,
        };
        encoder.text(&format!("{topic}:{n}"))
    }
}

#[derive(Debug, Default)]
struct Tally {
    received: usize,
    new: usize,
    /// New ones that were told what had been trimmed.
    too_late: usize,
    /// Those that came back before they had an event.
    begun: usize,
    complete: usize,
    resets: usize,
    joined: usize,
    rejoined: usize,
    with_state: usize,
    silent: usize,
    refused: usize,
    restarts: usize,
    closed: usize,
    caught_up: usize,
    finished: usize,
    forgotten: usize,
    was_ephemeral: bool,
}

/// What differs between the tests.
struct Setting {
    size: Size,
    topics: fn(&Size) -> TopicsBuilder<Numbered>,
    ledger: Ledger,
    kinds: &'static [Kind],
    starts: fn(&mut Rng, &Size) -> Start,
    slow: &'static [Slow],
    /// Some clients begin with a state of the application's making.
    states: bool,
    /// Topics are closed, and made anew.
    closes: bool,
}

type Body = Pin<Box<dyn Stream<Item = Result<Frame, SubscriptionError>>>>;

struct Tested {
    client: Client<Body>,
    names: Vec<&'static str>,
    /// What it has joined, for as long as this is its ID.
    joins: (LastEventId, Vec<&'static str>),
    start: Start,
    slow: Slow,
    by_state: bool,
    life: usize,
}

fn run(rng: &mut Rng, setting: &Setting) -> Tally {
    let (ledger, Size { names, steps, .. }) = (&setting.ledger, setting.size);
    let mut topics = (setting.topics)(&setting.size).build();
    let mut clients: Vec<_> = (0..setting.size.clients).map(|_| Tested::new(ledger)).collect();
    let mut tally = Tally::default();
    for step in 0..steps {
        if step == steps / 2 || rng.u32(..20_000) == 0 {
            // Whoever was connected can still read what was there. What is published before and behind shows who that was.
            publish(&topics, setting, rng, &mut tally);
            topics = (setting.topics)(&setting.size).build();
            ledger.restart();
            tally.restarts += 1;
            publish(&topics, setting, rng, &mut tally);
        }
        let client = &mut clients[rng.usize(..setting.size.clients)];
        match rng.u32(..1000) {
            0..600 => publish(&topics, setting, rng, &mut tally),
            600..602 => (0..rng.usize(..4 * setting.size.events))
                .for_each(|_| publish(&topics, setting, rng, &mut tally)),
            602..604 if setting.closes => {
                let name = names[rng.usize(..names.len())];
                publish(&topics, setting, rng, &mut tally);
                topics.close(name);
                ledger.close(name);
                tally.closed += 1;
                publish(&topics, setting, rng, &mut tally);
            }
            604..610 => *client = Tested::new(ledger),
            _ => match (client.client.body(), rng.u32(..10)) {
                (None, _) => client.connect(&topics, setting, rng, &mut tally),
                (Some(_), 0) => client.client.disconnect(),
                (Some(_), 1) => client.client.cut_after(rng.usize(..100)),
                // It stalls.
                (Some(_), 2..4) => {}
                (Some(_), _) => client.receive(ledger, rng.usize(..200), &mut tally),
            },
        }
        tally.forgotten += usize::from(topics.len() < names.len());
    }
    for name in names {
        let Ok(topic) = topics.channel(name) else { break };
        topic.finish_now();
    }
    for client in &mut clients {
        if topics.len() == names.len() {
            client.end(&topics, setting, rng, &mut tally);
        } else {
            client.receive(ledger, usize::MAX, &mut tally);
        }
    }
    tally
}

fn publish(topics: &Topics<Numbered>, setting: &Setting, rng: &mut Rng, tally: &mut Tally) {
    // Some are busier than others.
    let names = setting.size.names;
    let topic = names[rng.usize(..names.len()).min(rng.usize(..names.len()))];
    let Ok(channel) = topics.channel(topic) else {
        tally.refused += 1;
        return;
    };
    let mut kind = setting.kinds[rng.usize(..setting.kinds.len())];
    if std::mem::replace(&mut tally.was_ephemeral, kind == Kind::Ephemeral) && kind == Kind::Ephemeral {
        // Two in a row, of two topics, have no order of their own.
        (kind, tally.was_ephemeral) = (Kind::Cursor, false);
    }
    let event = Numbered { topic, n: setting.ledger.len(), kind };
    setting.ledger.publish_in(topic, &channel, &event).now_or_never().unwrap().unwrap();
}

impl Tested {
    fn new(ledger: &Ledger) -> Self {
        Self {
            client: ledger.client(),
            names: Vec::new(),
            joins: Default::default(),
            start: Start::Live,
            slow: Slow::Disconnect,
            by_state: false,
            life: 0,
        }
    }

    fn connect(&mut self, topics: &Topics<Numbered>, setting: &Setting, rng: &mut Rng, tally: &mut Tally) {
        let id = self.client.last_event_id();
        let has_begun = id.as_str().contains(['~', '*', '_']);
        let before = self.names.clone();
        if before.is_empty() || rng.u32(..3) == 0 {
            let names = setting.size.names;
            self.names = (0..rng.usize(1..=5)).map(|_| names[rng.usize(..names.len())]).collect();
        }
        // Who comes back before it has anything begins as it began before.
        if !has_begun {
            (self.start, self.slow) =
                ((setting.starts)(rng, &setting.size), setting.slow[rng.usize(..setting.slow.len())]);
            self.by_state = setting.states && rng.u32(..4) == 0;
        }
        let (start, slow) = (self.start, self.slow);
        let Ok(subscription) = topics.subscribe(&self.names, id.clone()) else {
            tally.refused += 1;
            return;
        };
        let mut subscription = subscription.start(start).slow(slow);
        let mut terms = Terms::new().topics(&self.names).slow(slow);
        let still_joins = self.joins.0 == id && !self.joins.1.is_empty();
        if still_joins || !before.is_empty() && rng.bool() {
            // Some that it has not named go on behind its ID all the same.
            let is_new = |name: &&&str| !before.contains(name) || still_joins && self.joins.1.contains(name);
            let joins: Vec<_> = self.names.iter().filter(is_new).copied().collect();
            tally.rejoined += usize::from(still_joins && joins.iter().any(|name| before.contains(name)));
            self.joins = (id.clone(), joins.clone());
            tally.joined += usize::from(!joins.is_empty() && !id.is_empty());
            subscription = subscription.joining(&joins);
            terms = terms.joining(&joins);
        }
        if rng.u32(..4) == 0 {
            let keep = |frame: &Frame| frame.key().is_some() || frame.as_ref().ends_with(b"7\n\n");
            subscription = subscription.filter(keep);
            terms = terms.filter(keep);
        }
        let is_silent = rng.u32(..4) == 0;
        if is_silent {
            tally.silent += 1;
            subscription = subscription.no_checkpoints();
        }
        let resumption = subscription.resumption();
        let body: Body = if self.by_state {
            tally.with_state += 1;
            terms = terms.besides(|event| event.event_type() == "state");
            let (topics, ledger) = (topics.clone(), setting.ledger.clone());
            let parts = rng.usize(usize::from(is_silent)..4);
            Box::pin(subscription.snapshot(move || {
                let (cursor, n) = (topics.cursor(), ledger.len());
                let part = |_| Numbered { topic: "all", n, kind: Kind::State };
                let state = (0..parts).map(part).collect::<Vec<_>>();
                async move { Ok::<_, Infallible>((state, cursor)) }
            }))
        } else {
            terms = terms.start(start);
            Box::pin(subscription)
        };
        match resumption {
            Resumption::Complete => tally.complete += 1,
            Resumption::Reset(_) if id.is_empty() => tally.too_late += 1,
            Resumption::Reset(_) => tally.resets += 1,
            _ if id.is_empty() => tally.new += 1,
            // There was no room for a topic, or it is done with all of them.
            _ => tally.refused += 1,
        }
        tally.begun += usize::from(has_begun);
        self.life = tally.restarts;
        self.client.set_terms(terms).open(body);
    }

    fn receive(&mut self, ledger: &Ledger, most: usize, tally: &mut Tally) {
        let received = self.client.ready_up_to(most).len();
        tally.received += received;
        if received < most && self.client.body().is_some() && self.life == tally.restarts {
            tally.caught_up += 1;
            ledger.check_caught_up(&mut self.client).unwrap();
        } else {
            ledger.check(&mut self.client).unwrap();
        }
        self.client.clear();
    }

    /// All topics are finished: it comes back for as long as it takes to have all of them.
    fn end(&mut self, topics: &Topics<Numbered>, setting: &Setting, rng: &mut Rng, tally: &mut Tally) {
        if self.life != tally.restarts {
            self.client.disconnect();
        }
        for _ in 0..100 {
            if self.client.body().is_none() {
                self.connect(topics, setting, rng, tally);
            }
            self.receive(&setting.ledger, usize::MAX, tally);
            if self.client.connections().last().unwrap().end() == Some(&End::Closed) {
                setting.ledger.check_over(&mut self.client).unwrap();
                tally.finished += 1;
                return;
            }
        }
        panic!("it has come back a hundred times");
    }
}

fn any_start(rng: &mut Rng, size: &Size) -> Start {
    match rng.u32(..3) {
        0 => Start::Live,
        1 => Start::Earliest,
        _ => Start::Last(rng.usize(..2 * size.events)),
    }
}

fn topics_that_stay(size: &Size) -> TopicsBuilder<Numbered> {
    Topics::builder().channel(Channel::builder().events(size.events).ephemeral(size.ephemeral))
}

impl Setting {
    /// No topic is forgotten, so a topic that retains what its client has not seen goes on.
    fn of_topics_that_stay(size: Size) -> Self {
        Self {
            topics: topics_that_stay,
            ledger: Ledger::new().keeping_ephemeral(size.ephemeral).retaining(size.events),
            kinds: &[Kind::Cursor, Kind::OwnId],
            starts: any_start,
            slow: &[Slow::Disconnect, Slow::Skip],
            states: false,
            closes: false,
            size,
        }
    }

    /// A topic that is forgotten forgets its keys.
    fn of_topics_that_are_forgotten(size: Size) -> Self {
        let ledger = Ledger::new().keeping_ephemeral(size.ephemeral);
        Self {
            topics: |size| topics_that_stay(size).topics(size.topics),
            ledger,
            states: true,
            ..Self::of_topics_that_stay(size)
        }
    }

    fn of_keys(size: Size) -> Self {
        Self {
            kinds: &[Kind::Cursor, Kind::Keyed, Kind::Keyed],
            starts: |rng, size| if rng.bool() { Start::LatestPerKey } else { any_start(rng, size) },
            slow: &[Slow::Disconnect, Slow::Skip, Slow::Coalesce],
            states: true,
            ..Self::of_topics_that_stay(size)
        }
    }

    fn of_all_kinds(size: Size) -> Self {
        Self {
            kinds: &[Kind::Cursor, Kind::OwnId, Kind::Keyed, Kind::Ephemeral],
            slow: &[Slow::Disconnect, Slow::Skip, Slow::Coalesce],
            states: true,
            ..Self::of_topics_that_stay(size)
        }
    }

    fn of_topics_that_are_closed(size: Size) -> Self {
        Self {
            starts: |rng, size| {
                if rng.u32(..4) == 0 { Start::LatestPerKey } else { any_start(rng, size) }
            },
            slow: &[Slow::Disconnect, Slow::Skip],
            closes: true,
            ..Self::of_all_kinds(size)
        }
    }
}

#[test]
fn topics_that_stay_are_reset_only_where_they_must() {
    let tally = run(&mut rng(), &Setting::of_topics_that_stay(LARGE));
    println!("{tally:?}");
    assert!(tally.received > 50_000 && tally.complete > 200 && tally.resets > 200 && tally.caught_up > 500);
    assert!(
        tally.new > 50 && tally.too_late > 10 && tally.begun > 20 && tally.joined > 50 && tally.rejoined > 5
    );
    assert!(tally.finished == LARGE.clients && tally.silent > 100);
}

#[test]
fn topics_that_are_forgotten() {
    let tally = run(&mut rng(), &Setting::of_topics_that_are_forgotten(LARGE));
    println!("{tally:?}");
    assert!(tally.received > 10_000 && tally.complete > 100 && tally.resets > 100 && tally.forgotten > 100);
}

#[test]
fn the_newest_of_each_key_of_each_topic() {
    let tally = run(&mut rng(), &Setting::of_keys(LARGE));
    println!("{tally:?}");
    assert!(tally.received > 50_000 && tally.complete > 200 && tally.resets > 50 && tally.with_state > 100);
    assert!(tally.begun > 50 && tally.finished == LARGE.clients);
}

#[test]
fn ephemeral_events_of_several_topics_in_order() {
    let tally = run(&mut rng(), &Setting::of_all_kinds(Size { steps: 20_000, ..LARGE }));
    println!("{tally:?}");
    assert!(tally.received > 5000 && tally.complete > 100 && tally.finished == LARGE.clients);
}

#[test]
fn topics_that_are_closed_and_made_anew() {
    let tally = run(&mut rng(), &Setting::of_topics_that_are_closed(LARGE));
    println!("{tally:?}");
    assert!(tally.received > 10_000 && tally.complete > 100 && tally.resets > 50 && tally.closed > 20);
    assert_eq!(tally.finished, LARGE.clients);
}

#[test]
fn topics_that_keep_little() {
    const SETTINGS: [fn(Size) -> Setting; 5] = [
        Setting::of_topics_that_stay,
        Setting::of_topics_that_are_forgotten,
        Setting::of_keys,
        Setting::of_all_kinds,
        Setting::of_topics_that_are_closed,
    ];
    let mut rng = rng();
    for setting in SETTINGS {
        let tallies: Vec<_> = (0..20).map(|_| run(&mut rng, &setting(SMALL))).collect();
        let sum = |of: fn(&Tally) -> usize| tallies.iter().map(of).sum::<usize>();
        assert!(sum(|tally| tally.received) > 2000, "{tallies:?}");
        assert!(sum(|tally| tally.complete) > 50 && sum(|tally| tally.resets) > 50, "{tallies:?}");
    }
}

/// Clients break and resume while several threads publish; the order is that which a witness saw.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn publishers_and_clients_on_several_threads() {
    const PUBLISHERS: usize = 4;
    const EACH: usize = 2000;
    let mut rng = rng();
    let names = &NAMES[..5];
    let topics = Topics::<Numbered>::builder().channel(Channel::builder().events(PUBLISHERS * EACH)).build();
    let mut witness = topics.subscribe(names, None).unwrap();
    let done = Arc::new(AtomicBool::new(false));

    let publish = |publisher: usize| {
        let (topics, mut rng) = (topics.clone(), rng.fork());
        tokio::spawn(async move {
            for n in 0..EACH {
                let topic = names[rng.usize(..names.len())];
                let kind = if rng.bool() { Kind::Cursor } else { Kind::OwnId };
                let event = Numbered { topic, n: publisher * EACH + n, kind };
                topics.channel(topic).unwrap().publish(&event).await.unwrap();
                if rng.u32(..10) == 0 {
                    tokio::task::yield_now().await;
                }
            }
        })
    };
    let publishers: Vec<_> = (0..PUBLISHERS).map(publish).collect();
    let clients: Vec<_> =
        (0..6).map(|_| tokio::spawn(follow(topics.clone(), names, rng.fork(), Arc::clone(&done)))).collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    done.store(true, Ordering::Release);

    let ledger = Ledger::new();
    while let Some(frame) = witness.next().now_or_never() {
        let frame = frame.unwrap().unwrap();
        if !frame.is_event() {
            continue;
        }
        let wire = std::str::from_utf8(frame.as_ref()).unwrap();
        let topic = wire.rsplit_once("data: ").unwrap().1.split_once(':').unwrap().0;
        ledger.record(topic, &frame);
    }
    assert_eq!(ledger.len(), PUBLISHERS * EACH);
    for client in clients {
        let mut client = client.await.unwrap();
        assert!(client.connections().len() > 1 && !client.events().is_empty());
        ledger.check_caught_up(&mut client).unwrap();
    }
}

/// Reads here and there until nothing more is published, then all that is left.
async fn follow(
    topics: Topics<Numbered>,
    names: &'static [&'static str],
    mut rng: Rng,
    done: Arc<AtomicBool>,
) -> Client<TopicsSubscription<Numbered>> {
    let mut client = Client::new();
    while !done.load(Ordering::Acquire) {
        let mut names = names.to_vec();
        rng.shuffle(&mut names);
        names.truncate(rng.usize(1..=names.len()));
        client.set_terms(Terms::new().topics(&names));
        client.open(topics.subscribe(&names, client.last_event_id()).unwrap());
        for _ in 0..rng.usize(..20) {
            client.ready_up_to(rng.usize(..50));
            tokio::task::yield_now().await;
        }
    }
    client.set_terms(Terms::new().topics(names));
    client.open(topics.subscribe(names, client.last_event_id()).unwrap());
    client.ready();
    client
}
