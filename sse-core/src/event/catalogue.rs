//! The static list of a type's events.

use std::fmt;

/// The events a type can be: its own, in the order of their declaration, and those of nested types in their place.
///
/// ```
/// use typed_sse_core::{Catalogue, Entry, EventSpec};
///
/// const INNER: Catalogue = Catalogue::new(&[Entry::Event(EventSpec::new("b")), Entry::Event(EventSpec::new("c"))]);
/// const OUTER: Catalogue = Catalogue::new(&[Entry::Event(EventSpec::new("a")), Entry::Nested(&INNER)]);
///
/// let types: Vec<_> = OUTER.iter().map(|spec| spec.event_type()).collect();
/// assert_eq!(types, ["a", "b", "c"]);
/// ```
#[derive(Clone, Copy)]
pub struct Catalogue {
    entries: &'static [Entry],
}

/// One entry of a [`Catalogue`].
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Entry {
    /// One event.
    Event(EventSpec),
    /// All the events of a nested type.
    Nested(&'static Catalogue),
}

/// What is known about one event before any is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSpec {
    event_type: &'static str,
    variant: &'static str,
    doc: &'static str,
    format: DataFormat,
    ephemeral: bool,
    tombstone: bool,
}

/// How the data of an event is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataFormat {
    /// A JSON text.
    Json,
    /// Text as it is.
    Text,
    /// Always this text.
    Fixed(&'static str),
    /// Bytes, as padded base64.
    Base64,
}

impl Catalogue {
    /// The catalogue of an untyped event: empty, since any event type can come.
    pub const UNTYPED: Self = Self { entries: &[] };

    /// A catalogue of these entries.
    ///
    /// # Panics
    ///
    /// If an event of a nested type has the event type of another entry, and no fixed text tells them apart. In a
    /// `const` that is a compile error.
    #[must_use]
    pub const fn new(entries: &'static [Entry]) -> Self {
        let mut i = 0;
        while i < entries.len() {
            // What stands side by side in one type was compared by the derive.
            if let Entry::Nested(nested) = entries[i] {
                let mut j = 0;
                while j < entries.len() {
                    if j < i || (j > i && matches!(entries[j], Entry::Event(_))) {
                        assert_apart(nested, &entries[j]);
                    }
                    j += 1;
                }
            }
            i += 1;
        }
        Self { entries }
    }

    /// How many events there are, those of nested types included.
    #[must_use]
    pub const fn len(&self) -> usize {
        let mut len = 0;
        let mut i = 0;
        while i < self.entries.len() {
            len += match self.entries[i] {
                Entry::Event(_) => 1,
                Entry::Nested(nested) => nested.len(),
            };
            i += 1;
        }
        len
    }

    /// Whether there are none: the type is untyped.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The events in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static EventSpec> + use<> {
        let mut open = vec![self.entries.iter()];
        std::iter::from_fn(move || {
            loop {
                match open.last_mut()?.next() {
                    Some(Entry::Event(spec)) => return Some(spec),
                    Some(Entry::Nested(nested)) => open.push(nested.entries.iter()),
                    None => {
                        open.pop();
                    }
                }
            }
        })
    }
}

impl IntoIterator for Catalogue {
    type Item = &'static EventSpec;
    type IntoIter = std::vec::IntoIter<&'static EventSpec>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter().collect::<Vec<_>>().into_iter()
    }
}

impl IntoIterator for &Catalogue {
    type Item = &'static EventSpec;
    type IntoIter = std::vec::IntoIter<&'static EventSpec>;

    fn into_iter(self) -> Self::IntoIter {
        (*self).into_iter()
    }
}

impl fmt::Debug for Catalogue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl EventSpec {
    /// An event of this type, with JSON data and no documentation.
    #[must_use]
    pub const fn new(event_type: &'static str) -> Self {
        Self {
            event_type,
            variant: "",
            doc: "",
            format: DataFormat::Json,
            ephemeral: false,
            tombstone: false,
        }
    }

    /// Sets the name of the Rust variant or struct. Default: empty.
    #[must_use]
    pub const fn with_variant(mut self, variant: &'static str) -> Self {
        self.variant = variant;
        self
    }

    /// Sets the documentation. Default: empty.
    #[must_use]
    pub const fn with_doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    /// Sets how the data is to be read. Default: [`DataFormat::Json`].
    #[must_use]
    pub const fn with_format(mut self, format: DataFormat) -> Self {
        self.format = format;
        self
    }

    /// Marks the event as live only.
    #[must_use]
    pub const fn with_ephemeral(mut self) -> Self {
        self.ephemeral = true;
        self
    }

    /// Marks the event as the last of its key.
    #[must_use]
    pub const fn with_tombstone(mut self) -> Self {
        self.tombstone = true;
        self
    }

    /// The event type, as dispatched.
    #[must_use]
    pub const fn event_type(&self) -> &'static str {
        self.event_type
    }

    /// The name of the Rust variant, or of the struct; empty where it was not given.
    #[must_use]
    pub const fn variant(&self) -> &'static str {
        self.variant
    }

    /// The doc comment of the variant or struct, lines joined with LF; empty where there is none.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// How the data is to be read.
    #[must_use]
    pub const fn format(&self) -> DataFormat {
        self.format
    }

    /// Whether the event is live only.
    #[must_use]
    pub const fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Whether the event takes its key out of "latest per key".
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        self.tombstone
    }

    /// Whether a client could not tell this event from `other`.
    const fn collides(&self, other: &Self) -> bool {
        if !same(self.event_type, other.event_type) {
            return false;
        }
        match (self.format, other.format) {
            (DataFormat::Fixed(text), DataFormat::Fixed(other)) => same(text, other),
            (DataFormat::Fixed(_), _) | (_, DataFormat::Fixed(_)) => false,
            _ => true,
        }
    }
}

/// Compares each event of `nested` with each of `entry`.
const fn assert_apart(nested: &Catalogue, entry: &Entry) {
    let mut i = 0;
    while i < nested.entries.len() {
        match (&nested.entries[i], entry) {
            (Entry::Nested(deeper), entry) => assert_apart(deeper, entry),
            (event @ Entry::Event(_), Entry::Nested(other)) => assert_apart(other, event),
            (Entry::Event(spec), Entry::Event(other)) => {
                if spec.collides(other) {
                    let message = Message::collision(spec.event_type);
                    panic!("{}", message.as_str());
                }
            }
        }
        i += 1;
    }
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// A message put together at compile time, where nothing can be allocated.
struct Message {
    bytes: [u8; 256],
    len: usize,
}

impl Message {
    const fn collision(event_type: &str) -> Self {
        let name = if event_type.len() > 128 { "(a long name)" } else { event_type };
        Self { bytes: [0; 256], len: 0 }
            .with("event type `")
            .with(name)
            .with("` is used twice, once by a nested type: give one of them another `event = \"...\"`")
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
            Err(_) => "an event type is used twice, once by a nested type",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn event(event_type: &'static str) -> Entry {
        Entry::Event(EventSpec::new(event_type))
    }

    const fn fixed(event_type: &'static str, text: &'static str) -> Entry {
        Entry::Event(EventSpec::new(event_type).with_format(DataFormat::Fixed(text)))
    }

    #[test]
    fn iterates_nested_events_in_place() {
        const INNER: Catalogue = Catalogue::new(&[event("b"), event("c")]);
        const MIDDLE: Catalogue = Catalogue::new(&[Entry::Nested(&INNER), event("d")]);
        const OUTER: Catalogue = Catalogue::new(&[event("a"), Entry::Nested(&MIDDLE), event("e")]);
        let types: Vec<_> = OUTER.iter().map(EventSpec::event_type).collect();
        assert_eq!(types, ["a", "b", "c", "d", "e"]);
        assert_eq!(OUTER.len(), 5);
        assert!(Catalogue::UNTYPED.is_empty());
    }

    #[test]
    fn fixed_texts_tell_events_apart() {
        const INNER: Catalogue = Catalogue::new(&[fixed("message", "[DONE]")]);
        const OUTER: Catalogue =
            Catalogue::new(&[event("message"), Entry::Nested(&INNER), fixed("message", "[STOP]")]);
        assert_eq!(OUTER.len(), 3);
    }

    #[test]
    #[should_panic(expected = "event type `b` is used twice")]
    fn nested_event_after_own() {
        static INNER: Catalogue = Catalogue::UNTYPED;
        static NESTED: Catalogue = Catalogue { entries: &[event("a"), event("b"), Entry::Nested(&INNER)] };
        static ENTRIES: [Entry; 2] = [event("b"), Entry::Nested(&NESTED)];
        let _ = Catalogue::new(&ENTRIES);
    }

    #[test]
    #[should_panic(expected = "event type `b` is used twice")]
    fn nested_event_in_two_nested() {
        static ONE: Catalogue = Catalogue { entries: &[event("a"), event("b")] };
        static TWO: Catalogue = Catalogue { entries: &[event("c"), event("b")] };
        static DEEP: Catalogue = Catalogue { entries: &[Entry::Nested(&TWO)] };
        static ENTRIES: [Entry; 2] = [Entry::Nested(&ONE), Entry::Nested(&DEEP)];
        let _ = Catalogue::new(&ENTRIES);
    }
}
