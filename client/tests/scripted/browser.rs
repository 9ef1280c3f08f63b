//! The same cases in Chromium: where the standard is clear, the two agree; where they do not, the case says what a browser does.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::case::Case;
use crate::support::server::{Answer, Asked, Server};

/// Needs Chromium: `scripts/check browser` runs it.
#[tokio::test]
#[ignore = "needs Chromium: scripts/check browser"]
async fn agrees_with_chromium() {
    let mut runs = Vec::new();
    for (case, seen) in
        crate::tables().into_iter().filter_map(|case| case.in_browser().map(|seen| (case, seen)))
    {
        runs.push((case.name(), seen, serve(&case).await));
    }
    assert!(runs.len() >= 60, "{} cases", runs.len());
    let frames: String = runs.iter().map(|(.., server)| frame(server)).collect();
    let page = Server::by(move |_, _| Answer::with_headers("Content-Type: text/html\r\n", &frames)).await;
    let _chromium = Chromium::start(&page.url);
    let mut wrong = Vec::new();
    for (name, seen, server) in &runs {
        let told = told(server).await;
        if told.as_ref() != Some(&seen.told) {
            wrong.push(format!("{name}: {told:?}, not {:?}", seen.told));
        }
        let asked: Vec<_> = server.told().into_iter().filter(|line| !is_ours(line)).collect();
        if seen.asked.as_ref().is_some_and(|want| *want != asked) {
            wrong.push(format!("{name}: asked {asked:?}, not {:?}", seen.asked));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The case, and a page that reads it.
async fn serve(case: &Case) -> Server {
    let answers = case.answers().to_vec();
    let next = AtomicUsize::new(0);
    Server::by(move |_, asked| {
        if asked.line == "GET /page" {
            return Answer::with_headers("Content-Type: text/html\r\n", PAGE);
        }
        if is_ours(&asked.line) {
            return Answer::status("204 No Content", "");
        }
        let answer = answers.get(next.fetch_add(1, Ordering::Relaxed));
        answer.cloned().unwrap_or_else(|| Answer::status("204 No Content", ""))
    })
    .await
}

/// Tells what came when the source is closed.
const PAGE: &str = "<script>
const told = [], source = new EventSource('/a');
const tell = (text, id) => told.push(id ? `${text} #${id}` : text);
source.onmessage = (event) => tell(JSON.stringify(event.data), event.lastEventId);
source.addEventListener('number', (event) => tell(`number ${event.data}`, event.lastEventId));
source.onerror = () => {
    if (source.readyState === 2) fetch('/told', { method: 'POST', body: JSON.stringify(told) });
};
</script>";

fn frame(server: &Server) -> String {
    format!("<iframe src=\"{}/page\"></iframe>", server.url)
}

/// Not of the case.
fn is_ours(line: &str) -> bool {
    ["GET /page", "POST /told", "GET /favicon.ico"].contains(&line)
}

/// What the page saw, once it is over. The longest case comes back ten times, after three seconds each.
async fn told(server: &Server) -> Option<Vec<String>> {
    let said =
        |asked: &Asked| (asked.line == "POST /told").then(|| serde_json::from_slice(&asked.body).unwrap());
    for _ in 0..900 {
        if let Some(told) = server.asked().iter().find_map(said) {
            return Some(told);
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

struct Chromium {
    process: Child,
    profile: PathBuf,
}

impl Chromium {
    fn start(url: &str) -> Self {
        let profile = std::env::temp_dir().join(format!("typed-sse-client-{}", std::process::id()));
        let program = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".to_owned());
        let process = Command::new(&program)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg(url)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let process = process.unwrap_or_else(|error| panic!("no `{program}`: name it in CHROMIUM: {error}"));
        Self { process, profile }
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
