//! What the server holds for one client that is connected and gets next to nothing, beside axum's own `Sse` over
//! `tokio::sync::broadcast`. Each server is a process that does nothing else; the clients are in another.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::alloc::System;
use std::convert::Infallible;
use std::env;
use std::io::{BufRead as _, BufReader, stdin};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::sse;
use axum::routing::get;
use cap::Cap;
use futures_util::{Stream, StreamExt as _, stream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::sleep;
use typed_sse_axum::{LastEventId, Sse};
use typed_sse_channel_benches::{median, resident_kib};
use typed_sse_core::{Channel, Event};

/// What is resident depends on the allocator too: on the sizes that it knows, and on what it had to spare.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

const CLIENTS: usize = 4000;
/// Before the first measure, so that what is made once is made.
const FIRST: usize = 200;
const ROUNDS: usize = 3;

const KINDS: [&str; 3] = ["typed-sse", "axum::response::sse", "the same, with its keep-alive"];

#[derive(Clone)]
struct App {
    channel: Channel<Event>,
    data: broadcast::Sender<String>,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    if let [_, kind] = &env::args().collect::<Vec<_>>()[..] {
        return serve(kind.parse().unwrap()).await;
    }
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let mut round = Vec::new();
        for kind in 0..KINDS.len() {
            round.push(measure(kind).await);
        }
        rounds.push(round);
    }
    println!("KiB that the server holds for one of {CLIENTS} idle clients of axum; medians of {ROUNDS}\n");
    println!("| | {} |\n|---|{}", KINDS.join(" | "), "---|".repeat(KINDS.len()));
    for (of, name) in ["resident", "allocated"].into_iter().enumerate() {
        let column = |kind: usize| median(rounds.iter().map(|round| round[kind][of]).collect());
        let medians: Vec<_> = (0..KINDS.len()).map(|kind| format!("{:.2}", column(kind))).collect();
        println!("| {name} | {} |", medians.join(" | "));
    }
}

/// How much one more client costs, resident and allocated, in KiB.
async fn measure(kind: usize) -> [f64; 2] {
    let mut server = Command::new(env::current_exe().unwrap())
        .arg(kind.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap());
    let mut say = || {
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        line.trim().to_owned()
    };
    let address: SocketAddr = say().parse().unwrap();
    let mut ask = {
        let mut stdin = server.stdin.take().unwrap();
        move || std::io::Write::write_all(&mut stdin, b"\n").unwrap()
    };
    let mut clients = Vec::new();
    let mut measures = Vec::new();
    for all in [FIRST, FIRST + CLIENTS] {
        while clients.len() < all {
            clients.push(connect(address).await);
        }
        sleep(Duration::from_millis(500)).await;
        ask();
        let said = say();
        let (resident, allocated) = said.split_once(' ').unwrap();
        measures.push([resident.parse().unwrap(), allocated.parse::<f64>().unwrap() / 1024.0]);
    }
    server.kill().unwrap();
    server.wait().unwrap();
    [0, 1].map(|of| (measures[1][of] - measures[0][of]) / CLIENTS as f64)
}

/// Says where it listens, and how much memory it has whenever it is asked.
async fn serve(kind: usize) {
    let app =
        App { channel: Channel::builder().subscribers(100_000).build(), data: broadcast::channel(16).0 };
    let router = match kind {
        0 => Router::new().route("/", get(ours)),
        1 => Router::new().route("/", get(async |State(app): State<App>| of_axum(&app))),
        _ => Router::new().route(
            "/",
            get(async |State(app): State<App>| of_axum(&app).keep_alive(sse::KeepAlive::default())),
        ),
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let App { channel, data } = app.clone();
    std::thread::spawn(move || {
        for _ in stdin().lock().lines() {
            channel.publish_now(&Event::new("one")).unwrap();
            let _ = data.send("one".to_owned());
            std::thread::sleep(Duration::from_secs(1));
            println!("{} {}", resident_kib(), HEAP.allocated());
        }
    });
    axum::serve(listener, router.with_state(app)).await.unwrap();
}

async fn ours(State(app): State<App>, last: LastEventId) -> Sse {
    Sse::new(app.channel.subscribe(last))
}

fn of_axum(app: &App) -> sse::Sse<impl Stream<Item = Result<sse::Event, Infallible>> + use<>> {
    let received = stream::unfold(app.data.subscribe(), async |mut receiver| {
        Some((receiver.recv().await.ok()?, receiver))
    });
    sse::Sse::new(received.map(|data| Ok(sse::Event::default().data(data))))
}

/// Once the head of the response has come.
async fn connect(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut head).await.unwrap() > 0);
    }
    stream
}
