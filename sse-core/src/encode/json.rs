//! JSON straight into the frame.

use serde::Serialize;

use super::{Encoded, Encoder};
use crate::field::EncodeError;

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

// Nobody reads the documentation of what only generated code calls.
#[allow(clippy::missing_errors_doc)]
impl<'a> JsonObject<'a> {
    #[inline]
    pub(super) fn begin(encoder: Encoder<'a>) -> Self {
        let start = encoder.buffer.begin_data();
        Self { encoder, start, separator: b'{' }
    }

    /// Writes one field. `name` stands between the quotes as it is, so it is escaped already.
    #[inline]
    pub fn field(
        mut self,
        name: &'static str,
        value: &(impl Serialize + ?Sized),
    ) -> Result<Self, EncodeError> {
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

    /// Writes the fields of `value`: `#[serde(flatten)]`.
    pub fn flatten(self, value: &(impl Serialize + ?Sized)) -> Result<Self, EncodeError> {
        let start = self.encoder.buffer.bytes.len();
        write(&mut self.encoder.buffer.bytes, value)?;
        self.splice(start)
    }

    /// As [`flatten`](Self::flatten), for a value that is written by a function.
    pub fn flatten_with(
        self,
        serialize: impl FnOnce(&mut JsonSerializer<'_>) -> Result<(), serde_json::Error>,
    ) -> Result<Self, EncodeError> {
        let start = self.encoder.buffer.bytes.len();
        write_with(&mut self.encoder.buffer.bytes, serialize)?;
        self.splice(start)
    }

    /// Ends the object, and with it the event.
    #[inline]
    pub fn end(self) -> Result<Encoded<'a>, EncodeError> {
        let bytes = &mut self.encoder.buffer.bytes;
        if self.separator == b'{' {
            bytes.push(b'{');
        }
        bytes.push(b'}');
        self.encoder.end_value(self.start)
    }

    /// Makes the JSON text from `start` on a part of this object: as serde, an object gives its fields, `null` none,
    /// and the name of a unit variant a field that is `null`.
    fn splice(mut self, start: usize) -> Result<Self, EncodeError> {
        let bytes = &mut self.encoder.buffer.bytes;
        match &bytes[start..] {
            b"null" => bytes.truncate(start),
            [b'{', fields @ .., b'}'] if fields.trim_ascii().is_empty() => bytes.truncate(start),
            [b'{', .., b'}'] => {
                bytes[start] = self.separator;
                bytes.pop();
                self.separator = b',';
            }
            [b'"', ..] => {
                bytes.insert(start, self.separator);
                bytes.extend_from_slice(b":null");
                self.separator = b',';
            }
            _ => return Err(EncodeError::value("data", "can only flatten structs and maps")),
        }
        Ok(self)
    }

    #[inline]
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
pub(super) type JsonSerializer<'a> = serde_json::Serializer<&'a mut Vec<u8>>;

pub(super) fn write_with(
    bytes: &mut Vec<u8>,
    serialize: impl FnOnce(&mut JsonSerializer<'_>) -> Result<(), serde_json::Error>,
) -> Result<(), EncodeError> {
    serialize(&mut serde_json::Serializer::new(bytes)).map_err(|error| EncodeError::value("data", error))
}

pub(super) fn write(bytes: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) -> Result<(), EncodeError> {
    serde_json::to_writer(bytes, value).map_err(|error| EncodeError::value("data", error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::super::{Buffer, Encoder, Ids};
    use crate::field::{EncodeError, EncodeErrorKind};

    #[derive(Serialize)]
    enum Kind {
        Unit,
        Struct { a: u8 },
    }

    /// The data of an object with `value` flattened between two fields, and alone.
    fn flattened(value: &impl Serialize) -> Result<[String; 2], EncodeError> {
        let between = Buffer::lend("", Ids::Own, |buffer| {
            let _ = Encoder::new(buffer).object().field("x", &1)?.flatten(value)?.field("y", &2)?.end()?;
            Ok(String::from_utf8(buffer.bytes.clone()).unwrap())
        })?;
        let alone = Buffer::lend("", Ids::Own, |buffer| {
            let _ = Encoder::new(buffer).object().flatten(value)?.end()?;
            Ok(String::from_utf8(buffer.bytes.clone()).unwrap())
        })?;
        Ok([between, alone])
    }

    #[test]
    fn flattens_what_serde_flattens() {
        let map = BTreeMap::from([("a", 1), ("b", 2)]);
        let [between, alone] = flattened(&map).unwrap();
        assert_eq!(between, "data: {\"x\":1,\"a\":1,\"b\":2,\"y\":2}\n\n");
        assert_eq!(alone, "data: {\"a\":1,\"b\":2}\n\n");

        let [between, alone] = flattened(&Kind::Unit).unwrap();
        assert_eq!(between, "data: {\"x\":1,\"Unit\":null,\"y\":2}\n\n");
        assert_eq!(alone, "data: {\"Unit\":null}\n\n");

        let [between, _] = flattened(&Kind::Struct { a: 3 }).unwrap();
        assert_eq!(between, "data: {\"x\":1,\"Struct\":{\"a\":3},\"y\":2}\n\n");
    }

    #[test]
    fn flattens_nothing() {
        for [between, alone] in [
            flattened(&None::<Kind>).unwrap(),
            flattened(&BTreeMap::<String, u8>::new()).unwrap(),
            flattened(&serde_json::value::RawValue::from_string("{ }".to_owned()).unwrap()).unwrap(),
        ] {
            assert_eq!(between, "data: {\"x\":1,\"y\":2}\n\n");
            assert_eq!(alone, "data: {}\n\n");
        }
    }

    #[test]
    fn refuses_what_has_no_fields() {
        for error in [flattened(&1), flattened(&[1, 2]), flattened(&true), flattened(&Vec::<u8>::new())] {
            let error = error.unwrap_err();
            assert_eq!(error.kind(), EncodeErrorKind::Value);
            assert!(error.to_string().ends_with("can only flatten structs and maps"), "{error}");
        }
    }
}
