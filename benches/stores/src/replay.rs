//! How many events a second a client gets that comes back to the beginning of a log, of which the window has only the end.

use std::time::Instant;

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event, Start};

use crate::bare::Replay;
use crate::throughput::{columns, middle};
use crate::{Kind, LEN, Place};

const EVENTS: usize = 100_000;
/// So many of them are in the window.
const WINDOW: usize = 1_000;
const BATCH: usize = 100;
const ROUNDS: usize = 11;
/// Where a round takes a hundredth of a second.
const SHORT_ROUNDS: usize = 41;

pub(crate) async fn run() {
    println!(
        "\nReplay of {EVENTS} events of {LEN} bytes to one client, {WINDOW} of them from the window, without a bound on the rate; of {ROUNDS} rounds, or {SHORT_ROUNDS} of redb, the one in the middle:\n"
    );
    println!(
        "| log | events/s | the store's own client, in pages | ratio | that keeps nothing | ratio |\n|---|---|---|---|---|---|"
    );
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Memory) {
        let place = kind.open_with(Channel::builder().events(WINDOW).replay_rate(u64::MAX)).await;
        let batch: Vec<_> = (0..BATCH).map(|_| Event::new("x".repeat(LEN))).collect();
        for _ in 0..EVENTS / BATCH {
            place.channel.publish_all(&batch).await.unwrap();
        }
        let bare = Replay::fill(kind, EVENTS, BATCH).await;
        // In turns, so that what else the machine does hits both.
        let (mut rounds, mut scans) = (Vec::new(), Vec::new());
        for _ in 0..if matches!(kind, Kind::Redb(_)) { SHORT_ROUNDS } else { ROUNDS } {
            let replayed = replay(&place).await;
            rounds.push((replayed, bare.run(EVENTS).await));
            scans.extend(bare.scan(EVENTS).map(|scan| (replayed, scan)));
        }
        let scanned = match scans.is_empty() {
            true => " | ".to_owned(),
            false => {
                let (replayed, scan) = middle(&mut scans);
                format!("{scan:.0} | {:.2}", replayed / scan)
            }
        };
        println!("| {} | {} | {scanned} |", kind.name(), columns(middle(&mut rounds)));
    }
}

async fn replay(place: &Place) -> f64 {
    let started = Instant::now();
    let mut subscription = place.channel.subscribe(None).start(Start::Earliest).no_checkpoints();
    for _ in 0..EVENTS {
        subscription.next().await.unwrap().unwrap();
    }
    EVENTS as f64 / started.elapsed().as_secs_f64()
}
