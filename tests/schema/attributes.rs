//! Each attribute, and what a catalogue has of it.

use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use typed_sse::schema::{Payload, SchemaCatalogue};
use typed_sse::{Event, EventType, SseEvent, SseSchema};

use crate::{events, json_of, schema};

/// One of each kind.
#[derive(SseEvent, SseSchema)]
#[sse(prefix = "a.", rename_all = "kebab-case")]
#[allow(dead_code, deprecated)]
enum Market {
    /// A price has changed.
    ///
    /// Often.
    PriceChanged {
        /// Counts.
        #[sse(id)]
        seq: u64,
        #[sse(key, skip)]
        symbol: String,
        price: Option<f64>,
        #[serde(rename = "in")]
        #[deprecated]
        currency: String,
    },
    #[deprecated(note = "use `PriceChanged`")]
    #[sse(text)]
    Old(String),
    #[sse(event = "message", text = "[DONE]", terminal)]
    Done,
    #[sse(base64, ephemeral)]
    Audio(Vec<u8>),
    #[sse(retry = 3000, tombstone)]
    Gone(#[sse(key)] u8),
    #[sse(transparent)]
    Inner(Inner),
    #[sse(skip)]
    #[expect(dead_code)]
    Never(NotDescribed),
    Plugin {
        #[sse(event)]
        kind: EventType,
        value: u8,
    },
    Pause(#[sse(retry)] Duration),
    #[sse(other)]
    Other(Event),
}

struct NotDescribed;

#[derive(SseEvent, SseSchema)]
#[allow(dead_code)]
enum Inner {
    B { x: i32 },
    C,
}

#[test]
#[allow(deprecated)]
fn of_each_event() {
    let events = events::<Market>();
    let types: Vec<_> = events.iter().map(|event| (event.event_type(), event.variant())).collect();
    assert_eq!(
        types,
        [
            (Some("a.price-changed"), "PriceChanged"),
            (Some("a.old"), "Old"),
            (Some("message"), "Done"),
            (Some("a.audio"), "Audio"),
            (Some("a.gone"), "Gone"),
            (Some("b"), "B"),
            (Some("c"), "C"),
            (None, "Plugin"),
            (Some("a.pause"), "Pause"),
            (None, ""),
        ]
    );
    let closed: Vec<_> = types.iter().filter_map(|(event_type, _)| *event_type).collect();
    let listed: Vec<_> = Market::EVENTS.iter().map(|spec| spec.event_type()).collect();
    assert_eq!(closed, listed);

    assert_eq!(events[0].doc(), "A price has changed.\n\nOften.");
    assert!(events[0].has_id() && events[0].has_key() && !events[0].has_retry());
    assert_eq!(
        json_of(&events[0]),
        json!({
            "type": "object",
            "properties": {
                "seq": { "type": "integer", "format": "uint64", "minimum": 0, "description": "Counts." },
                "price": { "type": ["number", "null"], "format": "double" },
                "in": { "type": "string", "deprecated": true },
            },
            "required": ["seq", "price", "in"],
        })
    );
    assert_eq!((events[1].deprecation(), events[1].payload()), (Some("use `PriceChanged`"), &Payload::Text));
    assert_eq!(events[2].payload(), &Payload::Fixed("[DONE]".into()));
    assert!(events[2].is_terminal() && events[2].is_unnamed() && !events[0].is_terminal());
    assert_eq!(events[3].payload(), &Payload::Base64);
    assert!(
        events[3].is_ephemeral() && events[4].is_tombstone() && events[4].has_retry() && events[4].has_key()
    );
    assert_eq!(
        json_of(&events[4]),
        json!({ "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 })
    );
    assert_eq!(json_of(&events[6]), json!({ "type": "null" }));
    assert_eq!(json_of(&events[7])["required"], json!(["value"]));
    assert!(events[7].is_open() && events[9].is_open() && events[8].has_retry());
    assert_eq!(events[9].payload(), &Payload::Text);
}

#[test]
fn a_reset_is_there() {
    let catalogue = SchemaCatalogue::of::<Inner>();
    let last = catalogue.events().last().unwrap();
    assert!(last.is_reset() && last.event_type() == Some("reset"));

    #[derive(SseEvent, SseSchema)]
    #[allow(dead_code)]
    enum Own {
        Reset { missed: Option<u64> },
        Lost,
    }
    let own = SchemaCatalogue::of::<Own>();
    let resets = |catalogue: &SchemaCatalogue| {
        let resets = catalogue.events().iter().filter(|event| event.is_reset());
        resets.map(|event| event.variant().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((own.events().len(), resets(&own)), (2, vec!["Reset".to_owned()]));
    assert_eq!(resets(&own.clone().with_reset("lost")), ["Lost"]);
    assert!(resets(&own.without_reset()).is_empty());
}

/// The ordinary reset is described as core writes it.
#[tokio::test]
async fn a_reset_fits_its_schema() {
    use futures_util::StreamExt as _;
    use typed_sse::{Channel, LastEventId};

    let channel = Channel::<Inner>::new();
    channel.publish(&Inner::C).await.unwrap();
    let frame = channel.subscribe(LastEventId::from_bytes(b"nobody-1")).next().await.unwrap().unwrap();
    let text = String::from_utf8(frame.as_ref().to_vec()).unwrap();
    assert!(
        text.contains("event: reset\n") && text.contains("data: {\"reason\":\"unknown\",\"missed\":null}"),
        "{text}"
    );
}

#[test]
fn a_catalogue_is_read_back() {
    let catalogue = SchemaCatalogue::of::<Market>();
    let json = catalogue.to_json();
    assert_eq!(SchemaCatalogue::from_json(&json).unwrap(), catalogue);
    assert_eq!(SchemaCatalogue::from_json(&json).unwrap().to_json(), json);
    assert!(SchemaCatalogue::from_json("{}").is_err());
}

/// What serde writes, its attributes say.
#[test]
fn serde_is_honoured() {
    #[derive(Serialize, schemars::JsonSchema)]
    struct Flat {
        a: u8,
        #[serde(skip_serializing_if = "Option::is_none")]
        b: Option<u8>,
    }

    #[derive(Serialize, schemars::JsonSchema)]
    #[serde(tag = "kind")]
    enum Shape {
        Circle { r: f32 },
        Square { side: f32 },
    }

    #[derive(SseEvent, SseSchema)]
    enum One {
        #[serde(rename_all = "camelCase")]
        It {
            long_name: u8,
            #[serde(rename = "x-y")]
            renamed: u8,
            #[serde(skip)]
            #[expect(dead_code)]
            skipped: (),
            #[serde(skip_serializing_if = "Vec::is_empty")]
            list: Vec<u8>,
            #[serde(default)]
            defaulted: bool,
            #[serde(serialize_with = "hex")]
            with: u64,
            #[serde(serialize_with = "hex")]
            #[schemars(with = "String")]
            with_known: u64,
            #[serde(flatten)]
            flat: Flat,
            #[serde(flatten)]
            maybe: Option<Flat>,
            #[serde(flatten)]
            shape: Shape,
        },
    }

    fn hex<S: serde::Serializer>(n: &u64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{n:x}"))
    }

    let schema = schema::<One>();
    let byte = json!({ "type": "integer", "format": "uint8", "minimum": 0, "maximum": 255 });
    assert_eq!(schema["required"], json!(["longName", "x-y", "defaulted", "with", "withKnown", "a"]),);
    assert_eq!(schema["properties"]["with"], json!(true));
    assert_eq!(schema["properties"]["withKnown"], json!({ "type": "string" }));
    assert_eq!(schema["properties"]["list"], json!({ "type": "array", "items": byte }));
    assert_eq!(schema["properties"]["b"]["type"], json!(["integer", "null"]));
    assert_eq!(schema["allOf"][0]["oneOf"][1]["required"], json!(["kind", "side"]));
    let properties: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
    assert_eq!(properties, ["a", "b", "defaulted", "list", "longName", "with", "withKnown", "x-y"]);
    let it = One::It {
        long_name: 1,
        renamed: 2,
        skipped: (),
        list: vec![],
        defaulted: true,
        with: 10,
        with_known: 11,
        flat: Flat { a: 1, b: None },
        maybe: None,
        shape: Shape::Circle { r: 1.0 },
    };
    let _ = Shape::Square { side: 1.0 };
    let text = String::from_utf8(it.to_frame().unwrap().as_ref().to_vec()).unwrap();
    assert_eq!(
        text,
        "event: it\ndata: {\"longName\":1,\"x-y\":2,\"defaulted\":true,\"with\":\"a\",\"withKnown\":\"b\",\"a\":1,\"kind\":\"Circle\",\"r\":1.0}\n\n"
    );
}

#[test]
fn an_envelope_gives_its_own() {
    #[derive(SseEvent, SseSchema)]
    #[allow(dead_code)]
    struct Stored {
        #[sse(id)]
        seq: u64,
        #[sse(transparent)]
        event: Inner,
    }
    let events = events::<Stored>();
    assert!(events.len() == 2 && events.iter().all(|event| event.has_id()));
    assert_eq!(SchemaCatalogue::of::<Stored>().name(), "Stored");
}

/// Of a generic type, describing needs what sending does not.
#[test]
fn bounds_stay_apart() {
    #[derive(Serialize)]
    struct Opaque;

    #[derive(SseEvent, SseSchema)]
    enum Of<T> {
        It(T),
        #[sse(text)]
        Text(String),
    }

    fn is_event<T: SseEvent>(_: &T) {}
    is_event(&Of::It(Opaque));
    is_event(&Of::<Opaque>::Text(String::new()));
    assert_eq!(events::<Of<bool>>().len(), 2);

    #[derive(SseEvent, SseSchema)]
    #[sse(bound(serialize = "T: Serialize", schema = "T: schemars::JsonSchema"))]
    struct Wrapped<T> {
        of: Vec<T>,
    }
    assert_eq!(schema::<Wrapped<bool>>()["required"], json!(["of"]));
}
