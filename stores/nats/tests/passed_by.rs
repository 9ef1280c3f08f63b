//! A server that passes messages by that it has, as one of version 2.9 may while it tidies its file.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use support::{Server, data};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader, copy};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use typed_sse_core::store::{Batch, Record, Store as _, StoredLog};
use typed_sse_nats::Nats;

/// In front of a server: its next consumer to come to this message passes it by.
#[derive(Clone, Default)]
struct Passing(Arc<AtomicU64>);

impl Passing {
    async fn start(&self, port: u16) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let passing = self.clone();
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let (mut from, to) = here.into_split();
                let (answers, mut there) =
                    TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
                let passing = passing.clone();
                tokio::spawn(async move { copy(&mut from, &mut there).await });
                tokio::spawn(async move { passing.answer(BufReader::new(answers), to).await });
            }
        });
        url
    }

    /// Passes on what the server says. A consumer counts what it has sent: one less, from the message on that it passed by.
    async fn answer(
        &self,
        mut from: BufReader<impl AsyncRead + Unpin>,
        mut to: OwnedWriteHalf,
    ) -> Option<()> {
        // By the subscription that its messages come to.
        let mut passed: HashMap<String, u64> = HashMap::new();
        let mut line = String::new();
        while from.read_line(&mut line).await.ok()? > 0 {
            let mut parts: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
            if !matches!(&*parts[0], "MSG" | "HMSG") {
                to.write_all(line.as_bytes()).await.ok()?;
                line.clear();
                continue;
            }
            line.clear();
            let mut body = vec![0; parts.last()?.parse::<usize>().ok()? + 2];
            from.read_exact(&mut body).await.ok()?;
            let mut passed = passed.entry(parts[2].clone()).or_default();
            if parts[3].starts_with("$JS.ACK.") {
                let mut place: Vec<_> = parts[3].split('.').map(str::to_owned).collect();
                let passes = place[5].parse().ok()?;
                if self.0.compare_exchange(passes, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok() {
                    *passed += 1;
                    continue;
                }
                place[6] = (place[6].parse::<u64>().ok()? - *passed).to_string();
                parts[3] = place.join(".");
            } else if parts[0] == "HMSG" {
                let fewer = less(&String::from_utf8_lossy(&body), &mut passed);
                let longer = body.len() - fewer.len();
                body = fewer.into_bytes();
                for length in parts.iter_mut().rev().take(2) {
                    *length = (length.parse::<usize>().ok()? - longer).to_string();
                }
            }
            to.write_all(format!("{}\r\n", parts.join(" ")).as_bytes()).await.ok()?;
            to.write_all(&body).await.ok()?;
        }
        None
    }
}

/// A heartbeat with the number of those that were not passed by.
fn less(heartbeat: &str, passed: &mut &mut u64) -> String {
    let count = |line: &str| match line.strip_prefix("Nats-Last-Consumer: ") {
        Some(count) => format!("Nats-Last-Consumer: {}", count.parse::<u64>().unwrap() - **passed),
        None => line.to_owned(),
    };
    heartbeat.split("\r\n").map(count).collect::<Vec<_>>().join("\r\n")
}

async fn open(url: &str) -> (Nats, StoredLog) {
    let store = Nats::builder().time_limit(Duration::from_secs(20)).connect(url).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

async fn push(store: &Nats, log: &StoredLog, data: &str) -> u64 {
    let record = Record::from_fields([("data", data)]).unwrap();
    store.append(log, Batch::new(&[record])).await.unwrap().positions[0] >> 16
}

async fn pushed(server: &Server) -> (Nats, StoredLog, u64) {
    let (store, log) = open(&server.url()).await;
    let mut last = 0;
    for text in ["0", "1", "2", "3"] {
        last = push(&store, &log, text).await;
    }
    (store, log, last)
}

#[tokio::test]
async fn a_log_is_read_again_of_which_a_message_was_passed_by() {
    let server = Server::start();
    let (_store, log, last) = pushed(&server).await;
    // In the midst, and the last of all.
    for passes in [last - 1, last] {
        let passing = Passing(Arc::new(passes.into()));
        let (store, same) = open(&passing.start(server.port).await).await;
        assert_eq!(
            (data(&store, &same).await, same),
            (["0", "1", "2", "3"].map(str::to_owned).to_vec(), log.clone())
        );
        assert_eq!(passing.0.load(Ordering::SeqCst), 0, "it was passed by");
    }
}

#[tokio::test]
async fn a_follower_looks_for_what_was_passed_by() {
    let server = Server::start();
    let (store, log, last) = pushed(&server).await;
    let passing = Passing::default();
    let (follower, _) = open(&passing.start(server.port).await).await;
    passing.0.store(last + 1, Ordering::SeqCst);
    assert_eq!(push(&store, &log, "4").await, last + 1);
    push(&store, &log, "5").await;
    assert_eq!(data(&follower, &log).await, ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(passing.0.load(Ordering::SeqCst), 0, "it was passed by");
    // Nothing comes behind it.
    passing.0.store(last + 3, Ordering::SeqCst);
    assert_eq!(push(&store, &log, "6").await, last + 3);
    assert_eq!(data(&follower, &log).await, ["0", "1", "2", "3", "4", "5", "6"]);
    assert_eq!(passing.0.load(Ordering::SeqCst), 0, "it was passed by");
}
