//! Servers that stop.

use std::time::Duration;

use typed_sse_core::Event;

use super::{open, open_at, publish, until, without_comments};
use crate::app::Server;
use crate::client::{Client, DEADLINE, Response};

/// A drain ends them all, each with a reconnection time, and the server stops.
pub async fn shutdown_with_a_hundred_open_streams(server: Server) {
    let mut responses = Vec::new();
    for _ in 0..100 {
        responses.push(open(&server, &[]).await);
    }
    publish(&server, 1).await;
    let report = server.app.channel.drain(Duration::from_secs(5)).await;
    assert_eq!((report.ended, report.cut), (100, 0));
    server.stop().await;
    for response in responses {
        ends_with_a_reconnection_time(response).await;
    }
}

/// The same while events are published, beside streams without any, and with clients that do not read.
pub async fn shutdown_with_idle_busy_and_stalled_streams(server: Server) {
    let (mut open_streams, mut stalled) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        stalled.push(Client::stalled(server.address, "/events").await);
    }
    for target in ["/idle", "/events"] {
        for _ in 0..100 {
            let response = open_at(&server, target).await;
            open_streams.push(tokio::spawn(ends_with_a_reconnection_time(response)));
        }
    }
    until(|| server.app.channel.subscribers() == 110).await;
    let events = server.app.channel.clone();
    let publisher = tokio::spawn(async move {
        // Enough for those who do not read to stall, then no more than the others can take.
        for _ in 0..64 {
            events.publish(&Event::new("x".repeat(16 << 10))).await.unwrap();
        }
        let mut pace = tokio::time::interval(Duration::from_millis(10));
        loop {
            pace.tick().await;
            events.publish(&Event::new("tick")).await.unwrap();
        }
    });
    let window = Duration::from_secs(4);
    let (busy, idle) = tokio::join!(server.app.channel.drain(window), server.app.idle.drain(window));
    publisher.abort();
    assert!(busy.ended >= 100, "{busy:?}");
    assert_eq!((idle.ended, idle.cut), (100, 0));
    tokio::time::timeout(DEADLINE, server.stop()).await.unwrap();
    for stream in open_streams {
        stream.await.unwrap();
    }
}

/// Reads to the end, which is a proper one.
async fn ends_with_a_reconnection_time(mut response: Response) {
    let (text, proper) = response.read_to_end().await;
    assert!(proper, "the body ends properly");
    let text = without_comments(&text);
    let last = text.trim_end().rsplit('\n').next().unwrap();
    let ms: u64 = last.strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((1000..=5000).contains(&ms), "{ms}");
}
