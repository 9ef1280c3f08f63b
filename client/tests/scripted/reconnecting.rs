//! When a client comes back, and when it does not.

use std::time::Duration;

use typed_sse_client::End;

use crate::case::{Case, case, run};
use crate::support::server::Answer;

const ENDED: &str = "back: Ended";
const BROKEN: &str = "back: Transport";

pub(crate) fn cases() -> Vec<Case> {
    let stream = |body: &str| Answer::stream(body);
    vec![
        case("a body that ends", [stream("data: a\n\n"), stream("data: b\n\n")])
            .want([r#""a""#, ENDED, r#""b""#, ENDED]),
        case("a connection that is reset", [stream("data: a\n\n").settle().abort()]).want([r#""a""#, BROKEN]),
        case("a server that hangs up at once", [Answer::raw("")]).want([BROKEN]),
        case("half a head", [Answer::raw("HTTP/1.1 200 OK\r\nContent-Ty")]).want([BROKEN]),
        case("something that is not HTTP", [Answer::raw("SSH-2.0-OpenSSH_9.9\r\n\r\n")]).want([BROKEN]),
        case(
            "a body shorter than its length",
            [Answer::with_headers(
                "Content-Type: text/event-stream\r\nContent-Length: 99\r\n",
                "data: a\n\n",
            )],
        )
        .want([r#""a""#, BROKEN]),
        case("ten cuts in a row", std::array::from_fn::<_, 10, _>(|_| Answer::raw(""))).want([BROKEN; 10]),
        case(
            "a pause of the server is no silence",
            [stream("data: a\n\n").pause().pause().then("data: b\n\n")],
        )
        .set(|client| client.idle_limit(Duration::from_secs(20)))
        .want([r#""a""#, r#""b""#, ENDED]),
        case("a connection on which nothing comes", [stream("data: a\n\n").hold()])
            .set(|client| client.idle_limit(Duration::from_secs(1)))
            .want([r#""a""#, "back: Idle"]),
        case("an open connection without a byte", [stream("").hold(), stream("data: a\n\n")])
            .set(|client| client.idle_limit(Duration::from_secs(1)))
            .want(["back: Idle", r#""a""#, ENDED]),
        case(
            "keep-alives are no silence",
            [(0..60).fold(stream(""), |answer, _| answer.then(":\n").pause()).then("data: a\n\n")],
        )
        .set(|client| client.idle_limit(Duration::from_secs(20)))
        .want([r#""a""#, ENDED]),
        case("no idle limit", [(0..40).fold(stream(""), |answer, _| answer.pause()).then("data: a\n\n")])
            .set(|client| client.idle_limit(None))
            .want([r#""a""#, ENDED]),
        case("a head that does not come", [Answer::raw("").hold(), stream("data: a\n\n")])
            .set(|client| client.connect_timeout(Duration::from_secs(1)))
            .want(["back: ConnectTimeout", r#""a""#, ENDED]),
        case("half a head that does not go on", [Answer::raw("HTTP/1.1 200 OK\r\n").hold()])
            .set(|client| client.connect_timeout(Duration::from_secs(1)))
            .want(["back: ConnectTimeout"]),
        case(
            "a head that takes its time",
            [(0..40).fold(Answer::raw(""), |answer, _| answer.pause()).then(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: a\n\n",
            )],
        )
        .set(|client| client.connect_timeout(None))
        .want([r#""a""#, ENDED]),
        case("gives up in the end", [Answer::raw(""), Answer::raw(""), Answer::raw("")])
            .set(|client| client.give_up_after(3))
            .want([BROKEN, BROKEN, "final: Transport"])
            .asked(["GET /a"; 3])
            .end(End::Failed),
        case("an event starts the count over", [Answer::raw(""), stream("data: a\n\n"), Answer::raw("")])
            .set(|client| client.give_up_after(3))
            .want([BROKEN, r#""a""#, ENDED, BROKEN]),
        case("a stream without an event does not", [stream(":\n"), stream(":\n"), stream(":\n")])
            .set(|client| client.give_up_after(3))
            .want([ENDED, ENDED, "final: Ended"])
            .end(End::Failed),
        case("once is once", [stream("data: a\n\n")])
            .set(|client| client.once())
            .want([r#""a""#])
            .asked(["GET /a"])
            .end(End::Body),
        case("once is once, also when it breaks", [stream("data: a\n\n").settle().abort()])
            .set(|client| client.once())
            .want([r#""a""#, "final: Transport"])
            .asked(["GET /a"])
            .end(End::Failed),
    ]
}

#[tokio::test]
async fn reconnecting() {
    run(cases()).await;
}
