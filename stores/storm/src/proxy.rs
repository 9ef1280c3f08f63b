//! A proxy whose connections the storm cuts, anywhere within an event.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// Has an address that stays, whatever stands behind it.
#[derive(Clone)]
pub(crate) struct Proxy {
    inner: Arc<Inner>,
}

struct Inner {
    port: u16,
    target: AtomicU16,
    next: AtomicU64,
    open: Mutex<HashMap<u64, Arc<Tap>>>,
}

/// One connection.
struct Tap {
    /// So many bytes still come through from the server.
    left: AtomicI64,
    cut: Notify,
}

const WITHOUT_END: i64 = i64::MAX;

impl Proxy {
    pub(crate) async fn start(target: u16) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let (next, open) = (AtomicU64::new(0), Mutex::default());
        let inner = Arc::new(Inner { port, target: target.into(), next, open });
        let accepting = Arc::clone(&inner);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&accepting).connect(client));
            }
        });
        Ok(Self { inner })
    }

    pub(crate) fn port(&self) -> u16 {
        self.inner.port
    }

    /// What stands behind it from now on; connections that are open stay where they are.
    pub(crate) fn aim(&self, port: u16) {
        self.inner.target.store(port, Ordering::Relaxed);
    }

    /// Cuts one connection, when its server has sent at most so many bytes more. False if there is none.
    pub(crate) fn cut_one(&self, rng: &mut Rng, bytes: i64) -> bool {
        let open = self.inner.open();
        let alive: Vec<_> =
            open.values().filter(|tap| tap.left.load(Ordering::Relaxed) == WITHOUT_END).collect();
        let Some(tap) = rng.choice(alive) else { return false };
        tap.left.store(rng.i64(0..=bytes), Ordering::Relaxed);
        if tap.left.load(Ordering::Relaxed) == 0 {
            tap.cut.notify_one();
        }
        true
    }

    /// Cuts all connections now; how many there were.
    pub(crate) fn cut_all(&self) -> u64 {
        let open = self.inner.open();
        open.values().for_each(|tap| tap.cut.notify_one());
        open.len() as u64
    }
}

impl Inner {
    async fn connect(self: Arc<Self>, client: TcpStream) {
        let target = ("127.0.0.1", self.target.load(Ordering::Relaxed));
        let Ok(server) = TcpStream::connect(target).await else { return };
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let tap = Arc::new(Tap { left: WITHOUT_END.into(), cut: Notify::new() });
        self.open().insert(number, Arc::clone(&tap));
        // However it ends: the sockets are closed.
        let _ended = pass(client, server, &tap).await;
        self.open().remove(&number);
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Tap>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn pass(client: TcpStream, server: TcpStream, tap: &Tap) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let down = async {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let read = from_server.read(&mut buffer).await?;
            let left = tap.left.load(Ordering::Relaxed);
            let passed = read.min(usize::try_from(left).unwrap_or(0));
            to_client.write_all(&buffer[..passed]).await?;
            if read == 0 || passed < read {
                return Ok(());
            }
            if left != WITHOUT_END {
                tap.left.fetch_sub(passed as i64, Ordering::Relaxed);
            }
        }
    };
    tokio::select! {
        ended = down => ended,
        ended = tokio::io::copy(&mut from_client, &mut to_server) => ended.map(drop),
        () = tap.cut.notified() => Ok(()),
    }
}
