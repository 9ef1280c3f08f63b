//! What an event is called.

use proc_macro2::{Ident, Span};
use syn::ext::IdentExt as _;

use crate::ast::{EventType, Field};
use crate::attr::{ContainerAttr, EventAttr, Name, Slot, Written};
use crate::case::RenameRule;

impl EventType {
    pub(crate) fn new(
        ident: &Ident,
        attr: &EventAttr,
        fields: &[Field<'_>],
        container: &ContainerAttr,
        serde_name: Option<Self>,
    ) -> Self {
        if let Some(event) = &attr.event {
            return Self::given(event.value.clone(), event.span);
        }
        let of_field = |(i, field): (usize, &Field<'_>)| Some((i, field.attr.event.as_ref()?.span));
        if let Some((i, span)) = fields.iter().enumerate().find_map(of_field) {
            return Self::given(Name::OfField(i), span);
        }
        if let Some(event) = &container.event {
            return Self::given(event.value.clone(), ident.span());
        }
        let by_rule = |rule: RenameRule| {
            let name = rule.apply_to_variant(&ident.unraw().to_string());
            Self { name: Name::Literal(name), span: ident.span(), is_given: false, is_tag: false }
        };
        let event_type = match (&container.rename_all, serde_name) {
            (Some(rule), _) => by_rule(rule.value),
            (None, Some(serde_name)) => serde_name,
            (None, None) => by_rule(RenameRule::Snake),
        };
        event_type.with_prefix(container.prefix.as_ref().map_or("", |prefix| &prefix.value))
    }

    fn given(name: Name, span: Span) -> Self {
        Self { name, span, is_given: true, is_tag: false }
    }

    fn with_prefix(self, prefix: &str) -> Self {
        match self.name {
            Name::Literal(name) if !prefix.is_empty() => {
                let name = Name::Literal(format!("{prefix}{name}"));
                Self { name, span: self.span, is_given: false, is_tag: false }
            }
            _ => self,
        }
    }

    /// The name that serde gives a variant or a struct.
    pub(crate) fn of_serde(rename: &Slot<String>, rule: Option<&Written<RenameRule>>, ident: &Ident) -> Self {
        if let Some(rename) = rename {
            let name = Name::Literal(rename.value.clone());
            return Self { name, span: rename.span, is_given: true, is_tag: true };
        }
        let own = ident.unraw().to_string();
        let name = rule.map_or(own.clone(), |rule| rule.value.apply_to_variant(&own));
        Self { name: Name::Literal(name), span: ident.span(), is_given: false, is_tag: true }
    }
}
