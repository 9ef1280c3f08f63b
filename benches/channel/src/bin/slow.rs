//! What a client costs that reads slowly or not at all: the memory that the server holds for it, and the age of the prices that
//! it reads. Each beside the same frames sent one by one.

#![allow(clippy::print_stdout, reason = "its output is its purpose")]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run stops")]

use std::convert::Infallible;
use std::env;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::sse;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Router, response::IntoResponse};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, sleep_until};
use typed_sse_axum::{LastEventId, SocketOptions, Sse};
use typed_sse_channel_benches::{Clock, Times, median, resident_kib};
use typed_sse_core::{Channel, Decoder, EncodeError, Encoded, Encoder, Slow, SseEvent, Start, Subscription};

/// Those that do not read.
const CLIENTS: usize = 300;
/// So many bytes are published to them.
const FLOOD: usize = 6_000_000;
/// What the channel retains of it, in bytes.
const LOG: usize = 16 << 20;

const SYMBOLS: usize = 2000;
const PRICES_PER_SECOND: u64 = 5000;
const BYTES_PER_SECOND: usize = 20_000;
const SECONDS: u64 = 20;
const ROUNDS: usize = 3;

const OURS: &str = "typed-sse";
const SINGLE: &str = "one by one";
const AXUM: &str = "axum::response::sse";
const OURS_ON_ACTIX: &str = "typed-sse on actix-web";
const ACTIX: &str = "actix-web's own";

/// A price of a symbol, or an event without a key.
struct Tick {
    symbol: Option<u64>,
    data: String,
}

impl SseEvent for Tick {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if let Some(symbol) = self.symbol {
            encoder = encoder.key(&symbol)?;
        }
        encoder.text(&self.data)
    }
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["memory", kind, len] => run(memory(kind, len.parse().unwrap())),
        ["age", kind] => run(age(kind)),
        _ => all(),
    }
}

fn run(case: impl Future<Output = f64>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    println!("{}", runtime.block_on(case));
}

/// Each case in a process of its own, whose memory nobody else has used.
fn case(arguments: &[&str]) -> f64 {
    let output = Command::new(env::current_exe().unwrap()).args(arguments).output().unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    stdout.trim().parse().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn all() {
    let medians = |kinds: &[&str], arguments: &dyn Fn(&str) -> Vec<String>| {
        let rounds: Vec<Vec<f64>> = (0..ROUNDS)
            .map(|_| {
                let one = |kind: &&str| case(&arguments(kind).iter().map(String::as_str).collect::<Vec<_>>());
                kinds.iter().map(one).collect()
            })
            .collect();
        (0..kinds.len())
            .map(|kind| median(rounds.iter().map(|round| round[kind]).collect()))
            .collect::<Vec<_>>()
    };
    println!(
        "KiB that the server holds for one of {CLIENTS} that do not read, beyond an idle connection; medians of {ROUNDS}\n"
    );
    let kinds = [OURS, AXUM, OURS_ON_ACTIX, ACTIX];
    println!("| events of | {} |\n|---|{}", kinds.join(" | "), "---|".repeat(kinds.len()));
    for len in ["100", "1000", "60000"] {
        let medians = medians(&kinds, &|kind| vec!["memory".into(), kind.into(), len.into()]);
        let medians: Vec<_> = medians.iter().map(|kib| format!("{kib:.1}")).collect();
        println!("| {len} B | {} |", medians.join(" | "));
    }
    println!(
        "\nAge of a price, s, at {BYTES_PER_SECOND} B/s of {SYMBOLS} symbols and {PRICES_PER_SECOND} prices a second; medians of {ROUNDS}\n"
    );
    println!("| {OURS} | {SINGLE} | ratio |\n|---|---|---|");
    let medians = medians(&[OURS, SINGLE], &|kind| vec!["age".into(), kind.into()]);
    println!("| {:.2} | {:.2} | {:.2} |", medians[0], medians[1], medians[0] / medians[1]);
}

/// What one client costs that does not read, in KiB.
async fn memory(kind: &str, len: usize) -> f64 {
    let channel = Channel::<Tick>::builder().bytes(LOG).slow(Slow::Skip).build();
    let address = serve(&channel, kind).await;
    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(connect(address).await);
    }
    settle(&channel, CLIENTS).await;
    // As much as the log of the others holds has been in use before.
    let publish = |channel: &Channel<Tick>| {
        channel.publish_now(&Tick { symbol: None, data: "x".repeat(len) }).unwrap();
    };
    let warm = Channel::<Tick>::builder().bytes(LOG).build();
    (0..FLOOD / len).for_each(|_| publish(&warm));
    let before = resident_kib();
    drop(warm);
    for n in 0..FLOOD / len {
        publish(&channel);
        // So that each is written by itself, as it comes.
        if n % 16 == 0 {
            sleep(Duration::from_millis(1)).await;
        }
    }
    sleep(Duration::from_millis(500)).await;
    let grown = resident_kib().saturating_sub(before);
    assert_eq!(channel.subscribers(), CLIENTS);
    grown as f64 / CLIENTS as f64
}

/// The median age of the prices that a slow client reads, in seconds.
async fn age(kind: &str) -> f64 {
    let channel = Channel::<Tick>::builder().events(10_000).keys(2 * SYMBOLS).slow(Slow::Coalesce).build();
    let address = serve(&channel, kind).await;
    let clock = Clock::start();
    let publisher = tokio::spawn({
        let channel = channel.clone();
        async move {
            let start = Instant::now();
            for n in 0_u64.. {
                sleep_until(start + Duration::from_micros(n * 1_000_000 / PRICES_PER_SECOND)).await;
                let data = format!("{:0>40}", clock.now());
                channel.publish_now(&Tick { symbol: Some(n % SYMBOLS as u64), data }).unwrap();
            }
        }
    });
    sleep(Duration::from_secs(1)).await;
    let mut client = connect(address).await;
    let (mut decoder, mut times) = (Decoder::new(), Times::default());
    let start = Instant::now();
    let mut resets = 0;
    let mut read = 0;
    let mut buffer = [0; 1024];
    while start.elapsed() < Duration::from_secs(SECONDS) {
        let n = client.read(&mut buffer).await.unwrap();
        read += n;
        let mut input = &buffer[..n];
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            if event.event_type == "reset" {
                resets += 1;
            } else if start.elapsed() > Duration::from_secs(SECONDS / 4) {
                times.extend([clock.age(event.data)]);
            }
        }
        sleep_until(start + Duration::from_secs_f64(read as f64 / BYTES_PER_SECOND as f64)).await;
    }
    publisher.abort();
    assert_eq!(resets, 0, "nothing is lost, so nobody is told");
    times.quantile(0.5) / 1000.0
}

async fn serve(channel: &Channel<Tick>, kind: &str) -> SocketAddr {
    if [OURS_ON_ACTIX, ACTIX].contains(&kind) {
        return serve_actix(channel.clone(), kind == ACTIX);
    }
    let app = match kind {
        OURS => Router::new().route("/", get(ours)),
        SINGLE => Router::new().route("/", get(single)),
        AXUM => Router::new().route("/", get(of_axum)),
        _ => panic!("{kind}"),
    };
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    let app = app.with_state(channel.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

fn serve_actix(channel: Channel<Tick>, is_own: bool) -> SocketAddr {
    use actix_web::rt::net::TcpStream;
    use actix_web::web::{self, Bytes, Data};
    use actix_web::{App, HttpResponse, HttpServer};

    let ours = async |channel: Data<Channel<Tick>>, last: typed_sse_actix_web::LastEventId| {
        typed_sse_actix_web::Sse::new(channel.subscribe(last).start(Start::LatestPerKey))
    };
    let own = async |channel: Data<Channel<Tick>>| {
        let frames = channel.subscribe(None).start(Start::LatestPerKey);
        let frames = frames.map(|frame| frame.map(|frame| Bytes::copy_from_slice(frame.as_ref())));
        HttpResponse::Ok().content_type("text/event-stream").streaming(frames)
    };
    let server = HttpServer::new(move || {
        let route = if is_own { web::get().to(own) } else { web::get().to(ours) };
        App::new().app_data(Data::new(channel.clone())).route("/", route)
    });
    let server = server.workers(2).on_connect(|io, _| {
        SocketOptions::new().tune(io.downcast_ref::<TcpStream>().unwrap());
    });
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server.listen(listener).unwrap().run());
    address
}

fn subscribe(channel: &Channel<Tick>, last: LastEventId) -> Subscription<Tick> {
    channel.subscribe(last).start(Start::LatestPerKey)
}

async fn ours(State(channel): State<Channel<Tick>>, last: LastEventId) -> Sse {
    Sse::new(subscribe(&channel, last))
}

/// The same frames as a body, each a chunk of its own.
async fn single(State(channel): State<Channel<Tick>>, last: LastEventId) -> impl IntoResponse {
    let frames =
        subscribe(&channel, last).map(|frame| frame.map(|frame| Bytes::copy_from_slice(frame.as_ref())));
    Body::from_stream(frames)
}

/// As it is written with axum's own, over the same channel.
async fn of_axum(
    State(channel): State<Channel<Tick>>,
    last: LastEventId,
) -> sse::Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let events = subscribe(&channel, last).map(|frame| {
        let frame = frame.unwrap();
        let (mut decoder, mut input) = (Decoder::new(), frame.as_ref());
        let event = decoder.next_event(&mut input).unwrap();
        let data = event.map(|event| event.data.to_owned()).unwrap_or_default();
        Ok(sse::Event::default().data(data))
    });
    sse::Sse::new(events)
}

/// A client whose own socket holds little.
async fn connect(address: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(32 << 10).unwrap();
    let mut stream = socket.connect(address).await.unwrap();
    // Of 1.0, so that the body has no transfer coding.
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    stream
}

async fn settle(channel: &Channel<Tick>, subscribers: usize) {
    while channel.subscribers() != subscribers {
        sleep(Duration::from_millis(1)).await;
    }
    sleep(Duration::from_millis(200)).await;
}
