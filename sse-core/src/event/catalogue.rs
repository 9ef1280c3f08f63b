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
    /// Events of any type: it is a value, known only when one is sent. None is listed, and the catalogue
    /// [is open](Catalogue::is_open).
    Open,
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
    terminal: bool,
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
    /// The catalogue of an untyped event: empty and [open](Self::is_open), since any event type can come.
    pub const UNTYPED: Self = Self { entries: &[Entry::Open] };

    /// A catalogue of these entries.
    ///
    /// # Panics
    ///
    /// If two entries have the same event type, those of nested types included, and no fixed text tells them apart. In a
    /// `const` that is a compile error. See [`untagged`](Self::untagged) for a type that wants it so.
    #[must_use]
    #[track_caller]
    pub const fn new(entries: &'static [Entry]) -> Self {
        assert_all_apart(entries, true);
        Self { entries }
    }

    /// As [`new`](Self::new), where the event types that stand side by side are known to differ: what the derive has
    /// read in the source costs the compiler no second comparison.
    #[doc(hidden)]
    #[must_use]
    #[track_caller]
    pub const fn compared(entries: &'static [Entry]) -> Self {
        assert_all_apart(entries, false);
        Self { entries }
    }

    /// A catalogue of these entries, of which several may have one event type: whoever reads them tells them apart by
    /// their data.
    ///
    /// A type that contains this one is checked as ever: none of its other events may have one of these event types.
    ///
    /// ```
    /// use typed_sse_core::{Catalogue, Entry, EventSpec};
    ///
    /// const CHAT: Catalogue = Catalogue::untagged(&[
    ///     Entry::Event(EventSpec::new("message").with_variant("Chunk")),
    ///     Entry::Event(EventSpec::new("message").with_variant("Failed")),
    /// ]);
    /// assert_eq!(CHAT.len(), 2);
    /// ```
    #[must_use]
    pub const fn untagged(entries: &'static [Entry]) -> Self {
        Self { entries }
    }

    /// Whether events of other types can come than those that are listed: a nested type is untyped, or an event type comes from
    /// a value.
    ///
    /// ```
    /// use typed_sse_core::{Catalogue, Entry, EventSpec};
    ///
    /// const CLOSED: Catalogue = Catalogue::new(&[Entry::Event(EventSpec::new("a"))]);
    /// const OPEN: Catalogue = Catalogue::new(&[Entry::Nested(&CLOSED), Entry::Open]);
    /// assert!(OPEN.is_open() && !CLOSED.is_open());
    /// assert_eq!(OPEN.len(), 1);
    /// ```
    #[must_use]
    pub const fn is_open(&self) -> bool {
        let mut i = 0;
        while i < self.entries.len() {
            match self.entries[i] {
                Entry::Open => return true,
                Entry::Nested(nested) if nested.is_open() => return true,
                Entry::Nested(_) | Entry::Event(_) => {}
            }
            i += 1;
        }
        false
    }

    /// Its entries, nested ones unopened.
    #[cfg(feature = "schema")]
    pub(crate) const fn entries(&self) -> &'static [Entry] {
        self.entries
    }

    /// The event type of the entry of this index, which the derive knows to be one event.
    pub(crate) const fn event_type_at(&self, i: usize) -> &'static str {
        match &self.entries[i] {
            Entry::Event(spec) => spec.event_type,
            Entry::Nested(_) | Entry::Open => "message",
        }
    }

    /// How many events are listed, those of nested types included.
    #[must_use]
    pub const fn len(&self) -> usize {
        let mut len = 0;
        let mut i = 0;
        while i < self.entries.len() {
            len += match self.entries[i] {
                Entry::Event(_) => 1,
                Entry::Nested(nested) => nested.len(),
                Entry::Open => 0,
            };
            i += 1;
        }
        len
    }

    /// Whether none is listed: the type is untyped, or sends nothing.
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
                    Some(Entry::Open) => {}
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
            terminal: false,
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

    /// Marks the event as the one that ends its stream.
    #[must_use]
    pub const fn with_terminal(mut self) -> Self {
        self.terminal = true;
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

    /// Whether the event is live only, unless an envelope gives it an ID.
    #[must_use]
    pub const fn is_ephemeral(&self) -> bool {
        self.ephemeral
    }

    /// Whether the event takes its key out of "latest per key".
    #[must_use]
    pub const fn is_tombstone(&self) -> bool {
        self.tombstone
    }

    /// Whether the event ends its stream: a channel that publishes it is finished, and a client that has it is done.
    #[must_use]
    pub const fn is_terminal(&self) -> bool {
        self.terminal
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

/// Compares each entry with each other; `beside`: also where both are events of the type itself.
#[track_caller]
const fn assert_all_apart(entries: &[Entry], beside: bool) {
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
            if spec.collides(other) {
                let message = Message::collision(spec.event_type, is_nested);
                panic!("{}", message.as_str());
            }
        }
        (Entry::Open, _) | (_, Entry::Open) => {}
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
    }

    #[test]
    fn what_contains_an_open_type_is_open() {
        const CLOSED: Catalogue = Catalogue::new(&[event("a")]);
        const OPEN: Catalogue = Catalogue::new(&[event("b"), Entry::Open, event("c")]);
        const AROUND: Catalogue = Catalogue::untagged(&[Entry::Nested(&CLOSED), Entry::Nested(&OPEN)]);
        const UNTYPED: Catalogue =
            Catalogue::new(&[Entry::Nested(&Catalogue::UNTYPED), Entry::Nested(&CLOSED)]);
        const _: () = assert!(AROUND.is_open() && UNTYPED.is_open() && !CLOSED.is_open());
        assert!(Catalogue::UNTYPED.is_open() && Catalogue::UNTYPED.is_empty());
        assert!(!Catalogue::new(&[]).is_open() && Catalogue::new(&[]).is_empty());
        let types: Vec<_> = AROUND.iter().map(EventSpec::event_type).collect();
        assert_eq!((types, AROUND.len(), UNTYPED.len()), (vec!["a", "b", "c"], 3, 1));
    }

    #[test]
    fn an_untagged_type_has_one_event_type_many_times() {
        const INNER: Catalogue = Catalogue::untagged(&[event("a"), event("a")]);
        const OUTER: Catalogue = Catalogue::untagged(&[event("a"), Entry::Nested(&INNER)]);
        // The type around it is none of that.
        const AROUND: Catalogue = Catalogue::new(&[Entry::Nested(&OUTER), event("b")]);
        assert_eq!((INNER.len(), OUTER.len(), AROUND.len()), (2, 3, 4));
    }

    #[test]
    #[should_panic(expected = "event type `a` is used twice, once by a nested type")]
    fn untagged_event_outside() {
        static INNER: Catalogue = Catalogue::untagged(&[event("a"), event("a")]);
        static ENTRIES: [Entry; 2] = [Entry::Nested(&INNER), event("a")];
        let _ = Catalogue::new(&ENTRIES);
    }

    #[test]
    #[should_panic(
        expected = "event type `b` is used twice: give one of them another `event = \"...\"`, or make"
    )]
    fn two_side_by_side() {
        static ENTRIES: [Entry; 3] = [event("b"), event("a"), event("b")];
        let _ = Catalogue::new(&ENTRIES);
    }

    #[test]
    fn what_was_compared_is_not_compared_again() {
        static ENTRIES: [Entry; 2] = [event("a"), event("a")];
        assert_eq!(Catalogue::compared(&ENTRIES).len(), 2);
    }

    #[test]
    #[should_panic(expected = "event type `a` is used twice, once by a nested type")]
    fn what_is_nested_is_always_compared() {
        static INNER: Catalogue = Catalogue::new(&[event("a")]);
        static ENTRIES: [Entry; 2] = [event("a"), Entry::Nested(&INNER)];
        let _ = Catalogue::compared(&ENTRIES);
    }

    /// More event types than anybody has, alike but for their end, within what the compiler takes for a long evaluation.
    #[test]
    fn many_events_are_compared_in_time() {
        const fn name(i: usize) -> [u8; 24] {
            let mut name = *b"a.common.prefix.of_00000";
            let (mut rest, mut at) = (i, name.len());
            while rest > 0 {
                at -= 1;
                name[at] += (rest % 10) as u8;
                rest /= 10;
            }
            name
        }
        const NAMES: [[u8; 24]; 300] = {
            let mut names = [[0; 24]; 300];
            let mut i = 0;
            while i < names.len() {
                names[i] = name(i);
                i += 1;
            }
            names
        };
        static ENTRIES: [Entry; 300] = {
            let mut entries = [Entry::Open; 300];
            let mut i = 0;
            while i < entries.len() {
                entries[i] = match std::str::from_utf8(&NAMES[i]) {
                    Ok(name) => event(name),
                    Err(_) => Entry::Open,
                };
                i += 1;
            }
            entries
        };
        const MANY: Catalogue = Catalogue::new(&ENTRIES);
        assert_eq!(MANY.len(), 300);
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
