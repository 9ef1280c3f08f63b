//! Which part of an event is its data.

use proc_macro2::{Ident, Span};
use syn::Fields;
use syn::spanned::Spanned as _;

use crate::ast::{Field, Payload};
use crate::attr::{DataSource, EventAttr};
use crate::errors::Errors;

/// Where the payload is looked for.
pub(crate) struct Candidates<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) style: &'a Fields,
    pub(crate) fields: &'a [Field<'a>],
    pub(crate) source: Option<DataSource>,
    /// `skip` of serde's, with which its derive writes nothing for a variant.
    pub(crate) serde_skip: Option<Ident>,
    /// `transparent` of serde's, which writes a struct as its one field.
    pub(crate) serde_transparent: Option<Span>,
    pub(crate) errors: &'a Errors,
}

impl Candidates<'_> {
    /// Finds the payload. After an error, whatever is simplest.
    pub(crate) fn payload(&self, attr: &EventAttr) -> Payload {
        if let Some(skip) = &attr.skip {
            return Payload::Never(skip.key.clone());
        }
        if let Some(field) = self.fields.iter().position(|field| field.attr.transparent.is_some()) {
            return Payload::Nested(field);
        }
        if let Some(transparent) = &attr.transparent {
            return self.nested(transparent.span);
        }
        if attr.other.is_some() && !self.fields.is_empty() {
            return self.other();
        }
        match (&attr.text, &attr.base64) {
            (Some(text), _) => match &text.value {
                Some(fixed) => self.fixed(fixed, text.span),
                None => self.single("text", text.span).map_or(Payload::Null, Payload::Text),
            },
            (None, Some(base64)) => self.single("base64", base64.span).map_or(Payload::Null, Payload::Base64),
            (None, None) if self.source == Some(DataSource::Itself) => match &self.serde_skip {
                // A name in full says that it is sent all the same: `Serialize` is written by hand.
                Some(skip) if attr.event.is_none() => Payload::Never(skip.clone()),
                _ => Payload::Itself,
            },
            (None, None) => self.json(),
        }
    }

    fn json(&self) -> Payload {
        if let Some(field) = self.marked() {
            return Payload::Value(field);
        }
        if let Some(transparent) = self.serde_transparent {
            return self.written_for_all(transparent);
        }
        let sent = self.sent();
        match (self.style, sent.as_slice()) {
            (Fields::Named(_), _) => Payload::Object(sent),
            (_, []) => Payload::Null,
            (_, [field]) => Payload::Value(*field),
            _ => {
                let message = format!("ambiguous payload: which field of `{}` is the data?", self.ident);
                self.ambiguous(&message, &sent, "name the fields to send an object");
                Payload::Null
            }
        }
    }

    /// The one field that serde writes in place of a struct.
    fn written_for_all(&self, span: Span) -> Payload {
        let sent: Vec<_> = self.sent().into_iter().filter(|i| !self.fields[*i].is_phantom()).collect();
        match sent.as_slice() {
            [field] => return Payload::Value(*field),
            [] => self.errors.at(span, "`transparent` of serde needs a field that is the data"),
            _ => {
                let message = "ambiguous payload: `transparent` of serde sends one field, but which?";
                self.ambiguous(message, &sent, "the others `#[sse(skip)]`");
            }
        }
        Payload::Null
    }

    /// The one field that `text` or `base64` sends.
    fn single(&self, format: &str, span: Span) -> Option<usize> {
        let sent = self.sent();
        match (self.marked(), sent.as_slice()) {
            (Some(field), _) => return Some(field),
            (None, [field]) => return Some(*field),
            (None, []) => {
                let help =
                    if format == "text" { "\nhelp: a fixed text needs none: `text = \"...\"`" } else { "" };
                self.errors.at(span, format!("`{format}` needs a field that is the data{help}"));
            }
            (None, _) => {
                let message = format!("ambiguous payload: `{format}` sends one field, but which?");
                self.ambiguous(&message, &sent, "the others `#[sse(skip)]`");
            }
        }
        None
    }

    fn ambiguous(&self, message: &str, sent: &[usize], instead: &str) {
        let unmarked = sent.iter().filter(|i| {
            let attr = &self.fields[**i].attr;
            attr.id.is_none() && attr.key.is_none()
        });
        let help = match unmarked.count() {
            1 => "mark it `#[sse(data)]`, or the others `#[sse(skip)]`".to_owned(),
            _ => format!("mark one `#[sse(data)]`, or {instead}"),
        };
        self.errors.over(self.style, format!("{message}\nhelp: {help}"));
    }

    fn fixed(&self, text: &str, span: Span) -> Payload {
        if self.marked().is_some() || !self.sent().is_empty() {
            let message = "a fixed text leaves no place for fields\n\
                           help: `text` alone sends a field as text; `#[sse(skip)]` keeps a field to the server";
            self.errors.conflict(span, message, self.style.span(), "these fields would not be sent");
        }
        Payload::Fixed(text.to_owned())
    }

    fn nested(&self, span: Span) -> Payload {
        match self.fields {
            [_] => return Payload::Nested(0),
            [] => {
                let message = format!(
                    "`transparent` needs a field that is an event itself\n\
                     help: write `{}(Inner)`, where `Inner` derives `SseEvent`",
                    self.ident
                );
                self.errors.at(span, message);
            }
            _ => {
                let message = "`transparent` needs exactly one field, an event itself\n\
                               help: give each event inside a variant of its own\n\
                               help: or mark the field `#[sse(transparent)]`, and the others `id`, `key`, `retry` or `skip`";
                self.errors.over(self.style, message);
            }
        }
        Payload::Null
    }

    fn other(&self) -> Payload {
        if self.fields.len() == 1 {
            return Payload::Nested(0);
        }
        let message = format!(
            "`other` takes a unit variant, or one field of the untyped `Event`\n\
             help: write `{0}(Event)`, which is sent as it is, or `{0}`",
            self.ident
        );
        self.errors.over(self.style, message);
        Payload::Null
    }

    /// The fields that are part of the payload unless one is marked `data`.
    fn sent(&self) -> Vec<usize> {
        (0..self.fields.len()).filter(|i| self.fields[*i].is_sent()).collect()
    }

    /// The field marked `data`.
    fn marked(&self) -> Option<usize> {
        self.fields.iter().position(|field| field.attr.data.is_some())
    }
}
