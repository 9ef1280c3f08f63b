#[sse(crate = "::sse")]
#[serde(rename_all = "camelCase")]
struct Page<'a, T: Clone, const N: usize = 2>
where
    T: 'a,
{
    page_items: [&'a T; N],
    #[serde(flatten)]
    meta: Meta,
    #[serde(with = "hex")]
    color: u32,
    #[deprecated]
    old: u8,
}
const _: () = {
    #[allow(unused_imports, unused_qualifications)]
    use ::sse::__private as __sse;
    #[automatically_derived]
    #[allow(
        deprecated,
        private_bounds,
        unused_qualifications,
        clippy::absolute_paths,
        clippy::init_numbered_fields
    )]
    impl<'a, T: Clone, const N: usize> __sse::SseEvent for Page<'a, T, N>
    where
        T: 'a,
        [&'a T; N]: __sse::serde::Serialize,
    {
        const EVENTS: __sse::Catalogue = __sse::Catalogue::compared(
            &[__sse::Entry::Event(__sse::EventSpec::new("page").with_variant("Page"))],
        );
        fn encode<'__encoder>(
            &self,
            __encoder: __sse::Encoder<'__encoder>,
        ) -> ::core::result::Result<__sse::Encoded<'__encoder>, __sse::EncodeError> {
            match self {
                Self {
                    page_items: __field0,
                    meta: __field1,
                    color: __field2,
                    old: __field3,
                    ..
                } => {
                    static __EVENT_TYPE: __sse::EventType = __sse::EventType::from_static(
                        "page",
                    );
                    let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
                    let __object = __encoder.object();
                    let __object = __sse::field(__object, "pageItems", __field0)?;
                    let __object = __sse::flatten(__object, __field1)?;
                    let __object = __object
                        .field_with(
                            "color",
                            |__serializer| hex::serialize(__field2, __serializer),
                        )?;
                    let __object = __sse::field(__object, "old", __field3)?;
                    __object.end()
                }
            }
        }
    }
};
