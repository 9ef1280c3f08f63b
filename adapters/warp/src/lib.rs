//! **typed-sse** for [warp](https://docs.rs/warp): [`Sse`] as a reply, [`last_event_id`] as a filter.
//!
//! ```
//! use typed_sse_core::{Channel, Event};
//! use typed_sse_warp::{Sse, last_event_id};
//! use warp::Filter;
//!
//! let channel = Channel::<Event>::new();
//! let events = warp::path!("events")
//!     // warp does not answer HEAD by the filter of GET unless told to; no stream is opened for it.
//!     .and(warp::get().or(warp::head()).unify())
//!     .and(last_event_id())
//!     .map(move |last| Sse::new(channel.subscribe(last)));
//! # let _ = events;
//! ```
//!
//! Before the server stops, [drain](typed_sse_core::Channel::drain) the channel: warp's `graceful` waits for open streams.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod last_event_id;
mod sse;

pub use last_event_id::{last_event_id, last_event_id_from};
pub use sse::Sse;
pub use typed_sse_core::{BoxError, KeepAlive, LastEventId, LastEventIdSource};
