//! What the generated code asks of a type.

use proc_macro2::TokenStream;
use syn::Type;

/// What the generated code needs of a field's type.
pub(crate) struct Need<'a> {
    pub(crate) ty: &'a Type,
    pub(crate) bound: TokenStream,
}
