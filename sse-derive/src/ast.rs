//! A type and its events, as the rest of the derive sees them.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Generics, Member, Type};

use crate::attr::{
    ContainerAttr, EventAttr, FieldAttr, Name, Projection, SchemarsField, SerdeContainer, SerdeField,
};

pub(crate) struct Input<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) generics: &'a Generics,
    pub(crate) attr: ContainerAttr,
    pub(crate) events: Vec<Event<'a>>,
    pub(crate) serde: SerdeContainer,
    pub(crate) mentions_deprecation: bool,
}

/// A variant, or a struct as a whole.
pub(crate) struct Event<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) type_ident: &'a Ident,
    /// `Self::Variant`, or `Self`.
    pub(crate) path: TokenStream,
    pub(crate) event_type: EventType,
    /// The field `event` is written even for `message`.
    pub(crate) is_explicit: bool,
    pub(crate) doc: String,
    pub(crate) attr: EventAttr,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) payload: Payload,
    /// Serde reads it by a function.
    pub(crate) is_custom: bool,
    /// What serde calls it.
    pub(crate) serde_name: String,
    /// Serde's own derive never writes it.
    pub(crate) is_skipped_by_serde: bool,
    /// The note of `#[deprecated]`, if it is that.
    pub(crate) deprecation: Option<String>,
}

pub(crate) struct Field<'a> {
    pub(crate) ty: &'a Type,
    pub(crate) member: Member,
    /// What the field is called inside the generated code.
    pub(crate) binding: Ident,
    /// In a JSON object.
    pub(crate) name: String,
    /// In a JSON object that is read.
    pub(crate) read_name: String,
    pub(crate) attr: FieldAttr,
    pub(crate) serde: SerdeField,
    pub(crate) schemars: SchemarsField,
    pub(crate) original: &'a syn::Field,
}

/// What an event is called.
pub(crate) struct EventType {
    pub(crate) name: Name,
    /// Of the name as it was written, or of the variant that it was made from.
    pub(crate) span: Span,
    /// It was written in full, and does not result from a rule.
    pub(crate) is_given: bool,
    /// It is what serde calls the variant.
    pub(crate) is_tag: bool,
}

/// What becomes the data of an event. Fields by their index.
pub(crate) enum Payload {
    /// `null`.
    Null,
    /// Always this text.
    Fixed(String),
    /// A JSON object of these fields.
    Object(Vec<usize>),
    /// One field as JSON.
    Value(usize),
    /// One field as text.
    Text(usize),
    /// One field as base64.
    Base64(usize),
    /// One field that is an event of its own.
    Nested(usize),
    /// What the type's own `Serialize` writes.
    Itself,
    /// None: this key says that the event is never sent.
    Never(Ident),
}

impl<'a> Event<'a> {
    /// The name to compare and check; none if it is wrong already, not known here, or belongs to a nested event.
    pub(crate) fn own_name(&self) -> Option<&str> {
        match &self.event_type.name {
            Name::Literal(name) if self.has_own_type() => Some(name),
            _ => None,
        }
    }

    /// Whether it is a struct as a whole, and not a variant.
    pub(crate) fn is_struct(&self) -> bool {
        std::ptr::eq(self.ident, self.type_ident)
    }

    /// Whether it can be sent at all.
    pub(crate) fn is_sent(&self) -> bool {
        !matches!(self.payload, Payload::Never(_))
    }

    /// Whether it is sent under a name of its own.
    fn has_own_type(&self) -> bool {
        self.is_sent() && self.nested().is_none() && !self.attr.is_nameless
    }

    /// Whether what is said of the names of all does not concern it.
    pub(crate) fn has_name_of_its_own(&self) -> bool {
        let attr = &self.attr;
        attr.event.is_some() || attr.is_nameless || self.fields.iter().any(|field| field.attr.event.is_some())
    }

    /// Whether its name is a constant, which only the compiler knows.
    pub(crate) fn has_constant_name(&self) -> bool {
        matches!(self.event_type.name, Name::Constant(_)) && self.has_own_type()
    }

    /// A variant that stands for the events of one of its fields.
    pub(crate) fn nested(&self) -> Option<&Field<'a>> {
        match self.payload {
            Payload::Nested(field) => self.fields.get(field),
            _ => None,
        }
    }

    /// The key `transparent` of the field that is sent, beside others that say how.
    pub(crate) fn envelope(&self) -> Option<&Ident> {
        self.nested()?.attr.transparent.as_ref().map(|transparent| &transparent.key)
    }
}

impl Field<'_> {
    /// Where its name in an object comes from.
    pub(crate) fn name_span(&self) -> Span {
        let own = || self.original.ident.as_ref().map_or_else(Span::call_site, Ident::span);
        self.serde.rename.as_ref().map_or_else(own, |rename| rename.span)
    }

    /// Whether it only marks a parameter, and holds nothing.
    pub(crate) fn is_phantom(&self) -> bool {
        let Type::Path(path) = self.ty else { return false };
        path.path.segments.last().is_some_and(|last| last.ident == "PhantomData")
    }

    /// Whether serde has been told anything about it.
    pub(crate) fn has_serde(&self) -> bool {
        self.original.attrs.iter().any(|attr| attr.path().is_ident("serde"))
    }

    /// Whether the field is the event ID as it is.
    pub(crate) fn is_id(&self) -> bool {
        self.attr.id.as_ref().is_some_and(|id| matches!(id.value, Projection::Itself))
    }

    /// Whether the field can be part of the payload.
    pub(crate) fn is_sent(&self) -> bool {
        let attr = &self.attr;
        attr.retry.is_none() && attr.event.is_none() && attr.skip.is_none() && self.serde.skip.is_none()
    }
}

impl Payload {
    /// Whether the field of this index is sent as data.
    pub(crate) fn contains(&self, index: usize) -> bool {
        match self {
            Self::Null | Self::Fixed(_) | Self::Itself | Self::Never(_) => false,
            Self::Object(fields) => fields.contains(&index),
            Self::Value(field) | Self::Text(field) | Self::Base64(field) | Self::Nested(field) => {
                *field == index
            }
        }
    }
}
