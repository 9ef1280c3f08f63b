//! What a channel promises its clients: everything exactly once and in order, or one reset that tells the truth.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::convert::Infallible;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use support::{data, ready, reset};
use typed_sse_core::{
    Channel, EncodeError, EncodeErrorKind, Encoded, Encoder, Event, EventId, Frame, LastEventId,
    PublishError, ResetReason, Resumption, SseEvent, Start, Subscription, SubscriptionError,
};

fn numbered(n: u32) -> Event {
    Event::new(n.to_string())
}

async fn publish(channel: &Channel<Event>, numbers: impl IntoIterator<Item = u32>) -> Vec<EventId> {
    let mut ids = Vec::new();
    for n in numbers {
        ids.push(channel.publish(&numbered(n)).await.unwrap());
    }
    ids
}

#[tokio::test]
async fn a_live_subscriber_gets_what_comes_after_it() {
    let channel = Channel::new();
    publish(&channel, 0..3).await;
    let mut subscription = channel.subscribe(None);
    assert_eq!(subscription.resumption(), Resumption::New);
    let frames = ready(&mut subscription);
    assert_eq!(data(&frames), [""; 0]);
    assert_eq!(frames.len(), 1, "its place, and nothing else");
    publish(&channel, 3..5).await;
    assert_eq!(data(&ready(&mut subscription)), ["3", "4"]);
}

#[tokio::test]
async fn the_cursor_is_the_id_on_the_wire() {
    let channel = Channel::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    // Past 9 and 99 the number grows by a digit, and the frame around it must stay whole.
    let ids = publish(&channel, 1..=120).await;
    let frames = ready(&mut subscription);
    assert_eq!(frames.len(), ids.len());
    for (n, (frame, id)) in frames.iter().zip(&ids).enumerate() {
        let n = n + 1;
        assert!(id.as_str().ends_with(&format!("-{n}")), "{id}");
        assert_eq!(frame.id(), Some(id.as_str()));
        assert_eq!(frame.as_ref(), format!("id: {id}\ndata: {n}\n\n").as_bytes());
    }
}

/// A channel writes its ID behind the field `event`, and sees `message` whether it is there or not.
#[tokio::test]
async fn message_that_is_written_out_stays_written_out() {
    let channel = Channel::<Frame>::new();
    let mut subscription =
        channel.subscribe(None).no_checkpoints().filter(|frame| frame.event_type() == "message");
    let frame = |n| numbered(n).explicit().to_frame().unwrap();
    let cursor = channel.publish(&frame(1)).await.unwrap();
    let own = numbered(2).explicit().with_id(EventId::new("own").unwrap()).to_frame().unwrap();
    channel.publish(&own).await.unwrap();
    let frames = ready(&mut subscription);
    assert_eq!(frames[0].as_ref(), format!("event: message\nid: {cursor}\ndata: 1\n\n").as_bytes());
    assert_eq!(frames[1].as_ref(), b"event: message\nid: own\ndata: 2\n\n");
    assert_eq!(frames.len(), 2);
    assert!(frames.iter().all(|frame| frame.event_type() == "message"));
}

/// Whatever a channel gives an ID of its own: a reset, and the end of a snapshot.
#[tokio::test]
async fn message_is_written_out_in_what_the_channel_sends_itself() {
    let channel = Channel::<Event>::builder().reset_with(|_| Event::new("told").explicit()).build();
    let mut client = channel.subscribe(LastEventId::from("nonsense"));
    let frames = ready(&mut client);
    let reset = frames.iter().find(|frame| frame.is_event()).unwrap();
    let id = reset.id().unwrap();
    assert_eq!(reset.as_ref(), format!("event: message\nid: {id}\ndata: told\n\n").as_bytes());
    let produce = || async {
        Ok::<_, Infallible>((vec![numbered(1).explicit(), numbered(2).explicit()], channel.cursor()))
    };
    let mut client = Box::pin(channel.subscribe(None).no_checkpoints().snapshot(produce));
    let frames: Vec<_> =
        std::iter::from_fn(|| client.next().now_or_never().flatten()).map(Result::unwrap).collect();
    let id = frames[1].id().unwrap();
    assert_eq!(frames[0].as_ref(), b"event: message\ndata: 1\n\n");
    assert_eq!(frames[1].as_ref(), format!("event: message\nid: {id}\ndata: 2\n\n").as_bytes());
}

#[tokio::test]
async fn a_guess_that_was_wrong_is_corrected_in_the_frame() {
    let channel = Channel::<Event>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    let tick = Event::new("x").with_retry(Duration::from_secs(1));
    // All encode before the first is appended, so that every one but it has guessed too low.
    let pending: Vec<_> = (0..101).map(|_| channel.publish(&tick)).collect();
    for publish in pending {
        publish.await.unwrap();
    }
    let frames = ready(&mut subscription);
    for (n, frame) in frames.iter().enumerate() {
        let id = frame.id().unwrap();
        assert!(id.ends_with(&format!("-{}", n + 1)), "{id}");
        assert_eq!(frame.as_ref(), format!("id: {id}\nretry: 1000\ndata: x\n\n").as_bytes());
    }
    assert_eq!(frames.len(), 101);
}

#[tokio::test]
async fn a_new_client_is_told_its_place_before_anything_else() {
    let channel = Channel::builder().events(5).build();
    for before in [0, 3, 8] {
        publish(&channel, 0..before).await;
        for start in [Start::Live, Start::Last(2)] {
            let mut subscription = channel.subscribe(None).start(start);
            let cursor = channel.cursor();
            publish(&channel, 10..11).await;
            let frames = ready(&mut subscription);
            let place = frames[0].id().unwrap();
            assert_eq!(frames[0].as_ref(), format!("id: {place}\n\n").as_bytes());
            assert!(!frames[0].is_event());
            assert!(frames[1..].iter().all(Frame::is_event), "once");
            assert!(start != Start::Live || place == cursor.as_str(), "{place}");
            // Its connection breaks before the first event: it comes back to where it was.
            let mut back = channel.subscribe(LastEventId::from(place)).start(start);
            assert_eq!(back.resumption(), Resumption::Complete);
            let again = ready(&mut back);
            assert_eq!(again, frames[1..], "and is not told it again");
        }
    }
}

#[tokio::test]
async fn nobody_is_told_a_place_who_does_not_want_to_be() {
    let silent = Channel::builder().no_checkpoints().build();
    publish(&silent, 0..3).await;
    assert_eq!(ready(&mut silent.subscribe(None)), []);
    assert_eq!(ready(&mut silent.subscribe(None).start(Start::Earliest)).len(), 3);
    let mut narrow = silent.subscribe(None).filter(|_| false);
    publish(&silent, 0..1000).await;
    assert_eq!(ready(&mut narrow), []);
    let channel = Channel::new();
    publish(&channel, 0..3).await;
    assert_eq!(ready(&mut channel.subscribe(None).no_checkpoints()), []);
    // A reset is an event, and has its ID all the same.
    let mut lost = silent.subscribe(LastEventId::from("nonsense"));
    assert_eq!(ready(&mut lost)[0].id(), Some(silent.cursor().as_str()));
}

#[tokio::test]
async fn resumes_behind_every_id_without_a_seam() {
    let channel = Channel::new();
    let ids = publish(&channel, 0..20).await;
    for (n, id) in (0_u32..).zip(&ids) {
        let mut subscription = channel.subscribe(LastEventId::from(id.clone()));
        assert_eq!(subscription.resumption(), Resumption::Complete);
        assert_eq!(subscription.replayed(), u64::from(19 - n));
        let missed: Vec<_> = (n + 1..20).map(|n| n.to_string()).collect();
        let frames = ready(&mut subscription);
        assert_eq!(data(&frames), missed);
        assert!(frames.iter().all(Frame::is_event), "one that resumes is told no place");
    }
}

#[tokio::test]
async fn starts() {
    let channel = Channel::builder().events(5).build();
    publish(&channel, 0..8).await;
    let starts: [(Start, &[&str]); 5] = [
        (Start::Live, &[]),
        (Start::Earliest, &["3", "4", "5", "6", "7"]),
        (Start::Last(2), &["6", "7"]),
        (Start::Last(0), &[]),
        (Start::Last(100), &["3", "4", "5", "6", "7"]),
    ];
    for (start, expected) in starts {
        let mut subscription = channel.subscribe(None).start(start);
        assert_eq!(subscription.replayed(), expected.len() as u64, "{start:?}");
        let mut received = data(&ready(&mut subscription));
        if start == Start::Earliest {
            // It asked for all there was.
            assert_eq!(reset(&subscription), (ResetReason::Trimmed, Some(3)));
            assert_eq!(received.remove(0), r#"{"reason":"trimmed","missed":3}"#);
        } else {
            assert_eq!(subscription.resumption(), Resumption::New);
        }
        assert_eq!(received, expected, "{start:?}");
    }
    let whole = Channel::new();
    publish(&whole, 0..2).await;
    let mut subscription = whole.subscribe(None).start(Start::Earliest);
    assert_eq!(subscription.resumption(), Resumption::New, "nothing was trimmed");
    assert_eq!(data(&ready(&mut subscription)), ["0", "1"]);
}

#[tokio::test]
async fn a_trimmed_id_is_reset_with_the_number_missed() {
    let channel = Channel::builder().events(5).build();
    let ids = publish(&channel, 0..8).await;
    // The oldest retained is 3: behind 2 nothing is missing, behind 1 there is.
    let complete = channel.subscribe(LastEventId::from(ids[2].clone()));
    assert_eq!(complete.resumption(), Resumption::Complete);
    let one_missing = channel.subscribe(LastEventId::from(ids[1].clone())).start(Start::Earliest);
    assert_eq!(reset(&one_missing), (ResetReason::Trimmed, Some(1)));

    let last = LastEventId::from(ids[0].clone());
    let mut live = channel.subscribe(last.clone());
    assert_eq!(reset(&live), (ResetReason::Trimmed, Some(7)));
    let frames = ready(&mut live);
    assert_eq!(frames.len(), 1);
    assert_eq!(frames[0].event_type(), "reset");
    assert_eq!(data(&frames), [r#"{"reason":"trimmed","missed":7}"#]);

    let mut earliest = channel.subscribe(last).start(Start::Earliest);
    assert_eq!(reset(&earliest), (ResetReason::Trimmed, Some(2)));
    let frames = ready(&mut earliest);
    assert_eq!(data(&frames)[1..], ["3", "4", "5", "6", "7"]);
}

#[tokio::test]
async fn a_reset_names_the_place_from_which_it_goes_on() {
    let channel = Channel::builder().events(5).build();
    publish(&channel, 0..8).await;
    let mut lost = channel.subscribe(LastEventId::from("nonsense"));
    let id = ready(&mut lost)[0].id().unwrap().to_owned();
    // The connection breaks right behind the reset, while events go on.
    publish(&channel, 8..10).await;
    let mut back = channel.subscribe(LastEventId::from(&*id));
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(data(&ready(&mut back)), ["8", "9"]);
}

#[tokio::test]
async fn foreign_and_hostile_ids_are_resets_or_none() {
    let channel = Channel::<Event>::new();
    let other = Channel::new();
    let own = publish(&channel, 0..3).await;
    let foreign = publish(&other, 0..3).await;
    let epoch = own[0].as_str().split_once('-').unwrap().0;
    let cases = [
        (foreign[1].as_str().to_owned(), ResetReason::Epoch),
        (format!("{epoch}-99"), ResetReason::Unknown),
        (format!("{epoch}-"), ResetReason::Unknown),
        (format!("{epoch}--1"), ResetReason::Unknown),
        (format!("{epoch}-18446744073709551616"), ResetReason::Unknown),
        ("42".to_owned(), ResetReason::Unknown),
        ("…".to_owned(), ResetReason::Unknown),
        ("x".repeat(LastEventId::MAX_LEN), ResetReason::Unknown),
    ];
    for (id, reason) in cases {
        assert_eq!(reset(&channel.subscribe(LastEventId::from(&*id))), (reason, None), "{id}");
    }
    for none in [vec![], vec![b'x'; 1 << 20], b"\0".to_vec(), vec![0xff]] {
        let subscription = channel.subscribe(LastEventId::from_bytes(none));
        assert_eq!(subscription.resumption(), Resumption::New);
    }
}

#[tokio::test]
async fn resumes_from_the_types_own_ids() {
    let channel = Channel::builder().events(3).build();
    for id in ["a", "b", "c", "d"] {
        let event = Event::new(id).with_id(EventId::new(id).unwrap());
        assert_eq!(channel.publish(&event).await.unwrap().as_str(), id);
    }
    let mut subscription = channel.subscribe(LastEventId::from("b"));
    let frames = ready(&mut subscription);
    assert_eq!(data(&frames), ["c", "d"]);
    assert_eq!(frames[0].as_ref(), b"id: c\ndata: c\n\n");
    // Its event is no longer retained, but nothing behind it is lost: as with a cursor.
    let mut trimmed = channel.subscribe(LastEventId::from("a")).start(Start::Earliest);
    assert_eq!(trimmed.resumption(), Resumption::Complete);
    assert_eq!(data(&ready(&mut trimmed)), ["b", "c", "d"]);
    for id in ["e", "f"] {
        channel.publish(&Event::new(id).with_id(EventId::new(id).unwrap())).await.unwrap();
    }
    // Now something is.
    let trimmed = channel.subscribe(LastEventId::from("a")).start(Start::Earliest);
    assert_eq!(reset(&trimmed), (ResetReason::Trimmed, Some(2)));
    let mut lost = channel.subscribe(LastEventId::from("never")).start(Start::Earliest);
    assert_eq!(reset(&lost), (ResetReason::Unknown, None));
    let frames = ready(&mut lost);
    assert_eq!(data(&frames)[1..], ["d", "e", "f"]);
    // The reset's place works for such a type too, by the name of the event before it.
    assert_eq!(frames[0].id(), Some("c"));
    assert_eq!(data(&ready(&mut channel.subscribe(LastEventId::from("c")))), ["d", "e", "f"]);
    assert_eq!(channel.cursor().as_str(), "f");
    // For so long no ID is remembered.
    for n in 0..10 {
        let id = EventId::new(format!("later {n}")).unwrap();
        channel.publish(&Event::new("later").with_id(id)).await.unwrap();
    }
    assert_eq!(reset(&channel.subscribe(LastEventId::from("a"))), (ResetReason::Unknown, None));
}

#[tokio::test]
async fn an_own_id_names_one_retained_event() {
    let channel = Channel::builder().events(2).build();
    let event = |id: &str| Event::new("x").with_id(EventId::new(id).unwrap());
    channel.publish(&event("a")).await.unwrap();
    match channel.publish(&event("a")).await.unwrap_err() {
        PublishError::DuplicateId { id } => assert_eq!(id.as_str(), "a"),
        other => panic!("{other}"),
    }
    let mut subscription = channel.subscribe(None).start(Start::Earliest).no_checkpoints();
    assert_eq!(ready(&mut subscription).len(), 1, "the refused event is not in the log");
    // Once it is trimmed, the ID is free.
    channel.publish(&event("b")).await.unwrap();
    channel.publish(&event("c")).await.unwrap();
    channel.publish(&event("a")).await.unwrap();
}

#[tokio::test]
async fn an_id_that_could_not_come_back_is_refused() {
    let channel = Channel::new();
    let id = EventId::new("x".repeat(LastEventId::MAX_LEN + 1)).unwrap();
    match channel.publish(&Event::new("x").with_id(id)).await.unwrap_err() {
        PublishError::Encode(error) => {
            assert_eq!((error.field(), error.kind()), ("id", EncodeErrorKind::TooLong));
        }
        other => panic!("{other}"),
    }
}

/// Live only, unless told otherwise.
struct Tick {
    ephemeral: bool,
}

impl SseEvent for Tick {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if self.ephemeral { encoder.ephemeral()?.text("ephemeral") } else { encoder.text("durable") }
    }
}

#[tokio::test]
async fn ephemeral_events_are_live_only_and_no_hole() {
    let channel = Channel::<Tick>::new();
    let mut live = channel.subscribe(None).no_checkpoints();
    let durable = channel.publish(&Tick { ephemeral: false }).await.unwrap();
    let ephemeral = channel.publish(&Tick { ephemeral: true }).await.unwrap();
    assert_eq!(durable, ephemeral, "an ephemeral event moves no cursor");
    channel.publish(&Tick { ephemeral: false }).await.unwrap();

    let frames = ready(&mut live);
    assert_eq!(data(&frames), ["durable", "ephemeral", "durable"]);
    assert_eq!(frames[1].as_ref(), b"data: ephemeral\n\n");

    let mut back = channel.subscribe(LastEventId::from(durable));
    assert_eq!(back.replayed(), 1);
    channel.publish(&Tick { ephemeral: true }).await.unwrap();
    assert_eq!(data(&ready(&mut back)), ["durable", "ephemeral"]);
    let mut earliest = channel.subscribe(None).start(Start::Earliest);
    assert_eq!(data(&ready(&mut earliest)), ["durable", "durable"]);
    let mut last = channel.subscribe(None).start(Start::Last(1));
    assert_eq!(data(&ready(&mut last)), ["durable"]);
}

#[tokio::test]
async fn ephemeral_events_take_nothing_from_the_others() {
    let channel = Channel::<Tick>::builder().events(2).ephemeral(3).build();
    let mut slow = channel.subscribe(None).no_checkpoints();
    let durable = channel.publish(&Tick { ephemeral: false }).await.unwrap();
    for _ in 0..100 {
        channel.publish(&Tick { ephemeral: true }).await.unwrap();
    }
    channel.publish(&Tick { ephemeral: false }).await.unwrap();
    let mut back = channel.subscribe(LastEventId::from(durable));
    assert_eq!((back.resumption(), back.replayed()), (Resumption::Complete, 1));
    assert_eq!(data(&ready(&mut back)), ["durable"]);
    // One that is behind has missed most of them, and is not told.
    let expected = ["durable", "ephemeral", "ephemeral", "ephemeral", "durable"];
    assert_eq!(data(&ready(&mut slow)), expected);
    assert_eq!((slow.resumption(), channel.counters().resets.total()), (Resumption::New, 0));
}

#[tokio::test]
async fn an_event_is_published_by_the_first_poll_though_others_may_have_their_turn() {
    let channel = Channel::builder().events(100_000).build();
    let publisher = channel.clone();
    // In a task, which has a budget.
    let pending = tokio::spawn(async move {
        for n in 1_u64.. {
            let mut publish = channel.publish(&numbered(0));
            let poll = poll_fn(|context| Poll::Ready(publish.poll_unpin(context))).await;
            assert_eq!(channel.counters().published, n, "it is in the log");
            if poll.is_pending() {
                let id = publish.await.unwrap();
                assert_eq!(channel.cursor(), id);
                return n;
            }
        }
        unreachable!()
    });
    assert!(pending.await.unwrap() > 1);
    assert_eq!(publisher.publish_now(&numbered(1)).unwrap(), publisher.cursor());
}

#[tokio::test]
async fn many_events_at_once_are_all_or_none() {
    let channel = Channel::builder().no_checkpoints().build();
    let event = |id: &str| Event::new(id).with_id(EventId::new(id).unwrap());
    let mut live = channel.subscribe(None);
    assert!(channel.publish_all(&[event("a"), event("b"), event("a")]).await.is_err());
    assert!(ready(&mut live).is_empty());
    let ids = channel.publish_all(&[event("a"), numbered(1), event("b")]).await.unwrap();
    let ids: Vec<_> = ids.iter().map(EventId::as_str).collect();
    let frames = ready(&mut live);
    assert_eq!(frames.iter().map(|frame| frame.id().unwrap()).collect::<Vec<_>>(), ids);
    assert_eq!(data(&frames), ["a", "1", "b"]);
    channel.finish().await.unwrap();
    assert!(matches!(channel.publish(&numbered(2)).await, Err(PublishError::Finished)));
    assert!(live.next().await.is_none());
    assert_eq!(channel.subscribe(LastEventId::from("b")).count().await, 0);
}

#[tokio::test]
async fn bytes_bound_the_log_and_one_event() {
    let channel = Channel::builder().bytes(100).build();
    publish(&channel, 10..20).await;
    let mut subscription = channel.subscribe(None).start(Start::Earliest);
    let frames = ready(&mut subscription).split_off(1);
    assert_eq!(reset(&subscription), (ResetReason::Trimmed, Some(10 - frames.len() as u64)));
    assert!(frames.iter().map(|frame| frame.as_ref().len()).sum::<usize>() <= 100);
    assert_eq!(data(&frames).last().unwrap(), "19");
    match channel.publish(&Event::new("x".repeat(100))).await.unwrap_err() {
        PublishError::TooLong { limit: 100, len } => assert!(len > 100),
        other => panic!("{other}"),
    }
}

#[tokio::test(start_paused = true)]
async fn age_bounds_the_log() {
    let channel = Channel::builder().age(Duration::from_secs(10)).build();
    let ids = publish(&channel, 0..1).await;
    tokio::time::advance(Duration::from_secs(6)).await;
    publish(&channel, 1..2).await;
    tokio::time::advance(Duration::from_secs(6)).await;
    let mut subscription = channel.subscribe(None).start(Start::Earliest);
    assert_eq!(reset(&subscription), (ResetReason::Trimmed, Some(1)));
    assert_eq!(data(&ready(&mut subscription))[1..], ["1"]);
    let back = channel.subscribe(LastEventId::from(ids[0].clone()));
    assert_eq!(back.resumption(), Resumption::Complete, "nothing behind it was trimmed");
}

#[tokio::test]
async fn a_subscriber_that_is_overtaken_is_disconnected_and_told_when_it_returns() {
    let channel = Channel::builder().events(4).build();
    let mut slow = channel.subscribe(None).no_checkpoints();
    publish(&channel, 0..1).await;
    let first = slow.next().await.unwrap().unwrap();
    publish(&channel, 1..10).await;
    assert!(matches!(slow.next().await, Some(Err(SubscriptionError::Lagged))));
    assert!(slow.next().await.is_none());
    let back = channel.subscribe(LastEventId::from(first.id().unwrap())).start(Start::Earliest);
    assert_eq!(reset(&back), (ResetReason::Trimmed, Some(5)));
}

#[tokio::test]
async fn an_illegal_event_is_an_error_and_not_in_the_log() {
    struct Illegal;
    impl SseEvent for Illegal {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            encoder.id("a\nb")?.text("x")
        }
    }
    let channel = Channel::new();
    assert!(matches!(channel.publish(&Illegal).await, Err(PublishError::Encode(_))));
    assert!(ready(&mut channel.subscribe(None).start(Start::Earliest).no_checkpoints()).is_empty());
}

#[tokio::test]
async fn a_dropped_publish_publishes_nothing() {
    let channel = Channel::new();
    drop(channel.publish(&numbered(1)));
    publish(&channel, 2..3).await;
    let frames = ready(&mut channel.subscribe(None).start(Start::Earliest).no_checkpoints());
    assert_eq!(data(&frames), ["2"]);
    assert!(frames[0].id().unwrap().ends_with("-1"));
}

#[tokio::test]
async fn frames_of_another_encoder_keep_their_ids_or_get_cursors() {
    let channel = Channel::<Frame>::new();
    let named = Event::new("a\nb").with_id(EventId::new("own").unwrap()).with_retry(Duration::from_secs(1));
    channel.publish(&named.to_frame().unwrap()).await.unwrap();
    channel.publish(&Event::new("c").to_frame().unwrap()).await.unwrap();
    let frames = ready(&mut channel.subscribe(None).start(Start::Earliest).no_checkpoints());
    assert_eq!(frames[0].as_ref(), b"id: own\nretry: 1000\ndata: a\ndata: b\n\n");
    assert!(frames[1].id().unwrap().ends_with("-2"));
    assert!(frames[1].as_ref().ends_with(b"-2\ndata: c\n\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_publishers_have_one_order_for_all() {
    const EACH: u32 = 2000;
    let channel = Channel::<Event>::builder().events(100_000).build();
    let subscribers: Vec<_> = (0..4)
        .map(|_| {
            let subscription = channel.subscribe(None).no_checkpoints();
            tokio::spawn(subscription.take(3 * EACH as usize).map(Result::unwrap).collect::<Vec<_>>())
        })
        .collect();
    let publishers: Vec<_> = (0..3)
        .map(|_| {
            let channel = channel.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    channel.publish(&numbered(n)).await.unwrap();
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    let mut seen = Vec::new();
    for subscriber in subscribers {
        seen.push(subscriber.await.unwrap());
    }
    let sequence = |frame: &Frame| frame.id().unwrap().split_once('-').unwrap().1.parse::<u32>().unwrap();
    let numbers: Vec<_> = seen[0].iter().map(sequence).collect();
    assert_eq!(numbers, (1..=3 * EACH).collect::<Vec<_>>());
    assert!(seen.iter().all(|frames| *frames == seen[0]));
}

#[tokio::test(start_paused = true)]
async fn drain_ends_all_within_its_window_each_with_a_reconnection_time() {
    let channel = Channel::<Event>::new();
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let subscription = channel.subscribe(None).no_checkpoints();
            tokio::spawn(async move {
                let frames: Vec<_> = subscription.map(Result::unwrap).collect().await;
                (frames, tokio::time::Instant::now())
            })
        })
        .collect();
    let stalled = channel.subscribe(None);
    publish(&channel, 0..1).await;

    let start = tokio::time::Instant::now();
    let window = Duration::from_secs(10);
    let report = channel.drain(window).await;
    assert_eq!(start.elapsed(), window, "it waits for the stalled one, and no longer");
    assert_eq!((report.ended, report.cut), (100, 1));
    drop(stalled);

    let mut ends = Vec::new();
    let mut times = Vec::new();
    for client in clients {
        let (frames, end) = client.await.unwrap();
        assert_eq!(frames.len(), 2, "what was published comes before the end");
        let last = std::str::from_utf8(frames[1].as_ref()).unwrap();
        let ms: u64 = last.strip_prefix("retry: ").unwrap().strip_suffix('\n').unwrap().parse().unwrap();
        assert!((1000..=5000).contains(&ms) && !frames[1].is_event());
        times.push(ms);
        ends.push(end - start);
    }
    ends.sort_unstable();
    assert!(
        ends[49] > window / 3 && ends[49] < window * 2 / 3,
        "the ends are spread: half by {:?}",
        ends[49]
    );
    times.dedup();
    assert!(times.len() > 50, "reconnection times differ");
}

#[tokio::test(start_paused = true)]
async fn a_drained_channel_ends_new_subscriptions_at_once() {
    let channel = Channel::<Event>::new();
    let report = channel.drain(Duration::from_secs(10)).await;
    assert_eq!((report.ended, report.cut), (0, 0));
    let frames: Vec<_> = channel.subscribe(None).no_checkpoints().collect().await;
    assert_eq!(frames.len(), 1);
    assert!(frames[0].as_ref().unwrap().as_ref().starts_with(b"retry: "));
}

#[tokio::test]
async fn waits_wake_for_events_and_ends() {
    let channel = Channel::<Event>::builder().no_checkpoints().build();
    let mut subscription = channel.subscribe(None);
    let task = tokio::spawn(async move { subscription.next().await.unwrap().unwrap() });
    tokio::task::yield_now().await;
    publish(&channel, 7..8).await;
    assert_eq!(data(&[task.await.unwrap()]), ["7"]);

    let mut subscription = channel.subscribe(None);
    let task = tokio::spawn(async move { subscription.next().await.unwrap().unwrap().is_event() });
    tokio::task::yield_now().await;
    channel.drain(Duration::from_secs(1)).await;
    assert!(!task.await.unwrap());
}

/// It may be at hand on this thread still.
#[tokio::test]
async fn what_is_trimmed_is_not_read_by_who_reads_on() {
    for read in 1..=12 {
        let channel = Channel::builder().events(16).build();
        let mut slow = channel.subscribe(None).no_checkpoints();
        assert!(ready(&mut slow).is_empty());
        publish(&channel, 0..16).await;
        for n in 0..read {
            assert_eq!(data(&[slow.next().await.unwrap().unwrap()]), [n.to_string()]);
        }
        publish(&channel, 16..48).await;
        let next = slow.next().await;
        assert!(matches!(next, Some(Err(SubscriptionError::Lagged))), "{read} read: {next:?}");
    }
}

#[test]
fn subscriptions_leave_nothing_behind() {
    let channel = Channel::<Event>::new();
    let subscriptions: Vec<_> = (0..1000).map(|_| channel.subscribe(None)).collect();
    assert_eq!(channel.subscribers(), 1000);
    drop(subscriptions);
    assert_eq!(channel.subscribers(), 0);
}

#[test]
fn everything_is_send_and_sync() {
    fn check<T: Send + Sync + Unpin + 'static>() {}
    // Even for events that are neither: only their frames are kept.
    check::<Channel<std::rc::Rc<Event>>>();
    check::<Subscription<std::rc::Rc<Event>>>();
    check::<PublishError>();
}

/// Readers of one thread take the newest event from each other: of their own channel, from where they are.
#[tokio::test]
async fn readers_of_several_channels_on_one_thread_get_their_own_events() {
    let channels: Vec<_> = (0..3).map(|_| Channel::<Event>::new()).collect();
    let mut readers: Vec<_> = (0..9).map(|n| channels[n % 3].subscribe(None)).collect();
    for reader in &mut readers {
        // Its place.
        reader.next().await.unwrap().unwrap();
    }
    for round in 0..4 {
        for (n, channel) in channels.iter().enumerate() {
            channel.publish(&Event::new(format!("{round} of {n}"))).await.unwrap();
        }
        for (n, reader) in readers.iter_mut().enumerate() {
            // One of each channel is an event behind.
            let is_behind = n < 3;
            if is_behind && round == 0 {
                continue;
            }
            let frame = reader.next().await.unwrap().unwrap();
            let expected = format!("data: {} of {}\n\n", round - i32::from(is_behind), n % 3);
            assert!(frame.as_ref().ends_with(expected.as_bytes()), "{expected} {frame:?}");
        }
    }
}
