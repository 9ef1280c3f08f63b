//! Which tokens open what.

use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::http::Request;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::browser::Browser;
use super::{KEY, alice, app, carol, numbers, publish};
use crate::session::Sessions;

/// A token as any implementation would make it.
fn sign(key: &[u8], claims: &Value) -> String {
    let claims = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&claims).finalize().into_bytes();
    format!("{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac))
}

/// The claims of a good token of this session.
fn claims(browser: &Browser) -> Value {
    let soon = SystemTime::now() + Duration::from_secs(30);
    let exp = soon.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let secret = browser.cookie.strip_prefix("session=").unwrap();
    let session = Sessions::handle(secret);
    json!({ "aud": "events", "session": session, "topics": ["orders"], "exp": u64::try_from(exp).unwrap() })
}

#[tokio::test(start_paused = true)]
async fn a_token_opens_its_topics_and_no_other() {
    let app = app();
    let carol = carol(&app).await;
    let token = carol.token(&["orders"]).await.unwrap();
    // Carol may read it; this token may not, whatever else stands in the query, and whoever sends it.
    let client = Browser::anonymous(&app);
    let mut stream = client.open(&format!("topics=payroll&token={token}&topics2=payroll")).await.unwrap();
    publish(&app, "payroll", 1).await;
    publish(&app, "orders", 2).await;
    publish(&app, "news", 3).await;
    publish(&app, "orders", 4).await;
    assert_eq!(numbers(&stream.read_number(4).await), [2, 4]);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_not_made_for_topics_that_one_may_not_read() {
    let app = app();
    let alice = alice(&app).await;
    for topics in
        [&["payroll"][..], &["orders", "payroll"], &["no-such-topic"], &["news/../payroll"], &[""], &[]]
    {
        assert_eq!(alice.token(topics).await.unwrap_err(), 403, "{topics:?}");
        assert_eq!(alice.open(&format!("topics={}", topics.join(","))).await.unwrap_err(), 403, "{topics:?}");
    }
    assert!(app.topics.is_empty(), "what was refused was made");
}

#[tokio::test(start_paused = true)]
async fn forged_tokens_open_nothing() {
    let app = app();
    let alice = alice(&app).await;
    let client = Browser::anonymous(&app);
    let good = claims(&alice);
    let opens = async |token: &str| client.open(&format!("token={token}")).await.map(|_| ());
    assert_eq!(opens(&sign(&KEY, &good)).await, Ok(()), "the others differ from it in one thing");

    let with = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims[key] = value;
        claims
    };
    assert_eq!(opens(&sign(&[8; 64], &good)).await, Err(401), "another key");
    assert_eq!(opens(&sign(&KEY, &with("aud", json!("admin")))).await, Err(401), "another audience");
    assert_eq!(opens(&sign(&KEY, &with("exp", json!(0)))).await, Err(401), "expired in 1970");
    assert_eq!(opens(&sign(&KEY, &with("session", json!("x")))).await, Err(401), "no session");
    assert_eq!(
        opens(&sign(&KEY, &with("topics", json!(["payroll"])))).await,
        Err(403),
        "a right she never had"
    );
    assert_eq!(opens(&sign(&KEY, &with("topics", json!([])))).await, Err(403), "no topics");
    assert_eq!(opens(&sign(&KEY, &json!({}))).await, Err(401), "no claims");
    let endless = sign(&KEY, &with("exp", json!(u64::MAX)));
    assert_eq!(opens(&endless).await, Ok(()), "it ends with its session");
}

#[tokio::test(start_paused = true)]
async fn a_token_with_one_character_changed_opens_nothing() {
    let app = app();
    let token = alice(&app).await.token(&["orders"]).await.unwrap();
    let client = Browser::anonymous(&app);
    for i in 0..token.len() {
        let mut tampered = token.clone().into_bytes();
        tampered[i] = if tampered[i] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(tampered).unwrap();
        assert_eq!(client.open(&format!("token={tampered}")).await.unwrap_err(), 401, "character {i}");
    }
    let (claims, mac) = token.split_once('.').unwrap();
    for token in
        ["", ".", claims, &format!("{claims}."), &format!(".{mac}"), &format!("{claims}.{}", &mac[..20])]
    {
        assert_eq!(client.open(&format!("token={token}")).await.unwrap_err(), 401, "{token}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bad_token_is_refused_even_with_a_good_cookie() {
    let app = app();
    assert_eq!(alice(&app).await.open("topics=orders&token=x").await.unwrap_err(), 401);
}

#[tokio::test(start_paused = true)]
async fn a_token_is_good_for_streams_and_nothing_else() {
    let app = app();
    let token = carol(&app).await.token(&["orders"]).await.unwrap();
    // The name of the scheme is in any case (RFC 9110, 11.1).
    let bearer = format!("bEARER {token}");
    let client = Browser::anonymous(&app);
    let request =
        |request: axum::http::request::Builder| request.header(AUTHORIZATION, &bearer).body(Body::empty());
    assert_eq!(client.send(request(Request::get("/events")).unwrap()).await.status(), 200);
    for path in ["/token", "/logout", "/admin/rights"] {
        assert_eq!(client.send(request(Request::post(path)).unwrap()).await.status(), 401, "{path}");
    }
    assert_eq!(client.send(request(Request::get("/session")).unwrap()).await.status(), 401);
    let mut as_cookie = client;
    as_cookie.cookie = format!("session={token}");
    assert_eq!(as_cookie.get("/session").await.status(), 401);
}

#[tokio::test(start_paused = true)]
async fn what_a_token_says_of_its_session_is_no_cookie() {
    let app = app();
    let alice = alice(&app).await;
    let handle = claims(&alice)["session"].as_str().unwrap().to_owned();
    let mut thief = Browser::anonymous(&app);
    thief.cookie = format!("session={handle}");
    assert_eq!(thief.get("/session").await.status(), 401);
}
