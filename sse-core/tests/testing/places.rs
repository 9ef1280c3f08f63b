//! What the ledger makes of last event IDs that come without an event, of events that come without one, and of resets that
//! nobody needs.

use std::convert::Infallible;
use std::pin::Pin;

use futures_util::{FutureExt as _, Stream, StreamExt as _, stream};
use typed_sse_core::testing::{Client, Ledger, Terms, ViolationKind};
use typed_sse_core::{Channel, Slow, Start};

use crate::scene::{Note, Price, Sent};

type Body = Pin<Box<dyn Stream<Item = Result<String, Infallible>>>>;

struct Wire {
    channel: Channel<Sent>,
    ledger: Ledger,
    client: Client<Body>,
}

impl Wire {
    fn new(terms: Terms) -> Self {
        let (channel, ledger) = (Channel::builder().events(3).build(), Ledger::new().retaining(3));
        let mut client = ledger.client();
        client.set_terms(terms);
        Self { channel, ledger, client }
    }

    fn publish(&self, events: impl IntoIterator<Item = Sent>) {
        for event in events {
            self.ledger.publish(&self.channel, &event).now_or_never().unwrap().unwrap();
        }
    }

    /// Gives the client a connection on which this comes, with the channel's epoch for `epoch`.
    fn open(&mut self, blocks: &[&str]) {
        let cursor = self.channel.cursor();
        let of = |block: &&str| Ok(block.replace("epoch", &cursor.as_str()[..8]));
        let blocks: Vec<_> = blocks.iter().map(of).collect();
        let _ = self.client.last_event_id();
        self.client.open(Box::pin(stream::iter(blocks).chain(stream::pending())));
        self.client.ready();
    }

    fn kind(&mut self) -> Option<ViolationKind> {
        self.ledger.check_caught_up(&mut self.client).err().map(|violation| violation.kind())
    }
}

#[test]
fn a_place_is_a_promise() {
    let cases: [(&[&str], Option<ViolationKind>); 7] = [
        (&["id: epoch-2\n\n"], None),
        // Nobody said that the second one would not come.
        (&["id: epoch-1\n\n"], Some(ViolationKind::Missing)),
        (&["id: epoch-2\n\n", "id: epoch-1\n\n"], Some(ViolationKind::Misplaced)),
        (&["id: epoch-2\n\n", "id: epoch~2\n\n"], Some(ViolationKind::Misplaced)),
        (&["id: epoch~2\n\n"], None),
        (&["id: epoch~1\n\n"], Some(ViolationKind::Misplaced)),
        (&["id: epoch-9\n\n"], Some(ViolationKind::Misplaced)),
    ];
    for (blocks, kind) in cases {
        let mut wire = Wire::new(Terms::new().start(Start::Live));
        wire.publish([Note(1), Note(2)]);
        wire.open(blocks);
        assert_eq!(wire.kind(), kind, "{blocks:?}");
    }
}

#[test]
fn closing_a_topic_uses_a_number() {
    for (place, kind) in [("id: epoch-3\n\n", None), ("id: epoch-4\n\n", Some(ViolationKind::Misplaced))] {
        let mut wire = Wire::new(Terms::new().start(Start::Live));
        wire.publish([Note(1), Note(2)]);
        wire.ledger.close("a");
        wire.open(&[place]);
        assert_eq!(wire.kind(), kind, "{place}");
    }
}

#[test]
fn what_lies_behind_a_place_follows_on_the_next_connection() {
    for place in ["id: epoch-2\n\n", "id: epoch~2\n\n"] {
        for (blocks, kind) in [
            (&["id: epoch-3\ndata: 3\n\n", "id: epoch-4\ndata: 4\n\n"][..], None),
            (&["id: epoch-4\ndata: 4\n\n"][..], Some(ViolationKind::Missing)),
            (&[][..], Some(ViolationKind::Missing)),
        ] {
            let mut wire = Wire::new(Terms::new().start(Start::Live));
            wire.publish([Note(1), Note(2)]);
            wire.open(&[place]);
            wire.publish([Note(3), Note(4)]);
            wire.open(blocks);
            assert_eq!(wire.kind(), kind, "{blocks:?}");
        }
    }
}

#[test]
fn a_checkpoint_passes_what_was_left_out_and_nothing_else() {
    let notes = Terms::new().start(Start::Live).filter(|frame| frame.key().is_none());
    for (blocks, kind) in [
        (&["id: epoch-1\ndata: 1\n\n", "id: epoch-2\n\n"][..], None),
        (&["id: epoch-2\n\n"][..], Some(ViolationKind::Missing)),
    ] {
        let mut wire = Wire::new(notes.clone());
        wire.open(&[]);
        wire.publish([Note(1), Price("A", 1)]);
        let cursor = wire.channel.cursor();
        let blocks: Vec<_> =
            blocks.iter().map(|block| Ok(block.replace("epoch", &cursor.as_str()[..8]))).collect();
        // On the connection that was opened before they were published.
        let last = wire.client.last_event_id();
        assert!(last.is_empty());
        let mut client = wire.ledger.client::<Body>();
        client.set_terms(notes.clone().start(Start::Last(2)));
        client.open(Box::pin(stream::iter(blocks).chain(stream::pending())));
        client.ready();
        let checked = wire.ledger.check(&mut client);
        assert_eq!(checked.err().map(|violation| violation.kind()), kind);
    }
}

#[test]
fn an_event_without_its_id_would_come_again() {
    for (block, kind) in [("id: epoch-1\ndata: 1\n\n", None), ("data: 1\n\n", Some(ViolationKind::Misplaced))]
    {
        let mut wire = Wire::new(Terms::new().start(Start::Earliest));
        wire.publish([Note(1)]);
        wire.open(&[block]);
        assert_eq!(wire.kind(), kind);
    }
}

#[test]
fn a_new_client_is_told_of_what_was_trimmed_and_of_nothing_else() {
    const RESET: &str = "id: epoch-1\nevent: reset\ndata: {\"reason\":\"trimmed\",\"missed\":1}\n\n";
    const REST: [&str; 3] =
        ["id: epoch-2\ndata: 2\n\n", "id: epoch-3\ndata: 3\n\n", "id: epoch-4\ndata: 4\n\n"];
    let all: Vec<_> = [RESET].into_iter().chain(REST).collect();
    for (start, published, blocks, kind) in [
        (Start::Earliest, 4, &all[..], None),
        // The first one is a hole.
        (Start::Earliest, 4, &all[1..], Some(ViolationKind::Missing)),
        (Start::Last(3), 4, &all[1..], None),
        (Start::Last(3), 4, &all[..], Some(ViolationKind::NeedlessReset)),
        (Start::Earliest, 3, &all[..3], Some(ViolationKind::NeedlessReset)),
    ] {
        let mut wire = Wire::new(Terms::new().start(start));
        wire.publish((1..=published).map(Note));
        wire.open(blocks);
        assert_eq!(wire.kind(), kind, "{start:?} {blocks:?}");
    }
}

#[test]
fn between_two_resets_an_event_comes() {
    const FIRST: &str = "id: epoch-1\nevent: reset\ndata: {\"reason\":\"trimmed\",\"missed\":1}\n\n";
    const LAGGED: &str = "id: epoch-5\nevent: reset\ndata: {\"reason\":\"lagged\",\"missed\":4}\n\n";
    const UNTOLD: &str = "id: epoch-6\nevent: reset\ndata: {\"reason\":\"lagged\",\"missed\":4}\n\n";
    for (blocks, kind) in [
        (&[FIRST, LAGGED][..], Some(ViolationKind::NeedlessReset)),
        (&[FIRST, "data: 6\n\n", UNTOLD, "id: epoch-7\ndata: 7\n\n", "id: epoch-8\ndata: 8\n\n"][..], None),
        // It says that fewer were lost.
        (
            &[FIRST, "data: 7\n\n", &UNTOLD.replace("epoch-6", "epoch-7"), "id: epoch-8\ndata: 8\n\n"][..],
            Some(ViolationKind::Missing),
        ),
        (&[FIRST, "data: 6\n\n", "id: epoch-7\ndata: 7\n\n"][..], Some(ViolationKind::Missing)),
    ] {
        let mut wire = Wire::new(Terms::new().start(Start::Earliest).slow(Slow::Skip));
        wire.publish((1..=8).map(Note));
        wire.open(blocks);
        assert_eq!(wire.kind(), kind, "{blocks:?}");
    }
}
