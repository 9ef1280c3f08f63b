enum Stored {
    Logged { #[sse(id)] seq: u64, #[sse(skip)] at: u64, #[sse(transparent)] event: Log },
    Other(#[sse(event)] EventType, #[sse(data)] Value),
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
    impl __sse::SseEvent for Stored {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[
                __sse::nested(|__inner| Self::Logged {
                        event: __inner,
                        seq: loop {},
                        at: loop {},
                    })
                    .entry(),
                __sse::Entry::Open,
            ],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            match self {
                Self::Logged { seq: __field0, event: __field2, .. } => {
                    let __encoder = __sse::id(__encoder, __field0)?;
                    __sse::nested(|__inner| Self::Logged {
                            event: __inner,
                            seq: loop {},
                            at: loop {},
                        })
                        .encode(__field2, __encoder)
                }
                Self::Other { 0: __field0, 1: __field1, .. } => {
                    let __encoder = __encoder
                        .event_type(__sse::Type::event_type(__field0))?;
                    __sse::json(__encoder, __field1)
                }
            }
        }
    }
};
const _: () = {
    #[allow(unused_imports, unused_qualifications)]
    use ::typed_sse::__private as __sse;
    #[allow(unused_qualifications)]
    const _: __sse::Catalogue = <Stored as __sse::SseEvent>::EVENTS;
};
