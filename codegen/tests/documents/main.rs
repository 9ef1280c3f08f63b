//! Documents of OpenAPI and AsyncAPI, and changes between catalogues, from enums.
#![allow(clippy::tests_outside_test_module, reason = "this is one")]

mod asyncapi;
mod changes;
mod command;
mod events;
mod openapi;
#[cfg(feature = "utoipa")]
mod utoipa;
