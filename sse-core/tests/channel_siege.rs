//! Clients that come, stall and vanish, and applications that use a channel in every legal but odd way.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use support::{data, ready, reset};
use tokio::runtime::{Builder, Runtime};
use tokio::time::{Instant, timeout};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, EventStream, KeepAlive, LastEventId,
    PublishError, ResetReason, Slow, SseEvent, Start, SubscriberLimit, SubscriptionError,
};

/// An event of this key.
struct Keyed(String);

impl SseEvent for Keyed {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.key(&self.0)?.text(&self.0)
    }
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Panics;

impl Wake for Panics {
    fn wake(self: Arc<Self>) {
        panic!("a waker that panics");
    }
}

fn publish<E: SseEvent>(channel: &Channel<E>, event: &E) -> Result<EventId, PublishError> {
    channel.publish(event).now_or_never().unwrap()
}

fn fill(channel: &Channel<Event>, events: usize, bytes: usize) {
    for _ in 0..events {
        publish(channel, &Event::new("x".repeat(bytes))).unwrap();
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

/// The longest that anything here may take, on a clock that does not run by itself.
const LONG: Duration = Duration::from_secs(3600);

#[test]
fn a_runtime_that_stops_takes_no_wake_up_with_it() {
    for published_later in [true, false] {
        let channel = Channel::<Event>::builder().linger(Duration::from_millis(5)).no_checkpoints().build();
        let (mut client, publisher) = (channel.subscribe(None), channel.clone());
        runtime().block_on(async {
            let client = tokio::spawn(async move { client.next().await.unwrap().unwrap() });
            tokio::task::yield_now().await;
            let stops = move || runtime().block_on(publisher.publish(&Event::new("first"))).map(drop);
            std::thread::spawn(stops).join().unwrap().unwrap();
            if published_later {
                channel.publish(&Event::new("second")).await.unwrap();
            }
            let frame = timeout(LONG, client).await.expect("it is woken").unwrap();
            assert_eq!(data(&[frame]), ["first"]);
        });
    }
}

#[test]
fn a_runtime_that_stands_still_keeps_no_wake_up_for_itself() {
    let channel = Channel::<Event>::builder().linger(Duration::from_millis(5)).no_checkpoints().build();
    // As of a thread that publishes now and then, and does something else meanwhile.
    let stands_still = runtime();
    stands_still.block_on(channel.publish(&Event::new("first"))).unwrap();
    let mut client = channel.subscribe(None);
    runtime().block_on(async {
        let client = tokio::spawn(async move { client.next().await.unwrap().unwrap() });
        tokio::time::sleep(LONG).await;
        channel.publish(&Event::new("second")).await.unwrap();
        let frame = timeout(LONG, client).await.expect("it is woken").unwrap();
        assert_eq!(data(&[frame]), ["second"]);
    });
}

#[tokio::test(start_paused = true)]
async fn who_leaves_while_it_waits_is_not_waited_for() {
    let channel = Channel::<Event>::builder().replay_rate(100_000).build();
    fill(&channel, 100, 970);
    for _ in 0..1000 {
        let mut client = channel.subscribe(None).start(Start::Earliest);
        // Its place, and then what has to wait.
        for _ in 0..2 {
            let _ = client.next().now_or_never();
        }
    }
    assert_eq!((channel.subscribers(), channel.counters().waiting), (0, 0));
    let start = Instant::now();
    let client = channel.subscribe(None).start(Start::Earliest).no_checkpoints();
    assert_eq!(client.take(100).count().await, 100);
    let took = start.elapsed().as_secs_f64();
    assert!(took < 5.0, "100 kB, alone, took {took} s");
}

#[tokio::test(start_paused = true)]
async fn long_events_are_replayed_at_the_rate_too() {
    let channel = Channel::<Event>::builder().replay_rate(1 << 20).build();
    fill(&channel, 12, 1 << 20);
    let start = Instant::now();
    let client = channel.subscribe(None).start(Start::Earliest).no_checkpoints();
    assert_eq!(client.take(12).count().await, 12);
    let took = start.elapsed().as_secs_f64();
    // The first is read before it is paid for.
    assert!((10.0..13.0).contains(&took), "12 MiB took {took} s at 1 MiB per second");
}

#[test]
fn one_who_wants_few_of_the_keys_gives_others_their_turn() {
    let channel = Channel::<Keyed>::builder().events(10).keys(100_000).build();
    for n in 0..20_000 {
        publish(&channel, &Keyed(n.to_string())).unwrap();
    }
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let client = channel.subscribe(None).start(Start::LatestPerKey).no_checkpoints();
    let mut client = client.filter(move |frame| {
        counter.fetch_add(1, Ordering::SeqCst);
        frame.key() == Some("19999")
    });
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(Arc::clone(&counted));
    let mut before = 0;
    while client.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending() {
        let now = asked.load(Ordering::SeqCst);
        assert!(now > before && counted.0.swap(0, Ordering::SeqCst) > 0, "it gets on, and comes back");
        assert!(now - before <= 1024, "{} in one turn", now - before);
        before = now;
    }
    assert!(asked.load(Ordering::SeqCst) - before <= 1024, "{asked:?} in one turn");
}

#[tokio::test(start_paused = true)]
async fn a_drain_is_over_when_the_last_one_is_gone() {
    let channel = Channel::<Event>::new();
    let clients: Vec<_> = (0..10).map(|_| channel.subscribe(None)).collect();
    let start = Instant::now();
    let drain = tokio::spawn(async move { channel.drain(Duration::from_secs(100)).await });
    tokio::task::yield_now().await;
    drop(clients);
    let report = drain.await.unwrap();
    assert_eq!((report.ended, report.cut), (10, 0));
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[test]
fn one_that_begins_does_not_lag() {
    static LAG: OnceLock<u64> = OnceLock::new();
    let slot: Arc<OnceLock<Channel<Event>>> = Arc::default();
    let inner = Arc::clone(&slot);
    let channel = Channel::builder()
        .events(10)
        .reset_with(move |_| {
            // Stands for another thread that counts meanwhile.
            LAG.set(inner.get().unwrap().counters().lag).unwrap();
            Event::new("reset")
        })
        .build();
    slot.set(channel.clone()).unwrap();
    fill(&channel, 1000, 1);
    let mut client = channel.subscribe(LastEventId::from("nonsense"));
    assert_eq!(data(&ready(&mut client)), ["reset"]);
    let lag = *LAG.get().unwrap();
    assert!(lag <= 10, "a lag of {lag} events where 10 are retained");
}

#[test]
fn one_waker_that_panics_keeps_no_subscription_from_its_end() {
    let channel = Channel::<Event>::new();
    let mut clients: Vec<_> = (0..3).map(|_| channel.subscribe(None).no_checkpoints()).collect();
    let counted = Arc::new(Counted::default());
    let calm = Waker::from(Arc::clone(&counted));
    for (client, waker) in clients.iter_mut().zip([calm.clone(), Waker::from(Arc::new(Panics)), calm.clone()])
    {
        assert!(client.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(channel))).is_err());
    assert_eq!(counted.0.load(Ordering::SeqCst), 2, "the others are woken");
    for client in &mut clients {
        assert!(client.next().now_or_never().is_some(), "no subscription outlives its channel");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_is_woken_where_it_was_polled_last() {
    let channel = Channel::<Event>::builder().replay_rate(1000).no_checkpoints().build();
    fill(&channel, 3, 970);
    ready(&mut channel.subscribe(None).start(Start::Earliest));
    let mut client = channel.subscribe(None).start(Start::Earliest);
    // Polled in one place, then moved to another, with another waker.
    assert!(client.next().now_or_never().is_none());
    assert_eq!(channel.counters().waiting, 1);
    let moved = tokio::spawn(async move { client.take(3).count().await });
    assert_eq!(timeout(LONG, moved).await.expect("it is woken").unwrap(), 3);
    assert_eq!(channel.counters().waiting, 0);

    let mut client = channel.subscribe(None).start(Start::Earliest);
    assert!(client.next().now_or_never().is_none());
    let moved = tokio::spawn(client.count());
    tokio::task::yield_now().await;
    assert_eq!(channel.drain(Duration::ZERO).await.cut, 1);
    assert_eq!(timeout(Duration::from_millis(1), moved).await.expect("it ends at once").unwrap(), 1);
    assert_eq!(channel.counters().waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn one_that_waits_too_long_and_skips_is_told() {
    let builder = Channel::<Event>::builder().replay_rate(1000).events(3).slow(Slow::Skip);
    let channel = builder.no_checkpoints().build();
    fill(&channel, 3, 970);
    ready(&mut channel.subscribe(None).start(Start::Earliest));
    let mut client = channel.subscribe(None).start(Start::Earliest);
    assert!(client.next().now_or_never().is_none());
    fill(&channel, 5, 10);
    let frames: Vec<_> = client.by_ref().take(4).map(Result::unwrap).collect().await;
    assert_eq!(data(&frames)[0], r#"{"reason":"lagged","missed":5}"#);
    assert_eq!((reset(&client), channel.counters().waiting), ((ResetReason::Lagged, Some(5)), 0));
}

#[tokio::test(start_paused = true)]
async fn the_rate_has_no_edge() {
    for rate in [0, 1, u64::MAX] {
        let channel = Channel::<Event>::builder().replay_rate(rate).no_checkpoints().build();
        fill(&channel, 100, 970);
        let start = Instant::now();
        for _ in 0..10 {
            let client = channel.subscribe(None).start(Start::Last(usize::MAX));
            assert_eq!(client.take(100).count().await, 100);
        }
        let took = start.elapsed().as_secs();
        let expected = if rate == u64::MAX { 0..1 } else { 800_000..1_000_000 };
        assert!(expected.contains(&took), "{rate} bytes per second: {took} s");
    }
}

#[tokio::test(start_paused = true)]
async fn who_never_polls_leaves_nothing_behind() {
    let limit = SubscriberLimit::new(10);
    let channel = Channel::<Event>::builder().limit(&limit).replay_rate(1).build();
    fill(&channel, 10, 970);
    for _ in 0..1000 {
        let client = channel.subscribe(LastEventId::from("nonsense")).start(Start::Earliest);
        let produce = || async { Ok::<_, Infallible>((Vec::<Event>::new(), channel.cursor())) };
        drop(client.snapshot(produce));
    }
    let counters = channel.counters();
    assert_eq!((limit.taken(), counters.subscribers, counters.waiting), (0, 0, 0));
    assert_eq!((counters.subscribed, counters.sent_away, counters.resets.total()), (1000, 0, 0));
    assert_eq!(channel.drain(LONG).await.ended, 0);
}

#[test]
fn an_applications_reset_that_panics_keeps_no_place() {
    let limit = SubscriberLimit::new(1);
    let channel = Channel::<Event>::builder().limit(&limit).reset_with(|_| panic!("no reset")).build();
    for _ in 0..10 {
        let mut client = channel.subscribe(LastEventId::from("nonsense"));
        let next = AssertUnwindSafe(move || client.next().now_or_never());
        assert!(catch_unwind(next).is_err());
    }
    assert_eq!((limit.taken(), channel.subscribers()), (0, 0));
    assert!(channel.subscribe(None).no_checkpoints().next().now_or_never().is_none());
}

#[test]
fn an_applications_filter_may_use_its_channel() {
    let channel = Channel::<Event>::builder().events(100).build();
    fill(&channel, 3, 1);
    let inner = channel.clone();
    let mut client = channel.subscribe(None).start(Start::Earliest).checkpoint(1).filter(move |frame| {
        let mut other = inner.subscribe(LastEventId::from(frame.id().unwrap())).start(Start::LatestPerKey);
        let counters = inner.counters();
        assert_eq!((counters.subscribers, inner.subscribers()), (2, 2));
        ready(&mut other);
        if counters.published < 10 {
            publish(&inner, &Event::new("from a filter")).unwrap();
        }
        counters.published > 5
    });
    let frames = ready(&mut client);
    assert_eq!((frames.len(), data(&frames).len()), (11, 7), "three were left out, and said so");
    assert!(
        !frames[0].is_event() && support::sequence(frames[0].id().unwrap()) == 0,
        "its place comes first"
    );
    assert_eq!(channel.counters().lag, 0);
}

#[tokio::test]
async fn a_waker_may_publish_and_subscribe() {
    struct Publishes(Channel<Event>);
    impl Wake for Publishes {
        fn wake(self: Arc<Self>) {
            publish(&self.0, &Event::new("from a waker")).unwrap();
            ready(&mut self.0.subscribe(None).start(Start::Earliest));
        }
    }
    let channel = Channel::<Event>::new();
    let mut clients: Vec<_> = (0..100).map(|_| channel.subscribe(None).no_checkpoints()).collect();
    let waker = Waker::from(Arc::new(Publishes(channel.clone())));
    for client in &mut clients {
        assert!(client.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    publish(&channel, &Event::new("first")).unwrap();
    assert!(clients.iter_mut().all(|client| ready(client).len() == 101));
}

#[test]
fn bounds_of_nothing_and_of_everything() {
    let nothing = Channel::<Event>::builder().event_bytes(0).no_checkpoints().build();
    assert!(matches!(publish(&nothing, &Event::new("")), Err(PublishError::TooLong { limit: 0, .. })));
    assert_eq!(ready(&mut nothing.subscribe(None).start(Start::Earliest)).len(), 0);

    let one = Channel::<Keyed>::builder().events(0).keys(0).age(Duration::MAX).build();
    for key in ["a", "b", "b"] {
        publish(&one, &Keyed(key.into())).unwrap();
    }
    for start in [Start::LatestPerKey, Start::Earliest, Start::Last(usize::MAX), Start::Last(1)] {
        let told = usize::from(start == Start::Earliest);
        let frames = ready(&mut one.subscribe(None).start(start).no_checkpoints());
        assert_eq!(data(&frames)[told..], ["b"], "{start:?}");
        assert!(told == 0 || data(&frames)[0].contains(r#""missed":2"#));
    }
    assert_eq!(ready(&mut one.subscribe(None).start(Start::Last(0)).no_checkpoints()).len(), 0);
    let everything = Channel::<Event>::builder().events(usize::MAX).bytes(usize::MAX).keys(usize::MAX);
    let everything = everything.ephemeral(usize::MAX).no_checkpoints().build();
    fill(&everything, 10, 1);
    assert_eq!(ready(&mut everything.subscribe(None).start(Start::Last(usize::MAX))).len(), 10);
}

#[tokio::test(start_paused = true)]
async fn what_is_as_old_as_it_may_be_is_retained_and_a_moment_later_is_not() {
    let channel = Channel::<Event>::builder().age(Duration::from_secs(10)).build();
    let before = channel.cursor();
    fill(&channel, 1, 1);
    tokio::time::advance(Duration::from_secs(10)).await;
    assert_eq!(ready(&mut channel.subscribe(LastEventId::from(before.clone()))).len(), 1);
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(reset(&channel.subscribe(LastEventId::from(before))), (ResetReason::Trimmed, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_at_a_cursor_from_nowhere_is_no_loop_and_no_hole() {
    let (channel, other) = (Channel::<Event>::new(), Channel::<Event>::new());
    fill(&channel, 3, 1);
    fill(&other, 3, 1);
    let future = channel.cursor().as_str().replace("-3", "-4");
    for cursor in [other.cursor(), EventId::new(future).unwrap(), EventId::new("own").unwrap()] {
        let calls = AtomicUsize::new(0);
        let start = Instant::now();
        let mut client = pin!(channel.subscribe(None).no_checkpoints().snapshot(|| {
            calls.fetch_add(1, Ordering::SeqCst);
            let cursor = cursor.clone();
            async { Ok::<_, Infallible>((vec![Event::new("state")], cursor)) }
        }));
        match client.next().await {
            Some(Err(SubscriptionError::SnapshotCursor(named))) => assert_eq!(named, cursor),
            other => panic!("{other:?} for {cursor:?}"),
        }
        assert!(client.next().await.is_none());
        assert_eq!(calls.load(Ordering::SeqCst), 3);
        assert_eq!(start.elapsed().as_millis() / 10, 50, "a pause of 100 ms, and one of 400");
    }
}

#[tokio::test]
async fn an_empty_snapshot_is_followed_by_every_event_behind_it() {
    let channel = Channel::<Event>::new();
    fill(&channel, 3, 1);
    let produce = || {
        let cursor = channel.cursor();
        // Meanwhile, and before the client begins to follow.
        publish(&channel, &Event::new("meanwhile")).unwrap();
        async { Ok::<_, Infallible>((Vec::<Event>::new(), cursor)) }
    };
    let mut client = pin!(channel.subscribe(None).snapshot(produce));
    let frames: Vec<_> = client.by_ref().take(3).map(Result::unwrap).collect().await;
    assert_eq!(data(&frames), ["meanwhile"]);
    // Nothing but a block of its own can tell where an empty state stands.
    let [place, checkpoint, meanwhile] = &frames[..] else { panic!("{frames:?}") };
    assert!(place.id().unwrap().ends_with("~3") && !place.is_event());
    assert!(checkpoint.id().unwrap().ends_with("-3") && !checkpoint.is_event());
    assert!(meanwhile.id().unwrap().ends_with("-4"));
    assert!(client.next().now_or_never().is_none());
}

#[tokio::test]
async fn after_a_restart_any_cursor_stands_in_front_of_all_that_will_come() {
    let channel = Channel::<Event>::new();
    let produce =
        || async { Ok::<_, Infallible>((vec![Event::new("state")], EventId::new("row 42").unwrap())) };
    let mut client = pin!(channel.subscribe(None).no_checkpoints().snapshot(produce));
    let state = client.next().await.unwrap().unwrap();
    assert_eq!(state.id(), Some("row 42"));
    assert_eq!(data(&[state]), ["state"]);
    publish(&channel, &Event::new("first")).unwrap();
    assert_eq!(data(&[client.next().await.unwrap().unwrap()]), ["first"]);
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_snapshots_in_every_stage() {
    let channel = Channel::<Event>::builder().replay_rate(1).build();
    fill(&channel, 10, 970);
    ready(&mut channel.subscribe(None).start(Start::Earliest));
    let beginning = EventId::new(channel.cursor().as_str().replace("-10", "-0")).unwrap();
    let mut clients = Vec::new();
    // Some have sent a part of the state; all have to wait for their turn to replay behind it.
    for n in 0..5 {
        let (subscription, cursor) = (channel.subscribe(None).no_checkpoints(), beginning.clone());
        let mut client = Box::pin(subscription.snapshot(move || {
            let cursor = cursor.clone();
            async { Ok::<_, Infallible>((vec![Event::new("a"), Event::new("b"), Event::new("c")], cursor)) }
        }));
        for _ in 0..n {
            let _ = client.next().now_or_never();
        }
        clients.push(tokio::spawn(async move { client.map(Result::unwrap).collect::<Vec<_>>().await }));
    }
    let report = channel.drain(Duration::from_secs(10)).await;
    assert_eq!((report.ended, report.cut), (5, 0));
    for client in clients {
        assert!(!client.await.unwrap().last().unwrap().is_event());
    }
    assert_eq!(channel.counters().waiting, 0);
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_goes_while_a_wake_up_is_due_ends_its_streams() {
    let channel = Channel::<Event>::builder().linger(LONG).no_checkpoints().build();
    let client = tokio::spawn(channel.subscribe(None).map(Result::unwrap).collect::<Vec<_>>());
    tokio::task::yield_now().await;
    channel.publish(&Event::new("last")).await.unwrap();
    let start = Instant::now();
    drop(channel);
    let frames = client.await.unwrap();
    assert_eq!(data(&frames), ["last"]);
    assert!(
        frames.last().unwrap().as_ref().starts_with(b"retry: ") && start.elapsed() < Duration::from_secs(1)
    );
}

#[tokio::test(start_paused = true)]
async fn a_keep_alive_of_any_interval() {
    for seconds in [1 << 40, 1 << 60, u64::MAX] {
        let idle = stream::pending::<Result<Event, Infallible>>();
        let keep_alive = KeepAlive::new().with_interval(Duration::from_secs(seconds));
        let mut body = EventStream::new(idle).keep_alive(keep_alive).retry(Duration::MAX);
        assert!(body.next().await.unwrap().unwrap().starts_with(b"retry: "));
        assert!(timeout(LONG, body.next()).await.is_err(), "{seconds} s");
    }
    let idle = stream::pending::<Result<Event, Infallible>>();
    let mut body = EventStream::new(idle).keep_alive(KeepAlive::new().with_interval(Duration::ZERO));
    body.next().await.unwrap().unwrap();
    let start = Instant::now();
    for _ in 0..100 {
        assert_eq!(body.next().await.unwrap().unwrap(), ":\n");
    }
    assert!(start.elapsed() >= Duration::from_millis(100), "it does not spin");
}
