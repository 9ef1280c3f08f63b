//! Eight who publish in transactions that take a while, of which a tenth is rolled back, beside one that stays open for half a minute; and
//! what is seen of it: `cargo bench -p typed-sse-postgres --bench transactions`.
//!
//! It takes a minute and a half.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a bench")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use support::{Server, client};
use tokio::time::{sleep, timeout};
use typed_sse::{Channel, Event, Start, Subscription};
use typed_sse_postgres::{Postgres, PublishIn as _};

const PUBLISHERS: usize = 8;
/// A transaction waits for up to so long before it ends.
const DELAY: Duration = Duration::from_millis(8);
/// The long one begins when so much has passed, is open for so long, and so much follows.
const BEFORE: Duration = Duration::from_secs(5);
const OPEN: Duration = Duration::from_secs(30);
const BEHIND: Duration = Duration::from_secs(5);

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let server = Server::start(&[]);
    let admin = client(&server).await;
    admin.batch_execute(Postgres::MIGRATION).await.unwrap();
    admin
        .batch_execute(
            "CREATE TABLE orders (item text);
             CREATE TABLE bare (id bigserial PRIMARY KEY, at timestamptz DEFAULT now(), data text)",
        )
        .await
        .unwrap();
    let channels = [channel(&server).await, channel(&server).await];
    let clients: Vec<_> = (0..6)
        .map(|n| {
            let subscription = channels[n % 2].subscribe(None).start(Start::Earliest).no_checkpoints();
            tokio::spawn(read(subscription))
        })
        .collect();
    let (committed, during, ours) = publish(&server, Some(&channels)).await;
    channels[0].publish(&Event::new("end")).await.unwrap();
    let mut orders = Vec::new();
    for client in clients {
        orders.push(client.await.unwrap());
    }
    assert_eq!(orders[0].len(), committed.len(), "each once");
    assert_eq!(orders[0].iter().cloned().collect::<HashSet<_>>(), committed);
    assert!(orders.iter().all(|order| *order == orders[0]), "one order for all");
    let (_, bare_during, bare) = publish(&server, None).await;
    println!(
        "{PUBLISHERS} publishers, up to {} ms before each commit, a tenth rolled back, one transaction open for {} s:",
        DELAY.as_millis(),
        OPEN.as_secs()
    );
    println!("6 clients of 2 processes got exactly the {} committed events, in one order", committed.len());
    println!("{ours:.0} commits/s, with a plain INSERT {bare:.0}/s, {:.0} %", 100.0 * ours / bare);
    println!(
        "while it was open: {during:.0} commits/s, with a plain INSERT {bare_during:.0}/s, {:.0} %",
        100.0 * during / bare_during
    );
}

async fn channel(server: &Server) -> Channel<Event> {
    let store = Postgres::connect(server.url()).await.unwrap();
    Channel::builder().store(store, "orders").open().await.unwrap()
}

/// All data up to `end`.
async fn read(mut subscription: Subscription<Event>) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let next = timeout(Duration::from_secs(120), subscription.next()).await;
        let frame = next.expect("nothing more").unwrap().unwrap();
        assert_ne!(frame.event_type(), "reset");
        if frame.is_event() {
            let text = std::str::from_utf8(frame.as_ref()).unwrap();
            let data = text.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
            match data.split_once(' ') {
                None if data == "end" => return seen,
                _ => seen.push(data.split(' ').next().unwrap().to_owned()),
            }
        }
    }
}

/// What was committed, and how many commits a second there were: while the long one was open, and in all. Into the log, or into a plain table.
async fn publish(server: &Server, channels: Option<&[Channel<Event>; 2]>) -> (HashSet<String>, f64, f64) {
    let started = Instant::now();
    let long = {
        let (mut client, channel) = (client(server).await, channels.map(|channels| channels[0].clone()));
        tokio::spawn(async move {
            sleep(BEFORE).await;
            let mut order = client.transaction().await.unwrap();
            match channel {
                Some(channel) => channel.publish_in(&mut order, &Event::new("long x")).await.unwrap(),
                None => order.batch_execute("INSERT INTO bare (data) VALUES ('long x')").await.unwrap(),
            }
            sleep(OPEN).await;
            order.commit().await.unwrap();
        })
    };
    let mut publishers = Vec::new();
    for publisher in 0..PUBLISHERS {
        let mut client = client(server).await;
        let channel = channels.map(|channels| channels[publisher % 2].clone());
        publishers.push(tokio::spawn(async move {
            let (mut committed, mut during) = (Vec::new(), 0);
            for n in 0.. {
                if started.elapsed() > BEFORE + OPEN + BEHIND {
                    break;
                }
                let name = format!("{publisher}.{n}");
                let data = format!("{name} {}", "x".repeat(200));
                let mut order = client.transaction().await.unwrap();
                order.execute("INSERT INTO orders VALUES ('lamp')", &[]).await.unwrap();
                match &channel {
                    Some(channel) => channel.publish_in(&mut order, &Event::new(&*data)).await.unwrap(),
                    None => {
                        order.execute("INSERT INTO bare (data) VALUES ($1)", &[&data]).await.unwrap();
                    }
                }
                sleep(DELAY.mul_f64(fastrand::f64())).await;
                if fastrand::u32(0..10) == 0 {
                    order.rollback().await.unwrap();
                    continue;
                }
                order.commit().await.unwrap();
                committed.push(name);
                during += usize::from((BEFORE..BEFORE + OPEN).contains(&started.elapsed()));
            }
            (committed, during)
        }));
    }
    let (mut committed, mut during) = (HashSet::from(["long".to_owned()]), 0);
    for publisher in publishers {
        let (own, while_open) = publisher.await.unwrap();
        committed.extend(own);
        during += while_open;
    }
    let all = committed.len() as f64 / started.elapsed().as_secs_f64();
    long.await.unwrap();
    (committed, during as f64 / OPEN.as_secs_f64(), all)
}
