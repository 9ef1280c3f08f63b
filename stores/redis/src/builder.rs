//! How a server is reached, and how much is kept in it.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use typed_sse_core::store::{StoreError, StoreErrorKind};

use crate::connection::Server;
use crate::error::Failure;
use crate::limits::Limits;
use crate::store::Redis;

/// Connects a [`Redis`]: see [`Redis::builder`].
#[derive(Clone)]
#[must_use = "`connect` connects"]
pub struct Builder {
    prefix: String,
    limits: Limits,
    time_limit: Duration,
}

impl Redis {
    /// Connects to the server of this URL, with the defaults of [`builder`](Self::builder).
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// use typed_sse_redis::Redis;
    ///
    /// let store = Redis::connect("redis://127.0.0.1:6379").await?;
    /// # drop(store);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Builder::connect`].
    pub async fn connect(url: impl AsRef<str>) -> Result<Self, StoreError> {
        Self::builder().connect(url).await
    }

    /// Says how much is kept and how long a call may take, and then connects.
    ///
    /// ```no_run
    /// # async fn connect() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use typed_sse_redis::Redis;
    ///
    /// let store = Redis::builder()
    ///     .prefix("shop:")
    ///     .events(10_000)
    ///     .age(Duration::from_secs(24 * 60 * 60))
    ///     .connect("redis://127.0.0.1:6379")
    ///     .await?;
    /// # drop(store);
    /// # Ok(()) }
    /// ```
    pub const fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    const fn new() -> Self {
        Self {
            prefix: String::new(),
            limits: Limits { events: 100_000, bytes: 256 << 20, age: None, keys: 65_536 },
            time_limit: Duration::from_secs(5),
        }
    }

    /// Sets what the names of all keys begin with, so that several applications share a server: `app:`. Default: nothing.
    ///
    /// An ACL can then be `~app:*`. It must not contain `{` or `}`.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Sets how many records of each topic are kept. Default: 100,000. At least 1; 0 counts as 1.
    ///
    /// Whoever appends trims by its own bounds: give all servers the same.
    pub const fn events(mut self, events: usize) -> Self {
        self.limits.events = if events == 0 { 1 } else { events };
        self
    }

    /// Sets how many bytes of data of each topic are kept. Default: 256 MiB. The newest record is kept however long it is.
    pub const fn bytes(mut self, bytes: usize) -> Self {
        self.limits.bytes = bytes;
        self
    }

    /// Sets for how long records are kept. Default: without end. The newest record of a log stays.
    pub const fn age(mut self, age: Duration) -> Self {
        self.limits.age = Some(age);
        self
    }

    /// Sets up to how many keys of each topic the newest event is kept when it is no longer retained. Default: 65,536.
    ///
    /// Past it, the key that has been quiet for longest is forgotten.
    pub const fn keys(mut self, keys: usize) -> Self {
        self.limits.keys = keys;
        self
    }

    /// Sets for how long a call waits for the server, a connection included. Default: 5 seconds.
    ///
    /// A call that is not done by then fails. Of an append, the error says whether it may have been stored.
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Connects to the server of this URL: `redis://user:password@host:port/database`, or `rediss://` with the feature `tls`.
    ///
    /// A connection that is lost is made anew with the next call.
    ///
    /// # Errors
    ///
    /// None of them shows the user or the password.
    ///
    /// - [`Unavailable`](StoreErrorKind::Unavailable): the server cannot be reached, or takes no such user.
    /// - [`Other`](StoreErrorKind::Other): the URL is none, or the prefix contains a brace.
    pub async fn connect(self, url: impl AsRef<str>) -> Result<Redis, StoreError> {
        if self.prefix.contains(['{', '}']) {
            let words = "the prefix contains `{` or `}`, which say where a cluster puts a key";
            return Err(StoreError::new(StoreErrorKind::Other, words));
        }
        let server = Server::new(url.as_ref(), self.time_limit)?;
        server.within(&AtomicU64::new(0), async { server.lend().await.map_err(Failure::sure) }).await?;
        Ok(Redis::new(server, self.prefix, self.limits))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("prefix", &self.prefix)
            .field("limits", &self.limits)
            .field("time_limit", &self.time_limit)
            .finish()
    }
}
