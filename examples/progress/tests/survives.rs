//! The progress bar survives a cut, a restart of the server and one of its own.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "what unwraps in vain fails its test")]

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, ChildStdout, Command};
use tokio::task::JoinSet;

/// A program, and what it says.
struct Program {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        let mut process = command.args(arguments).stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    async fn line(&mut self) -> Option<String> {
        let line = tokio::time::timeout(Duration::from_secs(60), self.lines.next_line());
        line.await.expect("no line within a minute").unwrap()
    }

    /// The steps up to `last`, and the notes between them.
    async fn steps_to(&mut self, last: u64) -> Vec<String> {
        let mut lines = Vec::new();
        while !lines.contains(&format!("{last}/{STEPS}")) {
            lines.push(self.line().await.expect("ended too soon"));
        }
        lines
    }

    async fn stop(mut self) {
        self.process.kill().await.unwrap();
    }
}

const STEPS: u64 = 120;

async fn serve(file: &str) -> (Program, SocketAddr) {
    let arguments = ["--port", "0", "--steps", "120", "--every", "20", "--file", file];
    let mut server = Program::start(env!("CARGO_BIN_EXE_server"), &arguments);
    let url = server.line().await.unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches("/job").parse().unwrap();
    (server, address)
}

/// A line to whatever server there is, which can be cut.
#[derive(Clone)]
struct Line {
    server: Arc<Mutex<SocketAddr>>,
    connections: Arc<Mutex<JoinSet<()>>>,
}

impl Line {
    async fn lay(server: SocketAddr) -> (Self, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/job", listener.local_addr().unwrap());
        let line = Self { server: Arc::new(Mutex::new(server)), connections: Arc::default() };
        let laid = line.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let server = *laid.server.lock().unwrap();
                laid.connections.lock().unwrap().spawn(async move {
                    let Ok(mut server) = TcpStream::connect(server).await else { return };
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        (line, url)
    }
}

/// Steps that come one after the other, none twice and none left out.
fn steps(lines: &[String]) -> Vec<u64> {
    lines.iter().filter_map(|line| line.split_once('/')?.0.parse().ok()).collect()
}

#[tokio::test]
async fn survives() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("progress-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (job, id) = (folder.join("job.txt"), folder.join("watch.id"));
    let (server, address) = serve(job.to_str().unwrap()).await;
    let (line, url) = Line::lay(address).await;
    let watch =
        || Program::start(env!("CARGO_BIN_EXE_watch"), &["--url", &url, "--file", id.to_str().unwrap()]);

    // A cut: what was missed comes, once and in order.
    let mut client = watch();
    let mut lines = client.steps_to(15).await;
    line.connections.lock().unwrap().abort_all();
    lines.extend(client.steps_to(40).await);
    let seen = steps(&lines);
    assert_eq!(seen, (seen[0]..=40).collect::<Vec<_>>());
    assert!(lines.iter().any(|line| line.starts_with("note: the connection failed")), "{lines:?}");

    // A restart of its own: it goes on behind what it had shown.
    client.stop().await;
    let shown = std::fs::read_to_string(&id).unwrap();
    let mut client = watch();
    let seen = steps(&client.steps_to(60).await);
    assert_eq!(seen, (seen[0]..=60).collect::<Vec<_>>());
    let last: u64 = shown.rsplit_once('-').unwrap().1.parse().unwrap();
    assert_eq!(seen[0], last + 1, "{shown}");

    // A restart of the server: it says so, and the job goes on.
    server.stop().await;
    let (_server, address) = serve(job.to_str().unwrap()).await;
    *line.server.lock().unwrap() = address;
    let lines = client.steps_to(STEPS).await;
    assert!(lines.iter().any(|line| line.contains("restart")), "{lines:?}");
    assert_eq!(client.line().await.unwrap(), "finished: 120 steps");
    assert_eq!(client.line().await, None);
    assert!(client.process.wait().await.unwrap().success());
    assert!(!id.exists());
    std::fs::remove_dir_all(&folder).unwrap();
}
