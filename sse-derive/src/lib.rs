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
mod place;
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
/// | variant, struct | `tombstone` | takes its `key` out of "latest per key"; a key that is `None` is an error when it is sent |
/// | last variant | `other` | stands for event types that no variant has: its one field, an untyped `Event`, is sent as with `transparent`; without a field it is an event like any |
/// | field | `id` | the event ID, by `Display`; `None` writes no field `id` |
/// | field | `id = function` | the same of what a path or a closure makes of a reference to the field |
/// | field | `key`, `key = function` | the compaction key, which stays on the server; `None` is no key |
/// | field | `retry` | a `Duration`: the reconnection time, not part of the data; `None` writes no field `retry` |
/// | field | `data` | this field alone is the data |
/// | field | `skip` | not part of the data |
///
/// Event types are compared at compile time, those of `transparent` fields included: two events of one type do not
/// compile, unless a fixed `text` tells them apart. In a generic enum, those of its parameters are compared where it is
/// sent, which `cargo build` sees and `cargo check` does not. `error` and `open` are refused, since a browser's `EventSource`
/// dispatches events of its own under these names. `reset` is what a channel sends where it could not replay
/// everything: call an event so only if the channel's `reset_with` makes it. The doc comment of a variant is the
/// documentation of its event in the catalogue.
///
/// A type that is `transparent` inside itself is an error. By way of another type it is the compiler's own, E0391: a
/// cycle, of constants.
///
/// In these examples `wire!` is what goes over the wire: the bytes of `to_frame` as text.
/// Names, of a type and its variants:
///
/// ```
/// # use typed_sse::SseEvent;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(SseEvent)]
/// #[sse(rename_all = "kebab-case", prefix = "market.")]
/// enum Market {
///     /// Sent at nine.
///     DayOpened,
///     #[sse(event = "bell")]
///     DayClosed,
///     #[sse(event = "message")]
///     Note(&'static str),
/// }
///
/// assert_eq!(wire!(Market::DayOpened), "event: market.day-opened\ndata: null\n\n");
/// assert_eq!(wire!(Market::DayClosed), "event: bell\ndata: null\n\n");
/// assert_eq!(wire!(Market::Note("hi")), "data: \"hi\"\n\n");
/// assert_eq!(Market::EVENTS.iter().next().map(|spec| spec.doc()), Some("Sent at nine."));
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// `bound`, where the inferred one asks for too much (here `Option<T>: Display`), and `crate`:
///
/// ```
/// # use typed_sse::SseEvent;
/// # use std::fmt::Display;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// extern crate typed_sse as sse;
///
/// #[derive(SseEvent)]
/// #[sse(bound = "T: Display", crate = "sse")]
/// struct Ping<T> {
///     #[sse(id, skip)]
///     seq: Option<T>,
/// }
///
/// assert_eq!(wire!(Ping { seq: Some(7) }), "event: ping\nid: 7\ndata: {}\n\n");
/// assert_eq!(wire!(Ping::<u8> { seq: None }), "event: ping\ndata: {}\n\n");
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// `text`, `base64`, `retry`, `transparent` and `other`:
///
/// ```
/// # use typed_sse::{Event, SseEvent};
/// # use std::time::Duration;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(SseEvent)]
/// enum Chat {
///     #[sse(text, retry = 3000)]
///     Token(String),
///     #[sse(text = "[DONE]")]
///     Done,
///     #[sse(base64)]
///     Audio(Vec<u8>),
///     Closing { #[sse(retry)] back_in: Duration },
///     #[sse(transparent)]
///     Usage(Usage),
///     #[sse(other)]
///     Unknown(Event),
/// }
///
/// #[derive(SseEvent)]
/// struct Usage {
///     tokens: u32,
/// }
///
/// let token = Chat::Token("two\nlines".to_owned());
/// assert_eq!(wire!(token), "event: token\nretry: 3000\ndata: two\ndata: lines\n\n");
/// assert_eq!(wire!(Chat::Done), "event: done\ndata: [DONE]\n\n");
/// assert_eq!(wire!(Chat::Audio(vec![0, 255])), "event: audio\ndata: AP8=\n\n");
/// let closing = Chat::Closing { back_in: Duration::from_secs(9) };
/// assert_eq!(wire!(closing), "event: closing\nretry: 9000\ndata: {}\n\n");
/// assert_eq!(wire!(Chat::Usage(Usage { tokens: 5 })), "event: usage\ndata: {\"tokens\":5}\n\n");
/// assert_eq!(wire!(Chat::Unknown(Event::new("x"))), "data: x\n\n");
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// `id`, `key`, `data` and `skip`, `ephemeral` and `tombstone`:
///
/// ```
/// # use typed_sse::SseEvent;
/// # use serde::Serialize;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(Serialize)]
/// struct Order {
///     seq: u64,
///     customer: String,
/// }
///
/// impl Order {
///     fn customer(&self) -> &str {
///         &self.customer
///     }
/// }
///
/// #[derive(SseEvent)]
/// enum Orders {
///     Placed(#[sse(id = |order| order.seq, key = Order::customer)] Order),
///     Shipped { #[sse(id)] seq: u64, #[sse(key, skip)] customer: String },
///     Noted { #[sse(id)] seq: u64, #[sse(data)] note: String },
///     #[sse(ephemeral)]
///     Typing { #[sse(key)] customer: String },
///     #[sse(tombstone)]
///     Left(#[sse(key)] String),
/// }
///
/// let customer = || "c1".to_owned();
/// let placed = Orders::Placed(Order { seq: 7, customer: customer() });
/// assert_eq!(wire!(placed), "event: placed\nid: 7\ndata: {\"seq\":7,\"customer\":\"c1\"}\n\n");
/// assert_eq!(placed.to_frame()?.key(), Some("c1"));
/// let shipped = Orders::Shipped { seq: 8, customer: customer() };
/// assert_eq!(wire!(shipped), "event: shipped\nid: 8\ndata: {\"seq\":8}\n\n");
/// let noted = Orders::Noted { seq: 9, note: "n".to_owned() };
/// assert_eq!(wire!(noted), "event: noted\nid: 9\ndata: \"n\"\n\n");
/// assert!(Orders::Typing { customer: customer() }.to_frame()?.is_ephemeral());
/// assert!(Orders::Left(customer()).to_frame()?.is_tombstone());
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
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
/// `flatten`, on a struct `transparent`. What only concerns deserialising is let through; anything else is an error: on the type, `#[serde(tag)]` and
/// `#[serde(rename_all)]` name variants, and so events, which `#[sse]` does here. A type that is also serialised elsewhere,
/// with its name in the data, is best one field of an event: `#[sse(data)] T`.
///
/// # Bounds
///
/// The type of a field that mentions a generic parameter gets the bound it is used with: `Serialize`, `Display` for
/// an `id` or `key`, `AsRef<str>` for `text`, `AsRef<[u8]>` for `base64`, `SseEvent` for `transparent`. An `Option<T>`
/// as `id` or `key` needs a `bound`, as above.
///
/// # Generated code
///
/// One impl inside `const _`, written as by hand, without helper types. The first variant above becomes
///
/// ```text
/// Self::PriceChanged { seq: __field0, symbol: __field1, price: __field2, .. } => {
///     static __EVENT_TYPE: EventType = EventType::from_static("price_changed");
///     let __encoder = key(__encoder, __field1)?;
///     let __encoder = __encoder.event_type(&__EVENT_TYPE)?;
///     let __encoder = id(__encoder, __field0)?;
///     let __object = __encoder.object();
///     let __object = field(__object, "seq", __field0)?;
///     let __object = field(__object, "symbol", __field1)?;
///     let __object = field(__object, "price", __field2)?;
///     __object.end()
/// }
/// ```
#[proc_macro_derive(SseEvent, attributes(sse, serde))]
pub fn derive_sse_event(input: TokenStream) -> TokenStream {
    expand::derive(input.into()).into()
}
