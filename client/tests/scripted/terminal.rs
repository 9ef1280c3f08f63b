//! The event that ends a stream, and streams that are read once.

use typed_sse_client::End;

use crate::case::{Case, case, run};
use crate::support::server::Answer;

pub(crate) fn cases() -> Vec<Case> {
    let stream = |body: &str| Answer::stream(body);
    vec![
        case("ends behind it, not with the connection", [stream("data: a\n\ndata: [DONE]\n\n").hold()])
            .want([r#""a""#, "done"])
            .asked(["GET /a"])
            .end(End::Terminal),
        case("what stands behind it is not read", [stream("event: done\ndata\n\ndata: more\n\n")])
            .want(["done"])
            .end(End::Terminal),
        case("by name, with an ID", [stream("event: done\nid: 9\ndata\n\n")])
            .want(["done #9"])
            .asked(["GET /a"])
            .end(End::Terminal),
        case("on the second connection", [stream("data: a\n\n"), stream("data: [DONE]\n\n").hold()])
            .want([r#""a""#, "back: Ended", "done"])
            .end(End::Terminal),
        case(
            "one without its blank line has not come",
            [stream("data: [DONE]\n"), stream("data: [DONE]\n\n")],
        )
        .want(["back: Ended", "done"])
        .end(End::Terminal),
        case("a POST is sent once", [stream("data: a\n\n")])
            .post()
            .want([r#""a""#])
            .asked(["POST /a"])
            .end(End::Body),
        case("a POST that breaks is not sent again", [stream("data: a\n\n").settle().abort()])
            .post()
            .want([r#""a""#, "final: Transport"])
            .asked(["POST /a"])
            .end(End::Failed),
        case("a POST without an answer is not sent again", [Answer::raw("")])
            .post()
            .want(["final: Transport"])
            .asked(["POST /a"])
            .end(End::Failed),
        case(
            "a POST that is to come later is not sent again",
            [Answer::status("429 Slow", "Retry-After: 0\r\n")],
        )
        .post()
        .want(["final: Status(429)"])
        .asked(["POST /a"])
        .end(End::Failed),
        case("a POST with its end", [stream("data: a\n\ndata: [DONE]\n\n").hold()])
            .post()
            .set(|client| client.require_terminal())
            .want([r#""a""#, "done"])
            .end(End::Terminal),
        case("a POST without its end", [stream("data: a\n\n")])
            .post()
            .set(|client| client.require_terminal())
            .want([r#""a""#, "final: Ended"])
            .asked(["POST /a"])
            .end(End::Failed),
        case("a POST with nothing to say", []).post().want([]).asked(["POST /a"]),
    ]
}

#[tokio::test]
async fn terminal() {
    run(cases()).await;
}
