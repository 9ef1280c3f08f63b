//! Redirects, and where a client comes back to.

use typed_sse_client::End;

use crate::case::{Case, case, run};
use crate::support::server::Answer;

const ENDED: &str = "back: Ended";

fn to(status: &str, location: &str) -> Answer {
    Answer::status(status, &format!("Location: {location}\r\n"))
}

pub(crate) fn cases() -> Vec<Case> {
    let stream = || Answer::stream("data: a\n\n");
    let followed = |name, status| {
        let case = case(name, [to(status, "/b"), stream()]).want([r#""a""#, ENDED]);
        case.asked(["GET /a", "GET /b", "GET /b"])
    };
    vec![
        followed("301 is kept", "301 Moved Permanently"),
        followed("302 is kept", "302 Found"),
        followed("303 is kept", "303 See Other"),
        followed("307 is kept", "307 Temporary Redirect"),
        followed("308 is kept", "308 Permanent Redirect"),
        case("each one is kept", [to("301 Moved", "/b"), to("302 Found", "/c"), stream()])
            .want([r#""a""#, ENDED])
            .asked(["GET /a", "GET /b", "GET /c", "GET /c"]),
        case("over several connections", [to("302 Found", "/b"), stream(), to("307 Moved", "/c"), stream()])
            .want([r#""a""#, ENDED, r#""a""#, ENDED])
            .asked(["GET /a", "GET /b", "GET /b", "GET /c", "GET /c"]),
        case("a relative location with a query and a fragment", [to("302 Found", "b/c?d=e#f"), stream()])
            .want([r#""a""#, ENDED])
            .asked(["GET /a", "GET /b/c?d=e", "GET /b/c?d=e"]),
        case(
            "a relative location, from where a redirect led",
            [to("302 Found", "/b/c"), stream(), to("302 Found", "d"), stream()],
        )
        .want([r#""a""#, ENDED, r#""a""#, ENDED])
        .asked(["GET /a", "GET /b/c", "GET /b/c", "GET /b/d", "GET /b/d"]),
        case(
            "the last event ID goes along",
            [Answer::stream("id: 1\ndata: a\n\n"), to("302 Found", "/b"), stream()],
        )
        .want([r#""a" #1"#, ENDED, r#""a" #1"#, ENDED])
        .asked(["GET /a", "GET /a #1", "GET /b #1", "GET /b #1"]),
        case(
            "where it led to is gone later",
            [to("302 Found", "/b"), stream(), Answer::status("404 Not Found", "")],
        )
        .want([r#""a""#, ENDED, "final: Status(404)"])
        .asked(["GET /a", "GET /b", "GET /b"])
        .end(End::Failed),
        case("where it leads to does not answer", [to("302 Found", "/b"), Answer::raw(""), stream()])
            .want(["back: Transport", r#""a""#, ENDED])
            .asked(["GET /a", "GET /b", "GET /a", "GET /a"]),
        case("back to where it came from", [to("307 Moved", "/b"), to("307 Moved", "/a"), stream()])
            .want([r#""a""#, ENDED])
            .asked(["GET /a", "GET /b", "GET /a", "GET /a"]),
        case("to the end of the stream", [to("302 Found", "/b")]).want([]).asked(["GET /a", "GET /b"]),
        case("without a location", [Answer::status("302 Found", "")])
            .want(["final: Status(302)"])
            .end(End::Failed),
        case("to another scheme", [to("302 Found", "ftp://127.0.0.1/")])
            .want(["final: Redirect"])
            .end(End::Failed),
        case("to a malformed URL", [to("302 Found", "http://[::1")])
            .want(["back: Redirect"])
            .asked(["GET /a", "GET /a"]),
        case("300 is none", [to("300 Multiple Choices", "/b")]).want(["final: Status(300)"]).end(End::Failed),
        case("in a circle", std::array::from_fn::<_, 21, _>(|_| to("302 Found", "/a")))
            .want(["back: TooManyRedirects"])
            .asked(["GET /a"; 22]),
        case("307 keeps a POST", [to("307 Temporary Redirect", "/b"), stream()])
            .post()
            .set(|client| client.body("x"))
            .want([r#""a""#])
            .asked(["POST /a", "POST /b"])
            .end(End::Body),
        case("302 makes a GET of a POST", [to("302 Found", "/b"), stream()])
            .post()
            .set(|client| client.body("x"))
            .want([r#""a""#])
            .asked(["POST /a", "GET /b"])
            .end(End::Body),
    ]
}

#[tokio::test]
async fn redirects() {
    run(cases()).await;
}
