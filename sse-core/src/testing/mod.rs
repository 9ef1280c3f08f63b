//! For tests of applications: a client in the same process, and a ledger of what it has to receive.
//!
//! A [`Client`] behaves as `EventSource` does: it decodes to the letter, keeps its last event ID and the reconnection
//! time over its connections, and dispatches events. The test gives it each connection, and may break it anywhere; between
//! two calls the client stalls. Whatever is a stream of bytes is a connection: a [`Subscription`](crate::Subscription),
//! an [`EventStream`](crate::EventStream), `axum::body::Body::into_data_stream()`, any `http_body` body as a stream,
//! an actix-web body in a `poll_fn`.
//!
//! A [`Ledger`] knows what was published, and [checks](Ledger::check) the promise against what a client received over all
//! its connections: every event exactly once and in order, or one reset that tells the truth.
//!
//! Whatever waits has a time limit of the runtime's clock: under `#[tokio::test(start_paused = true)]`, reconnection times,
//! keep-alives and time limits pass at once.
//!
//! ```
//! use std::time::Duration;
//! use typed_sse_core::testing::{Ledger, ReceiveError};
//! use typed_sse_core::{BoxError, Channel, Event, EventStream, LastEventId};
//!
//! // What is tested: the body with which the application answers a request.
//! fn prices(market: &Channel<Event>, last: LastEventId) -> EventStream<typed_sse_core::Subscription<Event>> {
//!     EventStream::new(market.subscribe(last)).retry(Duration::from_secs(3))
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), BoxError> {
//! # tokio::time::pause();
//! let market = Channel::new();
//! let ledger = Ledger::new();
//! let mut client = ledger.client();
//! client.open(prices(&market, client.last_event_id()));
//!
//! ledger.publish(&market, &Event::new("12.50")).await?;
//! ledger.publish(&market, &Event::new("12.75")).await?;
//! client.expect([Event::new("12.50"), Event::new("12.75")]).await?;
//!
//! // The connection breaks; events go on; the client comes back when it was told to.
//! client.disconnect();
//! ledger.publish(&market, &Event::new("13.00")).await?;
//! let last = client.come_back().await;
//! client.open(prices(&market, last));
//! assert_eq!(client.next().await?.data(), "13.00");
//!
//! // Nothing is missing, twice, out of order or invented.
//! ledger.check_caught_up(&mut client)?;
//!
//! // And what does not come is said, not waited for without end.
//! let error: ReceiveError = client.next().await.unwrap_err();
//! assert!(error.to_string().starts_with("expected an event, but not within 5s"));
//! # Ok(()) }
//! ```

mod client;
mod connection;
mod error;
mod ledger;
mod poll;
mod received;
mod terms;

pub use client::Client;
pub use connection::{Connection, End};
pub use error::{ReceiveError, ReceiveErrorKind};
pub use ledger::{Ledger, Violation, ViolationKind};
pub use received::Received;
pub use terms::Terms;
