//! Passes connections on, each to the next server that takes it.

use std::fmt::Arguments;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// The servers, and whose turn it is.
pub(crate) struct Balance<T> {
    servers: Vec<u16>,
    next: AtomicUsize,
    /// A connection is one of these.
    room: Arc<Semaphore>,
    tell: T,
}

/// A server that takes longer to accept a connection counts as gone.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many connections at the most; more wait in the system's queue.
const MOST: usize = 10_000;

impl<T: Fn(Arguments<'_>) + Send + Sync + 'static> Balance<T> {
    /// `tell` is told of each connection.
    pub(crate) fn new(servers: Vec<u16>, tell: T) -> Self {
        Self { servers, next: AtomicUsize::new(0), room: Arc::new(Semaphore::new(MOST)), tell }
    }

    /// Until there is nothing to listen on any more.
    pub(crate) async fn serve(self, listener: TcpListener) -> io::Result<()> {
        let balance = Arc::new(self);
        loop {
            let room = Arc::clone(&balance.room).acquire_owned().await.map_err(io::Error::other)?;
            let client = match listener.accept().await {
                Ok((client, _)) => client,
                Err(error) => {
                    // Such as too many open files: it passes.
                    (balance.tell)(format_args!("no connection: {error}"));
                    sleep(Duration::from_millis(100)).await;
                    continue;
                }
            };
            let balance = Arc::clone(&balance);
            tokio::spawn(async move {
                balance.pass(client).await;
                drop(room);
            });
        }
    }

    async fn pass(&self, mut client: TcpStream) {
        let Some((port, mut server)) = self.connect().await else {
            (self.tell)(format_args!("no server can be reached"));
            return;
        };
        (self.tell)(format_args!("a connection goes to {port}"));
        // A small event must not wait for the next one.
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        // However it ends, both sides are closed; a client comes back.
        let _ = copy_bidirectional(&mut client, &mut server).await;
        (self.tell)(format_args!("a connection to {port} has ended"));
    }

    /// The next server, or the one after it, and so on.
    async fn connect(&self) -> Option<(u16, TcpStream)> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        for n in 0..self.servers.len() {
            let port = self.servers[turn.wrapping_add(n) % self.servers.len()];
            if let Ok(Ok(server)) = timeout(PATIENCE, TcpStream::connect(("127.0.0.1", port))).await {
                return Some((port, server));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// A server that greets with a letter, and its port.
    async fn server(letter: u8) -> (u16, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let running = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                client.write_all(&[letter]).await.unwrap();
            }
        });
        (port, running)
    }

    async fn greeting(port: u16) -> Option<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.read_u8().await.ok()
    }

    #[tokio::test]
    async fn connections_take_turns_and_pass_by_who_is_gone() {
        let ((a, running), (b, _kept)) = (server(b'a').await, server(b'b').await);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(Balance::new(vec![a, b], |_| {}).serve(listener));
        assert_eq!([greeting(port).await, greeting(port).await], [Some(b'a'), Some(b'b')]);
        running.abort();
        let _aborted = running.await;
        for _ in 0..3 {
            assert_eq!(greeting(port).await, Some(b'b'));
        }
    }

    #[tokio::test]
    async fn without_a_server_a_connection_ends() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Nobody listens on the port of a listener that is gone.
        let (gone, running) = server(b'x').await;
        running.abort();
        let _aborted = running.await;
        tokio::spawn(Balance::new(vec![gone], |_| {}).serve(listener));
        assert_eq!(greeting(port).await, None);
    }
}
