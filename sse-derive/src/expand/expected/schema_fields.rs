enum Market<T> {
    /// A price has changed.
    PriceChanged {
        #[sse(id)]
        seq: u64,
        #[sse(key, skip)]
        symbol: String,
        /// In euro.
        #[deprecated]
        #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
        price: Option<T>,
        #[serde(with = "hex")]
        color: u32,
        #[serde(with = "hex")]
        #[schemars(with = "String")]
        shade: u32,
        #[serde(flatten)]
        meta: Meta,
    },
    #[deprecated(note = "use `Ended`")]
    #[sse(text = "[DONE]", terminal)]
    Done,
    Value(Vec<T>, #[sse(retry)] Duration),
    #[sse(text)]
    Line(String),
    Custom { #[sse(event)] kind: EventType, #[sse(data)] value: Value },
    #[sse(skip)]
    Internal(Opaque),
    Stored { #[sse(id)] seq: u64, #[sse(transparent)] event: Log },
    #[sse(other)]
    Unknown(Event),
}
const _: () = {
    #[allow(unused_imports, unused_qualifications)]
    use ::typed_sse::__private as __sse;
    #[automatically_derived]
    #[allow(
        deprecated,
        unreachable_code,
        clippy::diverging_sub_expression,
        clippy::empty_loop,
        private_bounds,
        unused_qualifications,
        clippy::absolute_paths,
        clippy::init_numbered_fields
    )]
    impl<T> __sse::SseSchema for Market<T>
    where
        Option<T>: __sse::JsonSchema,
        Vec<T>: __sse::JsonSchema,
        Self: __sse::SseEvent,
    {
        fn schemas(__generator: &mut __sse::SchemaGenerator) -> __sse::EventSchemas {
            let mut __schemas = __sse::schemas::<Self>(__generator);
            {
                let __field0 = &__sse::probe();
                let __field2 = &__sse::probe();
                let __field5 = &__sse::probe();
                let _ = |__event: &Self| match __event {
                    Self::PriceChanged {
                        seq: __value0,
                        price: __value2,
                        meta: __value5,
                        ..
                    } => {
                        __field0.is(__value0);
                        __field2.is(__value2);
                        __field5.is(__value5);
                    }
                    _ => {}
                };
                let __schema = {
                    let mut __object = <__sse::ObjectSchema as ::core::default::Default>::default();
                    let __schema = __sse::value_schema(&mut __schemas, __field0);
                    __object.member("seq", __schema, true);
                    let __schema = __sse::described(
                        __sse::value_schema(&mut __schemas, &*__field2),
                        "In euro.",
                        true,
                    );
                    __object.member("in", __schema, false);
                    let __schema = __sse::any_schema();
                    __object.member("color", __schema, true);
                    let __schema = __sse::value_schema(
                        &mut __schemas,
                        &__sse::probe::<String>(),
                    );
                    __object.member("shade", __schema, true);
                    let __schema = __sse::flat_schema(&mut __schemas, __field5);
                    __object.flatten(__schema, __schemas.generator);
                    __object.end()
                };
                __schemas
                    .event(
                        __schema,
                        __sse::Said {
                            id: true,
                            key: true,
                            ..__sse::Said::NOTHING
                        },
                    );
            }
            {
                let __schema = __sse::any_schema();
                __schemas
                    .event(
                        __schema,
                        __sse::Said {
                            deprecated: ::core::option::Option::Some("use `Ended`"),
                            ..__sse::Said::NOTHING
                        },
                    );
            }
            {
                let __field0 = &__sse::probe();
                let _ = |__event: &Self| match __event {
                    Self::Value { 0: __value0, .. } => {
                        __field0.is(__value0);
                    }
                    _ => {}
                };
                let __schema = __sse::value_schema(&mut __schemas, &*__field0);
                __schemas
                    .event(
                        __schema,
                        __sse::Said {
                            retry: true,
                            ..__sse::Said::NOTHING
                        },
                    );
            }
            {
                let __schema = __sse::any_schema();
                __schemas.event(__schema, __sse::Said::NOTHING);
            }
            {
                let __field1 = &__sse::probe();
                let _ = |__event: &Self| match __event {
                    Self::Custom { value: __value1, .. } => {
                        __field1.is(__value1);
                    }
                    _ => {}
                };
                let __schema = __sse::value_schema(&mut __schemas, __field1);
                __schemas
                    .open(
                        "Custom",
                        "",
                        __sse::Payload::Json(__schema),
                        __sse::Said::NOTHING,
                    );
            }
            {
                let __field1 = &__sse::probe();
                let _ = |__event: &Self| match __event {
                    Self::Stored { event: __value1, .. } => {
                        __field1.is(__value1);
                    }
                    _ => {}
                };
                __sse::nested_schemas(
                    &mut __schemas,
                    __field1,
                    __sse::Said {
                        id: true,
                        ..__sse::Said::NOTHING
                    },
                );
            }
            {
                let __field0 = &__sse::probe();
                let _ = |__event: &Self| match __event {
                    Self::Unknown { 0: __value0, .. } => {
                        __field0.is(__value0);
                    }
                    _ => {}
                };
                __sse::nested_schemas(&mut __schemas, __field0, __sse::Said::NOTHING);
            }
            __schemas.end()
        }
        fn schema_name() -> __sse::SchemaName {
            __sse::SchemaName::Borrowed("Market")
        }
    }
};
