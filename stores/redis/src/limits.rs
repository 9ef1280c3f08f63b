//! How much is kept.

use std::time::Duration;

/// How much is kept of each topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    pub(crate) age: Option<Duration>,
    pub(crate) keys: usize,
}
