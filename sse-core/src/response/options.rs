//! What is said of a stream before it begins.

use std::fmt;
use std::time::Duration;

use tokio::time::Instant;

use super::event_result::BoxError;
use super::keep_alive::{KeepAlive, KeepAliveTimer};
use crate::encode::Frame;
use crate::event::SseEvent;

/// What is said of a stream before it begins, and what comes of it then.
#[expect(unnameable_types, reason = "an adapter says it by the methods of `SseBody`")]
pub struct Options {
    pub(super) keep_alive: Keeping,
    /// What most streams do without, and then without the room for it.
    rare: Option<Box<Rare>>,
}

#[derive(Default)]
struct Rare {
    retry: Retry,
    lifetime: Lifetime,
    on_error: Option<Box<OnError>>,
}

/// The reconnection time that stands first.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Retry {
    /// Drawn when the stream begins.
    #[default]
    Drawn,
    Set(Duration),
    None,
}

/// How it is kept open, and from when on it does so.
#[derive(Debug)]
pub(super) enum Keeping {
    By(KeepAlive),
    Since(KeepAliveTimer),
}

/// How long it may last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Lifetime {
    #[default]
    Endless,
    AtMost(Duration),
    /// Drawn when the stream began.
    Until(Instant),
}

/// The last event of a stream that fails, or why there is none.
type OnError = dyn FnOnce(BoxError) -> Result<Frame, BoxError> + Send + Sync;

impl Options {
    pub(super) const fn new() -> Self {
        Self { keep_alive: Keeping::By(KeepAlive::new()), rare: None }
    }

    pub(super) fn set_retry(&mut self, retry: Retry) {
        self.rare().retry = retry;
    }

    pub(super) fn set_lifetime(&mut self, lifetime: Duration) {
        self.rare().lifetime = Lifetime::AtMost(lifetime);
    }

    pub(super) fn tell<T: SseEvent>(&mut self, tell: impl FnOnce(BoxError) -> T + Send + Sync + 'static) {
        self.rare().on_error = Some(Box::new(|error| Ok(tell(error).into_frame()?.without_id())));
    }

    /// The stream begins: the clocks run, and this is the reconnection time that stands first.
    pub(super) fn begin(&mut self, now: Instant) -> Option<Duration> {
        if let Keeping::By(keep_alive) = &mut self.keep_alive {
            let keep_alive = std::mem::take(keep_alive);
            self.keep_alive = Keeping::Since(KeepAliveTimer::new(keep_alive, now.into_std()));
        }
        let mut defaults = Rare::default();
        let Rare { retry, lifetime, .. } = self.rare.as_deref_mut().unwrap_or(&mut defaults);
        if let Lifetime::AtMost(most) = *lifetime {
            // An end past the end of time never comes.
            *lifetime = now.checked_add(draw(most)).map_or(Lifetime::Endless, Lifetime::Until);
        }
        match *retry {
            Retry::Drawn => Some(Duration::from_millis(fastrand::u64(2000..=4000))),
            Retry::Set(time) => Some(time),
            Retry::None => None,
        }
    }

    pub(super) fn lifetime(&self) -> Lifetime {
        self.rare.as_ref().map_or(Lifetime::Endless, |rare| rare.lifetime)
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// The last event of a stream that fails with this error, if it is to be told.
    pub(super) fn told(&mut self, error: BoxError) -> Result<Frame, BoxError> {
        match self.rare.as_mut().and_then(|rare| rare.on_error.take()) {
            Some(tell) => tell(error),
            None => Err(error),
        }
    }
}

/// A lifetime of one stream: 90 to 100 % of the given one.
fn draw(lifetime: Duration) -> Duration {
    lifetime - (lifetime / 10).mul_f64(fastrand::f64())
}

impl Lifetime {
    pub(super) const fn end(self) -> Option<Instant> {
        match self {
            Self::Until(end) => Some(end),
            Self::Endless | Self::AtMost(_) => None,
        }
    }

    pub(super) fn is_over(self, now: Instant) -> bool {
        self.end().is_some_and(|end| end <= now)
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("retry", &self.rare.as_ref().map_or(Retry::Drawn, |rare| rare.retry))
            .field("keep_alive", &self.keep_alive)
            .field("lifetime", &self.lifetime())
            .finish_non_exhaustive()
    }
}
