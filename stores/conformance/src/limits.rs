//! How much a store keeps.

use std::time::Duration;

/// How much a store keeps of each topic. All bounds hold at once; what goes beyond them goes oldest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// So many records. Default: no bound.
    pub records: usize,
    /// So many bytes of data. Default: no bound.
    pub bytes: usize,
    /// For so long. Default: without end.
    pub age: Option<Duration>,
}

impl Limits {
    /// No bounds.
    pub const NONE: Self = Self { records: usize::MAX, bytes: usize::MAX, age: None };

    /// So many records of each topic.
    #[must_use]
    pub const fn records(records: usize) -> Self {
        Self { records, ..Self::NONE }
    }

    /// So many bytes of data of each topic.
    #[must_use]
    pub const fn bytes(bytes: usize) -> Self {
        Self { bytes, ..Self::NONE }
    }

    /// For so long.
    #[must_use]
    pub const fn age(age: Duration) -> Self {
        Self { age: Some(age), ..Self::NONE }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::NONE
    }
}
