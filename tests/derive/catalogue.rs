//! `EVENTS`.

use typed_sse::{DataFormat, SseEvent};

#[derive(SseEvent)]
#[allow(dead_code, non_camel_case_types)]
enum Documented {
    /// A price has changed.
    ///
    ///  Indented by one.
    Price(u8),
    /** One line. */
    #[sse(text)]
    Text(String),
    #[doc = "no space"]
    #[sse(base64)]
    Binary(Vec<u8>),
    #[sse(text = "[DONE]")]
    Fixed,
    #[sse(ephemeral)]
    Live,
    #[sse(tombstone)]
    r#gone {
        #[sse(key)]
        key: u8,
    },
}

#[test]
fn says_what_is_known_before_any_event() {
    let events: Vec<_> = Documented::EVENTS.iter().collect();
    let names: Vec<_> = events.iter().map(|spec| (spec.event_type(), spec.variant())).collect();
    assert_eq!(
        names,
        [
            ("price", "Price"),
            ("text", "Text"),
            ("binary", "Binary"),
            ("fixed", "Fixed"),
            ("live", "Live"),
            ("gone", "gone"),
        ]
    );
    let docs: Vec<_> = events.iter().map(|spec| spec.doc()).collect();
    assert_eq!(docs, ["A price has changed.\n\n Indented by one.", "One line. ", "no space", "", "", ""]);
    let formats: Vec<_> = events.iter().map(|spec| spec.format()).collect();
    let (json, fixed) = (DataFormat::Json, DataFormat::Fixed("[DONE]"));
    assert_eq!(formats, [json, DataFormat::Text, DataFormat::Base64, fixed, json, json]);
    let flags: Vec<_> = events.iter().map(|spec| (spec.is_ephemeral(), spec.is_tombstone())).collect();
    let none = (false, false);
    assert_eq!(flags, [none, none, none, none, (true, false), (false, true)]);
}

/// Documents the struct.
#[derive(SseEvent)]
#[allow(dead_code)]
struct One {
    x: u8,
}

#[test]
fn structs_have_one_event() {
    let spec = One::EVENTS.iter().next().unwrap();
    assert_eq!((One::EVENTS.len(), spec.event_type(), spec.variant()), (1, "one", "One"));
    assert_eq!(spec.doc(), "Documents the struct.");
}

/// The catalogue can be used in a constant.
const COUNT: usize = Documented::EVENTS.len();

#[test]
fn is_constant() {
    assert_eq!(COUNT, 6);
}
