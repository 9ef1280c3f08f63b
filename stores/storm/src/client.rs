//! One client, who goes to another server with each connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fastrand::Rng;
use http_body_util::{BodyExt as _, Empty};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use typed_sse::Decoder;

use crate::Failure;
use crate::event::Name;
use crate::judge::{Epochs, Journal, Place, Reset, Step};

/// How clients behave.
#[derive(Clone, Debug)]
pub(crate) struct Habits {
    /// The addresses of the servers.
    pub(crate) ports: Vec<u16>,
    /// A client comes back after so long at the most,
    pub(crate) pause: Duration,
    /// but one of so many times, it stays away for up to
    pub(crate) nap_each: u32,
    /// so long.
    pub(crate) nap: Duration,
}

/// How far a client is, and whether it is to go on.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) position: AtomicU64,
    pub(crate) deliveries: AtomicU64,
    pub(crate) is_over: AtomicBool,
}

/// A server whose keep-alives do not come either is not there any more.
const SILENCE: Duration = Duration::from_secs(15);

struct Client {
    habits: Habits,
    epochs: Epochs,
    progress: Arc<Progress>,
    rng: Rng,
    decoder: Decoder,
    /// The last event ID that is in the journal.
    known: String,
    journal: Journal,
}

/// Until it is over.
pub(crate) async fn run(habits: Habits, epochs: Epochs, progress: Arc<Progress>, rng: Rng) -> Journal {
    let mut client = Client::new(habits, epochs, progress, rng);
    while !client.progress.is_over.load(Ordering::Relaxed) {
        // However it ends, the client comes back.
        let _ended = client.connect().await;
        client.decoder.reconnect();
        let habits = &client.habits;
        let is_nap = client.rng.u32(0..habits.nap_each) == 0;
        let most = if is_nap { habits.nap } else { habits.pause };
        sleep(most.mul_f64(client.rng.f64())).await;
    }
    client.journal
}

impl Client {
    fn new(habits: Habits, epochs: Epochs, progress: Arc<Progress>, rng: Rng) -> Self {
        let (decoder, known, journal) = (Decoder::new(), String::new(), Journal::default());
        Self { habits, epochs, progress, rng, decoder, known, journal }
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        let Some(port) = self.rng.choice(self.habits.ports.clone()) else { return Ok(()) };
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with this function.
        let mut driving = JoinSet::new();
        driving.spawn(connection);
        let mut request =
            Request::get("/events").header("host", "storm").header("accept", "text/event-stream");
        if !self.decoder.last_event_id().is_empty() {
            request = request.header("last-event-id", self.decoder.last_event_id());
        }
        let sent = sender.send_request(request.body(Empty::<Bytes>::new())?);
        let response = timeout(SILENCE, sent).await??;
        if response.status() != 200 {
            self.journal.steps.push(Step::Strange(format!("the status was {}", response.status()).into()));
            return Ok(());
        }
        self.journal.connections += 1;
        let mut body = response.into_body();
        while !self.progress.is_over.load(Ordering::Relaxed) {
            let Some(frame) = timeout(SILENCE, body.frame()).await? else { break };
            if let Ok(bytes) = frame?.into_data() {
                self.read(&bytes)?;
            }
        }
        Ok(())
    }

    /// Line by line, so that an ID without an event is seen although an event stands in the same bytes.
    fn read(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        bytes.split_inclusive(|byte| *byte == b'\n').try_for_each(|line| self.read_line(line))
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), Failure> {
        let mut input = line;
        while let Some(event) = self.decoder.next_event(&mut input)? {
            let place = self.epochs.place(event.id);
            let step = match (event.event_type, place, Name::read(event.data)) {
                ("reset", to, _) => read_reset(event.data, to),
                ("tick", Some(at), Some(name)) => Step::Event { at, name },
                _ => Step::Strange(format!("an event {event:?} came").into()),
            };
            self.progress.deliveries.fetch_add(1, Ordering::Relaxed);
            event.id.clone_into(&mut self.known);
            note(&mut self.journal, &self.progress, step, place);
        }
        if self.decoder.last_event_id() != self.known {
            self.decoder.last_event_id().clone_into(&mut self.known);
            let place = self.epochs.place(&self.known);
            let strange = || Step::Strange(format!("the ID {} came", self.known).into());
            let step = place.map_or_else(strange, Step::Moved);
            note(&mut self.journal, &self.progress, step, place);
        }
        Ok(())
    }
}

fn note(journal: &mut Journal, progress: &Progress, step: Step, place: Option<Place>) {
    if let Some(place) = place {
        progress.position.store(place.position, Ordering::Relaxed);
    }
    journal.steps.push(step);
}

#[derive(Deserialize)]
struct ResetData {
    reason: String,
    missed: Option<u64>,
}

fn read_reset(data: &str, to: Option<Place>) -> Step {
    match serde_json::from_str(data) {
        Ok(ResetData { reason, missed }) => {
            Step::Reset(Box::new(Reset { reason, missed, to, at: Instant::now() }))
        }
        Err(_) => Step::Strange(format!("a reset {data} came").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_alone_is_seen_though_an_event_comes_with_it() {
        let habits = Habits { ports: Vec::new(), pause: Duration::ZERO, nap_each: 1, nap: Duration::ZERO };
        let mut client = Client::new(habits, Epochs::default(), Arc::default(), Rng::with_seed(1));
        let event = "event: tick\ndata: {\"origin\":1,\"number\":2}\nid: a-8\n\n";
        client.read(format!("id: a-7\n\n{event}id: a-9\n\n").as_bytes()).unwrap();
        let positions = client.journal.steps.iter().map(|step| match step {
            Step::Event { at, .. } => ("event", at.position),
            Step::Moved(to) => ("moved", to.position),
            other => panic!("{other:?}"),
        });
        assert_eq!(positions.collect::<Vec<_>>(), [("moved", 7), ("event", 8), ("moved", 9)]);
    }
}
