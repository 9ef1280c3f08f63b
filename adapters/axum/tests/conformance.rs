//! axum against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use axum::{Extension, Router};
use futures_util::FutureExt as _;
use tokio::sync::oneshot::Receiver;
use tower_http::compression::CompressionLayer;
use typed_sse_axum::{LastEventId, LastEventIdSource, Shutdown, Sse};
use typed_sse_conformance::{App, Broken, Over, Ready, suite};

suite!("axum", serve);

async fn serve(app: App, ready: Ready, stop: Receiver<()>) {
    let listener = ready.listen().await;
    let (socket, grace) = (app.socket, app.grace);
    let router = Router::new()
        .route("/events", get(events))
        .route("/idle", get(idle))
        .route("/compressed", get(events).layer(CompressionLayer::new()))
        .route("/stop", get(async || Sse::stop()))
        .route("/later", get(async |State(app): State<App>| Sse::later(app.reconnection_time)))
        .route("/over", get(async || Sse::new(Over::events())))
        .route(
            "/broken",
            get(async |State(app): State<App>| Sse::new(Broken::events()).retry(app.reconnection_time)),
        )
        .route(
            "/told",
            get(async |State(app): State<App>| {
                Sse::new(Broken::events()).retry(app.reconnection_time).on_error(Broken::tell)
            }),
        )
        .layer(Extension(LastEventIdSource::new().or_query("last")))
        .with_state(app);
    let listener = listener.tap_io(move |stream| socket.tune(stream));
    let shutdown = Shutdown::when(stop.map(drop)).grace(grace);
    shutdown.serve(|stop| axum::serve(listener, router).with_graceful_shutdown(stop)).await.unwrap();
}

async fn events(State(app): State<App>, last: LastEventId) -> impl IntoResponse {
    let sse = Sse::new(app.channel.subscribe(last)).keep_alive(app.keep_alive).lifetime(app.lifetime);
    sse.retry(app.reconnection_time)
}

async fn idle(State(app): State<App>, last: LastEventId) -> impl IntoResponse {
    let sse = Sse::new(app.idle.subscribe(last)).keep_alive(app.keep_alive).lifetime(app.lifetime);
    sse.retry(app.reconnection_time)
}
