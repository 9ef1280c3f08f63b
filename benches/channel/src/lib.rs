//! What the benches of the channel share.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a bench that cannot run stops")]

use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use typed_sse_core::{Channel, Event};

/// The clock of one run, which events carry.
#[derive(Clone, Copy, Debug)]
pub struct Clock(Instant);

impl Clock {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time, in ns.
    #[must_use]
    pub fn now(self) -> u128 {
        self.0.elapsed().as_nanos()
    }

    /// Publishes an event of about `len` bytes that says when it was published.
    pub fn publish(self, channel: &Channel<Event>, len: usize) {
        let event = Event::new(format!("{:0>len$}", self.now()));
        channel.publish(&event).now_or_never().unwrap().unwrap();
    }

    /// How long ago an event with this data was published.
    #[must_use]
    pub fn age(self, data: &str) -> Duration {
        let published = Duration::from_nanos(data.trim_start_matches('0').parse().unwrap());
        self.0.elapsed().saturating_sub(published)
    }
}

/// Times, to be asked for their quantiles.
#[derive(Clone, Debug, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// Adds some.
    pub fn extend(&mut self, times: impl IntoIterator<Item = Duration>) {
        self.0.extend(times);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time that this share of them does not exceed, in ms; 1.0 for the longest.
    #[must_use]
    pub fn quantile(&mut self, share: f64) -> f64 {
        self.0.sort_unstable();
        let index = ((self.0.len() - 1) as f64 * share) as usize;
        self.0[index].as_secs_f64() * 1000.0
    }
}

/// The middle one.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values[values.len() / 2]
}

/// How much memory the process has, in KiB.
#[must_use]
pub fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
