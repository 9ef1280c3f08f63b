//! The value of the field `event`.

use std::borrow::Cow;
use std::fmt;

use super::error::{EncodeError, EncodeErrorKind};

/// An event type that is legal on the wire: not empty, without CR or LF.
///
/// A client dispatches the event under this name; `message`, the default, writes no `event` field.
/// See [the standard, "dispatch the event"](https://html.spec.whatwg.org/multipage/server-sent-events.html#dispatchMessage).
///
/// ```
/// use typed_sse_core::EventType;
///
/// const HALTED: EventType = EventType::from_static("halted");
/// assert_eq!(EventType::new("halted")?, HALTED);
/// assert!(EventType::new("halted\r").is_err());
/// # Ok::<(), typed_sse_core::EncodeError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EventType(Cow<'static, str>);

impl EventType {
    /// The type of an event that names none: `message`.
    pub const MESSAGE: Self = Self(Cow::Borrowed("message"));

    /// Checks a name that is known only at run time.
    ///
    /// # Errors
    ///
    /// [`EncodeErrorKind::Empty`] for an empty name and [`EncodeErrorKind::LineBreak`] for one with CR or LF.
    pub fn new(name: impl Into<Cow<'static, str>>) -> Result<Self, EncodeError> {
        let name = name.into();
        match Fault::of(&name) {
            None => Ok(Self(name)),
            Some(fault) => Err(EncodeError::new("event", fault.kind())),
        }
    }

    /// Takes a literal, a constant or a `concat!(..)`; in a `const`, an illegal one is a compile error.
    ///
    /// ```
    /// use typed_sse_core::EventType;
    ///
    /// const STDOUT: &str = "stdout";
    /// const LINE: EventType = EventType::from_static(STDOUT);
    /// const CLOSED: EventType = EventType::from_static(concat!("log", ".", "closed"));
    /// assert_eq!((LINE.as_str(), CLOSED.as_str()), ("stdout", "log.closed"));
    /// ```
    ///
    /// ```compile_fail,E0080
    /// # use typed_sse_core::EventType;
    /// const NAMES: &str = "stdout\nstderr";
    /// const LINE: EventType = EventType::from_static(NAMES);
    /// ```
    ///
    /// # Panics
    ///
    /// If the name is empty or has a line break.
    #[must_use]
    #[track_caller]
    pub const fn from_static(name: &'static str) -> Self {
        match Fault::of(name) {
            None => Self(Cow::Borrowed(name)),
            Some(Fault::Empty) => panic!("an empty event type is dispatched as `message`: write `message`"),
            Some(Fault::LineBreak) => {
                panic!("an event type cannot contain a line break: it would end the field")
            }
        }
    }

    /// Whether this can be the name of one.
    pub(crate) const fn is_legal(name: &str) -> bool {
        Fault::of(name).is_none()
    }

    /// The name, without a line break.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

enum Fault {
    Empty,
    LineBreak,
}

impl Fault {
    const fn of(name: &str) -> Option<Self> {
        let bytes = name.as_bytes();
        if bytes.is_empty() {
            return Some(Self::Empty);
        }
        let mut i = 0;
        while i < bytes.len() {
            if matches!(bytes[i], b'\r' | b'\n') {
                return Some(Self::LineBreak);
            }
            i += 1;
        }
        None
    }

    const fn kind(&self) -> EncodeErrorKind {
        match self {
            Self::Empty => EncodeErrorKind::Empty,
            Self::LineBreak => EncodeErrorKind::LineBreak,
        }
    }
}

impl Default for EventType {
    /// [`EventType::MESSAGE`].
    fn default() -> Self {
        Self::MESSAGE
    }
}

impl AsRef<str> for EventType {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl TryFrom<String> for EventType {
    type Error = EncodeError;

    fn try_from(name: String) -> Result<Self, EncodeError> {
        Self::new(name)
    }
}

impl TryFrom<&'static str> for EventType {
    type Error = EncodeError;

    fn try_from(name: &'static str) -> Result<Self, EncodeError> {
        Self::new(name)
    }
}

/// As its name.
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
impl serde::Serialize for EventType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Of a name that [`new`](EventType::new) takes.
#[cfg(feature = "json")]
#[cfg_attr(docsrs, doc(cfg(feature = "json")))]
impl<'de> serde::Deserialize<'de> for EventType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = <String as serde::Deserialize>::deserialize(deserializer)?;
        Self::new(name).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_would_inject_or_vanish() {
        for (name, kind) in [
            ("", EncodeErrorKind::Empty),
            ("a\nb", EncodeErrorKind::LineBreak),
            ("a\r", EncodeErrorKind::LineBreak),
            ("\n", EncodeErrorKind::LineBreak),
        ] {
            let error = EventType::new(name).unwrap_err();
            assert_eq!((error.field(), error.kind()), ("event", kind), "{name:?}");
        }
    }

    #[test]
    fn takes_any_other_text() {
        for name in ["message", "a b", " ", "prix_changé", "\0", "\u{feff}", "a:b"] {
            assert_eq!(EventType::new(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn constants_are_names() {
        const OUT: &str = "stdout";
        const CONSTANT: &str = crate::__private::name(OUT);
        static CONCATENATED: EventType = EventType::from_static(concat!("log", '.', "stdout"));
        assert_eq!((CONSTANT, CONCATENATED.as_str()), ("stdout", "log.stdout"));
    }

    /// The words of the derive for `event = ""`.
    #[test]
    #[should_panic(
        expected = "an empty event type is dispatched as `message`\nhelp: write `event = \"message\"`, or remove it"
    )]
    fn constant_is_refused_as_a_literal_is() {
        let _ = crate::__private::name("");
    }

    #[test]
    #[should_panic(expected = "an event type cannot contain a line break: it would end the field")]
    fn constant_with_a_line_break_is_refused_as_a_literal_is() {
        let _ = crate::__private::name("a\r");
    }

    #[cfg(feature = "json")]
    #[test]
    fn as_json() {
        let name = EventType::from_static("a\"b");
        let json = serde_json::to_string(&name).unwrap();
        assert_eq!(json, "\"a\\\"b\"");
        assert_eq!(serde_json::from_str::<EventType>(&json).unwrap(), name);
        let error = serde_json::from_str::<EventType>("\"a\\n\"").unwrap_err();
        assert!(error.to_string().contains("line break"), "{error}");
    }

    #[test]
    #[should_panic(expected = "line break")]
    fn literal_is_checked() {
        let _ = EventType::from_static("a\nb");
    }
}
