//! The events that are encoded.

use std::borrow::Cow;

use serde::{Serialize, Serializer};
use typed_sse::SseEvent;

/// One application's events. [`Serialize`], which writes the payload of a variant as a struct of its own would, is for
/// the peers.
#[derive(Debug, SseEvent)]
pub enum Market {
    /// A frame of 116 bytes.
    Price {
        /// Also the event ID.
        #[sse(id)]
        seq: u64,
        /// The instrument.
        symbol: String,
        /// In cents.
        bid: u32,
        /// In cents.
        ask: u32,
        /// The exchange.
        venue: &'static str,
    },
    /// A list of trades, as long as is wanted.
    Trades(#[sse(id = |trades| trades.seq)] Trades),
    /// Text of several lines, not JSON.
    #[sse(text)]
    Note {
        /// The event ID.
        #[sse(id, skip)]
        seq: u64,
        /// The payload.
        text: String,
    },
}

/// The payload of [`Market::Trades`].
#[derive(Debug, Serialize)]
pub struct Trades {
    seq: u64,
    symbol: String,
    trades: Vec<Trade>,
}

#[derive(Debug, Serialize)]
struct Trade {
    price: u32,
    size: u32,
    at: u64,
    side: &'static str,
    buyer: String,
    note: Option<String>,
}

impl Serialize for Market {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Price<'a> {
            seq: u64,
            symbol: &'a str,
            bid: u32,
            ask: u32,
            venue: &'a str,
        }

        match self {
            &Self::Price { seq, ref symbol, bid, ask, venue } => {
                Price { seq, symbol, bid, ask, venue }.serialize(serializer)
            }
            Self::Trades(trades) => trades.serialize(serializer),
            Self::Note { text, .. } => text.serialize(serializer),
        }
    }
}

impl Market {
    /// The four inputs, by name.
    #[must_use]
    pub fn samples() -> [(&'static str, Self); 4] {
        [
            ("small, 116 B", Self::price()),
            ("medium, 1 KB", Self::trades(9)),
            ("large, 60 KB", Self::trades(618)),
            ("text, 10 lines, 1.1 KB", Self::note()),
        ]
    }

    fn price() -> Self {
        Self::Price {
            seq: 48_211_907,
            symbol: "MSFT".to_owned(),
            bid: 41_235,
            ask: 41_237,
            venue: "Frankfurt/XETRA",
        }
    }

    fn trades(len: u32) -> Self {
        let trade = |i: u32| Trade {
            price: 41_235 + i % 17,
            size: 100 * (i % 9 + 1),
            at: 1_793_000_000_000 + u64::from(i),
            side: if i.is_multiple_of(3) { "sell" } else { "buy" },
            buyer: format!("member-{i:05}"),
            note: i.is_multiple_of(4).then(|| "crossed \"at open\"".to_owned()),
        };
        Self::Trades(Trades {
            seq: 48_211_908,
            symbol: "MSFT".to_owned(),
            trades: (0..len).map(trade).collect(),
        })
    }

    fn note() -> Self {
        let line = |i: u32| {
            format!(
                "2026-11-03T09:30:{i:02}Z INFO matching: order {i} of member-00017 rests at 412.35 {:.<34}",
                ""
            )
        };
        Self::Note { seq: 48_211_909, text: (0..10).map(line).collect::<Vec<_>>().join("\n") }
    }

    /// What stands in the field `event`.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        match self {
            Self::Price { .. } => "price",
            Self::Trades(_) => "trades",
            Self::Note { .. } => "note",
        }
    }

    /// What stands in the field `id`.
    #[must_use]
    pub fn id(&self) -> u64 {
        match self {
            Self::Price { seq, .. } | Self::Note { seq, .. } | Self::Trades(Trades { seq, .. }) => *seq,
        }
    }

    /// What stands in the field `data`: JSON, or the text as it is.
    #[must_use]
    pub fn data(&self) -> Cow<'_, str> {
        match self {
            Self::Note { text, .. } => Cow::Borrowed(text),
            Self::Price { .. } | Self::Trades(_) => Cow::Owned(serde_json::to_string(self).unwrap()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_are_as_long_as_they_are_called() {
        let lens = Market::samples().map(|(_, event)| event.to_frame().unwrap().as_ref().len());
        assert_eq!(lens[0], 116);
        assert!((950..1050).contains(&lens[1]), "{lens:?}");
        assert!((59_000..61_500).contains(&lens[2]), "{lens:?}");
        assert!((1050..1200).contains(&lens[3]), "{lens:?}");
    }
}
