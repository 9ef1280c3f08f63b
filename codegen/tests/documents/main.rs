//! Documents of OpenAPI and AsyncAPI, and changes between catalogues, from enums.
#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]
#![allow(dead_code, reason = "of these enums only the schemas are used")]

mod asyncapi;
mod changes;
mod command;
mod events;
mod openapi;
#[cfg(feature = "utoipa")]
mod utoipa;
