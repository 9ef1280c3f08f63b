//! Rocket against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::sync::Mutex;

use rocket::config::{Config, LogLevel};
use rocket::fairing::AdHoc;
use rocket::{State, get, routes};
use tokio::sync::oneshot::Receiver;
use typed_sse_conformance::{App, Broken, Over, Ready, suite};
use typed_sse_rocket::{LastEventId, LastEventIdSource, Sse, tune};

suite!("rocket", serve, cannot: [
    (
        "an_error_breaks_the_connection",
        "Rocket 0.5 sends the proper end of a body whose reader fails (no issue found); a browser comes back from either",
        "the body must not look complete",
    ),
]);

async fn serve(app: App, ready: Ready, stop: Receiver<()>) {
    let mut config = Config { port: 0, log_level: LogLevel::Off, ..Config::debug_default() };
    config.shutdown.grace = u32::try_from(app.grace.as_secs()).unwrap();
    config.shutdown.mercy = 0;
    let ready = Mutex::new(Some(ready));
    let tell = AdHoc::on_liftoff("tell where it listens", move |rocket| {
        let config = rocket.config();
        // It copies out of a reader.
        let ready = ready.lock().unwrap().take().unwrap().with_buffer(8 << 10);
        ready.listens((config.address, config.port).into());
        Box::pin(async {})
    });
    let rocket = rocket::custom(config)
        .attach(tune(app.socket))
        .manage(app)
        .manage(LastEventIdSource::new().or_query("last"))
        .mount("/", routes![events, idle, compressed, stop, later, over, broken, told])
        .attach(tell)
        .ignite()
        .await
        .unwrap();
    let shutdown = rocket.shutdown();
    let running = tokio::spawn(rocket.launch());
    let _ = stop.await;
    shutdown.notify();
    running.await.unwrap().unwrap();
}

#[get("/events")]
fn events(app: &State<App>, last: LastEventId) -> Sse {
    let sse = Sse::new(app.channel.subscribe(last)).keep_alive(app.keep_alive.clone()).lifetime(app.lifetime);
    sse.retry(app.reconnection_time)
}

#[get("/idle")]
fn idle(app: &State<App>, last: LastEventId) -> Sse {
    let sse = Sse::new(app.idle.subscribe(last)).keep_alive(app.keep_alive.clone()).lifetime(app.lifetime);
    sse.retry(app.reconnection_time)
}

// Rocket has nothing that compresses.
#[get("/compressed")]
fn compressed(app: &State<App>, last: LastEventId) -> Sse {
    events(app, last)
}

#[get("/stop")]
fn stop() -> Sse {
    Sse::stop()
}

#[get("/later")]
fn later(app: &State<App>) -> Sse {
    Sse::later(app.reconnection_time)
}

#[get("/over")]
fn over() -> Sse {
    Sse::new(Over::events())
}

#[get("/broken")]
fn broken(app: &State<App>) -> Sse {
    Sse::new(Broken::events()).retry(app.reconnection_time)
}

#[get("/told")]
fn told(app: &State<App>) -> Sse {
    Sse::new(Broken::events()).retry(app.reconnection_time).on_error(Broken::tell)
}
