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
    let [serialize, deserialize] = of_group(&item.input.parse()?, &["serialize", "deserialize"])?;
    Ok(Sides { serialize, deserialize })
}

/// The strings of `(serialize = "...", ...)`, in the order of the names that are known here.
pub(super) fn of_group<const N: usize>(group: &Group, names: &[&str; N]) -> syn::Result<[Option<LitStr>; N]> {
    let quoted = names.map(|name| format!("`{name} = \"...\"`"));
    let expected = match quoted.split_last() {
        Some((last, first)) => format!("expected {} or {last}", first.join(", ")),
        None => String::new(),
    };
    let sides = |content: ParseStream<'_>| {
        let mut sides = [const { None }; N];
        while !content.is_empty() {
            let side: Ident = content.parse()?;
            let Some(known) = names.iter().position(|name| side == name) else {
                return Err(syn::Error::new(side.span(), &expected));
            };
            content.parse::<Token![=]>()?;
            sides[known] = Some(content.parse()?);
            let _: Option<Token![,]> = content.parse()?;
        }
        Ok(sides)
    };
    sides.parse2(group.stream()).map_err(|error| {
        let is_ours = error.to_string() == expected;
        if is_ours { error } else { syn::Error::new_spanned(group, &expected) }
    })
}
