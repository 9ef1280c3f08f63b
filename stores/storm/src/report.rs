//! What one pass did, and what came of it.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, Instant};

use crate::crowd::Crowd;
use crate::judge::{Truth, Verdict};

/// A kind of fault, as it stands in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fault {
    ClientCut,
    StoreCut,
    Parted,
    ServerKill,
    ServerStop,
    RedisKill,
    RedisStop,
    Trim,
    TrimByAnother,
    Failover,
    PostgresKill,
    PostgresEnd,
    PostgresStop,
    PostgresProcessKill,
    PostgresTrim,
    NatsKill,
    NatsStop,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ClientCut => "a client's connection cut, mostly within an event",
            Self::StoreCut => "the servers' connections to the store cut",
            Self::Parted => "a server parted from its store, for up to 1.5 s",
            Self::ServerKill => "a server killed (SIGKILL) and started again",
            Self::ServerStop => "a server stopped (SIGSTOP), for up to a second",
            Self::RedisKill => "Redis killed (SIGKILL) and started again",
            Self::RedisStop => "Redis stopped (SIGSTOP), for up to 2.5 s",
            Self::Trim => "the log trimmed by its store, or ten of its topics",
            Self::TrimByAnother => "the log trimmed by another program (XTRIM)",
            Self::PostgresKill => "Postgres killed (SIGKILL) and started again",
            Self::PostgresEnd => "a connection ended by Postgres (pg_terminate_backend), or all of them",
            Self::PostgresStop => "a process of Postgres stopped (SIGSTOP), for up to 2.5 s",
            Self::PostgresProcessKill => "a process of Postgres killed (SIGKILL), by which all of them end",
            Self::PostgresTrim => "the log trimmed by Postgres",
            Self::NatsKill => "nats-server killed (SIGKILL) and started again",
            Self::NatsStop => "nats-server stopped (SIGSTOP), for up to 2.5 s",
            Self::Failover => "a replica promoted, its primary killed with writes that it lacks",
        })
    }
}

#[derive(Debug, Default)]
pub(crate) struct Faults(BTreeMap<Fault, u64>);

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault, times: u64) {
        *self.0.entry(fault).or_default() += times;
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }
}

/// Says how far a pass is, with each thousand faults.
pub(crate) fn progress(told: &mut u64, faults: &Faults, crowd: &Crowd, started: Instant) {
    if faults.total() / 1000 > *told {
        *told = faults.total() / 1000;
        let (faults, deliveries) = (faults.total(), crowd.deliveries());
        crate::say(format_args!(
            "{faults} faults, {deliveries} deliveries, {} s",
            started.elapsed().as_secs()
        ));
    }
}

/// One pass over one kind of store.
pub(crate) struct Report {
    pub(crate) title: String,
    pub(crate) took: Duration,
    pub(crate) faults: Faults,
    pub(crate) events: usize,
    pub(crate) acknowledged: usize,
    pub(crate) lost_by_store: usize,
    pub(crate) verdict: Verdict,
}

impl Report {
    pub(crate) fn new(
        title: String,
        took: Duration,
        faults: Faults,
        truth: &Truth,
        verdict: Verdict,
    ) -> Self {
        let (events, acknowledged) = (truth.events(), truth.acknowledgements());
        let lost_by_store = truth.acknowledged_and_lost();
        Self { title, took, faults, events, acknowledged, lost_by_store, verdict }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { title, took, faults, events, acknowledged, lost_by_store, verdict } = self;
        writeln!(f, "## {title}\n")?;
        writeln!(
            f,
            "{} clients, {} connections, {events} events ({acknowledged} acknowledged), {} deliveries, in {} s.\n",
            verdict.clients,
            verdict.connections,
            verdict.deliveries,
            took.as_secs()
        )?;
        writeln!(f, "| fault | times |\n|---|---|")?;
        for (fault, times) in &faults.0 {
            writeln!(f, "| {fault} | {times} |")?;
        }
        writeln!(f, "| all | {} |\n", faults.total())?;
        let Verdict { lost, doubled, needless, wrong, resets, .. } = verdict;
        writeln!(f, "{lost} lost, {doubled} doubled, {needless} needless resets, {wrong} other faults.")?;
        if !resets.is_empty() {
            let resets: Vec<_> = resets.iter().map(|(reason, times)| format!("{times} `{reason}`")).collect();
            writeln!(f, "Resets that were due: {}.", resets.join(", "))?;
        }
        if *lost_by_store > 0 {
            writeln!(f, "Redis itself lost {lost_by_store} acknowledged events; all clients were told.")?;
        }
        for words in &verdict.words {
            writeln!(f, "- {words}")?;
        }
        Ok(())
    }
}
