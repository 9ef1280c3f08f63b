//! Tokens that run out, and clients that come back.

use tokio::time::{Duration, Instant, advance};

use super::browser::Browser;
use super::{TOKEN_LIFETIME, alice, app, ended, last_event_id, numbers, publish};

#[tokio::test(start_paused = true)]
async fn a_stream_ends_when_its_token_runs_out() {
    let app = app();
    let token = alice(&app).await.token(&["orders"]).await.unwrap();
    let client = Browser::anonymous(&app);
    advance(TOKEN_LIFETIME - Duration::from_secs(1)).await;
    let mut stream = client.open(&format!("token={token}")).await.unwrap();
    publish(&app, "orders", 1).await;
    stream.read_number(1).await;
    let start = Instant::now();
    let text = stream.read_to_end().await;
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    assert!(text.starts_with("retry: "));
    assert!(text.ends_with(&format!("\"placed\"}}\n\n{}", ended("expired"))), "{text}");
    assert_eq!(client.open(&format!("token={token}")).await.unwrap_err(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_comes_back_loses_nothing_and_gets_nothing_twice() {
    let app = app();
    let alice = alice(&app).await;
    let client = Browser::anonymous(&app);
    let mut seen = Vec::new();
    let mut query = String::new();
    for round in 0..4 {
        let token = alice.token(&["news", "orders"]).await.unwrap();
        let mut stream = client.open(&format!("token={token}{query}")).await.unwrap();
        let first = 10 * round;
        // Those of the gap, live ones, and those that nobody reads any more.
        for number in first + 4..first + 8 {
            publish(&app, if number % 2 == 0 { "news" } else { "orders" }, number).await;
        }
        stream.read_number(first + 7).await;
        let text = stream.read_to_end().await;
        assert!(!text.contains("event: reset"), "{text}");
        query = format!("&last_event_id={}", last_event_id(&text));
        seen.extend(numbers(&text));
        for number in first + 8..first + 14 {
            publish(&app, if number % 2 == 0 { "news" } else { "orders" }, number).await;
        }
    }
    let all: Vec<u64> = (4..38).collect();
    assert_eq!(seen, all);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_has_seen_nothing_yet_loses_nothing_either() {
    let app = app();
    let alice = alice(&app).await;
    let token = alice.token(&["orders"]).await.unwrap();
    let mut stream = alice.open(&format!("token={token}")).await.unwrap();
    assert!(numbers(&stream.read_to_end().await).is_empty());
    publish(&app, "orders", 1).await;
    let token = alice.token(&["orders"]).await.unwrap();
    let mut stream = alice.open(&format!("token={token}")).await.unwrap();
    assert_eq!(numbers(&stream.read_number(1).await), [1]);
}

#[tokio::test(start_paused = true)]
async fn the_last_words_do_not_move_the_place_of_the_client() {
    let app = app();
    let alice = alice(&app).await;
    let token = alice.token(&["orders"]).await.unwrap();
    publish(&app, "orders", 1).await;
    let text = alice.open(&format!("token={token}")).await.unwrap().read_to_end().await;
    assert_eq!(text.matches("\nid: ").count(), 2, "the client's place, and that of the order");
    let (_, last_words) = text.split_once("\"placed\"}").unwrap();
    assert!(last_words.contains("access_ended") && !last_words.contains("id: "), "{text}");
}
