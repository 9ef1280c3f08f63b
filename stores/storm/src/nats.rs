//! A NATS server of the storm's own, and what its stream has.

use std::collections::{HashMap, HashSet};
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use rustix::process::Signal;
use serde::Deserialize;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::sleep;
use typed_sse_nats::async_nats::{self, Client, Message, StatusCode};

use crate::Failure;
use crate::event::Name;
use crate::process::signal;
use crate::stage::LOG;

/// Runs on a free port, in a folder of its own, until it is dropped.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Server {
    pub(crate) async fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let config = format!("jetstream {{ store_dir: \"{}\" }}\n", folder.path().join("streams").display());
        std::fs::write(folder.path().join("config"), config)?;
        // A port that was free may be taken by another a moment later.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let mut child = spawn(port, folder.path())?;
            if is_up(port, &mut child).await? {
                return Ok(Self { child, folder, port });
            }
        }
        Err(log(&folder).into())
    }

    pub(crate) fn url(&self) -> String {
        Self::url_at(self.port)
    }

    pub(crate) fn url_at(port: u16) -> String {
        format!("nats://127.0.0.1:{port}")
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }

    /// Starts it again, on what it had in its folder.
    pub(crate) async fn start_again(&mut self) -> Result<(), Failure> {
        self.child = spawn(self.port, self.folder.path())?;
        if is_up(self.port, &mut self.child).await? { Ok(()) } else { Err(log(&self.folder).into()) }
    }

    /// It answers nothing for so long, and its connections stay.
    pub(crate) async fn stand_still(&self, time: Duration) -> Result<(), Failure> {
        signal(&self.child, Signal::STOP)?;
        sleep(time).await;
        signal(&self.child, Signal::CONT)
    }
}

/// Waits until it answers, or is gone.
async fn is_up(port: u16, child: &mut Child) -> Result<bool, Failure> {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if child.try_wait()?.is_some() {
            return Ok(false);
        }
        if let Ok(client) = async_nats::connect(Server::url_at(port)).await
            && client.request("$JS.API.INFO", "".into()).await.is_ok()
        {
            return Ok(true);
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(false)
}

fn spawn(port: u16, folder: &Path) -> Result<Child, Failure> {
    let child = Command::new("nats-server")
        .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--config"])
        .arg(folder.join("config"))
        .arg("--log")
        .arg(folder.join("log"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    child.map_err(|error| {
        format!("no `nats-server` here ({error}): apt-get install nats-server, or scripts/check stores")
            .into()
    })
}

fn log(folder: &TempDir) -> String {
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
    format!("nats-server does not start: {log}")
}

/// Reads the stream message by message, with NATS's own client, by the store's rules. What it has read it does not read again.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// The sequence of the last message.
    last: u64,
    /// The sequence of the last one that was deleted before it was read.
    missed: u64,
    producers: HashMap<String, Newest>,
    /// All own IDs of events. No other event ever has one of them.
    ids: HashSet<String>,
}

/// The newest token of a producer, and where it lies.
#[derive(Debug, Default)]
struct Newest {
    epoch: u64,
    number: u64,
    sequence: u64,
}

/// An event, as the stream has it.
#[derive(Debug)]
pub(crate) struct Logged {
    pub(crate) epoch: String,
    pub(crate) position: u64,
    pub(crate) name: Name,
    id: Option<String>,
}

/// A line of a message that has several records.
#[derive(Deserialize)]
struct Line {
    data: String,
    id: Option<String>,
}

impl Reader {
    /// What came since it was asked last. Each message by its sequence: a server of version 2.9 that is asked for the next one of some
    /// subjects may pass others by.
    pub(crate) async fn read(&mut self, server: &Server) -> Result<Vec<Logged>, Failure> {
        let (client, mut events) = (async_nats::connect(server.url()).await?, Vec::new());
        let last = last(&client).await?;
        let mut messages =
            stream::iter(self.last + 1..=last).map(|number| message(&client, number)).buffered(64);
        while let Some(message) = messages.next().await {
            self.last += 1;
            let Some(message) = message? else {
                self.missed = self.last;
                continue;
            };
            if has_events(&message) {
                let of_message = self.events(&message)?;
                if self.is_stored(header(&message, "sse-token"), &of_message)? {
                    events.extend(of_message);
                }
            }
        }
        Ok(events)
    }

    /// Whether it is the next of its producer, with new own IDs. One that was sent again, since nobody knew what had become of it, lies
    /// there twice. Only what is stored counts for the next.
    fn is_stored(&mut self, token: Option<&str>, events: &[Logged]) -> Result<bool, Failure> {
        let ids = || events.iter().filter_map(|event| event.id.as_ref());
        let has_new_ids = !ids().any(|id| self.ids.contains(id));
        if let Some(token) = token {
            let mut parts = token.splitn(3, ' ');
            let mut part = || parts.next().ok_or("half a token");
            let (epoch, number) = (part()?.parse()?, part()?.parse()?);
            let newest = self.producers.entry(part()?.to_owned()).or_default();
            let expected = if epoch > newest.epoch { 1 } else { newest.number + 1 };
            // Those that it skips may have been stored, and trimmed.
            let is_next = number == expected || number > expected && self.missed > newest.sequence;
            if epoch < newest.epoch || !is_next || !has_new_ids {
                return Ok(false);
            }
            *newest = Newest { epoch, number, sequence: self.last };
        }
        self.ids.extend(ids().filter(|_| has_new_ids).cloned());
        Ok(has_new_ids)
    }

    /// The life of the log is that for which it was written. There should be but one, and the judge sees if there are more.
    fn events(&self, message: &Message) -> Result<Vec<Logged>, Failure> {
        let epoch = header(message, "sse-epoch").ok_or("a message of no life of the log")?;
        let lines = match header(message, "sse-batch") {
            None => {
                let id = header(message, "sse-id").map(str::to_owned);
                vec![Line { data: std::str::from_utf8(&message.payload)?.to_owned(), id }]
            }
            Some(_) => {
                let lines = serde_json::Deserializer::from_slice(&message.payload).into_iter::<Line>();
                lines.collect::<Result<_, _>>()?
            }
        };
        let event = |(number, Line { data, id }): (u64, Line)| {
            let (name, position) = (Name::read(&data)?, (self.last << NUMBER_BITS) + number);
            Some(Logged { epoch: epoch.to_owned(), position, name, id })
        };
        let events: Option<_> = (0..).zip(lines).map(event).collect();
        Ok(events.ok_or("an event that the storm does not know")?)
    }
}

/// A position is the sequence of a message, and the number of the record in its lowest bits.
const NUMBER_BITS: u32 = 16;

/// Of a topic or of several; the others are the store's own.
fn has_events(message: &Message) -> bool {
    let subject = header(message, "Nats-Subject").unwrap_or_default();
    let part = subject.strip_prefix(&format!("sse.{LOG}.")).unwrap_or_default();
    matches!(part, "events" | "batch") || part.starts_with("events.")
}

/// The sequence of the last message.
async fn last(client: &Client) -> Result<u64, Failure> {
    let info = client.request(format!("$JS.API.STREAM.INFO.sse_{LOG}"), "".into()).await?;
    let info: serde_json::Value = serde_json::from_slice(&info.payload)?;
    Ok(info["state"]["last_seq"].as_u64().ok_or("nats-server does not say how long the stream is")?)
}

/// A message, unless it was deleted. A server of version 2.9 denies some that it has, for a while, and does not list what it has deleted.
async fn message(client: &Client, sequence: u64) -> Result<Option<Message>, Failure> {
    const PATIENCE: Duration = Duration::from_secs(3);
    let request = serde_json::json!({ "seq": sequence }).to_string();
    let asked = Instant::now();
    loop {
        let get = client.request(format!("$JS.API.DIRECT.GET.sse_{LOG}"), request.clone().into());
        let message = get.await?;
        match message.status {
            None => return Ok(Some(message)),
            Some(StatusCode::NOT_FOUND)
                if asked.elapsed() > PATIENCE || is_deleted(client, sequence).await? =>
            {
                return Ok(None);
            }
            Some(StatusCode::NOT_FOUND) => sleep(Duration::from_millis(50)).await,
            Some(status) => return Err(format!("nats-server gives no message: {status}").into()),
        }
    }
}

async fn is_deleted(client: &Client, sequence: u64) -> Result<bool, Failure> {
    let request = r#"{"deleted_details":true}"#;
    let info = client.request(format!("$JS.API.STREAM.INFO.sse_{LOG}"), request.into()).await?;
    let info: serde_json::Value = serde_json::from_slice(&info.payload)?;
    let state = &info["state"];
    let is_listed = |deleted: &Vec<serde_json::Value>| deleted.iter().any(|deleted| *deleted == sequence);
    let is_before = state["first_seq"].as_u64().is_some_and(|first| sequence < first);
    Ok(is_before || state["deleted"].as_array().is_some_and(is_listed))
}

fn header<'a>(message: &'a Message, name: &str) -> Option<&'a str> {
    Some(message.headers.as_ref()?.get(name)?.as_str())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "these are tests")]
mod tests {
    use super::*;

    impl Reader {
        /// The next message is an event with this token and this own ID.
        fn takes(&mut self, token: Option<&str>, id: Option<&str>) -> bool {
            self.last += 1;
            let (name, id) = (Name { origin: 1, number: 0 }, id.map(str::to_owned));
            let event = Logged { epoch: "e".to_owned(), position: self.last << NUMBER_BITS, name, id };
            self.is_stored(token, &[event]).unwrap()
        }
    }

    #[test]
    fn it_goes_by_the_rules_of_the_store() {
        let mut reader = Reader::default();
        let mut takes = |token: &str, id: Option<&str>| reader.takes(Some(token), id);
        assert!(takes("0 1 p", Some("a")));
        assert!(!takes("0 1 p", Some("a")), "sent again");
        assert!(!takes("0 3 p", None), "a gap");
        assert!(!takes("0 2 p", Some("a")), "an ID that is there");
        assert!(takes("0 2 p", Some("b")), "what was refused does not count");
        assert!(takes("1 1 p", None) && !takes("0 3 p", None), "a newer epoch");
        assert!(!reader.takes(None, Some("b")) && reader.takes(None, Some("c")));
    }

    #[test]
    fn what_was_deleted_unread_may_have_been_stored() {
        let mut reader = Reader::default();
        assert!(reader.takes(Some("0 1 p"), None) && reader.takes(Some("0 1 q"), None));
        reader.last += 1;
        reader.missed = reader.last;
        assert!(reader.takes(Some("0 3 p"), None) && !reader.takes(Some("0 2 p"), None));
        assert!(!reader.takes(Some("0 5 p"), None), "nothing is missing since");
        assert!(reader.takes(Some("0 2 q"), None));
    }
}
