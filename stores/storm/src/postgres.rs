//! A Postgres server of the storm's own, and what its log has.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::time::sleep;
use typed_sse_postgres::Postgres;
use typed_sse_postgres::tokio_postgres::{self, Client, NoTls};

use crate::Failure;
use crate::event::Name;
use crate::stage::LOG;

/// Runs on a free port, in a folder of its own, until it is dropped.
pub(crate) struct Server {
    child: Child,
    folder: TempDir,
    port: u16,
}

/// What the log has.
pub(crate) struct Dump {
    pub(crate) epoch: String,
    /// Up to where it is trimmed.
    pub(crate) trimmed: u64,
    /// By position.
    pub(crate) events: Vec<(u64, Name)>,
}

const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    /// With the tables of the store.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        if let Some((user, group)) = other_user()? {
            chown(folder.path(), Some(user), Some(group))?;
        }
        let initdb = command("initdb")?
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "-D"])
            .arg(folder.path().join("data"))
            .output()?;
        if !initdb.status.success() {
            return Err(format!("initdb: {}", String::from_utf8_lossy(&initdb.stderr)).into());
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let child = spawn(port, &folder)?;
        let mut server = Self { child, folder, port };
        if !server.is_up().await? {
            return Err(server.log().into());
        }
        server.connect().await?.batch_execute(Postgres::MIGRATION).await?;
        Ok(server)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    pub(crate) fn url_at(port: u16) -> String {
        format!("postgres://postgres@127.0.0.1:{port}/postgres")
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    pub(crate) async fn connect(&self) -> Result<Client, Failure> {
        let (client, connection) = tokio_postgres::connect(&self.url(), NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }

    /// The postmaster, as `kill -9` does. Its processes end by themselves.
    pub(crate) fn kill(&mut self) -> Result<(), Failure> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again, on what it had on its disk. It does not start while processes of the one before are there.
    pub(crate) async fn start_again(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            self.child = spawn(self.port, &self.folder)?;
            if self.is_up().await? {
                return Ok(());
            }
            sleep(Duration::from_millis(50)).await;
        }
        Err(self.log().into())
    }

    /// Waits until it takes connections again. A connection from before ends when it has noticed that a process was killed, unless that
    /// one had just ended by itself.
    pub(crate) async fn until_recovered(&self, witness: &Client) -> Result<(), Failure> {
        const NOTICED: Duration = Duration::from_secs(5);
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            sleep(Duration::from_millis(50)).await;
            let has_noticed = witness.is_closed() || started.elapsed() > NOTICED;
            if has_noticed && self.connect().await.is_ok() {
                return Ok(());
            }
        }
        Err(self.log().into())
    }

    /// Ends the connections of some of the servers' processes, or of all.
    pub(crate) async fn end_connections(&self, processes: &[i32]) -> Result<(), Failure> {
        let client = self.connect().await?;
        for process in processes {
            client.execute("SELECT pg_terminate_backend($1)", &[process]).await?;
        }
        Ok(())
    }

    /// Its processes that serve connections, but for this one's.
    pub(crate) async fn processes(&self) -> Result<Vec<i32>, Failure> {
        let statement = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let rows = self.connect().await?.query(statement, &[]).await?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// What the log has behind a position, and its bounds of the same moment.
    pub(crate) async fn dump(&self, after: u64) -> Result<Dump, Failure> {
        let statement = "SELECT l.epoch, l.trimmed, r.position, r.data FROM typed_sse.logs AS l
             LEFT JOIN typed_sse.records AS r ON r.log = l.number AND NOT r.kept AND r.position > $2
             WHERE l.name = $1 ORDER BY r.position";
        let rows = self.connect().await?.query(statement, &[&LOG, &after.cast_signed()]).await?;
        let first = rows.first().ok_or("there is no log")?;
        let events = rows.iter().filter_map(|row| {
            let (position, data): (Option<i64>, Option<&str>) = (row.get(2), row.get(3));
            Some((position?.cast_unsigned(), Name::read(data?)?))
        });
        let trimmed: i64 = first.get(1);
        Ok(Dump { epoch: first.get(0), trimmed: trimmed.cast_unsigned(), events: events.collect() })
    }

    async fn is_up(&mut self) -> Result<bool, Failure> {
        let started = Instant::now();
        while started.elapsed() < PATIENCE {
            if self.child.try_wait()?.is_some() {
                return Ok(false);
            }
            if self.connect().await.is_ok() {
                return Ok(true);
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(false)
    }

    fn log(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        format!("postgres does not start: {log}")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It ends its processes, and does not wait for them.
        let _gone = kill_process(Pid::from_child(&self.child), Signal::QUIT);
        let _gone = self.child.wait();
    }
}

/// One of the server's processes.
pub(crate) fn signal(process: i32, signal: Signal) {
    // It may be gone by now.
    let _gone = Pid::from_raw(process).map(|process| kill_process(process, signal));
}

/// A program of Postgres, as a user that it takes: it refuses to run as root.
fn command(program: &str) -> Result<Command, Failure> {
    let mut command = Command::new(folder_of_programs()?.join(program));
    if let Some((user, group)) = other_user()? {
        command.uid(user).gid(group);
    }
    command.current_dir("/").stdin(Stdio::null());
    Ok(command)
}

/// Where Debian keeps them, in its newest version; else on the PATH.
fn folder_of_programs() -> Result<PathBuf, Failure> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let in_path = std::env::var_os("PATH").unwrap_or_default();
    folders.splice(0..0, std::env::split_paths(&in_path));
    let has_all =
        |folder: &PathBuf| ["postgres", "initdb"].iter().all(|program| folder.join(program).exists());
    let folder = folders.into_iter().rfind(has_all);
    Ok(folder.ok_or("no `postgres` here: apt-get install postgresql, or scripts/check stores")?)
}

/// The user `postgres` and its group, where this is root.
fn other_user() -> Result<Option<(u32, u32)>, Failure> {
    if !rustix::process::geteuid().is_root() {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let user = users.lines().find(|line| line.starts_with("postgres:"));
    let user = user.ok_or("no user `postgres` here, and root may not run a server")?;
    let mut numbers = user.split(':').skip(2).map(str::parse);
    let number = "a user `postgres` without a number";
    Ok(Some((numbers.next().ok_or(number)??, numbers.next().ok_or(number)??)))
}

fn spawn(port: u16, folder: &TempDir) -> Result<Child, Failure> {
    let log = fs::File::options().create(true).append(true).open(folder.path().join("log"))?;
    let mut command = command("postgres")?;
    command.arg("-D").arg(folder.path().join("data")).args(["-p", &port.to_string()]);
    let sockets = format!("unix_socket_directories={}", folder.path().display());
    for option in [&*sockets, "listen_addresses=127.0.0.1", "max_connections=200", "shared_buffers=64MB"] {
        command.args(["-c", option]);
    }
    Ok(command.stdout(Stdio::null()).stderr(log).spawn()?)
}
