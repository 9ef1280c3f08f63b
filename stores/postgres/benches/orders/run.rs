//! Publishes into a log while two read it, and judges what they got.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::way::{Line, Log, Way};

/// Who publishes, and how.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) publishers: usize,
    /// A transaction waits for up to so long before it ends.
    pub(crate) before_commit: Duration,
    /// So many of ten are rolled back.
    pub(crate) rolled_back: u32,
    /// About so long after each transaction.
    pub(crate) between: Duration,
    pub(crate) length: Duration,
    /// Readers come when all is published.
    pub(crate) read_behind: bool,
}

/// Before the first transaction, the readers and the sequencer have so long to get ready.
pub(crate) const SETTLE: Duration = Duration::from_millis(200);

#[derive(Default)]
pub(crate) struct Outcome {
    /// A second.
    pub(crate) commits: f64,
    /// From when the commit had returned until a reader had the event, in order.
    pub(crate) delays: Vec<Duration>,
    /// The longest from the beginning of the transaction.
    pub(crate) longest: Duration,
    /// Of the events, the readers never had so many.
    pub(crate) missed: usize,
    pub(crate) published: usize,
}

/// Data of 200 bytes behind the name.
pub(crate) fn data(name: &str) -> String {
    format!("{name} {}", "x".repeat(200))
}

/// It fails unless both readers get what was committed, and `others`, each once and in one order.
pub(crate) async fn run(log: Arc<Log>, load: Load, others: &[String]) -> Outcome {
    let read = || [tokio::spawn(Arc::clone(&log).read()), tokio::spawn(Arc::clone(&log).read())];
    let meanwhile = (!load.read_behind).then(read);
    let mut lines = Vec::new();
    for _ in 0..=load.publishers {
        lines.push(log.line().await);
    }
    let mut last = lines.pop().unwrap();
    sleep(SETTLE).await;
    let started = Instant::now();
    let mut publishers = Vec::new();
    for (publisher, line) in lines.into_iter().enumerate() {
        publishers.push(tokio::spawn(publish(Arc::clone(&log), line, publisher, load)));
    }
    let mut published = HashMap::new();
    for publisher in publishers {
        published.extend(publisher.await.unwrap());
    }
    let commits = published.len() as f64 / started.elapsed().as_secs_f64();
    let (mut order, insert) = last.begin().await;
    log.put(&mut order, insert, &data("end")).await;
    order.commit().await.unwrap();
    log.committed();
    let mut seen = Vec::new();
    for reader in meanwhile.unwrap_or_else(read) {
        let read = timeout(Duration::from_secs(60), reader).await;
        seen.push(read.expect("it never came to the end").unwrap());
    }
    let mut outcome = Outcome { commits, published: published.len(), ..Outcome::default() };
    for (name, read) in seen.iter().flatten() {
        if let Some((begun, committed)) = published.get(name) {
            outcome.delays.push(read.saturating_duration_since(*committed));
            outcome.longest = outcome.longest.max(read.saturating_duration_since(*begun));
        }
    }
    outcome.delays.sort_unstable();
    outcome.missed = judge(log.way, &published.into_keys().collect(), others, &seen);
    outcome
}

/// How many events the first reader has missed: none, but of [`Way::Bare`].
fn judge(way: Way, published: &HashSet<String>, others: &[String], seen: &[Vec<(String, Instant)>]) -> usize {
    let mut all = published.clone();
    all.extend(others.iter().cloned());
    let orders: Vec<Vec<&str>> =
        seen.iter().map(|seen| seen.iter().map(|(name, _)| &**name).collect()).collect();
    let got: HashSet<&str> = orders[0].iter().copied().collect();
    assert_eq!(got.len(), orders[0].len(), "{way:?}: each once");
    assert!(got.iter().all(|name| all.contains(*name)), "{way:?}: nothing that was rolled back");
    let missed = all.len() - got.len();
    if way != Way::Bare {
        assert_eq!(missed, 0, "{way:?}: all");
        assert!(orders[0] == orders[1], "{way:?}: one order for both");
    }
    missed
}

/// What it has committed, with when it began and when the commit had returned.
async fn publish(
    log: Arc<Log>,
    mut line: Line,
    publisher: usize,
    load: Load,
) -> Vec<(String, (Instant, Instant))> {
    let (started, mut published) = (Instant::now(), Vec::new());
    for n in 0.. {
        if started.elapsed() > load.length {
            break;
        }
        let name = format!("{publisher}.{n}");
        let begun = Instant::now();
        let (mut order, insert) = line.begin().await;
        log.put(&mut order, insert, &data(&name)).await;
        if !load.before_commit.is_zero() {
            sleep(load.before_commit.mul_f64(fastrand::f64())).await;
        }
        if fastrand::u32(0..10) < load.rolled_back {
            order.rollback().await.unwrap();
        } else {
            order.commit().await.unwrap();
            let committed = Instant::now();
            log.committed();
            published.push((name, (begun, committed)));
        }
        if !load.between.is_zero() {
            sleep(load.between.mul_f64(0.5 + fastrand::f64())).await;
        }
    }
    published
}
