//! One connection: what a server answers, and what a client asks.

#[cfg(feature = "axum")]
mod axum;
#[cfg(feature = "tokio")]
mod chunk;
#[cfg(feature = "tokio")]
mod event_result;
#[cfg(feature = "tokio")]
mod event_stream;
#[cfg(feature = "tokio")]
mod events;
pub mod header;
mod keep_alive;
#[cfg(feature = "adapter")]
mod last_event_id_source;
#[cfg(feature = "tokio")]
mod options;
#[cfg(feature = "socket")]
mod socket;
#[cfg(feature = "adapter")]
mod sse_body;

#[cfg(feature = "tokio")]
pub use event_result::{BoxError, EventResult};
#[cfg(feature = "tokio")]
pub use event_stream::{AnyEventStream, EventStream};
#[cfg(feature = "tokio")]
pub use events::Events;
#[cfg(feature = "tokio")]
pub(crate) use events::size_hint;
pub use keep_alive::{KeepAlive, KeepAliveTimer};
#[cfg(feature = "adapter")]
pub use last_event_id_source::LastEventIdSource;
#[cfg(feature = "socket")]
pub use socket::SocketOptions;
#[cfg(feature = "adapter")]
pub use sse_body::{LocalSseBody, SseBody};
