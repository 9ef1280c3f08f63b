//! doc later
mod api;
mod apply;
mod builder;
mod connection;
mod consumer;
mod error;
mod fetch;
mod follow;
mod index;
mod life;
mod limits;
mod message;
mod name;
mod publish;
mod store;
mod stream;
mod tail;
mod tidy;

pub use async_nats;
pub use builder::Builder;
pub use store::Nats;
