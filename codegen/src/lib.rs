//! Files from the enum that a server sends, so that the front end and the API document know when it changes.
//!
//! Derive `SseSchema` beside `SseEvent`, and let a test keep the files current:
//!
//! ```
//! use typed_sse::{SseEvent, SseSchema};
//! use typed_sse_codegen::TypeScript;
//!
//! #[derive(SseEvent, SseSchema)]
//! enum Market {
//!     PriceChanged { symbol: String, price: f64 },
//! }
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("market.ts");
//! # /*
//! #[test]
//! fn files_are_current() -> Result<(), typed_sse_codegen::Error> {
//!     let path = "web/market.ts";
//! # */
//! # TypeScript::of::<Market>().write(&path)?;
//!     TypeScript::of::<Market>().check(path)
//! # ?; Ok::<(), Box<dyn std::error::Error>>(())
//! # /*
//! }
//! # */
//! ```
//!
//! The first run fails, since there is no file yet, and says how to write it: `TYPED_SSE_WRITE=1 cargo test`. Commit what it writes.
//! From then on the test fails when the enum has changed and the file has not, with the lines that differ. The same enum gives
//! the same bytes on every machine.
//!
//! [`TypeScript`] is for the front end. A catalogue itself can be committed as a [`Document`], too. API documents are in [`openapi`] and [`asyncapi`]; what a change of the enum breaks, and for whom, in [`changes`].
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod asyncapi;
pub mod changes;
mod diff;
mod document;
mod error;
pub mod openapi;
mod text;
mod typescript;

pub use document::Document;
pub use error::{Error, ErrorKind};
pub use typescript::{Integers, TypeScript};
