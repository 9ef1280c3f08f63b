//! JSON data as values, and where it is none.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Error;

use crate::decode::{self, EventRef, FromEventError};

/// What reads the text of one value.
pub type JsonDeserializer<'a> = serde_json::Deserializer<serde_json::de::StrRead<'a>>;

/// The members that nobody has taken yet, each with the text of its value.
pub type Rest<'a> = Vec<Option<(Cow<'a, str>, &'a str)>>;

/// What could not be read, and the path to it.
#[derive(Debug)]
pub struct Fault {
    path: String,
    error: Error,
}

pub type Read<T> = Result<T, Box<Fault>>;

impl Fault {
    pub(super) fn new(path: impl Into<String>, error: Error) -> Box<Self> {
        Box::new(Self { path: path.into(), error })
    }

    fn within(mut self: Box<Self>, name: &str) -> Box<Self> {
        self.path = match self.path.as_str() {
            "" | "." => name.to_owned(),
            path if path.starts_with('[') => format!("{name}{path}"),
            path => format!("{name}.{path}"),
        };
        self
    }

    fn of_event(self, event: &EventRef<'_>) -> FromEventError {
        let path = if self.path == "." { String::new() } else { self.path };
        FromEventError::data(event, self.error).with_field(path)
    }
}

/// The data as one value.
pub(super) fn read<T: DeserializeOwned>(event: &EventRef<'_>) -> Result<T, FromEventError> {
    if let Some(value) = decode::json::read(event.data) {
        return Ok(value);
    }
    serde_json::from_str(event.data).map_err(|error| explained::<T>(event.data, error).of_event(event))
}

/// The data as one value, which is read by a function.
pub(super) fn read_with<T>(
    event: &EventRef<'_>,
    read: impl FnOnce(&mut JsonDeserializer<'_>) -> Result<T, Error>,
) -> Result<T, FromEventError> {
    let mut deserializer = JsonDeserializer::from_str(event.data);
    let value = read(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    value.map_err(|error| Fault::new("", error).of_event(event))
}

/// Reads once more, to learn the path. What goes well pays nothing for it.
#[cold]
fn explained<T: DeserializeOwned>(text: &str, error: Error) -> Box<Fault> {
    match serde_path_to_error::deserialize::<_, T>(&mut JsonDeserializer::from_str(text)) {
        Err(error) => Fault::new(error.path().to_string(), error.into_inner()),
        // It is what stands behind the value.
        Ok(_) => Fault::new("", error),
    }
}

/// Reads the members of an object, each once. One that nobody has asked for is passed by.
///
/// Each byte is read once, as by a derived `Deserialize`; the members are looked for in the order in which they are written.
pub(super) fn read_members(
    event: &EventRef<'_>,
    slots: &mut [&mut dyn Slot],
    unknown: Unknown,
) -> Result<(), FromEventError> {
    fill(event.data, slots, unknown).map_err(|fault| fault.of_event(event))
}

/// What becomes of a member that no slot has asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknown {
    Passed,
    Refused,
    /// A slot takes what is left.
    Kept,
}

fn fill(text: &str, slots: &mut [&mut dyn Slot], unknown: Unknown) -> Read<()> {
    let mut rest = Vec::new();
    let mut object = Object { text, at: 0 };
    object.expect(b'{')?;
    let mut next = 0;
    loop {
        // Most often it is the next one, as it was written.
        let expected =
            slots.get_mut(next).filter(|slot| slot.names().first().is_some_and(|name| object.is_at(name)));
        if let Some(slot) = expected {
            object.at += slot.read(&text[object.at..])?;
            next += 1;
        } else {
            let Some(key) = object.key()? else { break };
            let value = &text[object.at..];
            if let Some(found) = slots.iter().position(|slot| slot.names().contains(&&*key)) {
                object.at += slots[found].read(value)?;
                next = found + 1;
            } else {
                let len = skip(value).map_err(|error| Fault::new(&*key, error))?;
                object.at += len;
                match unknown {
                    Unknown::Passed => {}
                    Unknown::Refused => return Err(unknown_field(&key)),
                    Unknown::Kept => rest.push(Some((key, &value[..len]))),
                }
            }
        }
        object.separator()?;
    }
    if unknown == Unknown::Kept {
        for slot in slots {
            slot.flatten(&mut rest)?;
        }
    }
    Ok(())
}

#[cold]
fn unknown_field(key: &str) -> Box<Fault> {
    Fault::new(key, serde::de::Error::custom(format_args!("unknown field `{key}`")))
}

/// How many bytes a value has that nobody wants.
fn skip(text: &str) -> Result<usize, Error> {
    read_value(text, |deserializer| serde::Deserialize::deserialize(deserializer))
        .map(|(IgnoredAny, len)| len)
}

/// Reads one value at the beginning of `text`, and says how many bytes it has.
fn read_value<'a, T>(
    text: &'a str,
    read: impl FnOnce(&mut JsonDeserializer<'a>) -> Result<T, Error>,
) -> Result<(T, usize), Error> {
    let mut deserializer = JsonDeserializer::from_str(text);
    let value = read(&mut deserializer)?;
    Ok((value, deserializer.into_iter::<IgnoredAny>().byte_offset()))
}

/// A place in the text of an object.
struct Object<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Object<'a> {
    /// Whether the next key is this one, as it is most often written; then its value is next.
    #[inline]
    fn is_at(&mut self, name: &str) -> bool {
        let text = &self.text.as_bytes()[self.at..];
        let [b'"', text @ ..] = text else { return false };
        let Some([b'"', b':', ..]) = text.strip_prefix(name.as_bytes()) else { return false };
        // A name that JSON writes in another way is looked for in the other way.
        if name.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
            return false;
        }
        self.at += name.len() + 3;
        true
    }

    fn key(&mut self) -> Read<Option<Cow<'a, str>>> {
        match self.peek() {
            Some(b'}') => {
                self.at += 1;
                return if self.peek().is_none() { Ok(None) } else { Err(self.fault()) };
            }
            Some(b'"') => {}
            _ => return Err(self.fault()),
        }
        let text = &self.text[self.at + 1..];
        let end = text.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        let key = match end {
            Some(end) if text.as_bytes()[end] == b'"' => {
                self.at += end + 2;
                Cow::Borrowed(&text[..end])
            }
            _ => {
                let read =
                    |deserializer: &mut JsonDeserializer<'a>| serde::Deserialize::deserialize(deserializer);
                let (key, len): (String, _) =
                    read_value(&self.text[self.at..], read).map_err(|_| self.fault())?;
                self.at += len;
                Cow::Owned(key)
            }
        };
        self.expect(b':')?;
        Ok(Some(key))
    }

    /// What stands behind a member: a comma and another one, or the end.
    fn separator(&mut self) -> Read<()> {
        match self.peek() {
            Some(b'}') => Ok(()),
            Some(b',') => {
                self.at += 1;
                if self.peek() == Some(b'"') { Ok(()) } else { Err(self.fault()) }
            }
            _ => Err(self.fault()),
        }
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.peek() != Some(byte) {
            return Err(self.fault());
        }
        self.at += 1;
        Ok(())
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// What serde's own reader says of it.
    #[cold]
    fn fault(&self) -> Box<Fault> {
        let error = serde_json::from_str::<Whole>(self.text).err();
        Fault::new("", error.unwrap_or_else(|| serde::de::Error::custom("expected an object")))
    }
}

/// Any object.
struct Whole;

impl<'de> serde::Deserialize<'de> for Whole {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self)
    }
}

impl<'de> Visitor<'de> for Whole {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self)
    }
}

/// Where the value of a member goes.
pub trait Slot {
    /// What the member is called, its own name first. None takes what no other slot has.
    fn names(&self) -> &'static [&'static str];
    /// Reads the value at the beginning of a text, once. Returns how many bytes it has.
    fn read(&mut self, text: &str) -> Result<usize, Box<Fault>>;
    fn flatten(&mut self, rest: &mut Rest<'_>) -> Result<(), Box<Fault>>;
}

/// A slot for a value of its own member. It needs no bound: who makes one has shown that.
#[derive(Debug)]
pub struct Member<T, R = fn(&str) -> Read<(T, usize)>> {
    names: &'static [&'static str],
    value: Option<T>,
    read: R,
    missing: fn(&'static str) -> Read<T>,
}

pub fn member<T: DeserializeOwned>(names: &'static [&'static str]) -> Member<T> {
    let read = |text: &str| {
        if let Some(read) = decode::json::read_first(text) {
            return Ok(read);
        }
        let value = read_value(text, |deserializer| T::deserialize(deserializer));
        value.map_err(|error| explained::<T>(text, error))
    };
    let missing = |name| T::deserialize(Missing(name)).map_err(|error| Fault::new(name, error));
    Member { names, value: None, read, missing }
}

/// One that is read by a function.
pub fn member_with<T>(
    names: &'static [&'static str],
    read: impl Fn(&mut JsonDeserializer<'_>) -> Result<T, Error>,
) -> Member<T, impl Fn(&str) -> Read<(T, usize)>> {
    let read = move |text: &str| read_value(text, &read).map_err(|error| Fault::new("", error));
    let missing = |name| Err(Fault::new(name, serde::de::Error::missing_field(name)));
    Member { names, value: None, read, missing }
}

impl<T, R> Member<T, R> {
    /// The value. Where it is missing, what serde makes of that: `None` for an `Option`, else an error.
    pub fn take(self, event: &EventRef<'_>) -> Result<T, FromEventError> {
        self.value
            .map_or_else(|| (self.missing)(name_of(self.names)).map_err(|fault| fault.of_event(event)), Ok)
    }

    /// The value. Where it is missing, a default.
    pub fn take_or(self, default: impl FnOnce() -> T) -> T {
        self.value.unwrap_or_else(default)
    }
}

impl<T, R: Fn(&str) -> Read<(T, usize)>> Slot for Member<T, R> {
    fn names(&self) -> &'static [&'static str] {
        self.names
    }

    fn read(&mut self, text: &str) -> Read<usize> {
        if self.value.is_some() {
            return Err(duplicate(self.names));
        }
        let (value, len) = (self.read)(text).map_err(|fault| fault.within(name_of(self.names)))?;
        self.value = Some(value);
        Ok(len)
    }

    fn flatten(&mut self, _: &mut Rest<'_>) -> Read<()> {
        Ok(())
    }
}

fn name_of(names: &'static [&'static str]) -> &'static str {
    names.first().copied().unwrap_or_default()
}

#[cold]
fn duplicate(names: &'static [&'static str]) -> Box<Fault> {
    Fault::new(name_of(names), serde::de::Error::duplicate_field(name_of(names)))
}

/// What serde reads for a member that is not there.
struct Missing(&'static str);

impl<'de> serde::Deserializer<'de> for Missing {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::missing_field(self.0))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_none()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// Reads a value of a text with a seed.
pub(super) fn seeded<'de, S: DeserializeSeed<'de>>(seed: S, text: &'de str) -> Result<S::Value, Error> {
    seed.deserialize(&mut JsonDeserializer::from_str(text))
}
