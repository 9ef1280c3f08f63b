//! How fast clients that come back are let to replay, all together.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::{Instant, Sleep, sleep_until};

use super::super::sight::Counts;

/// Gives out turns to replay, in the order in which they are asked for.
///
/// A leaky bucket: the time at which all that was given out is paid for, at the rate, moves on with each turn, and is at
/// most [`BURST`] behind the clock.
#[derive(Debug)]
pub(crate) struct Admission {
    /// Bytes per second.
    rate: u64,
    paid_at: Mutex<Option<Instant>>,
}

/// The turns of one reader.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// How many bytes are left of the one that it has, or waits for.
    left: u64,
    waiting: Option<Pin<Box<Sleep>>>,
}

/// So many bytes are replayed in one turn, so that many clients get on at once. About one chunk of a response.
const TURN: u64 = 64 << 10;

/// So long at the full rate is given out at once after a rest.
const BURST: Duration = Duration::from_millis(100);

impl Admission {
    pub(crate) fn new(rate: u64) -> Self {
        Self { rate: rate.max(1), paid_at: Mutex::new(None) }
    }

    /// A turn to replay so many bytes: when it comes, unless it is now.
    pub(crate) fn turn(&self, bytes: u64, now: Instant) -> Option<Instant> {
        let rested = now.checked_sub(BURST).unwrap_or(now);
        let mut paid_at = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        let start = paid_at.map_or(rested, |paid_at| paid_at.max(rested));
        *paid_at = Some(start + self.price(bytes));
        (start > now).then_some(start)
    }

    /// Takes back a turn that has not come, of one who does not wait for it any more.
    fn give_back(&self, bytes: u64) {
        let mut paid_at = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        *paid_at = paid_at.and_then(|paid_at| paid_at.checked_sub(self.price(bytes)));
    }

    fn price(&self, bytes: u64) -> Duration {
        Duration::from_secs_f64(bytes as f64 / self.rate as f64)
    }
}

impl Turns {
    /// Whether nothing is left of it.
    pub(crate) const fn is_over(&self) -> bool {
        self.left == 0
    }

    /// Asks for the next, to replay so many bytes or a part of them.
    pub(crate) fn ask(&mut self, admission: &Admission, counts: &Counts, bytes: u64) {
        self.left = bytes.min(TURN);
        let comes = admission.turn(self.left, Instant::now());
        // Without a clock there is nothing to wait for.
        if let Some(at) = comes.filter(|_| Handle::try_current().is_ok()) {
            self.waiting = Some(Box::pin(sleep_until(at)));
            counts.waits();
        }
    }

    /// Ready when it has come.
    pub(crate) fn poll(&mut self, counts: &Counts, context: &mut Context<'_>) -> Poll<()> {
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
            self.waiting = None;
            counts.waits_no_more();
        }
        Poll::Ready(())
    }

    pub(crate) const fn is_waiting(&self) -> bool {
        self.waiting.is_some()
    }

    /// So many bytes were replayed. What a long event has beyond its turn is paid for too, by those who come next.
    pub(crate) fn spend(&mut self, admission: &Admission, bytes: usize) {
        let bytes = bytes as u64;
        let beyond = bytes.saturating_sub(self.left);
        if beyond > 0 {
            admission.turn(beyond, Instant::now());
        }
        self.left = self.left.saturating_sub(bytes);
    }

    /// Waits no more. A turn that has come is lost, one that has not is for others.
    pub(crate) fn give_up(&mut self, admission: &Admission, counts: &Counts) {
        if let Some(waiting) = self.waiting.take() {
            counts.waits_no_more();
            if waiting.deadline() > Instant::now() {
                admission.give_back(self.left);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_come_at_the_rate() {
        let admission = Admission::new(1_000_000);
        let now = Instant::now() + Duration::from_secs(1);
        let mut at_once = 0;
        let last = loop {
            match admission.turn(1000, now) {
                None => at_once += 1,
                Some(at) => break at,
            }
        };
        assert_eq!(at_once, 101, "a tenth of a second, and the one that begins now");
        for n in 1..1000 {
            let due = last + Duration::from_millis(n);
            assert_eq!(admission.turn(1000, now), Some(due), "one each millisecond, in order");
        }
        let later = now + Duration::from_secs(60);
        assert_eq!(admission.turn(1000, later), None, "after a rest it begins anew");
    }

    #[test]
    fn a_rest_is_no_credit_beyond_the_burst() {
        let admission = Admission::new(1000);
        let mut now = Instant::now() + Duration::from_secs(1);
        assert_eq!(admission.turn(1000, now), None);
        now += Duration::from_secs(3600);
        assert_eq!(admission.turn(1000, now), None);
        assert_eq!(admission.turn(1000, now), Some(now + Duration::from_millis(900)));
    }
}
