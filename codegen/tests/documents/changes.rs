//! What a change of an enum breaks.

use schemars::JsonSchema;
use serde::Serialize;
use typed_sse::schema::SchemaCatalogue;
use typed_sse::{Event, SseEvent, SseSchema};
use typed_sse_codegen::changes::{Side, compare};

/// The changes from one type to another, each with who breaks: `old`, `new`, `both` or `none`.
fn changes<Old: SseSchema, New: SseSchema>() -> Vec<(String, &'static str)> {
    let report = compare(&SchemaCatalogue::of::<Old>(), &SchemaCatalogue::of::<New>());
    let changes = report.changes().iter().map(|change| {
        let who = match (change.breaks(Side::OldReaders), change.breaks(Side::NewReaders)) {
            (true, true) => "both",
            (true, false) => "old",
            (false, true) => "new",
            (false, false) => "none",
        };
        (format!("{}: {}", change.place, change.kind), who)
    });
    changes.collect()
}

/// Two versions of one enum, and what is between them.
macro_rules! versions {
    ($($name:ident { $($old:tt)* } => { $($new:tt)* } $wanted:expr)*) => {$(
        #[test]
        fn $name() {
            mod old {
                use super::*;
                $($old)*
            }
            mod new {
                use super::*;
                $($new)*
            }
            let wanted: &[(&str, &str)] = &$wanted;
            let found = changes::<old::E, new::E>();
            let found: Vec<_> = found.iter().map(|(change, who)| (change.as_str(), *who)).collect();
            assert_eq!(found, wanted);
            assert_eq!(changes::<old::E, old::E>(), []);
            assert_eq!(changes::<new::E, new::E>(), []);
        }
    )*};
}

versions! {
    an_event_more_and_one_less
    { #[derive(SseEvent, SseSchema)] pub(super) enum E { A { x: u8 }, B } }
    => { #[derive(SseEvent, SseSchema)] pub(super) enum E { A { x: u8 }, C { y: String } } }
    [("b: the event is gone", "old"), ("c: a new event", "none")]

    an_event_by_another_name
    { #[derive(SseEvent, SseSchema)] pub(super) enum E { PriceChanged { price: f64 }, Halted { reason: String } } }
    => { #[derive(SseEvent, SseSchema)] pub(super) enum E {
        #[sse(event = "price")] PriceChanged { price: f64 },
        Stopped { reason: String },
    } }
    [("price_changed: the event is called `price` now", "both"), ("halted: the event is called `stopped` now", "both")]

    fields_of_an_event
    { #[derive(SseEvent, SseSchema)] pub(super) enum E { A {
        gone: u8, #[serde(skip_serializing_if = "Option::is_none")] rarely: Option<u8>, kept: String,
    } } }
    => { #[derive(SseEvent, SseSchema)] pub(super) enum E { A {
        kept: String, new: u8, #[serde(skip_serializing_if = "Option::is_none")] seldom: Option<u8>,
    } } }
    [
        ("a.data.gone: a field is gone that was always there", "old"),
        ("a.data.rarely: an optional field is gone", "none"),
        ("a.data.new: a new field that is always there", "new"),
        ("a.data.seldom: a new optional field", "none"),
    ]

    a_new_field_with_a_default
    { #[derive(SseEvent, SseSchema)] pub(super) struct E { a: u8 } }
    => { #[derive(Serialize, JsonSchema, SseEvent, SseSchema)] #[sse(data = self, event = "e")] pub(super) struct E {
        a: u8, #[serde(default)] b: u8,
    } }
    [("e.data.b: a new field that is always there", "none")]

    whether_a_field_can_be_missing
    { #[derive(SseEvent, SseSchema)] pub(super) struct E {
        a: Option<u8>, #[serde(skip_serializing_if = "Option::is_none")] b: Option<u8>,
    } }
    => { #[derive(SseEvent, SseSchema)] pub(super) struct E {
        #[serde(skip_serializing_if = "Option::is_none")] a: Option<u8>, b: Option<u8>,
    } }
    [("e.data.a: the field can be missing now", "old"), ("e.data.b: the field is always there now", "new")]

    types_that_hold_more_or_less
    { #[derive(Serialize, JsonSchema)] enum Side { Buy, Sell }
      #[derive(SseEvent, SseSchema)] pub(super) struct E { a: u8, b: u64, c: String, d: Option<f64>, side: Side } }
    => { #[derive(Serialize, JsonSchema)] enum Side { Buy, Sell, Short }
      #[derive(SseEvent, SseSchema)] pub(super) struct E { a: u16, b: u32, c: bool, d: f64, side: Side } }
    [
        ("e.data.a: it can be out of the range that was (0 to 255) now", "old"),
        ("e.data.b: it is never out of the range that was (0 to 4294967295) any more", "new"),
        ("e.data.c: it was a string, and is a boolean now", "both"),
        ("e.data.d: it is never `null` any more", "new"),
        ("e.data.side: it can be `\"Short\"` now", "old"),
    ]

    a_name_and_a_tag_that_drift_apart
    { #[derive(Serialize, JsonSchema, SseEvent, SseSchema)] #[serde(tag = "type", rename_all = "snake_case")]
      #[sse(data = self)] pub(super) enum E { PriceChanged { price: f64 } } }
    => { #[derive(Serialize, JsonSchema, SseEvent, SseSchema)] #[serde(tag = "type", rename_all = "camelCase")]
      #[sse(data = self)] pub(super) enum E { #[sse(event = "price_changed")] PriceChanged { price: f64 } } }
    [
        ("price_changed: the payload's tag is `priceChanged`, no longer the event type", "both"),
        ("price_changed.data.type: it was `\"price_changed\"`, and is `\"priceChanged\"` now", "both"),
    ]

    what_is_said_of_an_event
    { #[derive(SseEvent, SseSchema)] pub(super) enum E { A, #[sse(terminal)] B, #[sse(ephemeral)] C, D } }
    => { #[derive(SseEvent, SseSchema)] pub(super) enum E { #[sse(terminal)] A, B, C, #[sse(ephemeral)] D } }
    [
        ("a: it ends the stream now", "new"),
        ("b: it does not end the stream any more", "old"),
        ("c: it is replayed now", "none"),
        ("d: it is live only now", "none"),
    ]

    how_data_is_written
    { #[derive(SseEvent, SseSchema)] pub(super) enum E { A(String), #[sse(text)] B(String), #[sse(text = "x")] C } }
    => { #[derive(SseEvent, SseSchema)] pub(super) enum E {
        #[sse(text)] A(String), #[sse(base64)] B(Vec<u8>), #[sse(text = "y")] C,
    } }
    [
        ("a: the data was JSON, and is text now", "both"),
        ("b: the data was text, and is base64 now", "both"),
        ("c: the data was the text `x`, and is the text `y` now", "both"),
    ]

    events_without_names_are_told_apart
    { #[derive(SseEvent, SseSchema)] pub(super) enum E {
        #[sse(event = "message")] Chunk { text: String }, #[sse(event = "message", text = "[DONE]")] Done,
    } }
    => { #[derive(SseEvent, SseSchema)] #[sse(untagged)] pub(super) enum E {
        #[sse(event = "message")] Usage { tokens: u32 },
        #[sse(event = "message")] Chunk { text: Option<String> },
        #[sse(event = "message", text = "[DONE]")] Done,
    } }
    [("message.data.text: it can be `null` now", "old"), ("message: a new event", "none")]

    events_of_any_type
    { #[derive(SseEvent, SseSchema)] pub(super) enum E { A } }
    => { #[derive(SseEvent, SseSchema)] pub(super) enum E { A, #[sse(transparent)] Any(Event) } }
    [("any event: events that are not listed can come now", "none")]
}

#[test]
fn a_report_is_for_people() {
    #[derive(SseEvent, SseSchema)]
    enum Old {
        PriceChanged { price: f64, venue: String },
    }
    #[derive(SseEvent, SseSchema)]
    enum New {
        PriceChanged { price: Option<f64> },
        Halted,
    }
    let report = compare(&SchemaCatalogue::of::<Old>(), &SchemaCatalogue::of::<New>().named("Market"));
    let wanted = "\
price_changed.data.price: it can be `null` now
    old readers BREAK: meet values that they do not know

price_changed.data.venue: a field is gone that was always there
    old readers BREAK: read a field that is not there

halted: a new event
    old readers: a browser drops it; `FromSseEvent` without an `other` variant says that it does not know it

3 changes of `Market`, 2 of which break readers
";
    assert_eq!(report.to_string(), wanted);
}
