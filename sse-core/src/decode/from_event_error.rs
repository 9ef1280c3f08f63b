//! Why an event is none of a type.

use std::error::Error;
use std::fmt;

use super::EventRef;

type Source = Box<dyn Error + Send + Sync>;

/// Why a dispatched event could not be read as a value of a type: which event, which field, and what is wrong with it.
///
/// ```
/// use typed_sse_core::{Event, EventRef, FromEventError, FromEventErrorKind, FromSseEvent};
///
/// struct Count(u32);
///
/// impl FromSseEvent for Count {
///     fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
///         match event.event_type {
///             "count" => event.data.parse().map(Self).map_err(|error| FromEventError::data(event, error)),
///             other => Err(FromEventError::unknown_event_type(other)),
///         }
///     }
/// }
///
/// let error = Count::from_event(&EventRef::from(&Event::new("1"))).err().expect("another event type");
/// assert_eq!((error.kind(), error.event_type()), (FromEventErrorKind::UnknownEventType, "message"));
/// ```
pub struct FromEventError {
    // Boxed, so that the result of a reading that goes well stays small.
    inner: Box<Inner>,
}

struct Inner {
    kind: FromEventErrorKind,
    event_type: String,
    /// Empty where it is not known.
    variant: &'static str,
    /// The path to it, empty for the event as a whole.
    field: String,
    /// Without a full stop, and without the place in the data.
    reason: String,
    /// The beginning of what could not be read, and how many bytes more there are.
    shown: Option<(String, usize)>,
    source: Option<Source>,
}

/// What of an event could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FromEventErrorKind {
    /// The type has no event of this event type. A newer server may have.
    UnknownEventType,
    /// The data is not that of the event.
    Data,
    /// The event ID is missing, or no value of the field that comes from it.
    Id,
    /// The reconnection time is missing.
    Retry,
}

impl FromEventError {
    /// No event of the type is called so.
    #[must_use]
    pub fn unknown_event_type(event_type: impl Into<String>) -> Self {
        Self::new(FromEventErrorKind::UnknownEventType, event_type.into(), String::new(), None)
    }

    /// The data is not that of the event, for this reason.
    #[must_use]
    pub fn data(event: &EventRef<'_>, source: impl Into<Source>) -> Self {
        Self::of(FromEventErrorKind::Data, event, source.into()).showing(event.data)
    }

    /// The event ID is no value of the field that comes from it, for this reason.
    #[must_use]
    pub fn id(event: &EventRef<'_>, source: impl Into<Source>) -> Self {
        let error = Self::of(FromEventErrorKind::Id, event, source.into());
        match event.own_id() {
            Some(id) => error.showing(id),
            None => error,
        }
    }

    /// The reconnection time is not what it should be, for this reason.
    #[must_use]
    pub fn retry(event: &EventRef<'_>, source: impl Into<Source>) -> Self {
        Self::of(FromEventErrorKind::Retry, event, source.into())
    }

    /// Says which field it is, by the path to it: `order.items[2].price`.
    #[must_use]
    pub fn with_field(mut self, path: impl Into<String>) -> Self {
        self.inner.field = path.into();
        self
    }

    /// Says which variant the event was read as.
    pub(crate) fn with_variant(mut self, variant: &'static str) -> Self {
        if self.inner.variant.is_empty() {
            self.inner.variant = variant;
        }
        self
    }

    /// None of these variants, all of the event's type, fits; each with its reason.
    pub(crate) fn none_of(event: &EventRef<'_>, tried: &[Self]) -> Self {
        let tried: Vec<_> = tried.iter().map(Self::briefly).collect();
        let reason = format!("no variant fits: {}", tried.join("; "));
        Self::new(FromEventErrorKind::Data, event.event_type.to_owned(), reason, None).showing(event.data)
    }

    fn of(kind: FromEventErrorKind, event: &EventRef<'_>, source: Source) -> Self {
        let reason = shortened(without_place(source.to_string()));
        Self::new(kind, event.event_type.to_owned(), reason, Some(source))
    }

    fn new(kind: FromEventErrorKind, event_type: String, reason: String, source: Option<Source>) -> Self {
        let inner =
            Inner { kind, event_type, variant: "", field: String::new(), reason, shown: None, source };
        Self { inner: Box::new(inner) }
    }

    fn showing(mut self, text: &str) -> Self {
        const MOST: usize = 80;
        let end = text.char_indices().nth(MOST).map_or(text.len(), |(end, _)| end);
        self.inner.shown = Some((text[..end].to_owned(), text.len() - end));
        self
    }

    /// One of several, without what they have in common.
    fn briefly(&self) -> String {
        let Inner { variant, field, reason, .. } = &*self.inner;
        match field.as_str() {
            "" => format!("`{variant}`: {reason}"),
            field => format!("`{variant}`: field `{field}`: {reason}"),
        }
    }

    /// What could not be read.
    #[must_use]
    pub fn kind(&self) -> FromEventErrorKind {
        self.inner.kind
    }

    /// The event type of the event.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.inner.event_type
    }

    /// The path to the field that could not be read, in serde's words: `order.items[2].price`. `None` where it is the event
    /// as a whole.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        Some(self.inner.field.as_str()).filter(|field| !field.is_empty())
    }
}

/// Less ` at line 1 column 5`: where the data is one field of many, the path to it says more.
fn without_place(mut reason: String) -> String {
    let place = reason.rfind(" at line ").filter(|place| {
        let words: Vec<_> = reason[*place..].split_whitespace().collect();
        matches!(words[..], ["at", "line", line, "column", column]
            if [line, column].iter().all(|number| number.bytes().all(|byte| byte.is_ascii_digit())))
    });
    if let Some(place) = place {
        reason.truncate(place);
    }
    reason
}

/// Serde shows a text that it did not expect in full: the beginning and the end say what is wrong.
fn shortened(reason: String) -> String {
    const MOST: usize = 200;
    let len = reason.chars().count();
    if len <= MOST {
        return reason;
    }
    let beginning: String = reason.chars().take(MOST / 2).collect();
    let end: String = reason.chars().skip(len - MOST / 2).collect();
    format!("{beginning} ... {end}")
}

impl fmt::Display for FromEventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, event_type, variant, field, reason, shown, .. } = &*self.inner;
        if *kind == FromEventErrorKind::UnknownEventType {
            return write!(
                f,
                "event type `{event_type}` is not known: add a variant for it, or one marked `#[sse(other)]` for all that are new"
            );
        }
        write!(f, "event `{event_type}` cannot be read")?;
        if !variant.is_empty() {
            write!(f, " as `{variant}`")?;
        }
        let part = match kind {
            FromEventErrorKind::Id => "its event ID",
            FromEventErrorKind::Retry => "its reconnection time",
            FromEventErrorKind::Data | FromEventErrorKind::UnknownEventType => "its data",
        };
        match field.as_str() {
            "" => write!(f, ": {part}")?,
            field => write!(f, ": field `{field}`, from {part}")?,
        }
        write!(f, ": {reason}")?;
        match shown {
            None => Ok(()),
            Some((text, 0)) => write!(f, ", in {text:?}"),
            Some((text, more)) => write!(f, ", in {text:?} and {more} bytes more"),
        }
    }
}

impl fmt::Debug for FromEventError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FromEventError")
            .field("kind", &self.inner.kind)
            .field("message", &self.to_string())
            .finish_non_exhaustive()
    }
}

impl Error for FromEventError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;

    #[test]
    fn what_is_wrong_and_where() {
        let event = Event::new("x".repeat(100));
        let event = EventRef::from(&event);
        let error = FromEventError::data(&event, "no good at line 1 column 12").with_field("a[1].b");
        assert_eq!(
            error.with_variant("Price").to_string(),
            format!(
                "event `message` cannot be read as `Price`: field `a[1].b`, from its data: no good, in \"{}\" and 20 bytes more",
                "x".repeat(80)
            )
        );
        let long = format!("invalid type: string {:?}, expected u8", "é".repeat(5000));
        let short = FromEventError::data(&event, long).to_string();
        assert!(
            short.chars().count() < 500 && short.contains("string \"é") && short.contains("é\", expected u8"),
            "{short}"
        );
        let error = FromEventError::id(&event, "there is none").with_field("seq");
        assert_eq!(
            error.to_string(),
            "event `message` cannot be read: field `seq`, from its event ID: there is none"
        );
        assert_eq!(without_place("at line x column 5 at line".to_owned()), "at line x column 5 at line");
    }
}
