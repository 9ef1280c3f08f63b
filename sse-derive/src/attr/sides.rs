//! Values that are one for writing and reading, or one for each.

use proc_macro2::{Group, Ident};
use syn::parse::{ParseStream, Parser as _};
use syn::{LitStr, Token};

use super::Item;

/// The strings of `key = "..."`, which is both, or of `key(serialize = "...", deserialize = "...")`.
#[derive(Default)]
pub(super) struct Sides {
    pub(super) serialize: Option<LitStr>,
    pub(super) deserialize: Option<LitStr>,
}

pub(super) fn sides(item: &Item<'_>) -> syn::Result<Sides> {
    if !item.input.peek(syn::token::Paren) {
        let both = item.string(&format!("{} = \"...\"", item.name()))?;
        return Ok(Sides { serialize: Some(both.clone()), deserialize: Some(both) });
    }
    of_group(&item.input.parse()?)
}

pub(super) fn of_group(group: &Group) -> syn::Result<Sides> {
    let sides = |content: ParseStream<'_>| {
        let mut sides = Sides::default();
        while !content.is_empty() {
            let side: Ident = content.parse()?;
            let slot = match side.to_string().as_str() {
                "serialize" => &mut sides.serialize,
                "deserialize" => &mut sides.deserialize,
                _ => return Err(syn::Error::new(side.span(), SIDES)),
            };
            content.parse::<Token![=]>()?;
            *slot = Some(content.parse()?);
            let _: Option<Token![,]> = content.parse()?;
        }
        Ok(sides)
    };
    sides.parse2(group.stream()).map_err(|error| {
        let is_ours = error.to_string() == SIDES;
        if is_ours { error } else { syn::Error::new_spanned(group, SIDES) }
    })
}

const SIDES: &str = "expected `serialize = \"...\"` or `deserialize = \"...\"`";
