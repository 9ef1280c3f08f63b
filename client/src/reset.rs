//! What a server says that cannot resume.

use std::fmt;

use typed_sse_core::EventRef;

/// A channel's `reset` event: the client asked for what the server no longer has.
///
/// ```
/// use typed_sse_client::{Reset, ResetReason};
///
/// fn explain(reset: Reset) -> String {
///     match (reset.reason, reset.missed) {
///         (ResetReason::Lagged, _) => "we are too slow".to_owned(),
///         (_, Some(missed)) => format!("{missed} events are lost"),
///         _ => "events are lost".to_owned(),
///     }
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reset {
    /// Why the server could not resume.
    pub reason: ResetReason,
    /// How many events this client will never see; `None` where the server does not know.
    pub missed: Option<u64>,
}

/// Why a server could not resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResetReason {
    /// It does not know the ID.
    Unknown,
    /// It knows the ID, but has dropped events behind it.
    Trimmed,
    /// The ID is from another life of the log, most often from before a restart.
    Epoch,
    /// The client fell behind what is retained.
    Lagged,
    /// A reason that a newer server has and this crate does not know.
    Other,
}

impl Reset {
    /// Reads the ordinary event of a channel: `reset`, with `{"reason": .., "missed": ..}`.
    pub(crate) fn read(event: &EventRef<'_>) -> Option<Self> {
        if event.event_type != "reset" {
            return None;
        }
        let data: serde_json::Value = serde_json::from_str(event.data).ok()?;
        let reason = match data.get("reason")?.as_str()? {
            "unknown" => ResetReason::Unknown,
            "trimmed" => ResetReason::Trimmed,
            "epoch" => ResetReason::Epoch,
            "lagged" => ResetReason::Lagged,
            _ => ResetReason::Other,
        };
        let missed = data.get("missed")?;
        // A reset without a number at all is somebody else's event.
        if !missed.is_null() && !missed.is_u64() {
            return None;
        }
        Some(Self { reason, missed: missed.as_u64() })
    }
}

impl fmt::Display for Reset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.reason {
            ResetReason::Unknown => "the server does not know the last event ID",
            ResetReason::Trimmed => "the server has dropped events behind the last event ID",
            ResetReason::Epoch => "the last event ID is from before the server's restart",
            ResetReason::Lagged => "the client fell behind",
            ResetReason::Other => "the server could not resume",
        })?;
        match self.missed {
            Some(missed) => write!(f, ": {missed} events are missing"),
            None => Ok(()),
        }
    }
}
