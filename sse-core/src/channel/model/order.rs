//! Events published from several threads have one order.

use loom::thread;

use super::{check, data, numbered, publish, read, sequences};
use crate::channel::{Channel, Start};

/// Fails if a number is taken or given back outside of the turn, or the end stored outside of the log's lock.
#[test]
fn events_of_two_publishers_have_one_order_for_all() {
    check(Some(2), || {
        let channel = Channel::new();
        let mut live = channel.subscribe(None);
        let publishers = [&[1, 2][..], &[3]].map(|numbers| {
            let channel = channel.clone();
            thread::spawn(move || {
                numbers.iter().map(|n| (*n, publish(&channel, &numbered(*n)))).collect::<Vec<_>>()
            })
        });
        let frames = read(&mut live, 3);
        assert_eq!(sequences(&frames), [1, 2, 3]);
        let of = |n: u32| frames.iter().position(|frame| data(frame) == n.to_string()).unwrap();
        assert!(of(1) < of(2), "one publisher's events stay in order");
        for (n, id) in publishers.into_iter().flat_map(|publisher| publisher.join().unwrap()) {
            assert_eq!(frames[of(n)].id(), Some(id.as_str()), "the publisher's ID is the client's");
        }
        let again = read(&mut channel.subscribe(None).start(Start::Earliest), 3);
        assert!(frames.iter().zip(&again).all(|(live, replayed)| live.as_ref() == replayed.as_ref()));
    });
}
