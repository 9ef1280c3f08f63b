//! `event`, `rename_all`, `prefix`.

use typed_sse::SseEvent;

use crate::{types, wire};

#[derive(SseEvent)]
#[allow(dead_code, non_camel_case_types)]
enum Default {
    PriceChanged,
    A,
    #[sse(event = "Any Text: even this")]
    Named,
    r#type,
}

#[test]
fn the_default_is_snake_case() {
    assert_eq!(types::<Default>(), ["price_changed", "a", "Any Text: even this", "type"]);
    assert_eq!(wire(&Default::PriceChanged), "event: price_changed\ndata: null\n\n");
    assert_eq!(wire(&Default::Named), "event: Any Text: even this\ndata: null\n\n");
    assert_eq!(wire(&Default::r#type), "event: type\ndata: null\n\n");
}

macro_rules! rules {
    ($($rule:literal => $expected:literal),+ $(,)?) => {$({
        #[derive(SseEvent)]
        #[sse(rename_all = $rule)]
        #[allow(dead_code)]
        enum Renamed {
            PriceChanged,
        }
        assert_eq!(types::<Renamed>(), [$expected]);
    })+};
}

#[test]
fn all_of_serdes_rules() {
    rules! {
        "lowercase" => "pricechanged",
        "UPPERCASE" => "PRICECHANGED",
        "PascalCase" => "PriceChanged",
        "camelCase" => "priceChanged",
        "snake_case" => "price_changed",
        "SCREAMING_SNAKE_CASE" => "PRICE_CHANGED",
        "kebab-case" => "price-changed",
        "SCREAMING-KEBAB-CASE" => "PRICE-CHANGED",
    }
}

#[derive(SseEvent)]
#[sse(prefix = "market.", rename_all = "kebab-case")]
#[allow(dead_code)]
enum Prefixed {
    PriceChanged,
    #[sse(event = "halt")]
    TradingHalted,
    // The prefix keeps it apart from EventSource's own.
    Error,
}

#[test]
fn a_prefix_is_for_names_that_are_not_given() {
    assert_eq!(types::<Prefixed>(), ["market.price-changed", "halt", "market.error"]);
}

#[derive(SseEvent)]
#[allow(dead_code)]
enum Unnamed {
    #[sse(event = "message")]
    Chunk(u8),
    #[sse(event = "message", text = "[DONE]")]
    Done,
    #[sse(event = "message", text = "[ABORTED]")]
    Aborted,
}

#[test]
fn message_writes_no_field() {
    assert_eq!(wire(&Unnamed::Chunk(7)), "data: 7\n\n");
    assert_eq!(wire(&Unnamed::Done), "data: [DONE]\n\n");
    assert_eq!(wire(&Unnamed::Aborted), "data: [ABORTED]\n\n");
    assert_eq!(types::<Unnamed>(), ["message"; 3]);
    assert_eq!(Unnamed::Done.to_frame().unwrap().event_type(), "message");
}

#[derive(SseEvent)]
struct PriceChanged {
    price: f64,
}

#[derive(SseEvent)]
#[sse(event = "halt")]
struct TradingHalted;

#[derive(SseEvent)]
#[sse(rename_all = "camelCase", prefix = "market.")]
struct TradingResumed();

#[test]
fn a_struct_is_one_event() {
    assert_eq!(wire(&PriceChanged { price: 1.5 }), "event: price_changed\ndata: {\"price\":1.5}\n\n");
    assert_eq!(wire(&TradingHalted), "event: halt\ndata: null\n\n");
    assert_eq!(wire(&TradingResumed()), "event: market.tradingResumed\ndata: null\n\n");
}

#[test]
fn several_attributes_are_one() {
    #[derive(SseEvent)]
    #[sse(prefix = "a.")]
    #[sse(rename_all = "UPPERCASE")]
    #[sse()]
    enum Split {
        #[sse(ephemeral)]
        #[sse(retry = 1)]
        One,
    }
    assert_eq!(wire(&Split::One), "event: a.ONE\nretry: 1\ndata: null\n\n");
}
