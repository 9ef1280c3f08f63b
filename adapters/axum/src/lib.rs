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
//! Stop the server by [`Shutdown`]: `axum::serve` waits for open streams, so it [drains](typed_sse_core::Channel::drain) the channel
//! before, and bounds how long the server then waits for a client that hardly reads.
//!
//! ```
//! use typed_sse::{Channel, Event};
//! use typed_sse_axum::Shutdown;
//!
//! # async fn serve(app: axum::Router, channel: Channel<Event>) -> std::io::Result<()> {
//! # let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//! Shutdown::on_signal()
//!     .drain(&channel)
//!     .serve(|stop| axum::serve(listener, app).with_graceful_shutdown(stop))
//!     .await
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

mod sse;

pub use sse::Sse;
/// It is the same type as `typed_sse::LastEventId`, and an extractor, which never rejects a request: an ID that is absent or malformed
/// is empty. It is read from the header `Last-Event-ID`; to look into a query parameter too, add a [`LastEventIdSource`] as an extension:
///
/// ```
/// use axum::{Extension, Router, routing::get};
/// use typed_sse::LastEventId;
/// use typed_sse_axum::LastEventIdSource;
///
/// async fn last(last: LastEventId) -> String {
///     last.to_string()
/// }
///
/// let source = LastEventIdSource::new().or_query("last_event_id");
/// let app: Router = Router::new().route("/last", get(last)).layer(Extension(source));
/// # let _ = app;
/// ```
pub use typed_sse_core::LastEventId;
#[cfg(feature = "socket")]
pub use typed_sse_http::SocketOptions;
pub use typed_sse_http::{BoxError, Events, KeepAlive, LastEventIdSource, Shutdown};
