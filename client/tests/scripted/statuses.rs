//! Statuses, content types, and when to come back.

use typed_sse_client::End;

use crate::case::{Case, case, run};
use crate::support::server::Answer;

const ENDED: &str = "back: Ended";

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = content_types();
    cases.extend(fatal());
    cases.extend(later());
    cases
}

fn content_types() -> Vec<Case> {
    let typed = |line: &str| Answer::with_headers(line, "data: a\n\n");
    let open = |name, line| case(name, [typed(line)]).want([r#""a""#, ENDED]);
    let refused = |name, line| {
        case(name, [typed(line)]).want(["final: ContentType"]).asked(["GET /a"]).end(End::Failed)
    };
    vec![
        open("with a charset", "Content-Type: text/event-stream; charset=utf-8\r\n"),
        open("with another charset, which is ignored", "Content-Type: text/event-stream;charset=latin1\r\n")
            // Chromium wants it to be UTF-8.
            .but_a_browser([], ["GET /a"]),
        open("in capitals", "Content-Type: TEXT/EVENT-STREAM\r\n"),
        open("the last of two", "Content-Type: text/html\r\nContent-Type: text/event-stream\r\n"),
        refused("plain text", "Content-Type: text/plain\r\n"),
        refused("JSON", "Content-Type: application/json\r\n"),
        refused("a longer name", "Content-Type: text/event-stream2\r\n"),
        refused("none", ""),
        case(
            "a compression that nobody asked for",
            [typed("Content-Type: text/event-stream\r\nContent-Encoding: br\r\n")],
        )
        .want(["final: ContentEncoding"])
        .end(End::Failed),
        open("an encoding that is none", "Content-Type: text/event-stream\r\nContent-Encoding: identity\r\n"),
    ]
}

fn fatal() -> Vec<Case> {
    let fatal = |name, status: &str, want| {
        let answers = [Answer::status(status, "Content-Type: text/event-stream\r\n")];
        case(name, answers).want([want]).asked(["GET /a"]).end(End::Failed)
    };
    vec![
        case("204", []).want([]).asked(["GET /a"]),
        fatal("201", "201 Created", "final: Status(201)"),
        fatal("205", "205 Reset Content", "final: Status(205)"),
        fatal("206", "206 Partial Content", "final: Status(206)"),
        fatal("304", "304 Not Modified", "final: Status(304)"),
        fatal("400", "400 Bad Request", "final: Status(400)"),
        fatal("401", "401 Unauthorized", "final: Status(401)"),
        fatal("404", "404 Not Found", "final: Status(404)"),
        fatal("410", "410 Gone", "final: Status(410)"),
        fatal("429 without a time", "429 Too Many Requests", "final: Status(429)"),
        fatal("500", "500 Internal Server Error", "final: Status(500)"),
        fatal("502", "502 Bad Gateway", "final: Status(502)"),
        fatal("503 without a time", "503 Service Unavailable", "final: Status(503)"),
        fatal("a status that nobody knows", "599 Odd", "final: Status(599)"),
    ]
}

fn later() -> Vec<Case> {
    // A browser gives up.
    let again = |name, status: &str, headers: &str, want| {
        let case = case(name, [Answer::status(status, headers), Answer::stream("data: a\n\n")])
            .want([want, r#""a""#, ENDED])
            .asked(["GET /a"; 3]);
        case.but_a_browser([], ["GET /a"])
    };
    vec![
        again("503 with seconds", "503 Service Unavailable", "Retry-After: 0\r\n", "back: Status(503)"),
        again("429 with seconds", "429 Too Many Requests", "Retry-After: 0\r\n", "back: Status(429)"),
        again(
            "503 with a date that has passed",
            "503 Service Unavailable",
            "Retry-After: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            "back: Status(503)",
        ),
        case("503 with nonsense", [Answer::status("503 Busy", "Retry-After: soon\r\n")])
            .want(["final: Status(503)"])
            .end(End::Failed),
        case("500 with a time", [Answer::status("500 Oh", "Retry-After: 0\r\n")])
            .want(["final: Status(500)"])
            .end(End::Failed),
        again("502 by choice", "502 Bad Gateway", "", "back: Status(502)")
            .set(|client| client.retry_on([502])),
        case("once does not wait", [Answer::status("503 Busy", "Retry-After: 0\r\n")])
            .set(|client| client.once())
            .want(["final: Status(503)"])
            .asked(["GET /a"])
            .end(End::Failed),
    ]
}

#[tokio::test]
async fn statuses() {
    run(cases()).await;
}
