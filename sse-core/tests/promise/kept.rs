//! Nothing lost, nothing told.

use std::time::Duration;

use futures_util::StreamExt as _;
use typed_sse_core::{Channel, Event, LastEventId, Resumption, Slow, Start, Topics};

use super::found::see_cut;
use super::{Row, numbers, publish, see, see_from};

#[tokio::test]
async fn what_is_live_only_pushes_nothing_out() {
    let channel = Channel::<Row>::builder().events(10).build();
    let first = publish(&channel, &Row::Note(1));
    publish(&channel, &Row::Note(2));
    (0..10).for_each(|_| drop(publish(&channel, &Row::Typing)));
    let mut back = channel.subscribe(LastEventId::from(first));
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(see(&mut back).data(), ["note 2"]);

    let channel = Channel::<Row>::new();
    let first = publish(&channel, &Row::Note(1));
    (0..5000).for_each(|_| drop(publish(&channel, &Row::Typing)));
    assert_eq!(channel.subscribe(LastEventId::from(first)).resumption(), Resumption::Complete);
    assert!(channel.counters().retained <= 1025);
}

#[tokio::test]
async fn a_live_reader_that_is_behind_gets_what_is_live_only_up_to_a_bound() {
    let channel = Channel::<Row>::builder().events(10).ephemeral(3).build();
    let mut live = channel.subscribe(None);
    publish(&channel, &Row::Note(1));
    (0..2).for_each(|_| drop(publish(&channel, &Row::Typing)));
    publish(&channel, &Row::Note(2));
    publish(&channel, &Row::Typing);
    let types =
        |seen: super::Seen| seen.events.into_iter().map(|(event_type, _)| event_type).collect::<Vec<_>>();
    assert_eq!(types(see(&mut live)), ["message", "typing", "typing", "message", "typing"]);
    (0..10).for_each(|_| drop(publish(&channel, &Row::Typing)));
    publish(&channel, &Row::Note(3));
    assert_eq!(
        types(see(&mut live)),
        ["typing", "typing", "typing", "message"],
        "the oldest go, and nobody is told"
    );
    // By their bytes too.
    let channel = Channel::<Row>::builder().bytes(200).build();
    let mut live = channel.subscribe(None);
    (0..100).for_each(|_| drop(publish(&channel, &Row::Typing)));
    assert!(see(&mut live).events.len() < 10 && channel.counters().retained_bytes <= 200);
}

#[tokio::test(start_paused = true)]
async fn an_own_id_resumes_where_a_cursor_does() {
    // By age.
    let channel = Channel::<Row>::builder().age(Duration::from_millis(20)).build();
    publish(&channel, &Row::Own(1));
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert_eq!(channel.subscribe("1").resumption(), Resumption::Complete);
    publish(&channel, &Row::Own(2));
    assert_eq!(see(&mut channel.subscribe("1")).data(), ["row 2"]);
    tokio::time::sleep(Duration::from_millis(40)).await;
    assert!(
        matches!(channel.subscribe("1").resumption(), Resumption::Reset(reset) if reset.missed == Some(1))
    );
    assert_eq!(channel.subscribe("2").resumption(), Resumption::Complete);
    // By count, and by what is live only.
    let channel = Channel::<Row>::builder().events(2).build();
    (1..=3).for_each(|n| drop(publish(&channel, &Row::Own(n))));
    (0..20).for_each(|_| drop(publish(&channel, &Row::Typing)));
    assert_eq!(see_from("1", &mut channel.subscribe("1")).data(), ["row 2", "row 3"]);
    // One that was trimmed can be used again, and names the new one.
    publish(&channel, &Row::Own(4));
    publish(&channel, &Row::Own(1));
    publish(&channel, &Row::Own(5));
    assert_eq!(see_from("1", &mut channel.subscribe("1")).data(), ["row 5"]);
}

#[tokio::test(start_paused = true)]
async fn an_own_id_of_one_topic_resumes_the_others() {
    let topics = Topics::<Row>::new();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    publish(&a, &Row::Own(1));
    publish(&b, &Row::Own(2));
    publish(&a, &Row::Own(3));
    assert_eq!(topics.subscribe(["b"], "3").unwrap().resumption(), Resumption::Complete);
    publish(&b, &Row::Own(4));
    assert_eq!(see_from("3", &mut topics.subscribe(["b"], "3").unwrap()).data(), ["row 4"]);
    assert_eq!(
        see_from("1", &mut topics.subscribe(["b", "a"], "1").unwrap()).data(),
        ["row 2", "row 3", "row 4"]
    );

    // Also one that its topic does not retain any more.
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(2)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    publish(&b, &Row::Own(100));
    (1..=5).for_each(|n| drop(publish(&a, &Row::Own(n))));
    publish(&b, &Row::Own(101));
    assert_eq!(see_from("2", &mut topics.subscribe(["b"], "2").unwrap()).data(), ["row 101"]);
    // Or that of a topic that is gone.
    let topics = Topics::<Row>::builder().idle(Duration::from_secs(1)).build();
    publish(&topics.channel("a").unwrap(), &Row::Own(1));
    let b = topics.channel("b").unwrap();
    publish(&b, &Row::Own(2));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(topics.len(), 1);
    assert_eq!(see_from("1", &mut topics.subscribe(["b"], "1").unwrap()).data(), ["row 2"]);
}

#[tokio::test]
async fn a_place_has_the_name_that_another_server_knows() {
    let [here, there] = [(); 2].map(|()| {
        let channel = Channel::<Row>::builder().events(100).build();
        (1..=5).for_each(|n| drop(publish(&channel, &Row::Own(n))));
        channel
    });
    assert_eq!(here.cursor().as_str(), "5");
    // The place of a new client, and one that wanted nothing of what came.
    let mut narrow = here.subscribe(None).filter(|frame| frame.id() == Some("100")).checkpoint(2);
    assert_eq!(narrow.next().await.unwrap().unwrap().id(), Some("5"));
    for channel in [&here, &there] {
        (6..=9).for_each(|n| drop(publish(channel, &Row::Own(n))));
    }
    let seen = see(&mut narrow);
    assert_eq!(seen.last, "9");
    assert_eq!(there.subscribe(seen.id()).resumption(), Resumption::Complete);
    // A reset.
    let seen = see(&mut here.subscribe("nonsense"));
    assert_eq!((seen.resets().len(), &*seen.last), (1, "9"));
    // Without IDs of their own, and behind what has none, it is a cursor.
    publish(&here, &Row::Note(1));
    assert!(here.cursor().as_str().ends_with("-10"));
    let topics = Topics::<Row>::new();
    publish(&topics.channel("a").unwrap(), &Row::Own(7));
    assert_eq!(topics.channel("a").unwrap().cursor().as_str(), "7");
    // That of all topics is a cursor: the row is forgotten while a client's own topics are quiet.
    assert!(topics.cursor().as_str().ends_with("-1"));
    for names in [&["a"][..], &["a", "b"]] {
        assert_eq!(see(&mut topics.subscribe(names, None).unwrap()).last, "7", "{names:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_narrow_client_that_was_quiet_for_long_is_not_reset() {
    for retained in [4, 100, 4096] {
        let channel = Channel::<Event>::builder().events(retained).build();
        let mut narrow = channel.subscribe(None).filter(|frame| frame.as_ref().ends_with(b"wanted\n\n"));
        let mut seen = see(&mut narrow);
        for _ in 0..20 {
            numbers(&channel, 0..retained as u32 / 2);
            seen = see_from(&seen.last, &mut narrow);
        }
        numbers(&channel, 0..retained as u32 / 2);
        publish(&channel, &Event::new("wanted"));
        let mut back = channel.subscribe(seen.id()).filter(|frame| frame.as_ref().ends_with(b"wanted\n\n"));
        assert_eq!(back.resumption(), Resumption::Complete, "{retained}");
        assert_eq!(see(&mut back).data(), ["wanted"]);
    }
}

/// Few events, but old ones: the client is told of them when it has been quiet for a while.
#[tokio::test(start_paused = true)]
async fn a_narrow_client_is_not_reset_where_events_live_for_seconds() {
    for age in [1, 4, 30].map(Duration::from_secs) {
        let channel = Channel::<Event>::builder().age(age).build();
        let mut narrow = channel.subscribe(None).filter(|_| false);
        numbers(&channel, 1..=40);
        let seen = see(&mut narrow);
        tokio::time::advance(age / 2).await;
        numbers(&channel, 41..=41);
        let seen = see_from(&seen.last, &mut narrow);
        // It is cut. Meanwhile the first ones have gone, all of which it was not to get.
        tokio::time::advance(age * 3 / 4).await;
        numbers(&channel, 42..=42);
        let back = channel.subscribe(seen.id()).filter(|_| false);
        assert_eq!(back.resumption(), Resumption::Complete, "{age:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_narrow_client_of_a_slow_channel_is_told_where_it_is() {
    let channel = Channel::<Event>::builder().age(Duration::from_secs(60)).build();
    let mut narrow = channel.subscribe(None).filter(|_| false);
    let mut seen = see(&mut narrow);
    for _ in 0..3 {
        numbers(&channel, 0..1);
        tokio::time::sleep(Duration::from_secs(15)).await;
        // A keep-alive has it polled.
        seen = see_from(&seen.last, &mut narrow);
    }
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(channel.subscribe(seen.id()).resumption(), Resumption::Complete);
}

#[tokio::test]
async fn checkpoints_cost_little() {
    let channel = Channel::<Event>::new();
    let mut narrow = channel.subscribe(None).filter(|_| false);
    numbers(&channel, 0..4000);
    let mut blocks = 0;
    while let Some(Some(frame)) = futures_util::FutureExt::now_or_never(narrow.next()) {
        assert!(!frame.unwrap().is_event());
        blocks += 1;
    }
    assert!(blocks <= 6, "{blocks} for what was retained");
    let start = Start::Live;
    assert_eq!(channel.subscribe(None).start(start).replayed(), 0);
}

/// What it was to get is kept for its keys; what was trimmed besides, it never asked for.
#[tokio::test]
async fn one_that_began_with_the_newest_few_and_coalesces_has_lost_none_of_them() {
    for several in [false, true] {
        let topics = Topics::<Row>::builder().channel(Channel::builder().events(4)).build();
        let a = topics.channel("a").unwrap();
        let names = &["a", "b"][..if several { 2 } else { 1 }];
        let open = |last: LastEventId| {
            topics.subscribe(names, last).unwrap().start(Start::Last(2)).slow(Slow::Coalesce)
        };
        a.publish_all_now(&[Row::Note(1), Row::Note(2), Row::Price(1, 0), Row::Price(2, 0)]).unwrap();
        let begun = see_cut(1, &mut open(None.into()));
        (3..=5).for_each(|key| drop(publish(&a, &Row::Price(key, 0))));
        let back = see(&mut open(begun.id()));
        assert_eq!(back.data(), ["1=0", "2=0", "3=0", "4=0", "5=0"], "{begun:?}");
        // Of what it was to get, one is lost.
        a.publish_all_now(&[Row::Note(3), Row::Note(4)]).unwrap();
        let begun = see_cut(1, &mut open(None.into()));
        (6..=8).for_each(|key| drop(publish(&a, &Row::Price(key, 0))));
        assert_eq!(see(&mut open(begun.id())).resets().len(), 1, "{begun:?}");
    }
}
