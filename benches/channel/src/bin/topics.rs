//! One subscription to many topics. What does an event cost it, of many that wait and of one that comes?

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::time::Instant;

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_channel_benches::median;
use typed_sse_core::{Channel, Event, Start, Topics};

const TOPICS: [usize; 4] = [1, 10, 100, 1000];
const ROUNDS: usize = 15;
/// Divisible by each number of topics.
const WAITING: usize = 10_000;
const LIVE: usize = 100;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut rounds: Vec<[[f64; 2]; TOPICS.len()]> = Vec::new();
    for _ in 0..ROUNDS {
        rounds.push(TOPICS.map(|topics| [waiting(topics), live(topics)]));
    }
    println!("| topics | of {WAITING} that wait, ns/event | of one that comes, µs |\n|---|---|---|");
    for (i, topics) in TOPICS.into_iter().enumerate() {
        let column = |of: usize| median(rounds.iter().map(|round| round[i][of]).collect());
        println!("| {topics} | {:.0} | {:.1} |", column(0), column(1) / 1000.0);
    }
}

/// Nanoseconds for each of the events that were published before, in each topic in turn.
fn waiting(topics: usize) -> f64 {
    let (all, channels) = make(topics);
    for n in 0..WAITING {
        publish(&channels[n % topics]);
    }
    let mut subscription =
        all.subscribe(names(topics), None).unwrap().start(Start::Earliest).no_checkpoints();
    let start = Instant::now();
    for _ in 0..WAITING {
        subscription.next().now_or_never().unwrap().unwrap().unwrap();
    }
    start.elapsed().as_nanos() as f64 / WAITING as f64
}

/// Nanoseconds for each of the events that find it waiting, the poll that parks it again included.
fn live(topics: usize) -> f64 {
    let (all, channels) = make(topics);
    let mut subscription = all.subscribe(names(topics), None).unwrap().no_checkpoints();
    assert!(subscription.next().now_or_never().is_none());
    let mut spent = 0;
    for n in 0..LIVE {
        publish(&channels[n % topics]);
        let start = Instant::now();
        subscription.next().now_or_never().unwrap().unwrap().unwrap();
        assert!(subscription.next().now_or_never().is_none());
        spent += start.elapsed().as_nanos();
    }
    spent as f64 / LIVE as f64
}

fn make(topics: usize) -> (Topics<Event>, Vec<Channel<Event>>) {
    // Nobody else replays.
    let channel = Channel::builder().replay_rate(u64::MAX).events(WAITING);
    let all = Topics::builder().channel(channel).build();
    let channels = names(topics).map(|name| all.channel(name).unwrap()).collect();
    (all, channels)
}

fn names(topics: usize) -> impl Iterator<Item = String> {
    (0..topics).map(|n| n.to_string())
}

fn publish(channel: &Channel<Event>) {
    channel.publish(&Event::new("data")).now_or_never().unwrap().unwrap();
}
