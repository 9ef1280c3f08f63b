//! warp against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use futures_util::FutureExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot::Receiver;
use typed_sse_conformance::{App, Broken, Over, Ready, suite};
use typed_sse_core::{Channel, Event};
use typed_sse_warp::{LastEventIdSource, Shutdown, Sse, last_event_id_from};
use warp::{Filter, Rejection, Reply};

suite!("warp", serve);

async fn serve(app: App, ready: Ready, stopped: Receiver<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    // Only connections that come after this inherit it.
    app.socket.tune(&listener);
    ready.listens(listener.local_addr().unwrap());
    let (reconnection_time, grace) = (app.reconnection_time, app.grace);
    let events = subscribe("events", app.channel.clone(), &app);
    let idle = subscribe("idle", app.idle.clone(), &app);
    let compressed = subscribe("compressed", app.channel.clone(), &app).with(warp::compression::gzip());
    let stop = warp::path!("stop").map(Sse::stop);
    let later = warp::path!("later").map(move || Sse::later(reconnection_time));
    let over = warp::path!("over").map(|| Sse::new(Over::events()));
    let broken = warp::path!("broken").map(move || Sse::new(Broken::events()).retry(reconnection_time));
    let told = warp::path!("told")
        .map(move || Sse::new(Broken::events()).retry(reconnection_time).on_error(Broken::tell));
    let routes = warp::get()
        .or(warp::head())
        .unify()
        .and(events.or(idle).or(compressed).or(stop).or(later).or(over).or(broken).or(told));
    let shutdown = Shutdown::when(stopped.map(drop)).grace(grace);
    shutdown.serve(|stop| warp::serve(routes).incoming(listener).graceful(stop).run()).await.unwrap();
}

fn subscribe(
    path: &'static str,
    channel: Channel<Event>,
    app: &App,
) -> impl Filter<Extract = (impl Reply + use<>,), Error = Rejection> + Clone + use<> {
    let App { keep_alive, reconnection_time, lifetime, .. } = app.clone();
    let last_event_id = last_event_id_from(LastEventIdSource::new().or_query("last"));
    warp::path(path).and(warp::method()).and(last_event_id).map(move |method, last| {
        let events = channel.subscribe(last);
        let sse = Sse::new(events).keep_alive(keep_alive.clone()).lifetime(lifetime);
        sse.retry(reconnection_time).method(&method)
    })
}
