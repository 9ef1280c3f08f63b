//! Publishing from anywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{Channel, Event, EventId, PublishError, Start};

use super::{Row, see};

/// Readers of the publisher's own thread, as fast as a loopback.
#[tokio::test(flavor = "current_thread")]
async fn a_burst_of_one_task_cuts_no_client_that_reads() {
    for own_ids in [false, true] {
        let channel = Channel::<Row>::new();
        let clients: Vec<_> = (0..5)
            .map(|_| {
                let subscription = channel.subscribe(None).no_checkpoints();
                tokio::spawn(subscription.map(|frame| frame.is_ok()).collect::<Vec<_>>())
            })
            .collect();
        for n in 1..=10_000 {
            channel.publish(&if own_ids { Row::Own(n) } else { Row::Note(n) }).await.unwrap();
        }
        channel.finish().await.unwrap();
        for client in clients {
            let frames = client.await.unwrap();
            assert!(frames.len() == 10_000 && frames.into_iter().all(|ok| ok));
        }
    }
}

/// A log that few events fill, or a few long ones.
#[tokio::test(flavor = "current_thread")]
async fn a_burst_cuts_no_client_of_a_short_log() {
    let of = |events, bytes| Channel::<Event>::builder().events(events).bytes(bytes).no_checkpoints().build();
    let short = [16, 64, 100, 128, 1000].map(|events| (of(events, 16 << 20), 10, events.div_ceil(8)));
    let long =
        [(of(4096, 64 << 10), 1000, 8), (of(4096, 1 << 20), 20_000, 8), (of(4096, 16 << 20), 200_000, 1)];
    for (channel, len, batch) in short.into_iter().chain(long) {
        let clients: Vec<_> = (0..5)
            .map(|_| tokio::spawn(channel.subscribe(None).map(|frame| frame.is_ok()).collect::<Vec<_>>()))
            .collect();
        tokio::task::yield_now().await;
        let event = Event::new("x".repeat(len));
        for batch in [1, batch] {
            let (channel, events) = (channel.clone(), vec![event.clone(); batch]);
            let publishing = async move {
                for _ in 0..500 {
                    match &events[..] {
                        [event] => drop(channel.publish(event).await.unwrap()),
                        events => drop(channel.publish_all(events).await.unwrap()),
                    }
                }
            };
            tokio::spawn(publishing).await.unwrap();
        }
        channel.finish().await.unwrap();
        for client in clients {
            let frames = client.await.unwrap();
            assert!(frames.into_iter().all(|ok| ok), "{len} {:?}", channel.counters());
        }
    }
}

#[test]
fn without_a_runtime_it_is_ready_at_once() {
    let channel = Channel::<Event>::new();
    for n in 0..10_000 {
        channel.publish(&Event::new(n.to_string())).now_or_never().unwrap().unwrap();
    }
    std::thread::spawn({
        let channel = channel.clone();
        move || channel.publish_now(&Event::new("from a thread")).unwrap()
    })
    .join()
    .unwrap();
    assert_eq!(channel.counters().published, 10_001);
}

/// What a task publishes without waiting is in the log, whether it is its turn or not.
#[tokio::test]
async fn nothing_is_lost_on_one_who_cannot_wait() {
    let channel = Channel::<Event>::new();
    let ready =
        (0..1000).filter(|n| channel.publish(&Event::new(n.to_string())).now_or_never().is_some()).count();
    assert!(ready < 1000, "others have their turn");
    assert_eq!(channel.counters().published, 1000);
}

struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test]
async fn many_at_once_are_one_turn_and_one_wake() {
    let channel = Channel::<Row>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    let counted = Arc::new(Counted(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&counted));
    assert!(subscription.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    let rows = [Row::Own(1), Row::Note(2), Row::Typing, Row::Own(3), Row::Note(4)];
    let ids = channel.publish_all(&rows).await.unwrap();
    assert_eq!(counted.0.load(Ordering::Relaxed), 1);
    let numbers: Vec<&str> =
        ids.iter().map(EventId::as_str).map(|id| id.rsplit('-').next().unwrap()).collect();
    assert_eq!(numbers, ["1", "2", "2", "3", "4"]);
    let seen = see(&mut subscription);
    assert_eq!(seen.data(), ["row 1", "note 2", "", "row 3", "note 4"]);
    assert_eq!(seen.last, ids[4].as_str());
    assert!(channel.publish_all(&[]).await.unwrap().is_empty());
}

#[tokio::test]
async fn many_at_once_are_published_all_or_none() {
    let channel = Channel::<Row>::builder().event_bytes(100).build();
    channel.publish_now(&Row::Own(1)).unwrap();
    for rows in [[Row::Note(1), Row::Own(1)], [Row::Own(2), Row::Own(2)]] {
        assert!(matches!(channel.publish_all(&rows).await, Err(PublishError::DuplicateId { .. })));
    }
    let long = Channel::<Event>::builder().event_bytes(100).build();
    let events = [Event::new("short"), Event::new("x".repeat(100))];
    assert!(matches!(long.publish_all_now(&events), Err(PublishError::TooLong { .. })));
    assert_eq!((channel.counters().published, long.counters().published), (1, 0));
    assert_eq!(see(&mut channel.subscribe(None).start(Start::Earliest)).data(), ["row 1"]);
}
