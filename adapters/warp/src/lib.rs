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
//! Stop the server by [`Shutdown`]: warp's `graceful` waits for open streams, so it [drains](typed_sse_core::Channel::drain) the
//! channel before, and bounds how long the server then waits for a client that hardly reads.
//!
//! ```
//! use typed_sse::{Channel, Event};
//! use typed_sse_warp::Shutdown;
//!
//! # async fn serve(routes: warp::filters::BoxedFilter<(String,)>, channel: Channel<Event>) -> std::io::Result<()> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! Shutdown::on_signal()
//!     .drain(&channel)
//!     .serve(|stop| warp::serve(routes).incoming(listener).graceful(stop).run())
//!     .await
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
pub use typed_sse_core::{
    BoxError, Events, KeepAlive, LastEventId, LastEventIdSource, Shutdown, SocketOptions,
};
