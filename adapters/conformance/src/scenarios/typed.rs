//! What the typed client makes of an adapter, as the ledger of what was published judges it.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::{self, BoxStream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{interval, timeout};
use typed_sse_client::{Backoff, Client, End, Event, Item, Reset, ResetReason, State};
use typed_sse_core::testing::{self, Ledger};
use typed_sse_core::{Channel, LastEventId, SseEvent as _};

use crate::app::Server;
use crate::client::DEADLINE;

/// The connections that are cut.
const CUTS: usize = 16;
/// Behind so many of them, the next one is made only when more was published than the channel retains.
const GAP: usize = 8;
/// What the channel retains.
const RETAINED: usize = 1000;

/// It comes from before a restart of the server, is cut again and again wherever that falls, and once for longer than what is
/// published meanwhile is retained. The ledger finds nothing missing, twice or out of order, and both resets true, up to the end.
pub async fn the_typed_client_misses_nothing(server: Server) {
    let ledger = Ledger::new().retaining(RETAINED);
    let mut judged = Judged { client: ledger.client(), heard: Vec::new(), id: String::new() };
    let last = judged.before_the_restart(&ledger).await;

    let line = Line::start(&server).await;
    let wait = Duration::from_millis(1);
    let backoff = Backoff::new().with_initial(wait).with_floor(wait).with_max(wait).with_jitter(0.0);
    let mut items = Client::<Event>::get(&line.url).last_event_id(last).backoff(backoff).items();
    let connections = Arc::clone(&line.connections);
    let publishing = tokio::spawn(publish_all(server.app.channel.clone(), ledger.clone(), line));
    let mut reasons = Vec::new();
    let read = async {
        while let Some(item) = items.next().await {
            match item.unwrap() {
                Item::Event { event, .. } => judged.hear(event.to_frame().unwrap().as_ref()),
                Item::Reset(reset) => {
                    reasons.push(reset.reason);
                    judged.hear(&bytes_of(reset, items.current_event_id()));
                }
                Item::State(State::Reconnecting { .. }) => {
                    judged.hear_place(items.current_event_id());
                    judged.lose();
                }
                Item::State(_) => {}
                other => panic!("{other:?}"),
            }
            items.current_event_id().clone_into(&mut judged.id);
        }
    };
    let read = timeout(DEADLINE, read).await;
    assert!(read.is_ok(), "no end behind `{}`", judged.id);
    publishing.await.unwrap();
    assert_eq!(items.end(), Some(End::NoContent));
    assert_eq!(reasons, [ResetReason::Epoch, ResetReason::Trimmed]);
    assert!(connections.load(Ordering::Relaxed) > CUTS);
    if let Err(violation) = judged.check(&ledger) {
        panic!("{violation}");
    }
}

/// What the typed client has told of, as a client that the ledger can check.
struct Judged {
    client: testing::Client<BoxStream<'static, Result<Bytes, Infallible>>>,
    /// What came on the connections that were lost, and on the one that is open.
    heard: Vec<Bytes>,
    /// The last event ID behind what came last.
    id: String,
}

impl Judged {
    /// Events of a channel that is gone, and the ID of the last.
    async fn before_the_restart(&mut self, ledger: &Ledger) -> LastEventId {
        let old = Channel::<Event>::new();
        let (received, mut witness) = (old.subscribe(None), old.subscribe(None));
        for data in ["one", "two", "three"] {
            old.publish(&Event::new(data)).await.unwrap();
        }
        ledger.witness("", &mut witness).unwrap();
        old.finish_now();
        for frame in received.collect::<Vec<_>>().await {
            self.hear(frame.unwrap().as_ref());
        }
        self.lose();
        let last = self.client.last_event_id();
        last.as_str().clone_into(&mut self.id);
        last
    }

    fn hear(&mut self, bytes: &[u8]) {
        self.heard.push(Bytes::copy_from_slice(bytes));
    }

    /// An ID that came without an event.
    fn hear_place(&mut self, id: &str) {
        if id != self.id {
            self.hear(format!("id: {id}\n\n").as_bytes());
        }
    }

    /// The connection is over.
    fn lose(&mut self) {
        let heard = std::mem::take(&mut self.heard);
        self.client.open(stream::iter(heard).map(Ok).boxed());
        self.client.ready();
    }

    /// The last connection was one that the server has ended.
    fn check(&mut self, ledger: &Ledger) -> Result<(), testing::Violation> {
        ledger.check_over(&mut self.client)
    }
}

fn bytes_of(reset: Reset, id: &str) -> Vec<u8> {
    let reason = match reset.reason {
        ResetReason::Epoch => "epoch",
        ResetReason::Trimmed => "trimmed",
        other => panic!("{other:?}"),
    };
    let missed = reset.missed.map_or_else(|| "null".to_owned(), |missed| missed.to_string());
    format!("event: reset\nid: {id}\ndata: {{\"reason\":\"{reason}\",\"missed\":{missed}}}\n\n").into()
}

/// Publishes slowly until all cuts are made, and finishes the channel; in the gap, more than it retains at once.
async fn publish_all(channel: Channel<Event>, ledger: Ledger, mut line: Line) {
    let mut witness = channel.subscribe(None);
    let mut clock = interval(Duration::from_millis(2));
    let mut left = 50;
    let mut number = 0;
    while left > 0 {
        let (events, done) = tokio::select! {
            biased;
            Some(done) = line.gap.recv() => (RETAINED + 200, Some(done)),
            _ = clock.tick() => (1, None),
        };
        for _ in 0..events {
            number += 1;
            channel.publish(&Event::new(number.to_string())).await.unwrap();
            ledger.witness("", &mut witness).unwrap();
        }
        if let Some(done) = done {
            done.send(()).unwrap();
        }
        if line.connections.load(Ordering::Relaxed) > CUTS {
            left -= 1;
        }
    }
    channel.finish_now();
}

/// A line to the server's `/events`, of which the first connections are cut behind some bytes of the response, each a little later
/// than the one before.
struct Line {
    url: String,
    connections: Arc<AtomicUsize>,
    /// Asks for the events that nobody is connected for, and waits until they are published.
    gap: mpsc::Receiver<oneshot::Sender<()>>,
}

impl Line {
    async fn start(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let (address, connections) = (server.address, Arc::new(AtomicUsize::new(0)));
        let count = Arc::clone(&connections);
        let (ask, gap) = mpsc::channel(1);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::Relaxed);
                if number == GAP {
                    let (done, is_done) = oneshot::channel();
                    ask.send(done).await.unwrap();
                    is_done.await.unwrap();
                }
                let bytes = if number < CUTS { 300 + 17 * number as u64 } else { u64::MAX };
                let upstream = TcpStream::connect(address).await.unwrap();
                tokio::spawn(relay(client, upstream, bytes));
            }
        });
        Self { url, connections, gap }
    }
}

/// Relays until one side ends, or the server has sent so many bytes.
async fn relay(client: TcpStream, upstream: TcpStream, bytes: u64) {
    let ((mut from_client, mut to_client), (from_server, mut to_server)) =
        (client.into_split(), upstream.into_split());
    let mut from_server = from_server.take(bytes);
    tokio::select! {
        _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
    let _ = to_client.shutdown().await;
}
