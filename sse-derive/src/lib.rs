//! `#[derive(SseEvent)]`, `#[derive(FromSseEvent)]` and `#[derive(SseSchema)]` of **typed-sse**. Applications use them through the
//! facade, which re-exports each beside the trait of the same name.

mod ast;
mod attr;
mod bound;
mod case;
mod check;
mod describing;
mod doc;
mod effect;
mod errors;
mod event_type;
mod expand;
mod need;
mod parse;
mod payload;
mod place;
mod reading;

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
/// | type | `rename_all = "kebab-case"` | one of serde's eight rules for the names of variants; default `snake_case`, with `data = self` the name that serde gives |
/// | type | `prefix = "market."` | put before each event type that is not given by `event` and does not come from a nested type |
/// | type | `bound = "T: Serialize"` | replaces the inferred where-clause; `bound(serialize = "..", deserialize = "..", schema = "..")` where [`FromSseEvent`](macro@FromSseEvent) or [`SseSchema`](macro@SseSchema) needs another |
/// | type | `crate = "path"` | where the facade is, if not at `::typed_sse` |
/// | type | `data = self` | the data is what the type's own `Serialize` writes: see [below](#an-enum-that-derives-serialize) |
/// | type | `data = fields` | the data is made of the fields, as without it, and serde's attributes may say what they like |
/// | enum | `untagged` | several variants may have one event type: whoever reads them tells them apart by their data, and tries them in order; two with the same fixed `text` stay an error |
/// | enum, variant, struct | `event = "name"` | the event type, on an enum of each variant that has none of its own; `message` writes no field `event` |
/// | enum, variant, struct | `event = path::NAME` | the same of a constant, or of a macro such as `concat!(..)`: a `const` or `static` of type `&'static str`, checked at compile time |
/// | enum, variant, struct | `explicit` | beside `event = "message"`: the field `event` is written, for clients that drop an event without it |
/// | variant, struct | `retry = 3000` | the reconnection time in whole milliseconds |
/// | variant, struct | `text` | the one field that is sent, `AsRef<str>`, as text instead of JSON |
/// | variant, struct | `text = "[DONE]"` | always this text; no field is sent |
/// | variant, struct | `base64` | the one field that is sent, `AsRef<[u8]>`, as padded base64 |
/// | variant, struct | `transparent` | the one field is an event itself: send that, and take over its catalogue |
/// | variant, struct | `ephemeral` | live only: sent without an ID, never replayed |
/// | variant, struct | `tombstone` | takes its `key` out of "latest per key"; a key that is `None` is an error when it is sent |
/// | variant, struct | `terminal` | ends its stream: a channel that publishes it is finished, and a client that has it is done |
/// | variant | `skip` | never sent: encoding it is the error `EncodeErrorKind::Skipped`, and it is in no catalogue |
/// | last variant | `other` | stands for event types that no variant has: its one field, an untyped `Event`, is sent as with `transparent`; without a field it is an event like any |
/// | field | `id` | the event ID, by `Display`; `None` writes no field `id`, and a channel numbers the event (in an envelope, the ID of the event inside stands) |
/// | field | `id = function` | the same of what a path or a closure makes of a reference to the field |
/// | field | `id, or_ephemeral` | an ID, an `Option`, without which the event is `ephemeral`: no channel numbers it, and it is never replayed |
/// | field | `key`, `key = function` | the compaction key, which stays on the server; `None` is no key |
/// | field | `event` | an `EventType`: the event type, not part of the data. The catalogue is open then: `Catalogue::is_open` |
/// | field | `retry` | a `Duration`: the reconnection time, not part of the data; `None` writes no field `retry` |
/// | field | `transparent` | this field is an event itself, in an [envelope](#envelopes) that adds an ID, a key or a reconnection time |
/// | field | `data` | this field alone is the data |
/// | field | `skip` | not part of the data |
///
/// Event types are compared at compile time, those of constants and of `transparent` fields included: two events of one
/// type do not compile, unless a fixed `text` tells them apart or the enum is `untagged`. In a generic enum, those of its
/// parameters are compared where it is sent, which `cargo build` sees and `cargo check` does not. A browser's `EventSource`
/// dispatches events of its own under the names `error` and `open`, so these are refused where they result from a rule; where a
/// protocol has them, say so in full: `event = "error"`, or with `data = self` also `#[serde(rename = "error")]`. `reset` is
/// what a channel sends where it could not replay everything: call an event so only if the channel's `reset_with` makes it.
/// The doc comment of a variant is the documentation of its event in the catalogue.
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
/// Names that a protocol gives, or other parts of the program:
///
/// ```
/// # use typed_sse::{EncodeErrorKind, EventType, SseEvent};
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// const STDOUT: &str = "stdout";
///
/// #[derive(SseEvent)]
/// enum Output {
///     #[sse(event = STDOUT, text)]
///     Line(String),
///     #[sse(event = concat!("process", ".exited"))]
///     Exited { code: i32 },
///     #[sse(event = "error")]
///     Failed { reason: String },
///     #[sse(event = "message", explicit)]
///     Note(String),
///     Plugin { #[sse(event)] kind: EventType, value: u8 },
///     #[sse(skip)]
///     Audited(String),
/// }
///
/// assert_eq!(wire!(Output::Line("a".to_owned())), "event: stdout\ndata: a\n\n");
/// assert_eq!(wire!(Output::Exited { code: 1 }), "event: process.exited\ndata: {\"code\":1}\n\n");
/// let failed = Output::Failed { reason: "r".to_owned() };
/// assert_eq!(wire!(failed), "event: error\ndata: {\"reason\":\"r\"}\n\n");
/// assert_eq!(wire!(Output::Note("n".to_owned())), "event: message\ndata: \"n\"\n\n");
/// let plugin = Output::Plugin { kind: EventType::new("weather")?, value: 5 };
/// assert_eq!(wire!(plugin), "event: weather\ndata: {\"value\":5}\n\n");
/// assert!(Output::EVENTS.is_open());
/// let error = Output::Audited("a".to_owned()).to_frame().unwrap_err();
/// assert_eq!(error.kind(), EncodeErrorKind::Skipped);
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// Several variants of one event type, and an ID that may be missing:
///
/// ```
/// # use typed_sse::SseEvent;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(SseEvent)]
/// #[sse(event = "message", untagged)]
/// enum Completion {
///     Chunk { #[sse(id, or_ephemeral)] seq: Option<u64>, text: String },
///     Failed { error: String },
///     #[sse(text = "[DONE]")]
///     Done,
/// }
///
/// let chunk = |seq| Completion::Chunk { seq, text: "t".to_owned() };
/// assert_eq!(wire!(chunk(Some(7))), "id: 7\ndata: {\"seq\":7,\"text\":\"t\"}\n\n");
/// assert_eq!(wire!(chunk(None)), "data: {\"seq\":null,\"text\":\"t\"}\n\n");
/// assert!(chunk(None).to_frame()?.is_ephemeral());
/// assert_eq!(wire!(Completion::Failed { error: "e".to_owned() }), "data: {\"error\":\"e\"}\n\n");
/// assert_eq!(wire!(Completion::Done), "data: [DONE]\n\n");
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// # An enum that derives `Serialize`
///
/// With `data = self`, the data is what the type's own `Serialize` writes, derived or by hand. An event is called what serde
/// calls the variant, by `rename` and `rename_all`, or else as the variant is written, so tag and event type are the same unless
/// you name one otherwise. A struct is called by serde's `rename`, or as it is written. All of serde's attributes on the type and
/// its variants are serde's business.
///
/// ```
/// # use typed_sse::SseEvent;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(serde::Serialize, SseEvent)]
/// #[serde(tag = "type", rename_all = "camelCase")]
/// #[sse(data = self)]
/// enum Turn {
///     ItemStarted { #[sse(id)] seq: u64, item: String },
///     #[serde(rename = "turn/completed")]
///     Completed { #[sse(key)] #[serde(skip)] user: String, tokens: u32 },
///     #[sse(event = "error")]
///     Error { message: String },
///     #[sse(text = "[DONE]")]
///     Done,
/// }
///
/// let started = Turn::ItemStarted { seq: 7, item: "i".to_owned() };
/// assert_eq!(
///     wire!(started),
///     "event: itemStarted\nid: 7\ndata: {\"type\":\"itemStarted\",\"seq\":7,\"item\":\"i\"}\n\n",
/// );
/// let completed = Turn::Completed { user: "ann".to_owned(), tokens: 5 };
/// assert_eq!(
///     wire!(completed),
///     "event: turn/completed\ndata: {\"type\":\"turn/completed\",\"tokens\":5}\n\n",
/// );
/// assert_eq!(completed.to_frame()?.key(), Some("ann"));
/// let error = Turn::Error { message: "m".to_owned() };
/// assert_eq!(wire!(error), "event: error\ndata: {\"type\":\"error\",\"message\":\"m\"}\n\n");
/// assert_eq!(wire!(Turn::Done), "event: done\ndata: [DONE]\n\n");
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// - `event`, `rename_all` and `prefix` of ours replace serde's names, a variant's own `rename` too.
/// - `id`, `key`, `retry` and `event` still come out of the fields. Each stays in the data, a `retry` too, unless it is
///   `#[serde(skip)]`. `#[sse(skip)]` alone is an error, since it is serde that writes the fields.
/// - A variant that says how its data is sent is sent so: `text`, `base64`, `transparent`.
/// - A variant that is `#[serde(skip)]` or `#[serde(skip_serializing)]`, and does not say how its data is sent, is never sent.
///   It is sent all the same where the type is `#[serde(into = "..")]`, since serde converts the value before it looks at the
///   variant; and where the variant has an `event = ".."`, which is for a `Serialize` written by hand: with serde's own derive,
///   sending such a variant is an error.
/// - A generic type needs `Self: Serialize`, and nothing of its fields.
///
/// Where serde's attributes are for something else, such as a derive of `Deserialize` alone, `data = fields` lets them
/// through. The data is made of the fields, and an event is called as without it:
///
/// ```
/// # use typed_sse::SseEvent;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(serde::Deserialize, SseEvent)]
/// #[serde(tag = "type", rename_all = "camelCase")]
/// #[sse(data = fields)]
/// enum Stored {
///     PriceChanged { price: f64 },
/// }
///
/// assert_eq!(wire!(Stored::PriceChanged { price: 1.5 }), "event: price_changed\ndata: {\"price\":1.5}\n\n");
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// # Envelopes
///
/// `transparent` on a field: the event is the one inside, and `id`, `key` and `retry` of the envelope go before its own.
/// With an ID from outside, an `ephemeral` event can be replayed. Mark every other field `#[sse(skip)]`; one without a mark is an
/// error, since it would be lost.
///
/// ```
/// # use typed_sse::SseEvent;
/// # macro_rules! wire { ($event:expr) => { String::from_utf8_lossy($event.to_frame()?.as_ref()) }; }
/// #[derive(SseEvent)]
/// struct Stored {
///     #[sse(id)]
///     seq: u64,
///     #[sse(transparent)]
///     event: Order,
/// }
///
/// #[derive(SseEvent)]
/// enum Order {
///     Placed { #[sse(id, key)] order: u32 },
/// }
///
/// assert_eq!(wire!(Order::Placed { order: 1 }), "event: placed\nid: 1\ndata: {\"order\":1}\n\n");
/// let stored = Stored { seq: 42, event: Order::Placed { order: 1 } };
/// assert_eq!(wire!(stored), "event: placed\nid: 42\ndata: {\"order\":1}\n\n");
/// assert_eq!(stored.to_frame()?.key(), Some("1"));
/// # Ok::<(), typed_sse::EncodeError>(())
/// ```
///
/// By hand it is `self.event.encode(encoder.id(&self.seq)?)`.
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
/// Neither `skip` nor `retry` nor `event` fields count. `text` and `base64` send one field, found by the same rules.
///
/// `#[serde(...)]` on variants and fields keeps its meaning for the data, without a derive of serde's: `rename`,
/// `rename_all`, `rename_all_fields`, `skip`, `skip_serializing`, `skip_serializing_if`, `with`, `serialize_with` and
/// `flatten`, on a struct `transparent`. What only concerns reading is for [`FromSseEvent`](macro@FromSseEvent). Anything else is an error, since it
/// would have no effect: `tag`, `content`, `untagged` and `into` say how a type is written as a whole, `rename_all` and
/// `rename` what serde calls its variants. `data = self` or `data = fields` says what they are for.
///
/// # Bounds
///
/// The type of a field that mentions a generic parameter gets the bound it is used with: `Serialize`, `Display` for
/// an `id` or `key`, `AsRef<str>` for `text`, `AsRef<[u8]>` for `base64`, `SseEvent` for `transparent`. An `Option<T>`
/// as `id` or `key` needs a `bound`, as above; not so as `id, or_ephemeral`. With `data = self` it is `Self: Serialize`.
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
    expand::derive(input.into(), expand::Derive::SseEvent).into()
}

/// Reads a dispatched event back into the type that it was: the way back of [`SseEvent`](macro@SseEvent).
///
/// It takes the same attributes, all of which [`SseEvent`](macro@SseEvent#attributes) explains, so one enum is the source of both sides. It
/// can stand alone, too, for a server that is not yours.
///
/// ```
/// use typed_sse::{Decoder, FromSseEvent, SseEvent};
///
/// #[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
/// enum Market {
///     PriceChanged { #[sse(id, skip)] seq: u64, symbol: String, price: f64 },
///     #[sse(text)]
///     TradingHalted(String),
///     #[sse(terminal)]
///     Closed,
/// }
///
/// let sent = Market::PriceChanged { seq: 7, symbol: "ACME".to_owned(), price: 1.5 };
/// let frame = sent.to_frame()?;
///
/// let mut decoder = Decoder::new();
/// let event = decoder.next_event(&mut frame.as_ref())?.ok_or("no event")?;
/// let read = Market::from_event(&event)?;
/// assert_eq!(read, sent);
/// assert!(!read.is_terminal());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Where a field comes from
///
/// | field | comes from |
/// |---|---|
/// | that is sent in the data, an `id` or a `key` among them | the data |
/// | `id` that is not in the data: `id, skip`, or beside `data`, `text`, `base64`, `transparent` | the event ID, by `FromStr`; an `Option` is `None` where the event itself has none, whatever ID an earlier one had |
/// | `retry` | the reconnection time that came with the event, in whole milliseconds; a `Duration` has to be there, an `Option` may be `None` |
/// | `event` | the event type |
/// | any other that is not in the data, a `key` of an envelope among them | `Default` |
///
/// What is sent under a projection (`id = |order| order.seq`) is read like any field.
///
/// # Which variant it is
///
/// That of the event type; of several, the first that fits: a fixed `text` first, then in the order of their declaration. A variant
/// with an `event` field takes what no other is called, and after it `other`: a unit variant, or one that holds the untyped
/// `Event`. Without them, an event type that no variant has is
/// [`FromEventErrorKind::UnknownEventType`](https://docs.rs/typed-sse/latest/typed_sse/enum.FromEventErrorKind.html). Variants that are `skip` are never read. A unit variant
/// takes whatever data comes, since a newer server may send some; where the type is `untagged`, it takes `null`.
///
/// ```
/// # use typed_sse::{Event, EventRef, EventType, FromSseEvent};
/// #[derive(Debug, PartialEq, FromSseEvent)]
/// #[sse(event = "message", untagged)]
/// enum Completion {
///     Chunk { text: String },
///     Failed { error: String },
///     #[sse(text = "[DONE]", terminal)]
///     Done,
///     #[sse(other)]
///     Newer(Event),
/// }
///
/// let read = |event: &Event| Completion::from_event(&EventRef::from(event));
/// assert_eq!(read(&Event::new("{\"error\":\"e\"}"))?, Completion::Failed { error: "e".to_owned() });
/// assert!(read(&Event::new("[DONE]"))?.is_terminal());
/// let newer = Event::new("5").with_event_type(EventType::from_static("usage"));
/// assert_eq!(read(&newer)?, Completion::Newer(newer));
/// let error = read(&Event::new("{\"text\":null}")).unwrap_err();
/// assert!(error.to_string().contains("`Chunk`: field `text`: invalid type: null, expected a string"));
/// # Ok::<(), typed_sse::FromEventError>(())
/// ```
///
/// # What the types of fields need
///
/// They own what they hold: `&str` is an error, `String`, `Cow<str>` and `Box<str>` are not.
///
/// | field | needs |
/// |---|---|
/// | in the data | `DeserializeOwned`, unless `with` or `deserialize_with` reads it |
/// | `id` from the event ID | `FromStr`, with an error that is `Display`, or an `Option` of that |
/// | `text` | `From<String>` or `TryFrom<String>`: `String`, `Box<str>`, `Arc<str>`, `Cow<str>`, types of your own |
/// | `base64` | `From<Vec<u8>>` or `TryFrom<Vec<u8>>`: `Vec<u8>`, `Box<[u8]>`, `[u8; N]`, `bytes::Bytes` |
/// | `transparent`, `other` | `FromSseEvent` |
/// | not sent | `Default` |
///
/// The type itself needs no derive of serde's, unless it is `data = self`: then it is `Deserialize` that reads it, and the variant
/// has to be one of the event type. In a generic type these bounds are inferred; `bound(deserialize = "..")` replaces them here,
/// `bound(serialize = "..")` those of `SseEvent`, and `bound = ".."` both.
///
/// `#[serde(...)]` on fields keeps its meaning: `rename`, `alias`, `default`, `with`, `deserialize_with`, `flatten`, `skip`,
/// `skip_deserializing`; so do `rename_all` on variants, `rename_all_fields` and `deny_unknown_fields` on the type, and on a struct
/// `rename_all` and `default`.
///
/// A floating-point number comes back to its last bit: the feature `json` turns on `float_roundtrip` of `serde_json`.
#[proc_macro_derive(FromSseEvent, attributes(sse, serde))]
pub fn derive_from_sse_event(input: TokenStream) -> TokenStream {
    expand::derive(input.into(), expand::Derive::FromSseEvent).into()
}

/// Describes the data of each event by a JSON Schema, of which `typed-sse-codegen` makes TypeScript and API documents.
///
/// It stands beside [`SseEvent`](macro@SseEvent#attributes), takes the same attributes, and needs the feature `schema`.
///
/// ```
/// use typed_sse::schema::SchemaCatalogue;
/// use typed_sse::{SseEvent, SseSchema};
///
/// #[derive(SseEvent, SseSchema)]
/// enum Market {
///     /// A price has changed.
///     PriceChanged { #[sse(id, skip)] seq: u64, symbol: String, price: Price },
///     #[sse(text, terminal)]
///     Closed(String),
/// }
///
/// #[derive(serde::Serialize, schemars::JsonSchema)]
/// struct Price {
///     amount: f64,
/// }
///
/// let catalogue = SchemaCatalogue::of::<Market>();
/// let [changed, closed, _reset] = catalogue.events() else { panic!() };
/// assert_eq!((changed.event_type(), changed.doc()), (Some("price_changed"), "A price has changed."));
/// assert!(changed.has_id() && closed.is_terminal());
/// let schema = changed.schema().ok_or("JSON")?;
/// assert_eq!(schema.pointer("/properties/price/$ref").and_then(|path| path.as_str()), Some("#/$defs/Price"));
/// assert!(schema.pointer("/properties/seq").is_none());
/// # Ok::<(), &str>(())
/// ```
///
/// # What the types of fields need
///
/// | field | needs |
/// |---|---|
/// | in the data, as JSON | `schemars::JsonSchema`, unless `serialize_with` or `with` of serde writes it |
/// | `transparent`, `other` | `SseSchema` |
/// | sent as `text` or `base64`, or not in the data | nothing |
/// | any of an enum that is `data = self` | the type itself `JsonSchema`, derived |
///
/// Sending asks for none of it. In a generic type these bounds are inferred; `bound(schema = "..")` replaces them, and `bound = ".."`
/// does not concern them.
///
/// # What serde writes
///
/// The schema is of what is written, so serde's attributes on fields and variants mean what they mean to
/// [`SseEvent`](macro@SseEvent#data): a field under `skip_serializing_if` may be missing, a `default` may not, `flatten` adds the members of
/// another type. What a function writes, by `with` or `serialize_with`, can be anything, unless you say what it is like:
///
/// ```
/// # use typed_sse::{SseEvent, SseSchema};
/// # fn hex<S: serde::Serializer>(n: &u64, serializer: S) -> Result<S::Ok, S::Error> { serializer.collect_str(n) }
/// #[derive(SseEvent, SseSchema)]
/// struct Painted {
///     #[serde(serialize_with = "hex")]
///     #[schemars(with = "String")]
///     colour: u64,
/// }
/// ```
///
/// With `data = self`, each event has the part that its variant has in the schema of the type, by serde's tag, its name, or, where the type is
/// `untagged`, its place. Where that is not certain, such as with serde's `into`, each has the schema of the type as a whole.
///
/// Documentation and `#[deprecated]` of variants and fields are carried along.
#[proc_macro_derive(SseSchema, attributes(sse, serde, schemars))]
pub fn derive_sse_schema(input: TokenStream) -> TokenStream {
    expand::derive(input.into(), expand::Derive::SseSchema).into()
}
