//! What the server says, and what a client's behaviour is called.

use std::time::Duration;

use crate::seen::Seen;
use crate::server::Answer;

/// One row of the table.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    /// One for each connection; behind them the server sends nothing, and keeps the connection.
    pub(crate) answers: Vec<Answer>,
    /// The case is over with this many requests, if the client makes them.
    pub(crate) requests: usize,
    pub(crate) judge: fn(&Seen) -> String,
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = parsing();
    cases.extend(coming_back());
    cases.extend(answers());
    cases.extend(hostile());
    cases
}

fn case<const N: usize>(
    name: &'static str,
    answers: [Answer; N],
    requests: usize,
    judge: fn(&Seen) -> String,
) -> Case {
    Case { name, answers: answers.into(), requests, judge }
}

fn parsing() -> Vec<Case> {
    vec![
        case("byte order mark before the first event", [stream("\u{feff}data: a\n\n")], 2, |seen| {
            seen.read("a")
        }),
        case("`id` alone in a block", [stream("id: 7\n\n"), stream("")], 2, |seen| {
            let empty = if seen.data.iter().any(String::is_empty) { ", an empty event" } else { "" };
            seen.resumed(1, "7") + empty
        }),
        case("`retry: 400` alone in a block", [stream("retry: 400\n\n")], 2, |seen| match seen.waited(1) {
            None => seen.ending(),
            Some(waited) if waited >= Duration::from_millis(390) => "waits".to_owned(),
            Some(_) => "**lost**".to_owned(),
        }),
        case(
            "cut in the second event: the ID of the first",
            [cut("id: 1\ndata: a\n\nid: 2\ndata: ha")],
            2,
            |seen| {
                let half = if seen.data.iter().any(|data| data == "ha") { "**half an event**, " } else { "" };
                half.to_owned() + &seen.resumed(1, "1")
            },
        ),
        case("gzip", [gzip()], 2, |seen| match seen.asked[0].1.header("accept-encoding") {
            None => "does not ask".to_owned(),
            Some(_) => seen.read("a"),
        }),
    ]
}

fn coming_back() -> Vec<Case> {
    vec![
        case(
            "the ID, on the second reconnect",
            [stream("id: 1\ndata: a\n\n"), stream("data: b\n\n")],
            3,
            |seen| seen.resumed(2, "1"),
        ),
        case(
            "the ID, over a connection without events",
            [stream("id: 1\ndata: a\n\n"), stream("")],
            3,
            |seen| seen.resumed(2, "1"),
        ),
        case("silent for longer than its limit of 1 s", [stream("data: a\n\n").hold()], 2, |seen| match seen
            .asked
            .len()
        {
            1 => seen.ending(),
            _ => "comes back".to_owned(),
        }),
        case("redirected for good (301)", [to("301 Moved Permanently"), stream("data: a\n\n")], 3, |seen| {
            seen.redirected()
        }),
        case("redirected for now (307)", [to("307 Temporary Redirect"), stream("data: a\n\n")], 3, |seen| {
            seen.redirected()
        }),
        case("terminal event, connection stays", [stream("event: done\ndata: x\n\n").hold()], 9, |seen| {
            if seen.ended && seen.errors == 0 && seen.data == ["x"] {
                "ends".to_owned()
            } else {
                "waits on".to_owned()
            }
        }),
    ]
}

fn answers() -> Vec<Case> {
    let later = |status| Answer::status(status, "Retry-After: 1\r\n");
    let judge = |seen: &Seen| match seen.waited(1) {
        None => seen.ending(),
        Some(waited) if waited >= Duration::from_millis(990) => "waits as told".to_owned(),
        Some(_) => "**ignores it**".to_owned(),
    };
    vec![
        case("204", [Answer::status("204 No Content", "")], 3, Seen::ending),
        case("404", [Answer::status("404 Not Found", "")], 3, Seen::ending),
        case("429, `Retry-After: 1`", [later("429 Too Many Requests")], 2, judge),
        case("503, `Retry-After: 1`", [later("503 Service Unavailable")], 2, judge),
        case(
            "another content type",
            [Answer::with_headers("Content-Type: text/html\r\n", "data: a\n\n")],
            3,
            |seen| {
                if seen.data.is_empty() { seen.ending() } else { "**reads it**".to_owned() }
            },
        ),
        case("no content type", [Answer::with_headers("", "data: a\n\n")], 3, |seen| {
            if seen.data.is_empty() { seen.ending() } else { "**reads it**".to_owned() }
        }),
    ]
}

fn hostile() -> Vec<Case> {
    let line = "x".repeat(LONG);
    let then_an_event = stream("data: ").then(line).then("\n\ndata: b\n\n").hold();
    vec![case("a line of 20 MiB, then an event", [then_an_event], 2, |seen| {
        if seen.data.iter().any(|data| data.len() == LONG) {
            "**holds all of it**".to_owned()
        } else if seen.data.iter().any(|data| data == "b") {
            "skips it".to_owned()
        } else if seen.ended {
            seen.ending()
        } else {
            "**stuck in it**".to_owned()
        }
    })]
}

const LONG: usize = 20 << 20;

fn stream(body: &str) -> Answer {
    Answer::stream(body)
}

fn to(status: &str) -> Answer {
    Answer::status(status, "Location: /b\r\n")
}

/// A chunked body that breaks off.
fn cut(body: &str) -> Answer {
    Answer::raw(format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n",
        body.len()
    ))
}

fn gzip() -> Answer {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(b"data: a\n\n").unwrap();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n";
    Answer::raw(head).then(encoder.finish().unwrap())
}
