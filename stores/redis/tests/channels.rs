//! Two servers with a channel each, on one log: clients go from one to the other.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

mod support;

use std::time::Duration;

use futures_util::StreamExt as _;
use support::{DURABLE, Server};
use tokio::time::timeout;
use typed_sse::{Channel, Event, EventId, LastEventId, PublishError, Slow, Start, Subscription};
use typed_sse_redis::Redis;

async fn channel(server: &Server) -> Channel<Event> {
    let store = Redis::connect(server.url()).await.unwrap();
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
    let server = Server::start(&[]);
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
    server.cli(&["XADD", "{market}", "*", "event", "price_changed", "data", "40"]);
    for n in 41..80 {
        publish(&one, n).await;
    }
    assert_eq!(events(&mut two.subscribe(last), 40).await.0, numbers(40..80));
}

#[tokio::test]
async fn clients_stay_while_the_server_is_away() {
    let server = Server::start(&DURABLE);
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

#[tokio::test]
async fn a_server_that_was_emptied_resets_them_once() {
    let server = Server::start(&[]);
    let (one, two) = (channel(&server).await, channel(&server).await);
    let mut client = two.subscribe(None);
    publish(&one, "0").await;
    let (_, last) = events(&mut client, 1).await;
    server.cli(&["FLUSHALL"]);
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

/// The log has lost its end, and knows of the batches before: neither one of them nor what comes next is mistaken for another.
#[tokio::test]
async fn what_is_put_is_stored_once_in_whatever_life() {
    let server = Server::start(&[]);
    let one = channel(&server).await;
    let stored = || server.cli(&["XLEN", "{market}"]);
    for n in 1..=3 {
        one.publish_now(&Event::new(n.to_string())).unwrap();
    }
    let until = async |length: &str| {
        let there = async {
            while stored() != length {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(timeout(Duration::from_secs(10), there).await.is_ok(), "{} stored, not {length}", stored());
    };
    until("3").await;
    // It goes on behind the third batch.
    server.cli(&["HSET", "{market}:meta", "epoch", "anotherl"]);
    one.publish_now(&Event::new("4")).unwrap();
    until("4").await;
    // It lacks the batches that were the newest.
    server.cli(&["DEL", "{market}:producers"]);
    server.cli(&["HSET", "{market}:meta", "epoch", "yetanoth"]);
    one.publish_now(&Event::new("5")).unwrap();
    one.publish_now(&Event::new("6")).unwrap();
    until("6").await;
}

/// Adds ten of which three are left, before anybody looks.
fn burst(server: &Server, first: u32) {
    let script = "for n=0,9 do redis.call('XADD', KEYS[1], 'MAXLEN', 3, '*', 'data', ARGV[1] + n) end";
    server.cli(&["EVAL", script, "1", "{market}", &first.to_string()]);
}

#[tokio::test]
async fn who_lacks_what_nobody_has_seen_is_told() {
    let server = Server::start(&[]);
    let one = channel(&server).await;
    let begin = LastEventId::from(one.cursor());
    let mut live = one.subscribe(None).slow(Slow::Skip).start(Start::Earliest);
    for first in [0, 10] {
        burst(&server, first);
        let (seen, _) = events(&mut live, 4).await;
        assert!(seen[0].starts_with("reset "), "{seen:?}");
        assert_eq!(seen[1..], numbers(first + 7..first + 10));
    }
    publish(&one, 20).await;
    assert_eq!(events(&mut live, 1).await.0, ["20"]);
    drop((one, live));
    let (mut id, mut next) = (begin, 21);
    for _ in 0..2 {
        burst(&server, next);
        let two = channel(&server).await;
        let (seen, behind) = events(&mut two.subscribe(id).start(Start::Earliest), 4).await;
        assert!(seen[0].starts_with("reset "), "{seen:?}");
        assert_eq!(seen[1..], numbers(next + 7..next + 10));
        // Who has it all is told of nothing.
        next += 10;
        id = LastEventId::from(publish(&two, next).await);
        assert_eq!(events(&mut two.subscribe(behind), 1).await.0, [next.to_string()]);
        next += 1;
    }
}
