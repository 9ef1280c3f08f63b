//! One client, who goes to another server with each connection.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
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
use crate::crowd::Ends;
use crate::event::{Name, Scene};
use crate::following::Following;
use crate::judge::{Epochs, Journal, Mark, Place, Reset, Step};

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
    /// What it gets.
    pub(crate) scene: Scene,
}

/// How far a client is, and whether it is to go on.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    position: AtomicU64,
    pub(crate) deliveries: AtomicU64,
    pub(crate) is_over: AtomicBool,
    /// The topics that it follows, and the last event of each topic.
    topics: Mutex<(Vec<u32>, HashMap<u32, Name>)>,
}

impl Progress {
    pub(crate) fn has_come_to(&self, ends: &Ends) -> bool {
        let topics = self.topics.lock().unwrap_or_else(PoisonError::into_inner);
        let (following, last) = &*topics;
        if following.is_empty() {
            return self.position.load(Ordering::Relaxed) >= ends.position;
        }
        following.iter().all(|topic| last.get(topic) == ends.events.get(topic))
    }

    fn follows(&self, topics: &[u32]) {
        topics.clone_into(&mut self.topics.lock().unwrap_or_else(PoisonError::into_inner).0);
    }

    fn got(&self, topic: u32, name: Name) {
        self.deliveries.fetch_add(1, Ordering::Relaxed);
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).1.insert(topic, name);
    }

    fn is_at(&self, place: Place) {
        self.position.store(place.position, Ordering::Relaxed);
    }
}

/// A server whose keep-alives do not come either is not there any more.
const SILENCE: Duration = Duration::from_secs(15);

struct Client {
    habits: Habits,
    epochs: Epochs,
    progress: Arc<Progress>,
    rng: Rng,
    decoder: Decoder,
    following: Following,
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
        let following = Following::default();
        Self { habits, epochs, progress, rng, decoder, following, known, journal }
    }

    async fn connect(&mut self) -> Result<(), Failure> {
        let Some(port) = self.rng.choice(self.habits.ports.clone()) else { return Ok(()) };
        let mut path = "/events".to_owned();
        if self.habits.scene == Scene::Topics {
            self.following.choose(self.decoder.last_event_id(), &mut self.rng);
            self.progress.follows(self.following.topics());
            path = format!("/events?{}", self.following);
        }
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // It ends with this function.
        let mut driving = JoinSet::new();
        driving.spawn(connection);
        let mut request = Request::get(path).header("host", "storm").header("accept", "text/event-stream");
        if !self.decoder.last_event_id().is_empty() {
            request = request.header("last-event-id", self.decoder.last_event_id());
        }
        let sent = sender.send_request(request.body(Empty::<Bytes>::new())?);
        let response = timeout(SILENCE, sent).await??;
        self.journal.steps.push(Step::Connected(self.following.topics().into()));
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
            let mark = event.own_id().map(|id| self.epochs.mark(id));
            let step = match (event.event_type, mark.clone(), Name::read(event.data)) {
                ("reset", to, _) => read_reset(event.data, to.flatten()),
                ("tick", at @ (None | Some(Some(_))), Some(name)) => {
                    self.progress.got(self.habits.scene.topic(name), name);
                    Step::Event { at: at.flatten(), name }
                }
                _ => Step::Strange(format!("an event {event:?} came").into()),
            };
            if event.has_id {
                self.following.has_id();
            }
            event.id.clone_into(&mut self.known);
            note(&mut self.journal, &self.progress, step, mark.flatten().as_ref());
        }
        if self.decoder.last_event_id() != self.known {
            self.following.has_id();
            self.decoder.last_event_id().clone_into(&mut self.known);
            let mark = self.epochs.mark(&self.known);
            let strange = || Step::Strange(format!("the ID {} came", self.known).into());
            let step = mark.clone().map_or_else(strange, |to| Step::Moved(to, Instant::now()));
            note(&mut self.journal, &self.progress, step, mark.as_ref());
        }
        Ok(())
    }
}

fn note(journal: &mut Journal, progress: &Progress, step: Step, mark: Option<&Mark>) {
    if let Some(Mark::At(place)) = mark {
        progress.is_at(*place);
    }
    journal.steps.push(step);
}

#[derive(Deserialize)]
struct ResetData {
    reason: String,
    missed: Option<u64>,
}

fn read_reset(data: &str, to: Option<Mark>) -> Step {
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
        let (pause, nap) = (Duration::ZERO, Duration::ZERO);
        let habits = Habits { ports: Vec::new(), pause, nap_each: 1, nap, scene: Scene::Rows };
        let mut client = Client::new(habits, Epochs::default(), Arc::default(), Rng::with_seed(1));
        let event = "event: tick\ndata: {\"origin\":1,\"number\":2}\nid: a-8\n\n";
        client.read(format!("id: a-7\n\n{event}id: row.3.4\n\n").as_bytes()).unwrap();
        let place = |position| Mark::At(Place { epoch: 0, position });
        let marks = client.journal.steps.iter().map(|step| match step {
            Step::Event { at, .. } => ("event", at.clone().unwrap()),
            Step::Moved(to, _) => ("moved", to.clone()),
            other => panic!("{other:?}"),
        });
        let row = Mark::Row(Name { origin: 3, number: 4 });
        assert_eq!(marks.collect::<Vec<_>>(), [("moved", place(7)), ("event", place(8)), ("moved", row)]);
    }
}
