//! What other attributes say: documentation and deprecation.

use syn::{Attribute, Expr, Lit, Meta};

/// Whether it is not to be used any more.
pub(crate) fn is_deprecated(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| attr.path().is_ident("deprecated"))
}

/// The doc comment, without the space behind each `///`.
pub(crate) fn doc(attrs: &[Attribute]) -> String {
    let texts = attrs.iter().filter(|attr| attr.path().is_ident("doc")).filter_map(doc_text);
    let lines = texts.flat_map(|text| {
        let unspaced = |line: &str| line.strip_prefix(' ').unwrap_or(line).to_owned();
        text.split('\n').map(unspaced).collect::<Vec<_>>()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The text of `#[doc = "..."]`. A macro in its place is not ours to expand.
fn doc_text(attr: &Attribute) -> Option<String> {
    let Meta::NameValue(meta) = &attr.meta else { return None };
    let Expr::Lit(literal) = &meta.value else { return None };
    let Lit::Str(text) = &literal.lit else { return None };
    Some(text.value())
}
