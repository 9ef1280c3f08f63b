//! Generated code is clean under the lints of the strictest user. What counts is `cargo clippy` over this file.
#![deny(
    warnings,
    missing_docs,
    missing_debug_implementations,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unreachable_pub,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    rust_2018_idioms,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::cargo,
    clippy::absolute_paths,
    clippy::default_numeric_fallback,
    clippy::exhaustive_enums,
    clippy::missing_inline_in_public_items,
    clippy::pattern_type_mismatch,
    clippy::question_mark_used,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::single_call_fn,
    clippy::unimplemented,
    clippy::unneeded_field_pattern
)]
// This file's own dependencies, not the derive's.
#![allow(clippy::multiple_crate_versions, clippy::cargo_common_metadata)]

use std::time::Duration;

use serde::Serialize;
use typed_sse::SseEvent;

/// An event that is not to be used any more.
#[derive(Debug, Clone, SseEvent)]
#[deprecated]
#[non_exhaustive]
pub struct Old {
    /// A number.
    #[deprecated]
    pub x: u8,
}

/// One of each kind.
#[derive(Debug, Clone, SseEvent)]
#[sse(prefix = "a.", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Event<'a, T> {
    /// Nothing.
    Unit,
    /// Old.
    #[deprecated(note = "use `Unit`")]
    Deprecated(u8),
    /// Fields.
    #[sse(retry = 3000)]
    Fields {
        /// The ID.
        #[sse(id = |seq| *seq + 1)]
        seq: u64,
        /// The key.
        #[sse(key, skip)]
        key: &'a str,
        /// May be absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<T>,
    },
    /// Text.
    #[sse(text)]
    Text(&'a str),
    /// Bytes.
    #[sse(base64)]
    Bytes(&'a [u8]),
    /// Live.
    #[sse(ephemeral)]
    Live(#[sse(retry)] Duration),
    /// Gone.
    #[sse(tombstone)]
    Gone(#[sse(key)] u64),
    /// Nested.
    #[sse(transparent)]
    Nested(Inner),
}

/// Inside another.
#[derive(Debug, Clone, Serialize, SseEvent)]
#[sse(text = "x")]
#[non_exhaustive]
pub struct Inner;

#[test]
fn compiles() {
    let event: Event<'_, u8> = Event::Nested(Inner);
    assert!(event.to_frame().is_ok());
}
