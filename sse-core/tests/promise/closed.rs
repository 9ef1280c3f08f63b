//! Topics that were closed, and made anew.

use std::convert::Infallible;

use futures_util::{FutureExt as _, StreamExt as _, stream};
use typed_sse_core::testing::{Ledger, Terms};
use typed_sse_core::{Channel, Event, LastEventId, Slow, SseBody, Start, Topics, TopicsSubscription};

use super::found::see_cut;
use super::{Row, Seen, numbers, publish, see, see_from};

fn is_over<E: Send + 'static>(subscription: TopicsSubscription<E>) -> bool {
    SseBody::new(subscription).is_empty()
}

/// Goes on with what it has seen.
fn go_on(seen: &mut Seen, stream: &mut TopicsSubscription<Event>) {
    let more = see_from(&seen.last, stream);
    seen.events.extend(more.events);
    seen.last = more.last;
}

#[tokio::test]
async fn one_that_joins_a_topic_by_name_gets_it_whether_it_was_closed_or_not() {
    for others in [&["b"][..], &[]] {
        let topics = Topics::<Event>::new();
        let b = topics.channel("b").unwrap();
        numbers(&b, 1..=1);
        let mut seen = see(&mut topics.subscribe(["b"], None).unwrap());
        seen.events.clear();
        topics.close("room");
        let room = topics.channel("room").unwrap();
        numbers(&room, 10..=12);
        let names: Vec<&str> = others.iter().copied().chain(["room"]).collect();
        let id = seen.id();
        let open = || topics.subscribe(&names, id.clone()).unwrap();
        let mut joined = open().joining(["room"]).start(Start::Earliest);
        go_on(&mut seen, &mut joined);
        numbers(&room, 13..=13);
        go_on(&mut seen, &mut joined);
        assert_eq!(seen.data(), ["10", "11", "12", "13"], "{names:?}");
        // Whatever was set before holds.
        let narrow = open().start(Start::Earliest).filter(|frame| !frame.as_ref().ends_with(b"11\n\n"));
        let narrow = narrow.until(|frame| frame.as_ref().ends_with(b"12\n\n")).no_checkpoints();
        let narrow = see(&mut narrow.joining(["room"]));
        assert_eq!((narrow.data(), narrow.ended), (vec!["10", "12"], true), "{names:?}");
    }
}

#[tokio::test]
async fn of_a_topic_that_was_made_anew_a_client_of_others_gets_all() {
    // Away when it was closed, or there; and with what came before that.
    for is_there in [false, true] {
        for before in 0..2 {
            let topics = Topics::<Event>::new();
            let b = topics.channel("b").unwrap();
            numbers(&b, 1..=1);
            let open = |last: LastEventId| topics.subscribe(["b", "room"], last).unwrap();
            let mut there = open(None.into());
            let mut all = see(&mut there);
            numbers(&topics.channel("room").unwrap(), 2..2 + before);
            go_on(&mut all, &mut there);
            let mut connection = Some(there).filter(|_| is_there);
            topics.close("room");
            for n in 3..=4 {
                numbers(&b, n..=n);
                if let Some(there) = &mut connection {
                    go_on(&mut all, there);
                }
            }
            numbers(&topics.channel("room").unwrap(), 10..=12);
            for n in 13..=16 {
                numbers(&b, n - 8..=n - 8);
                if let Some(there) = &mut connection {
                    go_on(&mut all, there);
                }
                drop(connection.take());
                let id = all.id();
                go_on(&mut all, &mut open(id));
                numbers(&topics.channel("room").unwrap(), n..=n);
            }
            let id = all.id();
            go_on(&mut all, &mut open(id));
            assert!(all.resets().is_empty(), "{all:?}");
            let of = |room: bool| all.data().into_iter().filter(move |data| (data.len() == 2) == room);
            assert_eq!(of(true).collect::<Vec<_>>(), ["10", "11", "12", "13", "14", "15", "16"], "{all:?}");
            let of_others: Vec<u32> = of(false).map(|data| data.parse().unwrap()).collect();
            assert_eq!(
                of_others,
                if before == 0 { vec![3, 4, 5, 6, 7, 8] } else { vec![2, 3, 4, 5, 6, 7, 8] }
            );
        }
    }
}

/// It has left one that it has to that number, and takes it up again.
#[tokio::test]
async fn what_is_older_in_a_topic_that_is_joined_does_not_take_back_what_another_has_given() {
    for closes in [false, true] {
        for cut in 0..=4 {
            let topics = Topics::<Event>::new();
            let channel = |name| topics.channel(name).unwrap();
            numbers(&channel("c"), 1..=3);
            numbers(&channel("a"), 4..=4);
            numbers(&channel("b"), 5..=6);
            let had = see(&mut topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest));
            assert_eq!(had.data(), ["4", "5", "6"]);
            if closes {
                topics.close("a");
            }
            numbers(&channel("a"), 7..=7);
            let joining =
                topics.subscribe(["a", "c"], had.id()).unwrap().joining(["c"]).start(Start::Earliest);
            // Where it is cut behind what it is not sent, too.
            let mut joining = joining.checkpoint(1).filter(|frame| !frame.as_ref().ends_with(b"2\n\n"));
            let some = stream::iter((0..cut).map_while(|_| joining.next().now_or_never()?));
            let mut all = see_from(&had.last, &mut { some });
            let back = topics.subscribe(["a", "b", "c"], all.id()).unwrap();
            let joins: &[&str] = if cut == 0 { &["c"] } else { &[] };
            go_on(&mut all, &mut back.joining(joins).start(Start::Earliest));
            assert!(all.resets().is_empty(), "{all:?}");
            let data: Vec<_> = all.data().into_iter().filter(|data| *data != "2").collect();
            assert_eq!(data, ["1", "3", "7"], "{closes} {cut} {all:?}");
        }
    }
}

#[tokio::test]
async fn who_cannot_have_all_of_a_topic_that_was_made_anew_is_told_once() {
    for is_there in [false, true] {
        let topics = Topics::<Event>::builder().channel(Channel::builder().events(3)).build();
        let b = topics.channel("b").unwrap();
        let open = |last: LastEventId| topics.subscribe(["b", "room"], last).unwrap();
        let mut there = open(None.into());
        let mut all = see(&mut there);
        topics.close("room");
        numbers(&b, 1..=1);
        if is_there {
            go_on(&mut all, &mut there);
        }
        drop(there);
        numbers(&topics.channel("room").unwrap(), 10..=16);
        for _ in 0..3 {
            let id = all.id();
            go_on(&mut all, &mut open(id));
        }
        assert_eq!(all.resets().len(), 1, "{all:?}");
        numbers(&topics.channel("room").unwrap(), 17..=17);
        let id = all.id();
        go_on(&mut all, &mut open(id));
        assert_eq!(all.data().last(), Some(&"17"));
    }
}

/// Events with IDs of their own, too, say where the client is.
#[tokio::test]
async fn an_own_id_behind_a_topic_that_was_closed_resumes_all() {
    let topics = Topics::<Row>::new();
    let b = topics.channel("b").unwrap();
    let mut there = topics.subscribe(["b", "room"], None).unwrap();
    let mut all = see(&mut there);
    topics.close("room");
    publish(&b, &Row::Own(5));
    all = see_from(&all.last, &mut there);
    assert_eq!(all.data(), ["row 5"]);
    publish(&topics.channel("room").unwrap(), &Row::Own(6));
    publish(&b, &Row::Own(7));
    all = see_from(&all.last, &mut there);
    assert_eq!(all.data(), ["row 7"]);
    let back = see(&mut topics.subscribe(["b", "room"], all.id()).unwrap());
    assert_eq!(back.data(), ["row 6"], "{all:?}");
    // And then its own ID says it again.
    publish(&b, &Row::Own(8));
    let back = see(&mut topics.subscribe(["b", "room"], back.id()).unwrap());
    assert_eq!((back.data(), &*back.last), (vec!["row 8"], "8"));
}

#[tokio::test]
async fn a_client_of_a_closed_topic_is_done_also_once_its_last_event_is_forgotten() {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(3)).build();
    publish(&topics.channel("user/7").unwrap(), &Row::Own(1));
    topics.close("user/7");
    for from in [2, 20] {
        assert!(is_over(topics.subscribe(["user/7"], "1").unwrap()));
        assert!(!is_over(topics.subscribe(["user/7"], "nonsense").unwrap()));
        (from..20 * from).for_each(|id| drop(publish(&topics.channel("user/8").unwrap(), &Row::Own(id))));
    }
}

/// It has nothing yet, and is given a whole state, whatever became of the topics meanwhile.
#[tokio::test(start_paused = true)]
async fn one_that_is_cut_before_its_state_is_not_told_of_what_a_new_topic_lost() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(3)).build();
    numbers(&topics.channel("b").unwrap(), 1..=1);
    let state = || {
        let cursor = topics.cursor();
        async { Ok::<_, Infallible>((vec![Event::new("state")], cursor)) }
    };
    let open = |last: LastEventId| topics.subscribe(["b", "room"], last).unwrap().snapshot(state);
    let begun = see_cut(1, &mut Box::pin(open(None.into())));
    assert!(begun.last.contains('~'), "{begun:?}");
    topics.close("room");
    numbers(&topics.channel("room").unwrap(), 10..=16);
    let back = see(&mut Box::pin(open(begun.id())));
    assert_eq!(back.data(), ["state"], "{back:?}");
}

/// Nobody knows any more where it was in the others; of what it had all of, it gets all that came since.
#[tokio::test]
async fn the_ledger_knows_that_a_topic_goes_on_whose_last_event_is_forgotten() {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(2)).build();
    let ledger = Ledger::new().retaining(2);
    let enter = |name, row| {
        ledger.publish_in(name, &topics.channel(name).unwrap(), &row).now_or_never().unwrap().unwrap()
    };
    let mut client = ledger.client();
    let terms = |names: &[&str]| Terms::new().topics(names).start(Start::LatestPerKey).slow(Slow::Disconnect);
    client.set_terms(terms(&["room"])).open(topics.subscribe(["room"], None).unwrap());
    enter("room", Row::Own(1));
    client.ready();
    client.disconnect();
    topics.close("room");
    ledger.close("room");
    (2..9).for_each(|id| drop(enter("b", Row::Own(id))));
    (10..12).for_each(|n| drop(enter("room", Row::Note(n))));
    let both = topics.subscribe(["b", "room"], client.last_event_id()).unwrap();
    client.set_terms(terms(&["b", "room"])).open(both.start(Start::LatestPerKey));
    let data: Vec<_> = client.ready().iter().map(|event| event.event().data().to_owned()).collect();
    assert_eq!(data[1..], ["note 10", "note 11"]);
    ledger.check_caught_up(&mut client).unwrap();
}

#[tokio::test]
async fn a_topic_that_was_closed_twice_is_all_new_as_well() {
    for made in [false, true] {
        let topics = Topics::<Event>::new();
        let b = topics.channel("b").unwrap();
        let mut there = topics.subscribe(["b", "room"], None).unwrap();
        let mut all = see(&mut there);
        for n in 1..=2 {
            topics.close("room");
            if made && n == 1 {
                numbers(&topics.channel("room").unwrap(), 9..=9);
            }
            numbers(&b, n..=n);
            go_on(&mut all, &mut there);
        }
        numbers(&topics.channel("room").unwrap(), 10..=11);
        numbers(&b, 3..=3);
        go_on(&mut all, &mut there);
        drop(there);
        let id = all.id();
        go_on(&mut all, &mut topics.subscribe(["b", "room"], id).unwrap());
        assert_eq!(all.data(), ["1", "2", "3", "10", "11"], "{all:?}");
    }
}

/// What a new topic had when the application made the state is part of that.
#[tokio::test(start_paused = true)]
async fn a_topic_that_is_closed_while_a_state_is_made_is_not_sent_twice() {
    let topics = Topics::<Event>::new();
    let b = topics.channel("b").unwrap();
    numbers(&b, 1..=1);
    let state = || {
        topics.close("room");
        numbers(&topics.channel("room").unwrap(), 10..=11);
        let cursor = topics.cursor();
        async { Ok::<_, Infallible>((vec![Event::new("state")], cursor)) }
    };
    let mut there = Box::pin(topics.subscribe(["b", "room"], None).unwrap().snapshot(state));
    let mut all = see(&mut there);
    numbers(&topics.channel("room").unwrap(), 12..=12);
    numbers(&b, 2..=2);
    let more = see_from(&all.last, &mut there);
    all.events.extend(more.events);
    all.last = more.last;
    drop(there);
    let id = all.id();
    go_on(&mut all, &mut topics.subscribe(["b", "room"], id).unwrap());
    assert_eq!(all.data(), ["state", "2", "12"], "{all:?}");
}

/// Between the moment at which the client was asked for its ID and the one at which it was given a connection.
#[tokio::test]
async fn the_ledger_knows_that_a_topic_may_have_been_closed_while_its_client_came() {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(2)).build();
    let ledger = Ledger::new().retaining(2);
    let enter = |n| {
        let room = topics.channel("room").unwrap();
        ledger.publish_in("room", &room, &Row::Note(n)).now_or_never().unwrap().unwrap()
    };
    let mut client = ledger.client();
    let id = client.last_event_id();
    enter(1);
    topics.close("room");
    ledger.close("room");
    enter(2);
    let room = topics.subscribe(["room"], id).unwrap().start(Start::Earliest).slow(Slow::Skip);
    client.set_terms(Terms::new().topics(["room"]).start(Start::Earliest).slow(Slow::Skip)).open(room);
    enter(3);
    assert_eq!(client.ready().len(), 2);
    (4..9).for_each(|n| drop(enter(n)));
    assert_eq!(client.ready()[0].event().event_type(), "reset");
    ledger.check_caught_up(&mut client).unwrap();
}

#[tokio::test]
async fn the_ledger_knows_that_a_client_goes_on_in_a_topic_that_had_nothing_yet() {
    let topics = Topics::<Row>::new();
    let ledger = Ledger::new().retaining(100);
    let enter = |n| {
        let room = topics.channel("room").unwrap();
        ledger.publish_in("room", &room, &Row::Note(n)).now_or_never().unwrap().unwrap()
    };
    let mut client = ledger.client();
    client.set_terms(Terms::new().topics(["quiet", "room"]).start(Start::Live).slow(Slow::Disconnect));
    let open = |id: LastEventId| topics.subscribe(["quiet", "room"], id).unwrap();
    client.open(open(None.into()));
    enter(1);
    assert_eq!(client.ready().len(), 1);
    client.disconnect();
    topics.close("room");
    ledger.close("room");
    (2..4).for_each(|n| drop(enter(n)));
    let id = client.last_event_id();
    assert_eq!(client.open(open(id)).ready().len(), 2);
    ledger.check_caught_up(&mut client).unwrap();
}
