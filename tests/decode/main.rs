//! What was sent reads back equal, and what is wrong with what does not.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod beside;
mod errors;
mod inside;
mod random;
mod serde_attributes;
mod terminal;
mod variants;

use std::fmt::Debug;

use typed_sse::{Decoder, FromEventError, FromSseEvent, SseEvent};

/// The event as its type reads it.
fn typed<E: FromSseEvent>(wire: &str) -> Result<E, FromEventError> {
    let mut decoder = Decoder::new();
    // An event before it, whose ID is not its own.
    let input = format!("id: before\nretry: 1\ndata: x\n\n{wire}");
    let mut input = input.as_bytes();
    decoder.next_event(&mut input).unwrap().unwrap();
    E::from_event(&decoder.next_event(&mut input).unwrap().unwrap())
}

fn wire(event: &impl SseEvent) -> String {
    String::from_utf8(event.to_frame().unwrap().as_ref().to_vec()).unwrap()
}

/// What is sent reads back equal.
#[track_caller]
fn comes_back<E: SseEvent + FromSseEvent + PartialEq + Debug>(event: &E) {
    let wire = wire(event);
    match typed::<E>(&wire) {
        Ok(read) => assert_eq!(read, *event, "{wire}"),
        Err(error) => panic!("{error}\n{wire}"),
    }
}

/// What the error says.
#[track_caller]
fn error<E: FromSseEvent + Debug>(wire: &str) -> String {
    typed::<E>(wire).unwrap_err().to_string()
}
