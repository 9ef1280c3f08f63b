//! Topics that share their room.

use loom::thread;

use super::{check, numbered, publish};
use crate::channel::{Start, Topics};
use crate::event::Event;

/// Fails, by a deadlock, if room is made in another log under the lock of one's own.
#[test]
fn topics_that_make_room_in_each_other_go_on() {
    check(Some(3), || {
        let topics = Topics::<Event>::builder().bytes(40).build();
        let names = ["a", "b"];
        let publishers = names.map(|name| {
            let channel = topics.channel(name).unwrap();
            thread::spawn(move || {
                publish(&channel, &numbered(1));
                channel
            })
        });
        // One by one: a map has no order that could be repeated.
        let counters = publishers.map(|publisher| publisher.join().unwrap().counters());
        let now = names.map(|name| topics.channel(name).unwrap().counters().retained);
        assert_eq!(now.iter().sum::<u64>(), 1, "there is room for one: {counters:?}");
        let newest = topics.subscribe(names, None).unwrap().start(Start::Last(1));
        assert_eq!(newest.replayed(), 1);
    });
}
