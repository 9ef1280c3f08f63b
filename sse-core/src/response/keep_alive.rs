//! When a quiet stream says that it is still there.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::event::SseEvent;
use crate::field::{Comment, EncodeError};

/// How often, and with what, an idle event stream is kept open: by default a bare comment line, 15 seconds after
/// the last byte.
///
/// [The standard](https://html.spec.whatwg.org/multipage/server-sent-events.html#authoring-notes) advises a comment
/// every 15 seconds or so, since proxies drop connections that are silent. It is also how a server finds out that
/// a client has gone.
///
/// ```
/// use std::time::Duration;
/// use typed_sse_core::{Comment, KeepAlive};
///
/// let keep_alive = KeepAlive::new().with_interval(Duration::from_secs(5)).with_comment(Comment::new("idle")?);
/// # let _ = keep_alive;
/// # Ok::<(), typed_sse_core::EncodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct KeepAlive {
    interval: Duration,
    /// What is sent, if it is anything but an empty comment. Each stream has one of these.
    sign: Option<Box<Bytes>>,
}

impl KeepAlive {
    /// An empty comment every 15 idle seconds.
    pub const fn new() -> Self {
        Self { interval: Duration::from_secs(15), sign: None }
    }

    /// No keep-alive: a client that goes without a word may never be noticed.
    pub const fn off() -> Self {
        Self { interval: Duration::MAX, sign: None }
    }

    /// Sets how long a stream must be idle. Default: 15 s. Less than 1 ms counts as 1 ms.
    pub fn with_interval(mut self, interval: Duration) -> Self {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Sends this comment. Default: [`Comment::EMPTY`].
    pub fn with_comment(mut self, comment: Comment) -> Self {
        self.sign = Some(Box::new(comment.into_bytes()));
        self
    }

    /// Sends this event in place of a comment, where a protocol wants one, such as the `ping` of some language models. A
    /// client dispatches it as any other. It has no ID, so that the client's last event ID stays what it is.
    ///
    /// ```
    /// use typed_sse_core::{Event, EventType, KeepAlive};
    ///
    /// let ping = Event::new(r#"{"type":"ping"}"#).with_event_type(EventType::new("ping")?);
    /// let keep_alive = KeepAlive::new().with_event(&ping)?;
    /// assert_eq!(keep_alive.bytes(), "event: ping\ndata: {\"type\":\"ping\"}\n\n");
    /// # Ok::<(), typed_sse_core::EncodeError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If the event cannot be encoded.
    pub fn with_event(mut self, event: &impl SseEvent) -> Result<Self, EncodeError> {
        self.sign = Some(Box::new(event.to_frame()?.without_id().into_bytes()));
        Ok(self)
    }

    /// What is sent: the comment line, or the event.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        self.sign.as_ref().map_or_else(|| Comment::EMPTY.into_bytes(), |sign| Bytes::clone(sign))
    }
}

impl Default for KeepAlive {
    /// As [`KeepAlive::new`].
    fn default() -> Self {
        Self::new()
    }
}

/// The clockwork of a [`KeepAlive`]: it is told the time and tells when to call again. It neither sleeps nor reads
/// a clock.
///
/// ```
/// use std::time::{Duration, Instant};
/// use typed_sse_core::{KeepAlive, KeepAliveTimer};
///
/// let start = Instant::now();
/// let mut timer = KeepAliveTimer::new(KeepAlive::new(), start);
/// let seconds = |n| start + Duration::from_secs(n);
///
/// timer.sent(seconds(10));
/// assert_eq!(timer.expire(seconds(15)), None); // bytes went out 5 s ago
/// assert_eq!(timer.deadline(), Some(seconds(25)));
/// assert_eq!(timer.expire(seconds(25)).unwrap(), ":\n");
/// assert_eq!(timer.deadline(), Some(seconds(40)));
/// ```
#[derive(Clone, Debug)]
pub struct KeepAliveTimer {
    keep_alive: KeepAlive,
    last_sent: Instant,
}

impl KeepAliveTimer {
    /// Starts to count at `now`.
    #[must_use]
    pub const fn new(keep_alive: KeepAlive, now: Instant) -> Self {
        Self { keep_alive, last_sent: now }
    }

    /// Bytes went out at `now`: the stream was not idle.
    pub fn sent(&mut self, now: Instant) {
        self.last_sent = now;
    }

    /// When to call [`expire`](Self::expire) next; `None` if never. It moves later with every
    /// [`sent`](Self::sent), so a sleeping caller may leave its own alarm and ask again when that goes off.
    #[must_use]
    pub fn deadline(&self) -> Option<Instant> {
        // A deadline past the end of time never comes.
        self.last_sent.checked_add(self.keep_alive.interval)
    }

    /// What to send at `now`, if the stream has been idle for the whole interval. Counts as sent.
    pub fn expire(&mut self, now: Instant) -> Option<Bytes> {
        if now < self.deadline()? {
            return None;
        }
        self.last_sent = now;
        Some(self.keep_alive.bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_has_no_deadline() {
        let now = Instant::now();
        let mut timer = KeepAliveTimer::new(KeepAlive::off(), now);
        assert_eq!(timer.deadline(), None);
        assert_eq!(timer.expire(now + Duration::from_secs(1 << 20)), None);
    }

    #[test]
    fn an_interval_without_end_never_comes() {
        let timer = KeepAliveTimer::new(KeepAlive::new().with_interval(Duration::MAX), Instant::now());
        assert_eq!(timer.deadline(), None);
    }
}
