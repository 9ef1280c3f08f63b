//! **typed-sse** for [actix-web](https://docs.rs/actix-web): [`Sse`] as a responder, [`LastEventId`] as an extractor.
//!
//! ```
//! use actix_web::{App, HttpServer, Responder, web};
//! use typed_sse_actix_web::{LastEventId, Sse};
//! use typed_sse::{Channel, Event};
//!
//! async fn events(channel: web::Data<Channel<Event>>, last: LastEventId) -> impl Responder {
//!     Sse::new(channel.subscribe(last))
//! }
//!
//! // Outside of the closure, which is called once for each worker: all of them have one channel.
//! let channel = web::Data::new(Channel::<Event>::new());
//! let server = HttpServer::new(move || {
//!     App::new()
//!         .app_data(channel.clone())
//!         .route("/events", web::get().to(events))
//!         // actix-web does not answer HEAD by the handler of GET unless told to; no stream is opened for it.
//!         .route("/events", web::head().to(events))
//! });
//! # let _ = server;
//! ```
//!
//! Stop the server by [`Shutdown`]: a graceful stop of actix-web waits for open streams until its `shutdown_timeout`, by default
//! 30 s, so it [drains](typed_sse_core::Channel::drain) the channel before, and bounds how long the server then waits for a
//! client that hardly reads.
//!
//! ```no_run
//! use actix_web::{App, HttpServer};
//! use typed_sse::{Channel, Event};
//! use typed_sse_actix_web::Shutdown;
//!
//! # async fn serve(channel: Channel<Event>) -> std::io::Result<()> {
//! let server = HttpServer::new(App::new).bind("127.0.0.1:3000")?;
//! Shutdown::on_signal().drain(&channel).serve(|stop| server.shutdown_signal(stop).run()).await
//! # }
//! ```
//!
//! actix-web goes on sending to a client that closed its side of the connection, in case it still reads. That it has gone
//! shows when a keep-alive cannot be written, within two intervals of [`KeepAlive`]; with
//! `HttpServer::h1_allow_half_closed(false)` it shows at once.
//!
//! Tune each socket that is accepted, so that events leave at once and a client which stops reading is given up. Behind TLS of
//! actix-web's own, `io` is another type; on Linux the listener can be tuned instead, before it is handed to the server.
//!
//! ```
//! use actix_web::{App, HttpServer, rt::net::TcpStream};
//! use typed_sse_actix_web::SocketOptions;
//!
//! # fn serve() -> std::io::Result<actix_web::dev::Server> {
//! let server = HttpServer::new(App::new).on_connect(|io, _| {
//!     if let Some(stream) = io.downcast_ref::<TcpStream>() {
//!         SocketOptions::new().tune(stream);
//!     }
//! });
//! Ok(server.bind("127.0.0.1:3000")?.run())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod last_event_id;
mod sse;

pub use last_event_id::LastEventId;
pub use sse::Sse;
pub use typed_sse_core::{BoxError, Events, KeepAlive, LastEventIdSource, Shutdown, SocketOptions};
