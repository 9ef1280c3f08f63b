//! The promise, kept for every client: nobody is left unaware of what it missed, and nobody is told for nothing. Each test is a
//! situation that people who run such servers have met.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

mod boards;
mod closed;
mod cuts;
mod ends;
mod found;
mod found_at_random;
mod hostile;
mod kept;
mod narrow;
mod places;
mod publishing;
mod resets;
mod snapshots;
mod states;
#[path = "../support/mod.rs"]
mod support;
mod topics;

use futures_core::Stream;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, Decoder, EncodeError, Encoded, Encoder, Event, EventId, EventType, Frame, LastEventId, SseEvent,
    SubscriptionError,
};

type Item = Result<Frame, SubscriptionError>;

/// What a client has seen, and the ID with which it comes back.
#[derive(Clone, Debug, Default)]
struct Seen {
    events: Vec<(String, String)>,
    last: String,
    failed: bool,
    ended: bool,
}

impl Seen {
    fn id(&self) -> LastEventId {
        LastEventId::from(&*self.last)
    }

    fn data(&self) -> Vec<&str> {
        self.events.iter().map(|(_, data)| &**data).collect()
    }

    fn resets(&self) -> Vec<&str> {
        let resets = self.events.iter().filter(|(event_type, _)| event_type == "reset");
        resets.map(|(_, data)| &**data).collect()
    }
}

/// All that is ready, as a client that begins with this ID sees it.
fn see_from(last: &str, stream: &mut (impl Stream<Item = Item> + Unpin)) -> Seen {
    let mut seen = Seen { last: last.to_owned(), ..Seen::default() };
    let mut decoder = Decoder::new();
    while let Some(item) = stream.next().now_or_never() {
        let Some(item) = item else {
            seen.ended = true;
            break;
        };
        let Ok(frame) = item else {
            seen.failed = true;
            break;
        };
        let mut input = frame.as_ref();
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            seen.events.push((event.event_type.to_owned(), event.data.to_owned()));
        }
        if !decoder.last_event_id().is_empty() {
            seen.last = decoder.last_event_id().to_owned();
        }
    }
    seen
}

fn see(stream: &mut (impl Stream<Item = Item> + Unpin)) -> Seen {
    see_from("", stream)
}

fn publish<E: SseEvent>(channel: &Channel<E>, event: &E) -> EventId {
    channel.publish_now(event).unwrap()
}

fn numbers(channel: &Channel<Event>, numbers: impl IntoIterator<Item = u32>) {
    for n in numbers {
        publish(channel, &Event::new(n.to_string()));
    }
}

/// An event with an ID of its own, or live only, or with a key.
#[derive(Clone, Debug)]
enum Row {
    Own(u64),
    Typing,
    Price(u64, u64),
    Gone(u64),
    Note(u64),
}

impl SseEvent for Row {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        const TYPING: EventType = EventType::from_static("typing");
        match self {
            Self::Own(id) => encoder.id(id)?.text(&format!("row {id}")),
            Self::Typing => encoder.ephemeral()?.event_type(&TYPING)?.text(""),
            Self::Price(key, price) => encoder.key(key)?.text(&format!("{key}={price}")),
            Self::Gone(key) => encoder.key(key)?.tombstone()?.text(&format!("{key} gone")),
            Self::Note(n) => encoder.text(&format!("note {n}")),
        }
    }
}
