//! What `#[schemars(...)]` says about a field. Only `SseSchema` asks.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, Type};

use super::{DataSource, Slot, bad_value, keys, read_items, skip_to_comma};
use crate::errors::Errors;

#[derive(Default)]
pub(crate) struct SchemarsField {
    /// The type whose schema stands for that of the field.
    pub(crate) with: Slot<TokenStream>,
    /// Of no concern to the other derives.
    pub(crate) error: Option<syn::Error>,
}

impl SchemarsField {
    pub(crate) fn new(attrs: &[Attribute], data: Option<DataSource>) -> Self {
        let mut attr = Self::default();
        if data == Some(DataSource::Itself) {
            return attr;
        }
        let errors = Errors::new();
        read_items(attrs, "schemars", &errors, |item| match item.name() {
            "with" => {
                let literal = item.string(r#"with = "Type""#)?;
                let ty: Type =
                    literal.parse().map_err(|_| syn::Error::new(literal.span(), "expected a type"))?;
                item.set(&mut attr.with, ty.into_token_stream(), literal.span());
                Ok(())
            }
            _ if data.is_some() => {
                skip_to_comma(item.input);
                Ok(())
            }
            name => {
                let near = keys::nearest(name, ["with"]);
                let near = near.map_or_else(String::new, |near| format!("\nhelp: did you mean `{near}`?"));
                let message = format!(
                    "`{name}` of schemars is not supported here{near}\n\
                     help: supported here: `with`; what else is known of a type belongs where it derives `JsonSchema`"
                );
                let error = syn::Error::new(item.key().span(), message);
                let _ = bad_value(item.input, "");
                Err(error)
            }
        });
        attr.error = errors.finish().err();
        attr
    }
}
