#[sse(prefix = "chat.", rename_all = "kebab-case")]
enum Chat {
    #[sse(text, retry = 3000)]
    NewToken(String),
    #[sse(event = "message", text = "[DONE]")]
    Done,
    #[sse(base64)]
    Audio { #[sse(id, skip)] seq: u32, samples: Vec<u8> },
    Usage(Usage, #[sse(retry)] Duration),
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
    impl __sse::SseEvent for Chat {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[
                __sse::Entry::Event(
                    __sse::EventSpec::new("chat.new-token")
                        .with_variant("NewToken")
                        .with_format(__sse::DataFormat::Text),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("message")
                        .with_variant("Done")
                        .with_format(__sse::DataFormat::Fixed("[DONE]")),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("chat.audio")
                        .with_variant("Audio")
                        .with_format(__sse::DataFormat::Base64),
                ),
                __sse::Entry::Event(
                    __sse::EventSpec::new("chat.usage").with_variant("Usage"),
                ),
            ],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            match self {
                Self::NewToken { 0: __field0, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "chat.new-token",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __encoder = __encoder
                        .retry(::core::time::Duration::from_millis(3000u64))?;
                    __sse::text(__encoder, __field0)
                }
                Self::Done { .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "message",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    __encoder.text("[DONE]")
                }
                Self::Audio { seq: __field0, samples: __field1, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "chat.audio",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __encoder = __sse::id(__encoder, __field0)?;
                    __sse::base64(__encoder, &*__field1)
                }
                Self::Usage { 0: __field0, 1: __field1, .. } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "chat.usage",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __encoder = __sse::retry(
                        __encoder,
                        __sse::Retry::reconnection_time(__field1),
                    )?;
                    __sse::json(__encoder, __field0)
                }
            }
        }
    }
};
