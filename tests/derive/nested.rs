//! `transparent` and `other`.

use std::sync::Arc;

use typed_sse::{Event, EventType, SseEvent};

use crate::{types, wire};

#[derive(SseEvent)]
enum Inner {
    #[sse(retry = 5)]
    One(u8),
    #[sse(ephemeral)]
    Two,
}

#[derive(SseEvent)]
#[sse(prefix = "not.for.inner.")]
enum Outer<'a> {
    Before,
    #[sse(transparent)]
    Inner(Inner),
    #[sse(transparent)]
    Named {
        event: Box<Single>,
    },
    #[sse(transparent)]
    Shared(&'a Arc<Third>),
    After,
}

#[derive(SseEvent)]
struct Single(#[sse(id)] u8);

#[derive(SseEvent)]
#[sse(event = "third")]
struct Third;

#[derive(SseEvent)]
#[sse(transparent)]
struct Wrapper(Inner);

#[test]
fn transparent_variants_are_what_they_hold() {
    assert_eq!(wire(&Outer::Before), "event: not.for.inner.before\ndata: null\n\n");
    assert_eq!(wire(&Outer::Inner(Inner::One(1))), "event: one\nretry: 5\ndata: 1\n\n");
    assert!(Outer::Inner(Inner::Two).to_frame().unwrap().is_ephemeral());
    assert_eq!(wire(&Outer::Named { event: Box::new(Single(3)) }), "event: single\nid: 3\ndata: 3\n\n");
    assert_eq!(wire(&Outer::Shared(&Arc::new(Third))), "event: third\ndata: null\n\n");
    assert_eq!(wire(&Outer::After), "event: not.for.inner.after\ndata: null\n\n");
    assert_eq!(
        types::<Outer<'_>>(),
        ["not.for.inner.before", "one", "two", "single", "third", "not.for.inner.after"]
    );
}

#[test]
fn transparent_structs() {
    assert_eq!(wire(&Wrapper(Inner::One(1))), "event: one\nretry: 5\ndata: 1\n\n");
    assert_eq!(types::<Wrapper>(), ["one", "two"]);
}

#[derive(SseEvent)]
enum Known {
    One,
    #[sse(other)]
    Other(Event),
}

#[derive(SseEvent)]
#[allow(dead_code)]
enum KnownOrNothing {
    One,
    #[sse(other, event = "x")]
    Unknown,
}

#[test]
fn other_sends_what_it_received() {
    assert_eq!(wire(&Known::One), "event: one\ndata: null\n\n");
    let event = Event::new("text").with_event_type(EventType::from_static("new"));
    assert_eq!(wire(&Known::Other(event)), "event: new\ndata: text\n\n");
    assert_eq!(types::<Known>(), ["one"]);
    assert_eq!(types::<KnownOrNothing>(), ["one", "x"]);
}

/// The texts tell the nested event apart.
#[derive(SseEvent)]
enum Chunks {
    #[sse(event = "message")]
    Chunk(u8),
    #[sse(transparent)]
    End(End),
}

#[derive(SseEvent)]
enum End {
    #[sse(event = "message", text = "[DONE]")]
    Done,
}

#[test]
fn fixed_texts_across_types() {
    assert_eq!(wire(&Chunks::Chunk(1)), "data: 1\n\n");
    assert_eq!(wire(&Chunks::End(End::Done)), "data: [DONE]\n\n");
    assert_eq!(types::<Chunks>(), ["message", "message"]);
}
