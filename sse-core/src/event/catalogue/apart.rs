//! No two events that a client could not tell apart.

use super::{DataFormat, Entry, EventSpec};

/// Compares each entry with each other; `beside`: also where both are events of the type itself.
#[track_caller]
pub(super) const fn assert_all_apart(entries: &[Entry], beside: bool) {
    let mut i = 0;
    while i < entries.len() {
        let mut j = 0;
        while j < i {
            if beside || !matches!((&entries[j], &entries[i]), (Entry::Event(_), Entry::Event(_))) {
                assert_apart(&entries[j], &entries[i], false);
            }
            j += 1;
        }
        i += 1;
    }
}

/// Compares each event of one with each event of the other.
#[track_caller]
const fn assert_apart(one: &Entry, other: &Entry, is_nested: bool) {
    match (one, other) {
        (Entry::Nested(nested), other) | (other, Entry::Nested(nested)) => {
            let mut i = 0;
            while i < nested.entries.len() {
                assert_apart(&nested.entries[i], other, true);
                i += 1;
            }
        }
        (Entry::Event(spec), Entry::Event(other)) => {
            if collide(spec, other) {
                let message = Message::collision(spec.event_type(), is_nested);
                panic!("{}", message.as_str());
            }
        }
        (Entry::Open, _) | (_, Entry::Open) => {}
    }
}

/// Whether a client could not tell one from the other.
const fn collide(one: &EventSpec, other: &EventSpec) -> bool {
    if !same(one.event_type(), other.event_type()) {
        return false;
    }
    match (one.format(), other.format()) {
        (DataFormat::Fixed(text), DataFormat::Fixed(other)) => same(text, other),
        (DataFormat::Fixed(_), _) | (_, DataFormat::Fixed(_)) => false,
        _ => true,
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    // From the end: event types have prefixes in common.
    let mut i = a.len();
    while i > 0 {
        i -= 1;
        if a[i] != b[i] {
            return false;
        }
    }
    true
}

/// A message put together at compile time, where nothing can be allocated.
struct Message {
    bytes: [u8; 320],
    len: usize,
}

impl Message {
    const fn collision(event_type: &str, is_nested: bool) -> Self {
        let name = if event_type.len() > 128 { "(a long name)" } else { event_type };
        let advice = if is_nested {
            "` is used twice, once by a nested type: give one of them another `event = \"...\"`, or make the type \
             around it `untagged` if a reader tells them apart by their data"
        } else {
            "` is used twice: give one of them another `event = \"...\"`, or make the type `untagged` if a reader \
             tells them apart by their data"
        };
        Self { bytes: [0; 320], len: 0 }.with("event type `").with(name).with(advice)
    }

    const fn with(mut self, text: &str) -> Self {
        let mut i = 0;
        while i < text.len() {
            self.bytes[self.len] = text.as_bytes()[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    const fn as_str(&self) -> &str {
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "an event type is used twice",
        }
    }
}
