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

use std::borrow::Cow;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use typed_sse::{EventType, FromSseEvent, SseEvent};

/// An event that is not to be used any more.
#[derive(Debug, Clone, FromSseEvent, SseEvent)]
#[cfg_attr(feature = "schema", derive(typed_sse::SseSchema))]
#[deprecated]
#[non_exhaustive]
pub struct Old {
    /// A number.
    #[deprecated]
    pub x: u8,
}

/// One of each kind.
#[derive(Debug, Clone, FromSseEvent, SseEvent)]
#[cfg_attr(feature = "schema", derive(typed_sse::SseSchema))]
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
        key: Cow<'a, str>,
        /// May be absent.
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<T>,
    },
    /// Text.
    #[sse(text)]
    Text(Cow<'a, str>),
    /// Bytes.
    #[sse(base64)]
    Bytes(Cow<'a, [u8]>),
    /// Live.
    #[sse(ephemeral)]
    Live(#[sse(retry)] Duration),
    /// Gone.
    #[sse(tombstone, terminal)]
    Gone(#[sse(key)] u64),
    /// Nested.
    #[sse(transparent)]
    Nested(Inner),
}

/// What serde writes, and what is beside it.
#[derive(Debug, Clone, Serialize, Deserialize, FromSseEvent, SseEvent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema, typed_sse::SseSchema))]
#[serde(tag = "type", rename_all = "camelCase")]
#[sse(data = self, untagged)]
#[non_exhaustive]
pub enum Whole<T> {
    /// A number, where there is one.
    Numbered {
        /// The ID.
        #[sse(id, or_ephemeral)]
        seq: Option<u64>,
        /// A value.
        value: T,
    },
    /// A name from a constant.
    #[sse(event = NAME)]
    Constant,
    /// Written out.
    #[sse(event = "message", explicit)]
    Message,
    /// Never sent.
    #[sse(skip)]
    Skipped,
}

const NAME: &str = "name";

/// An envelope.
#[derive(Debug, Clone, FromSseEvent, SseEvent)]
#[cfg_attr(feature = "schema", derive(typed_sse::SseSchema))]
#[non_exhaustive]
pub struct Stored<T> {
    /// The ID.
    #[sse(id)]
    pub seq: u64,
    /// For the server.
    #[sse(skip)]
    pub at: u64,
    /// The event.
    #[sse(transparent)]
    pub event: Whole<T>,
}

/// Named by its field.
#[derive(Debug, Clone, FromSseEvent, SseEvent)]
#[cfg_attr(feature = "schema", derive(typed_sse::SseSchema))]
#[non_exhaustive]
pub struct Custom {
    /// The event type.
    #[sse(event)]
    pub kind: EventType,
    /// The data.
    #[sse(data)]
    pub data: u64,
}

/// Inside another.
#[derive(Debug, Clone, Serialize, FromSseEvent, SseEvent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema, typed_sse::SseSchema))]
#[sse(text = "x")]
#[non_exhaustive]
pub struct Inner;

#[test]
fn compiles() {
    let event: Event<'_, u8> = Event::Nested(Inner);
    assert!(event.to_frame().is_ok());
    let stored = Stored { seq: 1, at: 2, event: Whole::Numbered { seq: None, value: 3_u8 } };
    assert!(stored.to_frame().is_ok());
    assert!(Whole::<u8>::Constant.to_frame().is_ok() && Whole::<u8>::Message.to_frame().is_ok());
    assert!(Whole::<u8>::Skipped.to_frame().is_err());
    assert!(Custom { kind: EventType::MESSAGE, data: 1 }.to_frame().is_ok());
}
