//! What can be seen of a channel from outside.

mod counters;
#[cfg(feature = "metrics")]
mod metrics;
mod store;
pub(crate) mod trace;

pub use counters::{Counters, ResetCounters};
pub(crate) use counters::{Counts, Tally};
pub(crate) use store::{Call, StoreCounts};
