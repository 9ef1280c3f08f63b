//! One stream, from its head to its end.

use std::time::{Duration, Instant};

use super::{beginning, open, publish, until, without_comments};
use crate::app::Server;
use crate::client::Client;

/// The status and `retry:` come without an event to push them.
pub async fn head_and_reconnection_time_come_at_once(server: Server) {
    let mut response = Client::get(server.address, "/events", &[]).await;
    assert_eq!(response.status, 200);
    assert!(response.read_past("\n").await.starts_with("retry: 3000\n"));
}

/// A new client is told its place before there is an event, in a block that has only an ID.
pub async fn a_new_client_is_told_its_place(server: Server) {
    publish(&server, 0).await;
    let place = server.app.channel.cursor();
    let mut response = open(&server, &[]).await;
    assert_eq!(without_comments(&response.text()), beginning(&server.app.channel));
    // Its connection breaks before the first event: it comes back to where it was.
    drop(response);
    let id = publish(&server, 1).await;
    response = open(&server, &[("last-event-id", place.as_str().as_bytes())]).await;
    let text = response.read_until("data: 1\n\n").await;
    assert_eq!(without_comments(&text), format!("retry: 3000\nid: {id}\ndata: 1\n\n"));
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

/// A client of HTTP/1.0, as nginx is unless it is told otherwise, gets the stream as it is: it knows no chunks.
pub async fn http_1_0_has_no_chunks(server: Server) {
    let answer = Client::get_by_http_1_0(server.address, "/events", "\n\n:\n").await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_lowercase().contains("transfer-encoding"), "{head}");
    assert_eq!(body, beginning(&server.app.channel) + ":\n");
}

/// Byte for byte, in order.
pub async fn events_arrive_as_published(server: Server) {
    let mut response = open(&server, &[]).await;
    let mut expected = beginning(&server.app.channel);
    for n in 0..10 {
        let id = publish(&server, n).await;
        expected += &format!("id: {id}\ndata: {n}\n\n");
    }
    let text = response.read_until("data: 9\n\n").await;
    assert_eq!(without_comments(&text), expected);
}

/// Comments come on an idle stream.
pub async fn idle_stream_is_kept_alive(server: Server) {
    let mut response = Client::get(server.address, "/events", &[]).await;
    assert_eq!(response.read_until("\n:\n:\n").await, beginning(&server.app.channel) + ":\n:\n");
}

/// No comments between events: the stream is not idle. They come again when it is.
pub async fn traffic_puts_off_the_keep_alive(server: Server) {
    let mut response = open(&server, &[]).await;
    let start = Instant::now();
    let mut n = 0;
    while start.elapsed() < Duration::from_millis(1500) {
        publish(&server, n).await;
        response.read_until(&format!("data: {n}\n\n")).await;
        n += 1;
    }
    let text = response.text();
    assert_eq!(without_comments(&text), text);
    response.read_until("\n\n:\n").await;
}

/// `204` and nothing else.
pub async fn stop_is_no_content(server: Server) {
    is_no_content(&server, "/stop").await;
}

/// The same without a word of the application.
pub async fn a_stream_that_is_over_is_no_content(server: Server) {
    is_no_content(&server, "/over").await;
}

async fn is_no_content(server: &Server, target: &str) {
    // No byte behind the head: the next would be the next response.
    let response = Client::get_by_http_1_0(server.address, target, "\0").await;
    assert!(response.ends_with("\r\n\r\n"), "{response}");
    let response = Client::get(server.address, target, &[]).await;
    assert_eq!(response.status, 204);
    for name in ["content-type", "content-length", "transfer-encoding"] {
        assert!(!response.headers.contains_key(name), "{name}");
    }
}

/// The head of an event stream and when to come back, and then the end: of the body, not of the client. `HEAD` answers
/// the same head.
pub async fn later_is_a_reconnection_time_alone(server: Server) {
    for (method, expected) in [("GET", ("retry: 3000\n".to_owned(), true)), ("HEAD", (String::new(), false))]
    {
        let request = Client::send(server.address, method, "/later", &[("connection", b"close")]).await;
        let mut response = request.response().await;
        assert_eq!(response.status, 200);
        for (name, value) in typed_sse_core::header::RESPONSE {
            assert_eq!(response.headers.get(name).map(String::as_str), Some(value), "{name}");
        }
        // To `HEAD` it may be left out, but not be another (RFC 9110, 8.6).
        if let Some(length) = response.headers.get("content-length") {
            assert_eq!(length, "12", "{method}");
        }
        assert_eq!(response.read_to_end().await, expected, "{method}");
    }
}

/// The stream ends, so that the client comes back; it has seen no half event.
pub async fn an_error_ends_behind_whole_events(server: Server) {
    let mut response = Client::get(server.address, "/broken", &[]).await;
    assert_eq!(response.read_to_end().await.0, "retry: 3000\ndata: one\n\ndata: two\n\n");
}

/// The client learns what went wrong by an event, and sees that this was the last.
pub async fn an_error_that_is_told_ends_the_stream_properly(server: Server) {
    let mut response = Client::get(server.address, "/told", &[]).await;
    let expected = "retry: 3000\ndata: one\n\ndata: two\n\nevent: error\ndata: broken\n\n";
    assert_eq!(response.read_to_end().await, (expected.to_owned(), true));
}

/// A client or proxy that cares can tell a failed stream from one that has ended.
pub async fn an_error_breaks_the_connection(server: Server) {
    let mut response = Client::get(server.address, "/broken", &[]).await;
    assert!(!response.read_to_end().await.1, "the body must not look complete");
}
