//! What this machine is doing now, as events of a Rust enum, in a browser.
//!
//! ```text
//! cargo run -p showcase -- --port 3000
//! cargo run -p showcase -- --store redb:showcase.redb
//! ```
//!
//! With a store, a page goes on where it was when the server is started anew.

mod args;
mod clients;
mod counters;
mod events;
mod log;
mod numbers;
mod page;
mod sampler;
mod store;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::serve::ListenerExt as _;
use futures_util::{StreamExt as _, stream};
use serde::Deserialize;
use tokio::net::TcpListener;
use typed_sse::{Channel, Resumption, SseEvent as _, Start};
use typed_sse_axum::{LastEventId, Shutdown, SocketOptions, Sse};

use args::Args;
use clients::{Broken, Clients};
use events::{Dashboard, Retention};

/// Three minutes of a busy machine's samples and log lines.
const RETAINED: usize = 2000;
const RETAINED_FOR: Duration = Duration::from_secs(180);

#[derive(Clone)]
struct App {
    channel: Channel<Dashboard>,
    clients: Clients,
}

/// The name that a page has chosen for itself.
#[derive(Deserialize)]
struct Client {
    #[serde(default)]
    client: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "showcase: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let Args { address, store } = Args::parse(std::env::args().skip(1))?;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|error| format!("cannot listen on {address}: {error}; choose another with `--port`"))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;

    let channel = store::open(store).await?;
    log::start(channel.clone());
    counters::start(channel.clone());
    sampler::start(channel.clone()).map_err(|error| error.to_string())?;

    let app = App { channel: channel.clone(), clients: Clients::default() };
    let routes = Router::new()
        .route("/events", get(events))
        .route("/cut", post(cut))
        .merge(page::routes())
        .with_state(app);
    // An event must not wait for the next, nor for a client that has stopped to read.
    let listener = listener.tap_io(|stream| SocketOptions::new().tune(stream));
    let _ = writeln!(io::stdout(), "http://{address}");
    let shutdown = Shutdown::on_signal().drain(&channel);
    let served = shutdown.serve(|stop| axum::serve(listener, routes).with_graceful_shutdown(stop)).await;
    served.map_err(|error| error.to_string())
}

async fn events(
    State(app): State<App>,
    Query(Client { client }): Query<Client>,
    last: LastEventId,
) -> impl IntoResponse {
    let subscription = app.channel.subscribe(last).start(Start::Earliest);
    let replay = subscription.replayed();
    match subscription.resumption() {
        Resumption::Complete => tracing::info!(replay, "a client is back"),
        Resumption::Reset(reset) => tracing::warn!(reason = %reset.reason, "a client could not resume"),
        _ => tracing::info!(replay, "a client is new"),
    }
    let connected = Dashboard::Connected {
        replay,
        host: sysinfo::System::host_name().unwrap_or_default(),
        uptime: sysinfo::System::uptime().unwrap_or_default(),
        subscribers: app.channel.subscribers(),
        retention: Retention { events: RETAINED, seconds: RETAINED_FOR.as_secs() },
    };
    let first = stream::iter(connected.to_frame().ok().map(Ok::<_, Broken>));
    Sse::new(first.chain(app.clients.connect(&client, subscription))).retry(Duration::from_secs(1))
}

async fn cut(State(app): State<App>, Query(Client { client }): Query<Client>) -> StatusCode {
    if app.clients.cut(&client) {
        tracing::info!("a client has its connection cut");
        StatusCode::NO_CONTENT
    } else {
        StatusCode::NOT_FOUND
    }
}
