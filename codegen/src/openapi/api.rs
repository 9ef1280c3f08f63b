//! A whole document.

use serde_json::{Value, json};

use super::Stream;
use crate::text::{to_json, to_yaml};
use crate::{Document, Error};

/// A document of OpenAPI 3.2 that has streams and nothing else. To put streams into one of your own, see
/// [`Stream::insert_into`].
///
/// ```
/// use typed_sse_codegen::openapi::{OpenApi, Stream};
/// # use typed_sse_core::schema::SchemaCatalogue;
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let catalogue = SchemaCatalogue::from_json(r#"{"name": "Market", "events": []}"#)?;
///
/// // `SchemaCatalogue::of::<Market>()`
/// let document = OpenApi::new("Market", "1.0.0").stream(Stream::get("/prices", &catalogue));
/// let yaml = document.yaml()?;
/// assert!(yaml.as_str().starts_with("openapi: \"3.2.0\"\n"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct OpenApi {
    info: Value,
    servers: Vec<Value>,
    streams: Vec<Stream>,
}

impl OpenApi {
    /// A document of an API with this title and version.
    #[must_use]
    pub fn new(title: impl Into<String>, version: impl Into<String>) -> Self {
        let info = json!({"title": title.into(), "version": version.into()});
        Self { info, servers: Vec::new(), streams: Vec::new() }
    }

    /// Sets the description of the API, in Markdown.
    #[must_use]
    pub fn description(mut self, description: impl Into<String>) -> Self {
        self.info["description"] = description.into().into();
        self
    }

    /// Adds a server that the paths are at. Default: that of the document.
    #[must_use]
    pub fn server(mut self, url: impl Into<String>) -> Self {
        self.servers.push(json!({"url": url.into()}));
        self
    }

    /// Adds a stream.
    #[must_use]
    pub fn stream(mut self, stream: Stream) -> Self {
        self.streams.push(stream);
        self
    }

    /// The document as a value.
    ///
    /// # Errors
    ///
    /// If a path does not begin with `/`, or two streams have one path and one method.
    pub fn to_value(&self) -> Result<Value, Error> {
        let mut document = json!({"openapi": "3.2.0", "info": self.info, "paths": {}});
        if !self.servers.is_empty() {
            document["servers"] = self.servers.clone().into();
        }
        for stream in &self.streams {
            if document["paths"][stream.openapi_path()?].get(stream.method).is_some() {
                let place = stream.place();
                return Err(Error::unsupported(format!(
                    "two streams are at `{place}`: give one of them another path or method"
                )));
            }
            stream.insert_into(&mut document)?;
        }
        Ok(document)
    }

    /// The document as JSON, indented. The same streams give the same bytes.
    ///
    /// # Errors
    ///
    /// As [`to_value`](Self::to_value).
    pub fn json(&self) -> Result<Document, Error> {
        Ok(Document::new(to_json(&self.to_value()?)))
    }

    /// The document as YAML, which readers of YAML 1.1 and 1.2 take for the same. The same streams give the same bytes.
    ///
    /// # Errors
    ///
    /// As [`to_value`](Self::to_value).
    pub fn yaml(&self) -> Result<Document, Error> {
        Ok(Document::new(to_yaml(&self.to_value()?)))
    }
}
