//! One small event to many subscribers that wait for it, without sockets: until each has it and waits again.
//!
//! `tokio::sync::broadcast` sends the same bytes through `BroadcastStream`, in interleaved rounds on the same thread.
//!
//! `parked typed-sse 100000 20` and `parked broadcast 100000 20` run one of the two alone, in so many rounds, for a simulator that
//! counts: what a round costs is the difference between two numbers of rounds.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::env;
use std::hint::black_box;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::broadcast;
use tokio_stream::wrappers::BroadcastStream;
use typed_sse_channel_benches::median;
use typed_sse_core::{Channel, Event};

const SUBSCRIBERS: [usize; 3] = [100, 10_000, 100_000];
/// As long as a frame of the event, with its ID.
const LEN: usize = 116;

/// What one event costs, in ns for each subscriber.
#[derive(Clone, Copy, Default)]
struct Cost {
    publish: f64,
    ready: f64,
    pending: f64,
}

impl Cost {
    const fn total(self) -> f64 {
        self.publish + self.ready + self.pending
    }
}

fn main() {
    let arguments: Vec<_> = env::args().skip(1).collect();
    if let [of, subscribers, rounds] = &arguments[..] {
        return alone(of, subscribers.parse().unwrap(), rounds.parse().unwrap());
    }
    println!(
        "| subscribers | | publish and wake | polls that give it | polls that wait again | in all | of broadcast's |"
    );
    println!("|---|---|---|---|---|---|---|");
    for subscribers in SUBSCRIBERS {
        let rounds = (2_000_000 / subscribers).clamp(31, 1001);
        let mut ours = Ours::new(subscribers);
        let mut theirs = Theirs::new(subscribers);
        let mut costs = Vec::new();
        for _ in 0..rounds {
            costs.push([ours.round(), theirs.round()]);
        }
        // The first rounds fill the logs.
        let costs = &costs[rounds / 10..];
        let column =
            |of: usize, part: fn(Cost) -> f64| median(costs.iter().map(|round| part(round[of])).collect());
        let ratio = median(costs.iter().map(|[ours, theirs]| ours.total() / theirs.total()).collect());
        for (of, name) in ["typed-sse", "broadcast"].into_iter().enumerate() {
            let [publish, ready, pending, total] =
                [|cost: Cost| cost.publish, |cost: Cost| cost.ready, |cost: Cost| cost.pending, Cost::total]
                    .map(|part| column(of, part));
            let of_broadcast = if of == 0 { format!("{ratio:.2}") } else { String::new() };
            println!(
                "| {subscribers} | {name} | {publish:.1} | {ready:.1} | {pending:.1} | {total:.1} | {of_broadcast} |"
            );
        }
    }
    println!("\nns for each subscriber, medians");
}

fn alone(of: &str, subscribers: usize, rounds: usize) {
    match of {
        "typed-sse" => {
            let mut ours = Ours::new(subscribers);
            for _ in 0..rounds {
                black_box(ours.round());
            }
        }
        "broadcast" => {
            let mut theirs = Theirs::new(subscribers);
            for _ in 0..rounds {
                black_box(theirs.round());
            }
        }
        other => panic!("`{other}` is neither `typed-sse` nor `broadcast`"),
    }
}

struct Ours {
    channel: Channel<Event>,
    event: Event,
    parked: Parked<typed_sse_core::Subscription<Event>>,
}

impl Ours {
    fn new(subscribers: usize) -> Self {
        let channel = Channel::builder().subscribers(subscribers).build();
        let event = Event::new("x".repeat(LEN - 30));
        let streams = (0..subscribers).map(|_| channel.subscribe(None)).collect();
        let mut parked = Parked::new(streams);
        // The place of each.
        parked.drain();
        Self { channel, event, parked }
    }

    fn round(&mut self) -> Cost {
        let Self { channel, event, parked } = self;
        parked.round(|| drop(black_box(channel.publish_now(event).unwrap())))
    }
}

struct Theirs {
    sender: broadcast::Sender<Bytes>,
    parked: Parked<BroadcastStream<Bytes>>,
}

impl Theirs {
    fn new(subscribers: usize) -> Self {
        let (sender, _) = broadcast::channel(4096);
        let streams = (0..subscribers).map(|_| BroadcastStream::new(sender.subscribe())).collect();
        let mut parked = Parked::new(streams);
        parked.drain();
        Self { sender, parked }
    }

    fn round(&mut self) -> Cost {
        let Self { sender, parked } = self;
        parked.round(|| {
            black_box(sender.send(Bytes::from("x".repeat(LEN))).unwrap());
        })
    }
}

/// Streams, each with a waker of its own, as the tasks of an executor have.
struct Parked<S> {
    streams: Vec<S>,
    wakers: Vec<Waker>,
    woken: Arc<AtomicU64>,
}

struct CountsWakes(Arc<AtomicU64>);

impl Wake for CountsWakes {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // One thread: no other counts.
        self.0.store(self.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl<S: Stream<Item = Result<T, X>> + Unpin, T, X: std::fmt::Debug> Parked<S> {
    fn new(streams: Vec<S>) -> Self {
        let woken = Arc::new(AtomicU64::new(0));
        let wakers = streams.iter().map(|_| Waker::from(Arc::new(CountsWakes(Arc::clone(&woken))))).collect();
        Self { streams, wakers, woken }
    }

    fn drain(&mut self) {
        while self.poll() > 0 {}
    }

    fn round(&mut self, publish: impl FnOnce()) -> Cost {
        let all = self.streams.len();
        let woken = self.woken.load(Ordering::Relaxed);
        let published = time(publish);
        assert_eq!(self.woken.load(Ordering::Relaxed) - woken, all as u64, "each is woken once");
        let mut ready = 0;
        let gave = time(|| ready = self.poll());
        assert_eq!(ready, all, "each has the event");
        let waited = time(|| ready = self.poll());
        assert_eq!(ready, 0, "each waits");
        let each = |time: Duration| time.as_nanos() as f64 / all as f64;
        Cost { publish: each(published), ready: each(gave), pending: each(waited) }
    }

    /// How many gave something.
    fn poll(&mut self) -> usize {
        let mut given = 0;
        for (stream, waker) in self.streams.iter_mut().zip(&self.wakers) {
            if let Poll::Ready(item) = Pin::new(stream).poll_next(&mut Context::from_waker(waker)) {
                black_box(item.unwrap().unwrap());
                given += 1;
            }
        }
        given
    }
}

/// Of this thread: while a neighbour has the core, none passes. Without what it takes to ask for it.
fn time(run: impl FnOnce()) -> Duration {
    static ASKING: LazyLock<Duration> = LazyLock::new(|| {
        let mut asked: Vec<_> = (0..1001).map(|_| time_with_asking(|| ())).collect();
        asked.sort_unstable();
        asked[asked.len() / 2]
    });
    let asking = *ASKING;
    time_with_asking(run).saturating_sub(asking)
}

fn time_with_asking(run: impl FnOnce()) -> Duration {
    let now = || Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap();
    let start = now();
    run();
    now() - start
}
