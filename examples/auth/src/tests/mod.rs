//! What the README promises, request by request. The clock of most tests is paused: time passes when all wait for it.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod browser;
mod cross_origin;
mod expiry;
mod log;
mod login;
mod revocation;
mod socket;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use crate::app::{App, Config};
use crate::notice::Notice;
use crate::user::User;
use browser::Browser;

const TOKEN_LIFETIME: Duration = Duration::from_secs(60);
const SESSION_LIFETIME: Duration = Duration::from_secs(3600);
const KEY: [u8; 64] = [7; 64];

fn app() -> Arc<App> {
    app_at("http://sse.test")
}

/// Argon2 with the smallest parameters there are: "looking-glass" and "green-ledger".
fn app_at(origin: &'static str) -> Arc<App> {
    let alice =
        "$argon2id$v=19$m=8,t=1,p=1$1m8PHhebPQKz752P2o32GQ$z9pmK5DJCajP7AddTfYLdM4hRd8kiLkusqQyEgM82TU";
    let carol =
        "$argon2id$v=19$m=8,t=1,p=1$hebMZOubBA2cVSce2D9buw$Sf6wVlHvJeDRizOsTLOyyEioVoLDHUw2Q7Ckg0aXeis";
    App::new(Config {
        origins: [origin, "https://app.test"].map(|origin| origin.parse().unwrap()).to_vec(),
        key: KEY,
        token_lifetime: TOKEN_LIFETIME,
        session_lifetime: SESSION_LIFETIME,
        users: vec![
            User::new("alice", alice, &["news", "orders"]),
            User { admin: true, ..User::new("carol", carol, &["news", "orders", "payroll"]) },
        ],
    })
}

async fn alice(app: &Arc<App>) -> Browser {
    Browser::log_in(app, "alice", "looking-glass").await
}

async fn carol(app: &Arc<App>) -> Browser {
    Browser::log_in(app, "carol", "green-ledger").await
}

/// Publishes an order of this number, or what stands for it in another topic.
async fn publish(app: &App, topic: &str, number: u64) {
    let notice = match topic {
        "payroll" => Notice::Salary { number, amount: 1 },
        _ => Notice::Order { number, state: "placed" },
    };
    app.topics.channel(topic).unwrap().publish(&notice).await.unwrap();
}

/// The numbers of the events in a stream, in order.
fn numbers(text: &str) -> Vec<u64> {
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let data = data.map(|data| serde_json::from_str::<serde_json::Value>(data).unwrap());
    data.filter_map(|data| data["number"].as_u64()).collect()
}

/// What a browser would send as its last event ID.
fn last_event_id(text: &str) -> String {
    text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned()
}

/// The last words of a stream that may not go on.
fn ended(reason: &str) -> String {
    format!("event: access_ended\nretry: 1000\ndata: {{\"reason\":\"{reason}\"}}\n\n")
}
