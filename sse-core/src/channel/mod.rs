//! One log, many cursors.

mod backing;
mod builder;
mod delivery;
mod error;
mod handle;
mod log;
#[cfg(all(test, typed_sse_loom))]
mod model;
mod publish;
mod reader;
mod reset;
mod shared;
mod sight;
mod snapshot;
mod start;
mod stored;
mod subscription;
mod sync;
mod topics;
mod unfiltered;

pub use builder::Builder;
pub use delivery::{DrainReport, SubscriberLimit};
pub use error::{PublishError, SubscriptionError};
pub use handle::Channel;
pub use publish::Publish;
pub use reset::{Reset, ResetReason};
pub use sight::{Counters, ResetCounters};
pub use snapshot::{SharedSnapshot, Snapshot};
pub use start::{Resumption, Slow, Start};
pub use stored::{Published, Publisher, Staged, StoreBuilder, TopicsPublisher};
pub use subscription::Subscription;
pub use topics::{Topics, TopicsBuilder, TopicsError, TopicsStoreBuilder, TopicsSubscription};
pub use unfiltered::HasFilter;
