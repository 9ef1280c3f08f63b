#[sse(data = self, bound(schema = "T: Schema"))]
#[serde(tag = "type", rename_all = "camelCase")]
enum Turn<T> {
    ItemStarted { item: T },
    #[serde(rename = "done")]
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
    impl<T> __sse::SseSchema for Turn<T>
    where
        T: Schema,
        Self: __sse::SseEvent,
    {
        fn schemas(__generator: &mut __sse::SchemaGenerator) -> __sse::EventSchemas {
            let mut __schemas = __sse::schemas::<Self>(__generator);
            {
                let __schema = __sse::part_schema::<
                    Self,
                >(&mut __schemas, "itemStarted", __sse::Tagging::Member("type"));
                __schemas.event(__schema, __sse::Said::NOTHING);
            }
            {
                let __schema = __sse::part_schema::<
                    Self,
                >(&mut __schemas, "done", __sse::Tagging::Member("type"));
                __schemas.event(__schema, __sse::Said::NOTHING);
            }
            __schemas.end()
        }
        fn schema_name() -> __sse::SchemaName {
            __sse::SchemaName::Borrowed("Turn")
        }
    }
};
