//! What the streams send: one type of events with names, one without.

use schemars::JsonSchema;
use serde::Serialize;
use typed_sse::{SseEvent, SseSchema};

/// Events with names, in all the forms that data can have.
#[derive(SseEvent, SseSchema)]
pub(crate) enum Market {
    /// The price of a symbol has changed.
    PriceChanged {
        /// Such as `ACME`.
        #[sse(key)]
        symbol: String,
        price: f64,
        volume: u64,
        venue: Option<Venue>,
        /// The best bid and the best offer.
        spread: (f64, f64),
    },
    /// News, with those that it answers.
    Story(Story),
    /// A line of the log, as it is.
    #[sse(text)]
    Line(String),
    /// The picture of a symbol.
    #[sse(base64)]
    Logo(Vec<u8>),
    /// The server lives.
    #[sse(ephemeral)]
    Tick,
    /// Nothing more happens today.
    #[sse(terminal)]
    Closed { reason: String },
}

#[derive(Serialize, JsonSchema)]
pub(crate) enum Venue {
    Nyse,
    /// The one in London.
    Lse,
}

#[derive(Serialize, JsonSchema)]
pub(crate) struct Story {
    pub(crate) headline: String,
    pub(crate) answers: Option<Box<Self>>,
}

/// Events without names, as language models send them: told apart by a tag, and by a text at the end.
#[derive(SseEvent, SseSchema)]
pub(crate) enum Chat {
    #[sse(transparent)]
    Delta(Delta),
    #[sse(event = "message", text = "[DONE]", terminal)]
    Done,
}

#[derive(Serialize, JsonSchema, SseEvent, SseSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[sse(data = self, event = "message", untagged)]
pub(crate) enum Delta {
    TextDelta { text: String },
    Usage { tokens: u32 },
}

/// [`Market`] as a careless change could leave it: no document knows of it.
#[derive(SseEvent)]
pub(crate) enum Careless {
    /// The event type is the same, the price is text.
    PriceChanged { symbol: String, price: String, volume: u64, venue: Option<Venue>, spread: (f64, f64) },
    /// There is no such event.
    Halted,
    /// The event type is the same, the data is no JSON.
    #[sse(event = "story", text)]
    Prose(String),
    #[sse(terminal)]
    Closed { reason: String },
}

impl Market {
    /// A day.
    pub(crate) fn day() -> Vec<Self> {
        let answered = Story { headline: "ACME rises".into(), answers: None };
        vec![
            Self::PriceChanged {
                symbol: "ACME".into(),
                price: 12.5,
                volume: u64::MAX,
                venue: Some(Venue::Lse),
                spread: (12.25, 12.75),
            },
            Self::Story(Story { headline: "ACME\r\nfalls".into(), answers: Some(Box::new(answered)) }),
            Self::Line("one\ntwo".into()),
            Self::Logo(vec![0, 159, 255]),
            Self::Tick,
            Self::PriceChanged {
                symbol: "ACME".into(),
                price: 13.0,
                volume: 0,
                venue: None,
                spread: (13.0, 13.0),
            },
            Self::Closed { reason: "the day is over".into() },
        ]
    }
}

impl Chat {
    /// An answer.
    pub(crate) fn answer() -> Vec<Self> {
        let text = |text: &str| Self::Delta(Delta::TextDelta { text: text.into() });
        vec![text("Hello"), text(", world"), Self::Delta(Delta::Usage { tokens: 3 }), Self::Done]
    }
}

impl Careless {
    /// What is wrong, by name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "type" => Self::PriceChanged {
                symbol: "ACME".into(),
                price: "12.5".into(),
                volume: 1,
                venue: Some(Venue::Nyse),
                spread: (12.25, 12.75),
            },
            "event" => Self::Halted,
            "json" => Self::Prose("ACME rises".into()),
            _ => return None,
        })
    }

    /// The end of the day.
    pub(crate) fn end() -> Self {
        Self::Closed { reason: "the day is over".into() }
    }
}
