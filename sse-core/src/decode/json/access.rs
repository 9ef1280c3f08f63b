//! What stands in arrays and objects.

use serde::Deserializer as _;
use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{Key, NotTaken, Reader, Taken};

/// The values of an array.
pub(super) struct Values<'a, 'de> {
    pub(super) reader: &'a mut Reader<'de>,
    pub(super) is_first: bool,
}

/// The members of an object.
pub(super) struct Members<'a, 'de> {
    pub(super) reader: &'a mut Reader<'de>,
    pub(super) is_first: bool,
}

/// A variant of an enum: its name, or an object with the name and its content.
pub(super) struct Variant<'a, 'de> {
    pub(super) reader: &'a mut Reader<'de>,
    pub(super) has_content: bool,
}

impl<'de> Reader<'de> {
    /// The key of the next member is here.
    #[inline]
    pub(super) fn key(&mut self) -> Taken<()> {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            _ => self.give_up(),
        }
    }
}

impl<'de> SeqAccess<'de> for Values<'_, 'de> {
    type Error = NotTaken;

    #[inline]
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Taken<Option<T::Value>> {
        if !self.reader.has_next(b']', &mut self.is_first)? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'de> MapAccess<'de> for Members<'_, 'de> {
    type Error = NotTaken;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Taken<Option<K::Value>> {
        if !self.reader.has_next(b'}', &mut self.is_first)? {
            return Ok(None);
        }
        if self.reader.peek() != Some(b'"') {
            return self.reader.give_up();
        }
        seed.deserialize(Key(self.reader)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Taken<V::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = NotTaken;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Taken<(V::Value, Self)> {
        if self.reader.peek() != Some(b'"') {
            return self.reader.give_up();
        }
        let variant = seed.deserialize(&mut *self.reader)?;
        if self.has_content {
            self.reader.expect(b':')?;
        }
        Ok((variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = NotTaken;

    fn unit_variant(self) -> Taken<()> {
        if self.has_content { serde::Deserialize::deserialize(self.reader) } else { Ok(()) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Taken<T::Value> {
        if self.has_content { seed.deserialize(self.reader) } else { self.reader.give_up() }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Taken<V::Value> {
        if self.has_content { self.reader.deserialize_seq(visitor) } else { self.reader.give_up() }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Taken<V::Value> {
        if self.has_content { self.reader.deserialize_map(visitor) } else { self.reader.give_up() }
    }
}
