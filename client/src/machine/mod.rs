//! The client without a clock and without I/O: what came goes in, what to do comes out.

mod head;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use bytes::Bytes;
use fastrand::Rng;
pub(crate) use head::{Redirect, Verdict, judge};
use typed_sse_core::{FromSseEvent, LastEventId};

use crate::backoff::Backoff;
use crate::error::{Error, ErrorKind};
use crate::item::{End, State};
use crate::reading::{Found, Reading, Resets};
use crate::reset::Reset;

/// What a client does, decided from what it is told.
///
/// Whoever drives it asks [`next`](Self::next) what to do, does it, and tells what came of it.
pub(crate) struct Machine<E> {
    pub(crate) settings: Settings,
    reading: Reading<E>,
    phase: Phase,
    /// What is to be told before anything else.
    told: Option<Result<State, Error>>,
    /// In a row, since a connection has proved itself.
    failures: u32,
    redirects: u32,
    random: Rng,
}

/// What the application has chosen.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) backoff: Backoff,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) idle_limit: Option<Duration>,
    pub(crate) give_up_after: Option<u32>,
    pub(crate) retried_statuses: Vec<u16>,
    pub(crate) is_once: bool,
    pub(crate) requires_terminal: bool,
    pub(crate) resets: Resets,
}

/// What to do next.
pub(crate) enum Action<E> {
    /// Hand this to the application, and ask again when it wants more.
    Yield(Result<Output<E>, Error>),
    /// Send the request, to where the last response pointed if it did.
    Connect(Option<Redirect>),
    /// Wait for the head of the response, until then at most.
    AwaitHead(Option<Instant>),
    /// Wait for bytes, until then at most.
    Read(Option<Instant>),
    /// Let this moment come.
    Wait(Instant),
    /// Nothing, ever.
    Stop,
}

/// What the application gets.
#[derive(Debug)]
pub(crate) enum Output<E> {
    /// Its ID is the last event ID, until the next call.
    Event(E),
    Reset(Reset),
    State(State),
}

enum Phase {
    Idle,
    Asking(Option<Redirect>),
    AwaitingHead { deadline: Option<Instant> },
    Open { since: Instant, deadline: Option<Instant>, has_event: bool },
    Waiting { until: Instant },
    Over(End),
}

impl<E: FromSseEvent> Machine<E> {
    /// What to do now.
    pub(crate) fn next(&mut self, now: Instant) -> Action<E> {
        loop {
            if let Some(told) = self.told.take() {
                return Action::Yield(told.map(Output::State));
            }
            match &mut self.phase {
                Phase::Idle => {
                    self.redirects = 0;
                    self.phase = Phase::Asking(None);
                    self.told = Some(Ok(State::Connecting));
                }
                Phase::Asking(redirect) => {
                    let redirect = redirect.take();
                    self.phase = Phase::AwaitingHead { deadline: None };
                    return Action::Connect(redirect);
                }
                Phase::AwaitingHead { deadline } => {
                    *deadline = deadline.or_else(|| after(now, self.settings.connect_timeout));
                    return Action::AwaitHead(*deadline);
                }
                Phase::Open { .. } => return self.read(now),
                Phase::Waiting { until } if now < *until => return Action::Wait(*until),
                Phase::Waiting { .. } => self.phase = Phase::Idle,
                Phase::Over(_) => return Action::Stop,
            }
        }
    }

    fn read(&mut self, now: Instant) -> Action<E> {
        let found = self.reading.next(self.settings.resets);
        let Phase::Open { deadline, has_event, .. } = &mut self.phase else { return Action::Stop };
        let Some(found) = found else {
            // It counts from when somebody waits: what an application does meanwhile is no silence of the server.
            *deadline = deadline.or_else(|| after(now, self.settings.idle_limit));
            return Action::Read(*deadline);
        };
        *has_event = true;
        Action::Yield(match found {
            Found::Event { event, is_terminal } => {
                if is_terminal {
                    self.phase = Phase::Over(End::Terminal);
                }
                Ok(Output::Event(event))
            }
            Found::Reset(reset) => Ok(Output::Reset(reset)),
            Found::Error(error) => Err(error),
        })
    }
}

impl<E> Machine<E> {
    pub(crate) fn new() -> Self {
        Self {
            settings: Settings::new(),
            reading: Reading::new(),
            phase: Phase::Idle,
            told: None,
            failures: 0,
            redirects: 0,
            random: Rng::new(),
        }
    }

    pub(crate) fn set_limit(&mut self, limit: usize) {
        self.reading.set_limit(limit);
    }

    pub(crate) fn set_last_event_id(&mut self, id: &LastEventId) {
        self.reading.set_last_event_id(id);
    }

    pub(crate) fn last_event_id(&self) -> &str {
        self.reading.decoder().last_event_id()
    }

    pub(crate) const fn end(&self) -> Option<End> {
        match self.phase {
            Phase::Over(end) => Some(end),
            _ => None,
        }
    }

    pub(crate) const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Open { .. })
    }

    /// The head of a response came.
    pub(crate) fn on_head(&mut self, verdict: Verdict, now: Instant) {
        match verdict {
            Verdict::Open => {
                self.phase = Phase::Open { since: now, deadline: None, has_event: false };
                self.told = Some(Ok(State::Open));
            }
            // Fetch, "HTTP-redirect fetch": "If request's redirect count is 20, then return a network error."
            Verdict::Follow(_) if self.redirects == 20 => {
                self.on_failure(Error::new(ErrorKind::TooManyRedirects), now);
            }
            Verdict::Follow(redirect) => {
                self.redirects += 1;
                self.phase = Phase::Asking(Some(redirect));
            }
            Verdict::NoContent => self.phase = Phase::Over(End::NoContent),
            Verdict::Later(error) => self.on_failure(error, now),
            Verdict::Fail(error) => self.fail(error),
        }
    }

    /// Bytes of the body came.
    pub(crate) fn on_bytes(&mut self, bytes: Bytes) {
        if let Phase::Open { deadline, .. } = &mut self.phase {
            *deadline = None;
            self.reading.push(bytes);
        }
    }

    /// The body ended as it should.
    pub(crate) fn on_end(&mut self, now: Instant) {
        if self.settings.is_once && !self.settings.requires_terminal {
            self.phase = Phase::Over(End::Body);
        } else {
            self.on_failure(Error::new(ErrorKind::Ended), now);
        }
    }

    /// The deadline of the last action has passed.
    pub(crate) fn on_timeout(&mut self, now: Instant) {
        let kind = if self.is_open() { ErrorKind::Idle } else { ErrorKind::ConnectTimeout };
        self.on_failure(Error::new(kind), now);
    }

    /// There is no connection, and there may be another: ["reestablish the connection"][reestablish].
    ///
    /// [reestablish]: https://html.spec.whatwg.org/multipage/server-sent-events.html#reestablish-the-connection
    pub(crate) fn on_failure(&mut self, reason: Error, now: Instant) {
        if self.settings.is_once {
            return self.fail(reason);
        }
        if self.has_proved_itself(now) {
            self.failures = 0;
        }
        self.failures = self.failures.saturating_add(1);
        if self.settings.give_up_after.is_some_and(|most| self.failures >= most) {
            return self.fail(reason);
        }
        if !can_be_sent(self.last_event_id()) {
            return self.fail(Error::new(ErrorKind::LastEventId));
        }
        self.reading.reconnect();
        let delay = self.settings.backoff.delay(
            self.failures,
            self.reading.decoder().reconnection_time(),
            reason.retry_after(),
            self.random.f64(),
        );
        // It is two days at most, so that there is such a moment.
        self.phase = Phase::Waiting { until: now.checked_add(delay).unwrap_or(now) };
        self.told = Some(Ok(State::Reconnecting { reason, delay }));
    }

    /// There will be no other connection: ["fail the connection"][fail].
    ///
    /// [fail]: https://html.spec.whatwg.org/multipage/server-sent-events.html#fail-the-connection
    pub(crate) fn fail(&mut self, error: Error) {
        self.phase = Phase::Over(End::Failed);
        self.told = Some(Err(error.into_final()));
    }

    fn has_proved_itself(&self, now: Instant) -> bool {
        match self.phase {
            Phase::Open { since, has_event, .. } => {
                has_event || now.saturating_duration_since(since) >= PROVED_AFTER
            }
            _ => false,
        }
    }
}

impl Settings {
    const fn new() -> Self {
        Self {
            backoff: Backoff::new(),
            connect_timeout: Some(Duration::from_secs(60)),
            idle_limit: Some(Duration::from_secs(300)),
            give_up_after: None,
            retried_statuses: Vec::new(),
            is_once: false,
            requires_terminal: false,
            resets: Resets::ToType,
        }
    }
}

/// That long after `now`; a time that no clock reaches is none.
fn after(now: Instant, time: Option<Duration>) -> Option<Instant> {
    time.and_then(|time| now.checked_add(time))
}

/// Whether the ID comes back as a header. Servers take headers of a few kilobytes, and HTTP none of the control
/// characters; NUL, CR and LF are in no ID anyway.
pub(crate) fn can_be_sent(id: &str) -> bool {
    id.len() <= LastEventId::MAX_LEN && !id.bytes().any(|byte| (byte < b' ' && byte != b'\t') || byte == 0x7f)
}

/// A connection that was open for so long has proved itself, though it may have brought no event.
const PROVED_AFTER: Duration = Duration::from_secs(5);
