enum Orders {
    Placed(#[sse(id = |order|order.meta.seq, key = Order::customer)] Order),
    #[sse(ephemeral)]
    Typing { #[sse(key)] customer: u64 },
    #[sse(tombstone)]
    Removed(#[sse(key)] u64),
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
    impl __sse::SseEvent for Orders {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[
                __sse::Entry::Event(
                    __sse::EventSpec::new("placed").with_variant("Placed"),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("typing")
                        .with_variant("Typing")
                        .with_ephemeral(),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("removed")
                        .with_variant("Removed")
                        .with_tombstone(),
                ),
            ],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            match self {
                Self::Placed { 0: __field0, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "placed",
                    );
                    let __encoder = __sse::key(
                        __encoder,
                        &__sse::project(__field0, Order::customer),
                    )?;
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __encoder = __sse::id(
                        __encoder,
                        &__sse::project(__field0, |order| order.meta.seq),
                    )?;
                    __sse::json(__encoder, __field0)
                }
                Self::Typing { customer: __field0, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "typing",
                    );
                    let __encoder = __encoder.ephemeral()?;
                    let __encoder = __sse::key(__encoder, __field0)?;
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __object = __encoder.object();
                    let __object = __sse::field(__object, "customer", __field0)?;
                    __object.end()
                }
                Self::Removed { 0: __field0, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "removed",
                    );
                    let __encoder = __sse::key(__encoder, __field0)?;
                    let __encoder = __encoder.tombstone()?;
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    __sse::json(__encoder, __field0)
                }
            }
        }
    }
};
