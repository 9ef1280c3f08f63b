//! Clients that begin with the application's state.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_core::Stream as _;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{Channel, EventId, Frame, SharedSnapshot, Slow, SubscriptionError};

use super::{Row, publish, see, see_from};

fn id(id: &str) -> EventId {
    EventId::new(id).unwrap()
}

/// A channel of a process that was just started, over a database that was not.
#[tokio::test(start_paused = true)]
async fn the_id_of_a_row_is_a_place_after_a_restart() {
    let channel = Channel::<Row>::new();
    let state = || async { Ok::<_, Infallible>((vec![Row::Own(41), Row::Own(42)], id("42"))) };
    let mut client = Box::pin(channel.subscribe(None).snapshot(state));
    let seen = see(&mut client);
    assert_eq!(seen.data(), ["row 41", "row 42"]);
    assert_eq!(seen.last, "42");
    publish(&channel, &Row::Own(43));
    assert_eq!(see(&mut client).data(), ["row 43"]);
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_row_is_a_place_after_a_long_pause() {
    let channel = Channel::<Row>::builder().age(Duration::from_secs(10)).build();
    publish(&channel, &Row::Own(42));
    tokio::time::sleep(Duration::from_secs(20)).await;
    let state = || async { Ok::<_, Infallible>((vec![Row::Own(42)], id("42"))) };
    let mut client = Box::pin(channel.subscribe(None).snapshot(state));
    assert_eq!(see(&mut client).data(), ["row 42"]);
    publish(&channel, &Row::Own(43));
    assert_eq!(see(&mut client).data(), ["row 43"]);
}

#[tokio::test(start_paused = true)]
async fn a_cursor_from_nowhere_is_an_error_that_says_so_after_pauses() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Own(1));
    let began = tokio::time::Instant::now();
    let mut made = Vec::new();
    let state = || {
        made.push(began.elapsed());
        async { Ok::<_, Infallible>((vec![Row::Own(9)], id("9"))) }
    };
    let mut client = Box::pin(channel.subscribe(None).no_checkpoints().snapshot(state));
    let error = client.next().await.unwrap().unwrap_err();
    assert!(matches!(&error, SubscriptionError::SnapshotCursor(id) if id.as_str() == "9"));
    assert!(error.to_string().starts_with("the snapshot stands at `9`"), "{error}");
    assert!(client.next().await.is_none());
    drop(client);
    assert_eq!(made.len(), 3);
    assert!(made[1] >= Duration::from_millis(100) && made[2] >= Duration::from_millis(500), "{made:?}");
}

/// A row is committed, read as part of the state, and published a moment later.
#[tokio::test(start_paused = true)]
async fn a_row_that_is_published_after_it_was_read_comes_once() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Own(1));
    let state = || {
        let cursor = channel.cursor();
        async { Ok::<_, Infallible>((vec![Row::Own(1), Row::Own(2), Row::Own(3)], cursor)) }
    };
    let mut client = Box::pin(channel.subscribe(None).snapshot(state));
    let mut seen = see(&mut client);
    assert_eq!(seen.data(), ["row 1", "row 2", "row 3"]);
    assert_eq!(seen.last, "1");
    // In whatever order.
    publish(&channel, &Row::Own(3));
    publish(&channel, &Row::Own(4));
    publish(&channel, &Row::Own(2));
    publish(&channel, &Row::Own(5));
    seen = see_from(&seen.last, &mut client);
    assert_eq!(seen.data(), ["row 4", "row 5"]);
    // One that breaks off right behind what it had does not get it from the log either.
    let mut cut = Box::pin(
        channel
            .subscribe(None)
            .snapshot(|| async { Ok::<_, Infallible>((vec![Row::Own(5), Row::Own(6)], id("5"))) }),
    );
    let mut seen = see(&mut cut);
    publish(&channel, &Row::Own(6));
    seen = see_from(&seen.last, &mut cut);
    assert_eq!((seen.events.len(), &*seen.last), (0, "6"));
    assert!(see(&mut channel.subscribe(seen.id())).events.is_empty());
}

#[tokio::test(start_paused = true)]
async fn clients_that_come_back_together_share_one_snapshot() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Own(1));
    let (made, at_once, most) =
        (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let shared = SharedSnapshot::new({
        let (channel, made, at_once, most) =
            (channel.clone(), Arc::clone(&made), Arc::clone(&at_once), Arc::clone(&most));
        move || {
            let cursor = channel.cursor();
            made.fetch_add(1, Ordering::Relaxed);
            most.fetch_max(at_once.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
            let at_once = Arc::clone(&at_once);
            async move {
                tokio::time::sleep(Duration::from_millis(50)).await;
                at_once.fetch_sub(1, Ordering::Relaxed);
                Ok::<_, Infallible>((vec![Row::Own(1), Row::Note(7)], cursor))
            }
        }
    });
    let clients: Vec<_> = (0..200)
        .map(|n| {
            let last = if n % 2 == 0 { "" } else { "oldepoch-1" };
            let client = channel.subscribe(last).no_checkpoints().shared_snapshot(&shared);
            let skipped = usize::from(n % 2 == 1);
            tokio::spawn(async move { Box::pin(client).skip(skipped).next().await.unwrap().unwrap() })
        })
        .collect();
    let mut frames = Vec::new();
    for client in clients {
        frames.push(client.await.unwrap());
    }
    assert_eq!((made.load(Ordering::Relaxed), most.load(Ordering::Relaxed)), (1, 1));
    assert!(frames.iter().all(|frame| frame.as_ref() == b"data: row 1\n\n"));
    // One that comes later has a new one.
    let mut late = Box::pin(channel.subscribe(None).no_checkpoints().shared_snapshot(&shared));
    late.next().await.unwrap().unwrap();
    assert_eq!(made.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_shared_snapshot_outlives_the_client_that_had_it_made() {
    let channel = Channel::<Row>::new();
    let shared = SharedSnapshot::new(|| async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        Ok::<_, Infallible>((vec![Row::Note(1)], id("1")))
    });
    let client = || Box::pin(channel.subscribe(None).no_checkpoints().shared_snapshot(&shared));
    let (mut first, mut second) = (client(), client());
    assert!(first.next().now_or_never().is_none() && second.next().now_or_never().is_none());
    drop(first);
    assert!(second.next().await.unwrap().is_ok());
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_for_a_snapshot_are_told_that_it_failed() {
    let channel = Channel::<Row>::new();
    let tries = Arc::new(AtomicUsize::new(0));
    let shared = SharedSnapshot::new({
        let tries = Arc::clone(&tries);
        move || {
            tries.fetch_add(1, Ordering::Relaxed);
            async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Err::<(Vec<Row>, EventId), _>("the database is gone")
            }
        }
    });
    let clients = (0..20).map(|_| {
        let mut client = Box::pin(channel.subscribe(None).no_checkpoints().shared_snapshot(&shared));
        tokio::spawn(async move { client.next().await.unwrap().unwrap_err().to_string() })
    });
    for client in clients.collect::<Vec<_>>() {
        assert!(client.await.unwrap().contains("the database is gone"));
    }
    assert_eq!(tries.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn snapshots_of_their_own_are_made_a_few_at_a_time() {
    let channel = Channel::<Row>::builder().snapshots(3).build();
    let (at_once, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..50)
        .map(|_| {
            let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
            let state = move || {
                most.fetch_max(at_once.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
                let at_once = Arc::clone(&at_once);
                async move {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    at_once.fetch_sub(1, Ordering::Relaxed);
                    Ok::<_, Infallible>((vec![Row::Note(1)], id("1")))
                }
            };
            let client = channel.subscribe(None).no_checkpoints().snapshot(state);
            tokio::spawn(async move { Box::pin(client).next().await.unwrap().is_ok() })
        })
        .collect();
    for client in clients {
        assert!(client.await.unwrap());
    }
    assert_eq!(most.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_client_with_everything_of_a_finished_channel_needs_no_state() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Own(1));
    channel.finish_now();
    let state = || async { Ok::<_, Infallible>((vec![Row::Own(1)], id("1"))) };
    let seen = see(&mut Box::pin(channel.subscribe(None).snapshot(state)));
    assert_eq!((seen.data(), seen.ended), (vec!["row 1"], true));
    let back = Box::pin(channel.subscribe(seen.id()).snapshot(state));
    assert_eq!(back.size_hint(), (0, Some(0)));
    assert_eq!(see(&mut { back }).events.len(), 0);
}

/// A client whose connection stalls is not polled any more.
#[tokio::test(start_paused = true)]
async fn one_that_stalls_while_its_snapshot_is_made_holds_up_nobody() {
    let channel = Channel::<Row>::builder().snapshots(1).build();
    let made = || async {
        tokio::task::yield_now().await;
        Ok::<_, Infallible>((vec![Row::Note(1)], id("1")))
    };
    let shared = SharedSnapshot::new(made);
    let mut stalled = Box::pin(channel.subscribe(None).no_checkpoints().shared_snapshot(&shared));
    assert!(stalled.next().now_or_never().is_none());
    let mut other = Box::pin(channel.subscribe(None).no_checkpoints().shared_snapshot(&shared));
    assert!(other.next().await.unwrap().is_ok());
    assert!(stalled.next().await.unwrap().is_ok(), "it gets what was made meanwhile");

    let mut stalled = Box::pin(channel.subscribe(None).no_checkpoints().snapshot(made));
    assert!(stalled.next().now_or_never().is_none());
    let mut other = Box::pin(channel.subscribe(None).no_checkpoints().snapshot(made));
    let began = tokio::time::Instant::now();
    assert!(other.next().await.unwrap().is_ok());
    assert_eq!(began.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn a_shared_snapshot_whose_making_panics_fails_for_those_who_wait() {
    let channel = Channel::<Row>::new();
    let shared = SharedSnapshot::new(|| async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        assert!(std::env::args().count() == 0, "the application's own fault");
        Ok::<_, Infallible>((vec![Row::Note(1)], id("1")))
    });
    let client = || {
        let mut client = Box::pin(channel.subscribe(None).no_checkpoints().shared_snapshot(&shared));
        tokio::spawn(async move { client.next().await.unwrap().unwrap_err().to_string() })
    };
    let clients = [client(), client()];
    tokio::time::sleep(Duration::from_millis(2)).await;
    let [first, second] = clients.map(|client| client.now_or_never());
    let ends = [first, second].map(|end| end.expect("it hangs"));
    assert!(
        ends.iter().any(Result::is_err)
            && ends.iter().any(|end| end.as_ref().is_ok_and(|error| error.contains("panicked")))
    );
}

/// Whatever is said of the subscription may be said behind its snapshot as well.
#[tokio::test]
async fn a_snapshot_is_narrowed_and_ends_as_its_subscription_would() {
    let channel = Channel::<Row>::builder().events(3).build();
    publish(&channel, &Row::Note(0));
    let of = channel.clone();
    let state = move || {
        let cursor = of.cursor();
        async move { Ok::<_, Infallible>((vec![Row::Note(100)], cursor)) }
    };
    let is_price = |frame: &Frame| frame.key().is_some();
    let is_last = |frame: &Frame| frame.key() == Some("9");
    let before =
        channel.subscribe(None).slow(Slow::Skip).filter(is_price).until(is_last).snapshot(state.clone());
    let behind = channel.subscribe(None).snapshot(state).slow(Slow::Skip).filter(is_price).until(is_last);
    let (mut before, mut behind) = (Box::pin(before), Box::pin(behind));
    let mut seen = [see(&mut before), see(&mut behind)].map(|seen| seen.events);
    let many = (0..5).map(|n| Row::Price(2, n)).collect();
    for rows in [vec![Row::Note(1), Row::Price(1, 1)], many, vec![Row::Note(2), Row::Price(9, 9)]] {
        rows.iter().for_each(|row| drop(publish(&channel, row)));
        let [before, behind] = [see(&mut before), see(&mut behind)];
        assert_eq!((before.ended, &before.events), (behind.ended, &behind.events));
        seen[0].extend(before.events);
        seen[1].extend(behind.events);
    }
    assert_eq!(seen[0], seen[1]);
    assert!(seen[0].iter().any(|(event_type, _)| event_type == "reset"), "{seen:?}");
    assert_eq!(seen[0].last().map(|(_, data)| &**data), Some("9=9"));
}
