//! Server-Sent Events, read back into the enum that wrote them.
//!
//! ```no_run
//! use typed_sse::FromSseEvent;
//! use typed_sse_client::Client;
//!
//! #[derive(Debug, FromSseEvent)]
//! enum Market {
//!     PriceChanged { symbol: String, price: f64 },
//!     TradingHalted { reason: String },
//! }
//!
//! # async fn run() -> Result<(), typed_sse_client::Error> {
//! let mut market = Client::<Market>::get("https://example.com/prices");
//! while let Some(event) = market.next().await {
//!     match event? {
//!         Market::PriceChanged { symbol, price } => println!("{symbol} {price}"),
//!         Market::TradingHalted { reason } => println!("halted: {reason}"),
//!     }
//! }
//! # Ok(()) }
//! ```
//!
//! The client reconnects, resumes by the last event ID, and stops, as a browser's `EventSource` does; where that gives up too soon or
//! waits too long, it does better. [`Client`] says what.
//!
//! | to read | take |
//! |---|---|
//! | a stream that goes on for ever, over every cut | [`Client::get`] |
//! | the answer to one request | [`Client::post`] |
//! | IDs, resets and what the connection does, too | [`Client::items`] |
//! | with an HTTP client of your own | [`Client::over`], `Client::over_reqwest` |
//! | a stream of bytes that you have | [`Reader`] |
//! | without a runtime | [`blocking::Reader`] |
//!
//! The type is anything that implements [`FromSseEvent`]; take [`Event`] for streams without a type.
//!
//! | feature | what it adds |
//! |---|---|
//! | `reqwest` (default) | a transport, so that `Client` works as it is |
//! | `rustls` (default) | HTTPS, with the provider that reqwest chooses |
//! | `rustls-no-provider` | HTTPS, with the provider that your program installs |
//! | `gzip` | asks for compressed streams, and reads them |
//! | `tower` | `Client`, over any `tower` service of http 1 |
//!
//! The words are those of [WHATWG HTML, "Server-sent events"][sse].
//!
//! [sse]: https://html.spec.whatwg.org/multipage/server-sent-events.html
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(not(feature = "tower"), allow(rustdoc::broken_intra_doc_links))]

#[cfg(feature = "tower")]
mod backoff;
pub mod blocking;
#[cfg(feature = "tower")]
mod client;
mod error;
mod item;
#[cfg(feature = "tower")]
mod machine;
mod reader;
mod reading;
mod reset;

#[cfg(feature = "tower")]
pub use backoff::Backoff;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub use client::{Client, Items};
pub use error::{Error, ErrorKind};
pub use item::{End, Item, State};
pub use reader::Reader;
pub use reset::{Reset, ResetReason};
pub use typed_sse_core::{Event, EventRef, FromEventError, FromSseEvent, LastEventId};
