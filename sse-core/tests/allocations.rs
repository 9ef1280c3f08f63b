//! How often the wire allocates, counted.

use std::hint::black_box;

use allocation_counter::{AllocationInfo, measure};
use serde::Serialize;
use typed_sse_core::{Decoder, EncodeError, Encoded, Encoder, EventType, SseEvent};

#[derive(Serialize)]
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
