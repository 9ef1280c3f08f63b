//! Bytes to events, over the borders of chunks.

use crate::case::{Case, case, run};
use crate::support::server::Answer;

const ENDED: &str = "back: Ended";

pub(crate) fn cases() -> Vec<Case> {
    let stream = |body: &str| Answer::stream(body);
    vec![
        case("one event", [stream("data: a\n\n")]).want([r#""a""#, ENDED]),
        case("each byte by itself", [Answer::bytewise("id: 7\ndata: a\ndata: b\n\n")])
            .want([r#""a\nb" #7"#, ENDED]),
        case("a CRLF in two chunks", [Answer::chunked(&[b"data: a\r", b"\n\r", b"\n"]).then("0\r\n\r\n")])
            .want([r#""a""#, ENDED]),
        case("CR alone", [stream("data: a\rdata: b\r\r")]).want([r#""a\nb""#, ENDED]),
        case(
            "a character in two chunks",
            [Answer::chunked(&[b"data: \xe2\x82", b"\xac\n\n"]).then("0\r\n\r\n")],
        )
        .want([r#""€""#, ENDED]),
        case("malformed UTF-8", [Answer::stream(*b"data: \xff\n\n")]).want(["\"\u{fffd}\"", ENDED]),
        case("a byte order mark", [stream("\u{feff}data: a\n\n")]).want([r#""a""#, ENDED]),
        case("a byte order mark in three chunks", [Answer::bytewise("\u{feff}data: a\n\n")])
            .want([r#""a""#, ENDED]),
        case(
            "a byte order mark on each connection",
            [stream("\u{feff}data: a\n\n"), stream("\u{feff}data: b\n\n")],
        )
        .want([r#""a""#, ENDED, r#""b""#, ENDED]),
        case(
            "a second byte order mark is a part of the name",
            [stream("\u{feff}\u{feff}data: a\n\ndata: b\n\n")],
        )
        .want([r#""b""#, ENDED]),
        case("an event without its blank line is discarded", [stream("data: a\n\ndata: b\n")])
            .want([r#""a""#, ENDED]),
        case("what was unterminated is not continued", [stream("data: lost\n"), stream("\ndata: b\n\n")])
            .want([ENDED, r#""b""#, ENDED]),
        case(
            "an event type does not outlive its connection",
            [stream("event: number\n"), stream("data: 1\n\n")],
        )
        .want([ENDED, r#""1""#, ENDED]),
        case("an LF behind a CR that ended a connection", [stream("data: a\r\r"), stream("\ndata: b\n\n")])
            .want([r#""a""#, ENDED, r#""b""#, ENDED]),
        case("comments and unknown fields", [stream(":c\nfoo: bar\ndata\n:\n\n")]).want([r#""""#, ENDED]),
        case("one space is taken", [stream("data:  a\ndata:b\n\n")]).want([r#"" a\nb""#, ENDED]),
        case("a named event", [stream("event: number\ndata: 42\n\n")]).want(["number 42", ENDED]),
        case("an event that the type does not know", [stream("event: new\ndata: 1\n\ndata: a\n\n")]).want([
            "error: Event",
            r#""a""#,
            ENDED,
        ]),
        case("a payload that is none of the type's", [stream("event: number\ndata: x\n\ndata: a\n\n")])
            .want(["error: Event", r#""a""#, ENDED])
            // It reads no payloads.
            .but_a_browser(["number x", r#""a""#], ["GET /a", "GET /a"]),
        case("an event that is too long", [stream("data: 0123456789\n\ndata: a\n\n")])
            .set(|client| client.limit(12))
            .want(["error: TooLong { limit: 12 }", r#""a""#, ENDED]),
        case("data that is too long over many lines", [stream("data: 01234\ndata: 5678901\n\ndata: a\n\n")])
            .set(|client| client.limit(12))
            .want(["error: TooLong { limit: 12 }", r#""a""#, ENDED]),
        case("an empty body", [stream("")]).want([ENDED]),
    ]
}

#[tokio::test]
async fn parsing() {
    run(cases()).await;
}
