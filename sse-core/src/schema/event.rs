//! One event with the schema of its data.

use schemars::Schema;
use serde::{Deserialize, Serialize};

use super::sorted::sorted;
use crate::event::{DataFormat, EventSpec};

/// What is known about one event, the shape of its data included.
///
/// Of several variants with one event type, each is one of these.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EventSchema {
    #[serde(rename = "event")]
    event_type: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    variant: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    doc: String,
    /// The note; empty where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deprecated: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    terminal: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    ephemeral: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    tombstone: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    reset: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    id: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    key: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    retry: bool,
    data: Payload,
}

/// The data of an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "format", content = "content", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Payload {
    /// A JSON text, and the schema of its value.
    Json(Schema),
    /// Text as it is.
    Text,
    /// Always this text.
    Fixed(String),
    /// Bytes, as padded base64.
    Base64,
}

impl EventSchema {
    /// An event of this type, of which nothing more is known than its data.
    #[must_use]
    pub fn new(event_type: impl Into<String>, payload: Payload) -> Self {
        Self { event_type: Some(event_type.into()), ..Self::open(payload) }
    }

    /// Events of any type, with this data.
    #[must_use]
    pub fn open(payload: Payload) -> Self {
        let data = match payload {
            Payload::Json(schema) => Payload::Json(sorted(schema)),
            other => other,
        };
        Self {
            event_type: None,
            variant: String::new(),
            doc: String::new(),
            deprecated: None,
            terminal: false,
            ephemeral: false,
            tombstone: false,
            reset: false,
            id: false,
            key: false,
            retry: false,
            data,
        }
    }

    /// What a catalogue knows of an event, and the schema of its data where that is JSON.
    pub(crate) fn from_spec(spec: &EventSpec, json: impl FnOnce() -> Schema) -> Self {
        let payload = match spec.format() {
            DataFormat::Json => Payload::Json(json()),
            DataFormat::Text => Payload::Text,
            DataFormat::Fixed(text) => Payload::Fixed(text.to_owned()),
            DataFormat::Base64 => Payload::Base64,
        };
        Self {
            variant: spec.variant().to_owned(),
            doc: spec.doc().to_owned(),
            terminal: spec.is_terminal(),
            ephemeral: spec.is_ephemeral(),
            tombstone: spec.is_tombstone(),
            ..Self::new(spec.event_type(), payload)
        }
    }

    /// The `reset` event, as a channel writes it: see `Reset`.
    pub(crate) fn reset() -> Self {
        let schema = schemars::json_schema!({
            "type": "object",
            "properties": {
                "reason": { "type": "string", "enum": ["unknown", "trimmed", "epoch", "lagged"] },
                "missed": { "type": ["integer", "null"], "format": "uint64", "minimum": 0 },
            },
            "required": ["reason", "missed"],
        });
        Self::new("reset", Payload::Json(schema))
            .with_variant("Reset")
            .with_doc("The client could not resume; `missed` is how many events it will never see, if that is known.")
            .with_reset()
            .with_id()
    }

    /// Sets the name of the Rust variant or struct. Default: empty.
    #[must_use]
    pub fn with_variant(mut self, variant: impl Into<String>) -> Self {
        self.variant = variant.into();
        self
    }

    /// Sets the documentation. Default: empty.
    #[must_use]
    pub fn with_doc(mut self, doc: impl Into<String>) -> Self {
        self.doc = doc.into();
        self
    }

    /// Marks the event as not to be used any more, with a note, which may be empty.
    #[must_use]
    pub fn with_deprecation(mut self, note: impl Into<String>) -> Self {
        self.deprecated = Some(note.into());
        self
    }

    /// Marks the event as the one that ends its stream.
    #[must_use]
    pub fn with_terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    /// Marks the event as live only.
    #[must_use]
    pub fn with_ephemeral(mut self) -> Self {
        self.ephemeral = true;
        self
    }

    /// Marks the event as the last of its key.
    #[must_use]
    pub fn with_tombstone(mut self) -> Self {
        self.tombstone = true;
        self
    }

    /// Marks the event as what tells a client that it could not resume.
    #[must_use]
    pub fn with_reset(mut self) -> Self {
        self.reset = true;
        self
    }

    /// Marks the event as one with an ID of its own.
    #[must_use]
    pub fn with_id(mut self) -> Self {
        self.id = true;
        self
    }

    /// Marks the event as one with a key.
    #[must_use]
    pub fn with_key(mut self) -> Self {
        self.key = true;
        self
    }

    /// Marks the event as one with a reconnection time.
    #[must_use]
    pub fn with_retry(mut self) -> Self {
        self.retry = true;
        self
    }

    pub(super) fn set_reset(&mut self, reset: bool) {
        self.reset = reset;
    }

    /// Its members in one order, whoever wrote it.
    pub(super) fn into_sorted(self) -> Self {
        match self.data {
            Payload::Json(schema) => Self { data: Payload::Json(sorted(schema)), ..self },
            _ => self,
        }
    }

    /// The event type, as dispatched: `message` for an event without a name. `None` where events of any type can come.
    #[must_use]
    pub fn event_type(&self) -> Option<&str> {
        self.event_type.as_deref()
    }

    /// Whether it is dispatched as `message`, the event type of what has no name.
    #[must_use]
    pub fn is_unnamed(&self) -> bool {
        self.event_type() == Some("message")
    }

    /// Whether it stands for events of any type.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.event_type.is_none()
    }

    /// The name of the Rust variant, or of the struct; empty where it is not known.
    #[must_use]
    pub fn variant(&self) -> &str {
        &self.variant
    }

    /// The doc comment of the variant or struct, lines joined with LF; empty where there is none.
    #[must_use]
    pub fn doc(&self) -> &str {
        &self.doc
    }

    /// The note of `#[deprecated]`, empty where it has none; `None` for an event that is not deprecated.
    #[must_use]
    pub fn deprecation(&self) -> Option<&str> {
        self.deprecated.as_deref()
    }

    /// Whether the event is deprecated.
    #[must_use]
    pub fn is_deprecated(&self) -> bool {
        self.deprecated.is_some()
    }

    /// Whether the event ends its stream.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether the event is live only, unless it [has an ID](Self::has_id) by an envelope.
    #[must_use]
    pub fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Whether the event takes its key out of "latest per key".
    #[must_use]
    pub fn is_tombstone(&self) -> bool {
        self.tombstone
    }

    /// Whether the event tells a client that it could not resume.
    #[must_use]
    pub fn is_reset(&self) -> bool {
        self.reset
    }

    /// Whether the type gives the event an ID. A channel gives one to every other event that is not ephemeral.
    #[must_use]
    pub fn has_id(&self) -> bool {
        self.id
    }

    /// Whether the event has a key, which stays on the server.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.key
    }

    /// Whether the event brings a reconnection time.
    #[must_use]
    pub fn has_retry(&self) -> bool {
        self.retry
    }

    /// Its data.
    #[must_use]
    pub fn payload(&self) -> &Payload {
        &self.data
    }

    /// The schema of its data, where that is JSON.
    #[must_use]
    pub fn schema(&self) -> Option<&Schema> {
        match &self.data {
            Payload::Json(schema) => Some(schema),
            _ => None,
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
