//! AsyncAPI 3: streams as channels whose messages are events.
//!
//! A plain rendering: one channel per stream, one message per event, one operation that sends them. Where OpenAPI describes the bytes of a
//! response, AsyncAPI describes messages: the payload is the value, and the event type, ID and reconnection time are its headers.
//!
//! ```
//! use typed_sse_codegen::asyncapi::AsyncApi;
//! # use typed_sse_core::schema::SchemaCatalogue;
//! # let catalogue = SchemaCatalogue::from_json(r#"{"name": "Market", "events": []}"#).unwrap();
//!
//! // `SchemaCatalogue::of::<Market>()`
//! let document = AsyncApi::new("Market", "1.0.0").stream("/prices/{symbol}", &catalogue);
//! assert!(document.yaml().as_str().starts_with("asyncapi: \"3.0.0\"\n"));
//! ```
//!
//! <https://www.asyncapi.com/docs/reference/specification/v3.0.0>

mod draft7;

use serde_json::{Map, Value, json};
use typed_sse_core::schema::{EventSchema, Payload, SchemaCatalogue};

use crate::Document;
use crate::openapi::{Components, Names, Schemas, describe, path_parameters};
use crate::text::{to_json, to_yaml};
use draft7::draft7;

/// A document of AsyncAPI 3.
#[derive(Clone, Debug)]
pub struct AsyncApi {
    info: Value,
    servers: Map<String, Value>,
    streams: Vec<(String, SchemaCatalogue)>,
}

impl AsyncApi {
    /// A document of an API with this title and version.
    #[must_use]
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        let info = json!({"title": title.into(), "version": version.into()});
        Self { info, servers: Map::new(), streams: Vec::new() }
    }

    /// Sets the description of the API, in Markdown.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.info["description"] = description.into().into();
        self
    }

    /// Adds a server: its name in the document, its host with the port, and `http` or `https`.
    #[must_use]
    pub fn server(
        mut self,
        name: impl Into<String>,
        host: impl Into<String>,
        protocol: impl Into<String>,
    ) -> Self {
        self.servers.insert(name.into(), json!({"host": host.into(), "protocol": protocol.into()}));
        self
    }

    /// Adds the stream that a GET of this path answers with; parameters of the path stand in braces. Its channel is called after the
    /// catalogue.
    #[must_use]
    pub fn stream(mut self, path: impl Into<String>, catalogue: &SchemaCatalogue) -> Self {
        self.streams.push((path.into().replace("{*", "{"), catalogue.clone()));
        self
    }

    /// The document as a value.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let mut channels = Map::new();
        let mut operations = Map::new();
        let mut schemas = Map::new();
        for (path, catalogue) in &self.streams {
            let wished = first_small(catalogue.name());
            let name = free(&wished, &channels);
            channels.insert(name.clone(), channel(path, catalogue, &mut schemas));
            let operation = json!({
                "action": "send",
                "channel": {"$ref": format!("#/channels/{name}")},
                "bindings": {"http": {"method": "GET", "bindingVersion": "0.3.0"}},
            });
            operations.insert(free(&format!("send{}", first_large(&name)), &operations), operation);
        }
        let mut document = json!({
            "asyncapi": "3.0.0",
            "info": self.info,
            "defaultContentType": "application/json",
            "channels": channels,
            "operations": operations,
            "components": {"schemas": schemas},
        });
        if !self.servers.is_empty() {
            document["servers"] = self.servers.clone().into();
        }
        document
    }

    /// The document as JSON, indented. The same streams give the same bytes.
    #[must_use]
    pub fn json(&self) -> Document {
        Document::new(to_json(&self.to_value()))
    }

    /// The document as YAML, which readers of YAML 1.1 and 1.2 take for the same. The same streams give the same bytes.
    #[must_use]
    pub fn yaml(&self) -> Document {
        Document::new(to_yaml(&self.to_value()))
    }
}

fn channel(path: &str, catalogue: &SchemaCatalogue, schemas: &mut Map<String, Value>) -> Value {
    let mut own = Schemas::of(catalogue);
    own.each(draft7);
    let components = Components::new(&own, schemas);
    let names = Names::new(catalogue.name(), catalogue.events());
    let events = catalogue.events().iter().enumerate();
    let messages: Map<_, _> = events
        .map(|(i, event)| (names.title(i).to_owned(), components.rewritten(&message(event, names.title(i)))))
        .collect();
    schemas.extend(components.into_schemas());
    let mut channel = json!({"address": path, "messages": messages});
    let parameters: Map<_, _> = path_parameters(path).map(|name| (name.to_owned(), json!({}))).collect();
    if !parameters.is_empty() {
        channel["parameters"] = parameters.into();
    }
    channel
}

fn message(event: &EventSchema, title: &str) -> Value {
    let (content_type, payload) = match event.payload() {
        Payload::Json(schema) => ("application/json", draft7(schema.as_value())),
        Payload::Fixed(text) => ("text/plain", json!({"type": "string", "const": text})),
        Payload::Base64 => ("text/plain", json!({"type": "string", "contentEncoding": "base64"})),
        _ => ("text/plain", json!({"type": "string"})),
    };
    let event_type = match event.event_type() {
        Some(event_type) => json!({"type": "string", "const": event_type}),
        None => json!({"type": "string"}),
    };
    let fields = json!({
        "event": event_type,
        "id": {"type": "string"},
        "retry": {"type": "integer", "minimum": 0},
    });
    let mut headers = json!({"type": "object", "properties": fields});
    if !event.is_unnamed() && !event.is_open() {
        headers["required"] = json!(["event"]);
    }
    let mut message = Map::new();
    describe(&mut message, event);
    // A message has no such field, but may have others of that form.
    if let Some(deprecated) = message.remove("deprecated") {
        message.insert("x-deprecated".to_owned(), deprecated);
    }
    for (field, value) in [
        ("name", event.event_type().unwrap_or(title).into()),
        ("title", title.into()),
        ("contentType", content_type.into()),
        ("headers", headers),
        ("payload", payload),
    ] {
        message.insert(field.to_owned(), value);
    }
    message.into()
}

fn free(wished: &str, taken: &Map<String, Value>) -> String {
    let numbered = (2_u64..).map(|number| format!("{wished}{number}"));
    let mut names = std::iter::once(wished.to_owned()).chain(numbered);
    // There are more numbers than names.
    names.find(|name| !taken.contains_key(name)).unwrap_or_default()
}

fn first_small(name: &str) -> String {
    with_first(name, |first| first.to_ascii_lowercase())
}

fn first_large(name: &str) -> String {
    with_first(name, |first| first.to_ascii_uppercase())
}

fn with_first(name: &str, change: impl Fn(char) -> char) -> String {
    let mut chars = name.chars();
    chars.next().map(change).into_iter().chain(chars).collect()
}
