//! Keys, slow subscribers, filters and limits.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod support;

use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use support::{data, ready, reset};
use typed_sse_core::{
    Builder, Channel, EncodeError, Encoded, Encoder, Event, EventType, Frame, LastEventId, ResetReason,
    Resumption, Slow, SseEvent, Start, SubscriptionError,
};

enum Price {
    Changed(&'static str, u32),
    Delisted(&'static str),
    /// Without a key.
    Note(u32),
}

use Price::{Changed, Delisted, Note};

impl SseEvent for Price {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const NOTE: EventType = EventType::from_static("note");
        match self {
            Changed(symbol, price) => encoder.key(symbol)?.text(&format!("{symbol}={price}")),
            Delisted(symbol) => encoder.key(symbol)?.tombstone()?.text(&format!("{symbol} gone")),
            Note(n) => encoder.event_type(&NOTE)?.text(&format!("note {n}")),
        }
    }
}

fn channel(configure: impl FnOnce(Builder<Price>) -> Builder<Price>) -> Channel<Price> {
    configure(Channel::builder()).build()
}

async fn publish(channel: &Channel<Price>, events: impl IntoIterator<Item = Price>) -> Vec<LastEventId> {
    let mut ids = Vec::new();
    for event in events {
        ids.push(channel.publish(&event).await.unwrap().into());
    }
    ids
}

#[tokio::test]
async fn latest_per_key_then_live() {
    let channel = channel(|builder| builder);
    let before = [Changed("A", 1), Changed("B", 1), Note(1), Changed("A", 2), Changed("C", 1), Delisted("C")];
    publish(&channel, before).await;
    let mut board = channel.subscribe(None).start(Start::LatestPerKey);
    assert_eq!(board.replayed(), 2);
    publish(&channel, [Changed("B", 2), Note(2)]).await;
    // B changed before it was read: its newest comes once, where it was published.
    let frames = ready(&mut board);
    assert_eq!(data(&frames), ["A=2", "B=2", "note 2"]);
    // Only behind the state is the client where an ID could say that it is.
    let [place, state, checkpoint, live @ ..] = &frames[..] else { panic!("{frames:?}") };
    assert!(place.id().unwrap().contains('~') && !place.is_event());
    assert_eq!((state.id(), state.as_ref()), (None, &b"data: A=2\n\n"[..]));
    assert!(checkpoint.id().unwrap().ends_with("-6") && !checkpoint.is_event());
    assert_eq!(live.iter().map(|frame| support::sequence(frame.id().unwrap())).collect::<Vec<_>>(), [7, 8]);
}

#[tokio::test]
async fn quiet_keys_outlive_the_retention_up_to_their_bound() {
    let channel = channel(|builder| builder.events(3).keys(2));
    publish(&channel, [Changed("A", 1), Changed("B", 1), Changed("C", 1), Delisted("D")]).await;
    publish(&channel, (0..10).map(Note)).await;
    let mut board = channel.subscribe(None).start(Start::LatestPerKey);
    assert_eq!(board.replayed(), 2);
    assert_eq!(data(&ready(&mut board)), ["B=1", "C=1"], "A had been quiet for longest");
    publish(&channel, [Changed("B", 2), Delisted("C")]).await;
    assert_eq!(data(&ready(&mut channel.subscribe(None).start(Start::LatestPerKey))), ["B=2"]);
}

#[tokio::test]
async fn kept_keys_are_bound_by_bytes_too() {
    let channel = channel(|builder| builder.bytes(100).keys(1000));
    let names: Vec<&'static str> = (0..50).map(|n| &*format!("key-{n}").leak()).collect();
    publish(&channel, names.iter().map(|name| Changed(name, 1))).await;
    let frames = ready(&mut channel.subscribe(None).start(Start::LatestPerKey));
    let bytes: usize = frames.iter().map(|frame| frame.as_ref().len()).sum();
    assert!(bytes <= 200 && data(&frames).last().unwrap() == "key-49=1", "{bytes} bytes");
}

#[tokio::test]
async fn a_client_that_breaks_off_within_the_latest_loses_none() {
    let channel = channel(|builder| builder.events(3));
    publish(&channel, [Changed("A", 1), Changed("B", 1), Changed("C", 1), Changed("D", 1), Changed("E", 1)])
        .await;
    let mut first = channel.subscribe(LastEventId::from("nonsense")).start(Start::LatestPerKey);
    let mut id = None;
    for seen in 1..=7 {
        // Right behind the reset, or within the state, or behind the checkpoint that follows it.
        let frame = first.next().await.unwrap().unwrap();
        id = frame.id().map(LastEventId::from).or(id);
        let mut back = channel.subscribe(id.clone().unwrap()).start(Start::LatestPerKey);
        assert_eq!(back.resumption(), Resumption::Complete, "it was told of its loss, behind {seen}");
        let frames = ready(&mut back);
        let expected: &[&str] = if seen < 7 { &["A=1", "B=1", "C=1", "D=1", "E=1"] } else { &[] };
        assert_eq!(data(&frames), expected, "behind {seen}");
        assert!(frames.iter().all(|frame| frame.is_event() != frame.id().is_some()), "behind {seen}");
    }
}

#[tokio::test]
async fn a_client_that_comes_late_to_the_latest_gets_what_was_published_meanwhile() {
    let channel = channel(|builder| builder.events(3));
    publish(&channel, [Changed("A", 1), Changed("B", 1)]).await;
    let mut first = channel.subscribe(None).start(Start::LatestPerKey);
    let place = LastEventId::from(first.next().await.unwrap().unwrap().id().unwrap());
    assert_eq!(data(&[first.next().await.unwrap().unwrap()]), ["A=1"]);
    publish(&channel, [Note(1), Changed("A", 2)]).await;
    let mut back = channel.subscribe(place.clone()).start(Start::LatestPerKey);
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(data(&ready(&mut back)), ["B=1", "note 1", "A=2"]);
    // The first note is lost by now, and is part of no state.
    publish(&channel, [Note(2), Note(3)]).await;
    let mut late = channel.subscribe(place).start(Start::LatestPerKey);
    assert_eq!(reset(&late), (ResetReason::Trimmed, None));
    let frames = ready(&mut late);
    assert_eq!(data(&frames)[1..], ["B=1", "A=2"]);
}

#[tokio::test]
async fn skipping_is_a_reset_that_counts_and_goes_on() {
    let channel = channel(|builder| builder.events(3).slow(Slow::Skip).no_checkpoints());
    let mut live = channel.subscribe(None);
    let mut earliest = channel.subscribe(None).start(Start::Earliest);
    publish(&channel, [Note(0)]).await;
    assert_eq!(data(&ready(&mut live)), ["note 0"]);
    assert_eq!(data(&ready(&mut earliest)), ["note 0"]);
    publish(&channel, (1..10).map(Note)).await;
    assert_eq!(data(&ready(&mut live)), [r#"{"reason":"lagged","missed":9}"#]);
    assert_eq!(reset(&live), (ResetReason::Lagged, Some(9)));
    let again = [r#"{"reason":"lagged","missed":6}"#, "note 7", "note 8", "note 9"];
    assert_eq!(data(&ready(&mut earliest)), again);
    publish(&channel, [Note(10)]).await;
    assert_eq!(data(&ready(&mut live)), ["note 10"]);
}

#[tokio::test]
async fn between_two_resets_there_is_an_event_and_what_is_lost_meanwhile_is_told_with_the_next() {
    let channel = channel(|builder| builder.events(3).slow(Slow::Skip).no_checkpoints());
    let mut live = channel.subscribe(LastEventId::from("nonsense"));
    assert_eq!(data(&[live.next().await.unwrap().unwrap()]), [r#"{"reason":"unknown","missed":null}"#]);
    // Twice overtaken before anything was sent: it gets the newest there is, and behind it what it missed.
    let mut told = Vec::new();
    for (published, newest, missed) in [(0..7, "note 6", 6), (7..12, "note 11", 4)] {
        publish(&channel, published.map(Note)).await;
        let frames = ready(&mut live);
        assert_eq!(data(&frames), [newest, &format!(r#"{{"reason":"lagged","missed":{missed}}}"#)]);
        // Who breaks off behind the first comes back to where it was told last.
        assert_eq!(frames[0].id(), None);
        told.push(support::sequence(frames[1].id().unwrap()));
    }
    assert_eq!(told, [7, 12]);
    publish(&channel, [Note(12), Note(13)]).await;
    let frames = ready(&mut live);
    assert_eq!(data(&frames), ["note 12", "note 13"]);
    assert_eq!(support::sequence(frames[0].id().unwrap()), 13);
    assert_eq!(channel.counters().resets.total(), 3);
}

#[tokio::test]
async fn coalescing_skips_what_is_superseded() {
    let channel = channel(|builder| builder.events(6));
    let mut slow = channel.subscribe(None).slow(Slow::Coalesce);
    let mut all = channel.subscribe(None);
    publish(&channel, [Changed("A", 1), Changed("B", 1), Note(1), Changed("A", 2), Delisted("B")]).await;
    assert_eq!(data(&ready(&mut slow)), ["note 1", "A=2", "B gone"]);
    assert_eq!(data(&ready(&mut all)), ["A=1", "B=1", "note 1", "A=2", "B gone"]);
    // Overtaken all the same, it starts over with the newest of each key.
    publish(&channel, [Changed("C", 1)]).await;
    publish(&channel, (0..10).map(Note)).await;
    let frames = ready(&mut slow);
    assert_eq!(data(&frames), [r#"{"reason":"lagged","missed":null}"#, "A=2", "C=1"]);
    publish(&channel, [Changed("A", 3)]).await;
    assert_eq!(data(&ready(&mut slow)), ["A=3"]);
}

#[tokio::test]
async fn one_that_coalesces_is_told_of_a_loss_only_if_nothing_supersedes_it() {
    let channel = channel(|builder| builder.events(3).keys(4));
    let mut slow = channel.subscribe(None).slow(Slow::Coalesce).no_checkpoints();
    let start = channel.cursor();
    let keyed = [Changed("A", 1), Changed("B", 1), Changed("C", 1), Delisted("B"), Changed("A", 2)];
    publish(&channel, keyed).await;
    publish(&channel, ["E", "F", "G"].map(|key| Changed(key, 1))).await;
    let mut back = channel.subscribe(LastEventId::from(start.clone())).slow(Slow::Coalesce);
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(reset(&channel.subscribe(LastEventId::from(start))), (ResetReason::Trimmed, Some(8)));
    // Far behind what is retained, it reads on: what came before was superseded.
    let all = ["C=1", "B gone", "A=2", "E=1", "F=1", "G=1"];
    let frames = ready(&mut slow);
    assert_eq!(data(&frames), all);
    assert_eq!(data(&ready(&mut back)), all);
    let ids: Vec<_> = frames.iter().map(|frame| support::sequence(frame.id().unwrap())).collect();
    assert_eq!(ids, [3, 4, 5, 6, 7, 8], "each is a place");

    // More keys than are kept: of those that it had, and then of others.
    publish(&channel, ["H", "I", "J", "K", "L"].map(|key| Changed(key, 1))).await;
    assert_eq!(data(&ready(&mut slow)), ["H=1", "I=1", "J=1", "K=1", "L=1"]);
    publish(&channel, ["M", "N", "O", "P", "Q", "R", "S", "T"].map(|key| Changed(key, 1))).await;
    let frames = ready(&mut slow);
    assert_eq!(data(&frames)[0], r#"{"reason":"lagged","missed":null}"#, "M is lost");
    assert_eq!(data(&frames)[1..], ["N=1", "O=1", "P=1", "Q=1", "R=1", "S=1", "T=1"]);
    publish(&channel, (0..10).map(Note)).await;
    assert_eq!(ready(&mut slow)[0].event_type(), "reset", "a note has no key");
}

#[tokio::test]
async fn a_subscription_may_choose_otherwise_than_its_channel() {
    let channel = channel(|builder| builder.events(2).slow(Slow::Skip));
    let mut strict = channel.subscribe(None).slow(Slow::Disconnect).no_checkpoints();
    publish(&channel, (0..5).map(Note)).await;
    assert!(matches!(strict.next().await, Some(Err(SubscriptionError::Lagged))));
    assert!(strict.next().await.is_none());
}

#[tokio::test]
async fn filters_narrow_by_type_key_and_id() {
    let channel = channel(|builder| builder);
    let events = [Changed("A", 1), Changed("B", 1), Note(1), Changed("A", 2)];
    let ids = publish(&channel, events).await;
    let from = |keep: fn(&Frame) -> bool| {
        data(&ready(&mut channel.subscribe(None).start(Start::Earliest).filter(keep)))
    };
    assert_eq!(from(|frame| frame.key() == Some("A")), ["A=1", "A=2"]);
    assert_eq!(from(|frame| frame.event_type() == "note"), ["note 1"]);
    assert_eq!(from(|frame| frame.id().is_some_and(|id| id.ends_with("-2"))), ["B=1"]);
    let mut latest =
        channel.subscribe(None).start(Start::LatestPerKey).filter(|frame| frame.key() == Some("B"));
    assert_eq!(data(&ready(&mut latest)), ["B=1"]);
    let mut back = channel.subscribe(ids[0].clone()).filter(|frame| frame.key() == Some("A"));
    assert_eq!(data(&ready(&mut back)), ["A=2"]);
}

#[tokio::test]
async fn a_checkpoint_spares_a_narrowed_client_a_false_reset() {
    let channel = channel(|builder| builder.events(10));
    let mut narrow = channel.subscribe(None).filter(|frame| frame.key().is_some()).checkpoint(4);
    publish(&channel, [Changed("A", 1)]).await;
    publish(&channel, (0..9).map(Note)).await;
    let frames = ready(&mut narrow);
    assert_eq!(data(&frames), ["A=1"], "a client dispatches nothing for a checkpoint");
    let ids = frames.iter().map(|frame| (frame.id().unwrap().rsplit_once('-').unwrap().1, frame.is_event()));
    assert_eq!(ids.collect::<Vec<_>>(), [("0", false), ("1", true), ("5", false), ("9", false)]);
    let checkpoint = frames[3].id().unwrap().to_owned();
    assert_eq!(frames[3].as_ref(), format!("id: {checkpoint}\n\n").as_bytes());

    publish(&channel, (0..9).map(Note)).await;
    let back = channel.subscribe(LastEventId::from(&*checkpoint));
    assert_eq!(back.resumption(), Resumption::Complete);
    let without = channel.subscribe(LastEventId::from(frames[1].id().unwrap()));
    assert_eq!(reset(&without).0, ResetReason::Trimmed);
}

#[tokio::test(start_paused = true)]
async fn a_narrowed_client_is_told_how_far_it_is_unless_it_does_not_want_to_be() {
    let channel = channel(|builder| builder.events(40));
    publish(&channel, (0..40).map(Note)).await;
    let narrow = || channel.subscribe(None).filter(|frame| frame.key().is_some());
    let (mut told, mut silent) = (narrow(), narrow().no_checkpoints());
    let place = ready(&mut told);
    assert_eq!(support::sequence(place[0].id().unwrap()), 40);
    publish(&channel, (0..35).map(Note)).await;
    let frames = ready(&mut told);
    let ids: Vec<_> = frames.iter().map(|frame| support::sequence(frame.id().unwrap())).collect();
    assert_eq!(ids, [50, 60, 70], "whenever a quarter of what is retained was left out");
    assert!(!frames.iter().any(Frame::is_event));
    // The last five are little, but not for ever.
    tokio::time::advance(Duration::from_secs(9)).await;
    assert_eq!(ready(&mut told), []);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(support::sequence(ready(&mut told)[0].id().unwrap()), 75);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!((ready(&mut told), ready(&mut silent)), (vec![], vec![]));
}

#[tokio::test]
async fn the_applications_own_reset() {
    let channel: Channel<Event> = Channel::builder()
        .reset_with(|reset| {
            let data = format!("{} {:?}", reset.reason, reset.missed);
            Event::new(data).with_event_type(EventType::from_static("start_over"))
        })
        .build();
    channel.publish(&Event::new("x")).await.unwrap();
    let frames = ready(&mut channel.subscribe(LastEventId::from("nonsense")));
    assert_eq!(frames[0].event_type(), "start_over");
    assert!(frames[0].id().unwrap().ends_with("-1"), "it names the place from which the client goes on");
    assert_eq!(data(&frames), ["unknown None"]);
}

#[tokio::test]
async fn one_subscriber_too_many_is_sent_away_for_long() {
    let channel = channel(|builder| builder.subscribers(2));
    let first = channel.subscribe(None);
    let _second = channel.subscribe(None);
    publish(&channel, [Note(1)]).await;
    let frames: Vec<_> = channel.subscribe(None).start(Start::Earliest).map(Result::unwrap).collect().await;
    let [only] = &frames[..] else { panic!("{frames:?}") };
    let text = std::str::from_utf8(only.as_ref()).unwrap();
    let ms: u64 = text.strip_prefix("retry: ").unwrap().trim_end().parse().unwrap();
    assert!((30_000..=60_000).contains(&ms) && !only.is_event());
    assert_eq!(channel.subscribers(), 2);
    drop(first);
    assert!(channel.subscribe(None).no_checkpoints().next().now_or_never().is_none(), "there is room again");
}

#[tokio::test(start_paused = true)]
async fn a_drain_finds_subscribers_within_the_latest() {
    let channel = channel(|builder| builder);
    publish(&channel, [Changed("A", 1), Changed("B", 1)]).await;
    let board = channel.subscribe(None).start(Start::LatestPerKey);
    let client = tokio::spawn(board.map(Result::unwrap).collect::<Vec<_>>());
    let report = channel.drain(Duration::from_secs(1)).await;
    assert_eq!((report.ended, report.cut), (1, 0));
    let frames = client.await.unwrap();
    assert_eq!(data(&frames), ["A=1", "B=1"]);
    let [_place, _a, _b, checkpoint, end] = &frames[..] else { panic!("{frames:?}") };
    assert!(checkpoint.id().unwrap().ends_with("-2"), "it has the whole state");
    assert!(end.as_ref().starts_with(b"retry: "));
}

#[tokio::test(start_paused = true)]
async fn a_fast_stream_is_thinned_to_one_value_per_key_and_wake_up() {
    const SYMBOLS: [&str; 3] = ["A", "B", "C"];
    let channel = channel(|builder| builder.linger(Duration::from_secs(1)).slow(Slow::Coalesce));
    let mut board = channel.subscribe(None).no_checkpoints();
    let reading = tokio::spawn(async move {
        let mut seen: Vec<(u64, String)> = Vec::new();
        let start = tokio::time::Instant::now();
        while let Some(frame) = board.next().await {
            let data = data(&[frame.unwrap()]).remove(0);
            seen.push((start.elapsed().as_secs(), data));
        }
        seen
    });
    tokio::task::yield_now().await;
    // 5,000 a second, for three seconds.
    for n in 0..15_000 {
        publish(&channel, [Changed(SYMBOLS[n as usize % 3], n)]).await;
        if n % 5 == 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    channel.finish_now();
    let seen = reading.await.unwrap();
    assert!(seen.len() <= 3 * 4, "{seen:?}");
    for symbol in SYMBOLS {
        let of: Vec<_> = seen.iter().filter(|(_, data)| data.starts_with(symbol)).collect();
        assert!(of.windows(2).all(|two| two[0].0 < two[1].0), "one a second: {of:?}");
        assert!(of.len() >= 3, "{of:?}");
    }
    assert!(seen.last().unwrap().1.ends_with("14999"), "the newest of all comes: {seen:?}");
}
