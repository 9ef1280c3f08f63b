enum Market {
    /// A price has changed.
    PriceChanged {
        #[sse(id)]
        seq: u64,
        #[sse(key, skip)]
        symbol: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        price: Option<f64>,
    },
    Opened,
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
    impl __sse::SseEvent for Market {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[
                __sse::Entry::Event(
                    __sse::EventSpec::new("price_changed")
                        .with_variant("PriceChanged")
                        .with_doc("A price has changed."),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("opened").with_variant("Opened"),
                ),
            ],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            match self {
                Self::PriceChanged {
                    seq: __field0,
                    symbol: __field1,
                    price: __field2,
                    ..
                } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "price_changed",
                    );
                    let __encoder = __sse::key(__encoder, __field1)?;
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __encoder = __sse::id(__encoder, __field0)?;
                    let __object = __encoder.object();
                    let __object = __sse::field(__object, "seq", __field0)?;
                    let __object = if Option::is_none(__field2) {
                        __object
                    } else {
                        __sse::field(__object, "price", &*__field2)?
                    };
                    __object.end()
                }
                Self::Opened { .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "opened",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    __encoder.text("null")
                }
            }
        }
    }
};
