struct Stored<T: ?Sized> {
    #[sse(id)]
    seq: u64,
    #[sse(transparent)]
    event: Log,
    #[sse(skip)]
    tail: T,
}
const _: () = {
    #[allow(unused_imports, unused_qualifications)]
    use ::typed_sse::__private as __sse;
    #[automatically_derived]
    #[allow(
        unreachable_code,
        clippy::diverging_sub_expression,
        clippy::empty_loop,
        private_bounds,
        unused_qualifications,
        clippy::absolute_paths,
        clippy::init_numbered_fields
    )]
    impl<T: ?Sized> __sse::SseEvent for Stored<T> {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[__sse::nested_in(|__event: &Self| &__event.event).entry()],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            const {
                let _ = <Self as __sse::SseEvent>::EVENTS;
            }
            match self {
                Self { seq: __field0, event: __field1, .. } => {
                    let __encoder = __sse::id(__encoder, __field0)?;
                    __sse::nested_in(|__event: &Self| &__event.event)
                        .encode(__field1, __encoder)
                }
            }
        }
    }
};
