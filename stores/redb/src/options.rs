//! How a file is written, and how much is kept in it.

use std::time::{Duration, SystemTime};

/// When an append is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// Once the disk has it (`fsync`). Neither a crash of the process nor of the machine loses what was answered.
    ///
    /// All appends that wait are written together, so a slow disk costs time for each, but not much throughput.
    #[default]
    Immediate,
    /// Once this process has it; the disk has it within 100 ms.
    ///
    /// A process that is killed, or a machine that crashes, loses up to the last 100 ms. What is left is a whole beginning of what
    /// was answered, and the log begins a new [epoch](typed_sse_core::store::Epoch), so that each client is told with a reset. A process
    /// that drops the store before it ends loses nothing.
    Eventual,
}

/// How much is kept of each topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    pub(crate) age: Option<Duration>,
    pub(crate) keys: u64,
}

/// What a builder is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    pub(crate) durability: Durability,
    pub(crate) limits: Limits,
    pub(crate) time_limit: Duration,
    pub(crate) is_checked: bool,
    pub(crate) cache_bytes: usize,
    /// The system's clock, but in tests.
    pub(crate) now: fn() -> SystemTime,
}
