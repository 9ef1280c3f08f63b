//! The newest event of each key, for clients that lose some of it while they read it.

use std::pin::Pin;

use futures_core::Stream;
use typed_sse_core::testing::{Client, Ledger, Terms, ViolationKind};
use typed_sse_core::{Channel, Frame, LastEventId, Resumption, Slow, Start, Topics};

use super::found::{is, see_cut};
use super::{Row, Seen, publish, see, see_from};

const SLOW: [Slow; 3] = [Slow::Disconnect, Slow::Skip, Slow::Coalesce];

/// A board of four keys, of which it can keep no fifth.
fn board(slow: Slow) -> Channel<Row> {
    let board = Channel::builder().events(2).keys(2).slow(slow).build();
    prices(&board, 1..=4);
    board
}

fn prices(board: &Channel<Row>, keys: impl IntoIterator<Item = u64>) {
    keys.into_iter().for_each(|key| drop(publish(board, &Row::Price(key, 0))));
}

fn open(board: &Channel<Row>, last: impl Into<LastEventId>) -> typed_sse_core::Subscription<Row> {
    board.subscribe(last).start(Start::LatestPerKey)
}

/// What follows the only reset.
fn behind_reset(seen: &Seen) -> Vec<&str> {
    assert_eq!(seen.resets().len(), 1, "{seen:?}");
    seen.data().into_iter().skip_while(|data| !data.starts_with('{')).skip(1).collect()
}

#[tokio::test]
async fn a_key_that_goes_over_the_bound_before_it_was_read_is_told() {
    for slow in SLOW {
        let board = board(slow);
        let mut client = open(&board, None);
        assert_eq!(client.replayed(), 4);
        prices(&board, [5]);
        let seen = see(&mut client);
        if slow == Slow::Disconnect {
            assert!(seen.failed && seen.data().is_empty(), "{seen:?}");
        }
        let seen = if seen.failed { see_from(&seen.last, &mut open(&board, seen.id())) } else { seen };
        assert_eq!(behind_reset(&seen), ["2=0", "3=0", "4=0", "5=0"], "{slow:?}");
        // Once.
        assert!(see_from(&seen.last, &mut open(&board, seen.id())).data().is_empty());
    }
}

#[tokio::test]
async fn a_key_that_was_read_before_it_goes_over_the_bound_is_no_loss() {
    for slow in SLOW {
        let board = board(slow);
        let mut client = open(&board, None);
        let first = see_cut(2, &mut client);
        prices(&board, [5]);
        let rest = see_from(&first.last, &mut client);
        assert_eq!(
            [first.data(), rest.data()].concat(),
            ["1=0", "2=0", "3=0", "4=0", "5=0"],
            "{slow:?}: {rest:?}"
        );
    }
}

/// Nothing of it is lost: what it was to get of the key is superseded, or the key is gone.
#[tokio::test]
async fn a_key_that_changes_before_it_was_read_is_no_loss() {
    for slow in SLOW {
        for newer in [Row::Price(1, 1), Row::Gone(1)] {
            let board = Channel::builder().events(2).keys(3).slow(slow).build();
            prices(&board, 1..=4);
            let mut client = open(&board, None);
            publish(&board, &newer);
            let seen = see(&mut client);
            assert_eq!(seen.data()[..3], ["2=0", "3=0", "4=0"], "{slow:?}: {seen:?}");
            assert_eq!((seen.data().len(), seen.resets().len()), (4, 0));
        }
    }
}

#[tokio::test]
async fn a_key_that_goes_over_the_bound_while_its_client_is_cut_is_told() {
    for slow in SLOW {
        for cut in [1, 2] {
            let board = board(slow);
            let first = see_cut(cut, &mut open(&board, None));
            // Nothing is lost yet.
            assert_eq!(open(&board, first.id()).resumption(), Resumption::Complete);
            prices(&board, [5]);
            let back = see_from(&first.last, &mut open(&board, first.id()));
            assert_eq!(behind_reset(&back), ["2=0", "3=0", "4=0", "5=0"], "{slow:?}");
        }
    }
}

/// It fell behind, and begins with the newest of each key, whatever its start says.
#[tokio::test]
async fn a_key_of_a_state_behind_a_reset_is_told_too() {
    let board = board(Slow::Coalesce);
    let mut client = board.subscribe(None);
    (0..4).for_each(|n| drop(publish(&board, &Row::Note(n))));
    let reset = see_cut(2, &mut client);
    assert_eq!((reset.resets().len(), reset.data().len()), (1, 1));
    assert_eq!(board.subscribe(reset.id()).resumption(), Resumption::Complete);
    let back = see_from(&reset.last, &mut board.subscribe(reset.id()));
    assert_eq!(back.data(), ["3=0", "4=0"]);
    // 3 goes over the bound.
    prices(&board, [5, 6, 7]);
    let back = see_from(&reset.last, &mut board.subscribe(reset.id()));
    assert!(matches!(board.subscribe(reset.id()).resumption(), Resumption::Reset(_)), "{back:?}");
    assert_eq!(back.resets().len(), 1, "{back:?}");
}

#[tokio::test]
async fn a_key_that_makes_room_for_other_topics_is_told() {
    for names in [&["a"][..], &["a", "b0"]] {
        let channels = Channel::builder().events(1).slow(Slow::Coalesce);
        let topics = Topics::<Row>::builder().bytes(200).channel(channels).build();
        let a = topics.channel("a").unwrap();
        prices(&a, 1..=3);
        let open = |last: LastEventId| topics.subscribe(names, last).unwrap().start(Start::LatestPerKey);
        assert_eq!(see(&mut open(LastEventId::default())).data(), ["1=0", "2=0", "3=0"]);
        let mut connected = open(LastEventId::default());
        let first = see_cut(1, &mut open(LastEventId::default()));
        (0..6).for_each(|n| drop(publish(&topics.channel(format!("b{n}")).unwrap(), &Row::Note(n))));
        assert_eq!(see(&mut connected).resets().len(), 1);
        let back = see_from(&first.last, &mut open(first.id()));
        assert_eq!(back.resets().len(), 1, "{names:?}: {back:?}");
        assert!(see_from(&back.last, &mut open(back.id())).resets().is_empty());
    }
}

/// One that gets all but the events with this data, on each connection.
fn see_without(
    (ledger, client): (&Ledger, &mut Client<Board>),
    lost: &'static str,
    connect: impl Fn(LastEventId) -> Board,
) -> Result<(), ViolationKind> {
    client.open(connect(client.last_event_id()).filter(move |frame| !is(frame, lost)));
    client.ready();
    ledger.check_caught_up(client).map_err(|violation| violation.kind())
}

type Board = typed_sse_core::Subscription<Row>;

async fn enter(ledger: &Ledger, board: &Channel<Row>, rows: impl IntoIterator<Item = Row>) {
    for row in rows {
        ledger.publish(board, &row).await.unwrap();
    }
}

#[tokio::test]
async fn the_ledger_misses_a_key_that_did_not_come() {
    for slow in SLOW {
        let board = Channel::builder().events(2).keys(2).slow(slow).build();
        let ledger = Ledger::new().retaining(2).keeping_keys(2);
        enter(&ledger, &board, (1..=4).map(|key| Row::Price(key, 0))).await;
        for lost in ["1=0", "3=0", "4=0"] {
            let mut client = ledger.client();
            client.set_terms(Terms::new().slow(slow).start(Start::LatestPerKey));
            let seen = see_without((&ledger, &mut client), lost, |last| open(&board, last));
            assert_eq!(seen, Err(ViolationKind::Missing), "{slow:?} {lost}: {:?}", client.events());
        }
    }
}

/// A client that was cut in its state is told if a key of it went over the bound, and only then.
#[tokio::test]
async fn the_ledger_knows_which_state_is_whole() {
    for (slow, cut) in [(Slow::Disconnect, 0), (Slow::Skip, 1), (Slow::Coalesce, 2), (Slow::Coalesce, 3)] {
        for keys in [2, 3] {
            let board = Channel::builder().events(2).keys(keys).slow(slow).build();
            let ledger = Ledger::new().retaining(2).keeping_keys(keys);
            enter(&ledger, &board, (1..=4).map(|key| Row::Price(key, 0))).await;
            let mut client = ledger.client();
            client.set_terms(Terms::new().slow(slow).start(Start::LatestPerKey));
            client.open(open(&board, client.last_event_id()));
            client.ready_up_to(cut);
            client.disconnect();
            enter(&ledger, &board, [Row::Price(5, 0)]).await;
            let back = open(&board, client.last_event_id());
            assert_eq!(matches!(back.resumption(), Resumption::Reset(_)), keys == 2 && cut > 0, "{slow:?}");
            client.open(back);
            client.ready();
            ledger.check_caught_up(&mut client).unwrap();
        }
    }
}

/// It has a price of the state that it is given again, and the key has gone since.
#[tokio::test]
async fn a_tombstone_behind_a_state_in_which_a_coalescing_client_was_cut_comes() {
    for names in [&["a"][..], &["a", "b"]] {
        for cut in [1, 2] {
            let channels = Channel::builder().events(1).slow(Slow::Coalesce);
            let topics = Topics::<Row>::builder().channel(channels).build();
            let a = topics.channel("a").unwrap();
            prices(&a, [2, 1]);
            let open = |last: LastEventId| topics.subscribe(names, last).unwrap().start(Start::LatestPerKey);
            let first = see_cut(cut, &mut open(LastEventId::default()));
            publish(&a, &Row::Gone(2));
            publish(&a, &Row::Price(1, 1));
            let back = see_from(&first.last, &mut open(first.id()));
            assert_eq!(back.data(), ["2 gone", "1=1"], "{names:?}, cut {cut}");
        }
    }
}

/// The same of a state behind a reset, which has an ID of another form.
#[tokio::test]
async fn a_tombstone_behind_a_state_that_was_told_comes() {
    let board = Channel::builder().events(1).slow(Slow::Coalesce).build();
    let mut client = board.subscribe(None);
    publish(&board, &Row::Note(0));
    prices(&board, [2, 1]);
    let first = see_cut(3, &mut client);
    assert_eq!((first.resets().len(), first.data()[1..].to_vec()), (1, vec!["2=0"]));
    publish(&board, &Row::Gone(2));
    publish(&board, &Row::Price(1, 1));
    let back = see_from(&first.last, &mut board.subscribe(first.id()));
    assert_eq!(back.data(), ["2 gone", "1=1"]);
}

/// What follows a reset is whole, also where an event had to come before it.
#[tokio::test]
async fn the_state_behind_a_reset_that_was_owed_is_whole() {
    for names in [&["a"][..], &["a", "b"]] {
        for silent in [false, true] {
            for keys in [1, 3] {
                let channels = Channel::builder().events(2).slow(Slow::Coalesce);
                let topics = Topics::<Row>::builder().channel(channels).build();
                let a = topics.channel("a").unwrap();
                prices(&a, 1..=keys);
                let open = |last: &str| {
                    let subscription = topics.subscribe(names, last).unwrap();
                    if silent { subscription.no_checkpoints() } else { subscription }
                };
                let mut client = open("nonsense");
                assert_eq!(see_cut(1, &mut client).resets().len(), 1);
                // Overtaken before it got an event.
                (0..4).for_each(|n| drop(publish(&a, &Row::Note(n))));
                let reset = see_cut(2, &mut client);
                let context = format!("{names:?} {silent} {keys}: {reset:?}");
                assert_eq!((reset.data()[0], reset.resets().len()), ("1=0", 1), "{context}");
                let rest = see_from(&reset.last, &mut client);
                let back = see_from(&reset.last, &mut open(&reset.last));
                for seen in [rest, back] {
                    let state = ["1=0", "2=0", "3=0"].into_iter().take(keys as usize);
                    assert_eq!(seen.data(), state.collect::<Vec<_>>(), "{context}, {seen:?}");
                    assert!(see_from(&seen.last, &mut open(&seen.last)).data().is_empty());
                }
            }
        }
    }
}

/// The same where it fell behind within the state that it was told of first.
#[tokio::test]
async fn a_state_that_lost_a_key_behind_a_reset_begins_anew() {
    for slow in [Slow::Skip, Slow::Coalesce] {
        let board = board(slow);
        let mut client = open(&board, "nonsense");
        assert_eq!(see_cut(1, &mut client).resets().len(), 1);
        prices(&board, [5]);
        let seen = see(&mut client);
        assert_eq!((seen.data()[0], seen.data().len()), ("2=0", 6), "{slow:?} {seen:?}");
        assert_eq!(behind_reset(&seen), ["2=0", "3=0", "4=0", "5=0"]);
    }
}

/// Without the first event of the state that it got before it was told.
#[tokio::test]
async fn the_ledger_misses_an_event_of_a_state_behind_a_reset_that_was_owed() {
    for is_whole in [true, false] {
        let [before, board] = [(); 2].map(|()| Channel::builder().events(2).slow(Slow::Coalesce).build());
        let ledger = Ledger::new().retaining(2);
        let mut client = ledger.client();
        client.set_terms(Terms::new().slow(Slow::Coalesce).start(Start::Live));
        enter(&ledger, &before, [Row::Note(0)]).await;
        client.open(before.subscribe(client.last_event_id()));
        client.ready();
        enter(&ledger, &board, (1..=3).map(|key| Row::Price(key, 0))).await;
        client.open(board.subscribe(client.last_event_id()));
        assert_eq!(client.ready_up_to(1)[0].event_type(), "reset");
        enter(&ledger, &board, (1..=4).map(Row::Note)).await;
        assert_eq!(client.ready_up_to(2)[1].event_type(), "reset");
        ledger.check(&mut client).unwrap();
        let id = client.last_event_id();
        client.open(board.subscribe(id).filter(move |frame| is_whole || !is(frame, "1=0")));
        client.ready();
        let checked = ledger.check_caught_up(&mut client).map_err(|violation| violation.kind());
        let right = if is_whole { Ok(()) } else { Err(ViolationKind::Missing) };
        assert_eq!(checked, right, "{:?}", client.events());
    }
}

/// Of several topics, one falls behind before the client has an event of another.
#[tokio::test]
async fn the_state_of_another_topic_behind_a_reset_that_was_owed_is_whole() {
    let topics = Topics::<Row>::builder().channel(Channel::builder().events(3).slow(Slow::Coalesce)).build();
    let [a, b] = ["a", "b"].map(|name| topics.channel(name).unwrap());
    prices(&a, 1..=3);
    publish(&b, &Row::Note(0));
    let open = |last: &str| topics.subscribe(["a", "b"], last).unwrap().start(Start::LatestPerKey);
    let mut client = open("nonsense");
    assert_eq!(see_cut(1, &mut client).resets().len(), 1);
    (1..=4).for_each(|n| drop(publish(&b, &Row::Note(n))));
    let seen = see(&mut client);
    assert_eq!(seen.data()[0], "1=0", "{seen:?}");
    assert_eq!(behind_reset(&seen)[..3], ["1=0", "2=0", "3=0"], "{seen:?}");
}

/// What another topic began with came before both resets.
#[tokio::test]
async fn a_state_that_came_before_the_resets_of_others_does_not_come_again() {
    let channels = Channel::builder().events(3).slow(Slow::Skip);
    let topics = Topics::<Row>::builder().channel(channels).build();
    let [a, b, c] = ["a", "b", "c"].map(|name| topics.channel(name).unwrap());
    prices(&b, 1..=1);
    prices(&a, 2..=2);
    prices(&c, 3..=3);
    let mut client = topics.subscribe(["a", "b", "c"], None).unwrap().start(Start::LatestPerKey);
    assert_eq!(see_cut(5, &mut client).data(), ["1=0", "2=0", "3=0"]);
    // What comes first is read only once all are read.
    publish(&a, &Row::Price(2, 1));
    (0..10).for_each(|n| drop(publish([&a, &c][n as usize % 2], &Row::Note(n))));
    let rest = see(&mut client);
    assert_eq!(rest.resets().len(), 2, "{rest:?}");
    assert!(!rest.data().contains(&"1=0"), "{rest:?}");
}

/// A page empties itself at a reset. Of the state that it was to begin with, nothing was for it; what came since is.
#[tokio::test]
async fn a_narrowed_board_has_its_price_behind_each_reset() {
    let cases = [
        (Slow::Skip, 1024, Start::LatestPerKey),
        (Slow::Skip, 0, Start::LatestPerKey),
        (Slow::Coalesce, 1, Start::LatestPerKey),
        (Slow::Coalesce, 1, Start::Live),
    ];
    let events = [(Row::Price(7, 0), "7=0"), (Row::Note(7), "note 7")];
    let cases = cases.into_iter().flat_map(|case| [(case, false), (case, true)]);
    for (((slow, keys, start), is_topic), (event, shown)) in
        cases.flat_map(|case| events.iter().map(move |event| (case, event)))
    {
        let board = Channel::<Row>::builder().events(4).keys(keys).slow(slow);
        let topics = Topics::builder().channel(board.clone()).build();
        let board = if is_topic { topics.channel("board").unwrap() } else { board.build() };
        let is_mine = |frame: &Frame| frame.key().is_none_or(|key| key == "7");
        let mut client: Pin<Box<dyn Stream<Item = _>>> = match is_topic {
            true => {
                Box::pin(topics.subscribe(["board", "other"], None).unwrap().start(start).filter(is_mine))
            }
            false => Box::pin(board.subscribe(None).start(start).filter(is_mine)),
        };
        see(&mut client);
        for _ in 0..2 {
            prices(&board, 10..30);
            see(&mut client);
        }
        publish(&board, event);
        let seen = see(&mut client);
        assert_eq!(behind_reset(&seen), [*shown], "{slow:?} {keys} {start:?} {is_topic}");
        // Not once more.
        publish(&board, &Row::Note(8));
        assert_eq!(see(&mut client).data(), ["note 8"]);
    }
}

/// Much has come for others since its state, and it has missed nothing of that.
#[tokio::test]
async fn the_reset_behind_which_a_price_comes_again_names_the_place_before_it() {
    for names in [&["board"][..], &["board", "other"]] {
        let topics = Topics::builder().channel(Channel::builder().events(4).slow(Slow::Skip)).build();
        let board = topics.channel("board").unwrap();
        let open = |last: LastEventId| {
            let client = topics.subscribe(names, last).unwrap().start(Start::LatestPerKey);
            client.filter(|frame: &Frame| frame.key() == Some("7"))
        };
        let mut client = open(LastEventId::default());
        see(&mut client);
        for _ in 0..2 {
            prices(&board, 10..30);
            see(&mut client);
        }
        for key in 10..30 {
            prices(&board, [key]);
            see(&mut client);
        }
        prices(&board, [7]);
        // The event without an ID, and the reset.
        let told = see_cut(2, &mut client);
        let back = open(told.id());
        assert_eq!(back.resumption(), Resumption::Complete, "{names:?} {told:?}");
        assert_eq!(see_from(&told.last, &mut { back }).data(), ["7=0"]);
    }
}
