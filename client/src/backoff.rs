//! How long to wait before the next attempt.

use std::time::Duration;

/// How long a client waits before it connects again.
///
/// The first wait is the *reconnection time*: 3 s, or what the server has asked for by `retry`. Each failure after it doubles the
/// wait, up to [`max`](Self::with_max). A random part of up to a quarter is added, so that the clients of a server that went down do not
/// come back at one moment; never taken away, since the standard has a client [wait at least][wait] the reconnection time.
///
/// The doubling starts over when a connection has proved itself: it brought an event, or was open for 5 s.
///
/// ```
/// use std::time::Duration;
/// use typed_sse_client::Backoff;
///
/// let patient = Backoff::new().with_max(Duration::from_secs(600));
/// # let _ = patient;
/// ```
///
/// [wait]: https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Backoff {
    initial: Duration,
    floor: Duration,
    max: Duration,
    jitter: f64,
}

impl Backoff {
    /// The defaults: 3 s at first, at least 100 ms, at most a minute, a quarter of jitter.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            initial: Duration::from_secs(3),
            floor: Duration::from_millis(100),
            max: Duration::from_secs(60),
            jitter: 0.25,
        }
    }

    /// The reconnection time until the server names one. Default: 3 s.
    #[must_use]
    pub const fn with_initial(mut self, initial: Duration) -> Self {
        self.initial = initial;
        self
    }

    /// The shortest wait, whatever the server asks for, so that `retry: 0` is no busy loop. Default: 100 ms.
    #[must_use]
    pub const fn with_floor(mut self, floor: Duration) -> Self {
        self.floor = floor;
        self
    }

    /// Where the doubling ends. A longer time that the server asks for itself is kept, up to a day. Default: a minute.
    #[must_use]
    pub const fn with_max(mut self, max: Duration) -> Self {
        self.max = max;
        self
    }

    /// The largest part of the wait that is added at random, from 0 (none) to 1. Default: 0.25.
    #[must_use]
    pub const fn with_jitter(mut self, jitter: f64) -> Self {
        self.jitter = jitter.clamp(0.0, 1.0);
        self
    }

    /// The wait after so many failures in a row, the first included. `random` is from 0 to 1.
    pub(crate) fn delay(
        &self,
        failures: u32,
        retry: Option<Duration>,
        retry_after: Option<Duration>,
        random: f64,
    ) -> Duration {
        let base = retry.unwrap_or(self.initial).max(self.floor);
        let doubled = base.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1)));
        // What the server asked for stands, also above the cap.
        let wait = doubled.min(self.max.max(base)).max(retry_after.unwrap_or_default()).min(LONGEST);
        wait + wait.mul_f64(if self.jitter.is_nan() { 0.0 } else { self.jitter } * random)
    }
}

impl Default for Backoff {
    /// As [`Backoff::new`].
    fn default() -> Self {
        Self::new()
    }
}

/// Nobody who asks for more than a day can be meant.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Backoff = Backoff::new().with_jitter(0.0);

    fn seconds(failures: u32, retry: Option<u64>, retry_after: Option<u64>) -> f64 {
        let seconds = |time: Option<u64>| time.map(Duration::from_secs);
        PLAIN.delay(failures, seconds(retry), seconds(retry_after), 0.5).as_secs_f64()
    }

    #[test]
    fn doubles_up_to_the_cap() {
        let delays: Vec<_> = (1..8).map(|failures| seconds(failures, None, None)).collect();
        assert_eq!(delays, [3.0, 6.0, 12.0, 24.0, 48.0, 60.0, 60.0]);
        assert_eq!(seconds(u32::MAX, None, None), 60.0);
    }

    #[test]
    fn what_the_server_asks_for_is_the_base_and_stands_above_the_cap() {
        assert_eq!(seconds(1, Some(10), None), 10.0);
        assert_eq!(seconds(2, Some(10), None), 20.0);
        assert_eq!(seconds(5, Some(90), None), 90.0);
        assert_eq!(seconds(1, None, Some(30)), 30.0);
        assert_eq!(seconds(1, None, Some(1)), 3.0);
        assert_eq!(seconds(1, Some(0), None), 0.1);
    }

    #[test]
    fn no_number_from_a_server_overflows() {
        assert_eq!(seconds(9, Some(u64::MAX), Some(u64::MAX)), LONGEST.as_secs_f64());
        assert_eq!(PLAIN.delay(3, Some(Duration::MAX), Some(Duration::MAX), 1.0), LONGEST);
    }

    #[test]
    fn jitter_only_adds() {
        let backoff = Backoff::new().with_jitter(0.5);
        assert_eq!(backoff.delay(1, None, None, 0.0), Duration::from_secs(3));
        assert_eq!(backoff.delay(1, None, None, 1.0), Duration::from_millis(4500));
        assert_eq!(Backoff::new().with_jitter(9.0).delay(1, None, None, 1.0), Duration::from_secs(6));
        assert_eq!(Backoff::new().with_jitter(f64::NAN).delay(1, None, None, 1.0), Duration::from_secs(3));
    }
}
