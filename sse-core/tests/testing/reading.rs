//! What a client reads, and what it says when something does not come.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use tokio::time::Instant;
use typed_sse_core::testing::{Client, End, Ledger, ReceiveErrorKind, Received, Violation};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, EventRef, EventStream, EventType, FromEventError,
    FromEventErrorKind, FromSseEvent, SseEvent, Subscription,
};

type Body = Pin<Box<dyn Stream<Item = Result<&'static [u8], Infallible>>>>;

/// A body that stays open behind these chunks.
fn body(chunks: &[&'static str]) -> Body {
    let chunks: Vec<_> = chunks.iter().map(|chunk| Ok(chunk.as_bytes())).collect();
    Box::pin(stream::iter(chunks).chain(stream::pending()))
}

fn data(events: &[Received]) -> Vec<&str> {
    events.iter().map(Received::data).collect()
}

fn rare(data: &str) -> Event {
    Event::new(data).with_event_type(EventType::from_static("rare"))
}

#[tokio::test(start_paused = true)]
async fn dispatches_what_an_event_source_does() {
    let mut client = Client::new();
    let chunks =
        ["retry: 700\n:\n\nevent: a\nid: 1\nda", "ta: one\n\n:\ndata: {\"n\":2}\n\nid: 3\n\n", "data"];
    client.open(body(&chunks));
    let events = client.take(2).await.unwrap();
    assert_eq!(data(&events), ["one", "{\"n\":2}"]);
    assert_eq!((events[0].event_type(), events[1].event_type()), ("a", "message"));
    assert_eq!(events[1].id().unwrap().as_str(), "1");
    assert!(client.ready().is_empty());
    assert_eq!(client.last_event_id().as_str(), "3", "a block without data moves it");
    assert_eq!(client.reconnection_time(), Some(Duration::from_millis(700)));
}

#[cfg(feature = "json")]
#[tokio::test(start_paused = true)]
async fn reads_data_as_json() {
    let mut client = Client::new();
    client.open(body(&["data: {\"n\":2}\n\nevent: a\nid: 1\ndata: one\n\n"]));
    let events = client.take(2).await.unwrap();
    assert_eq!(events[0].json::<HashMap<String, u8>>().unwrap()["n"], 2);
    let error = events[1].json::<u8>().unwrap_err().to_string();
    assert!(error.starts_with("the data of `a` `1` \"one\" is no `u8`: expected value"), "{error}");
}

/// As it was sent: without the ID of the event before it, and however the lines come.
#[tokio::test(start_paused = true)]
async fn reads_events_as_values() {
    let mut client = Client::new();
    client.open(body(&["event: rare\nid: 1\nretry: 5\nda", "ta: a\n\ndata: b\n\n"]));
    let events = client.take(2).await.unwrap();
    let first = rare("a").with_id(EventId::new("1").unwrap()).with_retry(Duration::from_millis(5));
    assert_eq!(events[0].typed::<Event>().unwrap(), first);
    assert_eq!(events[1].typed::<Event>().unwrap(), Event::new("b"));
    assert_eq!(events[1].id().map(EventId::as_str), Some("1"));
    assert_eq!(events[1].typed::<Box<Number>>().unwrap_err().kind(), FromEventErrorKind::Data);
}

#[derive(Debug)]
struct Number(#[allow(dead_code)] u8);

impl FromSseEvent for Number {
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        event.data.parse().map(Self).map_err(|error| FromEventError::data(event, error))
    }
}

#[tokio::test(start_paused = true)]
async fn waits_out_the_reconnection_time_and_keeps_its_id() {
    let start = Instant::now();
    let mut client = Client::new();
    assert!(client.come_back().await.is_empty());
    assert_eq!(start.elapsed(), Duration::from_secs(3), "what browsers take");
    client.open(body(&["retry: 700\nid: 7\ndata: x\n\n"]));
    client.next().await.unwrap();
    assert_eq!(client.come_back().await.as_str(), "7");
    assert_eq!(start.elapsed(), Duration::from_millis(3700));
    client.open(body(&["data: y\n\n"]));
    let event = client.next().await.unwrap();
    assert_eq!((event.id().unwrap().as_str(), event.connection()), ("7", 2));
    assert_eq!(client.connections()[0].end(), Some(&End::Disconnected));
    assert_eq!(client.connections()[1].end(), None);
    assert_eq!(client.connections()[1].last_event_id().as_str(), "7");
}

#[tokio::test(start_paused = true)]
async fn a_cut_anywhere_dispatches_only_what_was_whole() {
    const FIRST: &str = "id: 1\ndata: 1\n\n";
    let chunks = ["id: 1\ndata: 1\n\nid: 2\nda", "ta: 2\n\nid: 3\ndata: 3\n\n"];
    let all = chunks.concat();
    for bytes in 0..=all.len() {
        let whole = all[..bytes].matches("\n\n").count();
        let mut client = Client::new();
        client.open(body(&chunks));
        client.cut_after(bytes);
        assert_eq!(client.ended().await.unwrap(), End::Cut);
        assert_eq!(client.events().len(), whole);
        let last = if whole == 0 { String::new() } else { whole.to_string() };
        assert_eq!(client.last_event_id().as_str(), last);

        // The rest of its chunk had come when the first event was read: it counts all the same.
        let Some(more) = bytes.checked_sub(FIRST.len()) else { continue };
        let mut client = Client::new();
        client.open(body(&chunks));
        client.next().await.unwrap();
        client.cut_after(more);
        assert_eq!(client.ended().await.unwrap(), End::Cut);
        assert_eq!(client.events().len(), whole);
    }
}

#[tokio::test(start_paused = true)]
async fn says_what_came_instead() {
    let mut client = Client::<Body>::new().with_limit(Duration::from_secs(2));
    let error = client.next().await.unwrap_err();
    assert_eq!(error.to_string(), "the client has no connection: give it one with `Client::open`");
    client.open(body(&["id: 1\ndata: one\n\n"]));
    let error = client.take(2).await.unwrap_err();
    assert_eq!(error.kind(), &ReceiveErrorKind::TimedOut(Duration::from_secs(2)));
    assert_eq!(error.to_string(), "expected 2 events, but not within 2s; received `message` `1` \"one\"");
    assert_eq!(format!("{error:?}"), error.to_string(), "an `unwrap` prints the same");
    let error = client.ended().await.unwrap_err();
    assert_eq!(error.to_string(), "expected the end of the connection, but not within 2s; received nothing");

    client.open(Box::pin(stream::iter([Ok(&b"event: a\ndata: x\n\n"[..])])));
    let error = client.until(|event| event.data() == "y").await.unwrap_err();
    assert_eq!(error.kind(), &ReceiveErrorKind::Ended(End::Closed));
    let words = "expected an event that was looked for, but the connection ended, the server closed it; \
                 received `a` `1` \"x\"";
    assert_eq!(error.to_string(), words);
    assert_eq!(client.ended().await.unwrap(), End::Closed, "it has ended before");

    client.open(body(&["data: one\n\ndata: two\n\n"]));
    let error = client.expect([Event::new("one"), Event::new("three")]).await.unwrap_err();
    assert_eq!(error.kind(), &ReceiveErrorKind::Different);
    assert_eq!(error.to_string(), "expected `message` \"three\"; received `message` `1` \"two\"");
    let error = client.expect([Event::new("é".repeat(500))]).await.unwrap_err().to_string();
    assert!(error.ends_with("é\" and 760 bytes more, but not within 2s; received nothing"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn expects_typed_events_as_they_are_encoded() {
    let channel = Channel::new();
    let event = |id: Option<&str>| {
        let event = rare("x\ny");
        id.map_or(event.clone(), |id| event.with_id(EventId::new(id).unwrap()))
    };
    let mut client = Client::new();
    client.open(channel.subscribe(client.last_event_id()));
    for id in [None, Some("own"), Some("other"), Some("third"), Some("fourth")] {
        channel.publish(&event(id)).await.unwrap();
    }
    // A cursor is not the event's own, so it is not compared.
    client.expect([event(None), event(Some("own"))]).await.unwrap();
    let error = client.expect([event(Some("own"))]).await.unwrap_err();
    assert_eq!(error.to_string(), "expected `rare` `own` \"x\\ny\"; received `rare` `other` \"x\\ny\"");
    let other_type = client.expect([Event::new("x\ny")]).await.unwrap_err();
    let other_data = client.expect([rare("x")]).await.unwrap_err();
    assert_eq!([other_type.kind(), other_data.kind()], [&ReceiveErrorKind::Different; 2]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_sent_cannot_be_expected() {
    struct Illegal;
    impl SseEvent for Illegal {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            EventType::new("")?;
            encoder.text("")
        }
    }
    let mut client = Client::new();
    client.open(body(&["data\n\n"]));
    let error = client.expect([Illegal]).await.unwrap_err();
    assert!(matches!(error.kind(), ReceiveErrorKind::Encode(_)), "{error}");
}

#[tokio::test(start_paused = true)]
async fn reads_the_body_of_a_response_past_its_comments() {
    let channel = Channel::<Event>::new();
    let mut client = Client::new().with_limit(Duration::from_secs(600));
    client.open(EventStream::new(channel.subscribe(client.last_event_id())));
    let publish = async {
        tokio::time::sleep(Duration::from_secs(100)).await;
        channel.publish(&Event::new("late")).await.unwrap();
    };
    let (event, ()) = tokio::join!(client.next(), publish);
    assert_eq!(event.unwrap().data(), "late");
    assert!(client.reconnection_time().unwrap() >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn one_that_stalls_is_slow_and_a_stream_that_fails_is_an_end() {
    let channel = Channel::builder().events(2).build();
    let mut client = Client::new();
    client.open(EventStream::new(channel.subscribe(client.last_event_id())));
    assert!(client.ready().is_empty());
    for n in 0..3 {
        channel.publish(&Event::new(n.to_string())).await.unwrap();
    }
    // The stream gives its server time to write before it fails.
    assert!(client.ready().is_empty());
    assert_eq!(channel.subscribers(), 1);
    assert!(client.next().await.is_err());
    let end = client.connections()[0].end().unwrap();
    assert!(matches!(end, End::Failed(error) if error.contains("fell behind")), "{end}");
    assert_eq!(channel.subscribers(), 0, "its subscription is gone");
}

#[tokio::test]
async fn what_is_ready_is_read_past_a_streams_turns() {
    let channel = Channel::new();
    let mut client = Client::new();
    client.open(channel.subscribe(client.last_event_id()).filter(|frame| frame.event_type() == "rare"));
    for _ in 0..4000 {
        channel.publish(&Event::new("common")).await.unwrap();
    }
    channel.publish(&rare("x")).await.unwrap();
    assert_eq!(data(&client.ready()), ["x"]);
    for n in ["1", "2", "3"] {
        channel.publish(&rare(n)).await.unwrap();
    }
    assert_eq!(data(&client.ready_up_to(0)), [""; 0]);
    assert_eq!(data(&client.ready_up_to(2)), ["1", "2"]);
    assert_eq!(data(&client.ready_up_to(2)), ["3"]);
    assert_eq!(client.body().unwrap().replayed(), 0);
    client.clear();
    assert!(client.events().is_empty());
}

#[test]
fn a_client_and_a_ledger_may_go_to_other_threads() {
    fn is_send_and_sync<T: Send + Sync>() {}
    is_send_and_sync::<Ledger>();
    is_send_and_sync::<Violation>();
    fn is_send<T: Send>() {}
    is_send::<Client<Subscription<Event>>>();
}
