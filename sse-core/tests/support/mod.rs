//! What the tests of the channel share.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    dead_code,
    reason = "what unwraps in vain fails its test, which prints its seed; each test uses its part"
)]

use fastrand::Rng;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{Decoder, Event, Frame, Reset, ResetReason, Resumption, Subscription};

/// Everything that is ready.
pub(crate) fn ready<E>(subscription: &mut Subscription<E>) -> Vec<Frame> {
    std::iter::from_fn(|| subscription.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

/// What a client dispatches.
pub(crate) fn decode(frames: &[Frame]) -> Vec<Event> {
    let bytes: Vec<u8> = frames.iter().flat_map(|frame| frame.as_ref().to_vec()).collect();
    let mut decoder = Decoder::new();
    let mut input = &bytes[..];
    let mut events = Vec::new();
    while let Some(event) = decoder.next_event(&mut input).unwrap() {
        events.push(event.to_event());
    }
    events
}

/// The data of what a client dispatches.
pub(crate) fn data(frames: &[Frame]) -> Vec<String> {
    decode(frames).iter().map(|event| event.data().to_owned()).collect()
}

/// The reset with which a subscription begins.
pub(crate) fn reset<E>(subscription: &Subscription<E>) -> (ResetReason, Option<u64>) {
    match subscription.resumption() {
        Resumption::Reset(Reset { reason, missed, .. }) => (reason, missed),
        other => panic!("no reset but {other:?}"),
    }
}

/// Random numbers from a seed that is printed; `TYPED_SSE_SEED=n` replays it.
pub(crate) fn rng() -> Rng {
    let seed =
        std::env::var("TYPED_SSE_SEED").map_or_else(|_| fastrand::u64(..), |seed| seed.parse().unwrap());
    println!("TYPED_SSE_SEED={seed}");
    Rng::with_seed(seed)
}

/// The number of a cursor.
pub(crate) fn sequence(id: &str) -> u64 {
    id.split_once('-').unwrap().1.parse().unwrap()
}
