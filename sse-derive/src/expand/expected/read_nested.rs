enum All {
    #[sse(transparent)]
    Market(Box<Market>),
    Stored {
        #[sse(id)]
        seq: u64,
        #[sse(key)]
        room: String,
        #[sse(transparent)]
        event: Log,
    },
    #[sse(other)]
    Unknown(Event),
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
    impl __sse::FromSseEvent for All {
        fn from_event(
            __event: &__sse::EventRef<'_>,
        ) -> ::core::result::Result<Self, __sse::FromEventError> {
            let mut __reading = __sse::Reading::new(__event);
            if __sse::readable(|__inner| Self::Market { 0: __inner })
                .knows(__event.event_type)
            {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt_inside(
                        "Market",
                        || {
                            ::core::result::Result::Ok(Self::Market {
                                0: __sse::readable(|__inner| Self::Market { 0: __inner })
                                    .read(__event)?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __sse::readable(|__inner| Self::Stored {
                    event: __inner,
                    seq: loop {},
                    room: loop {},
                })
                .knows(__event.event_type)
            {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt_inside(
                        "Stored",
                        || {
                            let mut __inside = *__event;
                            let __field0 = __sse::take_id(&mut __inside, "seq")?;
                            ::core::result::Result::Ok(Self::Stored {
                                seq: __field0,
                                room: __sse::restored(),
                                event: __sse::readable(|__inner| Self::Stored {
                                        event: __inner,
                                        seq: loop {},
                                        room: loop {},
                                    })
                                    .read(&__inside)?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __reading.is_new() {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt_inside(
                        "Unknown",
                        || {
                            ::core::result::Result::Ok(Self::Unknown {
                                0: __sse::readable(|__inner| Self::Unknown { 0: __inner })
                                    .read(__event)?,
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
                Self::Market { 0: __field0, .. } => {
                    __sse::readable(|__inner| Self::Market { 0: __inner })
                        .is_terminal(__field0)
                }
                Self::Stored { event: __field2, .. } => {
                    __sse::readable(|__inner| Self::Stored {
                            event: __inner,
                            seq: loop {},
                            room: loop {},
                        })
                        .is_terminal(__field2)
                }
                Self::Unknown { 0: __field0, .. } => {
                    __sse::readable(|__inner| Self::Unknown { 0: __inner })
                        .is_terminal(__field0)
                }
            }
        }
    }
};
