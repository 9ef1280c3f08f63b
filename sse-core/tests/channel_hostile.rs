//! What once broke a promise, or looked as if it could.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use support::{data, ready};
use typed_sse_core::{
    Channel, EncodeError, EncodeErrorKind, Encoded, Encoder, Event, EventId, Frame, LastEventId,
    PublishError, SseEvent, Start,
};

fn publish<E: SseEvent>(channel: &Channel<E>, event: &E) -> Result<EventId, PublishError> {
    channel.publish(event).now_or_never().unwrap()
}

fn with_id(id: &str) -> Event {
    Event::new(id).with_id(EventId::new(id).unwrap())
}

#[derive(Default)]
struct Counted(AtomicUsize);

impl Wake for Counted {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn an_own_id_cannot_pass_for_a_cursor() {
    let channel = Channel::<Frame>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    publish(&channel, &Event::new("1").to_frame().unwrap()).unwrap();
    let sent = ready(&mut subscription).remove(0);
    assert!(matches!(publish(&channel, &sent), Err(PublishError::CursorId { .. })), "a frame comes back");

    let channel = Channel::<Event>::new();
    let cursor = channel.cursor().as_str().replace("-0", "-4");
    match publish(&channel, &with_id(&cursor)).unwrap_err() {
        PublishError::CursorId { id } => assert_eq!(id.as_str(), cursor),
        other => panic!("{other}"),
    }
    publish(&channel, &with_id("abcdefgh-4")).unwrap();
}

#[test]
fn an_id_that_would_not_come_back_as_it_is_is_refused() {
    let channel = Channel::<Event>::new();
    for id in ["a\u{1}b", "\u{7f}", "a\u{1f}", " ", " a", "a ", "\ta", "a\t"] {
        match publish(&channel, &with_id(id)).unwrap_err() {
            PublishError::Encode(error) => {
                assert_eq!((error.field(), error.kind()), ("id", EncodeErrorKind::NotReturnable), "{id:?}");
            }
            other => panic!("{other}"),
        }
    }
    for id in ["a b", "a\tb", "…", "\u{a0}", "42"] {
        publish(&channel, &with_id(id)).unwrap();
    }
}

#[test]
fn an_end_that_comes_while_events_are_left_out_is_not_missed() {
    let channel = Channel::<Event>::new();
    let (other, once) = (channel.clone(), AtomicBool::new(false));
    // Stands for another thread, between the first look and the registering of the waker.
    let mut subscription = channel.subscribe(None).no_checkpoints().filter(move |_| {
        if !once.swap(true, Ordering::SeqCst) {
            publish(&other, &Event::new("left out")).unwrap();
            let other = other.clone();
            let drain = async move { other.drain(Duration::ZERO).await };
            let runtime = || tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            std::thread::spawn(move || runtime().block_on(drain)).join().unwrap();
        }
        false
    });
    publish(&channel, &Event::new("left out")).unwrap();
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(Arc::clone(&counted));
    let polled = subscription.poll_next_unpin(&mut Context::from_waker(&waker));
    assert!(polled.is_ready() || counted.0.load(Ordering::SeqCst) > 0);
}

#[tokio::test(start_paused = true)]
async fn a_second_drain_wakes_who_was_told_before() {
    let channel = Channel::<Event>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    assert_eq!(channel.drain(Duration::ZERO).await.cut, 1);
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(Arc::clone(&counted));
    // It is ended by now; one that had missed it would be woken again.
    assert!(subscription.poll_next_unpin(&mut Context::from_waker(&waker)).is_ready());
    drop(subscription);
    let report = channel.drain(Duration::from_secs(1)).await;
    assert_eq!((report.ended, report.cut), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_window_without_end_is_no_overflow() {
    let channel = Channel::<Event>::new();
    let client = tokio::spawn(channel.subscribe(None).no_checkpoints().count());
    let report = channel.drain(Duration::MAX).await;
    assert_eq!((report.ended, report.cut, client.await.unwrap()), (1, 0, 1));
}

#[test]
fn an_applications_reset_may_use_its_channel() {
    let slot: Arc<std::sync::OnceLock<Channel<Event>>> = Arc::default();
    let inner = Arc::clone(&slot);
    let channel = Channel::builder()
        .reset_with(move |_| {
            publish(inner.get().unwrap(), &Event::new("audit")).unwrap();
            // An ID of its own is not sent.
            with_id("own")
        })
        .build();
    slot.set(channel.clone()).unwrap();
    publish(&channel, &with_id("own")).unwrap();
    publish(&channel, &Event::new("seen by none")).unwrap();
    let frames = ready(&mut channel.subscribe(LastEventId::from("nonsense")));
    assert_eq!(data(&frames), ["own", "audit"]);
    assert!(frames[0].id().unwrap().ends_with("-2"));
}

#[tokio::test]
async fn subscriptions_end_with_the_last_handle_of_their_channel() {
    let channel = Channel::<Event>::new();
    let mut subscription = channel.subscribe(None).no_checkpoints();
    let clone = channel.clone();
    drop(channel);
    publish(&clone, &Event::new("last words")).unwrap();
    drop(clone);
    assert_eq!(data(&[subscription.next().await.unwrap().unwrap()]), ["last words"]);
    assert!(!subscription.next().await.unwrap().unwrap().is_event());
    assert!(subscription.next().await.is_none());
}

#[test]
fn an_event_that_the_log_could_not_hold_is_refused_however_late_it_is_known() {
    let one_digit = "id: abcdefgh-1\ndata: x\n\n".len();
    let channel = Channel::<Event>::builder().bytes(one_digit).build();
    // Encoded when its number still had one digit.
    let late = channel.publish(&Event::new("x"));
    for _ in 0..9 {
        publish(&channel, &Event::new("x")).unwrap();
    }
    assert!(matches!(late.now_or_never().unwrap(), Err(PublishError::TooLong { .. })));
}

#[test]
fn one_waker_that_panics_costs_no_other_its_event() {
    struct Panics;
    impl Wake for Panics {
        fn wake(self: Arc<Self>) {
            panic!("a waker that panics");
        }
    }
    let channel = Channel::<Event>::new();
    let mut subscriptions: Vec<_> = (0..3).map(|_| channel.subscribe(None).no_checkpoints()).collect();
    let counted = Arc::new(Counted::default());
    let wakers =
        [Waker::from(Arc::clone(&counted)), Waker::from(Arc::new(Panics)), Waker::from(Arc::clone(&counted))];
    for (subscription, waker) in subscriptions.iter_mut().zip(&wakers) {
        assert!(subscription.poll_next_unpin(&mut Context::from_waker(waker)).is_pending());
    }
    let publishing = std::panic::AssertUnwindSafe(|| publish(&channel, &Event::new("x")));
    assert!(std::panic::catch_unwind(publishing).is_err());
    assert_eq!(counted.0.load(Ordering::SeqCst), 2);
}

#[test]
fn a_frame_that_is_made_ephemeral_is_not_in_the_log() {
    struct Ephemeral(Frame);
    impl SseEvent for Ephemeral {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            self.0.encode(encoder.ephemeral()?)
        }
    }
    // Whether its ID is a cursor of another channel or its own.
    let other = Channel::<Event>::new();
    let mut subscription = other.subscribe(None).no_checkpoints();
    publish(&other, &Event::new("1")).unwrap();
    publish(&other, &with_id("own")).unwrap();
    let channel = Channel::<Ephemeral>::new();
    let mut live = channel.subscribe(None).no_checkpoints();
    for frame in ready(&mut subscription) {
        assert!(frame.id().is_some());
        publish(&channel, &Ephemeral(frame)).unwrap();
    }
    let frames = ready(&mut live);
    assert_eq!(data(&frames), ["1", "own"]);
    assert!(frames.iter().all(|frame| frame.id().is_none() && frame.is_ephemeral()));
    assert_eq!(data(&ready(&mut channel.subscribe(None).start(Start::Earliest))), [""; 0]);
}

#[test]
fn one_who_wants_little_gives_others_their_turn() {
    let channel = Channel::<Event>::builder().events(100_000).build();
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let mut subscription = channel.subscribe(None).no_checkpoints().filter(move |frame| {
        counter.fetch_add(1, Ordering::SeqCst);
        frame.as_ref().ends_with(b"data: last\n\n")
    });
    for _ in 0..10_000 {
        publish(&channel, &Event::new("left out")).unwrap();
    }
    publish(&channel, &Event::new("last")).unwrap();
    let counted = Arc::new(Counted::default());
    let waker = Waker::from(Arc::clone(&counted));
    let mut polls = 0;
    let frame = loop {
        let before = asked.load(Ordering::SeqCst);
        let poll = subscription.poll_next_unpin(&mut Context::from_waker(&waker));
        assert!(asked.load(Ordering::SeqCst) - before <= 1024);
        polls += 1;
        if let std::task::Poll::Ready(frame) = poll {
            break frame.unwrap().unwrap();
        }
        assert_eq!(counted.0.load(Ordering::SeqCst), polls, "it has itself polled again");
    };
    assert_eq!(data(&[frame]), ["last"]);
}
