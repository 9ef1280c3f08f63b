//! The keys of a type.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, WherePredicate};

use super::{Item, Slot};
use crate::case::RenameRule;

/// What `#[sse(...)]` says about a type as a whole.
#[derive(Default)]
pub(crate) struct ContainerAttr {
    pub(crate) rename_all: Slot<RenameRule>,
    pub(crate) prefix: Slot<String>,
    pub(crate) bound: Slot<Vec<WherePredicate>>,
    pub(crate) krate: Slot<TokenStream>,
}

impl ContainerAttr {
    /// Reads a key of a type; `false` if it is none.
    pub(crate) fn read(&mut self, item: &Item<'_>) -> syn::Result<bool> {
        match item.name() {
            "rename_all" => {
                let literal = item.string(r#"rename_all = "kebab-case""#)?;
                let rule = rename_rule(&literal)?;
                item.set(&mut self.rename_all, rule, literal.span());
            }
            "prefix" => {
                let literal = item.string(r#"prefix = "...""#)?;
                let prefix = literal.value();
                if prefix.contains(['\r', '\n']) {
                    return Err(super::event::line_break(&literal));
                }
                item.set(&mut self.prefix, prefix, literal.span());
            }
            "bound" => {
                let literal = item.string(r#"bound = "T: Serialize""#)?;
                let bounds = literal.parse_with(Punctuated::<WherePredicate, Token![,]>::parse_terminated)?;
                item.set(&mut self.bound, bounds.into_iter().collect(), literal.span());
            }
            "crate" => {
                let literal = item.string(r#"crate = "path""#)?;
                let path = crate_path(&literal)?;
                item.set(&mut self.krate, path, literal.span());
            }
            _ => return Ok(false),
        }
        Ok(true)
    }
}

pub(super) fn rename_rule(literal: &LitStr) -> syn::Result<RenameRule> {
    RenameRule::parse(&literal.value()).map_err(|message| syn::Error::new(literal.span(), message))
}

fn crate_path(literal: &LitStr) -> syn::Result<TokenStream> {
    let path = literal.parse_with(Path::parse_mod_style).map_err(|_| {
        let message =
            "expected a path\nhelp: `crate = \"::other_name\"` where `typed-sse` was renamed in Cargo.toml";
        syn::Error::new(literal.span(), message)
    })?;
    Ok(path.into_token_stream())
}
