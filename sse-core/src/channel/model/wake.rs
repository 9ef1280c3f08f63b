//! A reader that waits is woken.

use loom::thread;

use super::{check, numbered, publish, read, sequences};
use crate::channel::Channel;

/// Fails if readers are woken before the event is stored, or if one registers without reading again.
#[test]
fn a_reader_that_waits_is_woken_by_each_event() {
    check(Some(4), || {
        let channel = Channel::new();
        let mut subscription = channel.subscribe(None);
        let publisher = thread::spawn(move || {
            publish(&channel, &numbered(1));
            publish(&channel, &numbered(2));
            channel
        });
        assert_eq!(sequences(&read(&mut subscription, 2)), [1, 2]);
        publisher.join().unwrap();
    });
}
