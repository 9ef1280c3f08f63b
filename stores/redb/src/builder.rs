//! How a file is opened.

use std::path::Path;
use std::time::{Duration, SystemTime};

use typed_sse_core::store::StoreError;

use crate::file::File;
use crate::handle::Redb;
use crate::options::{Durability, Limits, Options};

/// Opens a [`Redb`]: see [`Redb::builder`].
#[derive(Clone, Debug)]
#[must_use = "`open` opens the file"]
pub struct Builder {
    options: Options,
}

impl Redb {
    /// Opens the file, or makes it, with the defaults of [`builder`](Self::builder). It blocks this thread while it does so.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        Self::builder().open(path)
    }

    /// Says how much is kept and when an append is answered, and then opens the file.
    ///
    /// ```
    /// use std::time::Duration;
    /// use typed_sse_redb::{Durability, Redb};
    ///
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("events.redb");
    /// let store = Redb::builder()
    ///     .durability(Durability::Eventual)
    ///     .events(10_000)
    ///     .age(Duration::from_secs(24 * 60 * 60))
    ///     .open(path)?;
    /// # drop(store);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub const fn builder() -> Builder {
        Builder::new()
    }
}

impl Builder {
    const fn new() -> Self {
        let limits = Limits { events: 100_000, bytes: 256 << 20, age: None, keys: 65_536 };
        let options = Options {
            durability: Durability::Immediate,
            limits,
            time_limit: Duration::from_secs(5),
            is_checked: true,
            cache_bytes: 64 << 20,
            now: SystemTime::now,
        };
        Self { options }
    }

    /// Sets when an append is answered. Default: [`Durability::Immediate`].
    pub const fn durability(mut self, durability: Durability) -> Self {
        self.options.durability = durability;
        self
    }

    /// Sets how many records of each topic are kept. Default: 100,000. At least 1; 0 counts as 1.
    pub fn events(mut self, events: usize) -> Self {
        self.options.limits.events = u64::try_from(events.max(1)).unwrap_or(u64::MAX);
        self
    }

    /// Sets how many bytes of data of each topic are kept. Default: 256 MiB. The newest record is kept however long it is.
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.options.limits.bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self
    }

    /// Sets for how long records are kept. Default: without end.
    ///
    /// Older ones go with an append to any topic of their log, or within a second. The newest record of a log stays.
    pub const fn age(mut self, age: Duration) -> Self {
        self.options.limits.age = Some(age);
        self
    }

    /// Sets up to how many keys of each topic the newest event is kept when it is no longer retained. Default: 65,536.
    ///
    /// Past it, the key that has been quiet for longest is forgotten.
    pub fn keys(mut self, keys: usize) -> Self {
        self.options.limits.keys = u64::try_from(keys).unwrap_or(u64::MAX);
        self
    }

    /// Sets for how long a call waits for the disk. Default: 5 seconds.
    ///
    /// An append that is not done by then fails with an error that says that its records may have been stored.
    pub const fn time_limit(mut self, limit: Duration) -> Self {
        self.options.time_limit = limit;
        self
    }

    /// Sets whether the checksum of all that is stored is verified when the file is opened. Default: yes.
    ///
    /// That reads the whole file, about a second for each GiB that the system has in its memory. Without it, damage is found when it
    /// is read, and the file opens at once, unless the process before was killed.
    pub const fn check(mut self, check: bool) -> Self {
        self.options.is_checked = check;
        self
    }

    /// Sets how many bytes of the file are kept in memory. Default: 64 MiB.
    pub const fn cache_bytes(mut self, bytes: usize) -> Self {
        self.options.cache_bytes = bytes;
        self
    }

    /// Opens the file, or makes it. It blocks this thread while it does so: open it before you serve.
    ///
    /// # Errors
    ///
    /// Each names the file and says what to do.
    ///
    /// - [`Locked`](typed_sse_core::store::StoreErrorKind::Locked): another process has it open, or this one has.
    /// - [`Corrupt`](typed_sse_core::store::StoreErrorKind::Corrupt): it is torn, or no file of this store.
    /// - [`Version`](typed_sse_core::store::StoreErrorKind::Version): a newer version wrote it.
    /// - [`Other`](typed_sse_core::store::StoreErrorKind::Other): the system does not let it be opened.
    pub fn open(self, path: impl AsRef<Path>) -> Result<Redb, StoreError> {
        let file = File::open(path.as_ref(), self.options)?;
        Redb::start(file, self.options)
    }

    /// With another clock than the system's.
    #[cfg(test)]
    pub(crate) const fn clock(mut self, now: fn() -> SystemTime) -> Self {
        self.options.now = now;
        self
    }

    /// The same in another place than a file, for tests of what fails.
    #[cfg(test)]
    pub(crate) fn open_backend(self, backend: impl redb::StorageBackend) -> Result<Redb, StoreError> {
        let file = File::open_backend(backend, self.options)?;
        Redb::start(file, self.options)
    }
}
