#[cfg(feature = "json")]
mod flatten;
#[cfg(feature = "json")]
mod json;
mod read;
#[cfg(feature = "schema")]
mod schema;

use std::fmt::Display;
use std::time::Duration;

#[cfg(feature = "json")]
pub use serde;

#[cfg(feature = "tokio")]
pub use crate::channel::HasFilter;
pub use crate::decode::{EventRef, FromEventError, FromSseEvent};
#[cfg(feature = "json")]
pub use crate::encode::JsonObject;
pub use crate::encode::{Encoded, Encoder};
pub use crate::event::SseEvent;
pub use crate::event::{Catalogue, DataFormat, Entry, EventSpec};
pub use crate::field::EncodeError;
pub use crate::field::EventType;
#[cfg(feature = "json")]
pub use flatten::*;
#[cfg(feature = "json")]
pub use json::*;
pub use read::*;
#[cfg(feature = "schema")]
pub use schema::*;

// Each function writes one field of the user's. Generated code calls it at the place of the field's type, so that a
// type that does not fit is underlined where the user wrote it; and no result mentions that type, so that one wrong
// type is one error. What both derives ask of a type, they ask by the same trait and without a function that has a bound, so
// that it is one error, too.

/// Applies `id = function` or `key = function`, which gives a closure the type of its parameter.
pub fn project<'a, T: ?Sized, R>(field: &'a T, function: impl FnOnce(&'a T) -> R) -> R {
    function(field)
}

pub fn key<'a, T: Key<Form> + ?Sized, Form>(
    encoder: Encoder<'a>,
    field: &T,
) -> Result<Encoder<'a>, EncodeError> {
    field.write_key(encoder)
}

pub fn id<'a, T: Id<Form> + ?Sized, Form>(
    encoder: Encoder<'a>,
    field: &T,
) -> Result<Encoder<'a>, EncodeError> {
    field.write_id(encoder)
}

/// The ID, or without one an event that is live only.
pub fn id_or_ephemeral<'a, T: OptionalId + ?Sized>(
    encoder: Encoder<'a>,
    field: &T,
) -> Result<Encoder<'a>, EncodeError> {
    field.write_id_or_ephemeral(encoder)
}

/// The event type in an entry of a catalogue. The constant that it comes from is read there only, so that what is
/// wrong with it is one error.
pub const fn event_type_at(catalogue: &'static Catalogue, i: usize) -> EventType {
    EventType::from_static(catalogue.event_type_at(i))
}

/// The reconnection time of a field, if it has one.
pub fn retry(encoder: Encoder<'_>, field: Option<Duration>) -> Result<Encoder<'_>, EncodeError> {
    match field {
        Some(reconnection_time) => encoder.retry(reconnection_time),
        None => Ok(encoder),
    }
}

pub fn text<'a, T: Text + ?Sized>(encoder: Encoder<'a>, field: &T) -> Result<Encoded<'a>, EncodeError> {
    encoder.text(field.as_ref())
}

pub fn base64<'a, T: Base64 + ?Sized>(encoder: Encoder<'a>, field: &T) -> Result<Encoded<'a>, EncodeError> {
    encoder.base64(field.as_ref())
}

/// The name that is an event type: a constant or a `concat!(..)`, checked as a literal is and refused in the same words.
#[track_caller]
pub const fn name(name: &'static str) -> &'static str {
    assert!(
        !name.is_empty(),
        "an empty event type is dispatched as `message`\nhelp: write `event = \"message\"`, or remove it"
    );
    std::mem::forget(EventType::from_static(name));
    name
}

/// The constant as it is, which must be a `&'static str`. Written so that one of another type is one error, and ours.
pub const fn constant<T: Constant<Itself = T>>(constant: T) -> T::Itself {
    constant
}

/// What is known of `T`, of which a variant is made.
pub const fn nested<T: SseEvent, E>(_: fn(T) -> E) -> Nested<T> {
    Nested { events: &T::EVENTS, encode: T::encode }
}

/// The same of an envelope, which may be unsized: it is not made of the event inside, it lends it.
pub const fn nested_in<T: SseEvent, E: ?Sized>(_: fn(&E) -> &T) -> Nested<T> {
    Nested { events: &T::EVENTS, encode: T::encode }
}

#[cfg(feature = "json")]
pub fn json<'a, T: serde::Serialize + ?Sized>(
    encoder: Encoder<'a>,
    field: &T,
) -> Result<Encoded<'a>, EncodeError> {
    encoder.json(field)
}

/// The value as a whole.
#[cfg(feature = "json")]
pub fn whole<'a, T: Whole + ?Sized>(encoder: Encoder<'a>, event: &T) -> Result<Encoded<'a>, EncodeError> {
    encoder.json(event)
}

#[cfg(feature = "json")]
pub fn field<'a, T: serde::Serialize + ?Sized>(
    object: JsonObject<'a>,
    name: &'static str,
    field: &T,
) -> Result<JsonObject<'a>, EncodeError> {
    object.field(name, field)
}

#[cfg(feature = "json")]
pub fn flatten<'a, T: serde::Serialize + ?Sized>(
    object: JsonObject<'a>,
    field: &T,
) -> Result<JsonObject<'a>, EncodeError> {
    object.flatten(field)
}

/// A type that is an event. It needs no bound: who has one has shown that.
#[derive(Debug)]
pub struct Nested<T> {
    events: &'static Catalogue,
    encode: for<'a> fn(&T, Encoder<'a>) -> Result<Encoded<'a>, EncodeError>,
}

impl<T> Nested<T> {
    pub const fn entry(&self) -> Entry {
        Entry::Nested(self.events)
    }

    pub fn encode<'a>(&self, event: &T, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        (self.encode)(event, encoder)
    }
}

// `Option` is not `Display`, but another version of the standard library might say so: a parameter that is always
// inferred keeps the two impls of the next traits apart.

/// A value as it is.
#[derive(Debug)]
pub enum Itself {}

/// A value that may be absent.
#[derive(Debug)]
pub enum Maybe {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event ID",
    label = "an event ID is written by `Display`",
    note = "implement `Display` for it, or say what is the ID: `#[sse(id = |field| ...)]`"
)]
pub trait Id<Form> {
    fn write_id<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> Id<Itself> for T {
    fn write_id<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
        encoder.id(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Display> Id<Maybe> for Option<T> {
    fn write_id<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
        match self {
            Some(id) => encoder.id(id),
            None => Ok(encoder),
        }
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event ID that may be missing",
    label = "expected an `Option` of what `Display` writes",
    note = "`or_ephemeral` says what the event is without an ID; an ID that is always there is `#[sse(id)]`"
)]
pub trait OptionalId {
    fn write_id_or_ephemeral<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Display> OptionalId for Option<T> {
    fn write_id_or_ephemeral<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
        match self {
            Some(id) => encoder.id(id),
            None => encoder.ephemeral(),
        }
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an event type",
    label = "expected `EventType`",
    note = "make one of a name that is known only at run time: `EventType::new(name)?`"
)]
pub trait Type {
    fn event_type(&self) -> &EventType;

    /// `None`: it is lent, and cannot be read.
    fn from_event_type(_: EventType) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

#[diagnostic::do_not_recommend]
impl Type for EventType {
    fn event_type(&self) -> &EventType {
        self
    }

    fn from_event_type(event_type: EventType) -> Option<Self> {
        Some(event_type)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Type + ?Sized> Type for &T {
    fn event_type(&self) -> &EventType {
        (**self).event_type()
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the name of an event type",
    label = "expected a `const` or `static` of type `&'static str`",
    note = "a name that is known only at run time comes from a field: `#[sse(event)] kind: EventType`"
)]
pub trait Constant {
    type Itself;
}

#[diagnostic::do_not_recommend]
impl Constant for &'static str {
    type Itself = Self;
}

#[cfg(feature = "json")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `Serialize`, which writes its data",
    label = "`#[sse(data = self)]` needs `Serialize`",
    note = "derive it too: `#[derive(serde::Serialize, SseEvent)]`, or write `impl serde::Serialize` for it; with `#[serde(remote = \"..\")]`, the derive implements it for no type",
    note = "without `data = self` the data is made of the fields"
)]
pub trait Whole: serde::Serialize {}

#[cfg(feature = "json")]
#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + ?Sized> Whole for T {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a compaction key",
    label = "a key is written by `Display`",
    note = "implement `Display` for it, or say what is the key: `#[sse(key = |field| ...)]`"
)]
pub trait Key<Form> {
    fn write_key<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError>;
}

#[diagnostic::do_not_recommend]
impl<T: Display + ?Sized> Key<Itself> for T {
    fn write_key<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
        encoder.key(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Display> Key<Maybe> for Option<T> {
    fn write_key<'a>(&self, encoder: Encoder<'a>) -> Result<Encoder<'a>, EncodeError> {
        match self {
            Some(key) => encoder.key(key),
            None => Ok(encoder),
        }
    }
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as text",
    label = "`text` needs `AsRef<str>`",
    note = "without `text` it is sent as JSON"
)]
pub trait Text: AsRef<str> {}

#[diagnostic::do_not_recommend]
impl<T: AsRef<str> + ?Sized> Text for T {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent as base64",
    label = "`base64` needs `AsRef<[u8]>`",
    note = "without `base64` it is sent as JSON"
)]
pub trait Base64: AsRef<[u8]> {}

#[diagnostic::do_not_recommend]
impl<T: AsRef<[u8]> + ?Sized> Base64 for T {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a reconnection time",
    label = "expected `Duration` or `Option<Duration>`",
    note = "a fixed reconnection time belongs on the variant, in whole milliseconds: `#[sse(retry = 3000)]`"
)]
pub trait Retry {
    /// `None` for no field `retry`.
    fn reconnection_time(&self) -> Option<Duration>;

    /// `None`: it has to be there.
    fn from_reconnection_time(reconnection_time: Option<Duration>) -> Option<Self>
    where
        Self: Sized;
}

#[diagnostic::do_not_recommend]
impl Retry for Duration {
    fn reconnection_time(&self) -> Option<Duration> {
        Some(*self)
    }

    fn from_reconnection_time(reconnection_time: Option<Duration>) -> Option<Self> {
        reconnection_time
    }
}

#[diagnostic::do_not_recommend]
impl Retry for Option<Duration> {
    fn reconnection_time(&self) -> Option<Duration> {
        *self
    }

    fn from_reconnection_time(reconnection_time: Option<Duration>) -> Option<Self> {
        Some(reconnection_time)
    }
}
