//! `#[serde(flatten)]`: what no other field of an object has.

use std::borrow::Cow;
use std::cell::Cell;

use serde::de::value::{CowStrDeserializer, MapDeserializer};
use serde::de::{self, DeserializeOwned, DeserializeSeed, EnumAccess, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Error;

use super::json::{Fault, JsonDeserializer, Read, Rest, Slot, seeded};
use crate::decode::{EventRef, FromEventError};

/// A slot for what is left.
#[derive(Debug)]
pub struct Flattened<T, R = fn(&mut Rest<'_>) -> Read<T>> {
    value: Option<T>,
    read: R,
}

pub fn flattened<T: DeserializeOwned>() -> Flattened<T> {
    Flattened { value: None, read }
}

/// One that is read by a function.
pub fn flattened_with<T>(
    read: impl Fn(FlatDeserializer<'_, '_>) -> Result<T, Error>,
) -> Flattened<T, impl Fn(&mut Rest<'_>) -> Read<T>> {
    let read = move |rest: &mut Rest<'_>| {
        read(FlatDeserializer { rest, option: &Cell::new(Optional::Some) })
            .map_err(|error| Fault::new("", error))
    };
    Flattened { value: None, read }
}

fn read<T: DeserializeOwned>(rest: &mut Rest<'_>) -> Read<T> {
    let option = Cell::new(Optional::Some);
    let mut left = rest.clone();
    match T::deserialize(FlatDeserializer { rest: &mut left, option: &option }) {
        Ok(value) => {
            *rest = left;
            Ok(value)
        }
        // As serde: an `Option` of what does not fit is `None`.
        Err(_) if option.get() == Optional::Asked => {
            option.set(Optional::None);
            T::deserialize(FlatDeserializer { rest, option: &option }).map_err(|error| Fault::new("", error))
        }
        Err(error) => Err(explained::<T>(rest, error)),
    }
}

/// Reads once more, to learn the path.
#[cold]
fn explained<T: DeserializeOwned>(rest: &mut Rest<'_>, error: Error) -> Box<Fault> {
    let option = Cell::new(Optional::Some);
    match serde_path_to_error::deserialize::<_, T>(FlatDeserializer { rest, option: &option }) {
        Err(error) => Fault::new(error.path().to_string(), error.into_inner()),
        Ok(_) => Fault::new("", error),
    }
}

impl<T, R> Flattened<T, R> {
    pub fn take(self, event: &EventRef<'_>) -> Result<T, FromEventError> {
        self.value.ok_or_else(|| FromEventError::data(event, "nothing is left to flatten"))
    }

    pub fn take_or(self, default: impl FnOnce() -> T) -> T {
        self.value.unwrap_or_else(default)
    }
}

impl<T, R: Fn(&mut Rest<'_>) -> Read<T>> Slot for Flattened<T, R> {
    fn names(&self) -> &'static [&'static str] {
        &[]
    }

    fn read(&mut self, _: &str) -> Read<usize> {
        Ok(0)
    }

    fn flatten(&mut self, rest: &mut Rest<'_>) -> Read<()> {
        self.value = Some((self.read)(rest)?);
        Ok(())
    }
}

/// What an `Option` that is flattened is told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Optional {
    Some,
    /// It was an option, and was told that there is something.
    Asked,
    None,
}

/// Reads a value from what is left: a struct takes its own members, a map sees all.
#[allow(missing_debug_implementations, reason = "hidden")]
pub struct FlatDeserializer<'a, 'de> {
    rest: &'a mut Rest<'de>,
    option: &'a Cell<Optional>,
}

impl<'de> FlatDeserializer<'_, 'de> {
    fn taken(&mut self, names: &'static [&'static str]) -> Rest<'de> {
        let taken = |member: &mut Option<(Cow<'de, str>, &'de str)>| {
            member.take_if(|(name, _)| names.contains(&name.as_ref()))
        };
        self.rest.iter_mut().filter_map(taken).map(Some).collect()
    }
}

fn visit<'de, V: Visitor<'de>>(rest: &Rest<'de>, visitor: V) -> Result<V::Value, Error> {
    let members = rest.iter().flatten().map(|(name, text)| (name.clone(), Text(text)));
    visitor.visit_map(MapDeserializer::new(members))
}

impl<'de> serde::Deserializer<'de> for FlatDeserializer<'_, 'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visit(self.rest, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        mut self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visit(&self.taken(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let own = |member: &mut Option<(Cow<'de, str>, &'de str)>| {
            member.take_if(|(name, _)| variants.contains(&name.as_ref()))
        };
        let Some((name, text)) = self.rest.iter_mut().find_map(own) else {
            let message = format_args!("no variant of the flattened enum among {variants:?}");
            return Err(de::Error::custom(message));
        };
        visitor.visit_enum(Variant { name, text })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.option.get() == Optional::None {
            return visitor.visit_none();
        }
        self.option.set(Optional::Asked);
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf seq tuple tuple_struct map
        identifier
    }
}

/// The text of a value that is not read yet.
struct Text<'de>(&'de str);

impl<'de> IntoDeserializer<'de, Error> for Text<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! forward {
    ($($method:ident ($($argument:ident: $type:ty),*))+) => {$(
        fn $method<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, Error> {
            (&mut JsonDeserializer::from_str(self.0)).$method($($argument,)* visitor)
        }
    )+};
}

/// As the reader of JSON does it.
impl<'de> serde::Deserializer<'de> for Text<'de> {
    type Error = Error;

    forward! {
        deserialize_any() deserialize_bytes() deserialize_byte_buf() deserialize_option() deserialize_unit()
        deserialize_seq() deserialize_map() deserialize_ignored_any() deserialize_i128() deserialize_u128()
        deserialize_newtype_struct(name: &'static str)
        deserialize_unit_struct(name: &'static str)
        deserialize_struct(name: &'static str, fields: &'static [&'static str])
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string tuple tuple_struct identifier
    }
}

/// One member as a variant: its name, and what it holds.
struct Variant<'de> {
    name: Cow<'de, str>,
    text: &'de str,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Error;
    type Variant = Text<'de>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Text<'de>), Error> {
        let name: CowStrDeserializer<'de, Error> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, Text(self.text)))
    }
}

impl<'de> de::VariantAccess<'de> for Text<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        seeded(std::marker::PhantomData::<()>, self.0)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Error> {
        seeded(seed, self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        serde::Deserializer::deserialize_seq(&mut JsonDeserializer::from_str(self.0), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        serde::Deserializer::deserialize_map(&mut JsonDeserializer::from_str(self.0), visitor)
    }
}
