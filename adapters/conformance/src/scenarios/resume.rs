//! What a client that comes back is sent.

use super::{data_lines, open, publish};
use crate::app::Server;
use crate::client::Client;

/// A client that comes back with the header gets what it missed, once.
pub async fn resumes_by_header(server: Server) {
    let id = publish(&server, 0).await;
    publish(&server, 1).await;
    publish(&server, 2).await;
    let mut response = open(&server, &[("Last-Event-ID", id.as_str().as_bytes())]).await;
    let text = response.read_until("data: 2\n\n").await;
    assert_eq!(data_lines(&text), ["1", "2"]);
}

/// A client that is cut before its first event has been told where it is, and comes back there.
pub async fn a_client_without_an_event_has_a_place(server: Server) {
    let mut response = open(&server, &[]).await;
    let text = response.read_until("\n\n").await;
    let place = text.split_once("id: ").and_then(|(_, rest)| rest.strip_suffix("\n\n"));
    let place = place.unwrap_or_else(|| panic!("no place in {text:?}")).to_owned();
    drop(response);
    publish(&server, 1).await;
    let mut response = open(&server, &[("Last-Event-ID", place.as_bytes())]).await;
    assert_eq!(data_lines(&response.read_until("data: 1\n\n").await), ["1"]);
}

/// Whoever is there gets all and the end; whoever has everything is told to stop.
pub async fn a_channel_that_is_finished_stops_its_clients(server: Server) {
    let first = publish(&server, 0).await;
    let mut response = open(&server, &[]).await;
    response.read_until("\n\n").await;
    let last = publish(&server, 1).await;
    server.app.channel.finish_now();
    let (text, proper) = response.read_to_end().await;
    assert!(text.ends_with("data: 1\n\n") && proper, "{text:?}");
    let back = |id: String| {
        let address = server.address;
        async move { Client::get(address, "/events", &[("last-event-id", id.as_bytes())]).await }
    };
    assert_eq!(back(last.to_string()).await.status, 204);
    assert_eq!(Client::get(server.address, "/events", &[]).await.status, 204, "it comes late");
    let mut response = back(first.to_string()).await;
    assert_eq!(response.status, 200);
    assert_eq!(data_lines(&response.read_to_end().await.0), ["1"]);
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
        response.read_past("retry: 3000\n").await;
        publish(&server, 2).await;
        response.read_until("data: 2\n\n").await;
        assert!(!response.text().contains("reset"), "{query}: {}", response.text());
    }
    // A server may refuse a header of this size, as long as it is the client who is at fault.
    let huge = vec![b'x'; 1 << 20];
    let response = Client::get(server.address, "/events", &[("last-event-id", &huge)]).await;
    assert!(response.status < 500, "{}", response.status);
}
