//! **typed-sse** for [axum](https://docs.rs/axum): [`Sse`] as a response, [`LastEventId`] as an extractor.
//!
//! ```
//! use axum::{Router, extract::State, response::IntoResponse, routing::get};
//! use typed_sse_axum::{LastEventId, Sse};
//! use typed_sse::{Channel, Event};
//!
//! async fn events(State(channel): State<Channel<Event>>, last: LastEventId) -> impl IntoResponse {
//!     Sse::new(channel.subscribe(last))
//! }
//!
//! let app: Router = Router::new().route("/events", get(events)).with_state(Channel::new());
//! # let _ = app;
//! ```
//!
//! Before the server stops, [drain](typed_sse_core::Channel::drain) the channel: `axum::serve` waits for open streams. And
//! bound how long it waits: a client that reads a byte now and then, or over HTTP/2 anything but this stream, would hold it
//! for as long as it likes.
//!
//! ```
//! # use std::time::Duration;
//! # use typed_sse::{Channel, Event};
//! async fn stop_requested() {
//!     // Or what a service manager sends: the ticker among the examples waits for both.
//!     tokio::signal::ctrl_c().await.ok();
//! }
//!
//! # async fn serve(app: axum::Router, channel: Channel<Event>) -> std::io::Result<()> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! let drained = async move {
//!     stop_requested().await;
//!     channel.drain(Duration::from_secs(5)).await;
//! };
//! tokio::select! {
//!     served = axum::serve(listener, app).with_graceful_shutdown(drained) => served,
//!     () = async { stop_requested().await; tokio::time::sleep(Duration::from_secs(10)).await } => Ok(()),
//! }
//! # }
//! ```
//!
//! Tune each socket that is accepted, so that events leave at once and a client which stops reading is given up:
//!
//! ```
//! use axum::serve::ListenerExt as _;
//!
//! # async fn serve(app: axum::Router) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! # #[cfg(feature = "socket")]
//! let listener = listener.tap_io(|stream| typed_sse_axum::SocketOptions::new().tune(stream));
//! axum::serve(listener, app).await
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod last_event_id;
mod sse;

pub use last_event_id::LastEventId;
pub use sse::Sse;
#[cfg(feature = "socket")]
pub use typed_sse_http::SocketOptions;
pub use typed_sse_http::{BoxError, Events, KeepAlive, LastEventIdSource};
