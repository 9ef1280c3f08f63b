//! Topics whose logs a store keeps: one stored log, in which each record says its topic.

mod follow;
mod load;
mod open;

pub use open::TopicsStoreBuilder;
