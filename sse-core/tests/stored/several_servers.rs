//! Several servers on one log.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use typed_sse_core::{Event, LastEventId, Topics};
use typed_sse_store_conformance::Memory;

use crate::support::*;

#[tokio::test]
async fn all_have_all_in_one_order() {
    let store = Memory::new();
    let servers = [open(&store).await, open(&store).await, open(&store).await];
    let mut clients: Vec<_> = servers.iter().map(|server| server.subscribe(None)).collect();
    for n in 1..=60 {
        publish(&servers[n % 3], n).await;
    }
    for client in &mut clients {
        assert_eq!(events(client, 60).await, numbers(1..=60));
    }
}

#[tokio::test]
async fn a_client_moves_from_server_to_server() {
    let store = Memory::new();
    let servers = [open(&store).await, window(&store, 3).await];
    let mut came_with = LastEventId::from(None::<LastEventId>);
    let mut seen = Vec::new();
    for round in 0..10 {
        let server = &servers[round % 2];
        let mut client = server.subscribe(came_with.clone());
        for n in 0..5 {
            let id = publish(&servers[(round + n) % 2], round * 5 + n).await;
            came_with = last(&id);
        }
        seen.extend(events(&mut client, 5).await);
    }
    assert_eq!(seen, (0..50).map(|n| n.to_string()).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_server_that_is_behind_takes_a_client_of_one_that_is_ahead() {
    let store = Memory::new();
    let (ahead, behind) = (open(&store).await, open(&store).await);
    for n in 1..=200 {
        let id = publish(&ahead, n).await;
        let mut client = behind.subscribe(last(&id));
        let next = behind.publish(&Event::new(format!("next {n}")));
        next.await.unwrap();
        assert_eq!(events(&mut client, 1).await, [format!("next {n}")]);
    }
    let forged = LastEventId::from(format!("{}9", publish(&ahead, "x").await).as_str());
    let mut client = behind.subscribe(forged);
    assert_eq!(events(&mut client, 1).await, [r#"reset {"reason":"unknown","missed":null}"#]);
}

/// What follows the store may be answered before the server is there in whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_opened_while_others_publish_has_what_comes() {
    let store = Memory::new();
    let (busy, busy_topics) = (open(&store).await, open_topics(&store).await);
    let publishing = tokio::spawn(async move {
        for n in 0_u64.. {
            publish(&busy, n).await;
            busy_topics.channel("a").unwrap().publish(&Event::new("of a")).await.unwrap();
            tokio::task::yield_now().await;
        }
    });
    for _ in 0..500 {
        let server = open(&store).await;
        events(&mut server.subscribe(None), 1).await;
        let server = open_topics(&store).await;
        events(&mut server.channel("a").unwrap().subscribe(None), 1).await;
    }
    publishing.abort();
}

async fn open_topics(store: &Memory) -> Topics<Event> {
    Topics::builder().store(store.clone(), "orders").open().await.unwrap()
}
