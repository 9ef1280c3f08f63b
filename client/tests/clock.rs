//! How long a client waits, with a clock that the test holds and a service without sockets.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::convert::Infallible;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use support::Tick;
use tokio::time::Instant;
use typed_sse_client::{Backoff, Client, ErrorKind};

type Body = UnsyncBoxBody<Bytes, Infallible>;

/// What a request gets.
#[derive(Clone, Copy)]
enum Answer {
    Stream(&'static str),
    /// The stream, and then nothing any more.
    Open(&'static str),
    Status(u16, &'static str),
    /// `500` with this text, and then nothing any more.
    Refusal(&'static str),
    Nothing,
}

/// Seconds at which a client asked.
type Asked = Arc<Mutex<Vec<f64>>>;

/// A client over a service that answers so, then `204`.
fn over(answers: &'static [Answer]) -> (Client<Tick>, Asked) {
    let begun = Instant::now();
    let asked = Asked::default();
    let log = Arc::clone(&asked);
    let service = tower::service_fn(move |_: Request<Full<Bytes>>| {
        let mut log = log.lock().unwrap();
        let answer = answers.get(log.len()).copied().unwrap_or(Answer::Status(204, "0"));
        log.push(begun.elapsed().as_secs_f64().round());
        answer.send()
    });
    let backoff = Backoff::new().with_jitter(0.0);
    (Client::get("http://localhost/").backoff(backoff).over(service), asked)
}

impl Answer {
    async fn send(self) -> Result<Response<Body>, Infallible> {
        let response = Response::builder().header("content-type", "text/event-stream");
        let full = |text: &'static str| Full::new(Bytes::from(text)).boxed_unsync();
        Ok(match self {
            Self::Stream(text) => response.body(full(text)).unwrap(),
            Self::Open(text) => response.body(held(text)).unwrap(),
            Self::Refusal(text) => response.status(500).body(held(text)).unwrap(),
            Self::Status(status, after) => {
                response.status(status).header("retry-after", after).body(full("")).unwrap()
            }
            Self::Nothing => pending().await,
        })
    }
}

/// The text, and then nothing any more.
fn held(text: &'static str) -> Body {
    let frame = Ok(http_body::Frame::data(Bytes::from(text)));
    StreamBody::new(stream::iter([frame]).chain(stream::pending())).boxed_unsync()
}

/// When the client asked, if it reads to the end.
async fn times((client, asked): (Client<Tick>, Asked)) -> Vec<f64> {
    let _ = support::all_of(client).await;
    let asked = asked.lock().unwrap();
    asked.clone()
}

#[tokio::test(start_paused = true)]
async fn waits_longer_after_each_failure() {
    use Answer::Stream;
    // No event, no proof.
    let empty = over(&[Stream(""); 7]);
    let read = async {
        let (mut client, asked) = empty;
        assert!(client.next().await.is_none());
        asked.lock().unwrap().clone()
    };
    assert_eq!(read.await, [0.0, 3.0, 9.0, 21.0, 45.0, 93.0, 153.0, 213.0]);
}

#[tokio::test(start_paused = true)]
async fn an_event_starts_the_doubling_over() {
    use Answer::Stream;
    let client = over(&[Stream(""), Stream(""), Stream("data: a\n\n"), Stream("")]);
    assert_eq!(times(client).await, [0.0, 3.0, 9.0, 12.0, 18.0]);
}

#[tokio::test(start_paused = true)]
async fn the_servers_reconnection_time_is_waited() {
    use Answer::Stream;
    let client = over(&[Stream("retry: 5000\ndata: a\n\n"), Stream("data: b\n\n"), Stream("")]);
    assert_eq!(times(client).await, [0.0, 5.0, 10.0, 20.0]);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited() {
    use Answer::{Status, Stream};
    let (mut client, asked) =
        over(&[Status(503, "40"), Status(429, "1"), Stream("data: a\n\n"), Status(503, "900")]);
    while let Some(event) = client.next().await {
        assert!(event.is_ok());
    }
    // The second waits as the doubling has it, which is longer.
    assert_eq!(*asked.lock().unwrap(), [0.0, 40.0, 46.0, 49.0, 949.0]);
}

#[tokio::test(start_paused = true)]
async fn silence_is_noticed_after_five_minutes() {
    let (mut client, asked) = over(&[Answer::Open("data: a\n\n")]);
    assert!(client.next().await.unwrap().is_ok());
    // The application takes its time, which is no silence.
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(client.next().await.is_none());
    assert_eq!(*asked.lock().unwrap(), [0.0, 903.0]);
}

#[tokio::test(start_paused = true)]
async fn no_idle_limit_is_none() {
    let (client, asked) = over(&[Answer::Open("data: a\n\n")]);
    let mut client = client.idle_limit(None);
    assert!(client.next().await.unwrap().is_ok());
    assert!(tokio::time::timeout(Duration::from_secs(1_000_000), client.next()).await.is_err());
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_head_is_waited_for_a_minute() {
    let (mut client, asked) = over(&[Answer::Nothing, Answer::Nothing]);
    assert!(client.next().await.is_none());
    assert_eq!(*asked.lock().unwrap(), [0.0, 63.0, 129.0]);
}

#[tokio::test(start_paused = true)]
async fn gives_up_without_a_last_wait() {
    let (client, asked) = over(&[Answer::Stream(""); 9]);
    let mut client = client.give_up_after(3);
    let error = client.next().await.unwrap().unwrap_err();
    assert!(error.is_final() && error.kind() == ErrorKind::Ended);
    assert!(client.next().await.is_none());
    assert_eq!(*asked.lock().unwrap(), [0.0, 3.0, 9.0]);
}

/// Bytes without an event are read in turns with other tasks, and all of them are read.
#[tokio::test(start_paused = true)]
async fn comments_without_end_let_others_run() {
    let service = tower::service_fn(|_: Request<Full<Bytes>>| async {
        let comments = stream::repeat(Bytes::from(":\n")).take(100_000);
        let frames = comments.chain(stream::iter([Bytes::from("data: a\n\n")]));
        let body = StreamBody::new(frames.map(|bytes| Ok::<_, Infallible>(http_body::Frame::data(bytes))));
        Ok::<_, Infallible>(
            Response::builder().header("content-type", "text/event-stream").body(body).unwrap(),
        )
    });
    let mut client = Client::<Tick>::get("http://localhost/").over(service);
    let mut turns = 0;
    let event = loop {
        tokio::select! {
            biased;
            event = client.next() => break event,
            () = std::future::ready(()) => turns += 1,
        }
    };
    assert!(event.unwrap().is_ok());
    assert!(turns > 100, "{turns}");
    // The same where nobody polls again of his own accord.
    let service = tower::service_fn(|_: Request<Full<Bytes>>| async {
        let frames = stream::repeat(Bytes::from(":\n"))
            .take(10_000)
            .map(|bytes| Ok::<_, Infallible>(http_body::Frame::data(bytes)));
        Ok::<_, Infallible>(
            Response::builder()
                .header("content-type", "text/event-stream")
                .body(StreamBody::new(frames))
                .unwrap(),
        )
    });
    let mut client = Client::<Tick>::get("http://localhost/").over(service).once();
    assert!(client.next().await.is_none());
}

/// Whoever polls again and again does not make it wait anew.
#[tokio::test(start_paused = true)]
async fn a_wait_goes_on_over_cancelled_polls() {
    let (mut client, asked) = over(&[Answer::Stream("")]);
    for _ in 0..3 {
        assert!(tokio::time::timeout(Duration::from_millis(900), client.next()).await.is_err());
    }
    assert!(client.next().await.is_none());
    assert_eq!(*asked.lock().unwrap(), [0.0, 3.0]);
}

/// What an error says is waited for, but not for long.
#[tokio::test(start_paused = true)]
async fn the_body_of_an_error_has_a_second() {
    let (mut client, _) = over(&[Answer::Refusal("no disk")]);
    let begun = Instant::now();
    let error = client.next().await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.body()), (ErrorKind::Status(500), Some("no disk")));
    assert_eq!(begun.elapsed(), Duration::from_secs(1));
    assert!(client.next().await.is_none());
}
