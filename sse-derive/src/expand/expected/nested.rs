enum All {
    Ping,
    #[sse(transparent)]
    Market(Box<Market>),
    #[sse(other)]
    Unknown { event: Event },
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
    impl __sse::SseEvent for All {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[
                __sse::Entry::Event(__sse::EventSpec::new("ping").with_variant("Ping")),
                __sse::nested(|__inner| Self::Market { 0: __inner }).entry(),
                __sse::nested(|__inner| Self::Unknown { event: __inner }).entry(),
            ],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            match self {
                Self::Ping { .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "ping",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    __encoder.text("null")
                }
                Self::Market { 0: __field0, .. } => {
                    __sse::nested(|__inner| Self::Market { 0: __inner })
                        .encode(__field0, __encoder)
                }
                Self::Unknown { event: __field0, .. } => {
                    __sse::nested(|__inner| Self::Unknown { event: __inner })
                        .encode(__field0, __encoder)
                }
            }
        }
    }
};
const _: () = {
    #[allow(unused_imports, unused_qualifications)]
    use ::typed_sse::__private as __sse;
    #[allow(unused_qualifications)]
    const _: __sse::Catalogue = <All as __sse::SseEvent>::EVENTS;
};
