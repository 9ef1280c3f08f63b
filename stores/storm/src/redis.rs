//! A Redis server of the storm's own, and what its stream has.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use redis::Value;
use redis::aio::MultiplexedConnection;
use rustix::process::Signal;
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio::time::sleep;

use crate::Failure;
use crate::event::Name;
use crate::process::signal;
use crate::stage::LOG;

/// Runs on a free port, in a folder of its own, until it is dropped.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    pub(crate) port: u16,
    sync: &'static str,
}

/// What the log has.
pub(crate) struct Dump {
    pub(crate) epoch: String,
    /// By position.
    pub(crate) events: Vec<(u64, Name)>,
}

/// Its ID, and its fields.
type Entry = (String, Vec<(String, Value)>);

const PATIENCE: Duration = Duration::from_secs(20);

impl Server {
    /// `sync` is when its append-only file goes to the disk: `always`, or `everysec`.
    pub(crate) async fn start(sync: &'static str) -> Result<Self, Failure> {
        // A port that was free may be taken by another a moment later.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
            let folder = tempfile::tempdir()?;
            let child = spawn(port, folder.path(), sync)?;
            let mut server = Self { child, folder, port, sync };
            if server.is_up().await? {
                return Ok(server);
            }
        }
        Err("redis-server does not start: see what `redis-server --port 0` says".into())
    }

    /// What a server is told of one at this port.
    pub(crate) fn store_at(port: u16) -> String {
        format!("redis:redis://127.0.0.1:{port}")
    }

    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        Ok(self.child.kill().await?)
    }

    /// Starts it again, on what it had on its disk.
    pub(crate) async fn start_again(&mut self) -> Result<(), Failure> {
        self.child = spawn(self.port, self.folder.path(), self.sync)?;
        if self.is_up().await? { Ok(()) } else { Err("redis-server does not start again".into()) }
    }

    /// It answers nothing for so long, and its connections stay.
    pub(crate) async fn stand_still(&self, time: Duration) -> Result<(), Failure> {
        signal(&self.child, Signal::STOP)?;
        sleep(time).await;
        signal(&self.child, Signal::CONT)
    }

    pub(crate) async fn connect(&self) -> Result<MultiplexedConnection, Failure> {
        let client = redis::Client::open(format!("redis://127.0.0.1:{}", self.port))?;
        Ok(client.get_multiplexed_async_connection().await?)
    }

    /// Follows another server from now on, and waits until what that takes comes here.
    pub(crate) async fn follow(&self, primary: &Self) -> Result<(), Failure> {
        let (mut here, mut there) = (self.connect().await?, primary.connect().await?);
        let port = primary.port.to_string();
        let () = redis::cmd("REPLICAOF").arg("127.0.0.1").arg(port).query_async(&mut here).await?;
        // A replica that has loaded the data, and calls its link up, may get nothing for another second. So something is written
        // behind that.
        let mut written = None;
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let info: String = redis::cmd("INFO").arg("replication").query_async(&mut here).await?;
            if written.is_none() && info.contains("master_link_status:up") {
                written = Some(self.port);
                let () = redis::cmd("SET").arg("storm").arg(self.port).query_async(&mut there).await?;
            }
            let read: Option<u16> = redis::cmd("GET").arg("storm").query_async(&mut here).await?;
            if written.is_some() && read == written {
                return Ok(());
            }
            sleep(Duration::from_millis(10)).await;
        }
        Err("the replica does not get what its primary has".into())
    }

    /// Follows nobody any more: what the primary takes from now on is not here.
    pub(crate) async fn promote(&self) -> Result<(), Failure> {
        let mut connection = self.connect().await?;
        Ok(redis::cmd("REPLICAOF").arg("NO").arg("ONE").query_async(&mut connection).await?)
    }

    /// As another program does that leaves so many entries.
    pub(crate) async fn trim(&self, events: usize) -> Result<(), Failure> {
        let mut connection = self.connect().await?;
        let mut xtrim = redis::cmd("XTRIM");
        xtrim.arg(key()).arg("MAXLEN").arg(events);
        Ok(xtrim.query_async(&mut connection).await?)
    }

    /// What the stream has behind a position, and the epoch of the same moment.
    pub(crate) async fn dump(&self, after: u64) -> Result<Dump, Failure> {
        let mut connection = self.connect().await?;
        connection.set_response_timeout(PATIENCE);
        let key = key();
        let from = format!("({}-{}", after >> SEQUENCE_BITS, after & ((1 << SEQUENCE_BITS) - 1));
        let (epoch, entries): (String, Vec<Entry>) = redis::pipe()
            .atomic()
            .hget(format!("{key}:meta"), "epoch")
            .cmd("XRANGE")
            .arg(&[&key, &from, "+"])
            .query_async(&mut connection)
            .await?;
        let events = entries.iter().filter_map(|(id, fields)| {
            let (_, data) = fields.iter().find(|(field, _)| field == "data")?;
            let Value::BulkString(data) = data else { return None };
            Some((position(id)?, Name::read(std::str::from_utf8(data).ok()?)?))
        });
        Ok(Dump { epoch, events: events.collect() })
    }

    async fn is_up(&mut self) -> Result<bool, Failure> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            if let Ok(mut connection) = self.connect().await {
                let answer: Result<String, _> = redis::cmd("PING").query_async(&mut connection).await;
                if answer.is_ok() {
                    return Ok(true);
                }
            }
            sleep(Duration::from_millis(5)).await;
        }
        Ok(false)
    }
}

/// The stream of the log.
fn key() -> String {
    format!("{{{LOG}}}")
}

fn spawn(port: u16, folder: &Path, sync: &str) -> Result<Child, Failure> {
    let child = Command::new("redis-server")
        .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"])
        .args(["--appendonly", "yes", "--appendfsync", sync, "--repl-diskless-sync-delay", "0"])
        .arg("--dir")
        .arg(folder)
        .arg("--logfile")
        .arg(folder.join("log"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    child.map_err(|error| {
        format!("no `redis-server` here ({error}): apt-get install redis-server, or scripts/check stores")
            .into()
    })
}

/// A position is the milliseconds of an ID, and its number in the lowest bits.
const SEQUENCE_BITS: u32 = 20;

fn position(id: &str) -> Option<u64> {
    let (ms, number) = id.split_once('-')?;
    Some(ms.parse::<u64>().ok()? << SEQUENCE_BITS | number.parse::<u64>().ok()?)
}

/// The position of this moment: what is stored from now on lies behind it.
pub(crate) fn now() -> u64 {
    let now = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    (now.as_millis() as u64) << SEQUENCE_BITS
}
