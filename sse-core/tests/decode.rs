//! The decoder against the standard: every case of `vectors.json`, however it is cut.
//!
//! The cases named `wpt/` are those of the web-platform-tests `eventsource/format-*`, written down as data.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use base64::Engine as _;
use proptest::prelude::*;
use typed_sse_core::{DecodeError, Decoder};

struct Vector {
    name: String,
    input: Vec<u8>,
    expected: Seen,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    /// Event type, data, last event ID.
    dispatched: Vec<[String; 3]>,
    reconnection_time: Option<Duration>,
    last_event_id: String,
}

#[test]
fn whole() {
    for vector in vectors() {
        assert_eq!(decode([&vector.input[..]]), vector.expected, "{}", vector.name);
    }
}

#[test]
fn byte_by_byte() {
    for vector in vectors() {
        assert_eq!(decode(vector.input.chunks(1)), vector.expected, "{}", vector.name);
    }
}

#[test]
fn at_every_split() {
    for vector in vectors() {
        for at in 0..=vector.input.len() {
            let (a, b) = vector.input.split_at(at);
            assert_eq!(decode([a, b]), vector.expected, "{} split at {at}", vector.name);
            assert_eq!(decode([a, b"", b]), vector.expected, "{} with an empty chunk at {at}", vector.name);
        }
    }
}

#[test]
fn every_vector_is_there() {
    let vectors = vectors();
    assert!(vectors.len() >= 72, "only {} vectors were read", vectors.len());
    assert_eq!(vectors.iter().filter(|vector| vector.name.starts_with("wpt/")).count(), 29);
}

/// Bytes that mean something to the decoder, so that random streams reach its corners.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&[u8]; 15] = [
        b"data",
        b"data:",
        b"event: e",
        b"id:",
        b"retry: 7",
        b":",
        b"\n",
        b"\n\n",
        b"\r",
        b"\r\n",
        b"\0",
        b"\xef\xbb\xbf",
        b"\xe2\x82",
        b" ",
        b"abcdefghij",
    ];
    let piece = prop::sample::select(&PIECES[..]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_chunking_dispatches_the_same(
        stream in stream(),
        limit in prop_oneof![Just(Decoder::DEFAULT_LIMIT), 0..30_usize],
        cuts in prop::collection::vec(1..9_usize, 1..20),
    ) {
        let mut rest = &stream[..];
        let mut cuts = cuts.iter().cycle();
        let mut chunks = Vec::new();
        while !rest.is_empty() {
            let (chunk, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            chunks.push(chunk);
            rest = after;
        }
        prop_assert_eq!(decode_limited(limit, chunks), decode_limited(limit, [&stream[..]]));
    }

    #[test]
    fn agrees_with_the_standards_own_words(stream in stream()) {
        prop_assert_eq!(decode([&stream[..]]), reference(&stream));
    }
}

#[test]
fn an_event_past_the_limit_is_an_error_and_the_next_one_is_not() {
    let long = "x".repeat(100);
    let lines = format!("id: 1\ndata: {long}\n\ndata: 2\n\n");
    let joined = format!("data: {}\n", "y".repeat(20)).repeat(5) + "id: 1\n\ndata: 2\n\n";
    for stream in [lines, joined] {
        for chunk in [1, 7, 1000] {
            let (seen, errors) = decode_limited(64, stream.as_bytes().chunks(chunk));
            assert_eq!(errors, [DecodeError::TooLong { limit: 64 }]);
            assert_eq!(seen.dispatched, [["message", "2", "1"].map(str::to_owned)]);
        }
    }
}

#[test]
fn comments_of_any_length_are_no_error() {
    let stream = format!(":{}\ndata: 1\n\n", "c".repeat(1000));
    for chunk in [1, 7, 5000] {
        let (seen, errors) = decode_limited(16, stream.as_bytes().chunks(chunk));
        assert_eq!((seen.dispatched.len(), errors.len()), (1, 0));
    }
}

#[test]
fn id_and_reconnection_time_outlive_the_connection() {
    let mut decoder = Decoder::new();
    drain(&mut decoder, b"retry: 5\nid: 1\ndata: a\n\nid: 2\ndata: unterminated");
    decoder.reconnect();
    assert_eq!(decoder.last_event_id(), "1");
    assert_eq!(decoder.reconnection_time(), Some(Duration::from_millis(5)));
    let seen = drain(&mut decoder, "\u{feff}data: b\n\n".as_bytes());
    assert_eq!(seen, [["message", "b", "1"].map(str::to_owned)]);
}

fn drain(decoder: &mut Decoder, mut input: &[u8]) -> Vec<[String; 3]> {
    let mut seen = Vec::new();
    while let Some(event) = decoder.next_event(&mut input).unwrap() {
        seen.push([event.event_type, event.data, event.id].map(str::to_owned));
    }
    seen
}

fn decode<'a>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Seen {
    let (seen, errors) = decode_limited(Decoder::DEFAULT_LIMIT, chunks);
    assert_eq!(errors, []);
    seen
}

fn decode_limited<'a>(limit: usize, chunks: impl IntoIterator<Item = &'a [u8]>) -> (Seen, Vec<DecodeError>) {
    let mut decoder = Decoder::with_limit(limit);
    let mut seen = Seen::default();
    let mut errors = Vec::new();
    for mut input in chunks {
        loop {
            match decoder.next_event(&mut input) {
                Ok(Some(event)) => {
                    seen.dispatched.push([event.event_type, event.data, event.id].map(str::to_owned));
                }
                Ok(None) => break,
                Err(error) => errors.push(error),
            }
        }
        assert!(input.is_empty());
    }
    seen.reconnection_time = decoder.reconnection_time();
    decoder.last_event_id().clone_into(&mut seen.last_event_id);
    (seen, errors)
}

/// The standard's algorithm, step by step on the whole text at once, with no thought for speed.
fn reference(stream: &[u8]) -> Seen {
    let text = String::from_utf8_lossy(stream);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let mut seen = Seen::default();
    let (mut data, mut event_type, mut id) = (String::new(), String::new(), String::new());
    // What follows the last line end is no line.
    let Some((lines, _)) = text.rsplit_once('\n') else {
        return seen;
    };
    for line in lines.split('\n') {
        if line.is_empty() {
            seen.last_event_id.clone_from(&id);
            if !data.is_empty() {
                data.pop();
                let event_type = if event_type.is_empty() { "message" } else { &event_type };
                seen.dispatched.push([event_type.to_owned(), data.clone(), id.clone()]);
            }
            data.clear();
            event_type.clear();
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut event_type),
            "data" => data = data + value + "\n",
            "id" if !value.contains('\0') => value.clone_into(&mut id),
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                seen.reconnection_time = Some(Duration::from_millis(value.parse().unwrap_or(u64::MAX)));
            }
            _ => {}
        }
    }
    seen
}

fn vectors() -> Vec<Vector> {
    let cases: Vec<serde_json::Value> = serde_json::from_str(include_str!("vectors.json")).unwrap();
    cases.iter().map(vector).collect()
}

fn vector(case: &serde_json::Value) -> Vector {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let input = match case.get("input_base64") {
        Some(base64) => base64::engine::general_purpose::STANDARD.decode(base64.as_str().unwrap()).unwrap(),
        None => text(&case["input"]).into_bytes(),
    };
    let dispatched = case["dispatched"].as_array().unwrap();
    Vector {
        name: text(&case["name"]),
        input,
        expected: Seen {
            dispatched: dispatched.iter().map(|event| [0, 1, 2].map(|i| text(&event[i]))).collect(),
            reconnection_time: case["reconnection_time"].as_u64().map(Duration::from_millis),
            last_event_id: text(&case["last_event_id"]),
        },
    }
}
