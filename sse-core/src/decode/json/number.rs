//! Numbers, by [RFC 8259, section 6](https://www.rfc-editor.org/rfc/rfc8259#section-6).

use std::sync::LazyLock;

use serde::de::Visitor;

use super::{Reader, Taken};

/// A number, and what it is read as.
pub(super) enum Number<'de> {
    Unsigned(u64),
    Negative(i64),
    /// Its text: the nearest value depends on the type.
    Float(&'de str),
}

impl<'de> Reader<'de> {
    /// Reads a number. One that is longer than any integer is not taken, nor is `-0`, which is a float that has no point.
    #[inline]
    pub(super) fn number(&mut self) -> Taken<Number<'de>> {
        /// So many digits are always a `u64`.
        const MOST_DIGITS: usize = 19;

        let start = self.at;
        let is_negative = self.byte() == Some(b'-');
        let text = &self.text.as_bytes()[start + usize::from(is_negative)..];
        let (mut value, mut digits) = (0_u64, 0);
        while let Some(digit @ b'0'..=b'9') = text.get(digits) {
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit - b'0'));
            digits += 1;
        }
        let has_leading_zero = digits > 1 && text[0] == b'0';
        if digits == 0 || digits > MOST_DIGITS || has_leading_zero {
            return self.give_up();
        }
        self.at = start + usize::from(is_negative) + digits;
        if let Some(b'.' | b'e' | b'E') = self.byte() {
            self.fraction_and_exponent()?;
            return Ok(Number::Float(&self.text[start..self.at]));
        }
        if !is_negative {
            return Ok(Number::Unsigned(value));
        }
        match i64::try_from(value) {
            Ok(value @ 1..) => Ok(Number::Negative(-value)),
            _ => self.give_up(),
        }
    }

    fn fraction_and_exponent(&mut self) -> Taken<()> {
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.byte() {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// At least one.
    #[inline]
    fn digits(&mut self) -> Taken<()> {
        let text = &self.text.as_bytes()[self.at..];
        let len = text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        self.at += len;
        if len == 0 { self.give_up() } else { Ok(()) }
    }

    #[inline]
    pub(super) fn visit_number<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        let number = self.number()?;
        let result = match number {
            Number::Unsigned(value) => visitor.visit_u64(value),
            Number::Negative(value) => visitor.visit_i64(value),
            Number::Float(text) => match text.parse::<f64>() {
                Ok(value) if value.is_finite() => visitor.visit_f64(value),
                _ => return self.give_up(),
            },
        };
        self.visited(result)
    }

    /// One that becomes an `f32`: the nearest one to the text, not to the nearest `f64`.
    pub(super) fn visit_single<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        let start = self.at;
        let Number::Float(text) = self.number()? else {
            self.at = start;
            return self.visit_number(visitor);
        };
        match text.parse::<f32>() {
            Ok(value) if value.is_finite() => {
                let result = visitor.visit_f64(value.into());
                self.visited(result)
            }
            _ => self.give_up(),
        }
    }

    /// One of which the type does not say what it is. Where a program has `serde_json` keep the digits, it alone can do it.
    pub(super) fn visit_any_number<V: Visitor<'de>>(&mut self, visitor: V) -> Taken<V::Value> {
        static KEEPS_DIGITS: LazyLock<bool> = LazyLock::new(|| {
            let number = serde_json::from_str::<serde_json::Number>("1.10");
            number.is_ok_and(|number| number.to_string().ends_with('0'))
        });
        if *KEEPS_DIGITS { self.give_up() } else { self.visit_number(visitor) }
    }
}
