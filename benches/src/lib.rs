//! What the benches measure: the same events through this project and through its peers.
//!
//! An encoder turns one typed event into owned wire bytes. A decoder turns chunks into dispatched events. Each peer
//! has one small function that does that as its own documentation shows it.
// A bench that cannot run stops at once; nothing here handles errors.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc)]

pub mod decoders;
pub mod encoders;
pub mod events;
pub mod interleave;
pub mod streams;
pub mod typed;

use std::task::{Context, Poll, Waker};

/// The only value of a future or stream that is always ready: nothing here waits for a socket or a clock.
fn ready<T>(poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> T {
    match poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("a peer waits for something"),
    }
}
