//! The bytes of one response, under a paused clock.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use tokio::sync::mpsc;
use tokio::time::Instant;
use typed_sse_core::{
    BoxError, Channel, Comment, EncodeError, Encoded, Encoder, Event, EventId, EventStream, EventType,
    KeepAlive, SseEvent, Start,
};

fn event(data: &str) -> Result<Event, Infallible> {
    Ok(Event::new(data))
}

/// A stream that is fed by hand.
fn fed<T>() -> (mpsc::UnboundedSender<T>, impl Stream<Item = T> + Unpin) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    (sender, stream::poll_fn(move |context| receiver.poll_recv(context)))
}

#[tokio::test]
async fn the_head_comes_before_any_event() {
    let mut body =
        EventStream::new(stream::pending::<Result<Event, Infallible>>()).retry(Duration::from_millis(1500));
    assert_eq!(body.next().await.unwrap().unwrap(), "retry: 1500\n");
}

#[tokio::test(start_paused = true)]
async fn without_a_head_the_first_event_comes_first_and_keep_alive_and_lifetime_hold() {
    let (sender, events) = fed();
    let mut body = EventStream::new(events).no_retry().lifetime(MINUTE);
    assert!(body.next().now_or_never().is_none());
    sender.send(event("a")).unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "data: a\n\n");
    assert_eq!(body.next().await.unwrap().unwrap(), ":\n");
    let rest: Vec<_> = body.map(Result::unwrap).collect().await;
    assert!(rest.iter().all(|chunk| chunk == ":\n"), "{rest:?}");
}

#[tokio::test]
async fn clients_are_told_to_come_back_at_different_times() {
    let mut times = Vec::new();
    for _ in 0..100 {
        let mut body = EventStream::new(stream::pending::<Result<Event, Infallible>>());
        let head = String::from_utf8(body.next().await.unwrap().unwrap().to_vec()).unwrap();
        let ms: u64 = head.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
        assert!((2000..=4000).contains(&ms));
        times.push(ms);
    }
    times.sort_unstable();
    times.dedup();
    assert!(times.len() > 50, "{times:?}");
}

#[tokio::test(start_paused = true)]
async fn keep_alive_only_when_idle() {
    let (sender, events) = fed();
    let mut body = EventStream::new(events);
    body.next().await.unwrap().unwrap();
    let start = Instant::now();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(10)).await;
        sender.send(event("a")).unwrap();
        std::future::pending::<()>().await;
    });
    assert_eq!(body.next().await.unwrap().unwrap(), "data: a\n\n");
    // 15 seconds after the last byte, not after the last comment.
    for seconds in [25, 40, 55] {
        assert_eq!(body.next().await.unwrap().unwrap(), ":\n");
        assert_eq!(start.elapsed().as_secs(), seconds);
    }
}

#[tokio::test(start_paused = true)]
async fn keep_alive_can_be_set_and_turned_off() {
    let comment = Comment::new(" idle").unwrap();
    let keep_alive = KeepAlive::new().with_interval(Duration::from_secs(1)).with_comment(comment);
    let mut body = EventStream::new(stream::pending::<Result<Event, Infallible>>()).keep_alive(keep_alive);
    body.next().await.unwrap().unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), ": idle\n");

    // As an event, which takes no client to another place.
    let ping =
        Event::new("{}").with_event_type(EventType::from_static("ping")).with_id(EventId::new("7").unwrap());
    let keep_alive = KeepAlive::new().with_interval(Duration::from_secs(1)).with_event(&ping).unwrap();
    let mut body = EventStream::new(stream::pending::<Result<Event, Infallible>>()).keep_alive(keep_alive);
    body.next().await.unwrap().unwrap();
    for _ in 0..2 {
        assert_eq!(body.next().await.unwrap().unwrap(), "event: ping\ndata: {}\n\n");
    }
    assert!(KeepAlive::new().with_event(&Illegal).is_err());

    let mut body =
        EventStream::new(stream::pending::<Result<Event, Infallible>>()).keep_alive(KeepAlive::off());
    body.next().await.unwrap().unwrap();
    assert!(tokio::time::timeout(Duration::from_secs(1 << 20), body.next()).await.is_err());
}

#[tokio::test]
async fn what_is_ready_together_leaves_together() {
    let (sender, events) = fed();
    let mut body = EventStream::new(events);
    body.next().await.unwrap().unwrap();
    for data in ["a", "b", "c"] {
        sender.send(event(data)).unwrap();
    }
    assert_eq!(body.next().await.unwrap().unwrap(), "data: a\n\ndata: b\n\ndata: c\n\n");
    sender.send(event("d")).unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "data: d\n\n");
}

#[tokio::test]
async fn a_client_that_is_ten_thousand_events_behind_catches_up_in_full_chunks() {
    const EVENTS: usize = 10_000;
    let channel = Channel::<Event>::builder().events(EVENTS).build();
    for n in 0..EVENTS {
        channel.publish(&Event::new(n.to_string())).await.unwrap();
    }
    let subscription = channel.subscribe(None).start(Start::Earliest).no_checkpoints();
    let mut body = EventStream::new(subscription).skip(1);
    let mut chunks = Vec::new();
    let mut events = 0;
    while events < EVENTS {
        let chunk = body.next().await.unwrap().unwrap();
        events += std::str::from_utf8(&chunk).unwrap().matches("\n\n").count();
        chunks.push(chunk.len());
    }
    assert_eq!(events, EVENTS);
    let (_, full) = chunks.split_last().unwrap();
    assert!(full.iter().all(|len| (1000..=1024).contains(len)), "{chunks:?}");
}

#[tokio::test]
async fn chunks_are_bounded_and_lose_nothing() {
    let lens = [10, 70_000, 10, 300, 300, 400, 10];
    let events = stream::iter(lens.map(|len| event(&"x".repeat(len))));
    let chunks: Vec<_> =
        EventStream::new(events).retry(Duration::from_secs(3)).map(Result::unwrap).collect().await;
    let frame = |len: usize| len + "data: \n\n".len();
    let expected =
        ["retry: 3000\n".len(), frame(10), frame(70_000), frame(10) + 2 * frame(300), frame(400) + frame(10)];
    assert_eq!(chunks.iter().map(|chunk| chunk.len()).collect::<Vec<_>>(), expected);

    let many = stream::iter((0..5000).map(|n| event(&n.to_string())));
    let chunks: Vec<_> =
        EventStream::new(many).retry(Duration::from_secs(3)).map(Result::unwrap).collect().await;
    let text = String::from_utf8(chunks.concat()).unwrap();
    let expected: String = (0..5000).map(|n| format!("data: {n}\n\n")).collect();
    assert_eq!(text.strip_prefix("retry: 3000\n").unwrap(), expected);
    assert_eq!(chunks.len(), 1 + expected.len().div_ceil(1020));
}

const MINUTE: Duration = Duration::from_secs(60);

type Idle = stream::Pending<Result<Event, Infallible>>;

fn idle() -> EventStream<Idle> {
    EventStream::new(stream::pending())
}

/// How long it takes to its proper end, and what came before, without the head.
async fn to_the_end(body: EventStream<impl Stream<Item = Result<Event, Infallible>>>) -> (Duration, String) {
    let start = Instant::now();
    let chunks = body.map(Result::unwrap).collect::<Vec<_>>();
    let chunks = tokio::time::timeout(1000 * MINUTE, chunks).await.unwrap();
    (start.elapsed(), String::from_utf8(chunks[1..].concat()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn an_idle_stream_ends_at_its_lifetime_between_two_keep_alives() {
    let (age, text) = to_the_end(idle().lifetime(MINUTE)).await;
    assert!((MINUTE * 9 / 10..=MINUTE).contains(&age), "{age:?}");
    // At 15, 30 and 45 seconds: what ends the stream comes before the fourth, or at the same time.
    assert_eq!(text, ":\n".repeat(3));
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_needs_no_keep_alive() {
    let (age, text) = to_the_end(idle().keep_alive(KeepAlive::off()).lifetime(MINUTE)).await;
    assert!((MINUTE * 9 / 10..=MINUTE).contains(&age), "{age:?}");
    assert_eq!(text, "");
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_counts_from_the_beginning_however_often_events_put_off_the_keep_alive() {
    let events = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        Some((event("tick"), ()))
    });
    let (age, text) = to_the_end(EventStream::new(events).lifetime(MINUTE)).await;
    assert!((MINUTE * 9 / 10..=MINUTE).contains(&age), "{age:?}");
    assert!((53..=60).contains(&text.matches("data: tick\n\n").count()), "{text}");
    assert_eq!(text.replace("data: tick\n\n", ""), "");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_never_idle_ends_at_its_lifetime_behind_whole_events() {
    // The second of two does not fit into a chunk with the first, and is taken when it is met: it still leaves.
    let mut taken = 0;
    let events = stream::repeat_with(|| {
        taken += 1;
        event(&"x".repeat(40 << 10))
    });
    let mut body = EventStream::new(events).lifetime(MINUTE);
    assert!(body.next().await.unwrap().unwrap().starts_with(b"retry: "));
    let start = Instant::now();
    let mut sent = 0;
    while let Some(chunk) = body.next().await {
        let chunk = chunk.unwrap();
        assert!(chunk.starts_with(b"data: ") && chunk.ends_with(b"\n\n"));
        assert!(start.elapsed() < 2 * MINUTE, "it does not end");
        sent += 1;
        tokio::time::advance(Duration::from_secs(1)).await;
    }
    // The chunk that is made at that age, the one that was carried then, and a second for each.
    let age = start.elapsed();
    assert!((Duration::from_secs(54)..=Duration::from_secs(62)).contains(&age), "{age:?}");
    assert!(body.next().await.is_none());
    drop(body);
    assert_eq!(sent, taken, "what is taken is sent");
}

#[tokio::test(start_paused = true)]
async fn what_is_ready_when_the_lifetime_is_over_still_leaves() {
    let (sender, events) = fed();
    let mut body = EventStream::new(events).keep_alive(KeepAlive::off()).lifetime(MINUTE);
    body.next().await.unwrap().unwrap();
    assert!(body.next().now_or_never().is_none());
    sender.send(event("last")).unwrap();
    tokio::time::advance(MINUTE).await;
    assert_eq!(body.next().await.unwrap().unwrap(), "data: last\n\n");
    sender.send(event("never")).unwrap();
    assert!(body.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn streams_that_began_together_do_not_end_together() {
    let mut ages = Vec::new();
    for _ in 0..100 {
        let (age, _) = to_the_end(idle().keep_alive(KeepAlive::off()).lifetime(100 * MINUTE)).await;
        assert!((90 * MINUTE..=100 * MINUTE).contains(&age), "{age:?}");
        ages.push(age);
    }
    ages.sort_unstable();
    assert!(ages[0] < 93 * MINUTE && ages[99] > 97 * MINUTE, "{ages:?}");
    ages.dedup();
    assert!(ages.len() > 50, "{ages:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lifetime_of_any_length() {
    for seconds in [1 << 40, 1 << 60, i64::MAX as u64, u64::MAX] {
        let lifetime = Duration::new(seconds, 999_999_999);
        let mut body = idle().keep_alive(KeepAlive::off()).lifetime(lifetime);
        body.next().await.unwrap().unwrap();
        assert!(tokio::time::timeout(MINUTE, body.next()).await.is_err(), "{seconds} s");
    }
    let (age, text) = to_the_end(idle().lifetime(Duration::ZERO)).await;
    assert_eq!((age.as_millis() <= 1, text.as_str()), (true, ""));
}

#[tokio::test(start_paused = true)]
async fn an_error_at_the_end_of_a_lifetime_is_still_an_error() {
    let mut body = failing().lifetime(Duration::ZERO);
    body.next().await.unwrap().unwrap();
    // Met behind the event, before the clock is asked.
    assert_eq!(body.next().await.unwrap().unwrap(), "data: a\n\n");
    assert_eq!(body.next().await.unwrap().unwrap_err().to_string(), "broken");
    assert!(body.next().await.is_none());
}

fn failing() -> EventStream<impl Stream<Item = Result<Event, std::io::Error>> + Unpin> {
    let failed = Err(std::io::Error::other("broken"));
    EventStream::new(stream::iter([Ok(Event::new("a")), failed, Ok(Event::new("never"))]))
}

#[tokio::test(start_paused = true)]
async fn an_error_comes_behind_the_whole_events_before_it_and_lets_them_leave() {
    let mut body = failing();
    body.next().await.unwrap().unwrap();
    assert_eq!(body.next().await.unwrap().unwrap(), "data: a\n\n");
    let start = Instant::now();
    assert_eq!(body.next().await.unwrap().unwrap_err().to_string(), "broken");
    assert_eq!(start.elapsed().as_millis(), 100);
    assert!(body.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_told_is_the_last_event_at_once() {
    let start = Instant::now();
    let tell =
        |error: BoxError| Event::new(error.to_string()).with_event_type(EventType::from_static("error"));
    let body = failing().on_error(tell);
    let chunks: Vec<_> = body.map(|chunk| chunk.unwrap()).collect().await;
    assert_eq!(chunks[1..].concat(), b"data: a\n\nevent: error\ndata: broken\n\n");
    assert_eq!(start.elapsed().as_millis(), 0);
    // Also what does not fit behind the others, and an event that cannot be encoded.
    let long = move |_| Event::new("x".repeat(5000));
    let chunks: Vec<_> = failing().on_error(long).map(|chunk| chunk.unwrap()).collect().await;
    assert_eq!(chunks.iter().map(|chunk| chunk.len()).skip(1).collect::<Vec<_>>(), [9, 5008]);
    let illegal = stream::iter([Ok::<_, Infallible>(Illegal)]);
    let chunks: Vec<_> = EventStream::new(illegal).on_error(tell).map(|chunk| chunk.unwrap()).collect().await;
    assert!(chunks[1].starts_with(b"event: error\ndata: "), "{chunks:?}");
    // Told by an event that is illegal itself, it breaks the connection.
    let mut body = failing().on_error(|_| Illegal);
    assert!(body.next().await.unwrap().is_ok() && body.next().await.unwrap().is_ok());
    assert!(body.next().await.unwrap().unwrap_err().to_string().contains("field `id`"));
    assert!(body.next().await.is_none());
}

#[test]
fn without_a_runtime_an_error_waits_one_turn() {
    let mut body = failing();
    let mut next = || body.next().now_or_never();
    assert!(matches!((next(), next()), (Some(Some(Ok(_))), Some(Some(Ok(_))))));
    assert!(next().is_none());
    assert_eq!(next().unwrap().unwrap().unwrap_err().to_string(), "broken");
    assert!(next().unwrap().is_none());
}

#[tokio::test]
async fn an_event_that_cannot_be_sent_ends_the_stream_and_writes_nothing() {
    let mut body = EventStream::new(stream::iter([Ok::<_, Infallible>(Illegal)]));
    body.next().await.unwrap().unwrap();
    assert!(body.next().await.unwrap().unwrap_err().to_string().contains("field `id`"));
    assert!(body.next().await.is_none());
}

struct Illegal;

impl SseEvent for Illegal {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.id("1\n2")?.text("half")
    }
}
