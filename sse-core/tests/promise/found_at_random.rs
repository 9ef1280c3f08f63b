//! What the random tests have found, each in its smallest form.

use std::convert::Infallible;

use futures_util::{FutureExt as _, Stream, StreamExt as _};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Frame, LastEventId, ResetReason, Slow, SseEvent, Start,
    SubscriptionError, Topics,
};

use super::support::{data, reset};

enum Sent {
    /// With a key.
    Price(&'static str, u32),
    Note(u32),
    Tick(u32),
}

use Sent::{Note, Price, Tick};

impl SseEvent for Sent {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        match self {
            Price(symbol, price) => encoder.key(symbol)?.text(&format!("{symbol}={price}")),
            Note(n) => encoder.text(&n.to_string()),
            Tick(n) => encoder.ephemeral()?.text(&format!("tick {n}")),
        }
    }
}

fn publish(channel: &Channel<Sent>, events: impl IntoIterator<Item = Sent>) {
    for event in events {
        channel.publish(&event).now_or_never().unwrap().unwrap();
    }
}

fn ready(stream: &mut (impl Stream<Item = Result<Frame, SubscriptionError>> + Unpin)) -> Vec<Frame> {
    std::iter::from_fn(|| stream.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

#[test]
fn an_ephemeral_event_comes_behind_what_was_published_before_it_in_other_topics() {
    let topics = Topics::new();
    let mut both = topics.subscribe(["a", "b"], None).unwrap();
    publish(&topics.channel("a").unwrap(), [Note(1), Note(2)]);
    publish(&topics.channel("b").unwrap(), [Tick(1)]);
    publish(&topics.channel("a").unwrap(), [Note(3)]);
    assert_eq!(data(&ready(&mut both)), ["1", "2", "tick 1", "3"]);
}

#[test]
fn the_state_of_one_topic_is_complete_only_behind_that_of_the_others() {
    let topics = Topics::new();
    publish(&topics.channel("a").unwrap(), [Price("A", 1)]);
    publish(&topics.channel("b").unwrap(), [Price("B", 1)]);
    let mut both = topics.subscribe(["a", "b"], None).unwrap().start(Start::LatestPerKey);
    let frames = ready(&mut both);
    let all_came = frames.iter().position(|frame| frame.as_ref().ends_with(b"B=1\n\n"));
    let is_complete = |frame: &Frame| frame.id().is_some_and(|id| id.ends_with("-2"));
    assert!(all_came < frames.iter().position(is_complete), "{frames:?}");
}

#[test]
fn an_ephemeral_event_comes_ahead_of_a_newer_one_that_is_kept_for_its_key() {
    let channel = Channel::builder().events(1).build();
    let mut board = channel.subscribe(None).slow(Slow::Coalesce);
    publish(&channel, [Price("A", 1), Tick(1), Price("B", 1), Tick(2), Price("C", 1)]);
    assert_eq!(data(&ready(&mut board)), ["A=1", "tick 1", "B=1", "tick 2", "C=1"]);
}

#[test]
fn one_that_was_let_begin_and_comes_back_for_all_is_told_what_was_trimmed_since() {
    let channel = Channel::builder().events(3).build();
    publish(&channel, (0..5).map(|n| Price("A", n)));
    let mut board = channel.subscribe(None).start(Start::LatestPerKey);
    // 2 were trimmed by then.
    let told = ready(&mut board)[0].id().map(LastEventId::from);
    publish(&channel, [Note(5)]);
    let back = channel.subscribe(told).start(Start::Earliest);
    assert_eq!(reset(&back), (ResetReason::Trimmed, Some(1)));
}

#[test]
fn one_that_is_behind_in_a_topic_that_is_closed_gets_the_rest_of_it() {
    let topics = Topics::new();
    let mut both = topics.subscribe(["a", "b"], None).unwrap();
    publish(&topics.channel("a").unwrap(), [Note(1), Note(2)]);
    topics.close("a");
    publish(&topics.channel("b").unwrap(), [Note(3)]);
    assert_eq!(data(&ready(&mut both)), ["1", "2", "3"]);
    // And goes on in the others.
    publish(&topics.channel("b").unwrap(), [Note(4)]);
    assert_eq!(data(&ready(&mut both)), ["4"]);
}

#[test]
fn one_that_falls_behind_its_empty_state_again_gets_nothing_before_another_state() {
    let topics = Topics::builder().channel(Channel::builder().events(1)).build();
    let (a, b) = (topics.channel("a").unwrap(), topics.channel("b").unwrap());
    let state = || async { Ok::<_, Infallible>((Vec::<Sent>::new(), topics.cursor())) };
    let nonsense = LastEventId::from("nonsense");
    let both = topics.subscribe(["a", "b"], nonsense).unwrap().slow(Slow::Skip).snapshot(state);
    let mut both = std::pin::pin!(both);
    publish(&a, [Note(0)]);
    // A reset, and that there is no state.
    assert_eq!(ready(&mut both).len(), 2);
    publish(&a, [Note(1), Note(2)]);
    publish(&b, [Note(3)]);
    let frames = ready(&mut both);
    assert!(!frames[0].is_event(), "1 is lost, and nobody would know: {frames:?}");
}
