//! The channel under a model checker: loom runs each model once for every order of its threads' steps, and for every
//! value that the memory model lets a load see.
//!
//! A step is an operation on a lock, an atomic or a waker of [`sync`](super::sync); between two of them a thread runs
//! alone. What is not exchanged there is not a step, and need not be one:
//!
//! - `Arc` only counts. What the last handle does when it is dropped begins with a lock, which is a step.
//! - The log, its maps and frames are plain data behind those locks, and nothing here is unsafe: the compiler has excluded
//!   every data race that a checker could find in them.
//! - Tokio's timers are polled by one thread of a model, over a clock that stands still.
//! - The buffer of a thread in which an event is encoded is the only thing that all threads of a model share by
//!   mistake, since they are one thread of the operating system. No step lies between its being taken and given back.
//!
//! Loom's locks are never poisoned.
//!
//! An execution must be repeatable step for step: random numbers are seeded, no map of two entries is iterated.
//!
//! Bounds: what takes more than a few seconds to explore to the end (`None`) is explored up to a number of preemptions,
//! which is where a thread is interrupted though it could go on: two to four, fewer where there are more threads. All mistakes
//! that the comments of the models name are found within them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "what unwraps in vain fails its test, and a test may print how much it explored"
)]

mod drain;
mod finish;
mod ids;
mod order;
mod place;
mod room;
mod slots;
mod subscribe;
mod topics;
mod trim;
mod wake;

use std::future::{self, Future};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use loom::sync::Notify;

use super::{Channel, SubscriptionError};
use crate::encode::Frame;
use crate::event::{Event, SseEvent};
use crate::field::EventId;

type Item = Result<Frame, SubscriptionError>;

/// Explores every execution of `model` in which threads are interrupted at most `preemptions` times; all if `None`.
fn check(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let executions = Arc::new(AtomicUsize::new(0));
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = preemptions;
    let counter = Arc::clone(&executions);
    builder.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        // Each execution repeats the beginning of another.
        fastrand::seed(0);
        model();
    });
    let executions = executions.load(Ordering::Relaxed);
    println!("{executions} executions");
    // Were the primitives not those of the checker, there would be one.
    assert!(executions > 10, "{executions} executions are no exploration");
}

/// A thread that waits for its waker.
struct Parked(Notify);

impl Wake for Parked {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// As loom's, but a waker can be cloned and dropped without a step of the model.
fn block_on<F: Future>(future: F) -> F::Output {
    let parked = Arc::new(Parked(Notify::new()));
    let waker = Waker::from(Arc::clone(&parked));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        parked.0.wait();
    }
}

fn publish<E: SseEvent>(channel: &Channel<E>, event: &E) -> EventId {
    channel.publish(event).now_or_never().unwrap().unwrap()
}

/// Not the place that a new client is told first.
fn is_no_place(frame: &Frame) -> bool {
    frame.is_event() || frame.id().is_none()
}

/// The next `n` frames.
fn read(subscription: &mut (impl Stream<Item = Item> + Unpin), n: usize) -> Vec<Frame> {
    let frames = subscription.map(Result::unwrap).filter(|frame| future::ready(is_no_place(frame)));
    let frames: Vec<_> = block_on(frames.take(n).collect());
    assert_eq!(frames.len(), n, "it ended");
    frames
}

/// What is left to read, without the reconnection time with which it ends.
fn read_to_end(subscription: impl Stream<Item = Item> + Unpin) -> Vec<Frame> {
    let mut frames: Vec<_> = block_on(
        subscription.map(Result::unwrap).filter(|frame| future::ready(is_no_place(frame))).collect(),
    );
    let last = frames.pop().expect("no reconnection time");
    assert!(last.as_ref().starts_with(b"retry: "), "{last:?}");
    frames
}

/// What can be read without waiting.
fn ready(subscription: &mut (impl Stream<Item = Item> + Unpin)) -> Vec<Frame> {
    let frames = std::iter::from_fn(|| subscription.next().now_or_never().flatten()).map(Result::unwrap);
    frames.filter(is_no_place).collect()
}

fn sequences(frames: &[Frame]) -> Vec<u64> {
    frames.iter().map(|frame| sequence(frame.id().unwrap())).collect()
}

/// The number in a cursor.
fn sequence(id: &str) -> u64 {
    id.split_once('-').unwrap().1.parse().unwrap()
}

fn data(frame: &Frame) -> &str {
    std::str::from_utf8(frame.as_ref()).unwrap().trim_end().rsplit_once("data: ").unwrap().1
}

fn numbered(n: u32) -> Event {
    Event::new(n.to_string())
}
