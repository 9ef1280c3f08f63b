//! What is asked, to whom it is told, and what else a client promises.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use http::HeaderMap;
use typed_sse_client::{Client, Error, ErrorKind, Event, Item, Items, Reader, State};

use crate::support::server::{Answer, Server};
use crate::support::{Tick, all_of, quick};

const SECRET: &str = "hunter2";

fn get(server: &Server) -> Client<Tick> {
    Client::get(format!("{}/a", server.url)).backoff(quick())
}

#[tokio::test]
async fn asks_as_a_browser_does() {
    let server = Server::play(vec![Answer::stream("data: a\n\n")]).await;
    let _ = all_of(get(&server)).await;
    let asked = &server.asked()[0];
    assert_eq!(asked.header("accept").unwrap(), "text/event-stream");
    assert_eq!(asked.header("cache-control").unwrap(), "no-store");
    assert_eq!(asked.header("last-event-id"), None);
}

#[tokio::test]
async fn sends_what_the_application_gives() {
    let server = Server::play(Vec::new()).await;
    let client = Client::post(&server.url)
        .header("Authorization", "Bearer t")
        .header("accept", "text/event-stream, application/json")
        .header("last-event-id", "not this")
        .json(&serde_json::json!({ "stream": true }));
    let _ = all_of(client).await;
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /");
    assert_eq!(asked.header("authorization").unwrap(), "Bearer t");
    assert_eq!(asked.header("accept").unwrap(), "text/event-stream, application/json");
    assert_eq!(asked.header("content-type").unwrap(), "application/json");
    assert_eq!(asked.header("last-event-id"), None);
    assert_eq!(asked.body, br#"{"stream":true}"#);
}

#[tokio::test]
async fn headers_are_fresh_for_each_attempt() {
    let server = Server::play(vec![Answer::stream(""), Answer::raw(""), Answer::stream("")]).await;
    let count = AtomicUsize::new(0);
    let client = get(&server).headers_with(move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        async move {
            // The place that gives out tokens may be down, too.
            if number == 1 {
                return Err("no token".into());
            }
            Ok(HeaderMap::from_iter([(http::header::AUTHORIZATION, format!("Bearer {number}").parse()?)]))
        }
    });
    let (told, _) = all_of(client).await;
    assert_eq!(told, ["back: Ended", "back: Headers", "back: Transport", "back: Ended"]);
    let tokens: Vec<_> = server.asked().iter().map(|asked| asked.header("authorization").unwrap()).collect();
    assert_eq!(tokens, ["Bearer 0", "Bearer 2", "Bearer 3", "Bearer 4"]);
}

#[tokio::test]
async fn headers_that_do_not_come_are_a_failure() {
    let server = Server::play(Vec::new()).await;
    let client = get(&server)
        .connect_timeout(Duration::from_millis(10))
        .give_up_after(2)
        .headers_with(std::future::pending);
    assert_eq!(all_of(client).await.0, ["back: ConnectTimeout", "final: ConnectTimeout"]);
    assert!(server.asked().is_empty());
}

/// What is meant for one server is told to no other.
#[tokio::test]
async fn headers_stay_with_their_origin() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let other = Server::play(vec![Answer::stream("id: 1\ndata: a\n\n")]).await;
        let location = format!("Location: {}/b\r\n", other.url.replace("http://", "http://user:pass@"));
        let first = Server::by(move |_, _| Answer::status(status, &location)).await;
        let client = Client::get(first.url.replace("http://", &format!("http://me:{SECRET}@")))
            .backoff(quick())
            .header("x-api-key", SECRET)
            .header("cookie", SECRET)
            .headers_with(|| async { Ok(HeaderMap::from_iter([(http::header::COOKIE, SECRET.parse()?)])) });
        let _ = all_of(client).await;
        assert_eq!(first.told(), ["GET /"]);
        assert_eq!(first.asked()[0].header("x-api-key").unwrap(), SECRET);
        assert!(first.asked()[0].header("authorization").unwrap().starts_with("Basic "));
        // It comes back to the other one, and brings no secret then either.
        assert_eq!(other.told(), ["GET /b", "GET /b #1"]);
        for asked in other.asked() {
            assert_eq!(asked.header("accept").unwrap(), "text/event-stream");
            for name in ["x-api-key", "cookie", "authorization"] {
                assert_eq!(asked.header(name), None, "{name} after {status}");
            }
        }
    }
}

#[tokio::test]
async fn no_secret_is_shown() {
    let closed = {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let broken =
        Server::play(vec![Answer::stream("data: a\n\n").settle().abort(), Answer::raw("nonsense\r\n\r\n")])
            .await;
    let urls = [
        format!("http://{SECRET}:{SECRET}@{closed}/{SECRET}?token={SECRET}"),
        format!("{}/{SECRET}?token={SECRET}", broken.url),
        format!("ftp://{SECRET}@{SECRET}/"),
        format!("http://{SECRET}:{SECRET}@[::1/{SECRET}"),
        format!("https://localhost:1/{SECRET}"),
    ];
    for url in urls {
        let mut client = Client::<Tick>::get(&url)
            .backoff(quick())
            .give_up_after(3)
            .header("authorization", SECRET)
            .header("x-token", format!("{SECRET}\n"))
            .items();
        // The malformed header ends it before anything is sent; the second client sends.
        let mut shown = show_all(&mut client).await;
        let mut client = Client::<Tick>::get(&url).backoff(quick()).give_up_after(3).items();
        shown += &show_all(&mut client).await;
        assert!(!shown.contains(SECRET), "{shown}");
    }
}

/// What the server says of an error is there, though not in a log.
#[tokio::test]
async fn an_error_has_the_beginning_of_its_body() {
    let refusal = |head: &str, body: &str| {
        Answer::raw(format!(
            "HTTP/1.1 {head}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        ))
    };
    let long = "é".repeat(10_000);
    let cases = [
        (
            refusal("500 No", "{\"error\":\"no disk\"}"),
            ErrorKind::Status(500),
            Some("{\"error\":\"no disk\"}"),
        ),
        (
            refusal("404 Not Found\r\nContent-Type: text/event-stream", SECRET),
            ErrorKind::Status(404),
            Some(SECRET),
        ),
        (
            refusal("200 OK\r\nContent-Type: text/html", "<p>log in"),
            ErrorKind::ContentType,
            Some("<p>log in"),
        ),
        (refusal("403 No", ""), ErrorKind::Status(403), None),
        (refusal("500 No\r\nContent-Encoding: br", "???"), ErrorKind::Status(500), None),
        (refusal("500 No", "\u{feff}a").then("b"), ErrorKind::Status(500), Some("\u{feff}a")),
        (refusal("500 No", &long), ErrorKind::Status(500), Some(&long[..4096])),
        (
            Answer::raw("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\ncut").settle().abort(),
            ErrorKind::Status(500),
            Some("cut"),
        ),
    ];
    for (answer, kind, body) in cases {
        for is_post in [false, true] {
            let server = Server::play(vec![answer.clone()]).await;
            let mut client = if is_post { Client::<Tick>::post(&server.url) } else { get(&server) };
            let error = client.next().await.unwrap().unwrap_err();
            assert_eq!((error.kind(), error.body()), (kind, body));
            assert!(error.is_final() && !format!("{error} {error:?}").contains(SECRET));
        }
    }
}

/// One that comes back tells it, too.
#[tokio::test]
async fn so_has_one_that_is_not_final() {
    let later = "HTTP/1.1 429 Later\r\nRetry-After: 0\r\nContent-Length: 4\r\n\r\nbusy";
    let server = Server::play(vec![Answer::raw(later)]).await;
    let mut items = get(&server).items();
    while let Some(item) = items.next().await {
        if let Item::State(State::Reconnecting { reason, .. }) = item.unwrap() {
            assert_eq!((reason.kind(), reason.body()), (ErrorKind::Status(429), Some("busy")));
            return;
        }
    }
    panic!("it did not come back");
}

async fn show_all(client: &mut Items<Tick>) -> String {
    let mut shown = format!("{client:?}");
    while let Some(item) = client.next().await {
        shown += &format!("{item:?} {client:?}");
        let (Ok(Item::State(State::Reconnecting { reason: error, .. })) | Err(error)) = item else {
            continue;
        };
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        while let Some(error) = source {
            shown += &format!(" {error}");
            source = error.source();
        }
    }
    shown
}

#[tokio::test]
async fn a_malformed_request_is_one_final_error() {
    let clients: [Client<Tick>; 5] = [
        Client::get("nonsense"),
        Client::get("ftp://example.com/"),
        Client::get("http://127.0.0.1/").header("bad name", "x"),
        Client::get("http://127.0.0.1/").header("x", "bad\nvalue"),
        Client::post("http://127.0.0.1/").json(&std::collections::HashMap::from([((1, 2), 3)])),
    ];
    for mut client in clients {
        let error = client.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Request);
        assert!(error.is_final() && error.source().is_some());
        assert!(client.next().await.is_none());
    }
}

/// The simple loop: events, errors that end nothing, and no reset in silence.
#[tokio::test]
async fn a_stream_of_events_alone() {
    let body =
        "event: reset\ndata: {\"reason\":\"unknown\",\"missed\":2}\n\nevent: new\ndata\n\nid: 4\ndata: a\n\n";
    let server = Server::play(vec![Answer::stream(body)]).await;
    let mut client = get(&server);
    let reset = client.next().await.unwrap().unwrap_err();
    assert!(matches!(reset.kind(), ErrorKind::Reset(reset) if reset.missed == Some(2)));
    assert!(!reset.is_final());
    assert_eq!(client.next().await.unwrap().unwrap_err().kind(), ErrorKind::Event);
    // As a `Stream` too.
    assert_eq!(StreamExt::next(&mut client).await.unwrap().unwrap(), Tick::Text("a".to_owned()));
    assert_eq!(client.current_event_id(), "4");
    assert!(client.next().await.is_none() && client.next().await.is_none());
}

/// A type that has an event for it gets the reset as any other.
#[tokio::test]
async fn a_reset_is_an_event_of_a_type_that_has_it() {
    let body = "event: reset\ndata: {\"reason\":\"unknown\",\"missed\":2}\n\n";
    let server = Server::play(vec![Answer::stream(body)]).await;
    let mut client = Client::<Event>::get(&server.url);
    assert_eq!(client.next().await.unwrap().unwrap().event_type(), "reset");
}

/// The hook is done before anything behind the reset is read.
#[tokio::test]
async fn a_reset_is_a_gate() {
    let body = "data: a\n\nevent: reset\ndata: {\"reason\":\"epoch\",\"missed\":null}\n\ndata: b\n\n";
    let server = Server::play(vec![Answer::stream(body)]).await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let of_hook = Arc::clone(&log);
    let mut client = get(&server).on_reset(move |reset| {
        let log = Arc::clone(&of_hook);
        async move {
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            log.lock().unwrap().push(format!("loaded: {:?}", reset.reason));
        }
    });
    while let Some(event) = client.next().await {
        log.lock().unwrap().push(format!("{:?}", event.unwrap()));
    }
    assert_eq!(*log.lock().unwrap(), ["Text(\"a\")", "loaded: Epoch", "Text(\"b\")"]);
}

#[tokio::test]
async fn states_are_values_beside_the_events() {
    let server = Server::play(vec![Answer::raw(""), Answer::stream("data: a\n\n")]).await;
    let items: Vec<_> = get(&server).items().map(|item| format!("{:?}", item.unwrap())).collect().await;
    let starts = ["State(Connecting)", "State(Reconnecting", "State(Connecting)", "State(Open)", "Event"];
    assert_eq!(items.len(), starts.len() + 2, "{items:?}");
    for (item, start) in items.iter().zip(starts) {
        assert!(item.starts_with(start), "{item}");
    }
}

/// Whoever stops waiting loses nothing; whoever drops the client closes the connection.
#[tokio::test]
async fn cancelled_by_drop() {
    let answer = Answer::chunked(&[b"data: a\n\nda", b"ta: b\n\n"]).hold();
    let server = Server::play(vec![answer]).await;
    let mut client = get(&server);
    let mut told = Vec::new();
    while told.len() < 2 {
        tokio::select! {
            biased;
            event = client.next() => told.push(event.unwrap().unwrap()),
            () = tokio::task::yield_now() => {}
        }
    }
    assert_eq!(told, [Tick::Text("a".to_owned()), Tick::Text("b".to_owned())]);
    assert_eq!(server.asked().len(), 1);

    closes(drop).await;
}

/// Behind a terminal event the connection is closed, though the client is still there.
#[tokio::test]
async fn closes_behind_a_terminal_event() {
    closes(|client| client).await;
}

/// Reads the one event, and waits until the server sees that the connection is closed.
async fn closes<T>(then: impl FnOnce(Client<Tick>) -> T) {
    let gone = Arc::new(tokio::sync::Notify::new());
    let seen = Arc::clone(&gone);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut client = Client::<Tick>::get(format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 1024];
        assert_ne!(stream.read(&mut request).await.unwrap(), 0);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: [DONE]\n\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        seen.notify_one();
    });
    assert!(client.next().await.unwrap().is_ok());
    let _kept = then(client);
    gone.notified().await;
}

/// The bytes of a response that somebody else has opened.
#[tokio::test]
async fn reads_any_stream_of_bytes() {
    let text = "\u{feff}id: 1\r\ndata: a\r\n\r\nevent: number\ndata: 7\n\ndata: [DONE]\n\ndata: b\n\n";
    for size in 1..text.len() {
        let chunks = text.as_bytes().chunks(size).map(|chunk| Ok::<_, Error>(chunk.to_vec()));
        let mut reader = Reader::<Tick, _>::new(futures_util::stream::iter(chunks));
        let events: Vec<_> = reader.by_ref().map(Result::unwrap).collect().await;
        assert_eq!(events, [Tick::Text("a".to_owned()), Tick::Number(7), Tick::Done]);
        assert_eq!(reader.end(), Some(typed_sse_client::End::Terminal));
        assert_eq!(reader.current_event_id(), "1");
    }
}

#[tokio::test]
async fn an_error_of_the_bytes_is_final() {
    let chunks = [Ok("data: a\n\n"), Err(std::io::Error::other("cut"))];
    let mut reader = Reader::<Tick, _>::new(futures_util::stream::iter(chunks));
    assert!(reader.next().await.unwrap().is_ok());
    let error = reader.next().await.unwrap().unwrap_err();
    assert!(error.is_final() && error.source().unwrap().to_string() == "cut");
    assert!(reader.next().await.is_none());
}

#[test]
fn reads_without_a_runtime() {
    use typed_sse_client::blocking::Reader;
    let body = "id: 1\ndata: a\n\nevent: new\ndata\n\nevent: number\ndata: 2\n\ndata: cut";
    let mut reader = Reader::<Tick, _>::new(body.as_bytes());
    let events: Vec<_> = reader.by_ref().map(|event| format!("{event:?}")).collect();
    assert_eq!(events.len(), 3);
    assert!(events[1].contains("kind: Event"), "{}", events[1]);
    assert_eq!((reader.current_event_id(), reader.end()), ("1", Some(typed_sse_client::End::Body)));
    let mut reader = reader.reconnect(b"data: b\n\ndata: [DONE]\n\ndata: c\n\n");
    assert_eq!(reader.next().unwrap().unwrap(), Tick::Text("b".to_owned()));
    assert_eq!(reader.next().unwrap().unwrap(), Tick::Done);
    assert!(reader.next().is_none());
    assert_eq!(reader.current_event_id(), "1");
}

#[test]
fn may_be_sent_to_another_thread() {
    const fn is_send<T: Send + Unpin>() {}
    is_send::<Client<std::rc::Rc<()>>>();
    is_send::<Items<Tick>>();
    is_send::<Error>();
}
