//! The server processes, and what they say of themselves.

use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::Failure;
use crate::event::Name;
use crate::judge::{Mark, Truth};
use crate::proxy::Proxy;
use crate::serve::Serve;

/// What all sources write into.
#[derive(Clone, Default)]
pub(crate) struct Book(Arc<Mutex<Truth>>);

impl Book {
    pub(crate) fn open(&self) -> MutexGuard<'_, Truth> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server behind an address that stays: one process after the other.
pub(crate) struct Process {
    /// Those of the next life.
    pub(crate) options: Serve,
    book: Book,
    pub(crate) proxy: Proxy,
    running: Option<Running>,
}

struct Running {
    origin: u32,
    child: Child,
    /// Reads what it says, to the end.
    listening: JoinHandle<()>,
    quiet: oneshot::Receiver<()>,
}

/// No two lives of servers have one number.
static NEXT_ORIGIN: AtomicU32 = AtomicU32::new(1);

const PATIENCE: Duration = Duration::from_secs(60);

impl Process {
    pub(crate) async fn start(options: Serve, book: Book) -> Result<Self, Failure> {
        let mut process = Self { options, book, proxy: Proxy::start(1).await?, running: None };
        process.run().await?;
        Ok(process)
    }

    /// Starts the next process, and waits until it serves.
    pub(crate) async fn run(&mut self) -> Result<(), Failure> {
        let origin = NEXT_ORIGIN.fetch_add(1, Ordering::Relaxed);
        let options = &self.options;
        let mut child = Command::new(std::env::current_exe()?)
            .args(["serve", options.scene.word(), &options.store])
            .args([origin.to_string(), options.publishers.to_string(), options.every.as_millis().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let Some(said) = child.stdout.take() else { return Err("a server without a standard output".into()) };
        let mut lines = BufReader::new(said).lines();
        let ready = timeout(PATIENCE, lines.next_line()).await.map_err(|_| "a server does not begin")??;
        let port = ready.as_deref().and_then(|line| line.strip_prefix("ready ")).unwrap_or_default();
        self.proxy.aim(port.parse().map_err(|_| format!("a server says {ready:?} where it begins"))?);
        let (is_quiet, quiet) = oneshot::channel();
        let listening = tokio::spawn(listen(lines, origin, self.book.clone(), is_quiet));
        self.running = Some(Running { origin, child, listening, quiet });
        Ok(())
    }

    /// As `kill -9` does. What it had said by then is entered.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        if let Some(mut running) = self.running.take() {
            running.child.kill().await?;
            running.listening.await?;
            self.book.open().killed(running.origin);
        }
        Ok(())
    }

    pub(crate) async fn stand_still(&self, time: Duration) -> Result<(), Failure> {
        let Some(running) = &self.running else { return Ok(()) };
        signal(&running.child, Signal::STOP)?;
        sleep(time).await;
        signal(&running.child, Signal::CONT)
    }

    /// Publishes nothing from now on; ready when all is said of what it has published.
    pub(crate) async fn be_quiet(&mut self) -> Result<(), Failure> {
        let Some(running) = &mut self.running else { return Ok(()) };
        if let Some(stdin) = &mut running.child.stdin {
            stdin.write_all(b"quiet\n").await?;
        }
        timeout(PATIENCE, &mut running.quiet).await.map_err(|_| "a server does not stop publishing")??;
        Ok(())
    }
}

pub(crate) fn signal(child: &Child, signal: Signal) -> Result<(), Failure> {
    let id = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    // One that has ended needs none.
    Ok(id.map_or(Ok(()), |id| kill_process(id, signal))?)
}

async fn listen(
    mut lines: Lines<BufReader<ChildStdout>>,
    origin: u32,
    book: Book,
    is_quiet: oneshot::Sender<()>,
) {
    let mut is_quiet = Some(is_quiet);
    // A pipe takes a line in one piece, so none of one that is killed is a half.
    while let Ok(Some(line)) = lines.next_line().await {
        if line == "quiet" {
            let _ = is_quiet.take().map(|is_quiet| is_quiet.send(()));
        } else if enter(&line, origin, &book).is_none() {
            book.open().contradictions.push(format!("a server says {line:?}"));
        }
    }
}

/// Enters what became of an event.
fn enter(line: &str, origin: u32, book: &Book) -> Option<()> {
    let mut words = line.split(' ');
    let (word, number) = (words.next()?, words.next()?.parse().ok()?);
    let name = Name { origin, number };
    let mut truth = book.open();
    match word {
        "stored" => match words.next().map(|id| truth.epochs.mark(id)) {
            Some(Some(Mark::At(at))) => truth.acknowledged(at, name),
            Some(Some(Mark::Row(row))) if row != name => return None,
            // Where it lies, the log will say.
            Some(Some(Mark::Row(_))) | None => truth.is_stored(name),
            Some(_) => return None,
        },
        "refused" => truth.refused(name),
        // It may be there, once.
        "unsure" => {}
        "put" => truth.put(name),
        _ => return None,
    }
    Some(())
}
