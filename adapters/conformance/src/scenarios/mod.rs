//! What is expected of every adapter.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a scenario that does not hold panics")]

mod compression;
mod gone;
mod http2;
mod lifetime;
mod resume;
mod shutdown;
mod stalled;
mod stream;
mod typed;

use std::time::Duration;

use typed_sse_core::{Channel, Event, EventId};

pub use compression::*;
pub use gone::*;
pub use http2::*;
pub use lifetime::*;
pub use resume::*;
pub use shutdown::*;
pub use stalled::*;
pub use stream::*;
pub use typed::*;

use crate::app::Server;
use crate::client::{Client, DEADLINE, Response};

/// Opens `/events`, and waits until it is subscribed.
async fn open(server: &Server, headers: &[(&str, &[u8])]) -> Response {
    let mut response = Client::get(server.address, "/events", headers).await;
    // A new client is told its place, too.
    response.read_past(if headers.is_empty() { "\n\n" } else { "retry: 3000\n" }).await;
    response
}

/// Opens it as a new client, and waits until it has begun.
async fn open_at(server: &Server, target: &str) -> Response {
    let mut response = Client::get(server.address, target, &[]).await;
    response.read_past("\n\n").await;
    response
}

/// With what a stream begins for a new client: when to come back, and where it is.
fn beginning(channel: &Channel<Event>) -> String {
    format!("retry: 3000\nid: {}\n\n", channel.cursor())
}

async fn publish(server: &Server, n: u32) -> EventId {
    server.app.channel.publish(&Event::new(n.to_string())).await.unwrap()
}

/// Publishes events of 64 KiB, and reads each, so that no more are on the way than the log holds.
async fn flood(server: &Server, reader: &mut Response, events: std::ops::Range<u32>) {
    let filler = "x".repeat(64 << 10);
    for n in events {
        let event = Event::new(format!("{filler}{n}"));
        server.app.channel.publish(&event).await.unwrap();
        reader.read_until(&format!("x{n}\n\n")).await;
        reader.forget();
    }
}

/// Waits for something that the server does on its own.
async fn until(condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(DEADLINE, holds).await.unwrap();
}

fn without_comments(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(':')).collect()
}

fn data_lines(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
}
