//! What `SseEvent` writes, the client reads as the same enum.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

#[path = "support/server.rs"]
#[allow(dead_code, reason = "each suite uses a part")]
mod server;

use std::error::Error as _;

use server::{Answer, Server};
use typed_sse::{FromSseEvent, SseEvent};
use typed_sse_client::{Client, End, ErrorKind, Item};

#[derive(Clone, Debug, PartialEq, SseEvent, FromSseEvent)]
enum Market {
    PriceChanged {
        #[sse(id)]
        seq: u64,
        symbol: String,
        price: f64,
    },
    #[sse(text)]
    Note(String),
    #[sse(event = "closed", terminal)]
    Closed,
}

fn market() -> Vec<Market> {
    vec![
        Market::PriceChanged { seq: 1, symbol: "ACME".into(), price: 12.5 },
        Market::Note("two\nlines, … and a tab\t".into()),
        Market::Note(String::new()),
        Market::PriceChanged { seq: 2, symbol: "€".into(), price: -0.25 },
        Market::Closed,
    ]
}

fn wire(events: &[Market]) -> Vec<u8> {
    events.iter().flat_map(|event| event.to_frame().unwrap().as_ref().to_vec()).collect()
}

#[tokio::test]
async fn reads_back_what_was_written() {
    // The server holds on, and it is over all the same.
    let server = Server::play(vec![Answer::stream(wire(&market())).hold()]).await;
    let mut client = Client::<Market>::get(&server.url);
    let mut read = Vec::new();
    while let Some(event) = client.next().await {
        read.push(event.unwrap());
    }
    assert_eq!(read, market());
    assert_eq!((client.end(), client.current_event_id()), (Some(End::Terminal), "2"));
}

#[tokio::test]
async fn says_what_is_wrong_with_one_event_and_reads_on() {
    let bad = "event: price_changed\nid: 7\ndata: {\"seq\":7,\"symbol\":\"A\",\"price\":\"much\"}\n\n\
               event: brand_new\ndata: {}\n\n";
    let server = Server::play(vec![Answer::stream(bad).then(wire(&market()))]).await;
    let mut client = Client::<Market>::get(&server.url);
    for part in ["price", "brand_new"] {
        let error = client.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.is_final()), (ErrorKind::Event, false));
        let source = error.source().unwrap().to_string();
        assert!(source.contains(part), "{source}");
    }
    assert_eq!(client.next().await.unwrap().unwrap(), market()[0]);
}

/// A type without an event for it is told of a reset all the same.
#[tokio::test]
async fn a_reset_beside_the_enum() {
    let reset = "event: reset\nid: k-9\ndata: {\"reason\":\"trimmed\",\"missed\":3}\n\n";
    let server = Server::play(vec![Answer::stream(reset).then(wire(&market())); 2]).await;
    let mut items = Client::<Market>::get(&server.url).items();
    let mut resets = 0;
    while let Some(item) = items.next().await {
        resets += usize::from(matches!(item.unwrap(), Item::Reset(reset) if reset.missed == Some(3)));
    }
    assert_eq!(resets, 1);
    let error = Client::<Market>::get(&server.url).next().await.unwrap().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Reset(_)));
}
