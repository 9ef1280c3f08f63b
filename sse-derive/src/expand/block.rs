//! What stands around all that is generated.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens as _, quote, quote_spanned};

use crate::ast::Input;

/// Keeps `item` and the name `__sse` out of the user's scope.
pub(super) fn in_const(input: &Input<'_>, item: &TokenStream) -> TokenStream {
    let import = import(input);
    let allow = allow(input);
    quote! {
        const _: () = {
            #import
            #[automatically_derived]
            #allow
            #item
        };
    }
}

/// One import, so that a wrong path is one error.
pub(super) fn import(input: &Input<'_>) -> TokenStream {
    let (path, span) = match &input.attr.krate {
        Some(path) => (path.value.to_token_stream(), path.span),
        None => (quote!(::typed_sse), Span::call_site()),
    };
    // All of it at one place, or the error would be at `derive`.
    let import = quote_spanned!(span=> use #path::__private as __sse;);
    quote! {
        #[allow(unused_imports, unused_qualifications)]
        #import
    }
}

/// The lints that generated code may break where written code should not.
fn allow(input: &Input<'_>) -> TokenStream {
    // A variant is named here because it exists, not because it is used.
    let deprecated = input.mentions_deprecation.then(|| quote!(deprecated,));
    let envelope = input.events.iter().any(|event| event.envelope().is_some());
    let envelope =
        envelope.then(|| quote!(unreachable_code, clippy::diverging_sub_expression, clippy::empty_loop,));
    quote!(#[allow(
        #deprecated #envelope private_bounds, unused_qualifications, clippy::absolute_paths, clippy::init_numbered_fields
    )])
}
