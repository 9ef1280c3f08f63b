#[sse(data = self, untagged, bound(deserialize = "T: Read"))]
#[serde(tag = "type")]
enum Turn<T> {
    Started { #[sse(id)] #[serde(skip)] seq: Option<u64>, item: T },
    #[sse(event = "Started")]
    Again { item: T },
    Ended,
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
    impl<T> __sse::FromSseEvent for Turn<T>
    where
        T: Read,
    {
        fn from_event(
            __event: &__sse::EventRef<'_>,
        ) -> ::core::result::Result<Self, __sse::FromEventError> {
            let mut __reading = __sse::Reading::new(__event);
            if __event.event_type == "Started" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Started",
                        || {
                            let mut __value = __sse::read_whole::<Self>(__event)?;
                            match &mut __value {
                                Self::Started { seq: __field0, .. } => {
                                    *__field0 = __sse::read_id(__event, "seq")?;
                                }
                                Self::Again { .. } => {}
                                _ => return __sse::other_variant(__event),
                            }
                            ::core::result::Result::Ok(__value)
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __event.event_type == "Ended" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Ended",
                        || {
                            let mut __value = __sse::read_whole::<Self>(__event)?;
                            match &mut __value {
                                Self::Ended { .. } => {}
                                _ => return __sse::other_variant(__event),
                            }
                            ::core::result::Result::Ok(__value)
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            ::core::result::Result::Err(__reading.into_error())
        }
        fn knows(__event_type: &::core::primitive::str) -> ::core::primitive::bool {
            __event_type == "Started" || __event_type == "Ended"
        }
    }
};
