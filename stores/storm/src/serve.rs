//! One server process: a ticker with axum, on a store.
//!
//! It says on its standard output what became of each event that it published, one line each: `stored NUMBER ID` (no ID where the
//! publisher is not told it), `unsure NUMBER`, `refused NUMBER`, and `put NUMBER` for what `publish_now` took. It ends with its standard
//! input.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{RawQuery, State};
use axum::routing::get;
use axum::serve::ListenerExt as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::time::sleep;
use typed_sse::PublishError;
use typed_sse_axum::{KeepAlive, LastEventId, SocketOptions, Sse};

use crate::Failure;
use crate::event::{Name, Scene};
use crate::shop::{Outcome, Shop};
use crate::stage::{Stage, open};

/// How a server is run.
#[derive(Clone, Debug)]
pub(crate) struct Serve {
    pub(crate) scene: Scene,
    /// `redis:URL`, `redb:PATH`, or a URL of NATS or Postgres.
    pub(crate) store: String,
    pub(crate) origin: u32,
    pub(crate) publishers: usize,
    /// Each of them waits so long between two events.
    pub(crate) every: Duration,
}

const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// Which of its events a publisher does not wait for.
const PUT_EACH: u32 = 4;

/// Until its standard input ends.
pub(crate) async fn serve(options: Serve) -> Result<(), Failure> {
    let stage = open(options.scene, &options.store).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    say(format_args!("ready {}", listener.local_addr()?.port()));
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    let app = Router::new().route("/events", get(events)).with_state(stage.clone());

    let publisher =
        Publisher { stage, options: options.clone(), next: Arc::default(), is_quiet: Arc::default() };
    let publishing: Vec<_> = (0..options.publishers).map(|_| tokio::spawn(publisher.clone().run())).collect();
    tokio::select! {
        served = async { axum::serve(listener, app).await } => served?,
        () = obey(&publisher, publishing) => {}
    }
    Ok(())
}

async fn events(State(stage): State<Stage>, RawQuery(query): RawQuery, last: LastEventId) -> Sse {
    let keep_alive = KeepAlive::new().with_interval(KEEP_ALIVE);
    stage.subscribe(&query.unwrap_or_default(), last).keep_alive(keep_alive)
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
    stage: Stage,
    options: Serve,
    next: Arc<AtomicU32>,
    is_quiet: Arc<AtomicBool>,
}

impl Publisher {
    async fn run(self) {
        let Serve { scene, origin, every, ref store, .. } = self.options;
        let mut shop = store.starts_with("postgres:").then(|| Shop::new(store));
        while !self.is_quiet.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            let event = scene.event(Name { origin, number });
            let outcome = match (number % PUT_EACH, &mut shop) {
                (3, _) => match self.stage.publish_now(&event) {
                    Ok(()) => Outcome::Put,
                    Err(_) => Outcome::Refused,
                },
                (1, Some(shop)) => match self.stage.channel_of(&event) {
                    Some(channel) => shop.sell(&channel, &event).await,
                    None => Outcome::Refused,
                },
                _ => match self.stage.publish(&event).await {
                    Ok(id) => Outcome::Stored(Some(id)),
                    Err(PublishError::Store(error)) if error.may_have_been_stored() => Outcome::Unsure,
                    Err(_) => Outcome::Refused,
                },
            };
            match outcome {
                Outcome::Stored(Some(id)) => say(format_args!("stored {number} {id}")),
                Outcome::Stored(None) => say(format_args!("stored {number}")),
                Outcome::Unsure => say(format_args!("unsure {number}")),
                Outcome::Refused => say(format_args!("refused {number}")),
                Outcome::Put => say(format_args!("put {number}")),
            }
            sleep(every).await;
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
