//! What the sockets of event streams need.

use std::io;
#[cfg(unix)]
use std::os::fd::AsFd as AsSocket;
#[cfg(windows)]
use std::os::windows::io::AsSocket;
use std::time::Duration;

use socket2::SockRef;

/// How a socket is tuned for event streams, in one call at an accepted connection:
///
/// - `TCP_NODELAY`: an event leaves at once;
/// - `TCP_USER_TIMEOUT`, the **write deadline**: the connection of a client that stops reading, or vanishes without a word,
///   fails, and its subscription with it;
/// - `TCP_NOTSENT_LOWAT`: what a client does not read waits in the log, which all share, not in the kernel, which would take
///   some megabytes for each.
///
/// The last two exist on Linux and Android; elsewhere only the first is set, and a client that stops reading is kept until
/// its own side gives up.
///
/// An accepted socket inherits all three from its listener on Linux. Where a server does not show the sockets that it
/// accepts, tune the listener, before clients come: a connection made earlier has not inherited them.
///
/// A client of HTTP/2 that reads its connection but not one of its streams is not found out by this: it costs a place in
/// the log, and no server may wait for it without bound when it stops.
///
/// ```
/// use std::net::TcpListener;
/// use std::time::Duration;
/// use typed_sse_core::SocketOptions;
///
/// let listener = TcpListener::bind("127.0.0.1:0")?;
/// SocketOptions::new().with_write_deadline(Duration::from_secs(5)).tune(&listener);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use = "call `tune` with a socket"]
pub struct SocketOptions {
    write_deadline: Duration,
    unsent: u32,
}

impl SocketOptions {
    /// A write deadline of 14 s, so that a client which vanishes without a word is noticed within two intervals of the
    /// default [`KeepAlive`](crate::KeepAlive), 30 s: a comment is sent within the first, and the kernel, which counts from
    /// the first time that it sends again, gives up within the second. At most 16 KiB unsent.
    pub const fn new() -> Self {
        Self { write_deadline: Duration::from_secs(14), unsent: 16 << 10 }
    }

    /// Sets how long bytes may wait for the client to take them before the connection fails, in whole milliseconds.
    /// Default: 14 s. Less than 1 ms counts as 1 ms, more than 24 days as 24 days. The kernel looks when it probes the
    /// client, so it may be some hundred milliseconds later.
    pub fn with_write_deadline(mut self, write_deadline: Duration) -> Self {
        // To the kernel 0 is its own default, and it takes milliseconds up to 2³¹.
        self.write_deadline =
            write_deadline.clamp(Duration::from_millis(1), Duration::from_secs(24 * 24 * 60 * 60));
        self
    }

    /// Sets how many bytes the kernel takes that are not yet on their way to the client. Default: 16 KiB. 0 counts as 1.
    pub const fn with_unsent(mut self, bytes: u32) -> Self {
        // To the kernel 0 is its own default: no bound.
        self.unsent = if bytes == 0 { 1 } else { bytes };
        self
    }

    /// Tunes a connected socket, or a listener. What fails (as on a connection that is closed already) is told to
    /// `tracing` at the level `WARN`, and nothing else comes of it.
    pub fn tune(&self, socket: &impl AsSocket) {
        if let Err(error) = self.try_tune(&SockRef::from(socket)) {
            tracing::warn!(%error, "a socket could not be tuned for event streams");
        }
    }

    fn try_tune(&self, socket: &SockRef<'_>) -> io::Result<()> {
        socket.set_tcp_nodelay(true)?;
        #[cfg(any(target_os = "linux", target_os = "android"))]
        {
            socket.set_tcp_user_timeout(Some(self.write_deadline))?;
            socket.set_tcp_notsent_lowat(self.unsent)?;
        }
        Ok(())
    }
}

impl Default for SocketOptions {
    /// As [`SocketOptions::new`].
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
#[cfg(any(target_os = "linux", target_os = "android"))]
mod tests {
    use std::io::{ErrorKind, Write as _};
    use std::net::{TcpListener, TcpStream};

    use super::*;

    fn pair(listener: &TcpListener) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        (listener.accept().unwrap().0, client)
    }

    /// How much the kernel takes for a client that does not read.
    fn fill(mut server: &TcpStream) -> usize {
        server.set_nonblocking(true).unwrap();
        let chunk = [0; 4096];
        let mut taken = 0;
        loop {
            match server.write(&chunk) {
                Ok(len) => taken += len,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return taken,
                Err(error) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn sets_all_and_accepted_sockets_inherit_them() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let options = SocketOptions::new().with_write_deadline(Duration::from_millis(1500)).with_unsent(1000);
        options.tune(&listener);
        let (server, _client) = pair(&listener);
        let socket = SockRef::from(&server);
        assert!(socket.tcp_nodelay().unwrap());
        assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_millis(1500)));
        assert_eq!(socket.tcp_notsent_lowat().unwrap(), 1000);
    }

    #[test]
    fn nothing_is_not_the_default_of_the_system_and_no_deadline_is_too_long() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = SockRef::from(&listener);
        for (deadline, set) in [(Duration::ZERO, 1), (Duration::MAX, 24 * 24 * 60 * 60 * 1000)] {
            SocketOptions::new().with_write_deadline(deadline).with_unsent(0).tune(&listener);
            assert_eq!(socket.tcp_user_timeout().unwrap(), Some(Duration::from_millis(set)));
            assert_eq!(socket.tcp_notsent_lowat().unwrap(), 1);
        }
    }

    #[test]
    fn the_kernel_takes_little_for_a_client_that_does_not_read() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (untuned, _client) = pair(&listener);
        let (tuned, _client) = pair(&listener);
        SocketOptions::new().tune(&tuned);
        let (tuned, untuned) = (fill(&tuned), fill(&untuned));
        assert!(tuned * 4 < untuned, "{tuned} of {untuned} bytes");
    }
}
