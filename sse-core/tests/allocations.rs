//! How often the wire and the channel allocate, counted.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::convert::Infallible;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use allocation_counter::{AllocationInfo, measure};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use serde::Serialize;
use typed_sse_core::{
    Channel, Decoder, EncodeError, Encoded, Encoder, Event, EventStream, EventType, KeepAlive, SseEvent,
    Subscription,
};

#[derive(Clone, Serialize)]
struct Price<'a> {
    seq: u64,
    symbol: &'a str,
    price: f64,
    note: String,
}

impl SseEvent for Price<'_> {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const PRICE: EventType = EventType::from_static("price_changed");
        encoder.key(self.symbol)?.event_type(&PRICE)?.id(&self.seq)?.json(self)
    }
}

fn steady(mut work: impl FnMut()) -> AllocationInfo {
    // The first round grows what is kept.
    work();
    measure(work)
}

#[test]
fn an_event_is_encoded_in_one_allocation() {
    for len in [0, 30, 1000, 60_000] {
        let event = Price { seq: 42, symbol: "ACME", price: 1.25, note: "n".repeat(len) };
        let counted = steady(|| drop(black_box(event.to_frame().unwrap())));
        assert_eq!(counted.count_total, 1, "{len} bytes of text");
    }
}

#[test]
fn fields_in_any_order_are_encoded_in_one_allocation() {
    struct Backwards<'a>(Price<'a>);
    impl SseEvent for Backwards<'_> {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            const NOTE: EventType = EventType::from_static("note");
            self.0.encode(encoder.retry(Duration::ZERO)?.id(&7)?.event_type(&NOTE)?.key("a key outside")?)
        }
    }
    let event = Backwards(Price { seq: 42, symbol: "ACME", price: 1.25, note: String::new() });
    assert_eq!(steady(|| drop(black_box(event.to_frame().unwrap()))).count_total, 1);
}

#[test]
fn text_of_many_lines_is_encoded_in_one_allocation() {
    struct Text(String);
    impl SseEvent for Text {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            encoder.text(&self.0)
        }
    }
    let event = Text("a line of text\r\n".repeat(100));
    assert_eq!(steady(|| drop(black_box(event.to_frame().unwrap()))).count_total, 1);
}

#[test]
fn an_event_in_one_chunk_is_decoded_without_allocating() {
    let stream = "event: price\ndata: {\"price\":1.25}\n\ndata: plain\r\n\r\n: comment\n\n".repeat(50);
    let mut decoder = Decoder::new();
    let mut events = 0;
    let counted = measure(|| {
        let mut input = stream.as_bytes();
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            events += black_box(event).data.len().min(1);
        }
    });
    assert_eq!((counted.count_total, events), (0, 100));
}

#[test]
fn ids_and_many_lines_allocate_only_at_first() {
    let stream = "id: some-id-of-usual-length-42\ndata: one\ndata: two\ndata: three\n\n".repeat(10);
    let mut decoder = Decoder::new();
    let counted = steady(|| {
        // Cut anywhere, so that the buffers for what is unterminated are in use too.
        for mut input in stream.as_bytes().chunks(7) {
            while decoder.next_event(&mut input).unwrap().is_some() {}
        }
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_subscriber_is_a_cursor_of_few_bytes() {
    const SUBSCRIBERS: usize = 10_000;
    let channel = Channel::<Price<'_>>::builder().events(100).build();
    let subscribe = || channel.subscribe(None).no_checkpoints();
    let mut subscriptions = Vec::with_capacity(SUBSCRIBERS);
    let counted = measure(|| subscriptions.extend((0..SUBSCRIBERS).map(|_| subscribe())));
    let in_channel = counted.bytes_current / SUBSCRIBERS as i64;
    let whole = in_channel + size_of::<Subscription<Price<'_>>>() as i64;
    assert!(in_channel <= 128 && whole <= 512, "{in_channel} bytes in the channel, {whole} in all");

    // Each waits with a waker of its own.
    let wakers: Vec<_> = (0..SUBSCRIBERS).map(|_| Arc::new(CountedWaker::default())).collect();
    for (subscription, waker) in subscriptions.iter_mut().zip(&wakers) {
        let waker = Waker::from(Arc::clone(waker));
        assert!(subscription.poll_next_unpin(&mut Context::from_waker(&waker)).is_pending());
    }
    let event = Price { seq: 42, symbol: "ACME", price: 1.25, note: String::new() };
    let mut publishes = 0;
    let counted = steady(|| {
        publishes += 1;
        let event = Price { seq: publishes, ..event.clone() };
        channel.publish(&event).now_or_never().unwrap().unwrap();
    });
    assert!(counted.count_total <= 8, "{} allocations to publish to {SUBSCRIBERS}", counted.count_total);
    assert!(wakers.iter().all(|waker| waker.0.load(Ordering::Relaxed) == 1), "all were woken, once");

    // However far behind it is, a subscriber takes no more; the thread has a place for what it is to read next.
    let read = |subscriptions: &mut [Subscription<_>]| {
        for subscription in subscriptions {
            while let Some(frame) = subscription.next().now_or_never() {
                drop(black_box(frame.unwrap().unwrap()));
            }
        }
    };
    read(&mut subscriptions[100..101]);
    let counted = measure(|| read(&mut subscriptions[..100]));
    assert_eq!(counted.bytes_current, 0);
}

#[test]
fn one_that_stalls_holds_nothing_back() {
    const RETAINED: u64 = 100;
    let channel = Channel::<Price<'_>>::builder().events(RETAINED as usize).build();
    let price = |seq| Price { seq, symbol: "ACME", price: 1.25, note: "x".repeat(1000) };
    let publish = |seq| drop(channel.publish(&price(seq)).now_or_never().unwrap().unwrap());
    let mut stalled = channel.subscribe(None).no_checkpoints();
    // What is remembered of the IDs of trimmed events has its full size by then.
    (0..10 * RETAINED).for_each(publish);
    let counted = measure(|| (10 * RETAINED..100 * RETAINED).for_each(publish));
    let one = price(0).to_frame().unwrap().as_ref().len() as i64;
    assert!(counted.bytes_current < 2 * one, "{} bytes more are held", counted.bytes_current);
    assert!(stalled.next().now_or_never().unwrap().unwrap().is_err(), "it has fallen behind");
}

#[test]
fn a_lifetime_costs_no_allocation() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let _inside = runtime.enter();
    let idle = || EventStream::new(stream::pending::<Result<Event, Infallible>>());
    let allocations = |mut body: EventStream<_>| {
        steady(|| drop(black_box(body.next().now_or_never()))).count_total
            + measure(|| assert!(body.next().now_or_never().is_none())).count_total
    };
    let hour = Duration::from_secs(3600);
    // The alarm alone, whichever of the two it is for.
    assert_eq!(allocations(idle().keep_alive(KeepAlive::off())), 0);
    assert_eq!(allocations(idle()), 1);
    assert_eq!(allocations(idle().lifetime(hour)), 1);
    assert_eq!(allocations(idle().keep_alive(KeepAlive::off()).lifetime(hour)), 1);
}

#[derive(Default)]
struct CountedWaker(AtomicUsize);

impl Wake for CountedWaker {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_never_ends_is_held_up_to_the_limit() {
    const LIMIT: usize = 64 << 10;
    let endless: [&[u8]; 5] = [b"data: ", b": comment ", b"data: x\n", b"id: x\n", b"unknown"];
    for start in endless {
        let counted = measure(|| {
            let mut decoder = Decoder::with_limit(LIMIT);
            let filler = std::iter::repeat_n(&[b'x'; 1000][..], 2000);
            for chunk in std::iter::once(start).chain(filler).chain(std::iter::repeat_n(start, 50_000)) {
                let mut input = chunk;
                // An error is no end: what follows is read on.
                while decoder.next_event(&mut input).map_or(true, |event| event.is_some()) {}
            }
        });
        assert!(counted.bytes_max <= 4 * LIMIT as u64, "{} bytes for {start:?}", counted.bytes_max);
    }
}
