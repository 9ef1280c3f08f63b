//! A NATS server of the test's own.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use typed_sse_core::store::{Appended, Batch, Range, Record, Store, StoreError, StoredLog};
use typed_sse_nats::{Nats, async_nats};

/// Runs on a free port, in a folder of its own, until it is dropped.
pub struct Server {
    child: Mutex<Child>,
    folder: TempDir,
    pub port: u16,
}

const PATIENCE: Duration = Duration::from_secs(20);

impl Server {
    pub fn start() -> Self {
        Self::with("")
    }

    /// With these lines in its configuration besides.
    pub fn with(lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "max_payload: 8MB\njetstream {{ store_dir: \"{}\" }}\n{lines}\n",
            folder.path().join("streams").display()
        );
        std::fs::write(folder.path().join("config"), config).unwrap();
        // A port that was free may be taken by another a moment later.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            let mut child = spawn(port, &folder);
            if is_up(port, &mut child) {
                return Self { child: Mutex::new(child), folder, port };
            }
        }
        let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
        panic!("nats-server does not start: {log}");
    }

    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }

    /// The process of the server, of which others may be children.
    pub fn process(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// As `kill -9` does.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// A server of version 2.9 has what it deleted in files that it writes later, or not at all if it is killed.
    pub fn forget_deletes(&self) {
        let messages = self.folder.path().join("streams/jetstream/$G/streams/sse_market/msgs");
        for file in std::fs::read_dir(messages).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "idx") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    /// Starts it again, on what it had on its disk.
    pub fn start_again(&self) {
        let mut child = spawn(self.port, &self.folder);
        assert!(is_up(self.port, &mut child), "nats-server does not start again");
        *self.child.lock().unwrap() = child;
    }

    /// It answers nothing any more, and its connections stay.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        // Its threads stop one by one.
        let threads = format!("/proc/{}/task", self.child.lock().unwrap().id());
        let runs = |thread: std::io::Result<std::fs::DirEntry>| {
            let stat = std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap_or_default();
            !stat.rsplit(") ").next().unwrap_or_default().starts_with('T')
        };
        while std::fs::read_dir(&threads).unwrap().any(runs) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let child = self.child.lock().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
    }

    /// Ends it with this process, where it is never dropped.
    pub fn end_with_process(self) -> Self {
        let (id, folder) = (self.child.lock().unwrap().id(), self.folder.path().display());
        let script = format!("read _; kill -9 {id}; rm -rf '{folder}'");
        let watcher = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn();
        // Its standard input closes when this process is gone.
        std::mem::forget(watcher.unwrap());
        self
    }

    /// How many clients it has, by its operating system.
    pub fn connections(&self) -> usize {
        let port = format!(":{:04X}", self.port);
        let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
        // The second column is the address here, the fourth the state: 01 is established.
        let established = table.lines().filter(|line| {
            let columns: Vec<_> = line.split_whitespace().collect();
            columns.get(1).is_some_and(|here| here.ends_with(&port)) && columns.get(3) == Some(&"01")
        });
        established.count()
    }

    /// A client of the application's own.
    pub async fn client(&self) -> async_nats::Client {
        async_nats::connect(self.url()).await.unwrap()
    }

    /// Asks JetStream. What it answers.
    pub async fn api(&self, call: &str, request: &str) -> String {
        let subject = format!("$JS.API.{call}");
        let answer = self.client().await.request(subject, request.to_owned().into()).await.unwrap();
        String::from_utf8(answer.payload.to_vec()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _gone = child.kill();
        let _gone = child.wait();
    }
}

fn spawn(port: u16, folder: &TempDir) -> Child {
    let command = Command::new("nats-server")
        .args(["--addr", "127.0.0.1", "--port", &port.to_string(), "--config"])
        .arg(folder.path().join("config"))
        .arg("--log")
        .arg(folder.path().join("log"))
        .stdin(Stdio::null())
        .spawn();
    command.expect("no `nats-server` here: apt-get install nats-server, or scripts/check stores")
}

/// Waits until it takes connections, or is gone.
fn is_up(port: u16, child: &mut Child) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if greets(port).is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn greets(port: u16) -> Option<()> {
    let connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    let mut line = String::new();
    BufReader::new(connection).read_line(&mut line).ok()?;
    line.starts_with("INFO ").then_some(())
}

/// The time limit of what [`open`] opens: longer than a machine with much else to do takes.
const PATIENT: Duration = Duration::from_secs(20);
/// That of what [`open_hasty`] opens, for servers that do not answer.
pub const LIMIT: Duration = Duration::from_millis(500);

pub async fn open(server: &Server) -> (Nats, StoredLog) {
    open_with(server, PATIENT).await
}

pub async fn open_hasty(server: &Server) -> (Nats, StoredLog) {
    open_with(server, LIMIT).await
}

async fn open_with(server: &Server, limit: Duration) -> (Nats, StoredLog) {
    let store = Nats::builder().time_limit(limit).connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

pub fn event(data: &str) -> Record {
    Record::from_fields([("data", data)]).unwrap()
}

pub async fn push(store: &Nats, log: &StoredLog, data: &str) -> Result<Appended, StoreError> {
    store.append(log, Batch::new(&[event(data)])).await
}

/// All data, page by page.
pub async fn data(store: &Nats, log: &StoredLog) -> Vec<String> {
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let page = store.read(log, Range::after(after)).await.unwrap();
        let Some(last) = page.records.last() else { return read };
        after = last.position;
        read.extend(page.records.iter().map(|stored| stored.record.data().to_owned()));
    }
}

/// How many messages the stream of the log `market` has.
pub async fn messages(server: &Server) -> u64 {
    let info = server.api("STREAM.INFO.sse_market", "").await;
    let messages = info.split("\"messages\":").nth(1).unwrap();
    messages.split(',').next().unwrap().parse().unwrap()
}

/// Publishes to a topic by itself until a checkpoint is there, and what it knows is deleted.
pub async fn until_tidied(server: &Server, store: &Nats, log: &StoredLog) {
    for n in 0..1200 {
        let record = Record::from_fields([("data", n.to_string()), ("topic", "busy".to_owned())]).unwrap();
        store.append(log, Batch::new(&[record])).await.unwrap();
    }
    let fewer = async {
        while messages(server).await > 500 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), fewer).await.unwrap();
}
