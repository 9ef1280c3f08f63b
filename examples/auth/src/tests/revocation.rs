//! Rights that are withdrawn, and sessions that are ended.

use serde_json::json;
use tokio::time::Instant;

use super::browser::Browser;
use super::{alice, app, carol, ended, last_event_id, numbers, publish};

#[tokio::test(start_paused = true)]
async fn a_withdrawn_right_ends_the_streams_of_that_user_at_once() {
    let app = app();
    let (alice, carol) = (alice(&app).await, carol(&app).await);
    let token = alice.token(&["news", "orders"]).await.unwrap();
    let mut by_token = alice.open(&format!("token={token}")).await.unwrap();
    let mut by_cookie = alice.open("topics=orders").await.unwrap();
    let mut elsewhere = alice.open("topics=news").await.unwrap();
    let mut other = carol.open("topics=orders").await.unwrap();
    publish(&app, "orders", 1).await;
    for stream in [&mut by_token, &mut by_cookie, &mut other] {
        stream.read_number(1).await;
    }
    let start = Instant::now();
    // One that is ready when the right goes is not read any more.
    publish(&app, "orders", 2).await;
    assert_eq!(carol.set_right("alice", "orders", false).await, 204);
    publish(&app, "orders", 3).await;
    for stream in [&mut by_token, &mut by_cookie] {
        let text = stream.read_to_end().await;
        assert_eq!(numbers(&text), [1]);
        assert!(text.ends_with(&format!("\"placed\"}}\n\n{}", ended("withdrawn"))), "{text}");
    }
    assert_eq!(numbers(&other.read_number(3).await), [1, 2, 3]);
    publish(&app, "news", 4).await;
    assert_eq!(numbers(&elsewhere.read_number(4).await), [4]);
    assert_eq!(start.elapsed().as_secs(), 0, "not when the token runs out");
}

#[tokio::test(start_paused = true)]
async fn a_right_that_goes_before_the_first_byte_is_noticed() {
    let app = app();
    let (alice, carol) = (alice(&app).await, carol(&app).await);
    publish(&app, "orders", 1).await;
    let mut stream = alice.open("topics=orders").await.unwrap();
    carol.set_right("alice", "orders", false).await;
    let text = stream.read_to_end().await;
    assert!(numbers(&text).is_empty());
    assert!(text.ends_with(&ended("withdrawn")));
}

#[tokio::test(start_paused = true)]
async fn a_last_event_id_grants_nothing() {
    let app = app();
    let (alice, carol) = (alice(&app).await, carol(&app).await);
    let token = alice.token(&["news", "orders"]).await.unwrap();
    let mut stream = alice.open(&format!("token={token}")).await.unwrap();
    publish(&app, "orders", 1).await;
    let last = last_event_id(&stream.read_number(1).await);
    carol.set_right("alice", "orders", false).await;
    publish(&app, "orders", 2).await;
    publish(&app, "news", 3).await;
    // The token is good for a minute yet, the ID for longer.
    let resume = format!("last_event_id={last}");
    assert_eq!(alice.open(&format!("token={token}&{resume}")).await.unwrap_err(), 403);
    assert_eq!(alice.open(&format!("topics=orders,news&{resume}")).await.unwrap_err(), 403);
    assert_eq!(alice.token(&["news", "orders"]).await.unwrap_err(), 403);
    // What is left to her goes on at the same place, and holds nothing of the other.
    let token = alice.token(&["news"]).await.unwrap();
    let mut stream = alice.open(&format!("token={token}&{resume}")).await.unwrap();
    publish(&app, "orders", 4).await;
    publish(&app, "news", 5).await;
    let text = stream.read_number(5).await;
    assert_eq!(numbers(&text), [3, 5]);
    assert!(!text.contains("event: reset"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn an_id_of_a_foreign_topic_reads_nothing_of_it() {
    let app = app();
    let (alice, carol) = (alice(&app).await, carol(&app).await);
    let mut stream = carol.open("topics=payroll").await.unwrap();
    publish(&app, "payroll", 1).await;
    let text = stream.read_until("\"amount\":1}\n\n").await;
    publish(&app, "payroll", 2).await;
    publish(&app, "orders", 3).await;
    let mut stream =
        alice.open(&format!("topics=orders&last_event_id={}", last_event_id(&text))).await.unwrap();
    assert_eq!(numbers(&stream.read_number(3).await), [3]);
}

#[tokio::test(start_paused = true)]
async fn a_logout_ends_the_streams_and_tokens_of_its_session() {
    let app = app();
    let (here, there) = (alice(&app).await, alice(&app).await);
    let token = here.token(&["orders"]).await.unwrap();
    let client = Browser::anonymous(&app);
    let mut ends = client.open(&format!("token={token}")).await.unwrap();
    let mut stays = there.open("topics=orders").await.unwrap();
    let start = Instant::now();
    let answer = here.post("/logout", json!({})).await;
    assert!(answer.headers()["set-cookie"].to_str().unwrap().starts_with("session=; Path=/; Max-Age=0;"));
    assert!(ends.read_to_end().await.ends_with(&ended("logged_out")));
    assert_eq!(start.elapsed().as_secs(), 0);
    assert_eq!(client.open(&format!("token={token}")).await.unwrap_err(), 401);
    assert_eq!(here.token(&["orders"]).await.unwrap_err(), 401);
    publish(&app, "orders", 1).await;
    stays.read_number(1).await;
}
