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

    /// "As if a line end and a blank line stood behind it", however it is cut, and within any limit.
    #[test]
    fn the_end_of_the_input_is_read_as_a_blank_line(
        stream in stream(),
        limit in prop_oneof![Just(Decoder::DEFAULT_LIMIT), 0..30_usize],
        cuts in prop::collection::vec(1..9_usize, 1..20),
    ) {
        let mut decoder = Decoder::with_limit(limit);
        let (mut seen, mut errors) = (Vec::new(), Vec::new());
        let mut cuts = cuts.iter().cycle();
        let mut rest = &stream[..];
        while !rest.is_empty() {
            let (mut chunk, after) = rest.split_at((*cuts.next().unwrap()).min(rest.len()));
            rest = after;
            loop {
                match decoder.next_event(&mut chunk) {
                    Ok(Some(event)) => seen.push([event.event_type, event.data, event.id].map(str::to_owned)),
                    Ok(None) => break,
                    Err(error) => errors.push(error),
                }
            }
        }
        match finish(&mut decoder) {
            Ok(event) => seen.extend(event),
            Err(error) => errors.push(error),
        }
        let ended = [&stream[..], b"\n\n"].concat();
        let (expected, expected_errors) = decode_limited(limit, [&ended[..]]);
        prop_assert_eq!(&seen, &expected.dispatched);
        prop_assert_eq!(errors, expected_errors);
        prop_assert_eq!(decoder.last_event_id(), expected.last_event_id);
        prop_assert_eq!(decoder.reconnection_time(), expected.reconnection_time);
        prop_assert_eq!(finish(&mut decoder), Ok(None));
        decoder.reconnect();
        if limit > 6 {
            prop_assert_eq!(drain(&mut decoder, b"event\ndata: x\n\n").len(), 1);
        }
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

/// What is dispatched, and what `finish` dispatches behind it, with the last event ID in the end.
fn finished<'a>(
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<[String; 3]>, Option<[String; 3]>, String) {
    let mut decoder = Decoder::new();
    let seen = chunks.into_iter().flat_map(|chunk| drain(&mut decoder, chunk)).collect();
    let last = finish(&mut decoder).unwrap();
    assert_eq!(finish(&mut decoder), Ok(None), "once");
    (seen, last, decoder.last_event_id().to_owned())
}

fn finish(decoder: &mut Decoder) -> Result<Option<[String; 3]>, DecodeError> {
    let event = decoder.finish()?;
    Ok(event.map(|event| [event.event_type, event.data, event.id].map(str::to_owned)))
}

/// Streams that end without a blank line: what `finish` dispatches, and the last event ID.
#[test]
fn what_the_end_of_the_input_leaves_is_dispatched_on_demand() {
    type Row = (&'static [u8], Option<[&'static str; 3]>, &'static str);
    const NOTHING: Option<[&str; 3]> = None;
    let rows: [Row; 26] = [
        // However far the last line has come.
        (b"data: a", Some(["message", "a", ""]), ""),
        (b"data: a\n", Some(["message", "a", ""]), ""),
        (b"data: a\r", Some(["message", "a", ""]), ""),
        (b"data: a\r\n", Some(["message", "a", ""]), ""),
        (b"data: a\ndata: b", Some(["message", "a\nb", ""]), ""),
        (b"data", Some(["message", "", ""]), ""),
        (b"data: \xe2\x82", Some(["message", "\u{fffd}", ""]), ""),
        // Whatever field it is.
        (b"data: a\nevent: e", Some(["e", "a", ""]), ""),
        (b"event: e\ndata: a", Some(["e", "a", ""]), ""),
        (b"data: a\nid: 7", Some(["message", "a", "7"]), "7"),
        (b"id: 7\ndata: a", Some(["message", "a", "7"]), "7"),
        (b"id: 6\n\nid\ndata: a", Some(["message", "a", ""]), ""),
        (b"data: a\nid: 7\0", Some(["message", "a", ""]), ""),
        (b"data: a\n: comment", Some(["message", "a", ""]), ""),
        (b"data: a\ndat", Some(["message", "a", ""]), ""),
        // Without data there is nothing to dispatch; an ID alone counts.
        (b"", NOTHING, ""),
        (b"event: e", NOTHING, ""),
        (b": comment", NOTHING, ""),
        (b"id: 7", NOTHING, "7"),
        (b"id: 7\n", NOTHING, "7"),
        // What has its blank line is dispatched already.
        (b"id: 7\n\n", NOTHING, "7"),
        // A byte order mark, whole and in part.
        (b"\xef\xbb\xbf", NOTHING, ""),
        (b"\xef\xbb", NOTHING, ""),
        (b"\xef\xbb\xbfdata: a", Some(["message", "a", ""]), ""),
        (b"\xef\xbbdata: a", NOTHING, ""),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: a", NOTHING, ""),
    ];
    for (stream, last, id) in rows {
        let expected = (Vec::new(), last.map(|event| event.map(str::to_owned)), id.to_owned());
        let shown = String::from_utf8_lossy(stream);
        assert_eq!(finished([stream]), expected, "{shown:?}");
        assert_eq!(finished(stream.chunks(1)), expected, "{shown:?}, byte by byte");
    }
    // Behind others, and a blank line whose LF is still to come.
    for end in ["data: b", "data: b\n"] {
        let (seen, last, id) = finished([format!("id: 1\ndata: a\r\n\r\n{end}").as_bytes()]);
        assert_eq!(seen, [["message", "a", "1"].map(str::to_owned)]);
        assert_eq!((last.unwrap(), id), (["message", "b", "1"].map(str::to_owned), "1".to_owned()));
    }
    assert_eq!(finished([&b"data: a\r\n\r"[..]]).1, None);
}

#[test]
fn nothing_is_left_for_the_next_connection() {
    let mut decoder = Decoder::new();
    assert_eq!(drain(&mut decoder, b"event: e\nretry: 5\nid: 1\ndata: a").len(), 0);
    let last = finish(&mut decoder).unwrap();
    assert_eq!(last, Some(["e", "a", "1"].map(str::to_owned)));
    decoder.reconnect();
    assert_eq!((decoder.last_event_id(), decoder.reconnection_time()), ("1", Some(Duration::from_millis(5))));
    assert_eq!(finish(&mut decoder), Ok(None));
    let seen = drain(&mut decoder, "\u{feff}data: b\n\n".as_bytes());
    assert_eq!(seen, [["message", "b", "1"].map(str::to_owned)]);
    // Nobody has to ask for it: then it is dropped, and its ID does not count.
    drain(&mut decoder, b"id: 2\ndata: c");
    decoder.reconnect();
    assert_eq!((finish(&mut decoder), decoder.last_event_id()), (Ok(None), "1"));
}

#[test]
fn what_is_too_long_is_not_dispatched_at_the_end_either() {
    let too_long = DecodeError::TooLong { limit: 10 };
    // The last line alone, all lines together where the last has no end, and where it was known before.
    for (stream, told_before, told) in [
        ("data: 12345", true, false),
        ("data:12\ndata:34567\ndata:5678", false, true),
        ("data:12\ndata:34567\ndata:5678\n", true, false),
    ] {
        let mut decoder = Decoder::with_limit(10);
        let mut input = format!("id:7\n{stream}");
        let before = decoder.next_event(&mut input.as_bytes()).map(|event| event.is_some());
        assert_eq!(before, if told_before { Err(too_long) } else { Ok(false) }, "{stream:?}");
        assert_eq!(finish(&mut decoder), if told { Err(too_long) } else { Ok(None) }, "{stream:?}");
        assert_eq!((finish(&mut decoder), decoder.last_event_id()), (Ok(None), "7"));
        // The next event is one again.
        input = "data: b".to_owned();
        drain(&mut decoder, input.as_bytes());
        assert_eq!(finish(&mut decoder), Ok(Some(["message", "b", "7"].map(str::to_owned))));
    }
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

/// However the stream is cut.
#[test]
fn what_an_event_brought_itself() {
    let input = b"id: 1\nretry: 5\ndata: a\n\ndata: b\n\nretry: 6\n\nid: 2\n\ndata: c\n\nid\ndata: d\n\nid: 3\nid: 4\ndata: e\n\n";
    let expected = [
        ("1", Some("1"), Some(5)),
        ("1", None, None),
        ("2", None, None),
        ("", None, None),
        ("4", Some("4"), None),
    ];
    for size in 1..=input.len() {
        let mut decoder = Decoder::new();
        let mut seen = Vec::new();
        for mut chunk in input.chunks(size) {
            while let Some(event) = decoder.next_event(&mut chunk).unwrap() {
                let retry = event.retry.map(|retry| retry.as_millis());
                seen.push((event.id.to_owned(), event.own_id().map(str::to_owned), retry));
            }
        }
        let seen: Vec<_> =
            seen.iter().map(|(id, own, retry)| (id.as_str(), own.as_deref(), *retry)).collect();
        assert_eq!(seen, expected, "chunks of {size}");
    }
}
