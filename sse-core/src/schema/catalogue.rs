//! All the events of a type with their schemas, as one value.

use std::collections::BTreeMap;
use std::fmt;

use schemars::Schema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};

use super::sorted::sorted;
use super::{EventSchema, SseSchema};

/// The events of a type, each with the schema of its data, and the definitions that these share.
///
/// It is a value like any: it can be written as JSON, committed, read again, and compared with that of another version. The same
/// type gives the same bytes, whatever the features of a build are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SchemaCatalogue {
    name: String,
    events: Vec<EventSchema>,
    #[serde(rename = "$defs", default, skip_serializing_if = "BTreeMap::is_empty")]
    definitions: BTreeMap<String, Schema>,
}

impl SchemaCatalogue {
    /// The catalogue of `E`, and behind its events `reset`, which a channel sends to who could not resume.
    ///
    /// Where `E` has an event of that type itself, it is taken for what the channel's `reset_with` makes.
    #[must_use]
    pub fn of<E: SseSchema>() -> Self {
        let mut generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
        let mut events = E::schemas(&mut generator);
        let definitions = generator.take_definitions(true);
        let definitions = definitions.into_iter().filter_map(|(name, definition)| {
            // The generator only has schemas there.
            Some((name, sorted(Schema::try_from(definition).ok()?)))
        });
        let definitions = definitions.collect();
        if is_of_type(&events, RESET) {
            mark(&mut events, RESET);
        } else {
            events.push(EventSchema::reset());
        }
        Self { name: E::schema_name().into_owned(), events, definitions }
    }

    /// Sets the name of the type in documents. Default: its name in Rust.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The same for a stream without `reset`: one that does not come out of a channel.
    #[must_use]
    pub fn without_reset(mut self) -> Self {
        self.events.retain(|event| *event != EventSchema::reset());
        mark(&mut self.events, "");
        self
    }

    /// The same for a channel whose `reset_with` makes the event of this type.
    ///
    /// # Panics
    ///
    /// If no event of the catalogue is of this type.
    #[must_use]
    #[track_caller]
    pub fn with_reset(mut self, event_type: &str) -> Self {
        self = self.without_reset();
        assert!(
            is_of_type(&self.events, event_type),
            "no event of `{}` is of type `{event_type}`",
            self.name
        );
        mark(&mut self.events, event_type);
        self
    }

    /// What documents call the type.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The events, in the order of their declaration.
    #[must_use]
    pub fn events(&self) -> &[EventSchema] {
        &self.events
    }

    /// The schemas that others refer to, as `#/$defs/` and their name.
    #[must_use]
    pub fn definitions(&self) -> &BTreeMap<String, Schema> {
        &self.definitions
    }

    /// Whether events of other types can come than those that are listed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.events.iter().any(EventSchema::is_open)
    }

    /// The name of the definition that a schema refers to, if that is all it does or says beside.
    #[must_use]
    pub fn reference(schema: &Schema) -> Option<String> {
        let name = schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")?;
        Some(unescaped(name))
    }

    /// The definition that a schema refers to, or else the schema itself.
    #[must_use]
    pub fn resolve<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let mut schema = schema;
        // A definition that is nothing but itself would go on for ever.
        for _ in 0..=self.definitions.len() {
            match Self::reference(schema).and_then(|name| self.definitions.get(&name)) {
                Some(definition) => schema = definition,
                None => break,
            }
        }
        schema
    }

    /// The catalogue as JSON, to be committed and read again: indented, with a line break at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Maps have strings as keys, and nothing else here can fail.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// If it is not that.
    pub fn from_json(json: &str) -> Result<Self, SchemaCatalogueError> {
        let mut catalogue: Self = serde_json::from_str(json).map_err(SchemaCatalogueError)?;
        catalogue.events = catalogue.events.into_iter().map(EventSchema::into_sorted).collect();
        for definition in catalogue.definitions.values_mut() {
            *definition = sorted(std::mem::take(definition));
        }
        Ok(catalogue)
    }
}

/// What is no [`SchemaCatalogue`] as JSON.
#[derive(Debug)]
pub struct SchemaCatalogueError(serde_json::Error);

impl fmt::Display for SchemaCatalogueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a catalogue of schemas, as `SchemaCatalogue::to_json` writes it")
    }
}

impl std::error::Error for SchemaCatalogueError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

fn is_of_type(events: &[EventSchema], event_type: &str) -> bool {
    events.iter().any(|event| event.event_type() == Some(event_type))
}

/// Those of this type tell a client that it could not resume, and no others.
fn mark(events: &mut [EventSchema], event_type: &str) {
    for event in events {
        event.set_reset(event.event_type() == Some(event_type));
    }
}

/// A name in a JSON pointer that is part of a URL.
///
/// <https://www.rfc-editor.org/rfc/rfc6901#section-6>
fn unescaped(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let [first, behind @ ..] = rest {
        let hex = behind.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, decoded) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &behind[2..];
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace("~1", "/").replace("~0", "~")
}

const RESET: &str = "reset";
