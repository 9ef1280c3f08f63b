//! Requests in this process, with a cookie. No socket: a paused clock stands still while there is something to do.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, BodyDataStream, to_bytes};
use axum::http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};
use axum::http::{HeaderValue, Request, Response};
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use tokio::time::timeout;
use tower::ServiceExt as _;

use crate::app::App;

/// Of the paused clock, and longer than anything lasts here.
const DEADLINE: Duration = Duration::from_secs(24 * 3600);

pub(super) struct Browser {
    app: Arc<App>,
    /// `name=secret`; empty for one who is not logged in.
    pub(super) cookie: String,
}

/// A stream that was opened, and what has come of it.
#[derive(Debug)]
pub(super) struct Opened {
    body: BodyDataStream,
    text: String,
}

impl Browser {
    pub(super) fn anonymous(app: &Arc<App>) -> Self {
        Self { app: Arc::clone(app), cookie: String::new() }
    }

    pub(super) async fn log_in(app: &Arc<App>, user: &str, password: &str) -> Self {
        let mut browser = Self::anonymous(app);
        let answer = browser.post("/login", json!({ "user": user, "password": password })).await;
        assert_eq!(answer.status(), 200);
        browser.cookie = answer.headers()[SET_COOKIE].to_str().unwrap().split_once(';').unwrap().0.to_owned();
        browser
    }

    pub(super) async fn send(&self, request: Request<Body>) -> Response<Body> {
        let mut request = request;
        if !self.cookie.is_empty() {
            // Browsers send the cookies of others with it, which may be no ASCII.
            let cookie = format!("theme=dünkel; {}; x=y", self.cookie);
            request.headers_mut().insert(COOKIE, HeaderValue::from_bytes(cookie.as_bytes()).unwrap());
        }
        self.app.router().oneshot(request).await.unwrap()
    }

    pub(super) async fn get(&self, target: &str) -> Response<Body> {
        self.send(Request::get(target).body(Body::empty()).unwrap()).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Response<Body> {
        let request = Request::post(path).header(CONTENT_TYPE, "application/json");
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    /// A token for these topics, or the status of the refusal.
    pub(super) async fn token(&self, topics: &[&str]) -> Result<String, u16> {
        let answer = self.post("/token", json!({ "topics": topics })).await;
        if answer.status() != 200 {
            return Err(answer.status().as_u16());
        }
        let body: Value = serde_json::from_slice(&to_bytes(answer.into_body(), 4096).await.unwrap()).unwrap();
        Ok(body["token"].as_str().unwrap().to_owned())
    }

    /// Opens `/events` with this query, or the status of the refusal.
    pub(super) async fn open(&self, query: &str) -> Result<Opened, u16> {
        let answer = self.get(&format!("/events?{query}")).await;
        if answer.status() != 200 {
            return Err(answer.status().as_u16());
        }
        Ok(Opened { body: answer.into_body().into_data_stream(), text: String::new() })
    }

    /// Has `user` lose or win the right to read `topic`.
    pub(super) async fn set_right(&self, user: &str, topic: &str, allowed: bool) -> u16 {
        let change = json!({ "user": user, "topic": topic, "allowed": allowed });
        self.post("/admin/rights", change).await.status().as_u16()
    }
}

impl Opened {
    /// Reads until the text ends in `end`, and returns all of it so far.
    pub(super) async fn read_until(&mut self, end: &str) -> String {
        let found = async {
            while !self.text.ends_with(end) && self.read().await {}
            self.text.ends_with(end)
        };
        assert!(matches!(timeout(DEADLINE, found).await, Ok(true)), "no {end:?} behind {:?}", self.text);
        self.text.clone()
    }

    /// Reads up to the order of this number.
    pub(super) async fn read_number(&mut self, number: u64) -> String {
        let end = format!("{{\"number\":{number},\"state\":\"placed\"}}\n\n");
        self.read_until(&end).await
    }

    /// Reads to the end, without the comments.
    pub(super) async fn read_to_end(&mut self) -> String {
        timeout(DEADLINE, async { while self.read().await {} }).await.unwrap();
        self.text.split_inclusive('\n').filter(|line| !line.starts_with(':')).collect()
    }

    async fn read(&mut self) -> bool {
        let chunk = self.body.next().await.map(Result::unwrap);
        self.text.push_str(std::str::from_utf8(chunk.as_deref().unwrap_or_default()).unwrap());
        chunk.is_some()
    }
}
