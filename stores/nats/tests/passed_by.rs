//! A server that passes messages by that it has, as one of version 2.9 may while it tidies its file.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use support::{Server, data};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::tcp::OwnedWriteHalf;
use tokio::net::{TcpListener, TcpStream};
use typed_sse_core::store::{Batch, Record, Store as _, StoredLog};
use typed_sse_nats::Nats;

/// In front of a server.
#[derive(Clone, Default)]
struct Passing {
    /// Its next consumer to come to this message passes it by.
    next: Arc<AtomicU64>,
    /// All that lie before this one are passed by, and not found.
    before: Arc<AtomicU64>,
    /// This one is passed by, and not found, for good.
    lost: Arc<AtomicU64>,
    /// So often that was so.
    denied: Arc<AtomicU64>,
}

impl Passing {
    async fn start(&self, port: u16) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("nats://{}", listener.local_addr().unwrap());
        let passing = self.clone();
        tokio::spawn(async move {
            while let Ok((here, _)) = listener.accept().await {
                let (from, to) = here.into_split();
                let (answers, there) = TcpStream::connect(("127.0.0.1", port)).await.unwrap().into_split();
                let (asking, answering) = (passing.clone(), passing.clone());
                tokio::spawn(async move { asking.ask(BufReader::new(from), there).await });
                tokio::spawn(async move { answering.answer(BufReader::new(answers), to).await });
            }
        });
        url
    }

    fn denies(&self, sequence: u64) -> bool {
        sequence < self.before.load(Ordering::SeqCst) || sequence == self.lost.load(Ordering::SeqCst)
    }

    /// Passes on what the client says, but asks for messages that are not there instead of those that are denied.
    async fn ask(&self, mut from: BufReader<impl AsyncRead + Unpin>, mut to: OwnedWriteHalf) -> Option<()> {
        while let Some((mut parts, mut body)) = next_message(&mut from, &mut to, ["PUB", "HPUB"]).await {
            let asked = String::from_utf8_lossy(&body);
            let asked = asked.strip_prefix("{\"seq\":").and_then(|rest| rest.trim_end().strip_suffix('}'));
            let asked: Option<u64> = asked.and_then(|sequence| sequence.parse().ok());
            if parts[1].contains("MSG.GET.") && asked.is_some_and(|asked| self.denies(asked)) {
                self.denied.fetch_add(1, Ordering::SeqCst);
                body = b"{\"seq\":1000000000}\r\n".to_vec();
                *parts.last_mut()? = (body.len() - 2).to_string();
            }
            pass_on(&mut to, &parts, &body).await?;
        }
        None
    }

    /// Passes on what the server says. A consumer counts what it has sent: one less, from the message on that it passed by.
    async fn answer(
        &self,
        mut from: BufReader<impl AsyncRead + Unpin>,
        mut to: OwnedWriteHalf,
    ) -> Option<()> {
        // By the subscription that its messages come to.
        let mut passed: HashMap<String, u64> = HashMap::new();
        while let Some((mut parts, mut body)) = next_message(&mut from, &mut to, ["MSG", "HMSG"]).await {
            let mut passed = passed.entry(parts[2].clone()).or_default();
            if parts[3].starts_with("$JS.ACK.") {
                let mut place: Vec<_> = parts[3].split('.').map(str::to_owned).collect();
                let passes: u64 = place[5].parse().ok()?;
                let is_next =
                    self.next.compare_exchange(passes, 0, Ordering::SeqCst, Ordering::SeqCst).is_ok();
                if is_next || self.denies(passes) {
                    self.denied.fetch_add(1, Ordering::SeqCst);
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
            pass_on(&mut to, &parts, &body).await?;
        }
        None
    }
}

/// The words of the next message with one of these names, and its bytes. What comes before it is passed on.
async fn next_message(
    from: &mut BufReader<impl AsyncRead + Unpin>,
    to: &mut OwnedWriteHalf,
    names: [&str; 2],
) -> Option<(Vec<String>, Vec<u8>)> {
    let mut line = String::new();
    while from.read_line(&mut line).await.ok()? > 0 {
        let parts: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
        if names.contains(&&*parts[0]) {
            let mut body = vec![0; parts.last()?.parse::<usize>().ok()? + 2];
            from.read_exact(&mut body).await.ok()?;
            return Some((parts, body));
        }
        to.write_all(line.as_bytes()).await.ok()?;
        line.clear();
    }
    None
}

async fn pass_on(to: &mut OwnedWriteHalf, parts: &[String], body: &[u8]) -> Option<()> {
    to.write_all(format!("{}\r\n", parts.join(" ")).as_bytes()).await.ok()?;
    to.write_all(body).await.ok()
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
        let passing = Passing { next: Arc::new(passes.into()), ..Passing::default() };
        let (store, same) = open(&passing.start(server.port).await).await;
        assert_eq!(
            (data(&store, &same).await, same),
            (["0", "1", "2", "3"].map(str::to_owned).to_vec(), log.clone())
        );
        assert_eq!(passing.next.load(Ordering::SeqCst), 0, "it was passed by");
    }
}

/// As behind a purge: the beginning is not found for a while.
#[tokio::test]
async fn a_log_is_read_once_its_beginning_is_found() {
    let server = Server::start();
    let (_store, log, last) = pushed(&server).await;
    let passing = Passing::default();
    passing.before.store(last, Ordering::SeqCst);
    let url = passing.start(server.port).await;
    let opening = tokio::spawn(async move { open(&url).await });
    // It is looked for again and again.
    while passing.denied.load(Ordering::SeqCst) < 20 && !opening.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    passing.before.store(0, Ordering::SeqCst);
    let (store, same) = opening.await.unwrap();
    assert_eq!((data(&store, &same).await, same), (["0", "1", "2", "3"].map(str::to_owned).to_vec(), log));
}

/// The server does not list it as deleted: those beside it say that it is not the server that does not look.
#[tokio::test]
async fn what_is_not_found_beside_what_is_found_is_gone() {
    let server = Server::start();
    let (_store, _, last) = pushed(&server).await;
    let passing = Passing { lost: Arc::new((last - 1).into()), ..Passing::default() };
    let (store, log) = open(&passing.start(server.port).await).await;
    assert_eq!(data(&store, &log).await, ["0", "1", "3"]);
    assert!(passing.denied.load(Ordering::SeqCst) > 1, "it was looked for");
}

#[tokio::test]
async fn a_follower_looks_for_what_was_passed_by() {
    let server = Server::start();
    let (store, log, last) = pushed(&server).await;
    let passing = Passing::default();
    let (follower, _) = open(&passing.start(server.port).await).await;
    passing.next.store(last + 1, Ordering::SeqCst);
    assert_eq!(push(&store, &log, "4").await, last + 1);
    push(&store, &log, "5").await;
    assert_eq!(data(&follower, &log).await, ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(passing.next.load(Ordering::SeqCst), 0, "it was passed by");
    // Nothing comes behind it.
    passing.next.store(last + 3, Ordering::SeqCst);
    assert_eq!(push(&store, &log, "6").await, last + 3);
    assert_eq!(data(&follower, &log).await, ["0", "1", "2", "3", "4", "5", "6"]);
    assert_eq!(passing.next.load(Ordering::SeqCst), 0, "it was passed by");
}
