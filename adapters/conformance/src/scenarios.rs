//! What is expected of every adapter.

#![expect(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a scenario that does not hold panics")]

use std::time::Duration;

use typed_sse_core::{Event, EventId};

use crate::app::Server;
use crate::client::{Client, Response};

/// The status and `retry:` come without an event to push them.
pub async fn head_and_reconnection_time_come_at_once(server: Server) {
    let mut response = Client::get(server.address, "/events", &[]).await;
    assert_eq!(response.status, 200);
    assert_eq!(response.read_until("\n").await, "retry: 3000\n");
}

/// Nothing between server and client may hold the stream back or keep it.
pub async fn header_fields_are_those_of_an_event_stream(server: Server) {
    let response = Client::get(server.address, "/events", &[]).await;
    for (name, value) in typed_sse_core::header::RESPONSE {
        assert_eq!(response.headers.get(name).map(String::as_str), Some(value), "{name}");
    }
    assert!(!response.headers.contains_key("content-length"));
}

/// `HEAD` answers the header fields, and leaves no subscription.
pub async fn head_request_opens_no_stream(server: Server) {
    let mut response =
        Client::send(server.address, "HEAD", "/events", &[("connection", b"close")]).await.response().await;
    assert_eq!(response.status, 200);
    assert_eq!(response.headers.get("content-type").map(String::as_str), Some("text/event-stream"));
    assert_eq!(response.read_to_end().await.0, "");
    until(|| server.app.channel.subscribers() == 0).await;
}

/// Byte for byte, in order.
pub async fn events_arrive_as_published(server: Server) {
    let mut response = open(&server, &[]).await;
    let mut expected = "retry: 3000\n".to_owned();
    for n in 0..10 {
        let id = publish(&server, n).await;
        expected += &format!("id: {id}\ndata: {n}\n\n");
    }
    let text = response.read_until("data: 9\n\n").await;
    assert_eq!(without_comments(&text), expected);
}

/// A client that comes back with the header gets what it missed, once.
pub async fn resumes_by_header(server: Server) {
    let id = publish(&server, 0).await;
    publish(&server, 1).await;
    publish(&server, 2).await;
    let mut response = open(&server, &[("Last-Event-ID", id.as_str().as_bytes())]).await;
    let text = response.read_until("data: 2\n\n").await;
    assert_eq!(data_lines(&text), ["1", "2"]);
}

/// The same by a query parameter that the application named; the header wins.
pub async fn resumes_by_query(server: Server) {
    let first = publish(&server, 0).await;
    let second = publish(&server, 1).await;
    publish(&server, 2).await;
    let target = format!("/events?last={first}");
    let mut response = Client::get(server.address, &target, &[]).await;
    assert_eq!(data_lines(&response.read_until("data: 2\n\n").await), ["1", "2"]);
    let header: (&str, &[u8]) = ("last-event-id", second.as_str().as_bytes());
    let mut response = Client::get(server.address, &target, &[header]).await;
    assert_eq!(data_lines(&response.read_until("data: 2\n\n").await), ["2"]);
}

/// An ID of another log is answered by one reset, and live events go on behind it.
pub async fn cannot_resume_is_one_reset(server: Server) {
    for (id, reason) in [("abcdefgh-1", "epoch"), ("nonsense", "unknown")] {
        let mut response = open(&server, &[("last-event-id", id.as_bytes())]).await;
        response.read_until("}\n\n").await;
        publish(&server, 7).await;
        let text = response.read_until("data: 7\n\n").await;
        assert_eq!(data_lines(&text), [&format!(r#"{{"reason":"{reason}","missed":null}}"#), "7"]);
        assert_eq!(text.matches("event: reset\n").count(), 1);
    }
}

/// Malformed means absent: no panic, no 500, no reset.
pub async fn hostile_last_event_ids_are_none(server: Server) {
    publish(&server, 0).await;
    let long = vec![b'x'; 100_000];
    let hostile: [&[u8]; 4] = [&long, b"\xff\xfe", b"\xe2\x82", b""];
    for id in hostile {
        let mut response = open(&server, &[("last-event-id", id)]).await;
        publish(&server, 1).await;
        assert_eq!(data_lines(&response.read_until("data: 1\n\n").await), ["1"]);
    }
    for query in ["%00", "%0A", "%FF", "a%0D%0Adata:%20injected"] {
        let mut response = Client::get(server.address, &format!("/events?last={query}"), &[]).await;
        response.read_until("retry: 3000\n").await;
        publish(&server, 2).await;
        response.read_until("data: 2\n\n").await;
        assert!(!response.text().contains("reset"), "{query}: {}", response.text());
    }
    // A server may refuse a header of this size, as long as it is the client who is at fault.
    let huge = vec![b'x'; 1 << 20];
    let response = Client::get(server.address, "/events", &[("last-event-id", &huge)]).await;
    assert!(response.status < 500, "{}", response.status);
}

/// Comments come on an idle stream.
pub async fn idle_stream_is_kept_alive(server: Server) {
    let mut response = Client::get(server.address, "/events", &[]).await;
    assert_eq!(response.read_until("\n:\n:\n").await, "retry: 3000\n:\n:\n");
}

/// A client that closes its connection is gone from the channel, without an event to find out.
pub async fn a_client_that_leaves_is_unsubscribed(server: Server) {
    let response = open(&server, &[]).await;
    assert_eq!(server.app.channel.subscribers(), 1);
    drop(response);
    until(|| server.app.channel.subscribers() == 0).await;
}

/// `204` and nothing else.
pub async fn stop_is_no_content(server: Server) {
    let response = Client::get(server.address, "/stop", &[]).await;
    assert_eq!(response.status, 204);
    assert!(!response.headers.contains_key("content-type"));
}

/// The stream ends, so that the client comes back; it has seen no half event.
pub async fn an_error_ends_behind_whole_events(server: Server) {
    let mut response = Client::get(server.address, "/broken", &[]).await;
    assert_eq!(response.read_to_end().await.0, "retry: 3000\ndata: one\n\ndata: two\n\n");
}

/// A client or proxy that cares can tell a failed stream from one that has ended.
pub async fn an_error_breaks_the_connection(server: Server) {
    let mut response = Client::get(server.address, "/broken", &[]).await;
    assert!(!response.read_to_end().await.1, "the body must not look complete");
}

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
    for mut response in responses {
        let (text, proper) = response.read_to_end().await;
        assert!(proper, "the body ends properly");
        let text = without_comments(&text);
        let last = text.rsplit_once("data: 1\n\n").unwrap().1;
        let ms: u64 = last.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
        assert!((1000..=5000).contains(&ms));
    }
}

/// Opens `/events`, and waits until it is subscribed.
async fn open(server: &Server, headers: &[(&str, &[u8])]) -> Response {
    let mut response = Client::get(server.address, "/events", headers).await;
    response.read_until("retry: 3000\n").await;
    response
}

async fn publish(server: &Server, n: u32) -> EventId {
    server.app.channel.publish(&Event::new(n.to_string())).await.unwrap()
}

/// Waits for something that the server does on its own.
async fn until(condition: impl Fn() -> bool) {
    let holds = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), holds).await.unwrap();
}

fn without_comments(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with(':')).collect()
}

fn data_lines(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.strip_prefix("data: ")).collect()
}
