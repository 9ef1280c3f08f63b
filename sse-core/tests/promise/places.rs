//! Who has no event yet has a place all the same.

use std::convert::Infallible;

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, Event, EventId, EventStream, LastEventId, ResetReason, Resumption, Start, Topics,
};

use super::{Row, numbers, publish, see, see_from};

#[tokio::test]
async fn one_that_lags_before_its_first_event_is_told_when_it_returns() {
    let channel = Channel::<Event>::builder().events(4).build();
    let mut subscription = channel.subscribe(None);
    numbers(&channel, 1..=5);
    let seen = see(&mut subscription);
    assert!(seen.failed && seen.events.is_empty() && !seen.last.is_empty());
    let back = see(&mut channel.subscribe(seen.id()));
    assert_eq!(back.data(), [r#"{"reason":"trimmed","missed":5}"#]);
}

#[tokio::test]
async fn the_place_is_a_block_that_has_only_an_id_behind_the_head() {
    let channel = Channel::<Event>::new();
    let mut body = Box::pin(EventStream::new(channel.subscribe(None)));
    assert!(body.next().await.unwrap().unwrap().starts_with(b"retry: "));
    let place = body.next().await.unwrap().unwrap();
    assert_eq!(place, format!("id: {}\n\n", channel.cursor()));
}

#[tokio::test]
async fn a_quiet_stream_that_is_cut_loses_nothing() {
    let channel = Channel::<Event>::new();
    let seen = see(&mut channel.subscribe(None));
    numbers(&channel, 1..=1);
    assert_eq!(see(&mut channel.subscribe(seen.id())).data(), ["1"]);
}

#[tokio::test]
async fn a_quiet_stream_is_told_of_a_new_deployment() {
    let seen = see(&mut Channel::<Event>::new().subscribe(None));
    let deployed = Channel::<Event>::new();
    numbers(&deployed, 1..=1);
    assert_eq!(see(&mut deployed.subscribe(seen.id())).data(), [r#"{"reason":"epoch","missed":null}"#]);
}

#[tokio::test]
async fn a_quiet_stream_of_topics_loses_nothing_either() {
    let topics = Topics::<Event>::new();
    numbers(&topics.channel("a").unwrap(), 1..=3);
    for names in [&["user/7"][..], &["user/7", "user/8"]] {
        let seen = see(&mut topics.subscribe(names, None).unwrap());
        numbers(&topics.channel("user/7").unwrap(), 4..=5);
        assert_eq!(see(&mut topics.subscribe(names, seen.id()).unwrap()).data(), ["4", "5"]);
    }
}

#[tokio::test]
async fn every_start_has_a_place() {
    for start in [Start::Live, Start::Earliest, Start::Last(2), Start::LatestPerKey] {
        let channel = Channel::<Row>::new();
        for n in 0..3 {
            publish(&channel, &Row::Price(n % 2, n));
        }
        publish(&channel, &Row::Note(0));
        let first = channel.subscribe(None).start(start).next().await.unwrap().unwrap();
        assert!(!first.is_event());
        publish(&channel, &Row::Note(1));
        // Cut right behind it.
        let mut back = channel.subscribe(LastEventId::from(first.id().unwrap())).start(start);
        assert_eq!(back.resumption(), Resumption::Complete, "{start:?}");
        let expected = match start {
            Start::Live => &["note 1"][..],
            Start::Earliest => &["0=0", "1=1", "0=2", "note 0", "note 1"],
            Start::Last(_) => &["0=2", "note 0", "note 1"],
            _ => &["1=1", "0=2", "note 1"],
        };
        assert_eq!(see(&mut back).data(), expected, "{start:?}");
    }
}

#[tokio::test]
async fn one_call_turns_it_off() {
    let quiet = Channel::<Event>::builder().no_checkpoints().build();
    assert!(quiet.subscribe(None).next().now_or_never().is_none());
    let channel = Channel::<Event>::new();
    assert!(channel.subscribe(None).no_checkpoints().next().now_or_never().is_none());
    let topics = Topics::<Event>::builder().channel(Channel::builder().no_checkpoints()).build();
    assert!(topics.subscribe(["a", "b"], None).unwrap().next().now_or_never().is_none());
    // A stream that is no subscription has no place.
    let plain = futures_util::stream::iter([Ok::<_, Infallible>(Event::new("token"))]);
    let chunks: Vec<_> = EventStream::new(plain).map(Result::unwrap).collect().await;
    assert_eq!(chunks[1..], ["data: token\n\n"]);
}

#[tokio::test]
async fn a_new_client_that_asks_for_all_is_told_what_is_gone() {
    let channel = Channel::<Event>::builder().events(10).build();
    numbers(&channel, 1..=30);
    let subscription = channel.subscribe(None).start(Start::Earliest);
    let Resumption::Reset(reset) = subscription.resumption() else { panic!("not told") };
    assert_eq!((reset.reason, reset.missed), (ResetReason::Trimmed, Some(20)));
    let mut subscription = subscription;
    let seen = see(&mut subscription);
    assert_eq!(seen.data()[..2], [r#"{"reason":"trimmed","missed":20}"#, "21"]);
    // Others did not ask for it.
    for start in [Start::Live, Start::Last(5)] {
        assert_eq!(channel.subscribe(None).start(start).resumption(), Resumption::New);
    }
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(10)).build();
    numbers(&topics.channel("a").unwrap(), 1..=30);
    numbers(&topics.channel("b").unwrap(), 1..=15);
    let told = see(&mut topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest));
    assert_eq!(told.resets(), [r#"{"reason":"trimmed","missed":25}"#]);
    assert_eq!(told.events.len(), 21);
}

/// Each by itself is on the way when the connection breaks.
#[tokio::test]
async fn a_client_that_is_cut_anywhere_in_its_state_gets_all_of_it() {
    let channel = Channel::<Row>::builder().events(3).build();
    for key in 0..5 {
        publish(&channel, &Row::Price(key, 1));
    }
    for cut in 1..=7 {
        let mut subscription = channel.subscribe(None).start(Start::LatestPerKey);
        let mut cut_off =
            futures_util::stream::iter((0..cut).filter_map(|_| subscription.next().now_or_never()?));
        let seen = see(&mut cut_off);
        let mut back = channel.subscribe(seen.id()).start(Start::LatestPerKey);
        assert_eq!(back.resumption(), Resumption::Complete);
        let again = see_from(&seen.last, &mut back);
        if seen.events.len() < 5 || cut < 7 {
            assert_eq!(again.data(), ["0=1", "1=1", "2=1", "3=1", "4=1"], "cut behind {cut}");
        } else {
            assert!(again.events.is_empty());
        }
    }
}

#[tokio::test]
async fn what_is_no_state_and_was_published_meanwhile_is_not_lost() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Price(1, 1));
    let mut subscription = channel.subscribe(None).start(Start::LatestPerKey);
    let place = subscription.next().await.unwrap().unwrap();
    publish(&channel, &Row::Note(1));
    publish(&channel, &Row::Price(1, 2));
    let mut back = channel.subscribe(place.id().unwrap()).start(Start::LatestPerKey);
    assert_eq!(see(&mut back).data(), ["note 1", "1=2"]);
}

/// What tells of an error is no event of the channel.
#[tokio::test]
async fn an_event_that_tells_of_an_error_leaves_the_place_as_it_is() {
    let channel = Channel::<Event>::builder().events(2).build();
    let subscription = channel.subscribe(None);
    numbers(&channel, 1..=5);
    let body = EventStream::new(subscription)
        .on_error(|_| Event::new("lagged").with_id(EventId::new("mine").unwrap()));
    let chunks: Vec<_> = body.map(Result::unwrap).collect().await;
    let text = String::from_utf8(chunks.concat()).unwrap();
    assert!(text.ends_with("\ndata: lagged\n\n") && !text.contains("mine"), "{text}");
}
