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
    /// What takes its time beside other faults.
    beside: JoinSet<Result<(), Failure>>,
}

/// So many.
pub(crate) const SERVERS: usize = 3;

impl Fleet {
    pub(crate) async fn start(options: &Serve, book: &Book) -> Result<Self, Failure> {
        let (mut servers, mut proxies) = (Vec::new(), Vec::new());
        for _ in 0..SERVERS {
            let server = Process::start(options.clone(), book.clone()).await?;
            proxies.push(server.proxy.clone());
            servers.push(Arc::new(Mutex::new(server)));
        }
        Ok(Self { servers, proxies, beside: JoinSet::new() })
    }

    pub(crate) fn ports(&self) -> Vec<u16> {
        self.proxies.iter().map(Proxy::port).collect()
    }

    pub(crate) fn cut_client(&self, rng: &mut Rng, faults: &mut Faults) {
        if self.proxies[rng.usize(0..SERVERS)].cut_one(rng, 300) {
            faults.add(Fault::ClientCut, 1);
        }
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
