//! Spans, with the feature `tracing`; without it, nothing.

pub(crate) use spans::{Subscribed, drain, publish};

#[cfg(feature = "tracing")]
mod spans {
    use std::time::Duration;

    use tracing::field::{Empty, display};
    use tracing::span::EnteredSpan;
    use tracing::{Span, debug_span, info_span, trace_span};

    use super::super::super::start::Resumption;
    use crate::encode::Unsequenced;
    use crate::field::{EventId, LastEventId};

    /// The span of one subscription, a child of the one in which it was made.
    #[derive(Debug)]
    pub(crate) struct Subscribed {
        span: Span,
        delivered: u64,
    }

    impl Subscribed {
        pub(crate) fn new(channel: &str, last_event_id: &LastEventId) -> Self {
            let span = debug_span!(
                target: "typed_sse",
                "sse.subscription",
                channel,
                last_event_id = last_event_id.as_str(),
                resumption = Empty,
                missed = Empty,
                replayed = Empty,
                delivered = Empty,
                end = Empty,
            );
            Self { span, delivered: 0 }
        }

        pub(crate) fn begins(&self, resumption: Resumption, replayed: u64) {
            let word = match resumption {
                Resumption::New => "new",
                Resumption::Complete => "complete",
                Resumption::Reset(reset) => {
                    if let Some(missed) = reset.missed {
                        self.span.record("missed", missed);
                    }
                    reset.reason.as_str()
                }
            };
            self.span.record("resumption", word);
            self.span.record("replayed", replayed);
        }

        pub(crate) fn delivered(&mut self, events: u64) {
            self.delivered += events;
        }

        pub(crate) fn ends(&self, end: &'static str) {
            self.span.record("delivered", self.delivered);
            self.span.record("end", end);
        }
    }

    pub(crate) struct Published(EnteredSpan);

    pub(crate) fn publish(channel: &str, event: &Unsequenced) -> Published {
        let event_type = event.event_type();
        let span = trace_span!(target: "typed_sse", "sse.publish", channel, event_type, id = Empty);
        Published(span.entered())
    }

    impl Published {
        pub(crate) fn as_id(&self, id: &EventId) {
            self.0.record("id", display(id));
        }
    }

    pub(crate) struct Draining(Span);

    pub(crate) fn drain(subscribers: usize, window: Duration) -> Draining {
        let window_ms = u64::try_from(window.as_millis()).unwrap_or(u64::MAX);
        Draining(
            info_span!(target: "typed_sse", "sse.drain", subscribers, window_ms, ended = Empty, cut = Empty),
        )
    }

    impl Draining {
        pub(crate) fn done(&self, ended: usize, cut: usize) {
            self.0.record("ended", ended).record("cut", cut);
        }
    }
}

#[cfg(not(feature = "tracing"))]
#[expect(clippy::unused_self, reason = "they stand for those that have something to do")]
mod spans {
    use std::time::Duration;

    use super::super::super::start::Resumption;
    use crate::encode::Unsequenced;
    use crate::field::{EventId, LastEventId};

    #[derive(Debug)]
    pub(crate) struct Subscribed;

    impl Subscribed {
        pub(crate) const fn new(_: &str, _: &LastEventId) -> Self {
            Self
        }

        pub(crate) const fn begins(&self, _: Resumption, _: u64) {}

        pub(crate) const fn delivered(&mut self, _: u64) {}

        pub(crate) const fn ends(&self, _: &'static str) {}
    }

    pub(crate) struct Published;

    pub(crate) const fn publish(_: &str, _: &Unsequenced) -> Published {
        Published
    }

    impl Published {
        pub(crate) const fn as_id(&self, _: &EventId) {}
    }

    pub(crate) struct Draining;

    pub(crate) const fn drain(_: usize, _: Duration) -> Draining {
        Draining
    }

    impl Draining {
        pub(crate) const fn done(&self, _: usize, _: usize) {}
    }
}
