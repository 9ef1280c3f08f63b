//! The enums of these tests.

use schemars::JsonSchema;
use serde::Serialize;
use typed_sse::{SseEvent, SseSchema};

/// Events with names, in all the forms that data can have.
#[allow(deprecated, reason = "the derive meets it")]
#[derive(SseEvent, SseSchema)]
pub(crate) enum Market {
    /// The price of a symbol has changed.
    PriceChanged {
        #[sse(key)]
        symbol: String,
        price: f64,
        venue: Option<Venue>,
    },
    /// News.
    Story(Story),
    #[sse(text)]
    Line(String),
    #[sse(base64)]
    Logo(Vec<u8>),
    #[sse(ephemeral)]
    Tick,
    #[sse(tombstone)]
    Delisted(#[sse(key)] String),
    #[deprecated(note = "see `story`")]
    Rumour { text: String },
    /// Nothing more happens today.
    #[sse(terminal)]
    Closed { reason: String },
}

#[derive(Serialize, JsonSchema)]
pub(crate) enum Venue {
    Nyse,
    Lse,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Story {
    headline: String,
    answers: Option<Box<Self>>,
}

/// Events without names.
#[derive(SseEvent, SseSchema)]
pub(crate) enum Chat {
    #[sse(event = "message")]
    Chunk { text: String },
    #[sse(event = "message", text = "[DONE]", terminal)]
    Done,
}

/// Another type of the name of one of [`Market`].
pub(crate) mod other {
    use super::{JsonSchema, Serialize, SseEvent, SseSchema};

    #[derive(SseEvent, SseSchema)]
    pub(crate) enum Arcade {
        Score { points: u32, venue: Venue },
    }

    #[derive(Serialize, JsonSchema)]
    pub(crate) struct Venue {
        city: String,
    }
}
