//! codegen
pub mod asyncapi;
pub mod diff;
pub mod openapi;
mod text;
