//! Clients that do not read.

use rustix::process::{Resource, getrlimit, setrlimit};

use super::{flood, open, publish, until};
use crate::app::Server;
use crate::client::Client;

const STALLED: usize = 1000;

/// They go by the write deadline, and meanwhile others are served.
pub async fn a_thousand_stalled_clients_are_disconnected(server: Server) {
    let _stalled = stall(&server).await;
    let mut other = open(&server, &[]).await;
    flood(&server, &mut other, 0..256).await;
    until(|| server.app.channel.subscribers() == 1).await;
    publish(&server, 7).await;
    other.read_until("data: 7\n\n").await;
}

/// What they do not read is not kept for each of them. Once all have stalled, the process grows by less than a single
/// client has not read, and the kernel holds little for each.
pub async fn a_thousand_stalled_clients_cost_little_memory(server: Server) {
    let sockets = socket_memory();
    let _stalled = stall(&server).await;
    let mut other = open(&server, &[]).await;
    flood(&server, &mut other, 0..128).await;
    let before = resident_memory();
    flood(&server, &mut other, 128..640).await;
    let grown = resident_memory().saturating_sub(before);
    assert!(grown < 512 * (64 << 10), "{grown} bytes for a thousand clients that do not read");
    let sockets = socket_memory().saturating_sub(sockets) / STALLED;
    assert!(sockets < 512 << 10, "the kernel holds {sockets} bytes for each client");
    assert_eq!(server.app.channel.subscribers(), 1 + STALLED);
}

/// A thousand clients that never read, once all are subscribed.
async fn stall(server: &Server) -> Vec<Client> {
    // Both ends of each connection are in this process.
    let mut files = getrlimit(Resource::Nofile);
    if files.current.is_some_and(|current| current < 4096) {
        files.current = Some(4096);
        setrlimit(Resource::Nofile, files).unwrap();
    }
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        stalled.push(Client::stalled(server.address, "/events").await);
    }
    until(|| server.app.channel.subscribers() == STALLED).await;
    stalled
}

/// Of this process, in which the server runs, in bytes.
fn resident_memory() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages(statm.split(' ').nth(1).unwrap())
}

/// Of all TCP sockets of this machine, in bytes: most are ours.
fn socket_memory() -> usize {
    let sockstat = std::fs::read_to_string("/proc/net/sockstat").unwrap();
    let tcp = sockstat.lines().find(|line| line.starts_with("TCP:")).unwrap();
    pages(tcp.rsplit(' ').next().unwrap())
}

fn pages(count: &str) -> usize {
    count.parse::<usize>().unwrap() * rustix::param::page_size()
}
