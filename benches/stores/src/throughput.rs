//! How many events a second go through a store, to one subscriber and to a thousand.

use std::time::Instant;

use futures_util::StreamExt as _;
use typed_sse_core::{Event, Start};

use crate::bare;
use crate::{Kind, LEN};

/// So many tasks publish, each one batch after the other.
const TASKS: usize = 8;
const BATCH: usize = 100;
const ROUNDS: usize = 3;

pub(crate) async fn run() {
    println!(
        "\nEvents of {LEN} bytes a second, from {TASKS} tasks that publish batches of {BATCH}, until all subscribers have all:\n"
    );
    println!("| log | to one | the store's own client | ratio | to 1,000 |\n|---|---|---|---|---|");
    for kind in Kind::ALL {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            rounds.push((measure(kind, 1, 80_000).await, bare::measure(kind, 80_000, BATCH).await));
        }
        rounds.sort_by(|(a, bare_a), (b, bare_b)| (a / bare_a).total_cmp(&(b / bare_b)));
        let (one, bare) = rounds[ROUNDS / 2];
        let many = measure(kind, 1_000, 8_000).await;
        match bare {
            bare if bare.is_nan() => println!("| {} | {one:.0} | | | {many:.0} |", kind.name()),
            bare => println!("| {} | {one:.0} | {bare:.0} | {:.2} | {many:.0} |", kind.name(), one / bare),
        }
    }
}

async fn measure(kind: Kind, subscribers: usize, events: usize) -> f64 {
    let place = kind.open().await;
    let started = Instant::now();
    let reading: Vec<_> = (0..subscribers)
        .map(|_| {
            let mut subscription = place.channel.subscribe(None).start(Start::Earliest).no_checkpoints();
            tokio::spawn(async move {
                for _ in 0..events {
                    subscription.next().await.unwrap().unwrap();
                }
            })
        })
        .collect();
    let publishing: Vec<_> = (0..TASKS)
        .map(|_| {
            let channel = place.channel.clone();
            tokio::spawn(async move {
                let batch: Vec<_> = (0..BATCH).map(|_| Event::new("x".repeat(LEN))).collect();
                for _ in 0..events / TASKS / BATCH {
                    channel.publish_all(&batch).await.unwrap();
                }
            })
        })
        .collect();
    for task in publishing.into_iter().chain(reading) {
        task.await.unwrap();
    }
    events as f64 / started.elapsed().as_secs_f64()
}
