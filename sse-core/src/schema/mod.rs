//! A schema of each event: what OpenAPI documents and TypeScript types are made of.
//!
//! `#[derive(SseSchema)]` implements [`SseSchema`] beside `SseEvent`, from the same attributes. [`SchemaCatalogue::of`] asks it,
//! and owns the answer: every event in order, with its documentation and the [JSON Schema][schema] of its data, and the
//! definitions that these refer to. `typed-sse-codegen` writes documents from it.
//!
//! ```
//! use typed_sse_core::schema::{Payload, SchemaCatalogue, SseSchema};
//! # use typed_sse_core::{Catalogue, Encoded, EncodeError, Encoder, Entry, EventSpec, SseEvent};
//! # use typed_sse_core::schema::{EventSchema, schemars::SchemaGenerator};
//! # struct Price(f64);
//! # impl SseEvent for Price {
//! #     const EVENTS: Catalogue = Catalogue::new(&[Entry::Event(EventSpec::new("price"))]);
//! #     fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
//! #         encoder.json(&self.0)
//! #     }
//! # }
//! # impl SseSchema for Price {
//! #     fn schemas(generator: &mut SchemaGenerator) -> Vec<EventSchema> {
//! #         vec![EventSchema::new("price", Payload::Json(generator.subschema_for::<f64>()))]
//! #     }
//! # }
//!
//! let catalogue = SchemaCatalogue::of::<Price>();
//! assert_eq!(catalogue.name(), "Price");
//! let types: Vec<_> = catalogue.events().iter().map(|event| event.event_type()).collect();
//! // What a channel sends to who could not resume is there, too.
//! assert_eq!(types, [Some("price"), Some("reset")]);
//! let Payload::Json(schema) = catalogue.events()[0].payload() else { panic!() };
//! assert_eq!(schema.get("type").and_then(|kind| kind.as_str()), Some("number"));
//! ```
//!
//! The schemas are those of what is written: schemars' [serialize contract][contract]. They are of the dialect 2020-12, which
//! OpenAPI 3.1 and 3.2 use.
//!
//! [schema]: https://json-schema.org/draft/2020-12/json-schema-core
//! [contract]: https://docs.rs/schemars/1/schemars/generate/enum.Contract.html

mod catalogue;
mod event;
mod sorted;

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

pub use catalogue::{SchemaCatalogue, SchemaCatalogueError};
pub use event::{EventSchema, Payload};
pub use schemars;
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::encode::Frame;
use crate::event::{Event, SseEvent};
use crate::field::EventType;

/// An event type whose data has a schema.
///
/// Derive it, with the same attributes as its sisters: `#[derive(SseEvent, SseSchema)]`. What is sent as JSON needs
/// `schemars::JsonSchema`. Nothing of it is asked of a type that is only sent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no schemas of its events",
    label = "no schemas of its events",
    note = "derive it on your own type, beside `SseEvent`: `#[derive(SseEvent, SseSchema)]`"
)]
pub trait SseSchema: SseEvent {
    /// The schema of each event of [`EVENTS`](SseEvent::EVENTS), in that order, and an open one wherever events of any type can
    /// come. What several of them share becomes a definition of the generator.
    fn schemas(generator: &mut SchemaGenerator) -> Vec<EventSchema>;

    /// What documents call the type. Default: its name in Rust, without module and parameters.
    #[must_use]
    fn schema_name() -> Cow<'static, str> {
        let full = std::any::type_name::<Self>();
        let bare = full.split('<').next().unwrap_or(full);
        Cow::Borrowed(bare.rsplit("::").next().unwrap_or(bare))
    }
}

macro_rules! untyped {
    ($($untyped:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl SseSchema for $untyped {
            fn schemas(_: &mut SchemaGenerator) -> Vec<EventSchema> {
                vec![EventSchema::open(Payload::Text)]
            }
        }
    )+};
}

untyped!(Event, Frame);

macro_rules! delegate {
    ($($wrapper:ty),+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: SseSchema + ?Sized> SseSchema for $wrapper {
            fn schemas(generator: &mut SchemaGenerator) -> Vec<EventSchema> {
                T::schemas(generator)
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }
        }
    )+};
}

delegate!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

#[diagnostic::do_not_recommend]
impl<T: SseSchema + Clone> SseSchema for Cow<'_, T> {
    fn schemas(generator: &mut SchemaGenerator) -> Vec<EventSchema> {
        T::schemas(generator)
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
}

/// A string, as it is written.
impl JsonSchema for EventType {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "EventType".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
