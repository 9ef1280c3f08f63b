//! A batch of records as one message, which is stored whole or not at all.
//!
//! One record is its data, with its fields as headers: what `nats pub` writes and `nats stream view` shows. Several are JSON, one
//! record a line.

use std::fmt;
use std::sync::Arc;

use async_nats::HeaderMap;
use bytes::Bytes;
use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use typed_sse_core::store::{Batch, Record, RecordError, StoreError, StoreErrorKind, Token};

use crate::name::{Names, escape_header, unescape};

/// The fields of one record that are headers; the topic is in the subject, the data is the payload.
const FIELDS: [(&str, &str); 6] = [
    ("event", "sse-event"),
    ("id", "sse-id"),
    ("retry", "sse-retry"),
    ("key", "sse-key"),
    ("flags", "sse-flags"),
    ("v", "sse-v"),
];
/// How many records a message holds whose payload is JSON.
const COUNT: &str = "sse-batch";
const TOKEN: &str = "sse-token";
/// Of which life of the log it is to be part.
pub(crate) const EPOCH: &str = "sse-epoch";
/// Names the message to the server, and to the one who waits for what becomes of it.
pub(crate) const MESSAGE_ID: &str = "Nats-Msg-Id";

/// So many records of one message have positions.
pub(crate) const MOST_RECORDS: usize = 1 << 16;

/// A message that is to be published.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) subject: String,
    pub(crate) headers: HeaderMap,
    pub(crate) payload: Bytes,
}

impl Outgoing {
    pub(crate) fn of_batch(names: &Names, batch: Batch<'_>) -> Result<Self, StoreError> {
        let mut headers = HeaderMap::new();
        if let Some(Token { producer, epoch, number, .. }) = batch.token {
            headers.insert(TOKEN, format!("{epoch} {number} {}", escape_header(producer)));
        }
        if batch.records.len() > MOST_RECORDS {
            let words =
                format!("a batch of {} records: {MOST_RECORDS} go into one message", batch.records.len());
            return Err(StoreError::new(StoreErrorKind::TooLong, words));
        }
        let topic = batch.records.first().map_or("", Record::topic);
        let is_of_one = batch.records.iter().all(|record| record.topic() == topic);
        let subject = if is_of_one { names.of_topic(topic)? } else { names.of("batch") };
        let payload = match batch.records {
            [record] if record.fields().all(|(name, _)| is_header(name)) => {
                for (name, value) in record.fields() {
                    if let Some((_, header)) = FIELDS.iter().find(|(field, _)| *field == name) {
                        headers.insert(*header, escape_header(&value));
                    }
                }
                Bytes::copy_from_slice(record.data().as_bytes())
            }
            records => {
                headers.insert(COUNT, records.len().to_string());
                lines(records)?
            }
        };
        Ok(Self { subject, headers, payload })
    }
}

fn is_header(name: &str) -> bool {
    name == "data" || name == "topic" || FIELDS.iter().any(|(field, _)| *field == name)
}

fn lines(records: &[Record]) -> Result<Bytes, StoreError> {
    let mut payload = Vec::new();
    for record in records {
        serde_json::to_writer(&mut payload, &Fields::of(record))
            .map_err(|_| StoreError::new(StoreErrorKind::Other, "a record cannot be written as JSON"))?;
        payload.push(b'\n');
    }
    Ok(payload.into())
}

/// A message as it was stored.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) records: Result<Arc<[Record]>, RecordError>,
    pub(crate) token: Option<Token>,
}

impl Incoming {
    /// Of a message under the subject of this topic, or of none.
    pub(crate) fn read(topic: Option<String>, headers: Option<&HeaderMap>, payload: &[u8]) -> Self {
        let header = |name: &str| headers.and_then(|headers| headers.get(name)).map(|value| value.as_str());
        let token = header(TOKEN).and_then(read_token);
        if header(COUNT).is_some() || topic.is_none() {
            return Self { records: read_lines(topic.as_deref(), payload), token };
        }
        let known = FIELDS.iter().filter_map(|(field, name)| Some((*field, unescape(header(name)?))));
        let data = ("data", String::from_utf8_lossy(payload).into_owned());
        let topic = ("topic", topic.unwrap_or_default());
        let record = Record::from_fields(known.chain([data, topic]));
        Self { records: record.map(|record| Arc::from([record])), token }
    }
}

fn read_token(text: &str) -> Option<Token> {
    let mut parts = text.splitn(3, ' ');
    let (epoch, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Token::new(unescape(parts.next()?), epoch, number))
}

/// The first that is no record makes the whole message none.
fn read_lines(topic: Option<&str>, payload: &[u8]) -> Result<Arc<[Record]>, RecordError> {
    let mut records = Vec::new();
    for line in serde_json::Deserializer::from_slice(payload).into_iter::<Fields>() {
        // What is no JSON has no data.
        let Ok(Fields(mut fields)) = line else {
            return Record::from_fields([("", "")]).map(|record| Arc::from([record]));
        };
        if let Some(topic) = topic {
            fields.retain(|(name, _)| name != "topic");
            fields.push(("topic".to_owned(), topic.to_owned()));
        }
        records.push(Record::from_fields(fields)?);
    }
    Ok(records.into())
}

/// An object of texts, in the order in which they stand.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn of(record: &Record) -> Self {
        Self(record.fields().map(|(name, value)| (name.to_owned(), value.into_owned())).collect())
    }
}

impl Serialize for Fields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Texts)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    fn record<const N: usize>(fields: [(&str, &str); N]) -> Record {
        Record::from_fields(fields).unwrap()
    }

    fn back(records: &[Record], token: Option<&Token>) -> Incoming {
        let names = Names::new("sse", "market").unwrap();
        let mut batch = Batch::new(records);
        if let Some(token) = token {
            batch = batch.with_token(token);
        }
        let out = Outgoing::of_batch(&names, batch).unwrap();
        let topic = match names.read(&out.subject) {
            crate::name::Subject::Events(topic) => Some(topic),
            _ => None,
        };
        Incoming::read(topic, Some(&out.headers), &out.payload)
    }

    #[test]
    fn records_come_back() {
        let token = Token::new("a b%\n", 3, 7);
        let full =
            [("event", "price \u{fc}"), ("data", "a\nb"), ("id", " 7"), ("retry", "3000"), ("key", "%")];
        let batches = [
            vec![record(full)],
            vec![record([("data", ""), ("topic", "a.b"), ("flags", "terminal")])],
            vec![record([("data", "x"), ("sp\u{e4}te", "\u{fc}"), ("a", "1")])],
            vec![record(full), record([("data", "\0"), ("topic", "\u{1f980}")]), Record::finish("a")],
            vec![record(full), record(full)],
            vec![Record::close("a b")],
        ];
        for records in batches {
            let incoming = back(&records, Some(&token));
            assert_eq!(*incoming.records.unwrap(), *records);
            assert_eq!(incoming.token, Some(token.clone()));
            assert_eq!(back(&records, None).token, None);
        }
    }

    #[test]
    fn what_others_publish_is_read() {
        let plain = Incoming::read(Some("a".to_owned()), None, b"{}");
        assert_eq!(plain.records.unwrap()[0], record([("data", "{}"), ("topic", "a")]));
        for payload in ["x", "{\"data\":1}", "{\"event\":\"x\"}", "[]", "{\"data\":\"x\"} {"] {
            assert!(Incoming::read(None, None, payload.as_bytes()).records.is_err(), "{payload}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("sse-retry", "soon");
        assert_eq!(
            Incoming::read(Some(String::new()), Some(&headers), b"x").records.unwrap_err().field(),
            "retry"
        );
        headers.insert("sse-token", "1 x");
        assert_eq!(Incoming::read(Some(String::new()), Some(&headers), b"x").token, None);
    }
}
