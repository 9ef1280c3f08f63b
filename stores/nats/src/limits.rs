//! How much is kept of each topic.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// As it stands in the stream, for all processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Limits {
    pub(crate) events: u64,
    pub(crate) bytes: u64,
    pub(crate) age_ms: Option<u64>,
    pub(crate) keys: u64,
}

impl Limits {
    pub(crate) const DEFAULT: Self = Self { events: 100_000, bytes: 256 << 20, age_ms: None, keys: 65_536 };

    pub(crate) const fn with_age(mut self, age: Duration) -> Self {
        let ms = age.as_millis();
        self.age_ms = Some(if ms > u64::MAX as u128 { u64::MAX } else { ms as u64 });
        self
    }
}
