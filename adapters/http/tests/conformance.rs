//! hyper against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::convert::Infallible;
use std::pin::Pin;

use futures_util::{Stream, StreamExt as _};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::sync::oneshot::Receiver;
use typed_sse_conformance::{App, Broken, Ready, suite};
use typed_sse_core::{BoxError, Frame, SseEvent};
use typed_sse_http::{Body, LastEventIdSource, Sse, last_event_id};

suite!("http", serve);

type Events = Pin<Box<dyn Stream<Item = Result<Frame, BoxError>> + Send>>;

async fn serve(app: App, ready: Ready, mut stop: Receiver<()>) {
    let listener = ready.listen().await;
    let graceful = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted.unwrap().0,
            _ = &mut stop => break,
        };
        let app = app.clone();
        let service = service_fn(move |request| {
            let response = respond(&app, &request);
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(graceful.watch(connection));
    }
    drop(listener);
    graceful.shutdown().await;
}

fn respond(app: &App, request: &Request<Incoming>) -> Response<Body<Events>> {
    let sse = match request.uri().path() {
        "/events" => {
            let source = LastEventIdSource::new().or_query("last");
            let last = last_event_id(&source, request.headers(), request.uri());
            let events = app.channel.subscribe(last).map(|frame| frame.map_err(BoxError::from));
            Sse::new(events.boxed()).keep_alive(app.keep_alive.clone())
        }
        "/broken" => Sse::new(Broken::events().map(|event| Ok(event?.to_frame()?)).boxed()),
        _ => Sse::stop(),
    };
    sse.retry(app.reconnection_time).into_response()
}
