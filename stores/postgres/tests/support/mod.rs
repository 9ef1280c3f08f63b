//! A Postgres server of the test's own.
#![allow(dead_code, unreachable_pub, reason = "each test uses a part of it")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use typed_sse_core::store::{Appended, Batch, Range, Record, Store, StoreError, StoredLog};
use typed_sse_postgres::{Postgres, tokio_postgres};

pub mod certificate;
pub mod pgbouncer;

/// Runs on a free port, in a folder of its own, until it is dropped.
pub struct Server {
    child: Mutex<Child>,
    folder: TempDir,
    pub port: u16,
    options: Vec<String>,
}

/// What a server is given that is never killed: it need not write to the disk before it answers.
pub const FAST: [&str; 3] = ["fsync=off", "full_page_writes=off", "synchronous_commit=on"];

const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    pub fn start(options: &[&str]) -> Self {
        let folder = folder();
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let initdb = command("initdb")
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        assert!(initdb.status.success(), "initdb: {}", String::from_utf8_lossy(&initdb.stderr));
        // A port that was free may be taken by another a moment later.
        for _ in 0..10 {
            let port = free_port();
            let mut child = spawn(port, &folder, &options);
            if is_up(port, &mut child) {
                return Self { child: Mutex::new(child), folder, port, options };
            }
        }
        panic!("postgres does not start: {}", log(&folder));
    }

    /// One whose commits wait for the disk, or none.
    pub fn of(is_durable: bool) -> Self {
        Self::start(if is_durable { &[] } else { &FAST })
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The process of the server, of which others may be children.
    pub fn process(&self) -> u32 {
        self.child.lock().unwrap().id()
    }

    /// The postmaster, as `kill -9` does. Its processes end by themselves.
    pub fn kill(&self) {
        let mut child = self.child.lock().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Starts it again, on what it had on its disk. It does not start while processes of the one before are there.
    pub fn start_again(&self) {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            let mut child = spawn(self.port, &self.folder, &self.options);
            if is_up(self.port, &mut child) {
                *self.child.lock().unwrap() = child;
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("postgres does not start again: {}", log(&self.folder));
    }

    /// They answer nothing any more, and their connections stay: these processes of the server.
    pub fn pause(&self, processes: &[i32]) {
        processes.iter().for_each(|process| signal(*process, Signal::STOP));
    }

    pub fn go_on(&self, processes: &[i32]) {
        processes.iter().for_each(|process| signal(*process, Signal::CONT));
    }

    /// One of its processes, as `kill -9` does: the server ends all others, and starts again.
    pub fn kill_process(&self, process: i32) {
        signal(process, Signal::KILL);
    }

    /// Ends it with this process, where it is never dropped.
    pub fn end_with_process(self) -> Self {
        end_with_process(self.child.lock().unwrap().id(), "QUIT", &self.folder);
        self
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let child = self.child.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        // It ends its processes, and does not wait for them.
        let _gone = kill_process(Pid::from_child(child), Signal::QUIT);
        let _gone = child.wait();
    }
}

/// Ends this process with this signal, and removes its folder, when the test's own process is gone.
fn end_with_process(id: u32, signal: &str, folder: &TempDir) {
    let folder = folder.path().display();
    let script = format!(
        "read _; kill -{signal} {id}; while kill -0 {id} 2>&-; do sleep 0.1; done; rm -rf '{folder}'"
    );
    let watcher = Command::new("sh").args(["-c", &script]).stdin(Stdio::piped()).spawn();
    // Its standard input closes when this process is gone.
    std::mem::forget(watcher.unwrap());
}

fn signal(process: i32, signal: Signal) {
    // It may be gone by now.
    let _gone = kill_process(Pid::from_raw(process).unwrap(), signal);
}

/// The processes that serve the connections of stores.
pub async fn processes(client: &tokio_postgres::Client) -> Vec<i32> {
    let statement = "SELECT pid FROM pg_stat_activity WHERE application_name = 'typed-sse'";
    let rows = client.query(statement, &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// How many connections of stores listen.
pub async fn listeners(client: &tokio_postgres::Client) -> i64 {
    let statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'typed-sse' AND query ILIKE ANY (ARRAY['LISTEN%', 'NOTIFY%'])";
    client.query_one(statement, &[]).await.unwrap().get(0)
}

/// A program of Postgres, as a user that it takes: it refuses to run as root.
fn command(program: &str) -> Command {
    command_at(&folder_of_programs().join(program))
}

fn command_at(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Where Debian keeps them, in its newest version; else on the PATH.
fn folder_of_programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let folder = folder_with(&["postgres", "initdb", "pg_isready"], &folders);
    folder.expect("no `postgres` here: apt-get install postgresql, or scripts/check stores")
}

/// The last of these folders, or else of the PATH, that has these programs.
fn folder_with(programs: &[&str], folders: &[impl AsRef<Path>]) -> Option<PathBuf> {
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.iter().map(|folder| folder.as_ref().to_owned());
    let folders: Vec<_> = std::env::split_paths(&in_path).chain(folders).collect();
    let has_all = |folder: &PathBuf| programs.iter().all(|program| folder.join(program).exists());
    folders.into_iter().rfind(has_all)
}

/// A new folder, in which the servers may write.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    give(folder.path());
    folder
}

/// To the user whom the servers run as.
fn give(path: &Path) {
    if let Some((user, group)) = other_user() {
        chown(path, Some(user), Some(group)).unwrap();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// The user `postgres` and its group, where this is root.
fn other_user() -> Option<(u32, u32)> {
    if !rustix::process::geteuid().is_root() {
        return None;
    }
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let user = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields = user.expect("no user `postgres` here, and root may not run a server").split(':').skip(2);
    Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
}

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join("log")).unwrap_or_default()
}

fn spawn(port: u16, folder: &TempDir, options: &[String]) -> Child {
    let log = fs::File::options().create(true).append(true).open(folder.path().join("log")).unwrap();
    let sockets = format!("unix_socket_directories={}", Path::new(folder.path()).display());
    let mut command = command("postgres");
    command.arg("-D").arg(folder.path().join("data")).args(["-p", &port.to_string(), "-c", &sockets]);
    command.args([
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "max_connections=400",
        "-c",
        "shared_buffers=64MB",
    ]);
    for option in options {
        command.args(["-c", option]);
    }
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

/// Waits until it takes connections, or is gone.
fn is_up(port: u16, child: &mut Child) -> bool {
    let started = Instant::now();
    while started.elapsed() < PATIENCE {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
        let ready = command("pg_isready").args(["-q", "-h", "127.0.0.1", "-p", &port.to_string()]).status();
        if ready.unwrap().success() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    false
}

/// A client of the application's own.
pub async fn client(server: &Server) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&server.url(), tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The time limit of what [`open`] opens: longer than a machine with much else to do takes.
const PATIENT: Duration = Duration::from_secs(20);
/// That of what [`open_hasty`] opens, for servers that do not answer.
pub const LIMIT: Duration = Duration::from_millis(500);

/// A store in the schema `typed_sse`, which is made if it is not there.
pub async fn open(server: &Server) -> (Postgres, StoredLog) {
    open_with(server, PATIENT).await
}

pub async fn open_hasty(server: &Server) -> (Postgres, StoredLog) {
    open_with(server, LIMIT).await
}

async fn open_with(server: &Server, limit: Duration) -> (Postgres, StoredLog) {
    if Postgres::connect(server.url()).await.is_err() {
        client(server).await.batch_execute(Postgres::MIGRATION).await.unwrap();
    }
    let store = Postgres::builder().time_limit(limit).connect(server.url()).await.unwrap();
    let log = store.open("market").await.unwrap();
    (store, log)
}

pub fn event(data: &str) -> Record {
    Record::from_fields([("data", data)]).unwrap()
}

pub async fn push(store: &Postgres, log: &StoredLog, data: &str) -> Result<Appended, StoreError> {
    store.append(log, Batch::new(&[event(data)])).await
}

/// All data, page by page.
pub async fn data(store: &Postgres, log: &StoredLog) -> Vec<String> {
    let (mut after, mut read) = (0, Vec::new());
    loop {
        let page = store.read(log, Range::after(after)).await.unwrap();
        let Some(last) = page.records.last() else { return read };
        after = last.position;
        read.extend(page.records.iter().map(|stored| stored.record.data().to_owned()));
    }
}
