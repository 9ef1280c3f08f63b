//! The sockets of a server that does not show them.

use rocket::fairing::AdHoc;
use typed_sse_core::SocketOptions;

/// A fairing that tunes the sockets of all clients for event streams, so that one which stops reading, or vanishes
/// without a word, is given up.
///
/// Rocket 0.5 makes its own listener and shows no socket, so the fairing finds the listener among the sockets of this
/// process, by its address, right after Rocket began to listen; connections that are made from then on inherit what it
/// has. That works on Linux 5.6 and newer, where `/proc` is mounted and `pidfd_getfd` is allowed. Docker's default
/// profile allows it with `--cap-add SYS_PTRACE` only.
///
/// Where it cannot, it says so at the level `ERROR` (to `tracing`, or else to `log` as Rocket does), and the server runs
/// without a write deadline: put a proxy in front that has one.
///
/// ```
/// use std::time::Duration;
/// use typed_sse_rocket::{SocketOptions, tune};
///
/// let app = rocket::build().attach(tune(SocketOptions::new().with_write_deadline(Duration::from_secs(10))));
/// # let _ = app;
/// ```
#[must_use = "attach it"]
pub fn tune(options: SocketOptions) -> AdHoc {
    AdHoc::on_liftoff("sockets tuned for event streams", move |rocket| {
        let config = rocket.config();
        if let Err(error) = listener::tune(options, (config.address, config.port).into()) {
            tracing::error!(
                %error,
                "event streams have no write deadline: allow `pidfd_getfd`, or put a proxy in front"
            );
        }
        Box::pin(async {})
    })
}

#[cfg(target_os = "linux")]
mod listener {
    use std::fs::DirEntry;
    use std::io;
    use std::net::SocketAddr;

    use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
    use socket2::{SockRef, Socket};
    use typed_sse_core::SocketOptions;

    /// Tunes what this process listens with at `address`.
    pub(super) fn tune(options: SocketOptions, address: SocketAddr) -> io::Result<()> {
        let process = pidfd_open(getpid(), PidfdFlags::empty())?;
        let mut found = false;
        for entry in std::fs::read_dir("/proc/self/fd")? {
            let Some(number) = socket(&entry?) else { continue };
            // A duplicate, since safe code cannot borrow a descriptor by its number. It is the same socket.
            match pidfd_getfd(&process, number, PidfdGetfdFlags::empty()) {
                Ok(socket) if listens_at(&SockRef::from(&socket), address) => {
                    options.tune(&socket);
                    found = true;
                }
                // No listener, or closed since by another thread.
                Ok(_) | Err(rustix::io::Errno::BADF) => {}
                Err(error) => return Err(error.into()),
            }
        }
        let missing = || io::Error::new(io::ErrorKind::NotFound, format!("no listener at {address}"));
        found.then_some(()).ok_or_else(missing)
    }

    /// The descriptor of this entry, if it is a socket. No file may be duplicated: to close any of its descriptors gives
    /// up the locks that this process has on it, those of a database say (fcntl(2), "Record locks").
    fn socket(entry: &DirEntry) -> Option<i32> {
        let target = std::fs::read_link(entry.path()).ok()?;
        target.to_str()?.starts_with("socket:").then(|| entry.file_name().to_str()?.parse().ok())?
    }

    fn listens_at(socket: &Socket, address: SocketAddr) -> bool {
        socket.is_listener().unwrap_or(false)
            && socket.local_addr().is_ok_and(|local| local.as_socket() == Some(address))
    }

    #[cfg(test)]
    mod tests {
        use std::net::{TcpListener, TcpStream};
        use std::os::unix::fs::MetadataExt as _;
        use std::time::Duration;

        use rustix::fs::{FlockOperation, fcntl_lock};

        use super::*;

        #[test]
        fn accepted_sockets_are_tuned() {
            let other = TcpListener::bind("127.0.0.1:0").unwrap();
            // All addresses, as servers mostly listen.
            let listener = TcpListener::bind("0.0.0.0:0").unwrap();
            let address = listener.local_addr().unwrap();
            let deadline = Duration::from_millis(1500);
            tune(SocketOptions::new().with_write_deadline(deadline), address).unwrap();
            let _client = TcpStream::connect(address).unwrap();
            let accepted = listener.accept().unwrap().0;
            assert_eq!(SockRef::from(&accepted).tcp_user_timeout().unwrap(), Some(deadline));
            assert_ne!(SockRef::from(&other).tcp_user_timeout().unwrap(), Some(deadline));
        }

        #[test]
        fn an_address_without_listener_is_an_error() {
            // A port that nobody is given by chance.
            let error = tune(SocketOptions::new(), ([127, 0, 0, 1], 1).into()).unwrap_err();
            assert_eq!(error.to_string(), "no listener at 127.0.0.1:1");
        }

        #[test]
        fn files_keep_their_locks() {
            let file = tempfile::tempfile().unwrap();
            fcntl_lock(&file, FlockOperation::LockExclusive).unwrap();
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            tune(SocketOptions::new(), listener.local_addr().unwrap()).unwrap();
            let locks = std::fs::read_to_string("/proc/locks").unwrap();
            let inode = format!(":{} ", file.metadata().unwrap().ino());
            assert!(locks.lines().any(|line| line.contains("POSIX") && line.contains(&inode)), "{locks}");
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod listener {
    use std::io;
    use std::net::SocketAddr;

    use typed_sse_core::SocketOptions;

    pub(super) fn tune(_: SocketOptions, _: SocketAddr) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}
