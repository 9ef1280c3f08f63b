//! Pages of a store go out at the replay rate.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt as _;
use tokio::time::Instant;
use typed_sse_core::{Channel, Event, EventId};
use typed_sse_store_conformance::Memory;

use crate::support::*;

/// At this rate clients replay, all together.
const RATE: usize = 100_000;
/// So long is each event of which that is seen, and so many of them each client gets.
const LENGTH: usize = 1000;
const EACH: usize = 100;
/// So many bytes are replayed in one turn.
const TURN: u64 = 64 << 10;

async fn paced() -> Channel<Event> {
    open_with(&Memory::new(), Channel::builder().events(5).replay_rate(RATE as u64).no_checkpoints()).await
}

async fn publish_long(market: &Channel<Event>, events: usize) -> Vec<EventId> {
    market.publish_all(&vec![Event::new("x".repeat(LENGTH)); events]).await.unwrap()
}

/// All of these clients read. At no time they have more than the rate allows, and they do not wait for longer than that takes.
async fn assert_paced(clients: impl IntoIterator<Item = impl Frames + Unpin>, early: usize) {
    let (started, bytes) = (Instant::now(), AtomicU64::new(0));
    let allowed = || (RATE as f64 * started.elapsed().as_secs_f64()) as u64;
    let reading = clients.into_iter().map(|mut client| {
        let bytes = &bytes;
        async move {
            for _ in 0..EACH {
                client.next().await.unwrap().unwrap();
                let bytes = bytes.fetch_add(LENGTH as u64, Ordering::Relaxed);
                let at_once = (RATE / 10 + early * LENGTH) as u64 + TURN;
                assert!(bytes <= allowed() + at_once, "{bytes} bytes in {:?}", started.elapsed());
            }
        }
    });
    let clients = futures_util::future::join_all(reading).await.len();
    let took = started.elapsed().as_secs_f64();
    let expected = (clients * EACH * LENGTH) as f64 / RATE as f64;
    assert!(took < expected * 1.2, "{took} s, where {expected} s are due");
}

#[tokio::test(start_paused = true)]
async fn pages_go_out_at_the_rate() {
    let market = paced().await;
    let ids = publish_long(&market, EACH + 11).await;
    let clients = (0..10).map(|n| market.subscribe(last(&ids[n])));
    assert_paced(clients, 0).await;
}

#[tokio::test(start_paused = true)]
async fn pages_of_who_has_fallen_behind_go_out_at_the_rate_too() {
    let market = paced().await;
    let mut clients: Vec<_> = (0..10).map(|_| market.subscribe(None)).collect();
    publish_long(&market, 1).await;
    for client in &mut clients {
        events(client, 1).await;
    }
    publish_long(&market, EACH).await;
    // What the window has is live, and the first of a page may come before its client's turn.
    assert_paced(clients, 10 * 6).await;
}
