//! Clients that do not read.

use std::alloc::System;

use cap::Cap;
use rustix::process::{Resource, getrlimit, setrlimit};
use typed_sse_core::Event;

use super::{flood, open, publish, until};
use crate::app::Server;
use crate::client::{Client, Response};

const STALLED: usize = 1000;

/// What is resident would depend on what the allocator had to spare before.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// They go by the write deadline, and meanwhile others are served.
pub async fn a_thousand_stalled_clients_are_disconnected(server: Server) {
    let _stalled = stall(&server, STALLED).await;
    let mut other = open(&server, &[]).await;
    flood(&server, &mut other, 0..256).await;
    until(|| server.app.channel.subscribers() == 1).await;
    publish(&server, 7).await;
    other.read_until("data: 7\n\n").await;
}

/// What they do not read is not kept for each of them: beyond an idle connection, the process holds little for each, whatever
/// the length of the events, and so does the kernel.
pub async fn a_thousand_stalled_clients_cost_little_memory(server: Server) {
    let sockets = socket_memory();
    let mut other = open(&server, &[]).await;
    let mut stalled = Vec::new();
    for len in [100, 1000, 60_000] {
        // The log has been full of events of this length before.
        flood_with(&server, &mut other, len).await;
        stalled.extend(stall(&server, STALLED / 3).await);
        let before = heap();
        flood_with(&server, &mut other, len).await;
        let grown = heap().saturating_sub(before) / (STALLED / 3);
        assert!(
            grown < most(&server, len),
            "{grown} bytes for each client that does not read events of {len} bytes"
        );
    }
    let sockets = socket_memory().saturating_sub(sockets) / stalled.len();
    assert!(sockets < 512 << 10, "the kernel holds {sockets} bytes for each client");
    assert_eq!(server.app.channel.subscribers(), 1 + stalled.len());
}

/// Beyond its idle connection, a client that does not read costs no more. A framework that copies holds a buffer of its own, and a
/// copy of one event.
pub(super) fn most(server: &Server, len: usize) -> usize {
    let copies = if server.buffer > 0 { len } else { 0 };
    (40 << 10) + server.buffer + copies
}

/// More than a client takes that does not read, in events of this length that come many at once; the other reads them.
pub(super) async fn flood_with(server: &Server, reader: &mut Response, len: usize) {
    const BYTES: usize = 2 << 20;
    let filler = "x".repeat(len);
    let at_once = (BYTES / 64 / len).max(1);
    for n in 0..BYTES / len / at_once {
        let events: Vec<_> = (0..at_once).map(|_| Event::new(format!("{filler}{n}"))).collect();
        server.app.channel.publish_all(&events).await.unwrap();
        reader.read_until(&format!("x{n}\n\n")).await;
        reader.forget();
    }
}

/// Some more clients that never read, once all are subscribed.
async fn stall(server: &Server, clients: usize) -> Vec<Client> {
    // Both ends of each connection are in this process.
    let mut files = getrlimit(Resource::Nofile);
    if files.current.is_some_and(|current| current < 4096) {
        files.current = Some(4096);
        setrlimit(Resource::Nofile, files).unwrap();
    }
    let subscribers = server.app.channel.subscribers();
    let mut stalled = Vec::new();
    for _ in 0..clients {
        stalled.push(Client::stalled(server.address, "/events").await);
    }
    until(|| server.app.channel.subscribers() == subscribers + clients).await;
    stalled
}

/// What is allocated in this process, in which the server runs, in bytes.
pub(super) fn heap() -> usize {
    HEAP.allocated()
}

/// Of all TCP sockets of this machine, in bytes: most are ours.
fn socket_memory() -> usize {
    let sockstat = std::fs::read_to_string("/proc/net/sockstat").unwrap();
    let tcp = sockstat.lines().find(|line| line.starts_with("TCP:")).unwrap();
    tcp.rsplit(' ').next().unwrap().parse::<usize>().unwrap() * rustix::param::page_size()
}
