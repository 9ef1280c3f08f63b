//! All clients together.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::Failure;
use crate::client::{self, Habits, Progress};
use crate::event::{Name, Scene};
use crate::judge::{Journal, Verdict};
use crate::process::Book;

pub(crate) struct Crowd {
    scene: Scene,
    clients: Vec<(Arc<Progress>, JoinHandle<Journal>)>,
}

/// The last events of a pass.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    /// By topic.
    pub(crate) events: HashMap<u32, Name>,
    /// That of the last of all.
    pub(crate) position: u64,
}

/// So long after the last fault, all are to have everything.
const PATIENCE: Duration = Duration::from_secs(60);

impl Crowd {
    pub(crate) fn start(clients: usize, habits: &Habits, book: &Book, rng: &mut Rng) -> Self {
        let epochs = book.open().epochs.clone();
        let clients = (0..clients).map(|_| {
            let progress = Arc::<Progress>::default();
            let running = client::run(habits.clone(), epochs.clone(), Arc::clone(&progress), rng.fork());
            (progress, tokio::spawn(running))
        });
        Self { scene: habits.scene, clients: clients.collect() }
    }

    pub(crate) fn deliveries(&self) -> u64 {
        self.clients.iter().map(|(progress, _)| progress.deliveries.load(Ordering::Relaxed)).sum()
    }

    /// Gives all of them time to come to the end, ends them, and judges what they saw.
    pub(crate) async fn judge(
        self,
        book: &Book,
        logged: &HashSet<Name>,
        ends: &Ends,
    ) -> Result<Verdict, Failure> {
        let started = Instant::now();
        let is_there = |progress: &Progress| progress.has_come_to(ends);
        while started.elapsed() < PATIENCE && !self.clients.iter().all(|(progress, _)| is_there(progress)) {
            sleep(Duration::from_millis(50)).await;
        }
        self.clients.iter().for_each(|(progress, _)| progress.is_over.store(true, Ordering::Relaxed));
        let mut journals = Vec::new();
        for (_, client) in self.clients {
            journals.push(client.await?);
        }
        let mut truth = book.open();
        for journal in &journals {
            truth.take_in(self.scene, journal);
        }
        let mut verdict = Verdict::of(&truth, logged);
        verdict.judge_all(self.scene, &journals, &truth);
        Ok(verdict)
    }
}
