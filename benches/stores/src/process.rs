//! What processes take, by their operating system.

use std::fs;

/// Seconds of CPU time of a process, of its children, and of those that have ended.
pub(crate) fn cpu(process: u32) -> f64 {
    let of_children = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let process = entry.unwrap().file_name().to_str()?.parse().ok()?;
        // It may end meanwhile.
        Stat::of(process)
    });
    let of_children = of_children.filter(|stat| stat.parent == process).map(|stat| stat.ticks);
    let own = Stat::of(process).unwrap();
    (own.ticks + own.of_ended + of_children.sum::<f64>()) / 100.0
}

/// Seconds of CPU time of this process alone.
pub(crate) fn own_cpu() -> f64 {
    Stat::of(std::process::id()).unwrap().ticks / 100.0
}

/// A line of `/proc`, in ticks of 10 ms.
struct Stat {
    parent: u32,
    ticks: f64,
    /// Of its children that have ended.
    of_ended: f64,
}

impl Stat {
    fn of(process: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        let columns: Vec<&str> = stat.rsplit(") ").next()?.split(' ').collect();
        let ticks = |column: usize| columns[column].parse::<f64>().unwrap();
        Some(Self {
            parent: columns[1].parse().unwrap(),
            ticks: ticks(11) + ticks(12),
            of_ended: ticks(13) + ticks(14),
        })
    }
}

/// How many connections a server on this port has.
pub(crate) fn connections(port: u16) -> usize {
    let port = format!(":{port:04X}");
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    // The second column is the address here, the fourth the state: 01 is established.
    let established = table.lines().filter(|line| {
        let columns: Vec<_> = line.split_whitespace().collect();
        columns.get(1).is_some_and(|here| here.ends_with(&port)) && columns.get(3) == Some(&"01")
    });
    established.count()
}

/// What this process has in memory, in bytes.
pub(crate) fn resident() -> f64 {
    let statm = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: f64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * rustix::param::page_size() as f64
}
