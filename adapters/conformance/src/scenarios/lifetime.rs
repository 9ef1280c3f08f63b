//! Streams that end at their greatest lifetime.

use std::time::Duration;

use typed_sse_core::{Channel, Event};

use super::{beginning, data_lines, open, open_at, without_comments};
use crate::app::Server;

/// It ends as it should, and the client may come back.
pub async fn an_idle_stream_ends_at_its_lifetime(server: Server) {
    for _ in 0..2 {
        let mut response = open_at(&server, "/idle").await;
        let (text, proper) = response.read_to_end().await;
        assert!(proper, "the body ends properly");
        assert_eq!(without_comments(&text), beginning(&server.app.idle));
    }
}

/// It ends behind a whole event, and the client goes on right behind that when it comes back.
pub async fn a_busy_stream_ends_at_its_lifetime(server: Server) {
    let publisher = tokio::spawn(publish_without_pause(server.app.channel.clone()));
    let mut last = String::new();
    let mut received = Vec::new();
    for _ in 0..3 {
        let mut response = open(&server, &[("last-event-id", last.as_bytes())]).await;
        let (text, proper) = response.read_to_end().await;
        assert!(proper, "the body ends properly");
        assert!(text.ends_with("\n\n"), "half an event: {:?}", text.lines().last());
        assert!(!text.contains("event: reset\n"), "it has missed something");
        text.lines().rev().find_map(|line| line.strip_prefix("id: ")).unwrap().clone_into(&mut last);
        received.extend(data_lines(&text).into_iter().map(|data| data.parse::<u32>().unwrap()));
    }
    publisher.abort();
    assert!(received.windows(2).all(|pair| pair[0] + 1 == pair[1]), "in order, without a hole");
}

/// Some events each millisecond: more than a stream can be idle for, and less than the log holds while a client is away.
async fn publish_without_pause(channel: Channel<Event>) {
    let mut pace = tokio::time::interval(Duration::from_millis(1));
    for n in 0_u32.. {
        if n % 10 == 0 {
            pace.tick().await;
        }
        channel.publish(&Event::new(n.to_string())).await.unwrap();
    }
}
