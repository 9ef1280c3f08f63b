#[sse(data = self, untagged)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Turn<T> {
    ItemStarted { #[sse(id, or_ephemeral)] seq: Option<u64>, item: T },
    #[serde(rename = "done")]
    Ended,
    #[sse(event = "message", explicit)]
    Noted(String),
    #[sse(event = names::FAILED)]
    Failed,
    #[sse(text = "[DONE]")]
    Closed,
    #[sse(skip)]
    Internal(T),
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
    impl<T> __sse::SseEvent for Turn<T>
    where
        Self: __sse::serde::Serialize,
    {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::untagged(
            &[
                __sse::Entry::Event(
                    __sse::EventSpec::new("itemStarted").with_variant("ItemStarted"),
                ),
                __sse::Entry::Event(__sse::EventSpec::new("done").with_variant("Ended")),
                __sse::Entry::Event(
                    __sse::EventSpec::new("message").with_variant("Noted"),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new(
                            __sse::name(const { __sse::constant(names::FAILED) }),
                        )
                        .with_variant("Failed"),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("closed")
                        .with_variant("Closed")
                        .with_format(__sse::DataFormat::Fixed("[DONE]")),
                ),
            ],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            const {
                let _ = <Self as __sse::SseEvent>::EVENTS;
            }
            match self {
                Self::ItemStarted { seq: __field0, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "itemStarted",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __encoder = __sse::id_or_ephemeral(__encoder, &*__field0)?;
                    __sse::whole(__encoder, self)
                }
                Self::Ended { .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "done",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    __sse::whole(__encoder, self)
                }
                Self::Noted { .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "message",
                    );
                    let __encoder = __encoder.explicit_event_type(&__EVENT_TYPE)?;
                    __sse::whole(__encoder, self)
                }
                Self::Failed { .. } => {
                    let __encoder = __encoder
                        .event_type(const {
                            &__sse::event_type_at(
                                &<Self as __sse::SseEvent>::EVENTS,
                                3usize,
                            )
                        })?;
                    __sse::whole(__encoder, self)
                }
                Self::Closed { .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "closed",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    __encoder.text("[DONE]")
                }
                Self::Internal { .. } => {
                    ::core::result::Result::Err(
                        __sse::EncodeError::skipped("Turn::Internal"),
                    )
                }
            }
        }
    }
};
