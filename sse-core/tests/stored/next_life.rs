//! Clients and answers that come when the log has another life already.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use tokio::sync::Semaphore;
use typed_sse_core::store::{Appended, Batch, BoxFuture, Page, Range, Store, StoredLog};
use typed_sse_core::{Channel, Event, EventId, LastEventId, Slow, Start, Topics};
use typed_sse_store_conformance::{Limits, Memory};

use crate::support::*;

/// Holds back its answer to the next who asks for no record, once it is told to; and what those who follow get, while it is told to.
#[derive(Clone, Debug)]
struct Held {
    store: Memory,
    holds: Arc<AtomicBool>,
    stands_still: Arc<AtomicBool>,
    is_asked: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

impl Store for Held {
    fn open<'a>(&'a self, name: &'a str) -> BoxFuture<'a, StoredLog> {
        self.store.open(name)
    }

    fn append<'a>(&'a self, log: &'a StoredLog, batch: Batch<'a>) -> BoxFuture<'a, Appended> {
        self.store.append(log, batch)
    }

    fn read<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        let is_held = range.records == 0 && self.holds.swap(false, Ordering::SeqCst);
        Box::pin(async move {
            let page = self.store.read(log, range).await;
            if is_held {
                self.is_asked.add_permits(1);
                self.answers.acquire().await.unwrap().forget();
            }
            page
        })
    }

    fn follow<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        Box::pin(async move {
            let page = self.store.follow(log, range).await?;
            if !self.stands_still.load(Ordering::SeqCst) {
                return Ok(page);
            }
            while self.stands_still.load(Ordering::SeqCst) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            self.store.follow(log, range).await
        })
    }

    fn find<'a>(&'a self, log: &'a StoredLog, topic: &'a str, id: &'a str) -> BoxFuture<'a, Option<u64>> {
        self.store.find(log, topic, id)
    }

    fn newest<'a>(&'a self, log: &'a StoredLog, range: Range<'a>) -> BoxFuture<'a, Page> {
        self.store.newest(log, range)
    }
}

impl Held {
    fn of(store: &Memory) -> Self {
        let (is_asked, answers) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        Self { store: store.clone(), holds: Arc::default(), stands_still: Arc::default(), is_asked, answers }
    }
}

/// What the store had let go of in the life before says nothing of this one.
#[tokio::test]
async fn what_the_store_let_go_of_in_the_life_before_is_not_missed_in_this_one() {
    let memory = Memory::with_limits(Limits::records(10));
    let store = Held::of(&memory);
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(2));
    let topics = topics.store(store.clone(), "market").open().await.unwrap();
    let a = topics.channel("a").unwrap();
    for n in 0..100 {
        publish(&a, n).await;
    }
    // It has nothing yet of what it began with, which was there when 90 events were gone.
    let has_nothing = EventId::new(format!("{}.90", topics.cursor().as_str().replace('-', "~"))).unwrap();

    store.holds.store(true, Ordering::SeqCst);
    let mut back = topics.subscribe(["a"], last(&has_nothing)).unwrap();
    assert_quiet(&mut back);
    store.is_asked.acquire().await.unwrap().forget();
    lose(&memory, &a).await;
    let seen = topics.cursor();
    store.answers.add_permits(1);
    assert!(events(&mut back, 1).await[0].starts_with("reset"));

    // The window has the last two.
    for n in 1..=5 {
        publish(&a, n).await;
    }
    let mut client = topics.subscribe(["a"], last(&seen)).unwrap();
    assert_eq!(events(&mut client, 5).await, numbers(1..=5));
}

/// It is let begin, and the log is lost before it is polled for the first time: it gets all of the next life, or is told; and so when it comes
/// back with whatever it was given first.
#[tokio::test]
async fn who_was_not_polled_in_the_life_before_gets_all_of_this_one() {
    let starts = [Start::Live, Start::Earliest, Start::Last(2), Start::Last(0), Start::LatestPerKey];
    let slow = [Slow::Disconnect, Slow::Skip, Slow::Coalesce];
    for (start, slow) in starts.into_iter().flat_map(|start| slow.map(|slow| (start, slow))) {
        for (keeps, names, comes_back) in [
            (1000, None, false),
            (1000, None, true),
            (6, None, false),
            (6, None, true),
            (1000, Some(&["a"][..]), false),
            (1000, Some(&["a", "b"]), true),
        ] {
            let store = Memory::with_limits(Limits::records(keeps));
            let builder = Channel::<Event>::builder().events(4);
            let topics = Topics::builder().channel(builder.clone()).store(store.clone(), "market");
            let topics = topics.open().await.unwrap();
            let market = match names {
                None => builder.store(store.clone(), "market").open().await.unwrap(),
                Some(_) => topics.channel("a").unwrap(),
            };
            let open = |id: LastEventId| -> Pin<Box<dyn Frames>> {
                match names {
                    None => Box::pin(market.subscribe(id).start(start).slow(slow)),
                    Some(names) => Box::pin(topics.subscribe(names, id).unwrap().start(start).slow(slow)),
                }
            };
            let case = format!("{start:?} {slow:?} {keeps} {names:?} {comes_back}");
            let mut seen = EventId::new("x").unwrap();
            for n in 1..=10 {
                let id = publish(&market, format!("old {n}")).await;
                seen = if n == 9 { id } else { seen };
            }
            let mut client = open(if comes_back { last(&seen) } else { LastEventId::default() });
            lose(&store, &market).await;
            for n in 1..=10 {
                publish(&market, n).await;
            }
            let first = client.next().await.unwrap().unwrap();
            let id = EventId::new(first.id().unwrap()).unwrap();
            let told = shown(&first).is_some();
            assert!(told || !comes_back, "{case} {first:?}");
            let mut back = open(last(&id));
            for client in [&mut client, &mut back] {
                let mut came = Vec::new();
                while came.last().is_none_or(|last| last != "10") {
                    came.extend(events(client, 1).await);
                }
                let all: Vec<_> = ["in the next life", "again"]
                    .map(str::to_owned)
                    .into_iter()
                    .chain(numbers(1..=10))
                    .collect();
                let is_told = told || came[0].starts_with("reset");
                assert!(is_told || came == all, "{case} {came:?}");
                assert!(!came.iter().any(|data| data.starts_with("old")), "{case} {came:?}");
            }
        }
    }
}

/// The store has let go of what its server had not read yet, in one topic. Of the other, the client gets no more than it was to.
#[tokio::test]
async fn who_was_not_polled_before_a_topic_lost_something_begins_in_the_other_as_of_then() {
    for start in [Start::Live, Start::Last(2)] {
        let memory = Memory::with_limits(Limits::records(10));
        let held = Held::of(&memory);
        let topics = || Topics::<Event>::builder().channel(Channel::builder().events(4).slow(Slow::Skip));
        let here = topics().store(held.clone(), "market").open().await.unwrap();
        let there = topics().store(memory.clone(), "market").open().await.unwrap();
        let (_a, _b) = (here.channel("a").unwrap(), here.channel("b").unwrap());
        let (a, b) = (there.channel("a").unwrap(), there.channel("b").unwrap());
        for n in 1..=8 {
            publish(&b, format!("b{n}")).await;
        }
        let newest = publish(&a, "a0").await;
        while here.cursor() != newest {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut client = here.subscribe(["a", "b"], None).unwrap().start(start);
        held.stands_still.store(true, Ordering::SeqCst);
        let mut newest = newest;
        for n in 1..=50 {
            newest = publish(&a, format!("a{n}")).await;
        }
        held.stands_still.store(false, Ordering::SeqCst);
        while here.cursor() != newest {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let mut came = Vec::new();
        while came.last().is_none_or(|last| last != "a50") {
            came.extend(events(&mut client, 1).await);
        }
        assert!(came[0].starts_with("reset"), "{came:?}");
        let of_b: Vec<_> = came.iter().filter(|data| data.starts_with('b')).collect();
        let wanted = if start == Start::Live { &[][..] } else { &["b7", "b8"] };
        assert_eq!(of_b, wanted, "{start:?}");
    }
}
