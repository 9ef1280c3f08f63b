//! Where a client stands behind a snapshot.

use std::convert::Infallible;
use std::time::Duration;

use futures_core::Stream;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use typed_sse_core::{
    Channel, Event, EventId, Frame, LastEventId, Resumption, SubscriptionError, Topics, TopicsSubscription,
};

use super::{Item, Row, Seen, publish, see, see_from};

fn is(frame: &Frame, data: &str) -> bool {
    frame.as_ref().ends_with(format!("data: {data}\n\n").as_bytes())
}

/// A state that stands at the last event of others does not say that its client had that.
#[tokio::test(start_paused = true)]
async fn one_whose_state_stands_at_the_last_event_of_others_goes_on() {
    for parts in 0..3 {
        let topics = Topics::<Event>::new();
        let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
        publish(&b, &Event::new("before"));
        publish(&a, &Event::new("done"));
        let state = || {
            let cursor = topics.cursor();
            let state = (0..parts).map(|_| Event::new("state")).collect::<Vec<_>>();
            async { Ok::<_, Infallible>((state, cursor)) }
        };
        let one =
            |last: LastEventId| Box::pin(a.subscribe(last).until(|frame| is(frame, "done")).snapshot(state));
        let both = |last: LastEventId| {
            let both = topics.subscribe(["a", "b"], last).unwrap();
            Box::pin(both.until(|frame| is(frame, "done")).snapshot(state))
        };
        let (of_one, of_both) = (see(&mut one(None.into())), see(&mut both(None.into())));
        assert_eq!((of_one.data(), of_one.ended), (vec!["state"; parts], false));
        assert_eq!((of_both.data(), of_both.ended), (vec!["state"; parts], false));
        publish(&b, &Event::new("other"));
        publish(&a, &Event::new("next"));
        assert_eq!(see(&mut one(of_one.id())).data(), ["next"], "{of_one:?}");
        assert_eq!(see(&mut both(of_both.id())).data(), ["other", "next"], "{of_both:?}");
        // Who had it is done.
        publish(&a, &Event::new("done"));
        let end = see(&mut both(of_both.id()));
        assert_eq!((end.data(), end.ended), (vec!["other", "next", "done"], true));
        assert_eq!(both(end.id()).size_hint(), (0, Some(0)), "{end:?}");
    }
}

/// One whose last event is part of its state is done, whatever the state stands at.
#[tokio::test(start_paused = true)]
async fn one_that_ends_in_its_state_is_done() {
    let rows = [Row::Own(6), Row::Own(7)];
    for last in ["row 6", "row 7"] {
        for published in [None, Some(Row::Note(1)), Some(Row::Own(7))] {
            let topics = Topics::<Row>::new();
            let a = topics.channel("a").unwrap();
            let b = topics.channel("b").unwrap();
            if let Some(row) = &published {
                publish(&a, row);
            }
            let state = || {
                let cursor = topics.cursor();
                async { Ok::<_, Infallible>((rows.to_vec(), cursor)) }
            };
            let open = |names: &[&str], id: LastEventId| {
                let subscription = topics.subscribe(names, id).unwrap();
                Box::pin(subscription.until(move |frame| is(frame, last)).snapshot(state))
            };
            for names in [&["a"][..], &["a", "b"]] {
                let seen = see(&mut open(names, None.into()));
                assert_eq!((seen.data(), seen.ended), (vec!["row 6", "row 7"], true));
                publish(&b, &Row::Typing);
                let back = open(names, seen.id());
                assert_eq!(back.size_hint(), (0, Some(0)), "{last} {published:?} {names:?} {seen:?}");
                // Who wants more goes on from there.
                let all = topics.subscribe(names, seen.id()).unwrap();
                assert_eq!(all.resumption(), Resumption::Complete, "{seen:?}");
            }
        }
    }
}

/// A row of another topic is forgotten while this one is quiet.
#[tokio::test(start_paused = true)]
async fn a_quiet_user_is_not_reset_for_the_rows_of_others() {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(4)).build();
    let busy = topics.channel("user/8").unwrap();
    let first = publish(&busy, &Row::Own(1));
    let by_row = first.clone();
    let by_row = move || std::future::ready(Ok::<_, Infallible>((vec![Row::Note(0)], by_row.clone())));
    let of = topics.clone();
    let by_cursor = move || std::future::ready(Ok::<_, Infallible>((vec![Row::Note(0)], of.cursor())));
    let open = |name: &'static str, last: LastEventId| topics.subscribe([name], last).unwrap();
    let quiet: [Seen; 2] = [
        see(&mut Box::pin(open("user/7", None.into()).snapshot(by_row))),
        see(&mut Box::pin(open("user/7", None.into()).snapshot(by_cursor.clone()))),
    ];
    let kept = topics.cursor();
    // Of the topic whose row it is, others know it, too.
    let seen = see(&mut Box::pin(open("user/8", None.into()).snapshot(by_cursor)));
    assert_eq!(seen.last, first.as_str());
    (2..=20).for_each(|id| drop(publish(&busy, &Row::Own(id))));
    assert_eq!(open("user/7", kept.into()).resumption(), Resumption::Complete);
    for seen in quiet {
        assert_eq!(open("user/7", seen.id()).resumption(), Resumption::Complete, "{seen:?}");
    }
}

/// The newest row of the database has an ID that was a cursor before a restart.
#[tokio::test(start_paused = true)]
async fn a_cursor_of_the_life_before_is_a_place_until_something_comes() {
    let newest = publish(&Channel::<Row>::new(), &Row::Note(1));
    let of = newest.clone();
    let state = move || std::future::ready(Ok::<_, Infallible>((vec![Row::Note(1)], of.clone())));
    let (channel, topics) = (Channel::<Row>::new(), Topics::<Row>::new());
    let of_one = state.clone();
    let one = move |last: &str| channel.subscribe(last).snapshot(of_one.clone()).boxed();
    let both = move |last: &str| topics.subscribe(["a", "b"], last).unwrap().snapshot(state.clone()).boxed();
    type Open = Box<dyn Fn(&str) -> BoxStream<'static, Item>>;
    let opens: [Open; 2] = [Box::new(one), Box::new(both)];
    for open in opens {
        for first in ["", newest.as_str()] {
            let (mut last, mut resets) = (first.to_owned(), 0);
            for _ in 0..10 {
                let seen = see_from(&last, &mut open(&last));
                assert!(!seen.failed);
                resets += seen.resets().len();
                last = seen.last;
            }
            assert!(resets <= 1, "{resets} resets, and nothing was published");
        }
    }
}

/// What a state of one topic stands at says nothing of another.
#[tokio::test(start_paused = true)]
async fn a_row_at_which_the_state_of_one_topic_stands_is_no_place_in_another() {
    let topics = Topics::<Row>::new();
    // Of the life before: row 7 was of a, and row 8 of b.
    let seen = see(&mut Box::pin(open(&topics, "a", None).snapshot(at("7"))));
    assert_eq!(seen.data(), ["note 0"]);
    let both = topics.subscribe(["a", "b"], "7").unwrap();
    assert!(matches!(both.resumption(), Resumption::Reset(_)), "it lacks row 8");
    publish(&topics.channel("b").unwrap(), &Row::Note(1));
    assert_eq!(open(&topics, "a", seen.id()).resumption(), Resumption::Complete);
}

fn at(id: &str) -> impl FnMut() -> std::future::Ready<Result<(Vec<Row>, EventId), Infallible>> + '_ {
    move || std::future::ready(Ok((vec![Row::Note(0)], EventId::new(id).unwrap())))
}

/// All that comes of it, whatever it waits for.
async fn see_slowly(stream: &mut (impl Stream<Item = Item> + Unpin)) -> Seen {
    tokio::time::sleep(Duration::ZERO).await;
    let mut seen = see(stream);
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let more = see_from(&seen.last, stream);
        seen.events.extend(more.events);
        (seen.last, seen.failed, seen.ended) = (more.last, seen.failed | more.failed, more.ended);
    }
    seen
}

/// The newest row of a topic is its end, also where it was forgotten with it.
#[tokio::test(start_paused = true)]
async fn the_newest_row_of_a_topic_that_was_forgotten_is_a_place() {
    let channel = Channel::builder().events(4);
    let topics = Topics::<Row>::builder().idle(Duration::from_secs(60)).channel(channel).build();
    (5..=7).for_each(|id| drop(publish(&topics.channel("user/7").unwrap(), &Row::Own(id))));
    let busy = topics.channel("user/8").unwrap();
    for times in 1..=3 {
        tokio::time::sleep(Duration::from_secs(120)).await;
        assert_eq!(topics.len(), 1);
        (10..=30).for_each(|id| drop(publish(&busy, &Row::Own(100 * times + id))));
        let seen = see_slowly(&mut Box::pin(open(&topics, "user/7", None).snapshot(at("7")))).await;
        assert_eq!((seen.failed, seen.data()), (false, vec!["note 0"]), "{seen:?}");
        (40..=60).for_each(|id| drop(publish(&busy, &Row::Own(100 * times + id))));
        assert_eq!(open(&topics, "user/7", seen.id()).resumption(), Resumption::Complete, "{seen:?}");
        // An older one is not.
        let mut old = Box::pin(open(&topics, "user/7", None).no_checkpoints().snapshot(at("6")));
        let error = old.next().await.unwrap().unwrap_err();
        assert!(matches!(error, SubscriptionError::SnapshotCursor(_)), "{error}");
    }
    // What came since is behind it.
    publish(&topics.channel("user/7").unwrap(), &Row::Note(8));
    let seen = see_slowly(&mut Box::pin(open(&topics, "user/7", None).snapshot(at("7")))).await;
    assert_eq!((seen.failed, seen.data()), (false, vec!["note 0", "note 8"]), "{seen:?}");
}

#[tokio::test(start_paused = true)]
async fn any_row_is_a_place_in_a_topic_that_was_closed_and_has_had_nothing_since() {
    let topics = Topics::<Row>::new();
    // The state of another stood there as well, before there was anything.
    let other = see(&mut Box::pin(open(&topics, "other", None).snapshot(at("7"))));
    assert_eq!(other.data(), ["note 0"]);
    publish(&topics.channel("room").unwrap(), &Row::Own(1));
    for name in ["never made", "room"] {
        topics.close(name);
        for _ in 0..2 {
            let seen = see_slowly(&mut Box::pin(open(&topics, name, None).snapshot(at("7")))).await;
            assert_eq!((seen.failed, seen.data()), (false, vec!["note 0"]), "{seen:?}");
            assert_eq!(open(&topics, name, seen.id()).resumption(), Resumption::Complete, "{seen:?}");
        }
        publish(&topics.channel(name).unwrap(), &Row::Note(2));
        let mut old = Box::pin(open(&topics, name, None).no_checkpoints().snapshot(at("7")));
        let error = old.next().await.unwrap().unwrap_err();
        assert!(matches!(error, SubscriptionError::SnapshotCursor(_)), "{error}");
    }
}

fn open(topics: &Topics<Row>, name: &str, last: impl Into<LastEventId>) -> TopicsSubscription<Row> {
    topics.subscribe([name], last).unwrap()
}
