//! What `#[derive(SseSchema)]` calls.

mod flatten;
mod object;
mod variant;

use std::borrow::Cow;
use std::marker::PhantomData;

pub use object::ObjectSchema;
pub use schemars::{JsonSchema, Schema, SchemaGenerator};
pub use variant::Tagging;

pub use crate::schema::{EventSchema, Payload, SseSchema};

use crate::event::Entry;
use variant::variant_schema;

/// The schemas of one type in the making, in the order of its catalogue.
#[derive(Debug)]
pub struct Schemas<'a> {
    pub generator: &'a mut SchemaGenerator,
    entries: std::slice::Iter<'static, Entry>,
    events: Vec<EventSchema>,
}

/// The type of a field, which is inferred from a binding of it: one that does not exist is an error of the user's own line, once.
#[derive(Debug)]
pub struct Probe<T: ?Sized>(PhantomData<fn(&T)>);

/// What the source says beside the catalogue. The note of `#[deprecated]` is empty where it has none.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    pub deprecated: Option<&'static str>,
    pub id: bool,
    pub key: bool,
    pub retry: bool,
    pub terminal: bool,
    pub ephemeral: bool,
    pub tombstone: bool,
}

/// What the trait returns, without a path into the standard library.
pub type EventSchemas = Vec<EventSchema>;

/// What the trait calls a type.
pub type SchemaName = Cow<'static, str>;

impl Said {
    pub const NOTHING: Self = Self {
        deprecated: None,
        id: false,
        key: false,
        retry: false,
        terminal: false,
        ephemeral: false,
        tombstone: false,
    };
}

#[must_use]
pub const fn probe<T: ?Sized>() -> Probe<T> {
    Probe(PhantomData)
}

impl<T: ?Sized> Probe<T> {
    /// Says that the type is that of a binding.
    pub const fn is(&self, _: &T) {}
}

/// The schemas of a type, none of which is there yet.
///
/// Whether it is an event, the impl of `SseSchema` asks; to ask it here would tell of one mistake twice.
pub fn schemas<T: SseSchema + ?Sized>(generator: &mut SchemaGenerator) -> Schemas<'_> {
    Schemas { generator, entries: T::EVENTS.entries().iter(), events: Vec::new() }
}

impl Schemas<'_> {
    /// The next entry of the catalogue, whose data is JSON of this schema, if it is JSON.
    pub fn event(&mut self, schema: Schema, said: Said) {
        // The derive writes both lists from the same variants.
        let Some(Entry::Event(spec)) = self.entries.next() else { return };
        self.events.push(apply(EventSchema::from_spec(spec, || schema), said));
    }

    /// The next entry, which is open: its event type is known only when one is sent.
    pub fn open(&mut self, variant: &str, doc: &str, payload: Payload, said: Said) {
        self.entries.next();
        self.events.push(apply(EventSchema::open(payload).with_variant(variant).with_doc(doc), said));
    }

    /// The next entry, which is all the events of a type inside.
    fn nested(&mut self, events: Vec<EventSchema>, said: Said) {
        self.entries.next();
        self.events.extend(events.into_iter().map(|event| apply(event, said)));
    }

    #[must_use]
    pub fn end(self) -> Vec<EventSchema> {
        self.events
    }
}

fn apply(event: EventSchema, said: Said) -> EventSchema {
    let event = match said.deprecated {
        Some(note) => event.with_deprecation(note),
        None => event,
    };
    let event = if said.id { event.with_id() } else { event };
    let event = if said.key { event.with_key() } else { event };
    let event = if said.retry { event.with_retry() } else { event };
    let event = if said.terminal { event.with_terminal() } else { event };
    let event = if said.ephemeral { event.with_ephemeral() } else { event };
    if said.tombstone { event.with_tombstone() } else { event }
}

/// The events of a type inside.
pub fn nested_schemas<T: SseSchema + ?Sized>(schemas: &mut Schemas<'_>, _: &Probe<T>, said: Said) {
    let events = T::schemas(schemas.generator);
    schemas.nested(events, said);
}

/// The schema of one value.
pub fn value_schema<T: Described + ?Sized>(schemas: &mut Schemas<'_>, _: &Probe<T>) -> Schema {
    schemas.generator.subschema_for::<T>()
}

/// The schema of a value whose members go into the object around it, which has no name for it.
pub fn flat_schema<T: Described + ?Sized>(schemas: &mut Schemas<'_>, _: &Probe<T>) -> Schema {
    T::json_schema(schemas.generator)
}

/// The schema of a type that serde writes as a whole.
pub fn whole_schema<T: WholeDescribed + ?Sized>(schemas: &mut Schemas<'_>) -> Schema {
    schemas.generator.subschema_for::<T>()
}

/// The same where it is the variant that serde calls so.
pub fn part_schema<T: WholeDescribed + ?Sized>(
    schemas: &mut Schemas<'_>,
    name: &str,
    tagging: Tagging,
) -> Schema {
    variant_schema::<T>(schemas.generator, name, tagging)
}

/// What serde's functions write, of which nothing is known.
#[must_use]
pub fn any_schema() -> Schema {
    true.into()
}

#[must_use]
pub fn null_schema() -> Schema {
    schemars::json_schema!({ "type": "null" })
}

/// A member, with what its field says.
#[must_use]
pub fn described(mut schema: Schema, doc: &str, deprecated: bool) -> Schema {
    if !doc.is_empty() {
        schema.insert("description".into(), doc.into());
    }
    if deprecated {
        schema.insert("deprecated".into(), true.into());
    }
    schema
}

#[diagnostic::on_unimplemented(
    message = "`{Self}` has no JSON Schema",
    label = "its data has to be described by `schemars::JsonSchema`",
    note = "derive it on your own type: `#[derive(schemars::JsonSchema)]`",
    note = "or say what it is written like: `#[schemars(with = \"String\")]` on the field"
)]
pub trait Described: JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema + ?Sized> Described for T {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` has no JSON Schema, which describes what its `Serialize` writes",
    label = "`#[sse(data = self)]` needs `schemars::JsonSchema`",
    note = "derive it too: `#[derive(serde::Serialize, schemars::JsonSchema, SseEvent, SseSchema)]`"
)]
pub trait WholeDescribed: JsonSchema {}

#[diagnostic::do_not_recommend]
impl<T: JsonSchema + ?Sized> WholeDescribed for T {}
