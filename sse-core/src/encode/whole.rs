//! An event all of whose fields are known before a byte is written.

use std::time::Duration;

#[cfg(feature = "tokio")]
use super::data;
#[cfg(feature = "tokio")]
use super::marks::{Flag, Marks, Range, Sequence};
#[cfg(feature = "tokio")]
use crate::field::{EncodeError, EncodeErrorKind, reconnection_time};

/// Its fields, which are legal.
#[derive(Clone, Copy, Default)]
pub(crate) struct Whole<'a> {
    pub(crate) key: Option<&'a str>,
    /// `None` writes no field `event`, which is `message`.
    pub(crate) event_type: Option<&'a str>,
    /// `None` is the cursor.
    pub(crate) id: Option<&'a str>,
    pub(crate) retry: Option<Duration>,
    pub(crate) tombstone: bool,
    pub(crate) terminal: bool,
    pub(crate) data: &'a str,
}

/// What stands around the values.
#[cfg(feature = "tokio")]
const AROUND: usize = "event: \nid: -18446744073709551615\nretry: 18446744073709551615\ndata: \n\n".len() + 8;

#[cfg(feature = "tokio")]
impl Whole<'_> {
    /// Writes what a [`Buffer`](super::buffer::Buffer) would, in one go, behind these bytes.
    #[inline]
    pub(crate) fn write(
        &self,
        bytes: &mut Vec<u8>,
        topic: &str,
        cursor: Sequence,
    ) -> Result<Marks, EncodeError> {
        let Self { key, event_type, id, retry, data, .. } = self;
        let [key, event_type, id] = [key, event_type, id].map(|text| text.unwrap_or_default().as_bytes());
        let base = bytes.len();
        bytes.reserve(topic.len() + key.len() + event_type.len() + id.len() + data.len() + AROUND);
        // Wraps past 4 GiB, where the event is refused.
        let place = |bytes: &Vec<u8>| (bytes.len() - base) as u32;
        let text = |bytes: &mut Vec<u8>, value: &[u8]| {
            let start = place(bytes);
            bytes.extend_from_slice(value);
            Range { start, end: place(bytes) }
        };

        let key = Range { start: text(bytes, topic.as_bytes()).end, end: text(bytes, key).end };
        let mut event = Range::default();
        if !event_type.is_empty() {
            bytes.extend_from_slice(b"event: ");
            event = text(bytes, event_type);
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(b"id: ");
        let (id, sequence) = if id.is_empty() {
            let start = text(bytes, &cursor.epoch).start;
            bytes.push(b'-');
            let number = text(bytes, itoa::Buffer::new().format(cursor.next).as_bytes());
            (Range { start, end: number.end }, number.start)
        } else {
            (text(bytes, id), 0)
        };
        bytes.push(b'\n');
        let rest = place(bytes);
        if let Some(reconnection_time) = *retry {
            reconnection_time::write(bytes, reconnection_time);
        }
        bytes.extend_from_slice(b"data: ");
        data::write_text(bytes, data.as_bytes());
        bytes.push(b'\n');

        if u32::try_from(bytes.len() - base).is_err() {
            return Err(EncodeError::new("data", EncodeErrorKind::TooLong));
        }
        let flag = |is_set| if is_set { Flag::SET } else { Flag::default() };
        Ok(Marks {
            key: key.start,
            wire: key.end,
            event_type: event,
            id,
            sequence,
            rest,
            tombstone: flag(self.tombstone),
            terminal: flag(self.terminal),
            ..Marks::default()
        })
    }
}
