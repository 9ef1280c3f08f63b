//! `untagged`, `skip` on a variant, `or_ephemeral`.

use typed_sse::{Event, SseEvent};

use crate::{types, wire};

const MESSAGE: &str = "message";

#[derive(SseEvent)]
#[sse(untagged)]
enum Chat {
    #[sse(event = "message")]
    Chunk { text: String },
    #[sse(event = "message")]
    Failed { error: String },
    #[sse(event = MESSAGE, text = "[DONE]")]
    Done,
    #[sse(event = "progress", ephemeral)]
    Tick(u8),
    #[sse(event = "progress")]
    Step {
        #[sse(id)]
        seq: u8,
    },
    #[sse(transparent)]
    Inner(Inner),
}

#[derive(SseEvent)]
#[sse(untagged, event = "message")]
enum Inner {
    A(u8),
    B(u8),
}

#[test]
fn several_variants_of_one_event_type() {
    assert_eq!(wire(&Chat::Chunk { text: "a".into() }), "data: {\"text\":\"a\"}\n\n");
    assert_eq!(wire(&Chat::Failed { error: "a".into() }), "data: {\"error\":\"a\"}\n\n");
    assert_eq!(wire(&Chat::Done), "data: [DONE]\n\n");
    assert!(Chat::Tick(1).to_frame().unwrap().is_ephemeral());
    assert_eq!(wire(&Chat::Step { seq: 1 }), "event: progress\nid: 1\ndata: {\"seq\":1}\n\n");
    assert_eq!(wire(&Chat::Inner(Inner::A(1))), "data: 1\n\n");
    assert_eq!(wire(&Chat::Inner(Inner::B(2))), "data: 2\n\n");
    assert_eq!(
        types::<Chat>(),
        ["message", "message", "message", "progress", "progress", "message", "message"]
    );
}

#[derive(SseEvent)]
#[allow(dead_code)]
enum Skipping {
    Sent(u8),
    #[sse(skip)]
    Internal {
        secret: String,
        other: std::rc::Rc<u8>,
    },
    #[sse(skip)]
    #[serde(skip)]
    Unit,
}

#[test]
fn a_skipped_variant_is_never_sent() {
    let internal = Skipping::Internal { secret: String::new(), other: std::rc::Rc::new(1) };
    for (event, name) in [(internal, "`Skipping::Internal`"), (Skipping::Unit, "`Skipping::Unit`")] {
        let error = event.to_frame().unwrap_err();
        assert!(error.to_string().starts_with(name), "{error}");
        assert_eq!(error.kind(), typed_sse::EncodeErrorKind::Skipped);
    }
    assert_eq!(wire(&Skipping::Sent(1)), "event: sent\ndata: 1\n\n");
    assert_eq!(types::<Skipping>(), ["sent"]);
}

#[derive(SseEvent)]
struct Session<T> {
    #[sse(id, or_ephemeral)]
    seq: Option<T>,
    #[sse(key = |event: &Event| event.data().len())]
    #[sse(skip)]
    event: Event,
}

#[derive(SseEvent)]
struct Projected(#[sse(id = |meta| meta.0, or_ephemeral)] (Option<u8>, u8));

#[test]
fn without_an_id_it_is_live_only() {
    let session = |seq| Session { seq, event: Event::default() };
    assert_eq!(wire(&session(Some(7))), "event: session\nid: 7\ndata: {\"seq\":7}\n\n");
    assert_eq!(wire(&session(None::<u8>)), "event: session\ndata: {\"seq\":null}\n\n");
    assert!(!session(Some(7)).to_frame().unwrap().is_ephemeral());
    assert!(session(None::<u8>).to_frame().unwrap().is_ephemeral());
    assert_eq!(wire(&Projected((Some(1), 2))), "event: projected\nid: 1\ndata: [1,2]\n\n");
    assert!(Projected((None, 2)).to_frame().unwrap().is_ephemeral());
}

/// A channel sends no cursor in its place, and replays only what has an ID.
#[tokio::test]
async fn no_cursor_is_sent_in_its_place() {
    use futures_util::StreamExt as _;

    let channel = typed_sse::Channel::new();
    let session = |seq| Session { seq, event: Event::default() };
    let mut stream = channel.subscribe(None).no_checkpoints();
    channel.publish(&session(None::<u8>)).await.unwrap();
    channel.publish(&session(Some(7))).await.unwrap();
    for id in [None, Some("7")] {
        assert_eq!(stream.next().await.unwrap().unwrap().id(), id);
    }
}
