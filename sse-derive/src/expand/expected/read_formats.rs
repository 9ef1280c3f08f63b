#[sse(untagged)]
enum Chat<T> {
    #[sse(text)]
    Token(String),
    #[sse(event = "message")]
    Chunk(T),
    #[sse(event = "message")]
    Ended,
    #[sse(event = "message", text = "[DONE]", terminal)]
    Done,
    #[sse(base64, event = names::AUDIO)]
    Audio { #[sse(id, skip)] seq: u32, samples: Vec<u8> },
    Custom { #[sse(event)] kind: EventType, #[sse(data)] value: Value },
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
    impl<T> __sse::FromSseEvent for Chat<T>
    where
        T: __sse::serde::de::DeserializeOwned,
    {
        fn from_event(
            __event: &__sse::EventRef<'_>,
        ) -> ::core::result::Result<Self, __sse::FromEventError> {
            let mut __reading = __sse::Reading::new(__event);
            if __event.event_type == "message" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Done",
                        || { __sse::read_fixed(__event, "[DONE]", Self::Done {}) },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __event.event_type == "token" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Token",
                        || {
                            ::core::result::Result::Ok(Self::Token {
                                0: __sse::read_text(__event)?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __event.event_type == "message" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Chunk",
                        || {
                            ::core::result::Result::Ok(Self::Chunk {
                                0: __sse::read_json(__event)?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __event.event_type == "message" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt("Ended", || { __sse::read_null(__event, Self::Ended {}) })
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __event.event_type
                == const { __sse::name(const { __sse::constant(names::AUDIO) }) }
            {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Audio",
                        || {
                            ::core::result::Result::Ok(Self::Audio {
                                seq: __sse::read_id(__event, "seq")?,
                                samples: __sse::read_base64(__event)?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __reading.is_new() {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Custom",
                        || {
                            ::core::result::Result::Ok(Self::Custom {
                                kind: __sse::read_event_type(
                                    __event,
                                    __sse::Type::from_event_type(__sse::event_type(__event)),
                                )?,
                                value: __sse::read_json(__event)?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            ::core::result::Result::Err(__reading.into_error())
        }
        fn knows(__event_type: &::core::primitive::str) -> ::core::primitive::bool {
            true
        }
        fn is_terminal(&self) -> ::core::primitive::bool {
            match self {
                Self::Done { .. } => true,
                _ => false,
            }
        }
    }
};
