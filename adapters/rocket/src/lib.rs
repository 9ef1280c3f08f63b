//! **typed-sse** for [Rocket](https://docs.rs/rocket): [`Sse`] as a responder, [`LastEventId`] as a request guard.
//!
//! ```
//! use rocket::{State, get, routes};
//! use typed_sse::{Channel, Event};
//! use typed_sse_rocket::{LastEventId, Sse};
//!
//! #[get("/events")]
//! fn events(channel: &State<Channel<Event>>, last: LastEventId) -> Sse {
//!     Sse::new(channel.subscribe(last))
//! }
//!
//! let app = rocket::build().manage(Channel::<Event>::new()).mount("/", routes![events]);
//! # let _ = app;
//! ```
//!
//! Attach [`drain`], so that the server can stop: Rocket waits for open streams, and cuts them at the end of its grace.
//!
//! ```
//! use typed_sse::{Channel, Event};
//! use typed_sse_rocket::drain;
//!
//! let channel = Channel::<Event>::new();
//! let app = rocket::build().attach(drain(&channel)).manage(channel);
//! # let _ = app;
//! ```
//!
//! Attach [`tune`], so that a client which stops reading is given up:
//!
//! ```
//! use typed_sse_rocket::{SocketOptions, tune};
//!
//! let app = rocket::build().attach(tune(SocketOptions::new()));
//! # let _ = app;
//! ```
//!
//! One thing that Rocket 0.5 does not allow: a stream that fails ends as if it were complete. A browser comes back all the
//! same.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod body;
mod drain;
mod last_event_id;
mod sse;
mod tune;

pub use drain::drain;
pub use last_event_id::LastEventId;
pub use sse::Sse;
pub use tune::tune;
pub use typed_sse_core::{BoxError, Drainable, Events, KeepAlive, LastEventIdSource, SocketOptions};
