//! How many events a second go through a store, to one subscriber and to a thousand.

use std::time::Instant;

use futures_util::StreamExt as _;
use typed_sse_core::{Event, Start};

use crate::bare;
use crate::{Kind, LEN};

/// So many tasks publish, each one batch after the other.
const TASKS: usize = 8;
const BATCH: usize = 100;
const ROUNDS: usize = 5;

pub(crate) async fn run() {
    println!(
        "\nEvents of {LEN} bytes a second, from {TASKS} tasks that publish batches of {BATCH}, until all subscribers have all; of {ROUNDS} rounds the one in the middle:\n"
    );
    println!(
        "| log | to one | the store's own client | ratio | to one of another server | ratio | to 1,000 |\n|---|---|---|---|---|---|---|"
    );
    for kind in Kind::ALL {
        let (mut here, mut there) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let bare = bare::measure(kind, 80_000, BATCH).await;
            here.push((measure(kind, (1, Where::Here), 80_000).await, bare));
            if matches!(kind, Kind::Redis { .. } | Kind::Postgres { .. } | Kind::Nats) {
                there.push((measure(kind, (1, Where::Elsewhere), 80_000).await, bare));
            }
        }
        let many = measure(kind, (1_000, Where::Here), 8_000).await;
        let (one, bare) = middle(&mut here);
        let elsewhere = match there.is_empty() {
            true => " | ".to_owned(),
            false => {
                let (other, bare) = middle(&mut there);
                format!("{other:.0} | {:.2}", other / bare)
            }
        };
        match bare {
            bare if bare.is_nan() => println!("| {} | {one:.0} | | | {elsewhere} | {many:.0} |", kind.name()),
            bare => println!(
                "| {} | {one:.0} | {bare:.0} | {:.2} | {elsewhere} | {many:.0} |",
                kind.name(),
                one / bare
            ),
        }
    }
}

/// Where the subscribers are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// On the server that publishes.
    Here,
    Elsewhere,
}

/// Of rounds, the one whose ratio is in the middle.
fn middle(rounds: &mut [(f64, f64)]) -> (f64, f64) {
    rounds.sort_by(|(a, bare_a), (b, bare_b)| (a / bare_a).total_cmp(&(b / bare_b)));
    rounds[rounds.len() / 2]
}

async fn measure(kind: Kind, (subscribers, at): (usize, Where), events: usize) -> f64 {
    let place = kind.open().await;
    let elsewhere = if at == Where::Elsewhere { place.elsewhere().await } else { None };
    let read = elsewhere.as_ref().unwrap_or(&place.channel);
    let started = Instant::now();
    let reading: Vec<_> = (0..subscribers)
        .map(|_| {
            let mut subscription = read.subscribe(None).start(Start::Earliest).no_checkpoints();
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
