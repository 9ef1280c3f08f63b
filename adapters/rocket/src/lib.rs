//! **typed-sse** for [Rocket](https://docs.rs/rocket): [`Sse`] as a responder, [`LastEventId`] as a request guard.
//!
//! ```
//! use rocket::{State, get, routes};
//! use typed_sse_core::{Channel, Event, Subscription};
//! use typed_sse_rocket::{LastEventId, Sse};
//!
//! #[get("/events")]
//! fn events(channel: &State<Channel<Event>>, last: LastEventId) -> Sse<Subscription<Event>> {
//!     Sse::new(channel.subscribe(last))
//! }
//!
//! let app = rocket::build().manage(Channel::<Event>::new()).mount("/", routes![events]);
//! # let _ = app;
//! ```
//!
//! Before the server stops, [drain](typed_sse_core::Channel::drain) the channel: Rocket gives open streams its `grace` and
//! `mercy` periods, and then cuts them.
//!
//! Two things that Rocket 0.5 does not allow: a stream that fails ends as if it were complete (a browser comes back all the
//! same), and the sockets of its clients are out of reach, so that one which stops reading is not disconnected until it
//! closes; put a proxy in front that does it.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod last_event_id;
mod sse;

pub use last_event_id::LastEventId;
pub use sse::Sse;
pub use typed_sse_core::{BoxError, KeepAlive, LastEventIdSource};
