//! Topics are channels too.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use typed_sse_core::{Channel, Event, EventType, Frame, LastEventId, Resumption, Start, Topics, TopicsError};

use super::{Row, numbers, publish, see, see_from};

#[tokio::test]
async fn several_topics_are_narrowed_as_one() {
    let topics = Topics::<Event>::new();
    let mut narrow = topics
        .subscribe(["orders/41", "orders/42"], None)
        .unwrap()
        .filter(|frame| frame.topic() == Some("orders/42"))
        .checkpoint(2);
    let [first, second] = ["orders/41", "orders/42"].map(|name| topics.channel(name).unwrap());
    publish(&second, &Event::new("paid"));
    numbers(&first, 0..2);
    let seen = see(&mut narrow);
    assert_eq!(seen.data(), ["paid"]);
    assert_eq!(seen.last, topics.cursor().as_str(), "it is told how far it is");
}

#[tokio::test(start_paused = true)]
async fn several_topics_begin_with_a_state_as_one() {
    let topics = Topics::<Event>::new();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    numbers(&a, 1..=1);
    numbers(&b, 2..=2);
    let state = || {
        let cursor = topics.cursor();
        // What comes while it is made lies behind it.
        numbers(&b, 3..=3);
        numbers(&a, 4..=4);
        async { Ok::<_, Infallible>((vec![Event::new("state")], cursor)) }
    };
    let mut client = Box::pin(topics.subscribe(["a", "b"], None).unwrap().snapshot(state));
    let seen = see(&mut client);
    assert_eq!(seen.data(), ["state", "3", "4"]);
    numbers(&b, 5..=5);
    assert_eq!(see_from(&seen.last, &mut client).data(), ["5"]);
    let mut back = Box::pin(topics.subscribe(["a", "b"], seen.id()).unwrap().snapshot(state));
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(see(&mut back).data(), ["5"]);
}

#[tokio::test]
async fn a_frame_knows_its_topic_and_the_application_can_send_it() {
    let topics = Topics::<Event>::builder()
        .encode_with(|topic, event, encoder| {
            encoder.event_type(&EventType::new(topic.to_owned())?)?.text(event.data())
        })
        .build();
    let mut both = topics.subscribe(["orders/41", "orders/42"], None).unwrap();
    for name in ["orders/41", "orders/42"] {
        publish(&topics.channel(name).unwrap(), &Event::new(r#"paid {"cents":100}"#));
    }
    let seen = see(&mut both);
    let types: Vec<_> = seen.events.iter().map(|(event_type, _)| &**event_type).collect();
    assert_eq!(types, ["orders/41", "orders/42"]);
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Price(7, 1));
    let frame =
        channel.subscribe(None).start(Start::Earliest).no_checkpoints().next().await.unwrap().unwrap();
    assert_eq!((frame.topic(), frame.key()), (None, Some("7")));
    let topics = Topics::<Row>::new();
    publish(&topics.channel("seven").unwrap(), &Row::Price(7, 1));
    let mut one = topics.subscribe(["seven"], None).unwrap().start(Start::Earliest).no_checkpoints();
    let frame = one.next().await.unwrap().unwrap();
    assert_eq!((frame.topic(), frame.key()), (Some("seven"), Some("7")));
    assert!(frame.as_ref().ends_with(b"data: 7=1\n\n") && frame.as_ref().starts_with(b"id: "));
}

#[tokio::test]
async fn a_topic_that_is_joined_begins_as_the_start_says() {
    let topics = Topics::<Event>::new();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    numbers(&b, 1..=2);
    numbers(&a, 3..=3);
    let id = LastEventId::from(topics.cursor());
    let join = |start| topics.subscribe(["a", "b"], id.clone()).unwrap().joining(["b"]).start(start);
    let mut joined = [Start::Live, Start::Earliest, Start::Last(1)].map(join);
    assert_eq!(topics.subscribe(["a", "b"], id.clone()).unwrap().replayed(), 0, "it has both");
    numbers(&a, 4..=4);
    numbers(&b, 5..=5);
    for (both, expected) in joined.iter_mut().zip([&["4", "5"][..], &["1", "2", "4", "5"], &["2", "4", "5"]])
    {
        assert_eq!(both.resumption(), Resumption::Complete);
        let seen = see_from(id.as_str(), both);
        assert_eq!(seen.data(), expected);
        // It never goes back to what it had.
        assert!(see(&mut topics.subscribe(["a", "b"], seen.id()).unwrap()).events.is_empty());
    }
}

#[tokio::test]
async fn who_has_joined_a_topic_has_an_id_that_says_so() {
    for start in [Start::Live, Start::Earliest, Start::Last(1), Start::LatestPerKey] {
        let topics = Topics::<Event>::new();
        let (a, b) = (topics.channel("a").unwrap(), topics.channel("b").unwrap());
        numbers(&b, 1..=2);
        numbers(&a, 3..=3);
        let before = LastEventId::from(topics.cursor());
        numbers(&b, 4..=5);
        let join =
            |id: &LastEventId| topics.subscribe(["a", "b"], id.clone()).unwrap().joining(["b"]).start(start);
        let mut both = join(&before);
        let seen = see_from(before.as_str(), &mut both);
        assert_ne!(seen.last, before.as_str(), "{start:?}");
        // It is told once.
        assert_eq!(see_from("", &mut both).last, "");
        drop(both);
        // Cut now, it misses nothing of the one that it has joined.
        numbers(&b, 6..=6);
        assert_eq!(see(&mut topics.subscribe(["a", "b"], seen.id()).unwrap()).data(), ["6"], "{start:?}");
        let mut silent = join(&before).no_checkpoints();
        let data: Vec<_> = std::iter::from_fn(|| silent.next().now_or_never()).flatten().flatten().collect();
        assert!(data.iter().all(Frame::is_event), "{data:?}");
    }
}

#[tokio::test]
async fn cut_in_what_a_joined_topic_begins_with_it_goes_on_there() {
    for start in [Start::Earliest, Start::Last(2)] {
        let topics = Topics::<Event>::new();
        numbers(&topics.channel("b").unwrap(), 1..=3);
        numbers(&topics.channel("a").unwrap(), 4..=4);
        let before = LastEventId::from(topics.cursor());
        let subscribe = |id| topics.subscribe(["a", "b"], id).unwrap();
        let mut cut = subscribe(before.clone()).joining(["b"]).start(start);
        let first = see_from(before.as_str(), &mut Box::pin(stream::once(cut.next()).map(Option::unwrap)));
        let rest = if start == Start::Earliest {
            (vec!["1"], &["2", "3", "5"][..])
        } else {
            (vec!["2"], &["3", "5"][..])
        };
        assert_eq!(first.data(), rest.0);
        numbers(&topics.channel("a").unwrap(), 5..=5);
        // From now on its ID says how far it is in each.
        let whole = see_from(&first.last, &mut subscribe(first.id()));
        assert_eq!(whole.data(), rest.1, "{first:?}");
        assert!(see(&mut subscribe(whole.id())).events.is_empty());
        // It may as well name it again, and is given all that it begins with.
        let again = see_from(before.as_str(), &mut subscribe(before.clone()).joining(["b"]).start(start));
        assert_eq!(again.data()[..1], rest.0);
    }
}

#[tokio::test]
async fn a_topic_made_just_now_is_replayed_and_not_reset() {
    let topics = Topics::<Event>::new();
    numbers(&topics.channel("a").unwrap(), 1..=3);
    let id = LastEventId::from(topics.cursor());
    numbers(&topics.channel("b").unwrap(), 4..=5);
    let mut both = topics.subscribe(["a", "b"], id.clone()).unwrap();
    assert_eq!(both.resumption(), Resumption::Complete);
    assert_eq!(see(&mut both).data(), ["4", "5"]);
    // Also where others were forgotten meanwhile.
    let topics = Topics::<Event>::builder().topics(2).build();
    numbers(&topics.channel("a").unwrap(), 1..=1);
    let id = LastEventId::from(topics.cursor());
    numbers(&topics.channel("x").unwrap(), 2..=2);
    let new = topics.channel("new").unwrap();
    numbers(&new, 3..=4);
    assert_eq!(topics.len(), 2);
    assert_eq!(see(&mut topics.subscribe(["new"], id).unwrap()).data(), ["3", "4"]);
}

#[tokio::test(start_paused = true)]
async fn at_the_bound_the_topic_goes_that_was_unused_longest() {
    let topics = Topics::<Event>::builder().topics(100).build();
    for n in 0..100 {
        numbers(&topics.channel(format!("user/{n}")).unwrap(), n..=n);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The first was used again.
    let seen = see(&mut topics.subscribe(["user/0"], None).unwrap());
    tokio::time::sleep(Duration::from_millis(10)).await;
    numbers(&topics.channel("user/100").unwrap(), 0..1);
    assert_eq!(topics.len(), 100, "one goes for one");
    assert_eq!(topics.subscribe(["user/0"], seen.id()).unwrap().resumption(), Resumption::Complete);
    let late = topics.subscribe(["user/2"], None).unwrap().start(Start::Earliest);
    assert_eq!(late.replayed(), 1, "the third is there");
}

#[tokio::test(start_paused = true)]
async fn idle_topics_go_by_the_clock() {
    let topics = Topics::<Event>::builder().idle(Duration::from_secs(60)).build();
    let held = topics.channel("held").unwrap();
    numbers(&topics.channel("idle").unwrap(), 0..1);
    let reader = topics.subscribe(["read"], None).unwrap();
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(topics.len(), 3);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(topics.len(), 2, "nobody asked for it");
    drop((held, reader));
    tokio::time::advance(Duration::from_secs(59)).await;
    assert_eq!(topics.len(), 2);
    tokio::time::advance(Duration::from_secs(2)).await;
    assert!(topics.is_empty());
}

#[tokio::test]
async fn all_topics_together_have_a_bound_on_their_bytes() {
    let topics = Topics::<Event>::builder().bytes(100_000).topics(1000).build();
    let event = Event::new("x".repeat(900));
    for n in 0..500 {
        publish(&topics.channel(format!("user/{}", n % 50)).unwrap(), &event);
        assert!(topics.counters().retained_bytes <= 100_000);
    }
    let retained = topics.counters().retained;
    assert!(retained > 90, "{retained} are retained");
    // The oldest of all went first, so each topic has its newest.
    for n in 0..50 {
        let one = topics.subscribe([format!("user/{n}")], None).unwrap().start(Start::Last(1));
        assert_eq!(one.replayed(), 1);
    }
    // A client is told.
    let told = topics.subscribe(["user/1"], None).unwrap().start(Start::Earliest);
    assert!(matches!(told.resumption(), Resumption::Reset(_)));
}

#[tokio::test]
async fn one_for_whom_there_is_no_room_is_sent_away_for_long() {
    let topics = Topics::<Event>::builder().topics(2).build();
    let _held = ["a", "b"].map(|name| topics.channel(name).unwrap());
    let frames: Vec<_> = topics.subscribe(["a", "c"], None).unwrap().map(Result::unwrap).collect().await;
    let [only] = &frames[..] else { panic!("{frames:?}") };
    let text = std::str::from_utf8(only.as_ref()).unwrap();
    let ms: u64 = text.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
    assert!((30_000..=60_000).contains(&ms));
    assert_eq!(topics.counters().sent_away, 1);
    assert!(matches!(topics.channel("c"), Err(TopicsError::Full { bound: 2 })));
    assert_eq!(topics.subscribe([""; 0], None).unwrap_err(), TopicsError::NoTopics);
}

#[tokio::test]
async fn cut_where_one_topic_is_joined_and_another_reset_each_goes_on_where_it_is() {
    for cut in 1..=8 {
        let topics = Topics::<Event>::builder().channel(Channel::builder().events(3)).build();
        let [a, b, c] = ["a", "b", "c"].map(|name| topics.channel(name).unwrap());
        numbers(&b, 1..=3);
        numbers(&c, 4..=4);
        let before = LastEventId::from(topics.cursor());
        numbers(&c, 5..=5);
        numbers(&a, 6..=10);
        let subscribe = |id| topics.subscribe(["a", "b", "c"], id).unwrap().start(Start::Earliest);
        let mut joining = subscribe(before.clone()).joining(["b"]);
        let first = see_from(
            before.as_str(),
            &mut stream::iter((0..cut).map_while(|_| joining.next().now_or_never()?)),
        );
        assert_eq!(first.resets(), [r#"{"reason":"trimmed","missed":null}"#], "{cut}");
        let rest = see_from(&first.last, &mut subscribe(first.id()));
        let all = [&first.data()[1..], &rest.data()].concat();
        assert_eq!(all, ["1", "2", "3", "5", "8", "9", "10"], "{cut} {first:?}");
    }
}

/// Its own topic is quiet; it is the others that take the room of what it has read.
#[tokio::test]
async fn a_narrow_client_has_its_place_before_its_topic_makes_room_for_others() {
    let topics = Topics::<Event>::builder().bytes(10_000).build();
    let open = |last: LastEventId| {
        topics.subscribe(["a"], last).unwrap().filter(|frame| frame.event_type() == "mine")
    };
    let mut stream = open(None.into());
    numbers(&topics.channel("a").unwrap(), 1..=20);
    let mut seen = see(&mut stream);
    for n in 0..20 {
        publish(&topics.channel(format!("b{n}")).unwrap(), &Event::new("x".repeat(1000)));
        seen = see_from(&seen.last, &mut stream);
    }
    assert_eq!(open(seen.id()).resumption(), Resumption::Complete);
}
