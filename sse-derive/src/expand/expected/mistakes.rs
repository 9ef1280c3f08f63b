enum Market<T> {
    #[sse(evnt = "price")]
    PriceChanged(#[sse(id)] u64, T),
}
::core::compile_error! {
    "unknown key `evnt` on a variant\nhelp: did you mean `event`?\nhelp: the keys of a variant are `event`, `explicit`, `retry`, `text`, `base64`, `transparent`, `ephemeral`, `tombstone`, `terminal`, `other` and `skip`"
}
::core::compile_error! {
    "ambiguous payload: which field of `PriceChanged` is the data?\nhelp: mark it `#[sse(data)]`, or the others `#[sse(skip)]`"
}
const _: () = {
    #[allow(unused_imports, unused_qualifications)]
    use ::typed_sse::__private as __sse;
    #[automatically_derived]
    #[allow(
        private_bounds,
        unused_qualifications,
        clippy::absolute_paths,
        clippy::init_numbered_fields
    )]
    impl<T> __sse::SseEvent for Market<T> {
        fn encode<'__encoder>(
            &self,
            _: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            ::core::unimplemented!()
        }
    }
};
