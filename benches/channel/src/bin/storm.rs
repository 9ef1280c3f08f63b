//! Ten thousand clients lose their server together and come back together, each with events to catch up on. How long do
//! live events take to others meanwhile, with a replay rate and without?

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use typed_sse_channel_benches::{Clock, Times, median};
use typed_sse_core::{Channel, Event, EventId, EventStream, LastEventId};

const CLIENTS: usize = 10_000;
/// So many events each of them has missed, of so many bytes.
const MISSED: usize = 200;
const LEN: usize = 230;
const LIVE: usize = 100;
const ROUNDS: usize = 5;
/// Between two live events.
const PAUSE: Duration = Duration::from_millis(2);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let megabytes = CLIENTS * MISSED * (LEN + 30) / 1_000_000;
    println!(
        "{CLIENTS} clients come back, {MISSED} events behind: {megabytes} MB in all; {LIVE} others are live\n"
    );
    println!("| replay rate | live p50, ms | p99 | longest | all caught up after, s |");
    println!("|---|---|---|---|---|");
    let rates = [("no storm", u64::MAX, 0), ("none", u64::MAX, CLIENTS)];
    let bounded = [32_u64, 64, 128, 256].map(|mib| (mib, mib << 20, CLIENTS));
    let bounded = bounded.map(|(mib, rate, clients)| (format!("{mib} MiB/s"), rate, clients));
    let cases: Vec<_> = rates
        .map(|(name, rate, clients)| (name.to_owned(), rate, clients))
        .into_iter()
        .chain(bounded)
        .collect();
    let mut results = vec![Vec::new(); cases.len()];
    for _ in 0..ROUNDS {
        for (result, (_, rate, clients)) in results.iter_mut().zip(&cases) {
            result.push(round(*rate, *clients).await);
        }
    }
    for (result, (name, ..)) in results.iter().zip(&cases) {
        let [p50, p99, longest, done] = [0, 1, 2, 3].map(|i| median(result.iter().map(|r| r[i]).collect()));
        println!("| {name} | {p50:.2} | {p99:.2} | {longest:.1} | {done:.2} |");
    }
    println!("\nMedians of {ROUNDS} interleaved rounds.");
}

/// Quantiles of the live delivery in ms, and after how many seconds the storm was over.
async fn round(rate: u64, clients: usize) -> [f64; 4] {
    let channel = Channel::<Event>::builder().events(100_000).replay_rate(rate).build();
    let clock = Clock::start();
    let before = channel.cursor();
    for _ in 0..MISSED {
        clock.publish(&channel, LEN);
    }
    let over = Arc::new(AtomicBool::new(false));
    let live: Vec<_> = (0..LIVE)
        .map(|_| {
            let mut subscription = channel.subscribe(None).no_checkpoints();
            tokio::spawn(async move {
                let mut times = Vec::new();
                while let Some(frame) = subscription.next().await {
                    let bytes = frame.unwrap().into_bytes();
                    // The last one is a reconnection time.
                    let Some(at) = bytes.windows(6).position(|window| window == b"data: ") else { break };
                    times.push(clock.age(std::str::from_utf8(&bytes[at + 6..]).unwrap().trim_end()));
                }
                times
            })
        })
        .collect();
    let publisher = {
        let (channel, over) = (channel.clone(), Arc::clone(&over));
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                clock.publish(&channel, LEN);
                thread::sleep(PAUSE);
            }
        })
    };
    let started = Instant::now();
    let storm: Vec<_> =
        (0..clients).map(|_| tokio::spawn(catch_up(channel.clone(), before.clone()))).collect();
    for client in storm {
        client.await.unwrap();
    }
    if clients == 0 {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let done = started.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    publisher.join().unwrap();
    drop(channel);
    let mut times = Times::default();
    for client in live {
        times.extend(client.await.unwrap());
    }
    [times.quantile(0.5), times.quantile(0.99), times.quantile(1.0), done]
}

/// One client, as a server serves it: chunks, each copied once, as into a socket.
async fn catch_up(channel: Channel<Event>, before: EventId) {
    let subscription = channel.subscribe(LastEventId::from(before));
    drop(channel);
    let mut body = EventStream::new(subscription);
    let mut events = 0;
    let mut socket = vec![0; 64 << 10];
    while events < MISSED {
        let chunk = body.next().await.unwrap().unwrap();
        events += chunk.windows(2).filter(|window| window == b"\n\n").count();
        let len = chunk.len().min(socket.len());
        socket[..len].copy_from_slice(&chunk[..len]);
        black_box(&socket);
    }
}
