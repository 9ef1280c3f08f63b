//! JSON straight into the frame.

use serde::Serialize;

use super::{Encoded, Encoder};
use crate::error::EncodeError;

/// A JSON object whose fields are written one by one, without a type that stands for it.
#[doc(hidden)]
#[derive(Debug)]
#[must_use = "`end` ends the event"]
pub struct JsonObject<'a> {
    encoder: Encoder<'a>,
    start: usize,
    /// What stands before the next field: `{`, then `,`.
    separator: u8,
}

impl<'a> JsonObject<'a> {
    pub(super) fn begin(encoder: Encoder<'a>) -> Self {
        let start = encoder.buffer.begin_data();
        Self { encoder, start, separator: b'{' }
    }

    /// Writes one field. `name` stands between the quotes as it is, so it is escaped already.
    pub fn field(mut self, name: &'static str, value: &(impl Serialize + ?Sized)) -> Result<Self, EncodeError> {
        write(self.name(name), value)?;
        Ok(self)
    }

    /// As [`field`](Self::field), for a value that is written by a function: `#[serde(serialize_with = "...")]`.
    pub fn field_with(
        mut self,
        name: &'static str,
        serialize: impl FnOnce(&mut JsonSerializer<'_>) -> Result<(), serde_json::Error>,
    ) -> Result<Self, EncodeError> {
        write_with(self.name(name), serialize)?;
        Ok(self)
    }

    /// Ends the object, and with it the event.
    pub fn end(self) -> Result<Encoded<'a>, EncodeError> {
        let bytes = &mut self.encoder.buffer.bytes;
        if self.separator == b'{' {
            bytes.push(b'{');
        }
        bytes.push(b'}');
        self.encoder.end_value(self.start)
    }

    fn name(&mut self, name: &'static str) -> &mut Vec<u8> {
        let bytes = &mut self.encoder.buffer.bytes;
        bytes.reserve(name.len() + 4);
        bytes.push(self.separator);
        bytes.push(b'"');
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b"\":");
        self.separator = b',';
        bytes
    }
}

/// The serialiser of every payload.
#[doc(hidden)]
pub type JsonSerializer<'a> = serde_json::Serializer<&'a mut Vec<u8>>;

pub(super) fn write_with(
    bytes: &mut Vec<u8>,
    serialize: impl FnOnce(&mut JsonSerializer<'_>) -> Result<(), serde_json::Error>,
) -> Result<(), EncodeError> {
    serialize(&mut serde_json::Serializer::new(bytes)).map_err(|error| EncodeError::value("data", error))
}

pub(super) fn write(bytes: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<(), EncodeError> {
    serde_json::to_writer(bytes, value).map_err(|error| EncodeError::value("data", error))
}
