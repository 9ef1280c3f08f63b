//! Does what the machine says.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Instant, SystemTime};

use http::HeaderMap;
use tokio::time::Sleep;
use typed_sse_core::FromSseEvent;

use super::refusal::Refusal;
use super::request::Template;
use super::transport::{Answer, Body, BoxFuture, Transport};
use crate::error::{BoxError, Error, ErrorKind};
use crate::machine::{Action, Machine, Output, Redirect, Verdict, judge};
use crate::reset::Reset;

/// What the application does at a reset, before the stream goes on.
pub(super) type OnReset = Box<dyn FnMut(Reset) -> BoxFuture<()> + Send>;

/// A machine with a clock and a transport.
pub(super) struct Run<E> {
    pub(super) machine: Machine<E>,
    pub(super) template: Template,
    pub(super) transport: Option<Transport>,
    pub(super) on_reset: Option<OnReset>,
    io: Io,
    timer: Option<Pin<Box<Sleep>>>,
}

enum Io {
    Nothing,
    Headers(BoxFuture<Result<HeaderMap, BoxError>>),
    Sending(BoxFuture<Result<Answer, BoxError>>),
    Refused(Refusal),
    Reading(Pin<Box<dyn Body>>),
    /// The application loads its state; nothing is read meanwhile.
    Gate(BoxFuture<()>, Option<Pin<Box<dyn Body>>>),
}

impl<E> Run<E> {
    pub(super) fn new(template: Template) -> Self {
        let machine = Machine::new();
        Self { machine, template, transport: None, on_reset: None, io: Io::Nothing, timer: None }
    }

    fn connect(&mut self, redirect: Option<&Redirect>) {
        match self.template.aim(redirect) {
            Ok(()) => {}
            Err(error) if error.is_final() => return self.machine.fail(error),
            Err(error) => return self.machine.on_failure(error, now()),
        }
        match (redirect, &mut self.template.fresh) {
            (None, Some(fresh)) => self.io = Io::Headers(fresh()),
            _ => self.send(),
        }
    }

    fn send(&mut self) {
        let transport = match transport(&mut self.transport) {
            Ok(transport) => transport,
            Err(error) => return self.machine.fail(Error::with_source(ErrorKind::Request, error)),
        };
        match self.template.request(self.machine.last_event_id()) {
            Ok(request) => self.io = Io::Sending(transport(request)),
            Err(error) => self.machine.fail(Error::with_source(ErrorKind::Request, error)),
        }
    }

    fn fail(&mut self, kind: ErrorKind, error: BoxError) {
        self.io = Io::Nothing;
        self.machine.on_failure(Error::with_source(kind, error), now());
    }

    /// Goes on with the response. Pending with the deadline to watch.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<()> {
        match &mut self.io {
            Io::Headers(headers) => match ready!(headers.as_mut().poll(context)) {
                Ok(headers) => {
                    self.template.of_attempt = headers;
                    self.send();
                }
                Err(error) => self.fail(ErrorKind::Headers, error),
            },
            Io::Sending(response) => match ready!(response.as_mut().poll(context)) {
                Ok(answer) => {
                    let retried = &self.machine.settings.retried_statuses;
                    let verdict = judge(answer.status, &answer.headers, retried, SystemTime::now());
                    if !matches!(verdict, Verdict::Follow(_)) {
                        self.template.stay();
                    }
                    if Refusal::is_one(&verdict, &answer.headers) {
                        self.io = Io::Refused(Refusal::new(verdict, answer.body, now()));
                    } else {
                        self.machine.on_head(verdict, now());
                        self.io = Io::Reading(answer.body);
                    }
                }
                Err(error) => self.fail(ErrorKind::Transport, error),
            },
            Io::Nothing | Io::Refused(_) | Io::Reading(_) | Io::Gate(..) => {
                self.fail(ErrorKind::Transport, "no request is under way".into());
            }
        }
        Poll::Ready(())
    }

    /// Reads what the server says of its refusal, before the machine is told of it.
    fn poll_refusal(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Io::Refused(refusal) = &mut self.io else { return Poll::Ready(()) };
        if refusal.poll_read(context).is_pending() {
            let until = refusal.until;
            ready!(self.poll_timer(until, context));
        }
        if let Io::Refused(refusal) = std::mem::replace(&mut self.io, Io::Nothing) {
            self.machine.on_head(refusal.into_verdict(), now());
        }
        Poll::Ready(())
    }

    fn poll_body(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Io::Reading(body) = &mut self.io else {
            self.machine.on_end(now());
            return Poll::Ready(());
        };
        match ready!(body.as_mut().poll_bytes(context)) {
            Some(Ok(bytes)) => self.machine.on_bytes(bytes),
            Some(Err(error)) => self.fail(ErrorKind::Transport, error),
            None => self.machine.on_end(now()),
        }
        Poll::Ready(())
    }

    fn poll_gate(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if let Io::Gate(gate, body) = &mut self.io {
            ready!(gate.as_mut().poll(context));
            self.io = body.take().map_or(Io::Nothing, Io::Reading);
        }
        Poll::Ready(())
    }

    /// Sleeps until then.
    fn poll_timer(&mut self, until: Instant, context: &mut Context<'_>) -> Poll<()> {
        let until = tokio::time::Instant::from_std(until);
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(context)
    }

    /// Waits for what was started, until the deadline.
    fn poll_timeout(&mut self, deadline: Option<Instant>, context: &mut Context<'_>) -> Poll<()> {
        let Some(deadline) = deadline else { return Poll::Pending };
        ready!(self.poll_timer(deadline, context));
        self.machine.on_timeout(now());
        Poll::Ready(())
    }
}

impl<E: FromSseEvent> Run<E> {
    /// The next output; `None` at the end.
    pub(super) fn poll_output(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Output<E>, Error>>> {
        for _ in 0..TURNS {
            ready!(self.poll_gate(context));
            match self.machine.next(now()) {
                Action::Yield(output) => {
                    self.let_go();
                    if let Some(output) = self.pass_gate(output) {
                        return Poll::Ready(Some(output));
                    }
                }
                Action::Connect(redirect) => self.connect(redirect.as_ref()),
                Action::AwaitHead(_) if matches!(self.io, Io::Refused(_)) => {
                    ready!(self.poll_refusal(context))
                }
                Action::AwaitHead(deadline) => {
                    if self.poll_head(context).is_pending() {
                        ready!(self.poll_timeout(deadline, context));
                    }
                }
                Action::Read(deadline) => {
                    if self.poll_body(context).is_pending() {
                        ready!(self.poll_timeout(deadline, context));
                    }
                }
                Action::Wait(until) => {
                    self.let_go();
                    ready!(self.poll_timer(until, context));
                }
                Action::Stop => {
                    self.let_go();
                    return Poll::Ready(None);
                }
            }
        }
        // A server that sends comments without end must not keep other tasks from running.
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Closes the connection as soon as it is not needed: behind a terminal event, not when the server ends it.
    fn let_go(&mut self) {
        if !self.machine.is_open() {
            self.io = Io::Nothing;
        }
        if self.machine.end().is_some() {
            self.timer = None;
        }
    }

    /// Hands a reset to the application's hook, if it has one.
    fn pass_gate(&mut self, output: Result<Output<E>, Error>) -> Option<Result<Output<E>, Error>> {
        match (output, &mut self.on_reset) {
            (Ok(Output::Reset(reset)), Some(on_reset)) => {
                let body = match std::mem::replace(&mut self.io, Io::Nothing) {
                    Io::Reading(body) => Some(body),
                    _ => None,
                };
                self.io = Io::Gate(on_reset(reset), body);
                None
            }
            (output, _) => Some(output),
        }
    }
}

/// The transport, made when it is first needed.
fn transport(given: &mut Option<Transport>) -> Result<&mut Transport, BoxError> {
    #[cfg(feature = "reqwest")]
    if given.is_none() {
        *given = Some(super::over_reqwest::by_default()?);
    }
    given
        .as_mut()
        .ok_or_else(|| "no transport: choose one by `Client::over`, or the feature `reqwest`".into())
}

/// The runtime's clock, which a test may have paused.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// So many steps before other tasks have their turn.
const TURNS: usize = 128;
