//! A hundred clients that connect, stall, break and resume at random, against a hundred thousand events, with trimming
//! and restarts going on. Each client's events are checked against what was published: exactly once and in order, or a
//! reset that tells the truth.
//!
//! The seed is printed; `TYPED_SSE_SEED=n` replays it.

#![allow(clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use fastrand::Rng;
use futures_util::{FutureExt as _, StreamExt as _};
use typed_sse_core::{
    Channel, EncodeError, Encoded, Encoder, Frame, LastEventId, ResetReason, Resumption, Slow, SseEvent,
    Start, Subscription, SubscriptionError,
};

const CLIENTS: usize = 100;
const EVENTS: u64 = 100_000;
const RETAINED: usize = 500;

/// The data is a number: of the event among all that can be replayed, or of those published before it.
#[derive(Clone, Copy)]
enum Numbered {
    Durable(u64),
    Ephemeral(u64),
}

impl SseEvent for Numbered {
    fn encode<'a>(&self, encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        match self {
            Self::Durable(n) => encoder.text(&n.to_string()),
            Self::Ephemeral(n) => encoder.ephemeral()?.text(&n.to_string()),
        }
    }
}

struct Server {
    channel: Channel<Numbered>,
    /// How many events that can be replayed there have been, over all lives.
    published: u64,
    /// How many of them in earlier lives.
    before: u64,
}

#[derive(Default)]
struct Client {
    connection: Option<Connection>,
    /// What it sends when it comes back, and the number of the event that it means.
    last: Option<(LastEventId, u64)>,
    received: u64,
    resets: u64,
}

struct Connection {
    subscription: Subscription<Numbered>,
    /// The number that has to come next.
    next: u64,
    /// How many had been published when it was made.
    since: u64,
    reset_due: bool,
    slow: Slow,
}

#[test]
fn every_event_exactly_once_or_one_true_reset() {
    let seed = match std::env::var("TYPED_SSE_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => fastrand::u64(..),
    };
    println!("TYPED_SSE_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let mut server = Server { channel: channel(), published: 0, before: 0 };
    let mut clients: Vec<_> = (0..CLIENTS).map(|_| Client::default()).collect();

    while server.published < EVENTS {
        match rng.u32(..1000) {
            0..600 => server.publish(&mut rng),
            // Now and then a burst that overtakes who is behind.
            600..602 => (0..rng.usize(..2 * RETAINED)).for_each(|_| server.publish(&mut rng)),
            602..604 if rng.u32(..10) == 0 => server.restart(&mut clients),
            _ => {
                let client = rng.usize(..CLIENTS);
                clients[client].step(&server, &mut rng);
            }
        }
    }
    for client in &mut clients {
        client.receive(&server, usize::MAX);
    }
    let received: u64 = clients.iter().map(|client| client.received).sum();
    let resets: u64 = clients.iter().map(|client| client.resets).sum();
    assert!(received > EVENTS, "only {received} events were received");
    assert!(resets > 100, "only {resets} resets happened");
    assert!(server.before > 0, "the server was never restarted");
}

fn channel() -> Channel<Numbered> {
    Channel::builder().events(RETAINED).build()
}

impl Server {
    fn publish(&mut self, rng: &mut Rng) {
        let event = if rng.u32(..10) == 0 {
            Numbered::Ephemeral(self.published)
        } else {
            self.published += 1;
            Numbered::Durable(self.published)
        };
        self.channel.publish(&event).now_or_never().unwrap().unwrap();
    }

    /// Loses the log, and with it every connection.
    fn restart(&mut self, clients: &mut [Client]) {
        self.channel = channel();
        self.before = self.published;
        for client in clients {
            client.connection = None;
        }
    }
}

impl Client {
    fn step(&mut self, server: &Server, rng: &mut Rng) {
        match (&self.connection, rng.u32(..10)) {
            (None, _) => self.connect(server, rng),
            // The connection breaks, with whatever was on its way.
            (Some(_), 0) => self.connection = None,
            // It stalls.
            (Some(_), 1..4) => {}
            (Some(_), _) => self.receive(server, rng.usize(..100)),
        }
    }

    fn connect(&mut self, server: &Server, rng: &mut Rng) {
        let start = match rng.u32(..3) {
            0 => Start::Live,
            1 => Start::Earliest,
            _ => Start::Last(rng.usize(..2 * RETAINED)),
        };
        let slow = if rng.bool() { Slow::Disconnect } else { Slow::Skip };
        let id = self.last.as_ref().map(|(id, _)| id.clone());
        let subscription = server.channel.subscribe(id).start(start).slow(slow);
        let from_start = server.published - subscription.replayed();
        let (next, reset_due) = match (subscription.resumption(), &self.last) {
            (Resumption::New, None) => (from_start + 1, false),
            (Resumption::Complete, Some((_, last))) => (last + 1, false),
            (Resumption::Reset(reset), Some((_, last))) => {
                match reset.reason {
                    ResetReason::Trimmed => assert_eq!(last + reset.missed.unwrap(), from_start),
                    ResetReason::Epoch => assert!(reset.missed.is_none() && *last <= server.before),
                    other => panic!("{other:?}, but every ID was sent by a channel"),
                }
                (from_start + 1, true)
            }
            (resumption, last) => panic!("{resumption:?} for {last:?}"),
        };
        match start {
            Start::Live if reset_due => assert_eq!(subscription.replayed(), 0),
            Start::Last(n) if reset_due => assert!(subscription.replayed() <= n as u64),
            _ => {}
        }
        assert!(next > server.before, "nothing of an earlier life is replayed");
        self.connection = Some(Connection { subscription, next, since: server.published, reset_due, slow });
    }

    fn receive(&mut self, server: &Server, most: usize) {
        let Some(connection) = &mut self.connection else { return };
        for _ in 0..most {
            match connection.subscription.next().now_or_never() {
                Some(Some(Ok(frame))) if frame.event_type() == "reset" => {
                    if !std::mem::take(&mut connection.reset_due) {
                        assert_eq!(connection.slow, Slow::Skip, "a reset that was not due");
                        let Resumption::Reset(reset) = connection.subscription.resumption() else { panic!() };
                        assert_eq!(reset.reason, ResetReason::Lagged);
                        connection.next += reset.missed.unwrap();
                        connection.since = server.published;
                    }
                    self.resets += 1;
                    self.last = Some((LastEventId::from(frame.id().unwrap()), connection.next - 1));
                }
                Some(Some(Ok(frame))) => {
                    assert!(!connection.reset_due, "the reset comes first");
                    let n = number(&frame);
                    let Some(id) = frame.id() else {
                        assert!(n >= connection.since, "an ephemeral event is not replayed");
                        continue;
                    };
                    assert_eq!(n, connection.next, "exactly once and in order");
                    connection.next += 1;
                    self.received += 1;
                    self.last = Some((LastEventId::from(id), n));
                }
                Some(Some(Err(SubscriptionError::Lagged))) => {
                    assert_eq!(connection.slow, Slow::Disconnect);
                    let retained = server.published - connection.next;
                    assert!(retained >= RETAINED as u64 / 2, "it lagged by only {retained}");
                    self.connection = None;
                    return;
                }
                None => {
                    assert_eq!(connection.next, server.published + 1, "it is caught up");
                    return;
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

fn number(frame: &Frame) -> u64 {
    let text = std::str::from_utf8(frame.as_ref()).unwrap();
    text.trim_end().rsplit_once("data: ").unwrap().1.parse().unwrap()
}
