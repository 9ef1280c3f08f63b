//! One server process: a ticker with axum, on a store.
//!
//! It says on its standard output what became of each event that it published, one line each: `stored NUMBER ID`, `unsure NUMBER`,
//! `refused NUMBER`, and `put NUMBER` for what `publish_now` took. It ends with its standard input.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::time::sleep;
use typed_sse::store::StoreError;
use typed_sse::{Channel, PublishError};
use typed_sse_axum::{KeepAlive, LastEventId, SocketOptions, Sse};
use typed_sse_redb::Redb;
use typed_sse_redis::Redis;

use crate::Failure;
use crate::event::{Name, Ticker};

/// How a server is run.
#[derive(Clone, Debug)]
pub(crate) struct Serve {
    /// `redis:URL` or `redb:PATH`.
    pub(crate) store: String,
    pub(crate) origin: u32,
    pub(crate) publishers: usize,
    /// Each of them waits so long between two events.
    pub(crate) every: Duration,
}

/// The log's name.
pub(crate) const LOG: &str = "storm";
/// So few events that most clients who come back need the store.
const WINDOW: usize = 48;
/// More than a run has, so that only the storm trims it.
pub(crate) const REDIS_EVENTS: usize = 1_000_000;
/// About three seconds of a run.
pub(crate) const REDB_EVENTS: usize = 400;
const TIME_LIMIT: Duration = Duration::from_secs(1);
const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// Which of its events a publisher does not wait for.
const PUT_EACH: u32 = 4;

/// Until its standard input ends.
pub(crate) async fn serve(options: Serve) -> Result<(), Failure> {
    let channel = open(&options.store).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(format_args!("ready {}", listener.local_addr()?.port()));
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    let app = Router::new().route("/events", get(events)).with_state(channel.clone());

    let publisher = Publisher {
        channel,
        origin: options.origin,
        every: options.every,
        next: Arc::default(),
        is_quiet: Arc::default(),
    };
    let publishing: Vec<_> = (0..options.publishers).map(|_| tokio::spawn(publisher.clone().run())).collect();
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served?,
        () = obey(&publisher, publishing) => {}
    }
    Ok(())
}

async fn events(State(ticker): State<Channel<Ticker>>, last: LastEventId) -> Sse {
    Sse::new(ticker.subscribe(last)).keep_alive(KeepAlive::new().with_interval(KEEP_ALIVE))
}

/// As whoever starts a server again that could not begin: until the store is there.
async fn open(store: &str) -> Channel<Ticker> {
    loop {
        if let Ok(channel) = try_open(store).await {
            return channel;
        }
        sleep(Duration::from_millis(20)).await;
    }
}

async fn try_open(store: &str) -> Result<Channel<Ticker>, StoreError> {
    let builder = Channel::builder().events(WINDOW);
    let builder = match store.split_once(':') {
        Some(("redb", path)) => builder.store(Redb::builder().events(REDB_EVENTS).open(path)?, LOG),
        _ => {
            let url = store.strip_prefix("redis:").unwrap_or(store);
            builder.store(redis(url, REDIS_EVENTS).await?, LOG)
        }
    };
    builder.time_limit(TIME_LIMIT).open().await
}

/// The store in this Redis, which trims to so many events with each append.
pub(crate) async fn redis(url: &str, events: usize) -> Result<Redis, StoreError> {
    Redis::builder().events(events).time_limit(TIME_LIMIT).connect(url).await
}

/// A line `quiet` ends the publishing, and is answered with one; the end of the input ends all.
async fn obey(publisher: &Publisher, publishing: Vec<tokio::task::JoinHandle<()>>) {
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut publishing = Some(publishing);
    while let Ok(Some(_)) = lines.next_line().await {
        publisher.is_quiet.store(true, Ordering::Relaxed);
        for task in publishing.take().into_iter().flatten() {
            let _ended = task.await;
        }
        say("quiet");
    }
}

#[derive(Clone)]
struct Publisher {
    channel: Channel<Ticker>,
    origin: u32,
    every: Duration,
    next: Arc<AtomicU32>,
    is_quiet: Arc<AtomicBool>,
}

impl Publisher {
    async fn run(self) {
        while !self.is_quiet.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let event = Name { origin: self.origin, number }.event();
            if number % PUT_EACH == PUT_EACH - 1 {
                match self.channel.publish_now(&event) {
                    Ok(_) => say(format_args!("put {number}")),
                    Err(_) => say(format_args!("refused {number}")),
                }
            } else {
                match self.channel.publish(&event).await {
                    Ok(id) => say(format_args!("stored {number} {id}")),
                    Err(PublishError::Store(error)) if error.may_have_been_stored() => {
                        say(format_args!("unsure {number}"));
                    }
                    Err(_) => say(format_args!("refused {number}")),
                }
            }
            sleep(self.every).await;
        }
    }
}

/// One line in one piece, whenever the process is killed.
fn say(line: impl std::fmt::Display) {
    let line = format!("{line}\n");
    let mut out = io::stdout().lock();
    // Where nobody listens any more, the storm is over.
    let _ = out.write_all(line.as_bytes()).and_then(|()| out.flush());
}
