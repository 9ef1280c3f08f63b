//! **typed-sse** for every server that speaks `http` 1 and `http-body` 1: hyper, tower, and the frameworks built on
//! them.
//!
//! ```
//! use http::{Request, Response};
//! use typed_sse::{Channel, Event};
//! use typed_sse_http::{Body, LastEventIdSource, Sse, last_event_id};
//!
//! // A hyper or tower service.
//! fn events<B>(channel: &Channel<Event>, request: &Request<B>) -> Response<Body> {
//!     let last = last_event_id(&LastEventIdSource::new(), request.headers(), request.uri());
//!     Sse::new(channel.subscribe(last)).method(request.method()).into_response()
//! }
//! # let response = events(&Channel::new(), &Request::new(()));
//! # assert_eq!(response.headers()["content-type"], "text/event-stream");
//! ```
//!
//! Stop the server by [`Shutdown`]: a graceful shutdown (hyper-util's `GracefulShutdown`) waits for open streams, so it
//! [drains](typed_sse_core::Channel::drain) the channel before, and bounds how long the server then waits for a client that hardly
//! reads. [ticker-hyper] is such a server.
//!
//! [ticker-hyper]: ../../../examples/ticker-hyper/src/main.rs
//!
//! Tune each socket that you accept, so that a client which stops reading is given up:
//!
//! ```
//! # async fn serve(listener: tokio::net::TcpListener) -> std::io::Result<()> {
//! let (stream, _) = listener.accept().await?;
//! # #[cfg(feature = "socket")]
//! typed_sse_http::SocketOptions::new().tune(&stream);
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod last_event_id;
mod sse;

pub use body::Body;
pub use last_event_id::last_event_id;
pub use sse::Sse;
#[cfg(feature = "socket")]
pub use typed_sse_core::SocketOptions;
pub use typed_sse_core::{BoxError, Events, KeepAlive, LastEventId, LastEventIdSource, Shutdown, Stop};
