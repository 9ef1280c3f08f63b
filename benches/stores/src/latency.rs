//! How old an event is when a subscriber of the same process has it.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use typed_sse_core::Event;

use crate::{Kind, LEN};

const EVENTS: usize = 1_000;
const PAUSE: Duration = Duration::from_millis(3);

pub(crate) async fn run() {
    println!("One event of {LEN} bytes every {} ms, from `publish` to a subscriber:\n", PAUSE.as_millis());
    println!("| log | p50, ms | p99, ms |\n|---|---|---|");
    for kind in Kind::ALL {
        let [p50, p99] = measure(kind).await;
        println!("| {} | {p50:.3} | {p99:.3} |", kind.name());
    }
}

async fn measure(kind: Kind) -> [f64; 2] {
    let place = kind.open().await;
    let mut subscription = place.channel.subscribe(None).no_checkpoints();
    let reading = tokio::spawn(async move {
        let mut came = Vec::with_capacity(EVENTS);
        while came.len() < EVENTS {
            subscription.next().await.unwrap().unwrap();
            came.push(Instant::now());
        }
        came
    });
    let data = "x".repeat(LEN);
    let mut sent = Vec::with_capacity(EVENTS);
    for _ in 0..EVENTS {
        tokio::time::sleep(PAUSE).await;
        sent.push(Instant::now());
        place.channel.publish(&Event::new(data.clone())).await.unwrap();
    }
    let came = reading.await.unwrap();
    let mut times: Vec<_> = sent.iter().zip(came).map(|(sent, came)| came.duration_since(*sent)).collect();
    times.sort_unstable();
    [EVENTS / 2, EVENTS * 99 / 100].map(|n| times[n].as_secs_f64() * 1e3)
}
