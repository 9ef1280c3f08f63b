//! What was found by those who looked for it.

use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{Channel, Event, Frame, Start, Topics};

use super::{Item, Seen, numbers, publish, see, see_from};

/// What a client has seen that is cut behind so many frames.
fn see_cut(cut: usize, stream: &mut (impl futures_core::Stream<Item = Item> + Unpin)) -> Seen {
    see(&mut futures_util::stream::iter((0..cut).map_while(|_| stream.next().now_or_never()?)))
}

fn is(frame: &Frame, data: &str) -> bool {
    frame.as_ref().ends_with(format!("data: {data}\n\n").as_bytes())
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
