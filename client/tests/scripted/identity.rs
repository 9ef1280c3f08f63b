//! The last event ID, over every connection.

use crate::case::{Case, case, run};
use crate::support::server::Answer;

const ENDED: &str = "back: Ended";

pub(crate) fn cases() -> Vec<Case> {
    let stream = |body: &str| Answer::stream(body);
    vec![
        case("none at first", [stream("data: a\n\n")]).want([r#""a""#, ENDED]).asked(["GET /a", "GET /a"]),
        case("sent on the next connection", [stream("id: 1\ndata: a\n\n")])
            .want([r#""a" #1"#, ENDED])
            .asked(["GET /a", "GET /a #1"]),
        case(
            "kept over connections without an event",
            [stream("id: 1\ndata: a\n\n"), stream(""), stream(":\n")],
        )
        .want([r#""a" #1"#, ENDED, ENDED, ENDED])
        .asked(["GET /a", "GET /a #1", "GET /a #1", "GET /a #1"]),
        case(
            "kept over connections that break",
            [stream("id: 1\ndata: a\n\n"), Answer::raw(""), stream("data: b\n\n")],
        )
        .want([r#""a" #1"#, ENDED, "back: Transport", r#""b" #1"#, ENDED])
        .asked(["GET /a", "GET /a #1", "GET /a #1", "GET /a #1"]),
        case("an event without an ID has the one before", [stream("id: 1\ndata: a\n\ndata: b\n\n")])
            .want([r#""a" #1"#, r#""b" #1"#, ENDED])
            .asked(["GET /a", "GET /a #1"]),
        case("a block that has only an ID", [stream("id: 5\n\n")])
            .want([ENDED])
            .asked(["GET /a", "GET /a #5"]),
        case("an ID without its blank line", [stream("id: 1\ndata: a\n\nid: 2\n")])
            .want([r#""a" #1"#, ENDED])
            .asked(["GET /a", "GET /a #1"]),
        case("an ID with NUL is ignored", [stream("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n")])
            .want([r#""a" #1"#, r#""b" #1"#, ENDED])
            .asked(["GET /a", "GET /a #1"]),
        case("an empty ID is none", [stream("id: 1\ndata: a\n\nid\ndata: b\n\n")])
            .want([r#""a" #1"#, r#""b""#, ENDED])
            .asked(["GET /a", "GET /a"]),
        case("the last of several in a block", [stream("id: 1\nid: 2\ndata: a\n\n")])
            .want([r#""a" #2"#, ENDED])
            .asked(["GET /a", "GET /a #2"]),
        case("as UTF-8", [stream("id: ä…\ndata: a\n\n")])
            .want([r#""a" #ä…"#, ENDED])
            .asked(["GET /a", "GET /a #ä…"]),
        case("given by the caller", [stream("data: a\n\n")])
            .set(|client| client.last_event_id("k3-7"))
            .want([r#""a" #k3-7"#, ENDED])
            .asked(["GET /a #k3-7", "GET /a #k3-7"]),
        case("given, then replaced", [stream("id: k3-8\ndata: a\n\n")])
            .set(|client| client.last_event_id("k3-7"))
            .want([r#""a" #k3-8"#, ENDED])
            .asked(["GET /a #k3-7", "GET /a #k3-8"]),
        case("given with a line break is none", [stream("data: a\n\n")])
            .set(|client| client.last_event_id("1\ndata: injected\n\n"))
            .want([r#""a""#, ENDED])
            .asked(["GET /a", "GET /a"]),
        case("that of an event which is too long counts", [stream("id: 9\ndata: 0123456789\n\n")])
            .set(|client| client.limit(12))
            .want(["error: TooLong { limit: 12 }", ENDED])
            .asked(["GET /a", "GET /a #9"]),
        case("that of an unknown event counts", [stream("event: new\nid: 9\ndata: 0\n\n")])
            .want(["error: Event", ENDED])
            .asked(["GET /a", "GET /a #9"]),
        case("of control characters", [stream("id: a\u{1}b\ndata: a\n\n")])
            .want([r#""a" #ab"#.replace("ab", "a\u{1}b").leak(), "final: LastEventId"])
            .asked(["GET /a"])
            .end(typed_sse_client::End::Failed)
            // It sends what no server reads.
            .but_a_browser(["\"a\" #a\u{1}b"], ["GET /a", "GET /a #a\u{1}b"]),
        case(
            "a reset says what is missing, and its ID counts",
            [stream("event: reset\nid: k-9\ndata: {\"reason\":\"trimmed\",\"missed\":4}\n\ndata: a\n\n")],
        )
        .want(["reset Trimmed Some(4)", r#""a" #k-9"#, ENDED])
        .asked(["GET /a", "GET /a #k-9"]),
        case(
            "a reset of a channel that does not know how many",
            [stream("event: reset\ndata: {\"reason\":\"epoch\",\"missed\":null}\n\n")],
        )
        .want(["reset Epoch None", ENDED]),
    ]
}

#[tokio::test]
async fn identity() {
    run(cases()).await;
}
