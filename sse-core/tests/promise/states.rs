//! Where a client stands behind a snapshot.

use std::convert::Infallible;

use futures_core::Stream as _;
use typed_sse_core::{Event, Frame, LastEventId, Topics};

use super::{publish, see};

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
