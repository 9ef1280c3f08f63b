//! What was found by those who looked for it.

use std::convert::Infallible;
use std::sync::mpsc;
use std::time::Duration;

use futures_core::Stream as _;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Event, EventId, Frame, LastEventId, PublishError, Resumption,
    Slow, SseEvent, Start, Topics,
};

use super::{Item, Row, Seen, numbers, publish, see, see_from};

/// What a client has seen that is cut behind so many frames.
pub(super) fn see_cut(cut: usize, stream: &mut (impl futures_core::Stream<Item = Item> + Unpin)) -> Seen {
    see(&mut futures_util::stream::iter((0..cut).map_while(|_| stream.next().now_or_never()?)))
}

pub(super) fn is(frame: &Frame, data: &str) -> bool {
    frame.as_ref().ends_with(format!("data: {data}\n\n").as_bytes())
}

#[tokio::test]
async fn a_new_client_of_a_topic_that_was_made_anew_is_not_done() {
    let topics = Topics::<Event>::new();
    numbers(&topics.channel("a").unwrap(), 1..=1);
    topics.close("a");
    let fresh = see(&mut topics.subscribe(["a"], None).unwrap());
    numbers(&topics.channel("a").unwrap(), 2..=2);
    assert_eq!(see(&mut topics.subscribe(["a"], fresh.id()).unwrap()).data(), ["2"]);
}

/// A client of a and b that is reset in a, and cut behind what b has; and what comes for it then.
fn cut_behind_a_reset_of_another(of_b: &Row) -> (Seen, Seen) {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(1)).build();
    let (a, b) = (topics.channel("a").unwrap(), topics.channel("b").unwrap());
    publish(&a, &Row::Own(1));
    let mut seen = see(&mut topics.subscribe(["a", "b"], None).unwrap());
    publish(&b, of_b);
    let _ = [3, 4].map(|id| publish(&a, &Row::Own(id)));
    let cut = see_cut(2, &mut topics.subscribe(["a", "b"], seen.id()).unwrap());
    seen.last.clone_from(&cut.last);
    let rest = see(&mut topics.subscribe(["a", "b"], seen.id()).unwrap());
    (cut, rest)
}

#[tokio::test]
async fn an_event_behind_a_reset_of_another_topic_says_what_its_client_was_told() {
    for (of_b, data) in [(Row::Own(2), "row 2"), (Row::Note(2), "note 2"), (Row::Price(2, 2), "2=2")] {
        let (cut, rest) = cut_behind_a_reset_of_another(&of_b);
        assert_eq!((cut.resets().len(), cut.data()[1]), (1, data));
        assert_eq!(rest.data(), [""; 0], "it was told of all that it lost");
    }
}

#[tokio::test]
async fn one_that_coalesces_without_keys_is_told_once() {
    for start in [Start::Last(2), Start::Live, Start::Earliest, Start::LatestPerKey] {
        let coalescing = Channel::builder().events(4).slow(Slow::Coalesce);
        let topics = Topics::<Event>::builder().channel(coalescing).build();
        let a = topics.channel("a").unwrap();
        numbers(&a, 1..=1);
        let mut both = topics.subscribe(["a", "b"], None).unwrap().start(start);
        numbers(&a, 2..=6);
        let seen = see(&mut both);
        assert_eq!((seen.resets().len(), seen.events.len()), (1, 1), "{start:?}: {seen:?}");
        let rest = see(&mut topics.subscribe(["a", "b"], seen.id()).unwrap().start(start));
        assert_eq!(rest.data(), [""; 0], "{start:?}");
    }
}

#[tokio::test]
async fn who_is_cut_in_the_state_that_a_reset_announced_gets_it_again() {
    for start in [Start::Live, Start::Earliest, Start::Last(1), Start::LatestPerKey] {
        let channel = Channel::<Row>::builder().events(3).slow(Slow::Coalesce).build();
        let mut board = channel.subscribe(None).start(start);
        let _ = [1, 2].map(|key| publish(&channel, &Row::Price(key, 0)));
        (3..8).for_each(|n| drop(publish(&channel, &Row::Note(n))));
        let seen = see_cut(2, &mut board);
        assert_eq!(seen.resets().len(), 1, "{start:?}");
        // It may be cut there several times, and something may come meanwhile.
        assert_eq!(see_cut(1, &mut channel.subscribe(seen.id()).start(start)).last, "", "{start:?}");
        publish(&channel, &Row::Note(8));
        let rest = see_from(&seen.last, &mut channel.subscribe(seen.id()).start(start));
        assert_eq!(rest.data(), ["1=0", "2=0", "note 8"], "{start:?}");
        // And then it goes on as anybody.
        publish(&channel, &Row::Price(1, 9));
        assert_eq!(see(&mut channel.subscribe(rest.id()).start(start)).data(), ["1=9"], "{start:?}");
        // Of what is lost meanwhile it is told, and goes on as its start says.
        (9..14).for_each(|n| drop(publish(&channel, &Row::Note(n))));
        let mut told = see(&mut channel.subscribe(seen.id()).start(start));
        assert_eq!((told.resets().len(), &*told.events[0].0), (1, "reset"), "{start:?}");
        told.events.retain(|(event_type, _)| event_type != "reset");
        let notes = ["note 11", "note 12", "note 13"];
        match start {
            Start::Live => assert_eq!(told.data(), [""; 0]),
            Start::Earliest => assert_eq!(told.data(), notes),
            Start::Last(_) => assert_eq!(told.data(), notes[2..]),
            _ => assert_eq!(told.data(), ["2=0", "1=9"]),
        }
    }
}

#[tokio::test]
async fn what_is_lost_before_a_key_was_there_is_told_once() {
    let channel = Channel::<Row>::builder().events(1).slow(Slow::Coalesce).build();
    let mut board = channel.subscribe(None).start(Start::Earliest);
    publish(&channel, &Row::Note(1));
    publish(&channel, &Row::Price(1, 2));
    let seen = see_cut(2, &mut board);
    assert_eq!(seen.resets().len(), 1);
    publish(&channel, &Row::Note(3));
    assert_eq!(see(&mut channel.subscribe(seen.id()).start(Start::Earliest)).data(), ["1=2", "note 3"]);
}

#[tokio::test]
async fn the_last_price_of_a_board_has_the_id_where_no_block_may() {
    let board = |prices: &Channel<Row>, last: LastEventId| {
        prices.subscribe(last).start(Start::LatestPerKey).no_checkpoints()
    };
    for filtered in [false, true] {
        let channel = Channel::<Row>::new();
        (1..=3).for_each(|key| drop(publish(&channel, &Row::Price(key, 0))));
        let keep = move |frame: &Frame| !(filtered && is(frame, "3=0"));
        let mut first = board(&channel, None.into()).filter(keep);
        let seen = see(&mut first);
        assert_eq!(seen.data().len(), if filtered { 2 } else { 3 });
        assert!(!seen.last.is_empty());
        assert_eq!(see_cut(1, &mut board(&channel, None.into()).filter(keep)).last, "");
        channel.finish_now();
        assert_eq!(board(&channel, seen.id()).filter(keep).size_hint(), (0, Some(0)));
    }
    // Of two topics, the one that is complete first does not say so of the other.
    let topics = Topics::<Row>::new();
    let (a, b) = (topics.channel("a").unwrap(), topics.channel("b").unwrap());
    let _ = [1, 2].map(|key| (publish(&a, &Row::Price(key, 0)), publish(&b, &Row::Price(10 + key, 0))));
    let both = |last: LastEventId| {
        topics.subscribe(["a", "b"], last).unwrap().start(Start::LatestPerKey).no_checkpoints()
    };
    for cut in 0..=4 {
        let seen = see_cut(cut, &mut both(None.into()));
        let mut had = seen.data().iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(seen.last.is_empty(), cut < 4, "{cut}: {}", seen.last);
        if cut < 4 {
            had.clear();
        }
        let rest = see(&mut both(seen.id()));
        had.extend(rest.data().iter().map(ToString::to_string));
        had.sort();
        assert_eq!(had, ["11=0", "12=0", "1=0", "2=0"], "{cut}");
    }
}

#[test]
fn who_has_the_last_of_a_closed_topic_is_done_whoever_published_it() {
    for _ in 0..300 {
        let topics = Topics::<Event>::new();
        let channel = topics.channel("a").unwrap();
        let barrier = std::sync::Barrier::new(2);
        let last = std::thread::scope(|scope| {
            let publisher = scope.spawn(|| {
                let mut last = publish(&channel, &Event::new("1"));
                barrier.wait();
                while let Ok(id) = channel.publish_now(&Event::new("1")) {
                    last = id;
                }
                last
            });
            barrier.wait();
            topics.close("a");
            publisher.join().unwrap()
        });
        assert_eq!(topics.subscribe(["a"], last).unwrap().size_hint(), (0, Some(0)));
    }
}

#[tokio::test]
async fn what_is_live_only_is_not_over_before_it_was_read() {
    let channel = Channel::<Row>::new();
    let mut live = channel.subscribe(None).no_checkpoints();
    publish(&channel, &Row::Typing);
    channel.finish_now();
    assert_ne!(live.size_hint(), (0, Some(0)));
    assert_eq!(see(&mut live).events.len(), 1);
}

#[tokio::test]
async fn a_board_is_not_over_before_what_was_kept_of_it_was_read() {
    let channel = Channel::<Row>::builder().events(2).slow(Slow::Coalesce).build();
    let board = |last: &str| channel.subscribe(last).filter(|frame| frame.key() == Some("0"));
    let seen = see(&mut board(""));
    (0..5).for_each(|key| drop(publish(&channel, &Row::Price(key, 1))));
    channel.finish_now();
    let mut back = board(&seen.last);
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_ne!(back.size_hint(), (0, Some(0)));
    assert_eq!(see(&mut back).data(), ["0=1"]);
}

#[tokio::test]
async fn one_that_lost_something_is_not_over_before_it_is_told() {
    let channel = Channel::<Event>::builder().events(2).build();
    let mut narrow = channel.subscribe(None).no_checkpoints().filter(|frame| is(frame, "1"));
    numbers(&channel, 1..=5);
    channel.finish_now();
    assert_ne!(narrow.size_hint(), (0, Some(0)));
    assert!(see(&mut narrow).failed);
}

#[tokio::test]
async fn what_supersedes_and_is_not_wanted_leaves_nothing_to_come() {
    let channel = Channel::<Row>::builder().slow(Slow::Coalesce).no_checkpoints().build();
    publish(&channel, &Row::Note(0));
    let id = channel.cursor();
    publish(&channel, &Row::Price(1, 1));
    publish(&channel, &Row::Price(1, 2));
    channel.finish_now();
    let mut board = channel.subscribe(id).filter(|frame| is(frame, "1=1"));
    assert_eq!(board.size_hint(), (0, Some(0)));
    assert!(see(&mut board).events.is_empty());
}

#[tokio::test]
async fn the_last_event_of_others_is_not_that_of_a_narrow_client() {
    let channel = Channel::<Event>::new();
    let mine = |frame: &Frame| frame.as_ref().windows(4).any(|bytes| bytes == b"mine");
    for first in [true, false] {
        let until = |last: &str| {
            let subscription = channel.subscribe(last).checkpoint(1);
            match first {
                true => subscription.filter(mine).until(|frame| frame.as_ref().ends_with(b"done\n\n")),
                false => subscription.until(|frame| frame.as_ref().ends_with(b"done\n\n")).filter(mine),
            }
        };
        let mut client = until("");
        publish(&channel, &Event::new("others done"));
        let seen = see(&mut client);
        publish(&channel, &Event::new("mine done"));
        let mut back = until(&seen.last);
        assert_ne!(back.size_hint(), (0, Some(0)));
        assert_eq!(see(&mut back).data(), ["mine done"]);
    }
}

#[tokio::test]
async fn the_last_event_of_the_time_before_is_not_that_of_a_new_client() {
    for last in ["", "nonsense"] {
        let channel = Channel::<Event>::new();
        let until = |last: &str| channel.subscribe(last).until(|frame| is(frame, "done"));
        publish(&channel, &Event::new("done"));
        let seen = see(&mut until(last));
        publish(&channel, &Event::new("next"));
        assert_eq!(see(&mut until(&seen.last)).data(), ["next"], "{last}");
        let topics = Topics::<Event>::new();
        let until = |last: &str| topics.subscribe(["a", "b"], last).unwrap().until(|frame| is(frame, "done"));
        publish(&topics.channel("a").unwrap(), &Event::new("done"));
        let seen = see(&mut until(last));
        publish(&topics.channel("b").unwrap(), &Event::new("next"));
        assert_eq!(see(&mut until(&seen.last)).data(), ["next"], "{last}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_narrow_client_of_slow_topics_is_told_where_it_is() {
    for names in [&["a"][..], &["a", "b"]] {
        let aged = Channel::builder().age(Duration::from_secs(60));
        let topics = Topics::<Event>::builder().channel(aged).build();
        let channel = topics.channel("a").unwrap();
        let mut narrow = topics.subscribe(names, None).unwrap().filter(|_| false);
        let mut seen = see(&mut narrow);
        numbers(&channel, 0..1);
        // It is read at once, and polled again by a keep-alive.
        seen = see_from(&seen.last, &mut narrow);
        tokio::time::sleep(Duration::from_secs(15)).await;
        seen = see_from(&seen.last, &mut narrow);
        tokio::time::sleep(Duration::from_secs(120)).await;
        assert_eq!(topics.subscribe(names, seen.id()).unwrap().resumption(), Resumption::Complete);
    }
}

#[tokio::test]
async fn a_narrow_client_of_a_log_that_is_bound_by_its_bytes_is_told_in_time() {
    let channel = Channel::<Event>::builder().bytes(10_000).build();
    let mut narrow = channel.subscribe(None).filter(|_| false);
    let event = Event::new("x".repeat(80));
    let mut seen = see(&mut narrow);
    for _ in 0..90 {
        publish(&channel, &event);
        seen = see_from(&seen.last, &mut narrow);
    }
    assert_eq!(channel.counters().trimmed, 0);
    (0..40).for_each(|_| drop(publish(&channel, &event)));
    assert!(channel.counters().trimmed > 0);
    assert_eq!(channel.subscribe(seen.id()).resumption(), Resumption::Complete);
}

#[tokio::test]
async fn the_newest_few_of_topics_are_not_lost_when_older_ones_are() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(5)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    numbers(&a, 1..=5);
    numbers(&b, 6..=6);
    let last = |last: &str| topics.subscribe(["a", "b"], last).unwrap().start(Start::Last(1));
    let place = see_cut(1, &mut last(""));
    numbers(&a, 7..=7);
    let mut back = last(&place.last);
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(see(&mut back).data(), ["5", "6", "7"]);
    // What was among them is.
    numbers(&a, 8..=20);
    assert!(matches!(last(&place.last).resumption(), Resumption::Reset(_)));
}

#[tokio::test(start_paused = true)]
async fn the_newest_id_is_a_place_whatever_was_forgotten() {
    let channel = Channel::builder().events(2);
    let topics = Topics::<Row>::builder().channel(channel).idle(Duration::from_secs(10)).build();
    let b = topics.channel("b").unwrap();
    (1..=3).for_each(|n| drop(publish(&b, &Row::Own(n))));
    publish(&topics.channel("a").unwrap(), &Row::Own(7));
    tokio::time::sleep(Duration::from_secs(30)).await;
    drop(b);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert!(topics.is_empty());
    assert_eq!(topics.subscribe(["c", "d"], topics.cursor()).unwrap().resumption(), Resumption::Complete);
    assert_eq!(topics.subscribe(["c", "d"], "7").unwrap().resumption(), Resumption::Complete);
    let seen = see(&mut topics.subscribe(["c", "d"], None).unwrap());
    assert_eq!(topics.subscribe(["c", "d"], seen.id()).unwrap().resumption(), Resumption::Complete);
}

#[tokio::test]
async fn a_state_of_several_topics_is_whole_wherever_it_is_cut() {
    let topics = Topics::<Row>::new();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    for key in 0..4 {
        publish(if key % 2 == 0 { &a } else { &b }, &Row::Price(key, 1));
    }
    for names in [["a", "b"], ["b", "a"]] {
        for cut in 1..8 {
            let board = |last: &str| topics.subscribe(names, last).unwrap().start(Start::LatestPerKey);
            let seen = see_cut(cut, &mut board(""));
            let mut back = board(&seen.last);
            assert_eq!(back.resumption(), Resumption::Complete);
            let again = see_from(&seen.last, &mut back);
            assert!(
                seen.events.len() == 4 && again.events.is_empty() || again.events.len() == 4,
                "cut behind {cut}: {seen:?}, {again:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_reconnections_to_a_state_of_rows_are_one_reset() {
    let id = || EventId::new("42").unwrap();
    let channel = Channel::<Row>::new();
    let state = || async { Ok::<_, Infallible>((vec![Row::Own(42)], id())) };
    let (mut last, mut resets) = ("41".to_owned(), 0);
    for _ in 0..10 {
        let seen = see_from(&last, &mut Box::pin(channel.subscribe(&*last).snapshot(state)));
        resets += seen.resets().len();
        last = seen.last;
    }
    assert_eq!((&*last, resets), ("42", 1));
    publish(&channel, &Row::Own(43));
    assert_eq!(see(&mut Box::pin(channel.subscribe("42").snapshot(state))).data(), ["row 43"]);
    // Also of a topic in which nothing was published yet, where others are busy.
    let topics = Topics::<Row>::new();
    publish(&topics.channel("busy").unwrap(), &Row::Own(50));
    let mut client = Box::pin(topics.subscribe(["quiet"], None).unwrap().snapshot(state));
    let seen = see(&mut client);
    // By a cursor: of row 42, another topic may have what it has not.
    assert_eq!((seen.data(), seen.last.ends_with("-0")), (vec!["row 42"], true));
    publish(&topics.channel("quiet").unwrap(), &Row::Own(51));
    assert_eq!(see(&mut client).data(), ["row 51"]);
    assert_eq!(see(&mut topics.subscribe(["quiet"], seen.id()).unwrap()).data(), ["row 51"]);
}

#[tokio::test]
async fn a_narrow_client_of_topics_is_reset_once_wherever_it_is_cut() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(3)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    let first = publish(&a, &Event::new("0"));
    numbers(&a, 1..=3);
    numbers(&b, 4..=9);
    let narrow = |last: &str| {
        let both = topics.subscribe(["a", "b"], last).unwrap();
        both.start(Start::Earliest).checkpoint(1).filter(|frame| is(frame, "2") || is(frame, "8"))
    };
    for cut in 1..10 {
        let seen = see_cut(cut, &mut narrow(first.as_str()));
        assert_eq!(seen.resets().len(), 1);
        let again = see_from(&seen.last, &mut narrow(&seen.last));
        assert_eq!(again.resets(), [""; 0], "cut behind {cut}");
        let data = [seen.data(), again.data()].concat();
        assert_eq!(data[1..], ["2", "8"], "cut behind {cut}");
    }
}

/// Runs something that may wait for itself.
fn in_time(run: impl FnOnce() + Send + 'static) {
    let (done, is_done) = mpsc::channel();
    std::thread::spawn(move || {
        run();
        let _ = done.send(());
    });
    is_done.recv_timeout(Duration::from_secs(10)).unwrap();
}

#[test]
fn an_application_that_is_asked_may_use_the_channel() {
    in_time(|| {
        let channel = Channel::<Event>::new();
        let id = publish(&channel, &Event::new("1"));
        let of = channel.clone();
        drop(channel.subscribe(id).until(move |_| of.publish_now(&Event::new("seen")).is_err()));
        assert_eq!(channel.counters().published, 2);
    });
    in_time(|| {
        let channel = Channel::<Event>::new();
        let id = channel.cursor();
        publish(&channel, &Event::new("1"));
        channel.finish_now();
        let of = channel.clone();
        let narrow = channel.subscribe(id).filter(move |_| of.publish_now(&Event::new("seen")).is_ok());
        assert_eq!(narrow.size_hint(), (0, Some(0)));
    });
}

/// One of a key, with an ID of its own.
struct Keyed(u64, u64);

impl SseEvent for Keyed {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        encoder.key(&self.0)?.id(&self.1)?.text(&format!("{}", self.1))
    }
}

#[tokio::test]
async fn an_own_id_of_what_is_kept_resumes_a_board() {
    let channel = Channel::<Keyed>::builder().events(2).slow(Slow::Coalesce).build();
    for n in 1..=20 {
        publish(&channel, &Keyed(n, n));
    }
    let mut last = channel.subscribe(None).start(Start::Last(0)).next().await.unwrap().unwrap();
    assert_eq!(last.id(), Some("20"));
    (21..=40).for_each(|n| drop(publish(&channel, &Keyed(n, n))));
    let mut board = channel.subscribe(last.id().unwrap());
    assert_eq!(board.resumption(), Resumption::Complete);
    for n in 21..=40 {
        last = board.next().await.unwrap().unwrap();
        assert_eq!(last.id(), Some(&*n.to_string()));
        assert_eq!(channel.subscribe(last.id().unwrap()).resumption(), Resumption::Complete, "{n}");
    }
}

#[tokio::test]
async fn a_topic_that_comes_and_goes_takes_no_place_from_others() {
    let topics = Topics::<Event>::builder().topics(1).build();
    let once = |name: &str| publish(&topics.channel(name).unwrap(), &Event::new("1"));
    once("hot");
    let mut id = None;
    for n in 0..(1 << 16) {
        let last = once(&format!("user/{n}"));
        if n == (1 << 16) - 10 {
            id = Some(last);
            once("hot");
        }
    }
    once("one more");
    once("yet one more");
    let never = topics.subscribe(["never had any"], id.unwrap()).unwrap();
    assert_eq!(never.resumption(), Resumption::Complete);
}

#[tokio::test]
async fn a_state_that_has_the_last_event_is_the_end() {
    let channel = Channel::<Event>::new();
    publish(&channel, &Event::new("done"));
    let state = || {
        let cursor = channel.cursor();
        async { Ok::<_, Infallible>((vec![Event::new("done"), Event::new("more")], cursor)) }
    };
    let until = || channel.subscribe(None).until(|frame| is(frame, "done")).snapshot(state);
    let seen = see(&mut Box::pin(until()));
    assert_eq!((seen.data(), seen.ended), (vec!["done", "more"], true));
}

#[tokio::test]
async fn a_reset_in_one_topic_leaves_an_id_from_which_the_others_go_on() {
    for before in [0, 1] {
        for start in [Start::Live, Start::Earliest] {
            let slow = Channel::builder().events(2).slow(Slow::Skip);
            let topics = Topics::<Event>::builder().channel(slow).build();
            let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
            numbers(&a, 0..before);
            let connect = |last: &str| topics.subscribe(["a", "b"], last).unwrap().start(start);
            let mut both = connect("");
            numbers(&a, 1..=1);
            numbers(&b, 2..=5);
            let reset = see_cut(2, &mut both);
            assert_eq!(reset.resets().len(), 1);
            let mut back = connect(&reset.last);
            assert_eq!(back.resumption(), Resumption::Complete, "{start:?}");
            let wanted = match start {
                Start::Live => &["1"][..],
                _ if before == 0 => &["1", "4", "5"],
                _ => &["0", "1", "4", "5"],
            };
            assert_eq!(see_from(&reset.last, &mut back).data(), wanted, "{start:?}");
            // Or behind the first event.
            let seen = see_from(&reset.last, &mut connect(&reset.last).take(1));
            let again = see_from(&seen.last, &mut connect(&seen.last));
            assert_eq!([seen.data(), again.data()].concat(), wanted, "{start:?}");
        }
    }
}

#[tokio::test]
async fn what_is_trimmed_behind_a_client_is_no_loss_in_another_topic() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(2)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    let connect = |last: &str| topics.subscribe(["a", "b"], last).unwrap().start(Start::Earliest);
    numbers(&b, 1..=1);
    numbers(&a, 2..=3);
    numbers(&b, 4..=6);
    let told = see_cut(2, &mut connect(""));
    assert_eq!(told.data(), [r#"{"reason":"trimmed","missed":2}"#, "2"]);
    // It has this one.
    numbers(&a, 7..=7);
    let back = see_from(&told.last, &mut connect(&told.last));
    assert_eq!(back.data(), ["3", "5", "6", "7"]);
    // What it has not is a loss.
    numbers(&a, 8..=9);
    assert!(matches!(connect(&told.last).resumption(), Resumption::Reset(_)));
}

#[tokio::test]
async fn what_is_kept_follows_a_reset_too() {
    let slow = Channel::builder().events(2).slow(Slow::Coalesce);
    let topics = Topics::<Row>::builder().channel(slow).build();
    let board = topics.channel("board").unwrap();
    let mut client = topics.subscribe(["board"], None).unwrap();
    publish(&board, &Row::Note(1));
    publish(&board, &Row::Price(1, 1));
    publish(&board, &Row::Price(2, 1));
    let reset = see_cut(2, &mut client);
    assert_eq!(reset.resets().len(), 1);
    publish(&board, &Row::Price(3, 1));
    publish(&board, &Row::Price(1, 2));
    publish(&board, &Row::Price(2, 2));
    let mut back = topics.subscribe(["board"], reset.id()).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete);
    assert_eq!(see(&mut back).data(), ["3=1", "1=2", "2=2"]);
}

#[tokio::test]
async fn a_topic_that_was_made_anew_has_places_of_its_own() {
    let topics = Topics::<Event>::new();
    numbers(&topics.channel("a").unwrap(), 1..=1);
    topics.close("a");
    let fresh = topics.channel("a").unwrap();
    let mut places = vec![LastEventId::from(fresh.cursor()), LastEventId::from(topics.cursor())];
    for start in [Start::Live, Start::Earliest, Start::Last(3), Start::LatestPerKey] {
        for names in [&["a"][..], &["a", "b"]] {
            places.push(see(&mut topics.subscribe(names, None).unwrap().start(start)).id());
        }
        places.push(see(&mut fresh.subscribe(None).start(start)).id());
    }
    numbers(&fresh, 2..=2);
    for place in places {
        for names in [&["a"][..], &["a", "b"]] {
            let mut back = topics.subscribe(names, place.clone()).unwrap();
            assert_eq!(see(&mut back).data(), ["2"], "{place:?} {names:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_finished_topic_that_was_forgotten_is_still_finished() {
    let topics = Topics::<Event>::builder().idle(Duration::from_secs(1)).build();
    for (name, events) in [("job", 2), ("empty", 0)] {
        let job = topics.channel(name).unwrap();
        numbers(&job, 1..=events);
        job.finish_now();
    }
    let seen = see(&mut topics.subscribe(["job"], None).unwrap().start(Start::Earliest));
    let first = see(&mut topics.subscribe(["job"], None).unwrap().start(Start::Earliest).take(2));
    for _ in 0..2 {
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(topics.is_empty());
        // Who has everything is done; who has not is told, once.
        assert_eq!(topics.subscribe(["job"], seen.id()).unwrap().size_hint(), (0, Some(0)));
        assert_eq!(topics.subscribe(["empty"], None).unwrap().size_hint(), (0, Some(0)));
        let told = see(&mut topics.subscribe(["job"], first.id()).unwrap());
        assert!(told.ended && told.resets().len() == 1, "{told:?}");
        assert_eq!(topics.subscribe(["job"], told.id()).unwrap().size_hint(), (0, Some(0)));
        let publishing = topics.channel("job").unwrap().publish_now(&Event::new("late"));
        assert!(matches!(publishing, Err(PublishError::Finished)), "{publishing:?}");
    }
    topics.close("job");
    numbers(&topics.channel("job").unwrap(), 3..=3);
    assert_eq!(see(&mut topics.subscribe(["job"], None).unwrap().start(Start::Earliest)).data(), ["3"]);
}

#[tokio::test]
async fn a_quiet_topic_is_not_reset_because_another_is_busy() {
    for had in [0, 1] {
        let topics = Topics::<Row>::builder().channel(Channel::builder().events(10)).build();
        let (quiet, busy) = (topics.channel("quiet").unwrap(), topics.channel("busy").unwrap());
        (0..had).for_each(|n| drop(publish(&quiet, &Row::Own(1000 + n))));
        publish(&busy, &Row::Own(1));
        for names in [&["quiet"][..], &["quiet", "empty"]] {
            let seen = see(&mut topics.subscribe(names, None).unwrap());
            let from = busy.counters().published;
            (from + 1..from + 50).for_each(|n| drop(publish(&busy, &Row::Own(n))));
            let back = topics.subscribe(names, seen.id()).unwrap();
            assert_eq!(back.resumption(), Resumption::Complete, "{had} {names:?} {seen:?}");
        }
    }
}

#[tokio::test]
async fn batches_leave_readers_their_turn() {
    for batch in [10, 100, 1000] {
        let channel = Channel::<Event>::new();
        let mut reader = channel.subscribe(None);
        let reading = tokio::spawn(async move {
            let mut events = 0;
            while let Some(frame) = reader.next().await {
                events += usize::from(frame.unwrap().is_event());
            }
            events
        });
        tokio::task::yield_now().await;
        for _ in 0..10_000 / batch {
            let rows: Vec<_> = (0..batch).map(|n| Event::new(n.to_string())).collect();
            channel.publish_all(&rows).await.unwrap();
        }
        channel.finish_now();
        assert_eq!(reading.await.unwrap(), 10_000, "{batch}");
    }
}

#[test]
fn an_event_that_all_topics_cannot_hold_is_refused() {
    let topics = Topics::<Event>::builder().bytes(20).build();
    let publishing = topics.channel("a").unwrap().publish_now(&Event::new("x".repeat(20)));
    assert!(matches!(publishing, Err(PublishError::TooLong { limit: 20, .. })), "{publishing:?}");
}

#[tokio::test]
async fn who_ends_behind_an_event_without_an_id_is_done_too() {
    let is_last = |frame: &Frame| frame.key() == Some("2");
    let channel = Channel::<Row>::new();
    let topics = Topics::<Row>::new();
    for channel in [&channel, &topics.channel("a").unwrap()] {
        (1..=3).for_each(|n| drop(publish(channel, &Row::Price(n, n))));
    }
    // In the newest of each key.
    let start = Start::LatestPerKey;
    let seen = see(&mut channel.subscribe(None).start(start).until(is_last));
    assert_eq!((seen.data(), seen.ended), (vec!["1=1", "2=2"], true));
    assert_eq!(channel.subscribe(seen.id()).start(start).until(is_last).size_hint(), (0, Some(0)));
    for names in [&["a"][..], &["a", "b"]] {
        let open = |last| topics.subscribe(names, last).unwrap().start(start).until(is_last);
        let seen = see(&mut open(LastEventId::default()));
        assert_eq!((seen.data(), seen.ended), (vec!["1=1", "2=2"], true));
        assert_eq!(open(seen.id()).size_hint(), (0, Some(0)), "{names:?}");
    }
}

#[tokio::test]
async fn who_ends_behind_what_it_missed_is_told_and_then_done() {
    let channel = Channel::<Event>::builder().events(3).slow(Slow::Skip).build();
    let open = |last| channel.subscribe(last).until(|frame| is(frame, "20"));
    let mut slow = open(LastEventId::default());
    let place = see_cut(1, &mut slow);
    numbers(&channel, 1..=6);
    let told = see_cut(1, &mut slow);
    assert_eq!((place.resets().len(), told.resets().len()), (0, 1));
    numbers(&channel, 7..=20);
    // All of what it has not missed is the last one.
    let seen = see_from(&told.last, &mut slow);
    assert_eq!((seen.data().first(), seen.resets().len(), seen.ended), (Some(&"20"), 1, true), "{seen:?}");
    assert_eq!(open(seen.id()).size_hint(), (0, Some(0)));
}

#[tokio::test]
async fn what_is_trimmed_in_a_topic_that_was_told_is_no_other_loss() {
    for start in [Start::Live, Start::LatestPerKey] {
        let topics = Topics::<Event>::builder().channel(Channel::builder().events(2)).build();
        let [a, b, c] = ["a", "b", "c"].map(|name| topics.channel(name).unwrap());
        let open =
            |last: &LastEventId, names: &[&str]| topics.subscribe(names, last.clone()).unwrap().start(start);
        let all = ["a", "b", "c"];
        let place = see(&mut open(&LastEventId::default(), &all)).id();
        numbers(&a, 1..=3);
        numbers(&b, 4..=4);
        // It is cut right behind the reset, or what follows of the topics in which it goes on.
        let told = see_cut(1, &mut open(&place, &all));
        assert_eq!(told.resets().len(), 1);
        numbers(&a, 5..=6);
        let seen = see(&mut open(&told.id(), &["c", "b", "a"]));
        assert_eq!(seen.data(), ["4", "5", "6"], "{start:?}");
        // More is lost in it.
        numbers(&a, 7..=9);
        let again = see(&mut open(&told.id(), &all));
        assert_eq!(again.resets().len(), 1, "{start:?} {again:?}");
        // Or in another; or that one was not there.
        let told = see_cut(1, &mut open(&place, &all)).id();
        numbers(&c, 10..=13);
        assert_eq!(see(&mut open(&told, &all)).resets().len(), 1, "{start:?}");
        let told = see_cut(1, &mut open(&place, &["b", "c"])).id();
        numbers(&a, 14..=15);
        assert_eq!(see(&mut open(&told, &["a", "b"])).resets().len(), 1, "{start:?}");
    }
}

#[tokio::test]
async fn what_another_topic_lost_is_told_where_one_begins_with_each_key() {
    let keyed = Channel::builder().events(3).slow(Slow::Coalesce);
    let topics = Topics::<Row>::builder().channel(keyed).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    let mut slow = topics.subscribe(["a", "b"], None).unwrap();
    let place = see(&mut slow);
    (1..=2).for_each(|n| drop(publish(&b, &Row::Note(n))));
    (3..=9).for_each(|n| drop(publish(&a, &Row::Note(n))));
    let told = see_cut(1, &mut slow);
    assert_eq!((place.resets().len(), told.resets().len()), (0, 1), "{told:?}");
    // It has got none of what it goes on with.
    (10..=11).for_each(|n| drop(publish(&b, &Row::Note(n))));
    let back = see(&mut topics.subscribe(["a", "b"], told.id()).unwrap());
    assert_eq!(back.resets().len(), 1, "{told:?} {back:?}");
}

#[tokio::test]
async fn what_was_told_of_one_topic_is_not_told_again_behind_events_of_another() {
    let topics = Topics::<Event>::builder().channel(Channel::builder().events(4).slow(Slow::Skip)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    let mut slow = topics.subscribe(["a", "b"], None).unwrap();
    assert!(see(&mut slow).resets().is_empty());
    numbers(&b, 1..=1);
    numbers(&a, 2..=8);
    numbers(&b, 9..=9);
    numbers(&a, 10..=11);
    let told = see_cut(3, &mut slow);
    assert_eq!((told.data()[1..].to_vec(), told.resets().len()), (vec!["1", "9"], 1), "{told:?}");
    // Of the other, the client was told that it has missed all up to 11.
    numbers(&a, 12..=14);
    let back = see(&mut topics.subscribe(["a", "b"], told.id()).unwrap());
    assert_eq!(back.data(), ["12", "13", "14"], "{told:?}");
}

#[tokio::test]
async fn the_newest_few_of_one_topic_are_not_told_again_where_another_was_reset() {
    for cut in 1..=6 {
        let topics =
            Topics::<Event>::builder().channel(Channel::builder().events(4).slow(Slow::Skip)).build();
        let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
        let open = |last: LastEventId| topics.subscribe(["a", "b"], last).unwrap().start(Start::Last(3));
        numbers(&a, 1..=5);
        numbers(&b, 6..=10);
        let mut slow = open(LastEventId::default());
        assert!(!slow.next().await.unwrap().unwrap().is_event());
        // It has got nothing yet, and falls behind in one of them.
        numbers(&a, 11..=15);
        let told = see_cut(cut, &mut slow);
        assert_eq!(told.resets().len(), 1, "{told:?}");
        numbers(&b, 16..=16);
        let back = see_from(&told.last, &mut open(told.id()));
        let all = [&told.data()[1..], &back.data()].concat();
        assert_eq!(all, ["8", "9", "10", "13", "14", "15", "16"], "{cut} {told:?} {back:?}");
    }
}

#[tokio::test]
async fn who_comes_back_for_other_topics_is_told_only_of_what_it_lost() {
    for start in [Start::Earliest, Start::Last(2)] {
        let topics = Topics::<Event>::builder().channel(Channel::builder().events(2)).build();
        let names: Vec<String> = (0..100).map(|n| format!("t{n}")).collect();
        let all: Vec<_> = names.iter().map(|name| topics.channel(name).unwrap()).collect();
        let mut n = 0;
        let mut publish_in = |topic: usize| {
            n += 1;
            numbers(&all[topic], n..=n);
        };
        // Of the first half, something was trimmed before.
        (0..50).for_each(|topic| (0..4).for_each(|_| publish_in(topic)));
        let open = |names: &[String], last| topics.subscribe(names, last).unwrap().start(start);
        let place = see_cut(1, &mut open(&names, LastEventId::default())).id();
        publish_in(99);
        for some in [&names[..], &names[..2], &names[10..90], &names[50..], &names[99..]] {
            let back = open(some, place.clone());
            assert_eq!(back.resumption(), Resumption::Complete, "{start:?} {some:?} {place:?}");
        }
        publish_in(7);
        for (some, is_reset) in [(&names[..], true), (&names[7..=8], true), (&names[8..], false)] {
            let back = open(some, place.clone());
            assert_eq!(matches!(back.resumption(), Resumption::Reset(_)), is_reset, "{start:?} {some:?}");
        }
    }
}

#[tokio::test]
async fn cut_in_old_events_a_new_client_still_has_a_topic_that_was_made_anew() {
    for start in [Start::Earliest, Start::Last(3)] {
        for cut in 2..=5 {
            let topics = Topics::<Event>::new();
            numbers(&topics.channel("a").unwrap(), 1..=1);
            numbers(&topics.channel("b").unwrap(), 2..=4);
            topics.close("a");
            let a = topics.channel("a").unwrap();
            numbers(&a, 5..=5);
            let open = |last: LastEventId| topics.subscribe(["a", "b"], last).unwrap().start(start);
            let first = see_cut(cut, &mut open(LastEventId::default()));
            numbers(&a, 6..=6);
            let back = see_from(&first.last, &mut open(first.id()));
            let all = [first.data(), back.data()].concat();
            assert_eq!(all, ["2", "3", "4", "5", "6"], "{start:?} {cut} {first:?}");
        }
    }
}

#[tokio::test]
async fn cut_in_old_events_a_new_client_is_not_told_of_what_it_never_was_to_get() {
    for (start, expected) in
        [(Start::Earliest, &["1", "2", "8", "9", "10"][..]), (Start::Last(2), &["1", "2", "9", "10"])]
    {
        for cut in 2..=5 {
            let topics = Topics::<Event>::builder().channel(Channel::builder().events(3)).build();
            let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
            numbers(&b, 1..=2);
            numbers(&a, 3..=10);
            let open = |last: LastEventId| topics.subscribe(["a", "b"], last).unwrap().start(start);
            let first = see_cut(cut, &mut open(LastEventId::default()));
            let told = usize::from(start == Start::Earliest);
            assert_eq!(first.resets().len(), told);
            let back = see_from(&first.last, &mut open(first.id()));
            let all = [&first.data()[told..], &back.data()].concat();
            assert_eq!(all, expected, "{start:?} {cut} {first:?} {back:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_id_that_names_a_topic_means_the_same_once_it_was_forgotten() {
    // It has joined one, and has got a part of it.
    let topics = Topics::<Event>::builder().idle(Duration::from_secs(1)).build();
    numbers(&topics.channel("b").unwrap(), 1..=5);
    let a = topics.channel("a").unwrap();
    numbers(&a, 6..=10);
    let before = LastEventId::from(topics.cursor());
    let mut joining = topics.subscribe(["a", "b"], before).unwrap().joining(["b"]).start(Start::Earliest);
    let cut = see_cut(1, &mut joining);
    drop(joining);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(topics.len(), 1);
    let back = topics.subscribe(["a", "b"], cut.id()).unwrap();
    assert!(matches!(back.resumption(), Resumption::Reset(_)), "{cut:?}");
    drop(back);

    // One was made anew, and it is not done with that.
    let topics = Topics::<Event>::builder().idle(Duration::from_secs(1)).build();
    let a = topics.channel("a").unwrap();
    numbers(&a, 1..=3);
    numbers(&topics.channel("b").unwrap(), 4..=6);
    topics.close("b");
    numbers(&topics.channel("b").unwrap(), 8..=9);
    let mut new = topics.subscribe(["a", "b"], None).unwrap().start(Start::Earliest);
    let cut = see_cut(2, &mut new);
    drop(new);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(topics.len(), 1);
    let mut back = topics.subscribe(["a", "b"], cut.id()).unwrap();
    assert!(matches!(back.resumption(), Resumption::Reset(_)), "{cut:?}");
    numbers(&topics.channel("b").unwrap(), 10..=10);
    assert_eq!(see(&mut back).data().last(), Some(&"10"));
    drop(back);

    // It was told, and nothing came since.
    let idle = Topics::<Event>::builder().idle(Duration::from_secs(1));
    let topics = idle.channel(Channel::builder().events(2).slow(Slow::Skip)).build();
    let a = topics.channel("a").unwrap();
    let mut slow = topics.subscribe(["a", "b"], None).unwrap();
    assert!(see(&mut slow).resets().is_empty());
    numbers(&a, 1..=1);
    numbers(&topics.channel("b").unwrap(), 2..=9);
    let told = see_cut(2, &mut slow);
    assert_eq!((told.resets().len(), told.data()[1]), (1, "1"), "{told:?}");
    drop(slow);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(topics.len(), 1);
    let back = topics.subscribe(["a", "b"], told.id()).unwrap();
    assert_eq!(back.resumption(), Resumption::Complete, "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_cut_in_the_keys_of_a_topic_that_is_then_forgotten_is_told() {
    for names in [&["b"][..], &["a", "b"]] {
        for cut in [1, 2] {
            let topics = Topics::<Row>::builder().idle(Duration::from_secs(1)).build();
            let a = topics.channel("a").unwrap();
            publish(&a, &Row::Note(1));
            (1..=3).for_each(|n| drop(publish(&topics.channel("b").unwrap(), &Row::Price(n, n))));
            publish(&a, &Row::Note(2));
            let open = |last| topics.subscribe(names, last).unwrap().start(Start::LatestPerKey);
            let first = see_cut(cut, &mut open(LastEventId::default()));
            tokio::time::sleep(Duration::from_secs(5)).await;
            assert_eq!(topics.len(), 1);
            let back = see(&mut open(first.id()));
            assert_eq!(back.resets().len(), 1, "{first:?} {back:?}");
            // Once; and one that is new, and made the topic, has lost nothing.
            assert!(see(&mut open(back.id())).resets().is_empty());
            tokio::time::sleep(Duration::from_secs(5)).await;
            let new = see_cut(1, &mut open(LastEventId::default()));
            assert_eq!(open(new.id()).resumption(), Resumption::Complete, "{new:?}");
        }
    }
}

#[tokio::test]
async fn who_joins_more_topics_than_an_id_can_name_misses_nothing() {
    let topics = Topics::<Event>::new();
    let joined: Vec<String> = (0..40).map(|n| format!("b{n}")).collect();
    for n in 0..80 {
        numbers(&topics.channel(&joined[n as usize % 40]).unwrap(), n..=n);
    }
    numbers(&topics.channel("a").unwrap(), 80..=80);
    let before = LastEventId::from(topics.cursor());
    let all = || joined.iter().map(String::as_str).chain(["a"]);
    let join = |id: LastEventId| topics.subscribe(all(), id).unwrap().joining(&joined).start(Start::Earliest);
    for cut in [1, 7, 45, 60, 79] {
        let first = see_from(before.as_str(), &mut stream(&mut join(before.clone()), cut));
        let rest = match first.id() == before {
            true => see(&mut join(before.clone())),
            false => see(&mut topics.subscribe(all(), first.id()).unwrap().start(Start::Earliest)),
        };
        let mut got: Vec<_> =
            first.data().into_iter().chain(rest.data()).map(|n| n.parse::<u32>().unwrap()).collect();
        got.sort_unstable();
        got.dedup();
        assert_eq!(got, (0..80).collect::<Vec<_>>(), "{cut} {first:?}");
        assert!(first.resets().is_empty() && rest.resets().is_empty());
    }
}

#[tokio::test]
async fn who_ends_in_a_topic_in_which_it_is_behind_is_done() {
    let topics = Topics::<Event>::new();
    numbers(&topics.channel("b").unwrap(), 1..=4);
    numbers(&topics.channel("a").unwrap(), 5..=8);
    let before = LastEventId::from(topics.cursor());
    let open = |last| topics.subscribe(["a", "b"], last).unwrap().until(|frame| is(frame, "3"));
    let seen = see(&mut open(before).joining(["b"]).start(Start::Earliest));
    assert_eq!((seen.data(), seen.ended), (vec!["1", "2", "3"], true));
    assert_eq!(open(seen.id()).size_hint(), (0, Some(0)), "{seen:?}");
}

#[tokio::test]
async fn who_begins_behind_the_last_event_is_not_done_with_it() {
    let channel = Channel::<Row>::new();
    publish(&channel, &Row::Price(1, 1));
    publish(&channel, &Row::Note(0));
    let open = |last| channel.subscribe(last).start(Start::LatestPerKey).until(|frame| is(frame, "note 0"));
    let seen = see(&mut open(LastEventId::default()));
    assert_eq!((seen.data(), seen.ended), (vec!["1=1"], false));
    publish(&channel, &Row::Price(1, 2));
    let back = see(&mut open(seen.id()));
    assert_eq!((back.data(), back.ended), (vec!["1=2"], false), "{seen:?}");

    let topics = Topics::<Event>::new();
    numbers(&topics.channel("a").unwrap(), 1..=1);
    let before = LastEventId::from(topics.cursor());
    numbers(&topics.channel("b").unwrap(), 99..=99);
    let open = |last| topics.subscribe(["a", "b"], last).unwrap().until(|frame| is(frame, "99"));
    let seen = see_from(before.as_str(), &mut open(before.clone()).joining(["b"]));
    assert_eq!((seen.data().len(), seen.ended), (0, false));
    numbers(&topics.channel("b").unwrap(), 100..=100);
    let back = see(&mut open(seen.id()).joining(["b"]).start(Start::Last(1)));
    assert_eq!((back.data(), back.ended), (vec!["100"], false), "{seen:?}");
}

fn stream(
    from: &mut (impl futures_core::Stream<Item = Item> + Unpin),
    most: usize,
) -> impl futures_core::Stream<Item = Item> + Unpin {
    futures_util::stream::iter((0..most).map_while(|_| from.next().now_or_never()?).collect::<Vec<_>>())
}
