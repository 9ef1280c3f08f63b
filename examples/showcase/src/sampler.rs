//! What the machine is doing now, once a second.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sysinfo::{Networks, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};
use tokio::runtime::Handle;
use typed_sse::Channel;

use crate::events::{Dashboard, Machine, Process};
use crate::numbers::{Number, Numbered};

const PERIOD: Duration = Duration::from_secs(1);
const BUSIEST: usize = 8;

/// Samples on a thread of its own, since reading the machine's state blocks. Ends when the process does.
///
/// # Errors
///
/// On a system whose state cannot be read.
pub(crate) fn start(channel: Channel<Dashboard>) -> Result<(), Box<dyn std::error::Error>> {
    let runtime = Handle::current();
    let (mut sampler, mut numbered) = (Sampler::new()?, Numbered::new(channel));
    let run = move || {
        loop {
            std::thread::sleep(PERIOD);
            for sample in sampler.sample() {
                let sample = |from| Dashboard::Machine(sample(from));
                if let Err(error) = runtime.block_on(numbered.publish(sample)) {
                    tracing::error!(%error, "a sample was not published");
                }
            }
        }
    };
    std::thread::Builder::new().name("sampler".to_owned()).spawn(run)?;
    Ok(())
}

/// Milliseconds since 1970.
pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Gets its number when it is published.
type Sample = Box<dyn FnOnce(Number) -> Machine>;

struct Sampler {
    system: System,
    networks: Networks,
}

impl Sampler {
    fn new() -> Result<Self, sysinfo::Error> {
        let mut sampler = Self { system: System::new()?, networks: Networks::new_with_refreshed_list()? };
        // Rates are between two readings; this is the first.
        sampler.refresh();
        Ok(sampler)
    }

    fn refresh(&mut self) {
        self.system.refresh_cpu_usage();
        self.system.refresh_memory();
        self.networks.refresh(true);
        let what = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_memory()
            .with_exe(UpdateKind::Never)
            .without_tasks();
        self.system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    }

    fn sample(&mut self) -> [Sample; 4] {
        self.refresh();
        let at = now();
        let cores = self.system.cpus().iter().map(|core| round(core.usage())).collect();
        let (received, sent) = self
            .networks
            .iter()
            .filter(|(name, _)| !name.to_string_lossy().starts_with("lo"))
            .fold((0, 0), |(received, sent), (_, data)| {
                (received + data.received(), sent + data.transmitted())
            });
        let [total, used] = [self.system.total_memory(), self.system.used_memory()];
        let [swap_total, swap_used] = [self.system.total_swap(), self.system.used_swap()];
        let busiest = self.busiest();
        [
            Box::new(move |from| Machine::Cpu { at, from, cores }),
            Box::new(move |from| Machine::Memory { at, from, total, used, swap_total, swap_used }),
            Box::new(move |from| Machine::Network { at, from, received, sent }),
            Box::new(move |from| Machine::Processes { at, from, busiest }),
        ]
    }

    fn busiest(&self) -> Vec<Process> {
        let mut processes: Vec<_> = self.system.processes().values().collect();
        let order = |process: &&sysinfo::Process| (process.cpu_usage(), process.memory());
        processes.sort_by(|a, b| order(b).partial_cmp(&order(a)).unwrap_or(std::cmp::Ordering::Equal));
        let busiest = processes.iter().take(BUSIEST).map(|process| Process {
            pid: process.pid().as_u32(),
            name: process.name().to_string_lossy().into_owned(),
            cpu: round(process.cpu_usage()),
            memory: process.memory(),
        });
        busiest.collect()
    }
}

/// To a tenth: more digits would only be noise on the wire.
fn round(percent: f32) -> f32 {
    (percent * 10.0).round() / 10.0
}
