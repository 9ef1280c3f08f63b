//! Servers that stop.

use std::time::Duration;

use futures_util::future::join_all;
use typed_sse_core::{Channel, Event};

use super::{open, open_at, publish, until, without_comments};
use crate::app::Server;
use crate::client::{Client, Response};

/// The last streams have a tenth of it for themselves.
const WINDOW: Duration = Duration::from_secs(6);

/// A drain ends them all, each with a reconnection time, and the server stops.
pub async fn shutdown_with_a_hundred_open_streams(server: Server) {
    let mut responses = Vec::new();
    for _ in 0..100 {
        responses.push(open(&server, &[]).await);
    }
    publish(&server, 1).await;
    let report = server.app.channel.drain(WINDOW).await;
    assert_eq!((report.ended, report.cut), (100, 0));
    server.stop().await;
    for response in responses {
        ends_with_a_reconnection_time(response).await;
    }
}

/// The same while events are published, beside streams without any, and with clients that have stopped reading.
pub async fn shutdown_with_idle_busy_and_stalled_streams(server: Server) {
    let channel = &server.app.channel;
    let (mut streams, mut stalled) = (Vec::new(), Vec::new());
    for _ in 0..10 {
        stalled.push(Client::stalled(server.address, "/events").await);
    }
    for target in ["/events", "/idle"] {
        for _ in 0..100 {
            streams.push(open_at(&server, target).await);
        }
    }
    until(|| channel.subscribers() == 110).await;
    // More than a server and its kernel take for one that does not read. The others have read all of it.
    let events = (0..64).map(|n| Event::new(format!("{}{n}", "x".repeat(16 << 10))));
    for event in events {
        channel.publish(&event).await.unwrap();
    }
    let readers = streams[..100].iter_mut().map(|stream| stream.read_until("x63\n\n"));
    join_all(readers).await;
    assert!(channel.counters().lag > 0, "nobody has stalled");

    let publisher = tokio::spawn(publish_at_a_pace(channel.clone()));
    let streams: Vec<_> = streams.into_iter().map(ends_with_a_reconnection_time).map(tokio::spawn).collect();
    let (busy, idle) = tokio::join!(channel.drain(WINDOW), server.app.idle.drain(WINDOW));
    publisher.abort();
    assert!(busy.ended >= 100, "{busy:?}");
    assert_eq!((idle.ended, idle.cut), (100, 0));
    server.stop().await;
    for stream in streams {
        stream.await.unwrap();
    }
}

async fn publish_at_a_pace(channel: Channel<Event>) {
    let mut pace = tokio::time::interval(Duration::from_millis(50));
    loop {
        pace.tick().await;
        channel.publish(&Event::new("tick")).await.unwrap();
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
