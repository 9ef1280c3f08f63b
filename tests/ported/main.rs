//! Enums as existing servers have them, each a derive and a few attributes away from the bytes that its protocol wants.
//!
//! The names are made up; the shapes are those of public protocols. What can be read back is read back, by the same
//! serde attributes. What is sent is kept, too, to be shown to the compiler of TypeScript: see `typescript`.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod adjacent;
mod completion;
mod custom_kinds;
mod delivery;
mod job_runner;
mod log_lines;
mod login;
mod messages;
mod responses;
mod rpc;
mod search;
mod session;
mod stored;
mod timeline;
mod typescript;

use std::fmt::Debug;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde::de::DeserializeOwned;
use typed_sse::{Decoder, Event, EventId, EventType, FromEventError, FromSseEvent, SseEvent, SseSchema};

/// The bytes of an event, which the page's side reads, too.
fn wire<E: SseSchema>(event: &E) -> String {
    let wire = bytes(event);
    typescript::keep::<E>(&dispatched(&wire));
    wire
}

/// The bytes of an event.
fn bytes(event: &impl SseEvent) -> String {
    String::from_utf8(event.to_frame().unwrap().as_ref().to_vec()).unwrap()
}

/// What a client dispatches.
fn dispatched(wire: &str) -> Event {
    let (mut decoder, mut input) = (Decoder::new(), wire.as_bytes());
    let event = decoder.next_event(&mut input).unwrap().unwrap();
    let dispatched =
        Event::new(event.data).with_event_type(EventType::new(event.event_type.to_owned()).unwrap());
    match event.id {
        "" => dispatched,
        id => dispatched.with_id(EventId::new(id).unwrap()),
    }
}

/// The data as serde reads it.
fn read<T: DeserializeOwned>(wire: &str) -> T {
    serde_json::from_str(dispatched(wire).data()).unwrap()
}

/// The event as its type reads it.
fn typed<E: FromSseEvent>(wire: &str) -> Result<E, FromEventError> {
    let (mut decoder, mut input) = (Decoder::new(), wire.as_bytes());
    E::from_event(&decoder.next_event(&mut input).unwrap().unwrap())
}

/// What is sent reads back equal.
fn comes_back<E: SseSchema + FromSseEvent + PartialEq + Debug>(event: &E) {
    assert_eq!(typed::<E>(&wire(event)).unwrap(), *event);
}

/// Whatever the values are, what is sent reads back equal.
fn always_comes_back<E: SseEvent + FromSseEvent + PartialEq + Debug>(events: impl Strategy<Value = E>) {
    always(events, |event| assert_eq!(typed::<E>(&bytes(&event)).unwrap(), event));
}

/// It holds for each value.
fn always<E: Debug>(events: impl Strategy<Value = E>, holds: impl Fn(E)) {
    let test = |event| {
        holds(event);
        Ok(())
    };
    // A failure is told with its value; there is no file to keep it in.
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) };
    TestRunner::new(config).run(&events, test).unwrap();
}

/// Line breaks arrive as LF.
fn text() -> impl Strategy<Value = String> {
    "[^\r]{0,40}"
}

/// What can stand in the field `id`.
fn id() -> impl Strategy<Value = String> {
    "[^\r\n\0]{1,20}"
}

fn kind() -> impl Strategy<Value = EventType> {
    "[^\r\n]{1,20}".prop_map(|kind| EventType::new(kind).unwrap())
}

/// Each event has these bytes, and comes back from them.
fn there_and_back<E: SseSchema + FromSseEvent + DeserializeOwned + PartialEq + Debug>(
    events: Vec<(E, &str)>,
) {
    for (event, expected) in events {
        let wire = wire(&event);
        assert_eq!(wire, expected);
        assert_eq!(read::<E>(&wire), event);
        assert_eq!(typed::<E>(&wire).unwrap(), event);
    }
}

/// The event types of a catalogue, in order.
fn types<E: SseEvent>() -> Vec<&'static str> {
    E::EVENTS.iter().map(|spec| spec.event_type()).collect()
}
