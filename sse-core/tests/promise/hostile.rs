//! What nobody should send, set or do, and what must not break by it.

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{Channel, Event, EventId, SharedSnapshot, Slow, Start, Topics};

use super::{Row, numbers, publish, see};

const STARTS: [Start; 6] = [
    Start::Live,
    Start::Earliest,
    Start::Last(0),
    Start::Last(2),
    Start::Last(usize::MAX),
    Start::LatestPerKey,
];

/// In the form of a channel's cursors, and never given out.
#[tokio::test]
async fn any_id_is_answered() {
    let channel = Channel::<Row>::builder().events(3).keys(2).build();
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(3).keys(2)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    for n in 0..10 {
        publish(&channel, &Row::Price(n % 4, n));
        publish(if n % 3 == 0 { &a } else { &b }, &Row::Price(n % 4, n));
    }
    let epoch = |id: EventId| id.as_str().split('-').next().unwrap().to_owned();
    let epochs = [epoch(channel.cursor()), epoch(topics.cursor()), "oldepoch".to_owned()];
    let numbers = ["0", "1", "3", "8", "10", "11", "18446744073709551615", "18446744073709551616"];
    let mut ids = vec![String::new(), "~".to_owned(), "x".repeat(5000)];
    for epoch in &epochs {
        for first in numbers {
            ids.extend([format!("{epoch}-{first}"), format!("{epoch}~{first}"), format!("{epoch}*{first}")]);
            for second in numbers {
                ids.push(format!("{epoch}~{first}.{second}"));
                for (sign, here) in [('-', '-'), ('-', '*'), ('~', '-'), ('~', '*'), ('*', '-'), ('*', '*')] {
                    ids.push(format!("{epoch}{sign}{first}_1{here}{second}"));
                    ids.push(format!(
                        "{epoch}{sign}{first}_1{here}{second}_2{sign}{second}_4294967295-{first}"
                    ));
                }
            }
        }
    }
    for id in &ids {
        for start in STARTS {
            for slow in [Slow::Disconnect, Slow::Skip, Slow::Coalesce] {
                let one = channel.subscribe(&**id).start(start).slow(slow);
                let seen = see(&mut one.filter(|frame| frame.key() != Some("1")).checkpoint(0));
                assert!(!seen.failed && seen.resets().len() <= 1, "{id} {seen:?}");
                for names in [&["a"][..], &["a", "b", "new"]] {
                    let some = topics.subscribe(names, &**id).unwrap().joining(["b"]).start(start).slow(slow);
                    let seen = see(&mut some.until(|frame| frame.key() == Some("3")));
                    assert!(!seen.failed && seen.resets().len() <= 1, "{id} {seen:?}");
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn any_bound_is_a_bound() {
    let none = || {
        let channel = Channel::builder().events(0).keys(0).ephemeral(0).snapshots(0).replay_rate(0);
        channel.age(Duration::ZERO).linger(Duration::ZERO)
    };
    let most = || {
        let channel = Channel::builder().events(usize::MAX).keys(usize::MAX).ephemeral(usize::MAX);
        let channel = channel.snapshots(usize::MAX).replay_rate(u64::MAX).age(Duration::MAX);
        channel.bytes(usize::MAX).event_bytes(usize::MAX).subscribers(usize::MAX).linger(Duration::MAX)
    };
    for channel in [none(), most()] {
        for (bytes, idle) in [(64, Duration::ZERO), (usize::MAX, Duration::MAX)] {
            let topics = Topics::<Row>::builder().channel(channel.clone()).bytes(bytes).idle(idle).build();
            for start in STARTS {
                let mut both = topics.subscribe(["a", "b"], None).unwrap().start(start).slow(Slow::Skip);
                for n in 0..20 {
                    let channel = topics.channel(["a", "b"][n as usize % 2]).unwrap();
                    publish(&channel, &Row::Price(n % 3, n));
                    publish(&channel, &Row::Typing);
                    tokio::time::sleep(Duration::from_millis(2)).await;
                    assert!(!see(&mut both).failed);
                }
            }
            topics.close("a");
            assert!(topics.counters().retained_bytes <= bytes as u64);
        }
    }
    let full = Topics::<Row>::builder().topics(0).build();
    assert!(full.channel("a").is_err() && full.subscribe(["a"], None).unwrap().next().await.is_some());
    let nothing = Channel::<Row>::builder().bytes(0).build();
    assert!(nothing.publish_now(&Row::Note(1)).is_err());
}

/// Nothing is locked behind a function of the application's that panics.
#[tokio::test(start_paused = true)]
async fn a_panic_of_the_application_is_its_own() {
    let channel = Channel::<Row>::builder().reset_with(|_| panic!("reset")).build();
    let id = publish(&channel, &Row::Note(1));
    let panics = |run: &mut dyn FnMut()| assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    panics(&mut || drop(channel.subscribe("nonsense").next().now_or_never()));
    panics(&mut || drop(channel.subscribe(id.clone()).until(|_| panic!("until"))));
    let mut narrow = channel.subscribe(None).no_checkpoints().filter(|_| panic!("filter"));
    publish(&channel, &Row::Note(2));
    panics(&mut || drop(narrow.next().now_or_never()));
    let shared = SharedSnapshot::new({
        let times = AtomicUsize::new(0);
        move || {
            let first = times.fetch_add(1, Ordering::Relaxed) == 0;
            async move {
                assert!(!first, "produce");
                Ok::<_, Infallible>((vec![Row::Note(9)], EventId::new("9").unwrap()))
            }
        }
    });
    let empty = Channel::<Row>::builder().snapshots(1).build();
    let connect = || Box::pin(empty.subscribe(None).no_checkpoints().shared_snapshot(&shared));
    panics(&mut || drop(connect().next().now_or_never()));
    assert_eq!(see(&mut connect()).data(), ["note 9"]);
    let own = || {
        let panicking =
            || -> std::future::Ready<Result<(Vec<Row>, EventId), Infallible>> { panic!("produce") };
        Box::pin(empty.subscribe(None).no_checkpoints().snapshot(panicking))
    };
    panics(&mut || drop(own().next().now_or_never()));
    panics(&mut || drop(own().next().now_or_never()));
    let topics = Topics::<Row>::builder().encode_with(|_, _, _| panic!("encode")).build();
    let encoded = topics.channel("a").unwrap();
    panics(&mut || drop(encoded.publish_now(&Row::Note(1))));
    topics.close("a");
    // All of it goes on.
    publish(&channel, &Row::Note(3));
    assert_eq!(see(&mut channel.subscribe(id)).data(), ["note 2", "note 3"]);
}

#[tokio::test(start_paused = true)]
async fn what_has_ended_stays_ended() {
    let channel = Channel::<Event>::builder().events(2).build();
    numbers(&channel, 1..=1);
    let mut until = channel.subscribe(None).until(|_| true);
    let mut lagging = channel.subscribe(None);
    let mut open = channel.subscribe(None);
    let state = || {
        let cursor = channel.cursor();
        // Nothing more comes while it is made.
        channel.finish_now();
        async { Ok::<_, Infallible>((vec![Event::new("state")], cursor)) }
    };
    numbers(&channel, 2..=5);
    see(&mut open);
    let mut snapshot = Box::pin(channel.subscribe(None).snapshot(state));
    let seen = see(&mut snapshot);
    assert_eq!((seen.data(), seen.ended), (vec!["state"], true));
    see(&mut until);
    see(&mut lagging);
    for _ in 0..3 {
        assert!(snapshot.next().await.is_none() && lagging.next().await.is_none());
        assert!(until.next().await.is_none() && open.next().await.is_none());
    }
    // What was polled once has published, whether or not it was waited for.
    let other = Channel::<Event>::new();
    for _ in 0..300 {
        let _ = other.publish(&Event::new("x")).now_or_never();
    }
    drop(other.publish(&Event::new("never polled")));
    assert_eq!(other.counters().published, 300);
}
