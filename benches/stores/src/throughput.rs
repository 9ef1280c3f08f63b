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
/// Where a round takes a tenth of a second.
const SHORT_ROUNDS: usize = 15;
/// So many read each event, if not one.
const MANY: usize = 1_000;

pub(crate) async fn run() {
    println!(
        "\nEvents of {LEN} bytes a second, from {TASKS} tasks that publish batches of {BATCH}, until all subscribers have all; of {ROUNDS} rounds, or {SHORT_ROUNDS} of redb, the one in the middle:\n"
    );
    println!(
        "| log | to one | the store's own client | ratio | to one of another server | ratio |\n|---|---|---|---|---|---|"
    );
    for kind in Kind::ALL {
        to_one(kind).await;
    }
    println!("\nTo {MANY}, of {ROUNDS} rounds the one in the middle:\n");
    println!("| log | to {MANY} | the store's own client, and a `broadcast` | ratio |\n|---|---|---|---|");
    for kind in Kind::ALL {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let bare = bare::measure(kind, MANY, 8_000, BATCH).await;
            rounds.push((measure(kind, (MANY, Where::Here), 8_000).await, bare));
        }
        println!("| {} | {} |", kind.name(), columns(middle(&mut rounds)));
    }
}

async fn to_one(kind: Kind) {
    let (mut here, mut there) = (Vec::new(), Vec::new());
    let rounds = if matches!(kind, Kind::Redb(_)) { SHORT_ROUNDS } else { ROUNDS };
    for _ in 0..rounds {
        let bare = bare::measure(kind, 0, 80_000, BATCH).await;
        here.push((measure(kind, (1, Where::Here), 80_000).await, bare));
        if matches!(kind, Kind::Redis { .. } | Kind::Postgres { .. } | Kind::Nats) {
            there.push((measure(kind, (1, Where::Elsewhere), 80_000).await, bare));
        }
    }
    let elsewhere = match there.is_empty() {
        true => " | ".to_owned(),
        false => {
            let (other, bare) = middle(&mut there);
            format!("{other:.0} | {:.2}", other / bare)
        }
    };
    println!("| {} | {} | {elsewhere} |", kind.name(), columns(middle(&mut here)));
}

/// What was measured, the same with the store's own client if there is one, and the ratio.
pub(crate) fn columns((ours, bare): (f64, f64)) -> String {
    if bare.is_nan() {
        return format!("{ours:.0} | | ");
    }
    format!("{ours:.0} | {bare:.0} | {:.2}", ours / bare)
}

/// Where the subscribers are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    /// On the server that publishes.
    Here,
    Elsewhere,
}

/// Of rounds, the one whose ratio is in the middle.
pub(crate) fn middle(rounds: &mut [(f64, f64)]) -> (f64, f64) {
    rounds.sort_by(|(a, bare_a), (b, bare_b)| (a / bare_a).total_cmp(&(b / bare_b)));
    rounds[rounds.len() / 2]
}

async fn measure(kind: Kind, (subscribers, at): (usize, Where), events: usize) -> f64 {
    let place = kind.open().await;
    let elsewhere = if at == Where::Elsewhere { place.elsewhere().await } else { None };
    let read = elsewhere.as_ref().unwrap_or(&place.channel);
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
    let started = Instant::now();
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
