//! Two servers with a channel each, on one log: clients go from one to the other. Other programs publish and read along.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use std::time::{Duration, Instant};

use async_nats::HeaderMap;
use futures_util::StreamExt as _;
use support::Server;
use tokio::time::timeout;
use typed_sse::{Channel, Event, EventId, EventType, LastEventId, PublishError, Subscription, Topics};
use typed_sse_nats::Nats;

async fn channel(server: &Server) -> Channel<Event> {
    let store = Nats::builder().time_limit(Duration::from_secs(1)).connect(server.url()).await.unwrap();
    Channel::builder().events(8).store(store, "market").open().await.unwrap()
}

async fn publish(channel: &Channel<Event>, data: impl ToString) -> EventId {
    channel.publish(&Event::new(data.to_string())).await.unwrap()
}

/// The data of the next so many events, and the last event ID behind them.
async fn events(subscription: &mut Subscription<Event>, n: usize) -> (Vec<String>, LastEventId) {
    let (mut seen, mut last) = (Vec::new(), None);
    while seen.len() < n {
        let next = timeout(Duration::from_secs(20), subscription.next()).await;
        let frame = next.unwrap_or_else(|_| panic!("{seen:?}, and nothing more")).expect("the end").unwrap();
        let text = std::str::from_utf8(frame.as_ref()).unwrap();
        let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        last = field("id: ").map(str::to_owned).or(last);
        if frame.is_event() {
            let data = field("data: ").unwrap_or_default();
            seen.push(if frame.event_type() == "reset" { format!("reset {data}") } else { data.to_owned() });
        }
    }
    let last = EventId::new(last.expect("an ID")).unwrap();
    (seen, LastEventId::from(last))
}

fn numbers(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

#[tokio::test]
async fn a_client_goes_on_at_another_server() {
    let server = Server::start();
    let (one, two) = (channel(&server).await, channel(&server).await);
    let mut client = one.subscribe(None);
    let mut last = LastEventId::from(publish(&one, "begin").await);
    assert_eq!(events(&mut client, 1).await.0, ["begin"]);
    for n in 0..40 {
        let (here, there) = if n % 2 == 0 { (&one, &two) } else { (&two, &one) };
        let mut client = here.subscribe(last.clone());
        publish(there, n).await;
        let read = events(&mut client, 1).await;
        assert_eq!(read.0, [n.to_string()]);
        last = read.1;
    }
    // Another program publishes, and one comes back who has missed more than a window has.
    let client = server.client().await;
    let mut headers = HeaderMap::new();
    headers.insert("sse-event", "price_changed");
    client.request_with_headers("sse.market.events", headers, "40".into()).await.unwrap();
    for n in 41..80 {
        publish(&one, n).await;
    }
    assert_eq!(events(&mut two.subscribe(last), 40).await.0, numbers(40..80));
}

#[tokio::test]
async fn clients_stay_while_the_server_is_away() {
    let server = Server::start();
    let (one, two) = (channel(&server).await, channel(&server).await);
    let mut client = two.subscribe(None);
    publish(&one, 0).await;
    assert_eq!(events(&mut client, 1).await.0, ["0"]);
    server.kill();
    let error = one.publish(&Event::new("x")).await.unwrap_err();
    assert!(matches!(error, PublishError::Store(_)), "{error}");
    server.start_again();
    for n in 1..20 {
        while one.publish(&Event::new(n.to_string())).await.is_err() {}
    }
    assert_eq!(events(&mut client, 19).await.0, numbers(1..20));
}

/// A client that does not read for longer than two heartbeats holds up neither others nor what comes from the server, and gets all in the end.
#[tokio::test]
async fn a_client_that_does_not_read_holds_nobody_up() {
    let server = Server::start();
    let (one, two) = (channel(&server).await, channel(&server).await);
    let (mut slow, mut quick) = (two.subscribe(None), two.subscribe(None));
    let started = Instant::now();
    let mut published = 0;
    while started.elapsed() < Duration::from_millis(1_500) {
        publish(&one, published).await;
        assert_eq!(events(&mut quick, 1).await.0, [published.to_string()]);
        published += 1;
    }
    assert!(published > 8, "more than a window has");
    assert_eq!(events(&mut slow, published as usize).await.0, numbers(0..published));
}

#[tokio::test]
async fn a_stream_that_was_deleted_resets_them_once() {
    let server = Server::start();
    let (one, two) = (channel(&server).await, channel(&server).await);
    let mut client = two.subscribe(None);
    publish(&one, "0").await;
    let (_, last) = events(&mut client, 1).await;
    server.api("STREAM.DELETE.sse_market", "").await;
    // It is told to come back.
    while timeout(Duration::from_secs(20), client.next()).await.unwrap().is_some_and(|next| next.is_ok()) {}
    let mut client = two.subscribe(last);
    while one.publish(&Event::new("1")).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (seen, last) = events(&mut client, 2).await;
    assert!(seen[0].starts_with("reset {\"reason\":\"epoch\""), "{seen:?}");
    assert_eq!(seen[1], "1");
    publish(&one, "2").await;
    assert_eq!(events(&mut one.subscribe(last), 1).await.0, ["2"]);
}

/// What is in the stream is readable, and what others put there is an event, unless it is none.
#[tokio::test]
async fn other_programs_read_and_write() {
    let server = Server::start();
    let one = channel(&server).await;
    let event = Event::new("{\"price\":1}").with_event_type(EventType::from_static("price_changed"));
    one.publish(&event.with_id(EventId::new("row 7").unwrap())).await.unwrap();
    let read = server.api("DIRECT.GET.sse_market", "{\"last_by_subj\":\"sse.market.events\"}").await;
    assert_eq!(read, "{\"price\":1}", "its data, as it is");
    let read = server.api("STREAM.MSG.GET.sse_market", "{\"last_by_subj\":\"sse.market.events\"}").await;
    assert!(read.contains("\"hdrs\":"), "{read}");

    let client = server.client().await;
    let publish =
        async |subject: &'static str, headers: &[(&'static str, &'static str)], data: &'static str| {
            let headers: HeaderMap =
                headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
            client.publish_with_headers(subject, headers, data.into()).await.unwrap();
        };
    let mut subscription = one.subscribe(None);
    publish("sse.market.events", &[("sse-id", "row 7")], "its ID is retained").await;
    publish("sse.market.events", &[("sse-retry", "soon")], "no number").await;
    publish("sse.market.events", &[("sse-event", "a%0Ab")], "no event type").await;
    publish("sse.market.events", &[("sse-flags", "tombstone")], "no key").await;
    publish("sse.market.batch", &[], "no JSON").await;
    publish("sse.market.somewhere", &[], "no place").await;
    publish("sse.market.limits", &[], "no bounds").await;
    publish("sse.market.batch", &[], "{\"data\":\"two\"}\n{\"data\":\"three\",\"event\":\"x\"}").await;
    publish("sse.market.events", &[("sse-id", "row 8"), ("traceparent", "00")], "four").await;
    client.flush().await.unwrap();
    assert_eq!(events(&mut subscription, 3).await.0, ["two", "three", "four"]);
    let last = LastEventId::from(EventId::new("row 7").unwrap());
    assert_eq!(events(&mut channel(&server).await.subscribe(last), 3).await.0, ["two", "three", "four"]);
}

/// Ten thousand clients of a thousand topics cost the server what one costs: a connection, and a consumer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_clients_are_one_connection() {
    let server = Server::start();
    let store = Nats::connect(server.url()).await.unwrap();
    let topics = Topics::<Event>::builder().topics(2_000).store(store, "users").open().await.unwrap();
    let mut clients = Vec::new();
    for n in 0..1_000 {
        for _ in 0..10 {
            clients.push(topics.subscribe([format!("user/{n}")], None).unwrap());
        }
    }
    for n in 0..1_000 {
        topics.channel(format!("user/{n}")).unwrap().publish(&Event::new(n.to_string())).await.unwrap();
    }
    for (n, subscription) in clients.iter_mut().enumerate() {
        loop {
            let frame = subscription.next().await.unwrap().unwrap();
            if frame.is_event() {
                let data = format!("data: {}\n\n", n / 10);
                assert!(frame.as_ref().ends_with(data.as_bytes()), "{frame:?}");
                break;
            }
        }
    }
    assert_eq!(server.connections(), 1);
    let consumers = server.api("CONSUMER.NAMES.sse_users", "").await;
    assert!(consumers.contains("\"total\":1,"), "{consumers}");
    let info = server.api("STREAM.INFO.sse_users", "").await;
    assert!(info.contains("\"num_subjects\":1001,"), "a subject for each topic: {info}");
}
