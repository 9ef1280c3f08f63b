//! `#[derive(SseEvent)]` of **typed-sse**. Applications use it through the facade, which re-exports it beside the
//! trait of the same name.

mod ast;
mod attr;
mod bound;
mod case;
mod check;
mod errors;
mod expand;
mod payload;
mod stub;

use proc_macro::TokenStream;

/// Makes each variant of an enum, or a struct as a whole, one event of an event stream.
///
/// ```
/// use typed_sse::SseEvent;
///
/// #[derive(SseEvent)]
/// enum Market {
///     PriceChanged { #[sse(id)] seq: u64, #[sse(key)] symbol: String, price: f64 },
///     #[sse(text)]
///     TradingHalted(String),
/// }
///
/// let event = Market::PriceChanged { seq: 7, symbol: "ACME".to_owned(), price: 1.5 };
/// assert_eq!(
///     event.to_frame()?.as_ref(),
///     b"event: price_changed\nid: 7\ndata: {\"seq\":7,\"symbol\":\"ACME\",\"price\":1.5}\n\n",
/// );
/// let event = Market::TradingHalted("news\npending".to_owned());
/// assert_eq!(event.to_frame()?.as_ref(), b"event: trading_halted\ndata: news\ndata: pending\n\n");
///
/// let types: Vec<_> = Market::EVENTS.iter().map(|spec| spec.event_type()).collect();
/// assert_eq!(types, ["price_changed", "trading_halted"]);
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// # Attributes
///
/// | on | `#[sse(...)]` | meaning |
/// |---|---|---|
/// | type | `rename_all = "kebab-case"` | one of serde's eight rules for the names of variants; default `snake_case` |
/// | type | `prefix = "market."` | put before each event type that is not given by `event` |
/// | type | `bound = "T: Serialize"` | replaces the inferred where-clause |
/// | type | `crate = "path"` | where the facade is, if not at `::typed_sse` |
/// | variant, struct | `event = "name"` | the event type; `message` writes no field `event` |
/// | variant, struct | `retry = 3000` | the reconnection time in whole milliseconds |
/// | variant, struct | `text` | the one field that is sent, `AsRef<str>`, as text instead of JSON |
/// | variant, struct | `text = "[DONE]"` | always this text; no field is sent |
/// | variant, struct | `base64` | the one field that is sent, `AsRef<[u8]>`, as padded base64 |
/// | variant, struct | `transparent` | the one field is an event itself: send that, and take over its catalogue |
/// | variant, struct | `ephemeral` | live only: sent without an ID, never replayed |
/// | variant, struct | `tombstone` | takes its `key` out of "latest per key" |
/// | variant | `other` | where unknown event types go when decoding; a field is sent as with `transparent` |
/// | field | `id` | the event ID, by `Display` |
/// | field | `id = function` | the same of what a path or a closure makes of a reference to the field |
/// | field | `key`, `key = function` | the compaction key, which stays on the server |
/// | field | `retry` | a `Duration`: the reconnection time; not part of the data |
/// | field | `data` | this field alone is the data |
/// | field | `skip` | not part of the data |
///
/// Event types are compared at compile time, those of `transparent` fields included: two events of one type do not
/// compile, unless a fixed `text` tells them apart. `error` and `open` are refused, since a browser's `EventSource`
/// dispatches events of its own under these names.
///
/// # Data
///
/// | fields | JSON |
/// |---|---|
/// | none: `Ping`, `Ping()` | `null` |
/// | one without a name | its value |
/// | with names | an object of them; `id` and `key` fields stay in it unless `skip` |
/// | several without names | an error, until one is marked `data` or all but one `skip` |
///
/// Neither `skip` nor `retry` fields count. `text` and `base64` send one field, found by the same rules.
///
/// `#[serde(...)]` on variants and fields keeps its meaning for the data, without a derive of serde's: `rename`,
/// `rename_all`, `rename_all_fields`, `skip`, `skip_serializing`, `skip_serializing_if`, `with`, `serialize_with` and
/// `flatten`. What only concerns deserialising is let through; anything else is an error.
///
/// # Bounds
///
/// The type of a field that mentions a generic parameter gets the bound it is used with: `Serialize`, `Display` for
/// an `id` or `key`, `AsRef<str>` for `text`, `AsRef<[u8]>` for `base64`, `SseEvent` for `transparent`.
///
/// # Generated code
///
/// One impl inside `const _`, written as by hand, without helper types. The first variant above becomes
///
/// ```text
/// Self::PriceChanged { seq: __field0, symbol: __field1, price: __field2, .. } => {
///     static __EVENT_TYPE: EventType = EventType::from_static("price_changed");
///     let __encoder = key::<String>(__encoder, __field1)?;
///     let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
///     let __encoder = id::<u64>(__encoder, __field0)?;
///     let __object = __encoder.object();
///     let __object = field::<u64>(__object, "seq", __field0)?;
///     let __object = field::<String>(__object, "symbol", __field1)?;
///     let __object = field::<f64>(__object, "price", __field2)?;
///     __object.end()
/// }
/// ```
#[proc_macro_derive(SseEvent, attributes(sse, serde))]
pub fn derive_sse_event(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).into()
}
