//! Clients that begin with the application's state.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::ops::Range;
use std::pin::pin;
use std::time::Duration;

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use support::data;
use typed_sse_core::testing::{Ledger, Terms};
use typed_sse_core::{
    Channel, Event, EventId, Frame, LastEventId, ResetReason, Resumption, SubscriptionError,
};

async fn publish(channel: &Channel<Event>, numbers: impl IntoIterator<Item = u32>) {
    for n in numbers {
        channel.publish(&Event::new(n.to_string())).await.unwrap();
    }
}

fn ready(stream: &mut (impl Stream<Item = Result<Frame, SubscriptionError>> + Unpin)) -> Vec<Frame> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

fn state(n: u32) -> Vec<Event> {
    let part = |name: &str| Event::new(format!("{name} at {n}")).with_id(EventId::new("own").unwrap());
    vec![part("a"), part("b")]
}

#[tokio::test]
async fn the_state_then_everything_behind_its_cursor() {
    let channel = Channel::new();
    publish(&channel, 0..3).await;
    let (release, released) = tokio::sync::oneshot::channel();
    let mut released = Some(released);
    let mut client = pin!(channel.subscribe(None).snapshot(|| {
        let (cursor, released) = (channel.cursor(), released.take().unwrap());
        async move {
            released.await.unwrap();
            Ok::<_, Infallible>((state(3), cursor))
        }
    }));
    let place = ready(&mut client);
    assert_eq!((place.len(), place[0].is_event()), (1, false));
    assert!(place[0].id().unwrap().ends_with("~3"), "it has nothing yet, and began here");
    // Published while the state is being read: behind it, once.
    publish(&channel, 3..6).await;
    release.send(()).unwrap();
    let frames = ready(&mut client);
    assert_eq!(data(&frames), ["a at 3", "b at 3", "3", "4", "5"]);
    assert_eq!(frames[0].id(), None, "who breaks off here gets a whole snapshot again");
    assert!(frames[1].id().unwrap().ends_with("-3"));
    publish(&channel, 6..7).await;
    assert_eq!(data(&ready(&mut client)), ["6"]);
}

#[tokio::test]
async fn one_who_can_resume_needs_no_snapshot() {
    let channel = Channel::new();
    publish(&channel, 0..3).await;
    let last = LastEventId::from(channel.cursor());
    publish(&channel, 3..5).await;
    let never = || async { panic!("nobody asked for it") };
    let mut client = pin!(channel.subscribe(last).snapshot::<_, _, Event, Infallible>(never));
    assert_eq!(client.resumption(), Resumption::Complete);
    assert_eq!(data(&ready(&mut client)), ["3", "4"]);
}

#[tokio::test]
async fn one_who_cannot_resume_is_reset_first() {
    let channel = Channel::new();
    publish(&channel, 0..3).await;
    let produce = || async { Ok::<_, Infallible>((state(3), channel.cursor())) };
    let mut client = pin!(channel.subscribe(LastEventId::from("nonsense")).snapshot(produce));
    let frames = ready(&mut client);
    assert_eq!(data(&frames), [r#"{"reason":"unknown","missed":null}"#, "a at 3", "b at 3"]);
    assert!(matches!(client.resumption(), Resumption::Reset(reset) if reset.reason == ResetReason::Unknown));
    // Right behind the reset, or within the state: a whole one again, and no second reset.
    let told = LastEventId::from(frames[0].id().unwrap());
    assert_eq!(frames[1].id(), None);
    publish(&channel, 3..4).await;
    let mut back = pin!(channel.subscribe(told).snapshot(produce));
    assert_eq!(data(&ready(&mut back)), ["a at 3", "b at 3"]);
}

#[tokio::test]
async fn a_client_that_breaks_off_anywhere_has_state_and_events_without_a_hole() {
    for seen in 0..=5 {
        let (channel, ledger) = (Channel::builder().events(3).build(), Ledger::new());
        let publish = async |numbers: Range<u32>| {
            for n in numbers {
                ledger.publish(&channel, &Event::new(n.to_string())).await.unwrap();
            }
        };
        let calls = Cell::new(0);
        let produce = || {
            calls.set(calls.get() + 1);
            async { Ok::<_, Infallible>((state(3), channel.cursor())) }
        };
        let snapshot = |last| channel.subscribe(last).snapshot(produce);
        let mut client = ledger.client();
        client.set_terms(Terms::new().besides(|event| event.data().contains(" at ")));
        client.open(snapshot(client.last_event_id()));
        publish(0..3).await;
        client.ready();
        client.disconnect();

        // It comes back too late, and breaks off behind its reset, within or behind the state.
        publish(3..10).await;
        client.open(snapshot(client.last_event_id()));
        client.ready_up_to(seen.min(3));
        publish(10..12).await;
        client.ready_up_to(seen - seen.min(3));
        client.disconnect();

        publish(12..13).await;
        client.open(snapshot(client.last_event_id()));
        // It is told once of what it missed.
        assert_eq!(client.body().unwrap().resumption() == Resumption::Complete, seen >= 1, "behind {seen}");
        calls.set(0);
        client.ready();
        // The reset's ID must not stand for a state that was not sent yet.
        assert_eq!(calls.get() == 0, seen >= 3, "behind {seen}");
        ledger.check_caught_up(&mut client).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_takes_longer_than_the_retention_is_produced_again() {
    let channel = Channel::builder().events(2).build();
    let calls = Cell::new(0);
    let produce = |slow_calls: u32| {
        let (channel, calls) = (&channel, &calls);
        move || {
            calls.set(calls.get() + 1);
            async move {
                let cursor = channel.cursor();
                if calls.get() <= slow_calls {
                    publish(channel, 0..5).await;
                }
                Ok::<_, Infallible>((state(calls.get()), cursor))
            }
        }
    };
    let mut client = pin!(channel.subscribe(None).no_checkpoints().snapshot(produce(2)));
    let frames: Vec<_> = client.by_ref().take(2).map(Result::unwrap).collect().await;
    assert_eq!(data(&frames), ["a at 3", "b at 3"]);

    calls.set(0);
    let mut client = pin!(channel.subscribe(None).no_checkpoints().snapshot(produce(u32::MAX)));
    assert!(matches!(client.next().await, Some(Err(SubscriptionError::SnapshotCursor(_)))));
    assert!(client.next().await.is_none());
    assert_eq!(calls.get(), 3);
}

#[tokio::test]
async fn what_cannot_be_produced_ends_the_stream() {
    let channel = Channel::<Event>::new();
    let fails = || async { Err::<(Vec<Event>, EventId), _>(io::Error::other("no database")) };
    let mut client = pin!(channel.subscribe(None).no_checkpoints().snapshot(fails));
    let error = client.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("no database"));
    assert!(client.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_drain_does_not_wait_for_a_snapshot() {
    let channel = Channel::<Event>::new();
    let subscription = channel.subscribe(None).no_checkpoints();
    let client = tokio::spawn(async move {
        let never = || std::future::pending::<Result<(Vec<Event>, EventId), Infallible>>();
        subscription.snapshot(never).map(Result::unwrap).collect::<Vec<_>>().await
    });
    tokio::task::yield_now().await;
    let report = channel.drain(Duration::from_secs(10)).await;
    assert_eq!((report.ended, report.cut), (1, 0));
    let frames = client.await.unwrap();
    assert_eq!((frames.len(), frames[0].is_event()), (1, false));
}
