//! Where generated code claims to stand: the compiler underlines what the user wrote.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};

use crate::ast::Field;

/// The places of the first and the last token. Code that begins and ends there is underlined as these tokens are.
pub(crate) fn ends(tokens: TokenStream) -> (Span, Span) {
    let mut spans = tokens.into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// A function of the runtime, and the field to call it with. If the field does not fit, the error is at its type.
///
/// The type itself is left to inference: one that does not exist is an error of the user's own line, once.
pub(crate) fn at_type(field: &Field<'_>, function: &str) -> (TokenStream, TokenStream) {
    let ty = field.ty.to_token_stream();
    let (first, last) = ends(ty.clone());
    let (function, binding) = (Ident::new(function, last), &field.binding);
    let sse = quote_spanned!(first=> __sse::);
    // A name alone would be at one token only.
    let borrow = has_several(ty).then(|| quote_spanned!(first=> &*));
    (quote!(#sse #function), quote!(#borrow #binding))
}

/// The same of a trait's function, which stands for itself: the bound of another would be told beside it.
pub(crate) fn of_trait(
    field: &Field<'_>,
    name: &str,
    function: &str,
    arguments: &TokenStream,
) -> TokenStream {
    let (first, last) = ends(field.ty.to_token_stream());
    let (name, function) = (Ident::new(name, first), Ident::new(function, last));
    let mut group = Group::new(Delimiter::Parenthesis, arguments.clone());
    group.set_span(last);
    let path = quote_spanned!(first=> __sse::#name::);
    quote!(#path #function #group)
}

fn has_several(tokens: TokenStream) -> bool {
    tokens.into_iter().nth(1).is_some()
}
