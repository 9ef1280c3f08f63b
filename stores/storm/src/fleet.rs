//! The servers of a pass, and what happens to them.

use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::Failure;
use crate::process::{Book, Process};
use crate::proxy::Proxy;
use crate::report::{Fault, Faults};
use crate::serve::Serve;

pub(crate) struct Fleet {
    servers: Vec<Arc<Mutex<Process>>>,
    /// Between each and its clients.
    proxies: Vec<Proxy>,
    /// Between each and the store.
    to_store: Vec<Proxy>,
    /// What takes its time beside other faults.
    beside: JoinSet<Result<(), Failure>>,
}

/// Where the store is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address {
    pub(crate) port: u16,
    /// What a server is told of a store at a port.
    pub(crate) url: fn(u16) -> String,
}

/// So many.
pub(crate) const SERVERS: usize = 3;

impl Fleet {
    /// Each goes to this store through a proxy of its own, whatever the options say.
    pub(crate) async fn start(store: Address, options: &Serve, book: &Book) -> Result<Self, Failure> {
        let (mut servers, mut proxies, mut to_store) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..SERVERS {
            let proxy = Proxy::start(store.port).await?;
            let options = Serve { store: (store.url)(proxy.port()), ..options.clone() };
            to_store.push(proxy);
            let server = Process::start(options, book.clone()).await?;
            proxies.push(server.proxy.clone());
            servers.push(Arc::new(Mutex::new(server)));
        }
        Ok(Self { servers, proxies, to_store, beside: JoinSet::new() })
    }

    pub(crate) fn ports(&self) -> Vec<u16> {
        self.proxies.iter().map(Proxy::port).collect()
    }

    pub(crate) fn cut_client(&self, rng: &mut Rng, faults: &mut Faults) {
        if self.proxies[rng.usize(0..SERVERS)].cut_one(rng, 300) {
            faults.add(Fault::ClientCut, 1);
        }
    }

    /// Cuts all that the servers have open to the store.
    pub(crate) fn cut_store(&self, faults: &mut Faults) {
        faults.add(Fault::StoreCut, self.cut_all_from_store().min(1));
    }

    fn cut_all_from_store(&self) -> u64 {
        self.to_store.iter().map(Proxy::cut_all).sum()
    }

    /// The store is at this port from now on.
    pub(crate) fn move_store(&self, port: u16) {
        self.to_store.iter().for_each(|proxy| proxy.aim(port));
        self.cut_all_from_store();
    }

    /// Nothing passes between one of them and the store for a while, beside other faults. Then what was held back comes late, or never.
    pub(crate) fn part_one(&mut self, rng: &mut Rng, faults: &mut Faults) {
        let proxy = self.to_store[rng.usize(0..SERVERS)].clone();
        if !proxy.part() {
            return;
        }
        let (time, is_cut) = (Duration::from_millis(rng.u64(50..1500)), rng.bool());
        self.beside.spawn(async move {
            sleep(time).await;
            if is_cut {
                proxy.cut_all();
            }
            proxy.join();
            Ok(())
        });
        faults.add(Fault::Parted, 1);
    }

    /// Kills one that runs; it is started again a little later, beside other faults.
    pub(crate) fn kill_one(&mut self, rng: &mut Rng, faults: &mut Faults) {
        let server = Arc::clone(&self.servers[rng.usize(0..SERVERS)]);
        let Ok(mut server) = server.try_lock_owned() else { return };
        let away = Duration::from_millis(rng.u64(0..800));
        self.beside.spawn(async move {
            server.kill().await?;
            sleep(away).await;
            server.run().await
        });
        faults.add(Fault::ServerKill, 1);
    }

    pub(crate) fn stop_one(&mut self, rng: &mut Rng, faults: &mut Faults) {
        let server = Arc::clone(&self.servers[rng.usize(0..SERVERS)]);
        let Ok(server) = server.try_lock_owned() else { return };
        let time = Duration::from_millis(rng.u64(20..1000));
        self.beside.spawn(async move { server.stand_still(time).await });
        faults.add(Fault::ServerStop, 1);
    }

    /// Whether what goes on beside goes well.
    pub(crate) fn look(&mut self) -> Result<(), Failure> {
        while let Some(ended) = self.beside.try_join_next() {
            ended??;
        }
        Ok(())
    }

    /// All stand again.
    pub(crate) async fn settle(&mut self) -> Result<(), Failure> {
        while let Some(ended) = self.beside.join_next().await {
            ended??;
        }
        Ok(())
    }

    /// All stand again, and publish nothing any more.
    pub(crate) async fn calm(&mut self) -> Result<(), Failure> {
        self.settle().await?;
        for server in &self.servers {
            server.lock().await.be_quiet().await?;
        }
        // What was put last may be on its way.
        sleep(Duration::from_secs(3)).await;
        Ok(())
    }
}
