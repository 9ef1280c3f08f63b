//! Topics that are made, trimmed and forgotten at random; clients of one to five of them, other ones after each
//! connection, that stall, break and resume; restarts; event IDs that are cursors, and events' own. Each client's
//! events are checked against the ledger of what was published.
//!
//! The seed is printed; `TYPED_SSE_SEED=n` replays it.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use fastrand::Rng;
use futures_util::{FutureExt as _, StreamExt as _};
use support::rng;
use typed_sse_core::testing::{Client, Ledger, Terms};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, EventId, Resumption, Slow, SseEvent, Start, Topics,
    TopicsBuilder, TopicsSubscription,
};

const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
const CLIENTS: usize = 30;
const RETAINED: usize = 100;

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
}

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        let Self { topic, n, kind } = self;
        let encoder = match kind {
            Kind::Cursor => encoder,
            Kind::OwnId => encoder.id(&EventId::new(format!("{topic}/{n}"))?)?,
            Kind::Keyed => encoder.key(&(n % 5).to_string())?,
            Kind::Ephemeral => encoder.ephemeral()?,
        };
        encoder.text(&format!("{topic}:{n}"))
    }
}

#[derive(Debug, Default)]
struct Tally {
    received: usize,
    complete: usize,
    resets: usize,
    begun: usize,
    refused: usize,
    restarts: usize,
    caught_up: usize,
    forgotten: usize,
    was_ephemeral: bool,
}

/// What differs between the tests.
struct Setting {
    topics: fn() -> TopicsBuilder<Numbered>,
    ledger: Ledger,
    steps: usize,
    kinds: &'static [Kind],
    starts: fn(&mut Rng) -> Start,
    slow: &'static [Slow],
}

fn run(rng: &mut Rng, setting: &Setting) -> Tally {
    let ledger = &setting.ledger;
    let mut topics = (setting.topics)().build();
    let mut clients: Vec<Client<TopicsSubscription<Numbered>>> =
        (0..CLIENTS).map(|_| ledger.client()).collect();
    let mut tally = Tally::default();
    for step in 0..setting.steps {
        if step == setting.steps / 2 || rng.u32(..20_000) == 0 {
            // Whoever was connected can still read what was there.
            topics = (setting.topics)().build();
            ledger.restart();
            tally.restarts += 1;
        }
        let client = &mut clients[rng.usize(..CLIENTS)];
        match rng.u32(..1000) {
            0..600 => publish(&topics, setting, rng, &mut tally),
            600..602 => {
                (0..rng.usize(..4 * RETAINED)).for_each(|_| publish(&topics, setting, rng, &mut tally))
            }
            _ => match (client.body(), rng.u32(..10)) {
                (None, _) => connect(client, &topics, setting, rng, &mut tally),
                (Some(_), 0) => client.disconnect(),
                (Some(_), 1) => client.cut_after(rng.usize(..100)),
                // It stalls.
                (Some(_), 2..4) => {}
                (Some(_), _) => receive(client, ledger, rng.usize(..200), &mut tally),
            },
        }
        tally.forgotten += usize::from(topics.len() < NAMES.len());
    }
    clients.iter_mut().for_each(|client| receive(client, ledger, usize::MAX, &mut tally));
    tally
}

fn publish(topics: &Topics<Numbered>, setting: &Setting, rng: &mut Rng, tally: &mut Tally) {
    // Some are busier than others.
    let topic = NAMES[rng.usize(..NAMES.len()).min(rng.usize(..NAMES.len()))];
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

fn connect(
    client: &mut Client<TopicsSubscription<Numbered>>,
    topics: &Topics<Numbered>,
    setting: &Setting,
    rng: &mut Rng,
    tally: &mut Tally,
) {
    let names: Vec<&str> = (0..rng.usize(1..=5)).map(|_| NAMES[rng.usize(..NAMES.len())]).collect();
    let (start, slow) = ((setting.starts)(rng), setting.slow[rng.usize(..setting.slow.len())]);
    let Ok(subscription) = topics.subscribe(&names, client.last_event_id()) else {
        tally.refused += 1;
        return;
    };
    let subscription = subscription.start(start).slow(slow);
    match subscription.resumption() {
        Resumption::Complete => tally.complete += 1,
        Resumption::Reset(_) => tally.resets += 1,
        // There was no room for a topic.
        _ if !client.last_event_id().is_empty() => tally.refused += 1,
        _ => tally.begun += 1,
    }
    client.set_terms(Terms::new().topics(&names).start(start).slow(slow)).open(subscription);
}

fn receive(
    client: &mut Client<TopicsSubscription<Numbered>>,
    ledger: &Ledger,
    most: usize,
    tally: &mut Tally,
) {
    let received = client.ready_up_to(most).len();
    tally.received += received;
    if received < most && client.body().is_some() {
        tally.caught_up += 1;
        ledger.check_caught_up(client).unwrap();
    } else {
        ledger.check(client).unwrap();
    }
    client.clear();
}

fn any_start(rng: &mut Rng) -> Start {
    match rng.u32(..3) {
        0 => Start::Live,
        1 => Start::Earliest,
        _ => Start::Last(rng.usize(..2 * RETAINED)),
    }
}

#[test]
fn topics_that_stay_are_reset_only_where_they_must() {
    let setting = Setting {
        topics: || Topics::builder().channel(Channel::builder().events(RETAINED)),
        // No topic is forgotten, so a topic that retains what its client has not seen goes on.
        ledger: Ledger::new().retaining(RETAINED),
        steps: 30_000,
        kinds: &[Kind::Cursor, Kind::OwnId],
        starts: any_start,
        slow: &[Slow::Disconnect, Slow::Skip],
    };
    let tally = run(&mut rng(), &setting);
    println!("{tally:?}");
    assert!(tally.received > 50_000 && tally.complete > 200 && tally.resets > 200 && tally.caught_up > 500);
    assert_eq!(tally.refused, 0);
}

#[test]
fn topics_that_are_forgotten() {
    let setting = Setting {
        topics: || Topics::builder().topics(9).channel(Channel::builder().events(RETAINED)),
        ledger: Ledger::new(),
        steps: 30_000,
        kinds: &[Kind::Cursor, Kind::OwnId],
        starts: any_start,
        slow: &[Slow::Disconnect, Slow::Skip],
    };
    let tally = run(&mut rng(), &setting);
    println!("{tally:?}");
    assert!(tally.received > 10_000 && tally.complete > 100 && tally.resets > 100 && tally.forgotten > 100);
}

#[test]
fn the_newest_of_each_key_of_each_topic() {
    let setting = Setting {
        topics: || Topics::builder().channel(Channel::builder().events(RETAINED)),
        ledger: Ledger::new().retaining(RETAINED),
        steps: 30_000,
        kinds: &[Kind::Cursor, Kind::Keyed, Kind::Keyed],
        starts: |rng| if rng.bool() { Start::LatestPerKey } else { any_start(rng) },
        slow: &[Slow::Disconnect, Slow::Skip, Slow::Coalesce],
    };
    let tally = run(&mut rng(), &setting);
    println!("{tally:?}");
    assert!(tally.received > 50_000 && tally.complete > 200 && tally.resets > 50);
}

#[test]
fn ephemeral_events_of_several_topics_in_order() {
    let setting = Setting {
        topics: || Topics::builder().channel(Channel::builder().events(RETAINED)),
        ledger: Ledger::new().retaining(RETAINED),
        steps: 20_000,
        kinds: &[Kind::Cursor, Kind::OwnId, Kind::Keyed, Kind::Ephemeral],
        starts: any_start,
        slow: &[Slow::Disconnect, Slow::Skip],
    };
    let tally = run(&mut rng(), &setting);
    println!("{tally:?}");
    assert!(tally.received > 5000 && tally.complete > 100);
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
