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
    #[allow(private_bounds, unused_qualifications, clippy::absolute_paths)]
    impl __sse::SseEvent for All {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::new(
            &[
                __sse::Entry::Event(__sse::EventSpec::new("ping").with_variant("Ping")),
                __sse::Entry::Nested(&<Box<Market> as __sse::SseEvent>::EVENTS),
                __sse::Entry::Nested(&<Event as __sse::SseEvent>::EVENTS),
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
                Self::Market { 0: __field0 } => {
                    <Box<Market> as __sse::SseEvent>::encode(__field0, __encoder)
                }
                Self::Unknown { event: __field0 } => {
                    <Event as __sse::SseEvent>::encode(__field0, __encoder)
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
