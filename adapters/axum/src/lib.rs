//! **typed-sse** for [axum](https://docs.rs/axum): [`Sse`] as a response, [`LastEventId`] as an extractor.
//!
//! ```
//! use axum::{Router, extract::State, response::IntoResponse, routing::get};
//! use typed_sse_axum::{LastEventId, Sse};
//! use typed_sse_core::{Channel, Event};
//!
//! async fn events(State(channel): State<Channel<Event>>, last: LastEventId) -> impl IntoResponse {
//!     Sse::new(channel.subscribe(last))
//! }
//!
//! let app: Router = Router::new().route("/events", get(events)).with_state(Channel::new());
//! # let _ = app;
//! ```
//!
//! Before the server stops, [drain](typed_sse_core::Channel::drain) the channel: `axum::serve` waits for open streams.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod last_event_id;
mod sse;

pub use last_event_id::LastEventId;
pub use sse::Sse;
pub use typed_sse_http::{BoxError, KeepAlive, LastEventIdSource};
