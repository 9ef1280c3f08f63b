//! warp against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use tokio::sync::oneshot::Receiver;
use typed_sse_conformance::{App, Broken, Ready, suite};
use typed_sse_warp::{LastEventIdSource, Sse, last_event_id_from};
use warp::Filter;

suite!("warp", serve);

async fn serve(app: App, ready: Ready, stop: Receiver<()>) {
    let listener = ready.listen().await;
    let stopped = async {
        let _ = stop.await;
    };
    let App { channel, keep_alive, reconnection_time } = app;
    let events = warp::path!("events")
        .and(last_event_id_from(LastEventIdSource::new().or_query("last")))
        .map(move |last| {
            Sse::new(channel.subscribe(last)).keep_alive(keep_alive.clone()).retry(reconnection_time)
        });
    let stop = warp::path!("stop").map(|| if true { Sse::stop() } else { Sse::new(Broken::never()) });
    let broken = warp::path!("broken").map(move || Sse::new(Broken::events()).retry(reconnection_time));
    let routes = warp::get().or(warp::head()).unify().and(events.or(stop).or(broken));
    warp::serve(routes).incoming(listener).graceful(stopped).run().await;
}
