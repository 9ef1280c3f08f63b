//! A handler that publishes without pause, on the thread of some of its readers.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use actix_web::web::Data;
use actix_web::{App, HttpResponse, HttpServer, Responder, web};
use typed_sse_actix_web::{LastEventId, Sse};
use typed_sse_conformance::Client;
use typed_sse_core::{Channel, Event};

const CLIENTS: usize = 6;
const ROWS: u32 = 10_000;

/// More rows than the log retains: readers get their turn on the way.
#[tokio::test]
async fn a_burst_of_a_handler_cuts_no_client_that_reads() {
    let rows = Channel::<Event>::new();
    let data = Data::new(rows.clone());
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .route("/events", web::get().to(events))
            .route("/import", web::get().to(import))
    });
    let server = server.workers(2).disable_signals().shutdown_timeout(1).listen(listener).unwrap().run();
    let handle = server.handle();
    let running = tokio::spawn(server);

    let clients: Vec<_> = (0..CLIENTS).map(|_| std::thread::spawn(move || count(address))).collect();
    while rows.subscribers() < CLIENTS {
        tokio::task::yield_now().await;
    }
    assert_eq!(Client::get(address, "/import", &[]).await.status, 200);
    // Who has read all is told so by the end.
    rows.finish_now();
    for client in clients {
        let counted = tokio::task::spawn_blocking(|| client.join().unwrap()).await.unwrap();
        assert_eq!(counted, ROWS as usize);
    }
    assert_eq!(rows.counters().disconnected, 0);
    handle.stop(false).await;
    running.await.unwrap().unwrap();
}

/// Reads to the end, as fast as it can, and counts the events.
fn count(address: SocketAddr) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text.matches("data: ").count()
}

async fn events(rows: Data<Channel<Event>>, last: LastEventId) -> impl Responder {
    Sse::new(rows.subscribe(last))
}

async fn import(rows: Data<Channel<Event>>) -> HttpResponse {
    for n in 0..ROWS {
        rows.publish(&Event::new(n.to_string())).await.unwrap();
    }
    HttpResponse::Ok().finish()
}
