//! What stands between a server and a client: chunks, compression, proxies that hold back.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use typed_sse_client::{Client, End};

use crate::case::{Case, case, run};
use crate::support::server::{Answer, Server};
use crate::support::{Tick, quick};

const ENDED: &str = "back: Ended";
const BROKEN: &str = "back: Transport";

pub(crate) fn cases() -> Vec<Case> {
    let gzip = |bytes: &[u8]| Answer::raw(GZIP_HEAD).then(bytes);
    let whole = gzipped(&["data: a\n\n", "data: b\n\n"], true);
    vec![
        case("chunks", [Answer::chunked(&[b"data: a\n\n", b"data: b\n\n"]).then("0\r\n\r\n")])
            .want([r#""a""#, r#""b""#, ENDED]),
        case("chunks without their end", [Answer::chunked(&[b"data: a\n\n"])]).want([r#""a""#, BROKEN]),
        case(
            "a chunk shorter than it says",
            [Answer::chunked(&[b"data: a\n\n"]).settle().then("ff\r\ndata: b\n\n").settle()],
        )
        .want([r#""a""#, r#""b""#, BROKEN]),
        case("a chunk of nonsense", [Answer::chunked(&[b"data: a\n\n"]).settle().then("zz\r\n")])
            .want([r#""a""#, BROKEN]),
        case("trailers", [Answer::chunked(&[b"data: a\n\n"]).then("0\r\nX-Checksum: 1\r\n\r\n")])
            .want([r#""a""#, ENDED]),
        case(
            "a proxy that holds all back, then sends it at once",
            [(0..30)
                .fold(Answer::raw(""), |answer, _| answer.pause())
                .then("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n")
                .then("data: a\n\ndata: b\n\ndata: c\n\n")],
        )
        .want([r#""a""#, r#""b""#, r#""c""#, ENDED]),
        case(
            "a proxy that holds back a part of each event",
            [Answer::chunked(&[b"data: a\n\nda", b"ta: b\n\ndata:", b" c\n\n"]).then("0\r\n\r\n")],
        )
        .want([r#""a""#, r#""b""#, r#""c""#, ENDED]),
        case(
            "a proxy that cuts at its time-out",
            [Answer::stream("id: 1\ndata: a\n\n"), Answer::stream("id: 2\ndata: b\n\n")],
        )
        .want([r#""a" #1"#, ENDED, r#""b" #2"#, ENDED]),
        case(
            "an early hint",
            [Answer::raw("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n").then(
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: a\n\n",
            )],
        )
        .want([r#""a""#, ENDED]),
        case(
            "HTTP/1.0",
            [Answer::raw("HTTP/1.0 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: a\n\n")],
        )
        .want([r#""a""#, ENDED]),
        case("gzip", [gzip(&whole)]).want([r#""a""#, r#""b""#, ENDED]).by_reqwest_alone(),
        case("gzip without its end", [gzip(&gzipped(&["data: a\n\n", "data: b\n\n"], false))])
            .want([r#""a""#, r#""b""#, BROKEN])
            .by_reqwest_alone(),
        case("gzip of nonsense", [gzip(b"data: a\n\n")]).want([BROKEN]).by_reqwest_alone(),
    ]
}

#[tokio::test]
async fn bodies() {
    run(cases()).await;
}

/// A compressed event is read when it comes, not when the stream ends.
#[tokio::test]
async fn gzip_is_read_as_it_comes() {
    let body = gzipped(&["data: a\n\n"], false);
    let server = Server::play(vec![Answer::raw(GZIP_HEAD).then(body).hold()]).await;
    let mut client = Client::<Tick>::get(&server.url).backoff(quick());
    assert_eq!(client.next().await.unwrap().unwrap(), Tick::Text("a".to_owned()));
    assert_eq!(server.asked()[0].header("accept-encoding").unwrap(), "gzip");
}

/// Without a transport that undoes it, compression is said, not read as events.
#[tokio::test]
async fn gzip_over_a_service_that_does_not_undo_it() {
    let server = Server::play(vec![Answer::raw(GZIP_HEAD).then("x")]).await;
    let hyper = hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new());
    let mut client =
        Client::<Tick>::get(&server.url).over(hyper.build_http::<http_body_util::Full<bytes::Bytes>>());
    let error = client.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), typed_sse_client::ErrorKind::ContentEncoding);
    assert!(client.next().await.is_none());
    assert_eq!(client.end(), Some(End::Failed));
}

/// Each piece flushed, so that it can be read before the next.
fn gzipped(pieces: &[&str], finish: bool) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    for piece in pieces {
        encoder.write_all(piece.as_bytes()).unwrap();
        encoder.flush().unwrap();
    }
    if finish { encoder.finish().unwrap() } else { encoder.get_ref().clone() }
}

const GZIP_HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\
                         Connection: close\r\n\r\n";
