//! Channels by name, and one subscription to several of them.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, Frame, LastEventId, ResetReason, Resumption,
    SseEvent, Start, Topics, TopicsError, TopicsSubscription,
};

async fn publish(topics: &Topics<Event>, name: &str, data: &str) -> EventId {
    topics.channel(name).unwrap().publish(&Event::new(data)).await.unwrap()
}

fn ready<E>(subscription: &mut TopicsSubscription<E>) -> Vec<Frame> {
    std::iter::from_fn(|| subscription.next().now_or_never().flatten()).map(Result::unwrap).collect()
}

fn data(frames: &[Frame]) -> Vec<String> {
    let data = |frame: &Frame| {
        let wire = std::str::from_utf8(frame.as_ref()).unwrap();
        wire.trim_end().rsplit_once("data: ").unwrap().1.to_owned()
    };
    frames.iter().map(data).collect()
}

fn sequence(frame: &Frame) -> u64 {
    frame.id().unwrap().split_once('-').unwrap().1.parse().unwrap()
}

#[tokio::test]
async fn one_id_resumes_every_topic() {
    let topics = Topics::new();
    let mut ids = Vec::new();
    for (name, data) in [("a", "a1"), ("b", "b1"), ("a", "a2"), ("c", "c1"), ("b", "b2"), ("a", "a3")] {
        ids.push(publish(&topics, name, data).await);
    }
    assert!(ids.iter().all(|id| id.as_str().len() <= 32));
    let rest = |id: &EventId| {
        let mut subscription = topics.subscribe(["b", "a", "a"], LastEventId::from(id.clone())).unwrap();
        assert_eq!(subscription.resumption(), Resumption::Complete);
        let frames = ready(&mut subscription);
        assert_eq!(subscription.replayed(), frames.len() as u64);
        data(&frames).join(" ")
    };
    assert_eq!(rest(&ids[0]), "b1 a2 b2 a3");
    assert_eq!(rest(&ids[2]), "b2 a3");
    assert_eq!(
        rest(&ids[3]),
        "b2 a3",
        "an ID reads nothing of a topic that was not asked for, but is a place"
    );
    assert_eq!(rest(&ids[5]), "");
}

#[tokio::test]
async fn live_events_of_all_topics_in_one_order() {
    let topics = Topics::new();
    let mut subscription = topics.subscribe(["a", "b"], None).unwrap();
    let place = ready(&mut subscription);
    assert_eq!((place.len(), sequence(&place[0]), place[0].is_event()), (1, 0, false));
    for n in 0..10 {
        publish(&topics, ["a", "b", "c"][n % 3], &n.to_string()).await;
    }
    let frames = ready(&mut subscription);
    assert_eq!(data(&frames), ["0", "1", "3", "4", "6", "7", "9"]);
    assert_eq!(frames[1].topic(), Some("b"));
    let mut back = topics.subscribe(["a", "b"], LastEventId::from(place[0].id().unwrap())).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete, "its place resumes all of them");
    assert_eq!(ready(&mut back), frames);
}

#[tokio::test]
async fn nobody_is_told_a_place_in_topics_who_does_not_want_to_be() {
    let topics = Topics::<Event>::new();
    assert!(ready(&mut topics.subscribe(["a", "b"], None).unwrap().no_checkpoints()).is_empty());
    let silent = Topics::<Event>::builder().channel(Channel::builder().no_checkpoints()).build();
    assert!(ready(&mut silent.subscribe(["a", "b"], None).unwrap()).is_empty());
    assert!(silent.channel("a").unwrap().subscribe(None).next().now_or_never().is_none());
}

#[tokio::test]
async fn an_ephemeral_event_comes_behind_the_event_before_it() {
    struct Typing;
    impl SseEvent for Typing {
        fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
            encoder.ephemeral()?.text("typing")
        }
    }
    let topics = Topics::<Frame>::new();
    let mut subscription = topics.subscribe(["a", "b"], None).unwrap().no_checkpoints();
    let frame = |data: &str| Event::new(data).to_frame().unwrap();
    topics.channel("b").unwrap().publish(&frame("b1")).await.unwrap();
    topics.channel("a").unwrap().publish(&Typing.to_frame().unwrap()).await.unwrap();
    topics.channel("b").unwrap().publish(&frame("b2")).await.unwrap();
    assert_eq!(data(&ready(&mut subscription)), ["b1", "typing", "b2"]);
}

#[tokio::test]
async fn an_events_own_id_resumes_the_other_topics_too() {
    let topics = Topics::new();
    let event = |id: &str| Event::new(id).with_id(EventId::new(id).unwrap());
    for (name, id) in [("a", "x"), ("b", "y"), ("a", "z")] {
        topics.channel(name).unwrap().publish(&event(id)).await.unwrap();
    }
    let mut subscription = topics.subscribe(["a", "b"], LastEventId::from("x")).unwrap();
    assert_eq!(data(&ready(&mut subscription)), ["y", "z"]);
    let mut subscription = topics.subscribe(["a", "b"], LastEventId::from("y")).unwrap();
    assert_eq!(data(&ready(&mut subscription)), ["z"]);
}

#[tokio::test]
async fn an_own_id_of_two_topics_could_mean_either_and_is_a_reset() {
    let topics = Topics::new();
    let event = |id: &str| Event::new(id).with_id(EventId::new(id).unwrap());
    for (name, id) in [("a", "1"), ("b", "1"), ("a", "2"), ("b", "2")] {
        topics.channel(name).unwrap().publish(&event(id)).await.unwrap();
    }
    let both = topics.subscribe(["a", "b"], LastEventId::from("1")).unwrap();
    assert!(matches!(both.resumption(), Resumption::Reset(reset) if reset.reason == ResetReason::Unknown));
    // In one topic alone, too: an own ID of any topic is a place in all of them.
    let one = topics.subscribe(["a"], LastEventId::from("1")).unwrap();
    assert!(matches!(one.resumption(), Resumption::Reset(reset) if reset.reason == ResetReason::Unknown));
}

#[tokio::test]
async fn an_own_id_of_any_topic_is_a_place_in_all_of_them() {
    let topics = Topics::builder().channel(Channel::builder().events(2)).build();
    let event = |id: &str| Event::new(id).with_id(EventId::new(id).unwrap());
    for (name, id) in [("a", "u"), ("b", "v"), ("a", "w"), ("a", "x"), ("a", "y")] {
        topics.channel(name).unwrap().publish(&event(id)).await.unwrap();
    }
    let of = |names: &[&str], id: &str| topics.subscribe(names, LastEventId::from(id)).unwrap();
    // Read elsewhere, as by a client that has left a topic.
    assert_eq!(data(&ready(&mut of(&["b"], "u"))), ["v"]);
    assert_eq!(data(&ready(&mut of(&["b"], "w"))), [""; 0]);
    assert_eq!(of(&["b"], "w").resumption(), Resumption::Complete);
    // Trimmed, but nothing behind it is lost; and something is.
    assert_eq!(data(&ready(&mut of(&["a", "b"], "w"))), ["x", "y"]);
    let lost = of(&["a", "b"], "u");
    assert!(matches!(lost.resumption(), Resumption::Reset(reset) if reset.reason == ResetReason::Trimmed));
    // As is the cursor of all.
    assert!(topics.cursor().as_str().ends_with("-5"));
    assert_eq!(of(&["a", "b"], topics.cursor().as_str()).resumption(), Resumption::Complete);
}

#[tokio::test]
async fn one_topic_that_cannot_resume_is_one_reset_and_the_others_go_on() {
    let topics = Topics::builder().channel(Channel::builder().events(2)).build();
    let first = publish(&topics, "quiet", "q1").await;
    publish(&topics, "quiet", "q2").await;
    for n in 0..5 {
        publish(&topics, "busy", &format!("b{n}")).await;
    }
    let last = LastEventId::from(first.clone());
    let mut subscription = topics.subscribe(["quiet", "busy"], last).unwrap().start(Start::Earliest);
    let Resumption::Reset(reset) = subscription.resumption() else { panic!() };
    assert_eq!(reset.reason, ResetReason::Trimmed);
    let frames = ready(&mut subscription);
    assert_eq!(data(&frames)[1..], ["q2", "b3", "b4"]);
    // It goes on in one of them, and begins in the other: told so, it is not told again.
    assert_eq!(frames[0].event_type(), "reset");
    let mut back = topics.subscribe(["quiet", "busy"], LastEventId::from(frames[0].id().unwrap())).unwrap();
    back = back.start(Start::Earliest);
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(ready(&mut back), frames[1..]);
}

#[tokio::test]
async fn an_id_that_is_not_known_is_told_whatever_a_joined_topic_has_lost() {
    let topics = Topics::builder().channel(Channel::builder().events(2)).build();
    for n in 0..5 {
        publish(&topics, "a", &format!("a{n}")).await;
        publish(&topics, "b", &format!("b{n}")).await;
    }
    for names in [["a", "b"], ["b", "a"]] {
        let both = topics.subscribe(names, LastEventId::from("forgotten")).unwrap();
        let both = both.joining(["a"]).start(Start::Earliest);
        let Resumption::Reset(reset) = both.resumption() else { panic!() };
        // Of the other one, all comes again.
        assert_eq!((reset.reason, reset.missed), (ResetReason::Unknown, None), "{names:?}");
    }
}

#[tokio::test]
async fn unused_topics_make_room_and_are_not_mistaken_for_new_ones() {
    let topics = Topics::builder().topics(2).build();
    let first = publish(&topics, "a", "a1").await;
    let last = publish(&topics, "a", "a2").await;
    publish(&topics, "b", "b1").await;
    let held = topics.channel("b").unwrap();
    publish(&topics, "c", "c1").await;
    assert_eq!(topics.len(), 2, "a is forgotten, b is held");
    let _c = topics.subscribe(["c"], None).unwrap();
    assert_eq!(topics.channel("d").unwrap_err(), TopicsError::Full { bound: 2 });
    // A client is told to come back later, by what does not stop it for good.
    let away: Vec<_> = topics.subscribe(["c", "d"], None).unwrap().map(Result::unwrap).collect().await;
    let [away] = &away[..] else { panic!("{away:?}") };
    let text = std::str::from_utf8(away.as_ref()).unwrap();
    let ms: u64 = text.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
    assert!((30_000..=60_000).contains(&ms) && !away.is_event());
    assert_eq!(topics.counters().sent_away, 1);
    drop(held);

    // Made again, it knows what it has lost.
    publish(&topics, "a", "a3").await;
    let back = topics.subscribe(["a"], LastEventId::from(first)).unwrap();
    assert!(matches!(back.resumption(), Resumption::Reset(reset) if reset.missed.is_none()));
    let mut back = topics.subscribe(["a"], LastEventId::from(last)).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(data(&ready(&mut back)), ["a3"]);
}

#[tokio::test]
async fn a_forgotten_topic_is_a_reset() {
    let topics = Topics::builder().topics(1).build();
    let first = publish(&topics, "a", "a1").await;
    publish(&topics, "a", "a2").await;
    publish(&topics, "b", "b1").await;
    let last = publish(&topics, "a", "a3").await;
    let back = topics.subscribe(["a"], LastEventId::from(first)).unwrap();
    let Resumption::Reset(reset) = back.resumption() else { panic!("a2 is gone") };
    assert_eq!((reset.reason, reset.missed), (ResetReason::Trimmed, None));
    let back = topics.subscribe(["a"], LastEventId::from(last)).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete);
}

#[tokio::test(start_paused = true)]
async fn a_million_short_lived_topics_leave_no_trace() {
    let topics = Topics::<Event>::builder().topics(1000).idle(Duration::from_secs(60)).build();
    for n in 0..1_000_000 {
        topics.channel(format!("topic/{n}")).unwrap();
        assert!(topics.len() <= 1000);
    }
    // By the clock, though nobody asks for a topic any more.
    let held = topics.channel("held").unwrap();
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(topics.len(), 1000);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(topics.len(), 1, "{held:?} is in use");
    drop(held);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert!(topics.is_empty());
}

#[test]
fn without_a_runtime_topics_are_forgotten_when_others_are_asked_for() {
    let topics = Topics::<Event>::builder().idle(Duration::ZERO).build();
    (0..1000).for_each(|n| drop(topics.channel(format!("topic/{n}")).unwrap()));
    // It looks once in a millisecond.
    while topics.len() > 1 {
        topics.channel("another").unwrap();
    }
}

#[tokio::test]
async fn a_subscription_ends_behind_what_was_published_in_all_its_topics() {
    let topics = Topics::new();
    let mut subscription = topics.subscribe(["a", "b"], None).unwrap();
    for name in ["a", "b", "a"] {
        publish(&topics, name, name).await;
    }
    drop(topics);
    let frames = ready(&mut subscription).split_off(1);
    let (last, events) = frames.split_last().unwrap();
    assert_eq!(data(events), ["a", "b", "a"]);
    assert!(last.as_ref().starts_with(b"retry: "));
}

#[tokio::test(start_paused = true)]
async fn draining_ends_subscriptions_to_one_and_to_many() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().no_checkpoints()).build();
    let many = tokio::spawn(topics.subscribe(["a", "b"], None).unwrap().collect::<Vec<_>>());
    let one = tokio::spawn(topics.channel("a").unwrap().subscribe(None).collect::<Vec<_>>());
    tokio::task::yield_now().await;
    let report = topics.drain(Duration::from_secs(5)).await;
    assert_eq!((report.ended, report.cut), (3, 0));
    for frames in [many.await.unwrap(), one.await.unwrap()] {
        let [Ok(last)] = &frames[..] else { panic!("{frames:?}") };
        assert!(!last.is_event());
    }
    // Topics that are made later, too.
    let later = topics.subscribe(["a", "new"], None).unwrap().collect::<Vec<_>>().await;
    assert_eq!(later.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn no_id_is_sent_while_one_below_it_is_invisible() {
    const EACH: u64 = 3000;
    let names = ["a", "b", "c", "d"];
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(100_000)).build();
    let subscribers: Vec<_> = (0..3)
        .map(|_| {
            let subscription = topics.subscribe(names, None).unwrap().no_checkpoints();
            let all = subscription.take(names.len() * EACH as usize).map(Result::unwrap);
            tokio::spawn(all.collect::<Vec<_>>())
        })
        .collect();
    let publishers: Vec<_> = names
        .iter()
        .map(|name| {
            let channel = topics.channel(name).unwrap();
            tokio::spawn(async move {
                for n in 0..EACH {
                    channel.publish(&Event::new(n.to_string())).await.unwrap();
                    if n % 7 == 0 {
                        tokio::task::yield_now().await;
                    }
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    for subscriber in subscribers {
        let frames = subscriber.await.unwrap();
        // A number that came too early would leave out, or come before, one that is lower.
        assert!(frames.iter().map(sequence).eq(1..=names.len() as u64 * EACH));
    }
}
