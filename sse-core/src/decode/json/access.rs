//! What stands in arrays and objects.

use serde::de::{DeserializeSeed, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::{NotTaken, Reader, Taken};

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

/// The key of a member, which is a string.
struct Key<'a, 'de>(&'a mut Reader<'de>);

impl Key<'_, '_> {
    fn give_up<T>(self) -> Taken<T> {
        self.0.give_up()
    }
}

impl<'de> Deserializer<'de> for Key<'_, 'de> {
    type Error = NotTaken;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Taken<V::Value> {
        self.0.visit_string(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Taken<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! { str string identifier ignored_any }

    // Numbers and others stand in quotation marks here.
    not_taken! {
        deserialize_bool deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_bytes deserialize_byte_buf deserialize_option deserialize_unit deserialize_seq
        deserialize_map
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, _: V) -> Taken<V::Value> {
        self.give_up()
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, _: V) -> Taken<V::Value> {
        self.give_up()
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, _: usize, _: V) -> Taken<V::Value> {
        self.give_up()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Taken<V::Value> {
        self.give_up()
    }

    /// A name, as of a unit variant.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Taken<V::Value> {
        visitor.visit_enum(Variant { reader: self.0, has_content: false })
    }
}
