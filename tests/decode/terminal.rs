//! The event that ends a stream.

use futures_util::StreamExt as _;
use typed_sse::{
    Channel, EncodeError, EncodeErrorKind, Encoded, Encoder, Event, FromSseEvent, PublishError, SseEvent,
    Start, Topics,
};

use crate::{comes_back, typed, wire};

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Answer {
    Token(String),
    #[sse(event = "message", text = "[DONE]", terminal)]
    Done,
    #[sse(terminal)]
    Failed {
        #[sse(id, skip)]
        seq: Option<u8>,
        reason: String,
    },
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
struct Stored<E> {
    #[sse(id)]
    seq: u8,
    #[sse(transparent)]
    event: E,
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
enum Outer {
    #[sse(transparent)]
    Answer(Answer),
    Note(String),
}

#[derive(Debug, PartialEq, SseEvent, FromSseEvent)]
#[sse(terminal)]
struct Closed {
    code: u8,
}

fn token() -> Answer {
    Answer::Token("t".into())
}

#[test]
fn it_is_known_before_and_behind_the_wire() {
    let terminal: Vec<_> =
        Outer::EVENTS.iter().filter(|spec| spec.is_terminal()).map(|spec| spec.event_type()).collect();
    assert_eq!(terminal, ["message", "failed"]);
    for (event, is_terminal) in [
        (Outer::Answer(token()), false),
        (Outer::Answer(Answer::Done), true),
        (Outer::Note("n".into()), false),
    ] {
        assert_eq!(event.is_terminal(), is_terminal);
        assert_eq!(event.to_frame().unwrap().is_terminal(), is_terminal);
        assert_eq!(typed::<Outer>(&wire(&event)).unwrap().is_terminal(), is_terminal);
    }
    let stored = Stored { seq: 1, event: Box::new(Answer::Done) };
    assert!(stored.is_terminal() && stored.to_frame().unwrap().is_terminal());
    assert!(Closed { code: 1 }.is_terminal() && Box::new(Closed { code: 1 }).is_terminal());
    comes_back(&Closed { code: 1 });
    comes_back(&Answer::Failed { seq: None, reason: "r".into() });
    // A frame that is published again is what it was.
    let frame = Answer::Done.to_frame().unwrap();
    assert!(frame.to_frame().unwrap().is_terminal());
    assert!(frame.with_id(&typed_sse::EventId::new("7").unwrap()).unwrap().is_terminal());
    assert!(!Event::new("x").is_terminal());
}

#[test]
fn a_channel_that_publishes_it_is_finished() {
    let channel = Channel::new();
    channel.publish_now(&token()).unwrap();
    channel.publish_now(&Answer::Done).unwrap();
    assert!(matches!(channel.publish_now(&token()), Err(PublishError::Finished)));
    let frames = channel.subscribe(None).start(Start::Earliest).collect::<Vec<_>>();
    let frames = futures_util::FutureExt::now_or_never(frames).unwrap();
    let last = frames.last().unwrap().as_ref().unwrap();
    assert!(last.is_terminal() && last.event_type() == "message");
    // Who has it has everything.
    let mut over = channel.subscribe(typed_sse::LastEventId::from_bytes(last.id().unwrap()));
    assert_eq!(futures_util::Stream::size_hint(&over), (0, Some(0)));
    assert!(futures_util::FutureExt::now_or_never(over.next()).unwrap().is_none());
}

#[tokio::test]
async fn nothing_gets_behind_it_in_one_batch_either() {
    let channel = Channel::new();
    let batch = [token(), Answer::Done, token()];
    assert!(matches!(channel.publish_all(&batch).await, Err(PublishError::Finished)));
    assert_eq!(channel.counters().published, 0);
    // That was nothing: the channel goes on.
    assert_eq!(channel.publish_all(&batch[..2]).await.unwrap().len(), 2);
    assert!(matches!(channel.publish(&token()).await, Err(PublishError::Finished)));
    assert!(matches!(channel.publish_all_now(&[token()]), Err(PublishError::Finished)));
}

/// A waiting subscriber gets it, and then the end.
#[tokio::test]
async fn a_subscriber_that_waits_is_woken_for_it_and_ends() {
    let channel = Channel::new();
    let subscription = channel.subscribe(None).no_checkpoints();
    let reading = tokio::spawn(subscription.map(|frame| frame.unwrap().is_terminal()).collect::<Vec<_>>());
    tokio::task::yield_now().await;
    channel.publish(&token()).await.unwrap();
    channel.publish(&Answer::Done).await.unwrap();
    assert_eq!(reading.await.unwrap(), [false, true]);
}

#[tokio::test]
async fn of_topics_only_its_own_is_finished() {
    let topics = Topics::new();
    let (one, two) = (topics.channel("one").unwrap(), topics.channel("two").unwrap());
    one.publish(&Answer::Done).await.unwrap();
    assert!(matches!(one.publish(&token()).await, Err(PublishError::Finished)));
    two.publish(&token()).await.unwrap();
    let mut both = topics.subscribe(["one", "two"], None).unwrap().no_checkpoints();
    two.publish(&Answer::Done).await.unwrap();
    assert!(both.next().await.unwrap().unwrap().is_terminal());
    assert!(both.next().await.is_none());
}

struct Impossible;

impl SseEvent for Impossible {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.terminal()?.ephemeral()?.text("x")
    }
}

#[test]
fn it_cannot_be_live_only() {
    assert_eq!(Impossible.to_frame().unwrap_err().kind(), EncodeErrorKind::EphemeralTerminal);
}
