//! The log of a **typed-sse** channel in Postgres.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod builder;
mod connection;
mod error;
mod publish_in;
mod read;
mod record;
mod store;
mod tail;
mod text;
mod wake;
mod writer;

pub use builder::Builder;
pub use publish_in::PublishIn;
pub use store::Postgres;
pub use tokio_postgres;
