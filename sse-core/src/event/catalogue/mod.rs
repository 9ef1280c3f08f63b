//! The static list of a type's events.

mod apart;
mod spec;
#[cfg(test)]
mod tests;

use std::fmt;

use apart::assert_all_apart;
pub use spec::{DataFormat, EventSpec};

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
            Entry::Event(spec) => spec.event_type(),
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
