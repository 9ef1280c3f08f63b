//! What each adapter serves.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _, stream};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use typed_sse_core::{BoxError, Channel, Event, EventType, Frame, KeepAlive, Slow, SocketOptions};

use crate::client::DEADLINE;

/// The application under test.
#[derive(Clone, Debug)]
pub struct App {
    /// What `/events` subscribes to.
    pub channel: Channel<Event>,
    /// What `/idle` subscribes to: nothing is published there.
    pub idle: Channel<Event>,
    /// The keep-alive of both: short, so that no test waits for long.
    pub keep_alive: KeepAlive,
    /// The reconnection time of all streams: 3 s, since the default is drawn, unless told otherwise.
    pub reconnection_time: Duration,
    /// The greatest lifetime of both: longer than any server runs, unless told otherwise.
    pub lifetime: Duration,
    /// What accepted sockets are tuned with.
    pub socket: SocketOptions,
    /// How long clients may hold a server that stops.
    pub grace: Duration,
    /// No other scenario runs beside it.
    pub(crate) alone: bool,
}

/// Where a server says that it listens.
#[derive(Debug)]
pub struct Ready {
    tell: oneshot::Sender<(SocketAddr, usize)>,
    buffer: usize,
}

/// A running server.
#[derive(Debug)]
pub struct Server {
    /// The application it serves.
    pub app: App,
    /// Where it listens.
    pub address: SocketAddr,
    /// How many bytes its framework holds more than hyper for a client that does not read, if it copies what is sent.
    pub buffer: usize,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// A stream that is over before it began.
#[derive(Debug)]
pub struct Over;

/// A stream that breaks.
#[derive(Debug)]
pub struct Broken;

impl App {
    /// The application of most scenarios: a keep-alive each 50 ms, a write deadline of 1.5 s, a grace of 5 s.
    #[must_use]
    pub fn new() -> Self {
        Self {
            // No client goes because it has fallen behind: what ends it is the server, or itself.
            channel: Channel::builder().events(1000).slow(Slow::Skip).build(),
            idle: Channel::new(),
            keep_alive: KeepAlive::new().with_interval(Duration::from_millis(50)),
            reconnection_time: Duration::from_secs(3),
            lifetime: Duration::MAX,
            socket: SocketOptions::new().with_write_deadline(Duration::from_millis(1500)),
            grace: Duration::from_secs(5),
            alone: false,
        }
    }

    /// With a keep-alive each second, for what must not come too early.
    #[must_use]
    pub fn calm() -> Self {
        Self { keep_alive: KeepAlive::new().with_interval(Duration::from_secs(1)), ..Self::new() }
    }

    /// With a keep-alive each half second, so that a few of them can be counted.
    #[must_use]
    pub fn steady() -> Self {
        Self { keep_alive: KeepAlive::new().with_interval(Duration::from_millis(500)), ..Self::new() }
    }

    /// Whose clients come back at once.
    #[must_use]
    pub fn prompt() -> Self {
        Self { reconnection_time: Duration::from_millis(1), ..Self::new() }
    }

    /// Whose streams end while they are watched, and whose clients find whatever they missed meanwhile.
    #[must_use]
    pub fn brief() -> Self {
        Self {
            channel: Channel::builder().events(1_000_000).slow(Slow::Skip).build(),
            lifetime: Duration::from_millis(500),
            ..Self::new()
        }
    }

    /// For so many clients that no other scenario can keep time beside them.
    #[must_use]
    pub fn crowded() -> Self {
        Self { alone: true, ..Self::calm() }
    }

    /// Whose write deadline is a little less than its keep-alive, as by default.
    #[must_use]
    pub fn scaled() -> Self {
        let keep_alive = KeepAlive::new().with_interval(Duration::from_secs(2));
        Self { keep_alive, ..Self::new() }
    }

    /// Which keeps clients that stop reading until it is told to stop.
    #[must_use]
    pub fn stopping() -> Self {
        let socket = SocketOptions::new().with_write_deadline(Duration::from_secs(600));
        Self { socket, ..Self::new() }
    }

    /// Which keeps clients that stop reading for longer than any test takes, and holds 4 MiB of events for all.
    #[must_use]
    pub fn patient() -> Self {
        let socket = SocketOptions::new().with_write_deadline(Duration::from_secs(600));
        Self {
            channel: Channel::builder().bytes(4 << 20).slow(Slow::Skip).build(),
            socket,
            alone: true,
            ..Self::calm()
        }
    }
}

impl Default for App {
    fn default() -> Self {
        Self::new()
    }
}

impl Server {
    /// Starts `serve` with `app`, and waits until it listens.
    ///
    /// # Panics
    ///
    /// If it does not.
    #[expect(clippy::unwrap_used, reason = "a server that does not listen fails its test")]
    pub async fn start<F: Future<Output = ()> + Send + 'static>(
        app: App,
        serve: impl FnOnce(App, Ready, oneshot::Receiver<()>) -> F,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = oneshot::channel();
        let task = tokio::spawn(serve(app.clone(), Ready { tell, buffer: 0 }, stopped));
        let (address, buffer) = told.await.unwrap();
        Self { app, address, buffer, stop, task }
    }

    /// Tells the server to stop, and waits until it has: it accepts no more, and all connections are done or
    /// had their grace.
    ///
    /// # Panics
    ///
    /// If the server panicked, or does not stop.
    #[expect(clippy::unwrap_used, reason = "a server that panicked fails its test")]
    pub async fn stop(self) {
        let _ = self.stop.send(());
        timeout(DEADLINE, self.task).await.unwrap().unwrap();
    }
}

impl Ready {
    /// Says that the framework copies what is sent, and how many bytes it holds more than hyper for a client that does not read.
    #[must_use]
    pub fn with_buffer(self, buffer: usize) -> Self {
        Self { buffer, ..self }
    }

    /// Listens on a free port, and says so.
    ///
    /// # Panics
    ///
    /// If no port is free.
    #[expect(clippy::unwrap_used, reason = "a test that cannot listen fails")]
    pub async fn listen(self) -> TcpListener {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        self.listens(listener.local_addr().unwrap());
        listener
    }

    /// Says where a server that made its own listener listens.
    pub fn listens(self, address: SocketAddr) {
        let _ = self.tell.send((address, self.buffer));
    }
}

impl Over {
    /// Of a channel that is finished, for a client that has everything: through a combinator, as an application has it.
    pub fn events() -> impl Stream<Item = Result<Frame, BoxError>> + Send + 'static {
        let finished = Channel::<Event>::new();
        finished.finish_now();
        finished.subscribe(None).map(|frame| frame.map_err(BoxError::from))
    }
}

impl Broken {
    /// Two whole events, then an error.
    pub fn events() -> impl Stream<Item = Result<Event, io::Error>> + Send + 'static {
        stream::iter([Ok(Event::new("one")), Ok(Event::new("two")), Err(io::Error::other("broken"))])
    }

    /// What the client is told of the error.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "as `on_error` calls it")]
    pub fn tell(error: BoxError) -> Event {
        Event::new(error.to_string()).with_event_type(EventType::from_static("error"))
    }
}
