//! **typed-sse** for [warp](https://docs.rs/warp): [`Sse`] as a reply, [`last_event_id`] as a filter.
//!
//! ```
//! use typed_sse::{Channel, Event};
//! use typed_sse_warp::{Sse, last_event_id};
//! use warp::Filter;
//!
//! let channel = Channel::<Event>::new();
//! let events = warp::path!("events")
//!     // warp does not answer HEAD by the filter of GET unless told to; no stream is opened for it.
//!     .and(warp::get().or(warp::head()).unify())
//!     .and(warp::method())
//!     .and(last_event_id())
//!     .map(move |method, last| Sse::new(channel.subscribe(last)).method(&method));
//! # let _ = events;
//! ```
//!
//! Before the server stops, [drain](typed_sse_core::Channel::drain) the channel: warp's `graceful` waits for open streams. And
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
//! # async fn serve(routes: warp::filters::BoxedFilter<(String,)>, channel: Channel<Event>) -> std::io::Result<()> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! let drained = async move {
//!     stop_requested().await;
//!     channel.drain(Duration::from_secs(5)).await;
//! };
//! tokio::select! {
//!     () = warp::serve(routes).incoming(listener).graceful(drained).run() => {}
//!     () = async { stop_requested().await; tokio::time::sleep(Duration::from_secs(10)).await } => {}
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Tune the listener, so that events leave at once and a client which stops reading is given up; warp does not show the
//! sockets that it accepts, but on Linux they inherit what the listener has:
//!
//! ```
//! use typed_sse_warp::SocketOptions;
//!
//! # async fn serve(routes: warp::filters::BoxedFilter<(String,)>) -> std::io::Result<()> {
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! SocketOptions::new().tune(&listener);
//! warp::serve(routes).incoming(listener).run().await;
//! # Ok(())
//! # }
//! ```
#![cfg_attr(docsrs, feature(doc_cfg))]

mod last_event_id;
mod sse;

pub use last_event_id::{last_event_id, last_event_id_from};
pub use sse::Sse;
pub use typed_sse_core::{BoxError, Events, KeepAlive, LastEventId, LastEventIdSource, SocketOptions};
