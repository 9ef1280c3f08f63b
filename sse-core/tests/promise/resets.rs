//! One reset, and then it goes on.

use std::convert::Infallible;
use std::time::Duration;

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::testing::{Ledger, Terms, ViolationKind};
use typed_sse_core::{Channel, Event, EventStream, Frame, LastEventId, Resumption, Slow, Start, Topics};

use super::found::see_cut;
use super::{Row, numbers, publish, see, see_from};

/// 10,000 prices of 2,000 keys; between two polls of a client come 11,000 more.
async fn price_board(slow: Slow, start: Start) -> (usize, usize, usize) {
    let channel = Channel::<Row>::builder().events(10_000).keys(4000).slow(slow).build();
    let prices = |channel: &Channel<Row>, n: u64| {
        (0..n).for_each(|n| drop(publish(channel, &Row::Price(n % 2000, n))));
    };
    prices(&channel, 10_000);
    let mut body = Box::pin(EventStream::new(channel.subscribe(None).start(start)));
    let (mut resets, mut prices_seen, mut twice) = (0, 0, 0);
    let mut was_reset = false;
    for _ in 0..40 {
        // As much as a socket takes in one turn.
        let mut turn = body.next().await.unwrap().unwrap().to_vec();
        while turn.len() < 64 << 10 {
            let Some(chunk) = body.next().now_or_never() else { break };
            turn.extend_from_slice(&chunk.unwrap().unwrap());
        }
        for block in std::str::from_utf8(&turn).unwrap().split("\n\n") {
            if block.contains("event: reset") {
                resets += 1;
                twice += usize::from(was_reset);
                was_reset = true;
            } else if block.contains("data: ") {
                prices_seen += 1;
                was_reset = false;
            }
        }
        prices(&channel, 11_000);
    }
    (resets, prices_seen, twice)
}

#[tokio::test(start_paused = true)]
async fn a_slow_board_gets_prices_and_no_reset() {
    for start in [Start::LatestPerKey, Start::Live] {
        let (resets, prices, _) = price_board(Slow::Coalesce, start).await;
        assert_eq!(resets, 0, "every price that it did not get was superseded");
        assert!(prices > 10_000, "{prices} prices");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_skips_gets_something_between_two_resets() {
    for start in [Start::LatestPerKey, Start::Live, Start::Earliest, Start::Last(3)] {
        let (resets, prices, twice) = price_board(Slow::Skip, start).await;
        assert_eq!(twice, 0, "{start:?}: two resets with nothing between");
        assert!(resets > 10 && prices >= resets - 1, "{start:?}: {prices} prices, {resets} resets");
    }
}

#[test]
fn a_board_that_is_polled_by_hand_gets_prices_with_each_poll() {
    for slow in [Slow::Coalesce, Slow::Skip] {
        for start in [Start::LatestPerKey, Start::Live] {
            let builder = Channel::<Row>::builder().events(10_000).keys(4000).slow(slow);
            let channel = builder.replay_rate(u64::MAX).build();
            let mut subscription = channel.subscribe(None).start(start);
            let mut body = std::iter::from_fn(|| {
                (0..11_000).for_each(|n| drop(publish(&channel, &Row::Price(n % 2000, n))));
                Some(subscription.next().now_or_never())
            });
            let (mut resets, mut prices) = (0, 0);
            for poll in body.by_ref().take(40) {
                let frame = poll.expect("an event is ready").unwrap().unwrap();
                resets += usize::from(frame.event_type() == "reset");
                prices += usize::from(frame.key().is_some());
            }
            assert!(slow == Slow::Skip || resets == 0, "{slow:?}, {start:?}: {resets} resets");
            assert!(
                prices > 10 && prices + 1 >= resets,
                "{slow:?}, {start:?}: {prices} prices, {resets} resets"
            );
        }
    }
}

#[tokio::test]
async fn what_is_lost_between_two_resets_is_added_up() {
    let channel = Channel::<Event>::builder().events(3).slow(Slow::Skip).build();
    let mut subscription = channel.subscribe(None);
    numbers(&channel, 1..=10);
    let mut seen = see(&mut subscription);
    assert_eq!(seen.data(), [r#"{"reason":"lagged","missed":10}"#]);
    // Overtaken again before anything came.
    numbers(&channel, 11..=20);
    numbers(&channel, 21..=30);
    seen = see_from(&seen.last, &mut subscription);
    let [(_, first), (event_type, second), rest @ ..] = &seen.events[..] else { panic!("{seen:?}") };
    assert!(first.parse::<u32>().is_ok() && event_type == "reset");
    let missed: u32 = second
        .strip_prefix(r#"{"reason":"lagged","missed":"#)
        .unwrap()
        .strip_suffix('}')
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(missed + 1 + rest.len() as u32, 20, "{seen:?}");
}

#[tokio::test]
async fn an_event_before_an_untold_loss_moves_no_client_past_it() {
    let channel = Channel::<Event>::builder().events(3).slow(Slow::Skip).build();
    let mut subscription = channel.subscribe(None);
    numbers(&channel, 1..=10);
    let told = see(&mut subscription);
    numbers(&channel, 11..=20);
    let event = subscription.next().await.unwrap().unwrap();
    assert!(event.is_event() && event.id().is_none());
    // The connection breaks before the reset.
    let back = channel.subscribe(told.id());
    assert!(matches!(back.resumption(), Resumption::Reset(reset) if reset.missed == Some(10)));
}

#[tokio::test]
async fn a_filter_that_lets_nothing_pass_is_told_once() {
    let channel = Channel::<Event>::builder().events(3).slow(Slow::Skip).build();
    let mut subscription = channel.subscribe(None).filter(|_| false);
    let mut seen = see(&mut subscription);
    for _ in 0..5 {
        numbers(&channel, 0..10);
        let more = see_from(&seen.last, &mut subscription);
        seen.events.extend(more.events);
        seen.last = more.last;
    }
    assert_eq!(seen.resets().len(), 1, "{seen:?}");
}

#[tokio::test]
async fn a_board_is_reset_for_what_it_really_lost_and_for_nothing_else() {
    let board = |keys| {
        let channel = Channel::<Row>::builder().events(4).keys(keys).slow(Slow::Coalesce).build();
        let board = channel.subscribe(None);
        (channel, board)
    };
    let prices = |channel: &Channel<Row>, keys: std::ops::Range<u64>| {
        keys.for_each(|key| drop(publish(channel, &Row::Price(key, 1))));
    };
    // All superseded, or kept.
    let (channel, mut slow) = board(10);
    prices(&channel, 0..10);
    publish(&channel, &Row::Gone(3));
    prices(&channel, 10..15);
    let seen = see(&mut slow);
    assert_eq!(seen.resets(), [""; 0]);
    assert_eq!(seen.data().last(), Some(&"14=1"));
    assert!(
        seen.data().contains(&"3 gone"),
        "a key that is gone is no loss, and not unknown either: {seen:?}"
    );
    assert!(!seen.data().contains(&"3=1"));
    // It comes back with an ID that is no longer retained.
    let mut cut = channel.subscribe(None);
    let place = cut.next().await.unwrap().unwrap();
    prices(&channel, 0..10);
    let back = channel.subscribe(place.id().unwrap());
    assert_eq!(back.resumption(), Resumption::Complete);
    assert!(matches!(
        channel.subscribe(place.id().unwrap()).slow(Slow::Skip).resumption(),
        Resumption::Reset(_)
    ));

    // An event without a key.
    let (channel, mut slow) = board(10);
    publish(&channel, &Row::Note(1));
    prices(&channel, 0..10);
    assert_eq!(see(&mut slow).resets(), [r#"{"reason":"lagged","missed":null}"#]);
    // A key over the bound.
    let (channel, mut slow) = board(3);
    prices(&channel, 0..10);
    assert_eq!(see(&mut slow).resets().len(), 1);
}

/// Ten reconnections of a client to which nothing more happens.
fn resets_of_ten(mut connect: impl FnMut(&str) -> super::Seen) -> usize {
    let mut last = "oldepoch-1".to_owned();
    let mut resets = 0;
    for _ in 0..10 {
        let seen = connect(&last);
        resets += seen.resets().len();
        last = seen.last;
    }
    resets
}

#[tokio::test]
async fn ten_reconnections_are_one_reset() {
    let topics = Topics::<Event>::new();
    let channel = Channel::<Event>::new();
    for start in [Start::Live, Start::Earliest, Start::Last(2), Start::LatestPerKey] {
        let connect = |last: &str| see_from(last, &mut channel.subscribe(last).start(start));
        assert_eq!(resets_of_ten(connect), 1, "a channel, {start:?}");
        for names in [&["user/7"][..], &["user/7", "user/8"]] {
            let connect =
                |last: &str| see_from(last, &mut topics.subscribe(names, last).unwrap().start(start));
            assert_eq!(resets_of_ten(connect), 1, "{names:?}, {start:?}");
        }
    }
    // The same where others are busy, and some of their events are gone.
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(5)).build();
    numbers(&topics.channel("busy").unwrap(), 0..20);
    numbers(&topics.channel("user/8").unwrap(), 0..20);
    for start in [Start::Live, Start::Earliest, Start::Last(2), Start::LatestPerKey] {
        for names in [&["user/7"][..], &["user/7", "user/8"], &["busy", "user/7", "user/8"]] {
            let connect = |last: &str| {
                // Cut right behind the reset.
                let mut subscription = topics.subscribe(names, last).unwrap().start(start);
                see_from(last, &mut futures_util::stream::iter(subscription.next().now_or_never().flatten()))
            };
            assert_eq!(resets_of_ten(connect), 1, "{names:?}, {start:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_reconnections_to_a_snapshot_are_one_reset() {
    let channel = Channel::<Event>::new();
    let topics = Topics::<Event>::new();
    for state in [vec![], vec![Event::new("state")]] {
        let connect = |last: &str| {
            let produce = || {
                let (state, cursor) = (state.clone(), channel.cursor());
                async { Ok::<_, Infallible>((state, cursor)) }
            };
            see_from(last, &mut Box::pin(channel.subscribe(last).snapshot(produce)))
        };
        assert_eq!(resets_of_ten(connect), 1);
        let connect = |last: &str| {
            let produce = || {
                let (state, cursor) = (state.clone(), topics.cursor());
                async { Ok::<_, Infallible>((state, cursor)) }
            };
            see_from(last, &mut Box::pin(topics.subscribe(["a", "b"], last).unwrap().snapshot(produce)))
        };
        assert_eq!(resets_of_ten(connect), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_ends_with_what_is_live_only_leaves_an_id() {
    let channel = Channel::<Row>::new();
    let connect = |last: &str| {
        let cursor = channel.cursor();
        let produce = || {
            let cursor = cursor.clone();
            async { Ok::<_, Infallible>((vec![Row::Note(1), Row::Typing], cursor)) }
        };
        see_from(last, &mut Box::pin(channel.subscribe(last).snapshot(produce)))
    };
    let first = connect("oldepoch-1");
    assert_eq!(first.events.len(), 3);
    assert!(connect(&first.last).events.is_empty(), "it has the state");
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_was_forgotten_resets_only_who_missed_something_of_it() {
    let topics = Topics::<Event>::builder().idle(Duration::from_secs(60)).build();
    let user = topics.channel("user/7").unwrap();
    let all = publish(&user, &Event::new("1"));
    let some = {
        let seen = see(&mut topics.subscribe(["user/7"], all.clone()).unwrap());
        assert!(seen.events.is_empty());
        publish(&user, &Event::new("2"));
        all
    };
    let all = topics.cursor();
    drop(user);
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert!(topics.is_empty());
    // Another topic goes on meanwhile.
    numbers(&topics.channel("other").unwrap(), 0..5);
    assert_eq!(topics.subscribe(["user/7"], all).unwrap().resumption(), Resumption::Complete);
    assert!(matches!(topics.subscribe(["user/7"], some).unwrap().resumption(), Resumption::Reset(_)));
    let connect = |last: &str| see_from(last, &mut topics.subscribe(["user/7"], last).unwrap());
    assert_eq!(resets_of_ten(connect), 1);
}

/// The block behind a reset says no less than the reset: one that is cut there is not told again of the same.
#[tokio::test]
async fn a_reset_that_names_an_event_is_not_taken_back() {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(4).slow(Slow::Skip)).build();
    let [a, b, quiet] = ["a", "b", "quiet"].map(|name| topics.channel(name).unwrap());
    let notes =
        |channel: &Channel<Row>, times| (0..times).for_each(|_| drop(publish(channel, &Row::Note(0))));
    let open = |last: LastEventId| {
        let is_mine = |frame: &Frame| frame.as_ref().ends_with(b"note 7\n\n");
        topics.subscribe(["a", "b", "quiet"], last).unwrap().start(Start::Last(3)).filter(is_mine)
    };
    let id = publish(&quiet, &Row::Note(7));
    (0..5).for_each(|_| (notes(&a, 1), notes(&b, 1)).0);
    let mut stream = open(id.into());
    (0..2).for_each(|_| (notes(&a, 1), notes(&b, 1)).0);
    publish(&quiet, &Row::Note(7));
    notes(&b, 1);
    publish(&a, &Row::Own(129));
    notes(&b, 1);
    let mut cut_behind = |frames, last: &str| {
        let frames = (0..frames).map_while(|_| stream.next().now_or_never()?);
        see_from(last, &mut futures_util::stream::iter(frames))
    };
    let reset = cut_behind(3, "");
    assert_eq!((reset.resets().len(), &*reset.last), (2, "129"));
    let behind = cut_behind(1, &reset.last);
    notes(&a, 4);
    for seen in [reset, behind] {
        assert_eq!(open(seen.id()).resumption(), Resumption::Complete, "{}", seen.last);
    }
}

/// What it did not get was superseded, and the newest is there: of one topic as of several, and cut before its first event.
#[tokio::test]
async fn a_new_board_that_asked_for_what_there_was_is_not_told_of_what_was_superseded() {
    for start in [Start::Earliest, Start::Last(5), Start::Last(1), Start::Live, Start::LatestPerKey] {
        for names in [&["a"][..], &["a", "b"]] {
            let channels = Channel::builder().events(2).slow(Slow::Coalesce);
            let topics = Topics::<Row>::builder().channel(channels).build();
            let a = topics.channel("a").unwrap();
            publish(&a, &Row::Price(1, 0));
            let open = |last: &str| topics.subscribe(names, last).unwrap().start(start);
            let first = see_cut(1, &mut open(""));
            (1..=5).for_each(|n| drop(publish(&a, &Row::Price(1, n))));
            let back = see_from(&first.last, &mut open(&first.last));
            assert_eq!(back.data(), ["1=5"], "{start:?} {names:?} {}", first.last);
        }
    }
}

/// The same with a key that is kept, and with a tombstone; and one that really lost something is told.
#[tokio::test]
async fn a_new_board_of_topics_gets_what_was_kept_meanwhile() {
    for start in [Start::Earliest, Start::Last(9)] {
        for names in [&["a"][..], &["a", "b"]] {
            for lost in [false, true] {
                let channels = Channel::builder().events(2).slow(Slow::Coalesce);
                let topics = Topics::<Row>::builder().channel(channels).build();
                let a = topics.channel("a").unwrap();
                publish(&a, &if lost { Row::Note(0) } else { Row::Price(1, 0) });
                publish(&a, &Row::Price(7, 0));
                let open = |last: &str| topics.subscribe(names, last).unwrap().start(start);
                let first = see_cut(1, &mut open(""));
                publish(&a, &Row::Gone(1));
                (1..=4).for_each(|n| drop(publish(&a, &Row::Price(2, n))));
                let back = see_from(&first.last, &mut open(&first.last));
                let events = ["7=0", "1 gone", "2=4"];
                let context = format!("{start:?} {names:?} {}: {back:?}", first.last);
                assert_eq!(back.resets().len(), usize::from(lost), "{context}");
                assert_eq!(back.data()[usize::from(lost)..], events, "{context}");
                let again = see_from(&back.last, &mut open(&back.last));
                assert!(again.data().is_empty(), "{context}");
            }
        }
    }
}

/// What a new one gets that asked for all is what one gets that comes back from before all.
#[tokio::test]
async fn a_new_board_behind_a_trimmed_log_is_told_only_of_what_is_lost() {
    for lost in [false, true] {
        let board = Channel::builder().events(2).slow(Slow::Coalesce).build();
        let origin = board.cursor();
        publish(&board, &if lost { Row::Note(0) } else { Row::Price(1, 0) });
        publish(&board, &Row::Price(7, 0));
        (1..=4).for_each(|n| drop(publish(&board, &Row::Price(1, n))));
        for last in [LastEventId::default(), LastEventId::from(origin)] {
            let subscription = board.subscribe(last.clone()).start(Start::Earliest);
            assert_eq!(subscription.replayed(), 3);
            let seen = see_from(last.as_str(), &mut { subscription });
            let told: &[&str] = if lost { &[r#"{"reason":"trimmed","missed":1}"#] } else { &[] };
            assert_eq!((seen.resets(), &seen.data()[told.len()..]), (told.to_vec(), &["7=0", "1=4"][..]));
        }
    }
}

/// The ledger knows it, too: of this log, nothing was lost to one that coalesces.
#[tokio::test]
async fn the_ledger_takes_a_reset_of_a_board_that_lost_nothing_for_needless() {
    for start in [Start::Earliest, Start::Last(5)] {
        let topics = Topics::<Row>::builder().channel(Channel::builder().events(2)).build();
        let a = topics.channel("a").unwrap();
        let ledger = Ledger::new().retaining(2);
        let enter = |n| ledger.publish_in("a", &a, &Row::Price(1, n)).now_or_never().unwrap().unwrap();
        enter(0);
        // Its server takes no account of keys.
        let open =
            |last: LastEventId| topics.subscribe(["a", "b"], last).unwrap().start(start).slow(Slow::Skip);
        for last in ["place", ""] {
            let mut client = ledger.client();
            client.set_terms(Terms::new().topics(["a", "b"]).slow(Slow::Coalesce).start(start));
            if last == "place" {
                let place = see_cut(1, &mut open(LastEventId::default())).last;
                client.open(open(LastEventId::default()));
                client.cut_after(place.len() + "id: \n\n".len());
                client.ready();
                assert_eq!(client.last_event_id().as_str(), place);
            } else if start != Start::Earliest {
                continue;
            }
            (1..=5).for_each(|n| drop(enter(n)));
            client.open(open(client.last_event_id()));
            client.ready();
            let violation = ledger.check_caught_up(&mut client).unwrap_err();
            assert_eq!(violation.kind(), ViolationKind::NeedlessReset, "{start:?} {violation}");
        }
    }
}

/// Of a state that a client did not get to read, nobody knows how much it missed.
#[tokio::test]
async fn a_state_that_was_not_read_is_not_counted_as_had() {
    for (events, of_keys, others) in [(1, 2, 1), (3, 8, 3), (7, 9, 12)] {
        let board = Channel::<Row>::builder().events(events).keys(0).slow(Slow::Skip).build();
        let mut client = board.subscribe(None).start(Start::LatestPerKey);
        see(&mut client);
        (0..of_keys).for_each(|key| drop(publish(&board, &Row::Price(key, 0))));
        assert_eq!(see_cut(1, &mut client).resets(), ["{\"reason\":\"lagged\",\"missed\":null}"]);
        (0..others).for_each(|n| drop(publish(&board, &Row::Note(n))));
        let seen = see(&mut client);
        assert_eq!(seen.resets(), ["{\"reason\":\"lagged\",\"missed\":null}"], "{seen:?}");
    }
}
