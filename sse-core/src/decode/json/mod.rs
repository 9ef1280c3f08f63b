//! Reads JSON that is as most JSON is, faster than `serde_json`; and gives up on all else.
//!
//! It knows nothing of errors. Whatever it does not take, `serde_json` reads from the beginning, and says what is wrong with it.
//! So it may be stricter than `serde_json`, and never more lenient: what it takes, it reads as the same value.
//!
//! It is faster because its text is UTF-8 and all there, its error is nothing, and it counts no lines.

/// Methods for what is rare.
macro_rules! not_taken {
    ($($method:ident)+) => {$(
        fn $method<V: Visitor<'de>>(self, _: V) -> Taken<V::Value> {
            self.give_up()
        }
    )+};
}

mod access;
mod number;
mod string;

use serde::Deserializer;
use serde::de::{DeserializeOwned, Visitor};

use access::{Members, Values, Variant};

/// The text as one value.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader).ok()?;
    (reader.is_sure && reader.peek().is_none()).then_some(value)
}

/// The value at the beginning of the text, and how many bytes it has.
pub(crate) fn read_first<T: DeserializeOwned>(text: &str) -> Option<(T, usize)> {
    let mut reader = Reader::new(text);
    let value = T::deserialize(&mut reader).ok()?;
    reader.is_sure.then_some((value, reader.at))
}

/// A place in a text.
struct Reader<'de> {
    text: &'de str,
    at: usize,
    /// How many arrays and objects more may be opened: as many as `serde_json` opens.
    depth: u8,
    /// Nothing was met that is not taken. A type may make something else of an error, so that it does not come out.
    is_sure: bool,
    /// A string that is not in the text as it is.
    unescaped: String,
}

/// It is for `serde_json` to read.
#[derive(Debug)]
struct NotTaken;

type Taken<T> = Result<T, NotTaken>;

impl std::fmt::Display for NotTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not taken")
    }
}

impl std::error::Error for NotTaken {}

impl serde::de::Error for NotTaken {
    /// The message is for nobody, so it is not made.
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

impl<'de> Reader<'de> {
    fn new(text: &'de str) -> Self {
        Self { text, at: 0, depth: 127, is_sure: true, unescaped: String::new() }
    }

    #[inline]
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    #[inline]
    fn peek(&mut self) -> Option<u8> {
        // Most often there is none.
        match self.byte() {
            Some(b' ' | b'\n' | b'\t' | b'\r') => self.peek_behind_space(),
            other => other,
        }
    }

    fn peek_behind_space(&mut self) -> Option<u8> {
        let text = &self.text.as_bytes()[self.at..];
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        self.at += text.iter().take_while(|byte| is_space(byte)).count();
        self.byte()
    }

    /// Goes past this byte.
    #[inline]
    fn expect(&mut self, byte: u8) -> Taken<()> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        self.give_up()
    }

    /// Goes past a `true`, `false` or `null`.
    #[inline]
    fn word(&mut self, word: &str) -> Taken<()> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(());
        }
        self.give_up()
    }

    #[cold]
    fn give_up<T>(&mut self) -> Taken<T> {
        self.is_sure = false;
        Err(NotTaken)
    }

    /// What a type says of a value. One that it does not like has a message, which is not ours to make.
    #[inline]
    fn visited<T>(&mut self, result: Taken<T>) -> Taken<T> {
        if result.is_err() {
            self.is_sure = false;
        }
        result
    }

    /// Goes in, reads, and comes out again.
    #[inline]
    fn within<T>(&mut self, close: u8, read: impl FnOnce(&mut Self) -> Taken<T>) -> Taken<T> {
        if self.depth == 0 {
            return self.give_up();
        }
        self.depth -= 1;
        self.at += 1;
        let result = read(self);
        let value = self.visited(result)?;
        self.depth += 1;
        self.expect(close)?;
        Ok(value)
    }

    /// Goes past any value.
    fn skip(&mut self) -> Taken<()> {
        match self.peek() {
            Some(b'"') => self.skip_string(),
            Some(b'{') => self.within(b'}', |reader| {
                let mut is_first = true;
                while reader.has_next(b'}', &mut is_first)? {
                    reader.key()?;
                    reader.expect(b':')?;
                    reader.skip()?;
                }
                Ok(())
            }),
            Some(b'[') => self.within(b']', |reader| {
                let mut is_first = true;
                while reader.has_next(b']', &mut is_first)? {
                    reader.skip()?;
                }
                Ok(())
            }),
            Some(b't') => self.word("true"),
            Some(b'f') => self.word("false"),
            Some(b'n') => self.word("null"),
            _ => self.number().map(drop),
        }
    }

    /// Goes to the next element, if there is one, past the comma before it.
    #[inline]
    fn has_next(&mut self, close: u8, is_first: &mut bool) -> Taken<bool> {
        match self.peek() {
            Some(byte) if byte == close => Ok(false),
            Some(b',') if !*is_first => {
                self.at += 1;
                Ok(true)
            }
            Some(_) if std::mem::take(is_first) => Ok(true),
            _ => self.give_up(),
        }
    }
}

/// Methods for a value of one kind: what else it is, is not taken.
macro_rules! one_kind {
    ($($method:ident: $first:pat => $read:ident,)+) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Taken<V::Value> {
            match self.peek() {
                Some($first) => self.$read(visitor),
                _ => self.give_up(),
            }
        }
    )+};
}

/// Methods for a number, which says what it is.
macro_rules! numbers {
    ($($method:ident => $read:ident,)+) => {$(
        #[inline]
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Taken<V::Value> {
            self.peek();
            self.$read(visitor)
        }
    )+};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = NotTaken;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Taken<V::Value> {
        match self.peek() {
            Some(b'"') => self.visit_string(visitor),
            Some(b'{') => self.visit_object(visitor),
            Some(b'[') => self.visit_array(visitor),
            Some(b't' | b'f') => self.visit_bool(visitor),
            Some(b'n') => self.visit_null(visitor),
            _ => self.visit_any_number(visitor),
        }
    }

    one_kind! {
        deserialize_str: b'"' => visit_string,
        deserialize_string: b'"' => visit_string,
        deserialize_char: b'"' => visit_string,
        deserialize_identifier: b'"' => visit_string,
        deserialize_map: b'{' => visit_object,
        deserialize_seq: b'[' => visit_array,
        deserialize_bool: b't' | b'f' => visit_bool,
        deserialize_unit: b'n' => visit_null,
    }

    numbers! {
        deserialize_u8 => visit_number,
        deserialize_u16 => visit_number,
        deserialize_u32 => visit_number,
        deserialize_u64 => visit_number,
        deserialize_i8 => visit_number,
        deserialize_i16 => visit_number,
        deserialize_i32 => visit_number,
        deserialize_i64 => visit_number,
        deserialize_f64 => visit_number,
        deserialize_f32 => visit_single,
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Taken<V::Value> {
        let result = match self.peek() {
            Some(b'n') => {
                self.word("null")?;
                visitor.visit_none()
            }
            _ => visitor.visit_some(&mut *self),
        };
        self.visited(result)
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Taken<V::Value> {
        self.deserialize_unit(visitor)
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Taken<V::Value> {
        // What `serde_json` says to itself, as for a `RawValue`.
        if name.starts_with('$') {
            return self.give_up();
        }
        let result = visitor.visit_newtype_struct(&mut *self);
        self.visited(result)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Taken<V::Value> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Taken<V::Value> {
        self.deserialize_seq(visitor)
    }

    #[inline]
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Taken<V::Value> {
        match self.peek() {
            Some(b'{') if !name.starts_with('$') => self.visit_object(visitor),
            _ => self.give_up(),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Taken<V::Value> {
        match self.peek() {
            Some(b'"') => {
                let result = visitor.visit_enum(Variant { reader: &mut *self, has_content: false });
                self.visited(result)
            }
            Some(b'{') => {
                self.within(b'}', |reader| visitor.visit_enum(Variant { reader, has_content: true }))
            }
            _ => self.give_up(),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Taken<V::Value> {
        self.skip()?;
        visitor.visit_unit()
    }

    // Numbers of 128 bits, and strings of which the bytes are wanted.
    not_taken! { deserialize_i128 deserialize_u128 deserialize_bytes deserialize_byte_buf }
}

impl<'de> Reader<'de> {
    #[inline]
    fn visit_object<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        self.within(b'}', |reader| visitor.visit_map(Members { reader, is_first: true }))
    }

    #[inline]
    fn visit_array<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        self.within(b']', |reader| visitor.visit_seq(Values { reader, is_first: true }))
    }

    #[inline]
    fn visit_bool<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        let value = self.byte() == Some(b't');
        self.word(if value { "true" } else { "false" })?;
        let result = visitor.visit_bool(value);
        self.visited(result)
    }

    #[inline]
    fn visit_null<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        self.word("null")?;
        let result = visitor.visit_unit();
        self.visited(result)
    }
}

#[cfg(test)]
mod tests;
