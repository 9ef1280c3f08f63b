//! What the suites share: a scripted server, a type, and what a client says in words.

#![allow(dead_code, reason = "each suite uses a part")]

pub(crate) mod server;

use std::time::Duration;

use typed_sse_client::{Backoff, Client, Error, FromEventError, FromSseEvent, Item, Items, State};
use typed_sse_core::EventRef;

/// A type with a name, a payload and an end.
#[derive(Debug, PartialEq)]
pub(crate) enum Tick {
    Text(String),
    Number(u64),
    Done,
}

impl FromSseEvent for Tick {
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        match (event.event_type, event.data) {
            ("message", "[DONE]") | ("done", _) => Ok(Self::Done),
            ("message", data) => Ok(Self::Text(data.to_owned())),
            ("number", data) => data
                .parse()
                .map(Self::Number)
                .map_err(|_| FromEventError::unknown_event_type(event.event_type)),
            (other, _) => Err(FromEventError::unknown_event_type(other)),
        }
    }

    fn is_terminal(&self) -> bool {
        *self == Self::Done
    }
}

/// As fast as a test can wait, and without chance.
pub(crate) fn quick() -> Backoff {
    Backoff::new()
        .with_initial(Duration::from_millis(1))
        .with_floor(Duration::from_millis(1))
        .with_max(Duration::from_millis(2))
        .with_jitter(0.0)
}

/// All that a client yields, in words. No state but the reasons to come back.
pub(crate) async fn all_of(client: Client<Tick>) -> (Vec<String>, Items<Tick>) {
    let mut items = client.items();
    let mut told = Vec::new();
    let read = async {
        while let Some(item) = items.next().await {
            told.extend(words(&item));
        }
    };
    if tokio::time::timeout(Duration::from_secs(30), read).await.is_err() {
        told.push("… without end".to_owned());
    }
    (told, items)
}

fn words(item: &Result<Item<Tick>, Error>) -> Option<String> {
    Some(match item {
        Ok(Item::Event { event, id }) => {
            let event = match event {
                Tick::Text(text) => format!("{text:?}"),
                Tick::Number(number) => format!("number {number}"),
                Tick::Done => "done".to_owned(),
            };
            if id.is_empty() { event } else { format!("{event} #{id}") }
        }
        Ok(Item::Reset(reset)) => format!("reset {:?} {:?}", reset.reason, reset.missed),
        Ok(Item::State(State::Reconnecting { reason, .. })) => format!("back: {:?}", reason.kind()),
        Ok(_) => return None,
        Err(error) if error.is_final() => format!("final: {:?}", error.kind()),
        Err(error) => format!("error: {:?}", error.kind()),
    })
}
