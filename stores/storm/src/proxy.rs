//! A proxy whose connections the storm cuts, anywhere within an event, or holds still.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicI64, AtomicU16, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use fastrand::Rng;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};

/// Has an address that stays, whatever stands behind it.
#[derive(Clone)]
pub(crate) struct Proxy {
    inner: Arc<Inner>,
}

struct Inner {
    port: u16,
    target: AtomicU16,
    next: AtomicU64,
    /// Whether nothing comes through for now.
    is_parted: watch::Sender<bool>,
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
        let is_parted = watch::Sender::new(false);
        let inner = Arc::new(Inner { port, target: target.into(), next, is_parted, open });
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

    /// Nothing comes through from now on, in either direction; connections stay, and new ones are taken. False if that is so already.
    pub(crate) fn part(&self) -> bool {
        self.inner.is_parted.send_if_modified(|is_parted| !std::mem::replace(is_parted, true))
    }

    /// What was held back comes through.
    pub(crate) fn join(&self) {
        self.inner.is_parted.send_replace(false);
    }
}

impl Inner {
    async fn connect(self: Arc<Self>, client: TcpStream) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let tap = Arc::new(Tap { left: WITHOUT_END.into(), cut: Notify::new() });
        self.open().insert(number, Arc::clone(&tap));
        // However it ends: the sockets are closed.
        let _ended = tokio::select! {
            // First: what is held back is not to come through when it is cut.
            biased;
            () = tap.cut.notified() => Ok(()),
            ended = self.pass(client, &tap) => ended,
        };
        self.open().remove(&number);
    }

    async fn pass(&self, client: TcpStream, tap: &Tap) -> io::Result<()> {
        self.until_joined().await;
        let server = TcpStream::connect(("127.0.0.1", self.target.load(Ordering::Relaxed))).await?;
        client.set_nodelay(true)?;
        server.set_nodelay(true)?;
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let without_end = AtomicI64::new(WITHOUT_END);
        tokio::select! {
            ended = self.pass_on(from_server, to_client, &tap.left) => ended,
            ended = self.pass_on(from_client, to_server, &without_end) => ended,
        }
    }

    /// Until it ends on one side, or no more bytes are left.
    async fn pass_on(
        &self,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        left: &AtomicI64,
    ) -> io::Result<()> {
        let mut buffer = vec![0; 16 << 10];
        loop {
            let read = from.read(&mut buffer).await;
            // An end is held back as well.
            self.until_joined().await;
            let (read, has_left) = (read?, left.load(Ordering::Relaxed));
            let passed = read.min(usize::try_from(has_left).unwrap_or(0));
            to.write_all(&buffer[..passed]).await?;
            if read == 0 || passed < read {
                return Ok(());
            }
            if has_left != WITHOUT_END {
                left.fetch_sub(passed as i64, Ordering::Relaxed);
            }
        }
    }

    async fn until_joined(&self) {
        let mut is_parted = self.is_parted.subscribe();
        // The sender is this one's own, so it is there.
        let _joined = is_parted.wait_for(|is_parted| !is_parted).await;
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Arc<Tap>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::sleep;

    use super::*;

    struct Line {
        proxy: Proxy,
        client: TcpStream,
        server: TcpStream,
    }

    impl Line {
        /// With one byte that has come through.
        async fn start() -> Self {
            let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
            let proxy = Proxy::start(listener.local_addr().unwrap().port()).await.unwrap();
            let mut client = TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
            client.write_all(b"a").await.unwrap();
            let (mut server, _) = listener.accept().await.unwrap();
            assert_eq!(server.read_u8().await.unwrap(), b'a');
            Self { proxy, client, server }
        }

        /// Sends a byte each way, and gives the proxy time to take them.
        async fn send_both(&mut self) {
            self.client.write_all(b"b").await.unwrap();
            self.server.write_all(b"c").await.unwrap();
            sleep(Duration::from_millis(50)).await;
        }
    }

    #[tokio::test]
    async fn what_was_held_back_comes_when_it_is_joined() {
        let mut line = Line::start().await;
        assert!(line.proxy.part());
        assert!(!line.proxy.part());
        line.send_both().await;
        let mut byte = [0];
        assert!(line.server.try_read(&mut byte).is_err() && line.client.try_read(&mut byte).is_err());
        line.proxy.join();
        assert_eq!(line.server.read_u8().await.unwrap(), b'b');
        assert_eq!(line.client.read_u8().await.unwrap(), b'c');
    }

    #[tokio::test]
    async fn what_was_held_back_is_gone_when_it_is_cut() {
        let mut line = Line::start().await;
        line.proxy.part();
        line.send_both().await;
        assert_eq!(line.proxy.cut_all(), 1);
        line.proxy.join();
        assert!(line.server.read_u8().await.is_err());
        assert!(line.client.read_u8().await.is_err());
    }
}
