//! hyper against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::convert::Infallible;

use futures_util::FutureExt as _;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::oneshot::Receiver;
use tower::Layer as _;
use tower_http::compression::CompressionLayer;
use typed_sse_conformance::{App, Broken, Over, Ready, suite};
use typed_sse_http::{Body, LastEventIdSource, Shutdown, Sse, Stop, last_event_id};

suite!("http", serve);

async fn serve(app: App, ready: Ready, stop: Receiver<()>) {
    let listener = ready.listen().await;
    let shutdown = Shutdown::when(stop.map(drop)).grace(app.grace);
    shutdown.serve(|stop| accept(listener, app, stop)).await.unwrap();
}

async fn accept(listener: TcpListener, app: App, mut stop: Stop) {
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            () = &mut stop => break,
        };
        app.socket.tune(&stream);
        let app = app.clone();
        let service = tower::service_fn(move |request| {
            let response = respond(&app, &request);
            async move { Ok::<_, Infallible>(response) }
        });
        let service = TowerToHyperService::new(CompressionLayer::new().layer(service));
        let builder = auto::Builder::new(TokioExecutor::new());
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        tokio::spawn(graceful.watch(connection));
    }
    drop(listener);
    graceful.shutdown().await;
}

fn respond(app: &App, request: &Request<Incoming>) -> Response<Body> {
    let sse = match request.uri().path() {
        path @ ("/events" | "/idle" | "/compressed") => {
            let source = LastEventIdSource::new().or_query("last");
            let last = last_event_id(&source, request.headers(), request.uri());
            let channel = if path == "/idle" { &app.idle } else { &app.channel };
            Sse::new(channel.subscribe(last)).keep_alive(app.keep_alive.clone()).lifetime(app.lifetime)
        }
        "/later" => Sse::later(app.reconnection_time),
        "/over" => Sse::new(Over::events()),
        "/broken" => Sse::new(Broken::events()),
        "/told" => Sse::new(Broken::events()).on_error(Broken::tell),
        _ => Sse::stop(),
    };
    sse.retry(app.reconnection_time).method(request.method()).into_response()
}
