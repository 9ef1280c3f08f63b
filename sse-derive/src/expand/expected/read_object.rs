#[serde(deny_unknown_fields)]
enum Market {
    PriceChanged {
        #[sse(id)]
        seq: u64,
        #[sse(key, skip)]
        symbol: String,
        #[serde(default, alias = "value", rename = "price")]
        amount: f64,
        #[serde(with = "hex")]
        color: u32,
        #[serde(flatten)]
        meta: Meta,
        #[sse(retry)]
        back_in: Option<Duration>,
    },
    #[sse(terminal)]
    Closed,
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
    impl __sse::FromSseEvent for Market {
        fn from_event(
            __event: &__sse::EventRef<'_>,
        ) -> ::core::result::Result<Self, __sse::FromEventError> {
            let mut __reading = __sse::Reading::new(__event);
            if __event.event_type == "price_changed" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "PriceChanged",
                        || {
                            let mut __field0 = __sse::member(&["seq"]);
                            let mut __field2 = __sse::member(&["price", "value"]);
                            let mut __field3 = __sse::member_with(
                                &["color"],
                                |__deserializer| hex::deserialize(__deserializer),
                            );
                            let mut __field4 = __sse::flattened();
                            __sse::read_whole_object(
                                __event,
                                &mut [
                                    &mut __field0,
                                    &mut __field2,
                                    &mut __field3,
                                    &mut __field4,
                                ],
                            )?;
                            ::core::result::Result::Ok(Self::PriceChanged {
                                seq: __field0.take(__event)?,
                                symbol: __sse::restored(),
                                amount: __field2.take_or(__sse::restored),
                                color: __field3.take(__event)?,
                                meta: __field4.take(__event)?,
                                back_in: __sse::read_retry(
                                    __event,
                                    "back_in",
                                    __sse::Retry::from_reconnection_time(__event.retry),
                                )?,
                            })
                        },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            if __event.event_type == "closed" {
                if let ::core::option::Option::Some(__read) = __reading
                    .attempt(
                        "Closed",
                        || { ::core::result::Result::Ok(Self::Closed {}) },
                    )
                {
                    return ::core::result::Result::Ok(__read);
                }
            }
            ::core::result::Result::Err(__reading.into_error())
        }
        fn knows(__event_type: &::core::primitive::str) -> ::core::primitive::bool {
            __event_type == "price_changed" || __event_type == "closed"
        }
        fn is_terminal(&self) -> ::core::primitive::bool {
            match self {
                Self::Closed { .. } => true,
                _ => false,
            }
        }
    }
};
