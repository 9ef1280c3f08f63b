//! How a server stops that has event streams open.

use std::fmt;
use std::future::{Future, IntoFuture, pending, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::channel::{Channel, DrainReport, Topics};

/// Stops a server: on a signal, streams first, with a deadline behind it.
///
/// A graceful shutdown waits for open responses, and an event stream is open for as long as its client likes. So the streams have to end
/// before the server does, and a client that does not read must not hold it either. [`serve`](Self::serve) does both, in this order:
///
/// 1. The server runs until it is asked to stop: by Ctrl-C or `SIGTERM` ([`on_signal`](Self::on_signal)), or when a future of yours
///    is done ([`when`](Self::when)).
/// 2. Every channel that was named by [`drain`](Self::drain) ends its streams, spread over the [`window`](Self::window) with
///    reconnection times that are spread as well. Meanwhile the server still answers.
/// 3. The server is told to stop, and has the [`grace`](Self::grace) to finish what is left: other responses, and streams of no
///    channel. Behind that it is left: what is still open is cut when your `main` returns.
///
/// A second signal skips the rest of the window, or of the grace: whoever is in a hurry presses Ctrl-C again.
///
/// ```
/// # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> std::io::Result<()> {
/// use std::time::Duration;
/// use typed_sse_core::{Channel, Event, Shutdown};
///
/// let channel = Channel::<Event>::new();
/// let _stream = channel.subscribe(None);
/// // A server that a test stops after a minute; yours says `Shutdown::on_signal()`.
/// let asked = tokio::time::sleep(Duration::from_secs(60));
/// Shutdown::when(asked)
///     .drain(&channel)
///     // A framework's server is made here, and `stop` handed to its graceful shutdown.
///     .serve(|stop| stop)
///     .await
/// # }
/// ```
#[must_use = "a server stops by it when `serve` is called"]
pub struct Shutdown {
    request: Request,
    drains: Vec<Drain>,
    window: Duration,
    grace: Duration,
}

/// What asks for it.
enum Request {
    Signal,
    Future(BoxFuture),
}

type Drain = Box<dyn FnOnce(Duration) -> BoxFuture + Send>;

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What [`Shutdown::drain`] takes: a [`Channel`] or [`Topics`].
///
/// Sealed: it stands for nothing else.
pub trait Drainable: sealed::Sealed {
    /// Drains it over this window.
    #[doc(hidden)]
    fn drained(&self, window: Duration) -> BoxFuture;
}

/// What a server ends with, as [`Shutdown::serve`] takes it: nothing, or an [`io::Result`].
///
/// Sealed: it stands for nothing else.
pub trait Served: sealed::Sealed {
    /// How it ended.
    #[doc(hidden)]
    fn into_result(self) -> io::Result<()>;
}

impl Shutdown {
    /// Stops on Ctrl-C, or on `SIGTERM`, which service managers and containers send.
    pub fn on_signal() -> Self {
        Self::new(Request::Signal)
    }

    /// Stops when `requested` is done.
    pub fn when(requested: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::new(Request::Future(Box::pin(requested)))
    }

    fn new(request: Request) -> Self {
        // Together less than the 10 s after which Docker kills.
        Self { request, drains: Vec::new(), window: Duration::from_secs(5), grace: Duration::from_secs(4) }
    }

    /// Ends the streams of this [`Channel`], or of these [`Topics`], before the server stops. For several, call it again: they share
    /// the window.
    pub fn drain(mut self, streams: &(impl Drainable + Clone + Send + 'static)) -> Self {
        let streams = streams.clone();
        self.drains.push(Box::new(move |window| streams.drained(window)));
        self
    }

    /// Sets over how long the streams end. Default: 5 s. See [`Channel::drain`].
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Sets how long the server then has for what is left. Default: 4 s.
    ///
    /// Window and grace together should be less than what your service manager allows before it kills: Kubernetes 30 s, Docker
    /// 10 s unless told otherwise.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Runs the server that `server` makes, and returns once it has stopped. It hands over the future by which your framework learns that it has to
    /// stop; give that to its graceful shutdown.
    ///
    /// Call it in a Tokio runtime with I/O and time enabled, as every server has it.
    ///
    /// # Errors
    ///
    /// That of the server.
    pub fn serve<S>(self, server: impl FnOnce(Stop) -> S) -> impl Future<Output = io::Result<()>>
    where
        S: IntoFuture<Output: Served>,
    {
        let grace = self.grace;
        let (began, begun) = oneshot::channel();
        // Not in the future: what makes a server need not be `Send` (`HttpServer` of actix-web is not).
        let server = server(Stop(Box::pin(self.stopped(began)))).into_future();
        async move {
            let mut server = pin!(server);
            let mut deadline = pin!(over(begun, grace));
            poll_fn(|context| {
                if let Poll::Ready(served) = server.as_mut().poll(context) {
                    return Poll::Ready(served.into_result());
                }
                deadline.as_mut().poll(context).map(Ok)
            })
            .await
        }
    }

    /// Done once stopping was asked for and all streams have ended. Then the grace begins.
    async fn stopped(self, began: oneshot::Sender<Signals>) {
        let mut signals = Signals::default();
        match self.request {
            Request::Future(requested) => requested.await,
            Request::Signal => {
                signals = Signals::install();
                poll_fn(|context| signals.poll(context)).await;
            }
        }
        let mut drains: Vec<_> = self.drains.into_iter().map(|drain| drain(self.window)).collect();
        poll_fn(|context| {
            drains.retain_mut(|drain| drain.as_mut().poll(context).is_pending());
            if drains.is_empty() { Poll::Ready(()) } else { signals.poll(context) }
        })
        .await;
        // Nobody waits for it where the server is gone.
        let _ = began.send(signals);
    }
}

/// Done once the grace is over that begins when streams have ended, or at one more signal.
async fn over(begun: oneshot::Receiver<Signals>, grace: Duration) {
    // A server that drops its `Stop` ends for reasons of its own.
    let Ok(mut signals) = begun.await else { return pending().await };
    let mut end = pin!(sleep(grace));
    poll_fn(|context| match signals.poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => end.as_mut().poll(context),
    })
    .await;
    tracing::warn!("the server stops with responses that are not done: its grace is over");
}

/// Done once the server has to stop: what the graceful shutdown of a framework waits for.
#[must_use = "hand it to the graceful shutdown of your server"]
pub struct Stop(BoxFuture);

impl Future for Stop {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(context)
    }
}

/// What asks a process to stop; nothing where it is not looked for.
#[derive(Default)]
struct Signals(Vec<Signal>);

#[cfg(unix)]
type Signal = tokio::signal::unix::Signal;
#[cfg(windows)]
type Signal = tokio::signal::windows::CtrlC;

impl Signals {
    fn install() -> Self {
        #[cfg(unix)]
        let signals = {
            use tokio::signal::unix::{SignalKind, signal};
            [SignalKind::interrupt(), SignalKind::terminate()].map(signal)
        };
        #[cfg(windows)]
        let signals = [tokio::signal::windows::ctrl_c()];
        let installed = signals.into_iter().filter_map(|signal| match signal {
            Ok(signal) => Some(signal),
            Err(error) => {
                tracing::error!(%error, "a signal cannot be waited for: it ends the process at once");
                None
            }
        });
        Self(installed.collect())
    }

    /// Ready once for each signal that came.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let came = |signal: &mut Signal| signal.poll_recv(context).is_ready();
        if self.0.iter_mut().any(came) { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl<E: 'static> Drainable for Channel<E> {
    fn drained(&self, window: Duration) -> BoxFuture {
        let channel = self.clone();
        Box::pin(async move { tell(channel.drain(window).await) })
    }
}

impl<E: 'static> Drainable for Topics<E> {
    fn drained(&self, window: Duration) -> BoxFuture {
        let topics = self.clone();
        Box::pin(async move { tell(topics.drain(window).await) })
    }
}

fn tell(DrainReport { ended, cut }: DrainReport) {
    tracing::info!(ended, cut, "event streams are drained");
}

impl Served for () {
    fn into_result(self) -> io::Result<()> {
        Ok(())
    }
}

impl Served for io::Result<()> {
    fn into_result(self) -> Self {
        self
    }
}

mod sealed {
    use super::{Channel, Topics, io};

    #[expect(unnameable_types, reason = "that is what seals a trait")]
    pub trait Sealed {}

    impl<E> Sealed for Channel<E> {}
    impl<E> Sealed for Topics<E> {}
    impl Sealed for () {}
    impl Sealed for io::Result<()> {}
}

impl fmt::Debug for Shutdown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shutdown")
            .field("drains", &self.drains.len())
            .field("window", &self.window)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").finish_non_exhaustive()
    }
}
