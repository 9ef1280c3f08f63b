//! The machine, told everything by hand.

use http::{HeaderMap, HeaderValue};
use typed_sse_core::{Event, EventRef, FromEventError};

use super::*;
use crate::reset::ResetReason;

/// An event that may be the last.
#[derive(Debug, PartialEq)]
struct Token(String);

impl FromSseEvent for Token {
    fn from_event(event: &EventRef<'_>) -> Result<Self, FromEventError> {
        match event.event_type {
            "message" => Ok(Self(event.data.to_owned())),
            other => Err(FromEventError::unknown_event_type(other)),
        }
    }

    fn is_terminal(&self) -> bool {
        self.0 == "[DONE]"
    }
}

struct Driver {
    machine: Machine<Token>,
    now: Instant,
}

impl Driver {
    fn new() -> Self {
        let mut machine = Machine::new();
        machine.settings.backoff = Backoff::new().with_jitter(0.0);
        Self { machine, now: Instant::now() }
    }

    /// The next action in one word.
    fn next(&mut self) -> String {
        match self.machine.next(self.now) {
            Action::Yield(Ok(Output::Event(Token(data)))) => format!("event {data}"),
            Action::Yield(Ok(Output::Reset(reset))) => format!("reset {:?}", reset.reason),
            Action::Yield(Ok(Output::State(State::Reconnecting { reason, delay }))) => {
                format!("back in {} ms: {:?}", delay.as_millis(), reason.kind())
            }
            Action::Yield(Ok(Output::State(state))) => format!("{state:?}"),
            Action::Yield(Err(error)) => {
                format!("{} {:?}", if error.is_final() { "final" } else { "error" }, error.kind())
            }
            Action::Connect(None) => "connect".to_owned(),
            Action::Connect(Some(redirect)) => format!("follow {:?}", redirect.location),
            Action::AwaitHead(_) => "await".to_owned(),
            Action::Read(deadline) => format!("read {:?}", deadline.map(|at| (at - self.now).as_secs())),
            Action::Wait(until) => format!("wait {}", (until - self.now).as_millis()),
            Action::Stop => "stop".to_owned(),
        }
    }

    fn pass(&mut self, time: Duration) {
        self.now += time;
    }

    fn connect(&mut self) {
        assert_eq!([self.next(), self.next(), self.next()], ["Connecting", "connect", "await"]);
    }

    fn open(&mut self) {
        self.connect();
        self.machine.on_head(Verdict::Open, self.now);
        assert_eq!(self.next(), "Open");
    }

    fn bytes(&mut self, bytes: &'static str) {
        self.machine.on_bytes(Bytes::from_static(bytes.as_bytes()));
    }

    fn break_off(&mut self) -> String {
        self.machine.on_failure(Error::new(ErrorKind::Transport), self.now);
        self.next()
    }
}

#[test]
fn reads_loses_and_comes_back_with_the_id() {
    let mut driver = Driver::new();
    driver.open();
    assert_eq!(driver.next(), "read Some(300)");
    driver.bytes("id: 1\ndata: a\n\nid: 2\n\ndata: lost");
    assert_eq!(driver.next(), "event a");
    assert_eq!(driver.machine.last_event_id(), "1");
    assert_eq!(driver.next(), "read Some(300)");
    assert_eq!(driver.machine.last_event_id(), "2");
    assert_eq!(driver.break_off(), "back in 3000 ms: Transport");
    assert_eq!(driver.next(), "wait 3000");
    driver.pass(Duration::from_millis(2999));
    assert_eq!(driver.next(), "wait 1");
    driver.pass(Duration::from_millis(1));
    driver.open();
    driver.bytes("data: b\n\n");
    assert_eq!(driver.next(), "event b");
    assert_eq!(driver.machine.last_event_id(), "2");
}

#[test]
fn failures_double_the_wait_until_a_connection_has_proved_itself() {
    let mut driver = Driver::new();
    for delay in [3000, 6000, 12000] {
        driver.connect();
        assert_eq!(driver.break_off(), format!("back in {delay} ms: Transport"));
        driver.pass(Duration::from_millis(delay));
    }
    // Open, but neither for long nor with an event.
    driver.open();
    driver.bytes(": hello\n");
    driver.next();
    assert_eq!(driver.break_off(), "back in 24000 ms: Transport");
    driver.pass(Duration::from_secs(24));
    // For five seconds.
    driver.open();
    driver.pass(Duration::from_secs(5));
    assert_eq!(driver.break_off(), "back in 3000 ms: Transport");
    driver.pass(Duration::from_secs(3));
    driver.connect();
    assert_eq!(driver.break_off(), "back in 6000 ms: Transport");
    driver.pass(Duration::from_secs(6));
    // With an event.
    driver.open();
    driver.bytes("data: a\n\n");
    driver.next();
    assert_eq!(driver.break_off(), "back in 3000 ms: Transport");
}

#[test]
fn the_reconnection_time_is_the_servers() {
    let mut driver = Driver::new();
    driver.open();
    driver.bytes("retry: 7000\n");
    driver.next();
    driver.machine.on_end(driver.now);
    assert_eq!(driver.next(), "back in 7000 ms: Ended");
    driver.pass(Duration::from_secs(7));
    driver.open();
    driver.bytes("retry: 0\ndata: a\n\n");
    driver.next();
    assert_eq!(driver.break_off(), "back in 100 ms: Transport");
    driver.pass(Duration::from_millis(100));
    driver.open();
    driver.bytes("retry: 99999999999999999999999\nretry: 1x\nretry: 18446744073709551615\ndata: a\n\n");
    driver.next();
    assert_eq!(driver.break_off(), format!("back in {} ms: Transport", 24 * 60 * 60 * 1000));
}

#[test]
fn the_idle_limit_counts_while_somebody_waits() {
    let mut driver = Driver::new();
    driver.open();
    assert_eq!(driver.next(), "read Some(300)");
    driver.pass(Duration::from_secs(200));
    assert_eq!(driver.next(), "read Some(100)");
    driver.bytes(":\n");
    assert_eq!(driver.next(), "read Some(300)");
    driver.bytes("data: a\n\n");
    assert_eq!(driver.next(), "event a");
    // The application is busy.
    driver.pass(Duration::from_secs(900));
    assert_eq!(driver.next(), "read Some(300)");
    driver.pass(Duration::from_secs(300));
    driver.machine.on_timeout(driver.now);
    assert_eq!(driver.next(), "back in 3000 ms: Idle");
    driver.machine.settings.idle_limit = None;
    driver.pass(Duration::from_secs(3));
    driver.open();
    assert_eq!(driver.next(), "read None");
    driver.machine.settings.idle_limit = Some(Duration::MAX);
    assert_eq!(driver.next(), "read None");
}

#[test]
fn a_head_that_does_not_come_is_a_failure() {
    let mut driver = Driver::new();
    driver.connect();
    driver.machine.on_timeout(driver.now);
    assert_eq!(driver.next(), "back in 3000 ms: ConnectTimeout");
}

#[test]
fn a_terminal_event_ends_the_stream_at_once() {
    let mut driver = Driver::new();
    driver.open();
    driver.bytes("data: a\n\ndata: [DONE]\n\ndata: more\n\n");
    assert_eq!([driver.next(), driver.next(), driver.next()], ["event a", "event [DONE]", "stop"]);
    assert_eq!(driver.machine.end(), Some(End::Terminal));
}

#[test]
fn one_connection_only() {
    for (requires_terminal, told, end) in [(false, "stop", End::Body), (true, "final Ended", End::Failed)] {
        let mut driver = Driver::new();
        driver.machine.settings.is_once = true;
        driver.machine.settings.requires_terminal = requires_terminal;
        driver.open();
        driver.machine.on_end(driver.now);
        assert_eq!(driver.next(), told);
        assert_eq!(driver.machine.end(), Some(end));
        assert_eq!(driver.next(), "stop");
    }
    let mut driver = Driver::new();
    driver.machine.settings.is_once = true;
    driver.open();
    assert_eq!([driver.break_off(), driver.next()], ["final Transport", "stop"]);
}

#[test]
fn gives_up_after_failures_in_a_row() {
    let mut driver = Driver::new();
    driver.machine.settings.give_up_after = Some(2);
    for _ in 0..3 {
        driver.open();
        driver.bytes("data: a\n\n");
        driver.next();
        assert_eq!(driver.break_off(), "back in 3000 ms: Transport");
        driver.pass(Duration::from_secs(3));
    }
    driver.connect();
    assert_eq!([driver.break_off(), driver.next()], ["final Transport", "stop"]);
}

#[test]
fn statuses() {
    let mut driver = Driver::new();
    driver.connect();
    let later = Error::new(ErrorKind::Status(503)).after(Some(Duration::from_secs(20)));
    driver.machine.on_head(Verdict::Later(later), driver.now);
    assert_eq!(driver.next(), "back in 20000 ms: Status(503)");
    driver.pass(Duration::from_secs(20));
    driver.connect();
    driver.machine.on_head(Verdict::NoContent, driver.now);
    assert_eq!([driver.next(), driver.next()], ["stop", "stop"]);
    assert_eq!(driver.machine.end(), Some(End::NoContent));

    let mut driver = Driver::new();
    driver.connect();
    driver.machine.on_head(Verdict::Fail(Error::new(ErrorKind::Status(404))), driver.now);
    assert_eq!([driver.next(), driver.next()], ["final Status(404)", "stop"]);
}

#[test]
fn twenty_redirects_and_no_more() {
    let redirect =
        || Verdict::Follow(Redirect { location: HeaderValue::from_static("/"), keeps_method: true });
    let mut driver = Driver::new();
    for delay in [3000, 6000] {
        driver.connect();
        for _ in 0..20 {
            driver.machine.on_head(redirect(), driver.now);
            assert_eq!([driver.next(), driver.next()], ["follow \"/\"", "await"]);
        }
        driver.machine.on_head(redirect(), driver.now);
        assert_eq!(driver.next(), format!("back in {delay} ms: TooManyRedirects"));
        driver.pass(Duration::from_millis(delay));
    }
}

#[test]
fn errors_of_one_event_end_nothing() {
    let mut driver = Driver::new();
    driver.machine.set_limit(20);
    driver.open();
    driver.bytes("event: news\ndata: x\n\ndata: 0123456789012345\n\ndata: a\n\n");
    assert_eq!(driver.next(), "error Event");
    assert_eq!(driver.next(), "error TooLong { limit: 20 }");
    assert_eq!(driver.next(), "event a");
}

#[test]
fn an_id_that_no_header_carries_ends_the_stream() {
    let long = format!("id: {}\n\n", "x".repeat(LastEventId::MAX_LEN + 1));
    for block in [long, "id: a\u{1}b\n\n".to_owned(), "id: \u{7f}\n\n".to_owned()] {
        let mut driver = Driver::new();
        driver.open();
        driver.machine.on_bytes(block.into());
        driver.next();
        assert_eq!([driver.break_off(), driver.next()], ["final LastEventId", "stop"]);
    }
    assert!(can_be_sent("tab\tand … are text"));
}

#[test]
fn a_reset_is_read_apart_or_by_the_type() {
    let reset = "event: reset\ndata: {\"reason\":\"trimmed\",\"missed\":3}\n\n";
    let mut driver = Driver::new();
    driver.open();
    // The type has no event for it, so that it is told as what it is.
    driver.bytes(reset);
    assert_eq!(driver.next(), "reset Trimmed");
    driver.bytes("event: reset\ndata: {\"reason\":\"tired\",\"missed\":null}\n\n");
    assert_eq!(driver.next(), "reset Other");
    // An event of somebody else that is called so.
    for data in ["{}", "x", "{\"reason\":1,\"missed\":1}", "{\"reason\":\"epoch\",\"missed\":-1}"] {
        driver.next();
        driver.machine.on_bytes(format!("event: reset\ndata: {data}\n\n").into());
        assert_eq!(driver.next(), "error Event", "{data}");
    }

    for (resets, is_apart) in [(Resets::ToType, false), (Resets::Apart, true)] {
        let mut machine = Machine::<Event>::new();
        machine.settings.resets = resets;
        machine.on_head(Verdict::Open, Instant::now());
        machine.told = None;
        machine.on_bytes(Bytes::from_static(reset.as_bytes()));
        match machine.next(Instant::now()) {
            Action::Yield(Ok(Output::Reset(reset))) => {
                assert!(is_apart);
                assert_eq!((reset.reason, reset.missed), (ResetReason::Trimmed, Some(3)));
            }
            Action::Yield(Ok(Output::Event(event))) => {
                assert!(!is_apart);
                assert_eq!(event.event_type(), "reset");
            }
            _ => panic!("neither"),
        }
    }
}

#[test]
fn a_given_id_is_the_last_one() {
    let mut driver = Driver::new();
    driver.machine.set_last_event_id(&" 7".into());
    driver.machine.set_limit(8);
    assert_eq!(driver.machine.last_event_id(), " 7");
    driver.open();
    driver.bytes("data: a\n\nid\n\n");
    assert_eq!(driver.next(), "event a");
    assert_eq!(driver.machine.last_event_id(), " 7");
    driver.next();
    assert_eq!(driver.machine.last_event_id(), "");
}

#[test]
fn no_verdict_without_a_head() {
    let verdict = judge(http::StatusCode::OK, &HeaderMap::new(), &[], std::time::SystemTime::UNIX_EPOCH);
    assert!(matches!(verdict, Verdict::Fail(error) if error.kind() == ErrorKind::ContentType));
}
