//! A `PgBouncer` of the test's own, in front of a server.

use std::fs;
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use super::{PATIENCE, Server, command_at, end_with_process, folder, folder_with, free_port};

/// Runs on a free port, in a folder of its own, until it is dropped.
pub struct PgBouncer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl PgBouncer {
    /// Hands out up to so many sessions of the server, each for the time of a transaction.
    pub fn of_transactions(server: &Server, sessions: usize) -> Self {
        let folder = folder();
        // A port that was free may be taken by another a moment later.
        for _ in 0..10 {
            let port = free_port();
            let configuration = folder.path().join("pgbouncer.ini");
            let (path, to) = (folder.path().display(), server.port);
            let text = format!(
                "[databases]\n\
                 * = host=127.0.0.1 port={to} user=postgres\n\
                 [pgbouncer]\n\
                 listen_addr = 127.0.0.1\n\
                 listen_port = {port}\n\
                 unix_socket_dir =\n\
                 auth_type = any\n\
                 pool_mode = transaction\n\
                 default_pool_size = {sessions}\n\
                 max_client_conn = 500\n\
                 ignore_startup_parameters = extra_float_digits\n\
                 logfile = {path}/log\n"
            );
            fs::write(&configuration, text).unwrap();
            let mut child = start(&configuration);
            let started = Instant::now();
            while started.elapsed() < PATIENCE && child.try_wait().unwrap().is_none() {
                if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                    return Self { child, port, folder };
                }
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
        panic!(
            "pgbouncer does not start: {}",
            fs::read_to_string(folder.path().join("log")).unwrap_or_default()
        );
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends it with this process, where it is never dropped.
    pub fn end_with_process(self) -> Self {
        // It does not mind `SIGQUIT`.
        end_with_process(self.child.id(), "TERM", &self.folder);
        self
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn start(configuration: &Path) -> Child {
    // Debian keeps it where not everybody's PATH leads.
    let folder = folder_with(&["pgbouncer"], &["/usr/sbin"]);
    let folder = folder.expect("no `pgbouncer` here: apt-get install pgbouncer, or scripts/check stores");
    let mut command = command_at(&folder.join("pgbouncer"));
    command.arg("-q").arg(configuration).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}
