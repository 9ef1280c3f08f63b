//! actix-web against the scenarios of every adapter.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use actix_web::middleware::Compress;
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use actix_web::{HttpServer, Responder, web};
use futures_util::FutureExt as _;
use tokio::sync::oneshot::Receiver;
use typed_sse_actix_web::{LastEventId, LastEventIdSource, Shutdown, Sse};
use typed_sse_conformance::{App, Broken, Over, Ready, suite};

suite!("actix-web", serve);

async fn serve(app: App, ready: Ready, stop: Receiver<()>) {
    // It copies into a buffer of 32 KiB, whoever makes the stream, for which it asks for 64 and touches half.
    let listener = ready.with_buffer(24 << 10).listen().await;
    let (socket, grace) = (app.socket, app.grace);
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(Data::new(app.clone()))
            .app_data(LastEventIdSource::new().or_query("last"))
            .route("/events", web::get().to(events))
            .route("/events", web::head().to(events))
            .route("/idle", web::get().to(idle))
            .service(web::resource("/compressed").wrap(Compress::default()).route(web::get().to(events)))
            .route("/stop", web::get().to(async || Sse::stop()))
            .route("/later", web::get().to(later))
            .route("/later", web::head().to(later))
            .route("/over", web::get().to(async || Sse::new(Over::events())))
            .route("/broken", web::get().to(broken))
            .route("/told", web::get().to(told))
    });
    let server = server.workers(2).shutdown_timeout(grace.as_secs()).on_connect(move |io, _| {
        socket.tune(io.downcast_ref::<TcpStream>().unwrap());
    });
    let server = server.listen_auto_h2c(listener.into_std().unwrap()).unwrap();
    let shutdown = Shutdown::when(stop.map(drop)).grace(grace);
    shutdown.serve(|stop| server.shutdown_signal(stop).run()).await.unwrap();
}

async fn events(app: Data<App>, last: LastEventId) -> impl Responder {
    let sse = Sse::new(app.channel.subscribe(last)).keep_alive(app.keep_alive.clone()).lifetime(app.lifetime);
    sse.retry(app.reconnection_time)
}

async fn later(app: Data<App>) -> Sse {
    Sse::later(app.reconnection_time)
}

async fn broken(app: Data<App>) -> impl Responder {
    Sse::new(Broken::events()).retry(app.reconnection_time)
}

async fn told(app: Data<App>) -> impl Responder {
    Sse::new(Broken::events()).retry(app.reconnection_time).on_error(Broken::tell)
}

async fn idle(app: Data<App>, last: LastEventId) -> impl Responder {
    let sse = Sse::new(app.idle.subscribe(last)).keep_alive(app.keep_alive.clone()).lifetime(app.lifetime);
    sse.retry(app.reconnection_time)
}
