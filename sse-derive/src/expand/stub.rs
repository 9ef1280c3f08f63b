//! What stands beside errors, so that a type with a mistake is still an event to the rest of the program.

use proc_macro2::TokenStream;
use quote::quote;

use super::block::in_const;
use crate::ast::Input;

pub(super) fn impl_event(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let ident = input.ident;
    let item = quote! {
        impl #impl_generics __sse::SseEvent for #ident #type_generics #where_clause {
            fn encode<'__encoder>(
                &self,
                _: __sse::Encoder<'__encoder>,
            ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
                ::core::unimplemented!()
            }
        }
    };
    in_const(input, &item)
}

pub(super) fn impl_from_event(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let ident = input.ident;
    let item = quote! {
        impl #impl_generics __sse::FromSseEvent for #ident #type_generics #where_clause {
            fn from_event(
                _: &__sse::EventRef<'_>,
            ) -> ::core::result::Result<Self, __sse::FromEventError> {
                ::core::unimplemented!()
            }
        }
    };
    in_const(input, &item)
}

pub(super) fn impl_schema(input: &Input<'_>) -> TokenStream {
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let ident = input.ident;
    let item = quote! {
        impl #impl_generics __sse::SseSchema for #ident #type_generics #where_clause {
            fn schemas(_: &mut __sse::SchemaGenerator) -> __sse::EventSchemas {
                ::core::unimplemented!()
            }
        }
    };
    in_const(input, &item)
}
