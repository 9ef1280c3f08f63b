//! The whole path, over real sockets and with the real clock.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;
use typed_sse_axum::Shutdown;
use typed_sse_conformance::{Client, Response};

use super::{app, ended, last_event_id, numbers, publish};
use crate::app::App;

struct Answer {
    status: u16,
    head: String,
    body: String,
}

async fn serve(app: &Arc<App>) -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let app = Arc::clone(app);
    let server =
        async move { crate::serve(listener, &app, Shutdown::when(stopped.map(drop))).await.unwrap() };
    (address, stop, tokio::spawn(server))
}

async fn post(address: SocketAddr, path: &str, cookie: &str, body: &Value) -> Answer {
    let body = body.to_string();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: {address}\r\ncookie: {cookie}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    timeout(Duration::from_secs(20), stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

async fn log_in(address: SocketAddr, user: &str, password: &str) -> String {
    let answer = post(address, "/login", "", &json!({ "user": user, "password": password })).await;
    assert_eq!(answer.status, 200, "{}", answer.head);
    let cookie = answer.head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    cookie.split_once(';').unwrap().0.to_owned()
}

async fn open(address: SocketAddr, query: &str, cookie: &str) -> Response {
    Client::get(address, &format!("/events?{query}"), &[("cookie", cookie.as_bytes())]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_login_to_withdrawal() {
    let app = app();
    let (address, _stop, _server) = serve(&app).await;
    assert_eq!(open(address, "topics=orders", "").await.status, 401);
    let alice = log_in(address, "alice", "looking-glass").await;
    let carol = log_in(address, "carol", "green-ledger").await;
    assert_eq!(open(address, "topics=payroll", &alice).await.status, 403);

    let mut by_cookie = open(address, "topics=orders", &alice).await;
    assert_eq!(by_cookie.headers["cache-control"], "no-store, no-transform");
    assert_eq!(by_cookie.headers["referrer-policy"], "no-referrer");
    let issued = post(address, "/token", &alice, &json!({ "topics": ["orders"] })).await;
    let issued: Value = serde_json::from_str(&issued.body).unwrap();
    assert_eq!(issued["expires_in"], 60.0);
    let token = issued["token"].as_str().unwrap();
    let mut by_token = open(address, &format!("token={token}"), "").await;

    publish(&app, "payroll", 1).await;
    publish(&app, "orders", 2).await;
    let text = by_cookie.read_until("\"placed\"}\n\n").await;
    assert_eq!(numbers(&text), [2]);
    assert_eq!(by_token.read_until("\"placed\"}\n\n").await.lines().last(), text.lines().last());

    let change = json!({ "user": "alice", "topic": "orders", "allowed": false });
    assert_eq!(post(address, "/admin/rights", &alice, &change).await.status, 403);
    assert_eq!(post(address, "/admin/rights", &carol, &change).await.status, 204);
    for stream in [&mut by_cookie, &mut by_token] {
        let (text, proper) = stream.read_to_end().await;
        assert!(proper, "the body ends properly");
        assert!(text.ends_with(&format!("\"placed\"}}\n\n{}", ended("withdrawn"))), "{text}");
    }
    let resume = format!("token={token}&last_event_id={}", last_event_id(&text));
    assert_eq!(open(address, &resume, "").await.status, 403);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_ends_the_streams_and_the_server_stops() {
    let app = app();
    let (address, stop, server) = serve(&app).await;
    let alice = log_in(address, "alice", "looking-glass").await;
    let mut streams = Vec::new();
    for _ in 0..10 {
        streams.push(open(address, "topics=orders,news", &alice).await);
    }
    publish(&app, "orders", 1).await;
    for stream in &mut streams {
        stream.read_until("\"placed\"}\n\n").await;
    }
    stop.send(()).unwrap();
    for stream in &mut streams {
        let (text, proper) = stream.read_to_end().await;
        assert!(proper);
        // The time that the drain has drawn, not ours behind it.
        assert!(text.lines().last().unwrap().starts_with("retry: "), "{text}");
        assert!(!text.contains("access_ended"));
    }
    timeout(Duration::from_secs(20), server).await.unwrap().unwrap();
}
