//! One stream: a path and a method that answer with events.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use typed_sse_core::schema::SchemaCatalogue;

use super::components::{Components, Schemas};
use super::insert::insert;
use super::item::{item_schema, payload, read_event};
use super::names::Names;
use crate::Error;

/// An operation whose response is an event stream.
///
/// ```
/// use serde_json::json;
/// use typed_sse_codegen::openapi::Stream;
/// # use typed_sse_core::schema::SchemaCatalogue;
/// # let catalogue = SchemaCatalogue::from_json(r#"{"name": "Market", "events": []}"#).unwrap();
///
/// // `SchemaCatalogue::of::<Market>()`
/// let stream = Stream::get("/prices/{symbol}", &catalogue)
///     .operation_id("prices")
///     .summary("Prices of one symbol, as they change")
///     .parameter("query", "venue", &json!({"type": "string"}));
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    pub(super) path: String,
    pub(super) method: &'static str,
    catalogue: SchemaCatalogue,
    companion: Companion,
    has_end: bool,
    has_last_event_id: bool,
    parameters: Vec<Value>,
    operation: Map<String, Value>,
    description: String,
}

/// The `schema` beside the `itemSchema`, for generators that know nothing of OpenAPI 3.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Companion {
    /// A union of events whose `data` is the payload itself, not the text that holds it: what openapi-typescript and hey-api make
    /// types of. A validator of 3.2 takes it for a statement about the list of all events, of which it says nothing.
    #[default]
    Events,
    /// A union of the payloads alone: what the client of hey-api yields. The response 204 is left out, which would be one more type of
    /// an event there.
    ///
    /// For a document that only hey-api reads. In 3.2 it would mean that the list of all events is one payload, and a validator that
    /// looks at responses has to refuse each. Of a text, the client makes JSON if it can: `12` becomes a number. And where a
    /// finished stream answers with 204, it asks again for ever unless `sseMaxRetryAttempts` is set (0.99).
    Payloads,
    /// None.
    None,
}

/// A response by itself, for a document that somebody else writes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Fragment {
    /// The Response Object: what stands at `responses`, `200` of the operation.
    pub response: Value,
    /// What it refers to: what stands at `components`, `schemas` of the document.
    pub schemas: BTreeMap<String, Value>,
}

impl Stream {
    /// A stream that a GET of this path answers with. Parameters of the path stand in braces, and are text unless a
    /// [`parameter`](Self::parameter) says otherwise.
    #[must_use]
    pub fn get(path: impl Into<String>, catalogue: &SchemaCatalogue) -> Self {
        Self::new("get", path.into(), catalogue)
    }

    /// A stream that a POST to this path answers with.
    #[must_use]
    pub fn post(path: impl Into<String>, catalogue: &SchemaCatalogue) -> Self {
        Self::new("post", path.into(), catalogue)
    }

    fn new(method: &'static str, path: String, catalogue: &SchemaCatalogue) -> Self {
        Self {
            path,
            method,
            catalogue: catalogue.clone(),
            companion: Companion::default(),
            has_end: true,
            has_last_event_id: true,
            parameters: Vec::new(),
            operation: Map::new(),
            description: "The events, as they come.".to_owned(),
        }
    }

    /// Sets what stands beside the exact schema. Default: [`Companion::Events`].
    #[must_use]
    pub fn companion(mut self, companion: Companion) -> Self {
        self.companion = companion;
        self
    }

    /// Sets the `operationId`, which generators make a function's name of.
    #[must_use]
    pub fn operation_id(self, id: impl Into<String>) -> Self {
        self.with("operationId", id.into().into())
    }

    /// Sets the operation's `summary`.
    #[must_use]
    pub fn summary(self, summary: impl Into<String>) -> Self {
        self.with("summary", summary.into().into())
    }

    /// Sets any field of the [Operation Object], as `tags`, `security` or `requestBody`.
    ///
    /// [Operation Object]: https://spec.openapis.org/oas/v3.2.0.html#operation-object
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: Value) -> Self {
        self.operation.insert(field.into(), value);
        self
    }

    /// Sets the description of the response. Default: "The events, as they come."
    #[must_use]
    pub fn response_description(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Adds a parameter with this schema: `location` is `query`, `header`, `cookie` or `path`. Those of the path are required.
    #[must_use]
    pub fn parameter(mut self, location: &str, name: &str, schema: &Value) -> Self {
        self.parameters.push(parameter(location, name, schema));
        self
    }

    /// Leaves out the header `Last-Event-ID`: the stream cannot be resumed.
    #[must_use]
    pub fn without_last_event_id(mut self) -> Self {
        self.has_last_event_id = false;
        self
    }

    /// Leaves out the response 204: the stream has no end that a client could come back to.
    #[must_use]
    pub fn without_end(mut self) -> Self {
        self.has_end = false;
        self
    }

    /// The response alone, with what it refers to, to be put into a document by hand.
    #[must_use]
    pub fn fragment(&self) -> Fragment {
        self.fragment_beside(&Map::new(), Value::clone)
    }

    /// Puts the operation into a document, and its schemas among those that are there.
    ///
    /// An operation that is there already keeps all it says: it gets the responses, and the parameters that it does not have. A
    /// schema that is there already under a name keeps it; another one of that name gets a number behind it. So begin with a document
    /// that is made anew, not with what this returned before.
    ///
    /// # Errors
    ///
    /// If the document is none of OpenAPI 3.1 or 3.2; one of 3.1 becomes one of 3.2. If the path does not begin with `/`.
    pub fn insert_into(&self, document: &mut Value) -> Result<(), Error> {
        insert(self, document)
    }

    /// As [`fragment`](Self::fragment), where a document has these schemas already, and has all of them in the words of `write`.
    pub(super) fn fragment_beside(
        &self,
        taken: &Map<String, Value>,
        write: impl Fn(&Value) -> Value,
    ) -> Fragment {
        let events = self.catalogue.events();
        let names = Names::new(self.catalogue.name(), events);
        let mut schemas = Schemas::of(&self.catalogue);
        let payloads: Vec<_> = events
            .iter()
            .enumerate()
            .map(|(i, event)| schemas.add(names.payload(i), payload(event)))
            .collect();
        let mut media = Map::new();
        media.insert("itemSchema".to_owned(), item_schema(events, &names, &payloads));
        if let Some(companion) = self.companion_schema(&names, &payloads, &mut schemas) {
            media.insert("schema".to_owned(), companion);
        }
        schemas.each(write);
        let components = Components::new(&schemas, taken);
        let response = json!({
            "description": self.description,
            "content": {"text/event-stream": components.rewritten(&media.into())},
        });
        Fragment { response, schemas: components.into_schemas() }
    }

    fn companion_schema(&self, names: &Names, payloads: &[Value], schemas: &mut Schemas) -> Option<Value> {
        let events = self.catalogue.events().iter().enumerate();
        let (name, union) = match self.companion {
            Companion::Events => {
                let union = events.map(|(i, event)| {
                    schemas.add(names.event(i), read_event(event, names.title(i), &payloads[i]))
                });
                (names.any_event(), union.collect())
            }
            Companion::Payloads => (names.any_payload(), payloads.to_vec()),
            Companion::None => return None,
        };
        Some(schemas.add(name, json!({"anyOf": Value::Array(union)})))
    }

    /// The path as OpenAPI writes it: without the star of a parameter that goes on to the end.
    pub(super) fn openapi_path(&self) -> Result<String, Error> {
        if !self.path.starts_with('/') {
            let path = &self.path;
            return Err(Error::unsupported(format!("the path `{path}` has to begin with `/`")));
        }
        Ok(self.path.replace("{*", "{"))
    }

    /// Where it stands, for people.
    pub(super) fn place(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// The operation but for its responses and parameters.
    pub(super) fn operation(&self) -> &Map<String, Value> {
        &self.operation
    }

    /// All parameters, those of the path first.
    pub(super) fn parameters(&self) -> Vec<Value> {
        let is_given =
            |name: &str| self.parameters.iter().any(|one| one["in"] == "path" && one["name"] == name);
        let text = || json!({"type": "string"});
        let mut parameters: Vec<_> = path_parameters(&self.path)
            .filter(|name| !is_given(name))
            .map(|name| parameter("path", name, &text()))
            .collect();
        parameters.extend(self.parameters.iter().cloned());
        if self.has_last_event_id {
            let mut header = parameter("header", "Last-Event-ID", &text());
            header["description"] =
                "The ID of the last event that the client has; the stream goes on behind it.".into();
            parameters.push(header);
        }
        parameters
    }

    /// The responses beside the events.
    pub(super) fn other_responses(&self) -> Vec<(&'static str, Value)> {
        let has_end = self.has_end && self.companion != Companion::Payloads;
        let end = json!({"description": "Nothing more will come: the client has all events, and does not connect again."});
        has_end.then_some(("204", end)).into_iter().collect()
    }
}

fn parameter(location: &str, name: &str, schema: &Value) -> Value {
    let mut parameter = json!({"in": location, "name": name, "schema": schema});
    if location == "path" {
        parameter["required"] = true.into();
    }
    parameter
}

/// The names in braces.
pub(crate) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.trim_start_matches('*')))
}
