//! Where a client stands behind a snapshot.

use std::convert::Infallible;

use futures_core::Stream as _;
use typed_sse_core::{Channel, Event, Frame, LastEventId, Resumption, Topics};

use super::{Row, Seen, publish, see};

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
