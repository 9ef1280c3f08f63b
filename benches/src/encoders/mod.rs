//! One typed event to owned wire bytes.

mod floor;
mod frameworks;
mod libraries;

use std::hint::black_box;
use std::sync::Arc;

use typed_sse::{Decoder, SseEvent};

use crate::events::Market;

/// Where an encoder hands over the bytes of one event, in one piece or several.
type Sink<'a> = &'a mut dyn FnMut(&[u8]);

/// One way to encode one event.
#[expect(missing_debug_implementations, reason = "holds a closure")]
pub struct Encoder {
    /// The peer, and how it is used.
    pub name: &'static str,
    encode: Box<dyn FnMut(Sink<'_>)>,
}

impl Encoder {
    fn new(name: &'static str, encode: impl FnMut(Sink<'_>) + 'static) -> Self {
        Self { name, encode: Box::new(encode) }
    }

    /// Encodes the event once.
    pub fn run(&mut self) {
        (self.encode)(&mut |piece| {
            black_box(piece);
        });
    }

    /// What it writes.
    pub fn wire(&mut self) -> Vec<u8> {
        let mut wire = Vec::new();
        (self.encode)(&mut |piece| wire.extend_from_slice(piece));
        wire
    }

    /// Panics unless a client that reads `wire` dispatches exactly `event`.
    pub fn check(&mut self, event: &Market) {
        let wire = self.wire();
        let mut decoder = Decoder::new();
        let mut input = wire.as_slice();
        let read = decoder.next_event(&mut input).unwrap().unwrap();
        assert_eq!(read.event_type, event.event_type(), "{}", self.name);
        assert_eq!(read.data, event.data(), "{}", self.name);
        assert_eq!(read.id, event.id().to_string(), "{}", self.name);
        assert!(decoder.next_event(&mut input).unwrap().is_none(), "{} sends more than one event", self.name);
    }
}

/// This project first, then the floors, then the peers.
#[must_use]
pub fn all(event: &Arc<Market>) -> Vec<Encoder> {
    let e = || Arc::clone(event);
    vec![
        ours(e()),
        floor::reused_buffer(e()),
        floor::owned_bytes(e()),
        libraries::sse_stream(e()),
        libraries::russe(e()),
        frameworks::actix_web_lab(e()),
        frameworks::warp(e()),
        frameworks::axum_to_string(e()),
        frameworks::axum_json_data(e()),
        frameworks::poem(e()),
        frameworks::salvo(e()),
        frameworks::rocket(e()),
    ]
}

fn ours(event: Arc<Market>) -> Encoder {
    Encoder::new("**typed-sse**", move |sink| sink(&event.to_frame().unwrap().into_bytes()))
}
