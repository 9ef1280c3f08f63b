//! From bytes to values of an enum: our decoder and our derive, or a peer's parser and `serde_json::from_str` by the event's name.

use std::hint::black_box;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent};

use crate::decoders::peers;
use crate::streams::Input;

/// What is read. Every reader makes the same values of the same types.
#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
pub enum Feed {
    /// A frame of 116 bytes.
    Price(Price),
    /// What a language model's service sends for each token.
    ContentBlockDelta(Delta),
    /// A message of a chat: line breaks, quotation marks, more than ASCII, a float.
    Message(Message),
    /// A string of 1 KB in an object.
    Note(Note),
    /// A list of trades: 9 are 1 KB, 560 are 64 KB.
    Trades(Trades),
}

/// The payload of [`Feed::Price`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Price {
    seq: u64,
    symbol: String,
    bid: u32,
    ask: u32,
    venue: String,
}

/// The payload of [`Feed::ContentBlockDelta`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    index: u32,
    delta: Text,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Text {
    text: String,
}

/// The payload of [`Feed::Message`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Message {
    id: u64,
    author: String,
    text: String,
    sent_at: f64,
    reply_to: Option<u64>,
    is_edited: bool,
}

/// The payload of [`Feed::Note`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    seq: u64,
    note: String,
}

/// The payload of [`Feed::Trades`].
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Trades {
    seq: u64,
    symbol: String,
    trades: Vec<Trade>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Trade {
    price: u32,
    size: u32,
    at: u64,
    side: String,
    buyer: String,
    note: Option<String>,
}

impl Feed {
    /// As everybody writes it who has a parser and serde.
    fn by_hand(event_type: &str, data: &str) -> Self {
        let read = match event_type {
            "price" => serde_json::from_str(data).map(Self::Price),
            "content_block_delta" => serde_json::from_str(data).map(Self::ContentBlockDelta),
            "message" => serde_json::from_str(data).map(Self::Message),
            "note" => serde_json::from_str(data).map(Self::Note),
            "trades" => serde_json::from_str(data).map(Self::Trades),
            other => panic!("an event of type {other}"),
        };
        read.unwrap()
    }
}

/// The streams, each of about 256 KiB, with an ID in every event.
#[must_use]
pub fn inputs() -> [Input; 7] {
    let of = |name, events: u32, make: &dyn Fn(u32) -> Feed| {
        let frames = (0..events).map(|i| {
            let frame = make(i).to_frame().unwrap();
            format!("id: k3v9x2ab-{i}\n{}", str::from_utf8(frame.as_ref()).unwrap())
        });
        Input { name, events: events as usize, bytes: frames.collect::<String>().into() }
    };
    [
        of("token, 90 B", 2400, &token),
        of("price, 120 B", 2000, &price),
        of("message, 300 B", 800, &message),
        of("note, 1 KB", 256, &note),
        of("trades, 1 KB", 256, &|i| trades(i, 9)),
        of("trades, 64 KB", 4, &|i| trades(i, 560)),
        of("the first five in turn", 500, &|i| match i % 5 {
            0 => token(i),
            1 => price(i),
            2 => message(i),
            3 => note(i),
            _ => trades(i, 9),
        }),
    ]
}

fn token(i: u32) -> Feed {
    Feed::ContentBlockDelta(Delta { index: 0, delta: Text { text: format!(" word{i}") } })
}

fn price(i: u32) -> Feed {
    Feed::Price(Price {
        seq: 48_211_907 + u64::from(i),
        symbol: "MSFT".to_owned(),
        bid: 41_235,
        ask: 41_237,
        venue: "Frankfurt/XETRA".to_owned(),
    })
}

fn message(i: u32) -> Feed {
    Feed::Message(Message {
        id: u64::from(i),
        author: format!("Zoë #{i}"),
        text: format!(
            "She said \"see you at {i}\" – then:\n\n    cargo run\n\nIt went well 🎉, and nobody was late."
        ),
        sent_at: 1_793_000_000.125 + f64::from(i) * 0.37,
        reply_to: i.is_multiple_of(3).then(|| u64::from(i) + 7),
        is_edited: i.is_multiple_of(5),
    })
}

fn note(i: u32) -> Feed {
    Feed::Note(Note { seq: u64::from(i), note: format!("{i:x<1000}") })
}

fn trades(i: u32, len: u32) -> Feed {
    let trade = |i: u32| Trade {
        price: 41_235 + i % 17,
        size: 100 * (i % 9 + 1),
        at: 1_793_000_000_000 + u64::from(i),
        side: if i.is_multiple_of(3) { "sell" } else { "buy" }.to_owned(),
        buyer: format!("member-{i:05}"),
        note: i.is_multiple_of(4).then(|| "crossed \"at open\"".to_owned()),
    };
    Feed::Trades(Trades {
        seq: u64::from(i),
        symbol: "MSFT".to_owned(),
        trades: (i..i + len).map(trade).collect(),
    })
}

/// One way from bytes to [`Feed`]; each run with a new decoder.
#[derive(Debug)]
pub struct Reader {
    /// The parser.
    pub name: &'static str,
    /// Reads the stream and counts the values.
    pub run: fn(&[Bytes]) -> usize,
    /// Reads the stream and keeps the values.
    pub collect: fn(&[Bytes]) -> Vec<Feed>,
}

/// One reader of a function that gives values, or of a peer's, that gives strings.
macro_rules! reader {
    ($name:literal, $read:path) => {
        reader!(@ $name, $read, |event: Feed| event)
    };
    ($name:literal, by hand $decode:path) => {
        reader!(@ $name, $decode, |event_type: &str, data: &str, _id: &str| Feed::by_hand(event_type, data))
    };
    (@ $name:literal, $read:path, |$($part:ident: $type:ty),+| $event:expr) => {
        Reader {
            name: $name,
            run: |chunks| {
                let mut events = 0;
                $read(chunks, |$($part: $type),+| {
                    black_box(&$event);
                    events += 1;
                });
                events
            },
            collect: |chunks| {
                let mut events = Vec::new();
                $read(chunks, |$($part: $type),+| events.push($event));
                events
            },
        }
    };
}

/// This project first, then the peers.
pub static ALL: [Reader; 7] = [
    reader!("**typed-sse**", ours),
    reader!("sse-core 0.2.3", by hand peers::sse_core),
    reader!("sse-stream 0.3", by hand peers::sse_stream),
    reader!("sseer 0.3", by hand peers::sseer),
    reader!("sse-parse 0.1", by hand peers::sse_parse),
    reader!("eventsource-client 0.18", by hand peers::eventsource_client),
    reader!("eventsource-stream 0.2.3", by hand peers::eventsource_stream),
];

fn ours(chunks: &[Bytes], mut sink: impl FnMut(Feed)) {
    let mut decoder = typed_sse::Decoder::new();
    for chunk in chunks {
        let mut input = &chunk[..];
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            sink(Feed::from_event(&event).unwrap());
        }
    }
}

/// What the stream's events say, as event type and data.
#[must_use]
pub fn events(chunks: &[Bytes]) -> Vec<[String; 2]> {
    let mut events = Vec::new();
    let mut decoder = typed_sse::Decoder::new();
    for chunk in chunks {
        let mut input = &chunk[..];
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            events.push([event.event_type, event.data].map(str::to_owned));
        }
    }
    events
}

/// Reads the data of events that are there already: what no parser can save.
pub fn floor(events: &[[String; 2]]) {
    for [event_type, data] in events {
        black_box(Feed::by_hand(event_type, data));
    }
}
