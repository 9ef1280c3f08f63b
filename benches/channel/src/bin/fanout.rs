//! What one message to one of many clients costs the server, in CPU time: single small events, and bursts of larger ones. Beside
//! axum's own `Sse` over `tokio::sync::broadcast`, as everybody writes it, and over frames that are encoded once by hand.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::convert::Infallible;
use std::env;
use std::net::SocketAddr;
use std::process::{Child, Command};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, sse};
use axum::routing::get;
use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::{sleep, timeout};
use typed_sse_axum::{LastEventId, Sse};
use typed_sse_channel_benches::median;
use typed_sse_core::{Channel, Event};

const CLIENTS: usize = 1000;
const ROUNDS: usize = 5;

const KINDS: [&str; 3] = ["typed-sse", "encoded once by hand", "axum::response::sse"];

/// How many events come at once, of how many bytes, and how often.
const CASES: [(usize, usize, usize); 2] = [(1, 100, 150), (16, 1000, 60)];

#[derive(Clone)]
struct App {
    channel: Channel<Event>,
    data: broadcast::Sender<String>,
    frames: broadcast::Sender<Bytes>,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    if let [_, clients, address] = &env::args().collect::<Vec<_>>()[..] {
        assert_eq!(clients, "clients");
        return read(address.parse().unwrap()).await;
    }
    let app =
        App { channel: Channel::new(), data: broadcast::channel(4096).0, frames: broadcast::channel(4096).0 };
    let router = Router::new()
        .route("/0", get(ours))
        .route("/1", get(by_hand))
        .route("/2", get(of_axum))
        .with_state(app.clone());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });

    let mut times: [[Vec<f64>; KINDS.len()]; CASES.len()] = Default::default();
    for _ in 0..ROUNDS {
        for kind in 0..KINDS.len() {
            let mut clients = spawn(&format!("{address}/{kind}"));
            while app.subscribers(kind) < CLIENTS {
                sleep(Duration::from_millis(10)).await;
            }
            for (times, case) in times.iter_mut().zip(CASES) {
                sleep(Duration::from_millis(300)).await;
                times[kind].push(app.measure(kind, case).await);
            }
            clients.kill().unwrap();
            clients.wait().unwrap();
            while app.subscribers(kind) > 0 {
                app.publish(kind, 10);
                sleep(Duration::from_millis(10)).await;
            }
        }
    }
    println!(
        "CPU time of the server per message, in µs; {CLIENTS} clients of axum, medians of {ROUNDS} rounds\n"
    );
    println!("| | {} |\n|---|{}", KINDS.join(" | "), "---|".repeat(KINDS.len()));
    for (times, (events, len, _)) in times.into_iter().zip(CASES) {
        let medians = times.map(|times| format!("{:.2}", median(times)));
        println!("| {events} of {len} B at once | {} |", medians.join(" | "));
    }
}

impl App {
    fn subscribers(&self, kind: usize) -> usize {
        [self.channel.subscribers(), self.frames.receiver_count(), self.data.receiver_count()][kind]
    }

    fn publish(&self, kind: usize, len: usize) {
        let data = "x".repeat(len);
        match kind {
            0 => drop(self.channel.publish_now(&Event::new(data)).unwrap()),
            1 => drop(self.frames.send(Bytes::from(format!("data: {data}\n\n")))),
            _ => drop(self.data.send(data)),
        }
    }

    /// The CPU time of one message to one client, in µs.
    async fn measure(&self, kind: usize, (events, len, bursts): (usize, usize, usize)) -> f64 {
        let before = cpu_time();
        for _ in 0..bursts {
            (0..events).for_each(|_| self.publish(kind, len));
            sleep(Duration::from_millis(20 + 3 * events as u64)).await;
        }
        (cpu_time() - before) * 1e6 / (events * bursts * CLIENTS) as f64
    }
}

async fn ours(State(app): State<App>, last: LastEventId) -> Sse {
    Sse::new(app.channel.subscribe(last))
}

async fn by_hand(State(app): State<App>) -> impl IntoResponse {
    Body::from_stream(received(app.frames.subscribe()))
}

async fn of_axum(State(app): State<App>) -> sse::Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let events = futures_util::StreamExt::map(received(app.data.subscribe()), |data| {
        Ok(sse::Event::default().data(data?))
    });
    sse::Sse::new(events)
}

fn received<T: Clone>(receiver: broadcast::Receiver<T>) -> impl Stream<Item = Result<T, Infallible>> {
    stream::unfold(receiver, async |mut receiver| Some((Ok(receiver.recv().await.ok()?), receiver)))
}

/// The CPU time of this process, in s.
fn cpu_time() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // In hundredths, in user mode and in the kernel.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// The clients, in a process of their own.
fn spawn(address: &str) -> Child {
    Command::new(env::current_exe().unwrap()).args(["clients", address]).spawn().unwrap()
}

async fn read(path: String) {
    let (address, kind) = path.split_once('/').unwrap();
    let address: SocketAddr = address.parse().unwrap();
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET /{kind} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).await.unwrap();
        clients.push(tokio::spawn(async move {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).await.is_ok_and(|n| n > 0) {}
        }));
    }
    // Whoever began this stops it.
    let _ = timeout(Duration::from_secs(600), std::future::pending::<()>()).await;
}
