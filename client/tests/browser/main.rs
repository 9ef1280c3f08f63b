//! Chromium against the cases of the scripted suite: it does what the client does, or it is said why not.
//!
//! `scripts/check interop` runs it; it needs node, Chromium and what `npm ci` brings into `interop/`.

#![allow(
    clippy::unwrap_used,
    dead_code,
    unused_imports,
    reason = "a test; the tables have tests of their own beside them"
)]

#[path = "../scripted/bodies.rs"]
mod bodies;
mod case;
#[path = "../scripted/identity.rs"]
mod identity;
#[path = "../scripted/parsing.rs"]
mod parsing;
#[path = "../scripted/reconnecting.rs"]
mod reconnecting;
#[path = "../scripted/redirects.rs"]
mod redirects;
#[path = "../scripted/statuses.rs"]
mod statuses;
#[path = "../support/mod.rs"]
mod support;

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use case::Case;
use serde_json::{Value, json};
use support::server::{Answer, Server};
use typed_sse_client::End;

/// Where Chromium does now this, now that: what it has not read yet is lost when the body turns out to be broken.
const RACES: &[&str] = &["a chunk shorter than it says"];

/// Where Chromium does something else, and why.
const OTHERWISE: &[(&str, &[&str])] = &[
    (
        "it sends control characters, which a proxy may refuse; the client ends instead",
        &["of control characters"],
    ),
    (
        "to a browser, a reset is an event like any other",
        &[
            "a reset says what is missing, and its ID counts",
            "a reset of a channel that does not know how many",
        ],
    ),
    // https://github.com/whatwg/html/issues/503
    (
        "it stays where it was sent last, by the letter of the standard; the client goes by HTTP, where 302 is for now",
        &[
            "302 is for now",
            "303 is for now",
            "307 is for now",
            "for good, then for now",
            "for now, then for good",
            "a relative location with a query and a fragment",
            "the last event ID goes along",
        ],
    ),
    (
        "it refuses a charset other than UTF-8, which the standard has ignored",
        &["with another charset, which is ignored"],
    ),
    (
        "by the standard, these statuses end the stream; the client comes back when it is told to",
        &["503 with seconds", "429 with seconds", "503 with a date that has passed"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chromium_does_what_the_client_does() {
    let tables = [
        bodies::cases(),
        identity::cases(),
        parsing::cases(),
        reconnecting::cases(),
        redirects::cases(),
        statuses::cases(),
    ];
    let cases = tables.into_iter().flatten().filter(is_for_a_browser);
    let mut served = Vec::new();
    for case in cases {
        let server = serve(case.answers.clone()).await;
        served.push((case, server));
    }
    let urls: Vec<&str> = served.iter().map(|(_, server)| server.url.as_str()).collect();
    let input = json!(urls).to_string();
    let seen = tokio::task::spawn_blocking(move || drive(&input)).await.unwrap();
    let mut wrong = Vec::new();
    for ((case, server), seen) in served.iter().zip(seen.as_array().unwrap()) {
        let told = differences(case, server, seen);
        let known = OTHERWISE.iter().find(|(_, names)| names.contains(&case.name));
        match known {
            None if !told.is_empty() => wrong.push(format!("{}: {}", case.name, told.join("; "))),
            Some((why, _)) if told.is_empty() => wrong.push(format!("{}: no longer, that {why}", case.name)),
            _ => {}
        }
    }
    assert!(served.len() >= 80, "{} cases", served.len());
    assert!(wrong.is_empty(), "of {} cases:\n{}", served.len(), wrong.join("\n"));
}

fn is_for_a_browser(case: &Case) -> bool {
    case.is_plain && case.end != End::Terminal && !RACES.contains(&case.name)
}

/// The case's answers, one after the other, then `204`; and a page of the same origin.
async fn serve(answers: Vec<Answer>) -> Server {
    let next = AtomicUsize::new(0);
    Server::by(move |_, asked| match asked.line.as_str() {
        PAGE => Answer::raw(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<!doctype html>",
        ),
        ICON => Answer::status("404 Not Found", ""),
        _ => {
            let answer = answers.get(next.fetch_add(1, Ordering::Relaxed));
            answer.cloned().unwrap_or_else(|| Answer::status("204 No Content", ""))
        }
    })
    .await
}

const PAGE: &str = "GET /page";
const ICON: &str = "GET /favicon.ico";

/// Has Chromium open each URL's `/a` until it gives up.
fn drive(urls: &str) -> Value {
    let interop = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop");
    let mut driver = Command::new("node")
        .arg("support/scripted.js")
        .current_dir(interop)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    driver.stdin.take().unwrap().write_all(urls.as_bytes()).unwrap();
    let output = driver.wait_with_output().unwrap();
    assert!(output.status.success(), "the driver failed");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn differences(case: &Case, server: &Server, seen: &Value) -> Vec<String> {
    let mut told = Vec::new();
    let want: Vec<&str> = case.want.iter().copied().filter(|word| is_event(word)).collect();
    let events: Vec<String> = seen["events"].as_array().unwrap().iter().filter_map(word).collect();
    if events != want {
        told.push(format!("dispatches {events:?}, not {want:?}"));
    }
    let mut asked = server.told();
    asked.retain(|line| line != PAGE && line != ICON);
    if case.asked.as_ref().is_some_and(|want| asked != *want) {
        told.push(format!("asks {asked:?}, not {:?}", case.asked));
    }
    if seen["closed"] != true {
        told.push("does not end".to_owned());
    }
    told
}

/// Neither an error nor a reason to come back: a browser tells neither.
fn is_event(word: &str) -> bool {
    !["back: ", "final: ", "error: "].iter().any(|other| word.starts_with(other))
}

/// As the scripted suite calls an event; none for one that is no [`Tick`](support::Tick).
fn word(event: &Value) -> Option<String> {
    let [event_type, data, id] = ["type", "data", "id"].map(|name| event[name].as_str().unwrap());
    let word = match event_type {
        "message" if data == "[DONE]" => "done".to_owned(),
        "message" => format!("{data:?}"),
        "number" => format!("number {}", data.parse::<u64>().ok()?),
        other => other.to_owned(),
    };
    Some(if id.is_empty() { word } else { format!("{word} #{id}") })
}
