//! A Redis server of the test's own.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use typed_sse_core::store::{Appended, Batch, Range, Record, Store, StoreError, StoredLog};
use typed_sse_redis::Redis;

/// Runs on a free port, in a folder of its own, until it is dropped.
pub struct Server {
    child: Mutex<Child>,
    folder: TempDir,
    pub port: u16,
    options: Vec<String>,
    environment: Vec<(String, PathBuf)>,
}

/// What a server is given so that it keeps what it has answered, whenever it is killed.
pub const DURABLE: [&str; 4] = ["--appendonly", "yes", "--appendfsync", "always"];

const PATIENCE: Duration = Duration::from_secs(20);

impl Server {
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(options, Vec::new())
    }

    /// With these environment variables.
    pub fn start_in(options: &[&str], environment: Vec<(String, PathBuf)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        // A port that was free may be taken by another a moment later.
        for _ in 0..10 {
            let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
            let mut child = spawn(port, &folder, &options, &environment);
            if is_up(port, &mut child) {
                return Self { child: Mutex::new(child), folder, port, options, environment };
            }
        }
        panic!("redis-server does not start: see what `redis-server --port 0` says");
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
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

    /// Starts it again, on what it had on its disk.
    pub fn start_again(&self) {
        let mut child = spawn(self.port, &self.folder, &self.options, &self.environment);
        assert!(is_up(self.port, &mut child), "redis-server does not start again");
        *self.child.lock().unwrap() = child;
    }

    /// It answers nothing any more, and its connections stay.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
    }

    pub fn go_on(&self) {
        self.signal(Signal::CONT);
    }

    fn signal(&self, signal: Signal) {
        let child = self.child.lock().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
    }

    /// What `redis-cli` says.
    pub fn cli(&self, arguments: &[&str]) -> String {
        let port = self.port.to_string();
        let command = Command::new("redis-cli").args(["-p", &port]).args(arguments).output();
        let output = command.expect("no `redis-cli` here: apt-get install redis-server");
        String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
    }

    /// Ends it with this process, where it is never dropped.
    pub fn end_with_process(self) -> Self {
        let id = self.child.lock().unwrap().id();
        let watcher =
            Command::new("sh").args(["-c", &format!("read _; kill -9 {id}")]).stdin(Stdio::piped()).spawn();
        // Its standard input closes when this process is gone.
        std::mem::forget(watcher.unwrap());
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        let _gone = child.kill();
        let _gone = child.wait();
    }
}

fn spawn(port: u16, folder: &TempDir, options: &[String], environment: &[(String, PathBuf)]) -> Child {
    let (port, log) = (port.to_string(), folder.path().join("log"));
    let command = Command::new("redis-server")
        .args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--daemonize", "no", "--dir"])
        .arg(folder.path())
        .arg("--logfile")
        .arg(log)
        .args(options)
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .spawn();
    command.expect("no `redis-server` here: apt-get install redis-server, or scripts/check stores")
}

/// Waits until it answers, or is gone.
fn is_up(port: u16, child: &mut Child) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        if answers(port).is_some() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    false
}

fn answers(port: u16) -> Option<()> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    connection.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
    connection.write_all(b"PING\r\n").ok()?;
    let mut answer = [0; 5];
    connection.read_exact(&mut answer).ok()?;
    (&answer == b"+PONG" || &answer == b"-NOAU").then_some(())
}

/// The time limit of what [`open`] opens: longer than a machine with much else to do takes.
const PATIENT: Duration = Duration::from_secs(20);
/// That of what [`open_hasty`] opens, for servers that do not answer.
pub const LIMIT: Duration = Duration::from_millis(300);

pub async fn open(server: &Server) -> (Redis, StoredLog) {
    open_with(server, PATIENT).await
}

pub async fn open_hasty(server: &Server) -> (Redis, StoredLog) {
    open_with(server, LIMIT).await
}

async fn open_with(server: &Server, limit: Duration) -> (Redis, StoredLog) {
    let store = Redis::builder().time_limit(limit).connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

pub fn event(data: &str) -> Record {
    Record::from_fields([("data", data)]).unwrap()
}

pub async fn push(store: &Redis, log: &StoredLog, data: &str) -> Result<Appended, StoreError> {
    store.append(log, Batch::new(&[event(data)])).await
}

/// All data, page by page.
pub async fn data(store: &Redis, log: &StoredLog) -> Vec<String> {
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let page = store.read(log, Range::after(after)).await.unwrap();
        let Some(last) = page.records.last() else { return read };
        after = last.position;
        read.extend(page.records.iter().map(|stored| stored.record.data().to_owned()));
    }
}
