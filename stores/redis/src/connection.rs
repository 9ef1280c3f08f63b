//! The connections to the server: one for all commands, and one more for each that waits.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, ErrorKind, FromRedisValue, RedisResult,
    ServerErrorKind, Value, pipe,
};
use tokio::time::timeout;
use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::error::{self, Failure};
use crate::script::Call;

/// A server, and the connection for commands.
pub(crate) struct Server {
    client: Client,
    /// What may be told of the URL.
    pub(crate) name: String,
    pub(crate) time_limit: Duration,
    connection: Mutex<Connection>,
    /// Held by the one who connects; the others wait for that, each as long as its own time allows.
    connecting: tokio::sync::Mutex<()>,
}

/// A connection, for one call.
pub(crate) struct Lent {
    /// Counts the connections from 1: behind each, the server may be another one.
    pub(crate) number: u64,
    connection: MultiplexedConnection,
}

#[derive(Default)]
struct Connection {
    number: u64,
    open: Option<MultiplexedConnection>,
}

impl Server {
    pub(crate) fn new(url: &str, time_limit: Duration) -> Result<Self, StoreError> {
        choose_cryptography();
        let client = Client::open(url).map_err(|_| {
            let words = "the URL is no `redis://user:password@host:port/database`, or needs a feature, as `rediss:` needs `tls`";
            StoreError::new(StoreErrorKind::Other, words)
        })?;
        let name = match client.get_connection_info().addr() {
            ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => {
                format!("{host}:{port}")
            }
            ConnectionAddr::Unix(path) => path.display().to_string(),
            _ => "of this URL".to_owned(),
        };
        Ok(Self {
            client,
            name,
            time_limit,
            connection: Mutex::default(),
            connecting: tokio::sync::Mutex::default(),
        })
    }

    /// The connection for commands, which is made if there is none.
    pub(crate) async fn lend(&self) -> Result<Lent, StoreError> {
        if let Some(lent) = self.state().lend() {
            return Ok(lent);
        }
        let _turn = self.connecting.lock().await;
        if let Some(lent) = self.state().lend() {
            return Ok(lent);
        }
        let connection = self.connect(Some(self.time_limit)).await?;
        let mut state = self.state();
        state.number += 1;
        state.open = Some(connection.clone());
        Ok(Lent { number: state.number, connection })
    }

    /// Runs a script.
    pub(crate) async fn run<T: FromRedisValue>(&self, lent: &Lent, call: &Call) -> Result<T, Failure> {
        let mut connection = lent.connection.clone();
        let mut run = call.command.query_async(&mut connection).await;
        if run.as_ref().is_err_and(error::is_no_script) {
            self.told(lent, call.script.load_async(&mut connection).await)?;
            run = call.command.query_async(&mut connection).await;
        }
        self.told(lent, run)
    }

    /// Runs a script and a command in one step; `None` if the server takes no transaction, as a full one does.
    pub(crate) async fn run_both(
        &self,
        lent: &Lent,
        call: &Call,
        command: &Cmd,
    ) -> Result<Option<(Value, Value)>, Failure> {
        let mut connection = lent.connection.clone();
        let mut both = pipe();
        both.atomic().add_command(call.command.clone()).add_command(command.clone());
        let mut run = both.query_async(&mut connection).await;
        if run.as_ref().is_err_and(error::is_no_script) {
            self.told(lent, call.script.load_async(&mut connection).await)?;
            run = both.query_async(&mut connection).await;
        }
        match run {
            Err(error) if error.kind() == ErrorKind::Server(ServerErrorKind::ExecAbort) => Ok(None),
            run => self.told(lent, run.map(Some)),
        }
    }

    fn told<T>(&self, lent: &Lent, run: RedisResult<T>) -> Result<T, Failure> {
        if run.as_ref().is_err_and(error::is_lost) {
            self.forget(lent.number);
        }
        run.map_err(|error| error::calling(&self.name, error))
    }

    /// Gives up after the time limit. `sent` says, once it is known, on which connection something was sent.
    pub(crate) async fn within<T>(
        &self,
        sent: &AtomicU64,
        call: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        if let Ok(called) = timeout(self.time_limit, call).await {
            return called;
        }
        match sent.load(Ordering::Relaxed) {
            0 => Err(Failure::sure(error::unavailable(&self.name, "cannot be reached in time"))),
            number => {
                // The answer would stand in the way of others, or never comes.
                self.forget(number);
                Err(Failure::unsure(error::unavailable(&self.name, "did not answer in time")))
            }
        }
    }

    fn forget(&self, number: u64) {
        let mut state = self.state();
        if state.number == number {
            state.open = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection of its own, for a command that blocks: without a time limit for the answer, which is 500 ms by default.
    pub(crate) async fn connect_to_block(&self) -> Result<MultiplexedConnection, StoreError> {
        self.connect(None).await
    }

    async fn connect(&self, response: Option<Duration>) -> Result<MultiplexedConnection, StoreError> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.time_limit))
            .set_response_timeout(response);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        connecting.await.map_err(|error| error::connecting(&self.name, &error))
    }
}

impl Connection {
    fn lend(&self) -> Option<Lent> {
        self.open.clone().map(|connection| Lent { number: self.number, connection })
    }
}

/// rustls panics where nobody has chosen. The application's own choice stays.
fn choose_cryptography() {
    #[cfg(feature = "tls")]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster.
        let _chosen = rustls::crypto::ring::default_provider().install_default();
    }
}
