//! What derived events are on the wire, and what their catalogues say.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod catalogue;
mod envelope;
mod event_type;
mod generics;
mod hygiene;
mod id_and_key;
mod itself;
mod many;
mod names;
mod nested;
mod no_prelude;
mod payload;
mod retry;
mod serde_attributes;
mod untagged;

use typed_sse::SseEvent;

/// The bytes of an event.
fn wire(event: &(impl SseEvent + ?Sized)) -> String {
    String::from_utf8(event.to_frame().unwrap().as_ref().to_vec()).unwrap()
}

/// The event types of a catalogue, in order.
fn types<E: SseEvent + ?Sized>() -> Vec<&'static str> {
    E::EVENTS.iter().map(|spec| spec.event_type()).collect()
}
