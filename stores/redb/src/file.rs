//! Finding the file, or making it.

use std::fs;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Database, DatabaseError, ReadableTable as _};
use typed_sse_core::store::{Epoch, StoreError};

use crate::error::Named;
use crate::options::{Durability, Options};
use crate::tables::{LOGS, LogRow, META, Tables};

/// The version of the tables, in `meta` under `format`. One that is higher is of the future.
pub(crate) const FORMAT: u32 = 1;

/// In `meta` while a process has the file open that does not wait for the disk.
const EVENTUAL: &str = "eventual";

/// An open file.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) database: Database,
}

impl File {
    pub(crate) fn open(path: &Path, options: Options) -> Result<Self, StoreError> {
        let named = Named(path);
        let no_panic = || named.corrupt("redb gave up on it");
        let database = unwinding(|| {
            if !fs::exists(path)? {
                create(path, options)?;
            }
            redb_builder(options).open(path)
        });
        let database = database.ok_or_else(no_panic)?.map_err(|error| named.open(error))?;
        Self { path: path.to_owned(), database }.begin(options)
    }

    #[cfg(test)]
    pub(crate) fn open_backend(
        backend: impl redb::StorageBackend,
        options: Options,
    ) -> Result<Self, StoreError> {
        let path = PathBuf::from("backend");
        let database = redb_builder(options).create_with_backend(backend);
        let database = database.map_err(|error| Named(&path).open(error))?;
        write_tables(&database).map_err(|error| Named(&path).read(error))?;
        Self { path, database }.begin(options)
    }

    /// Sees what is in it, and says how it is written from now on.
    fn begin(self, options: Options) -> Result<Self, StoreError> {
        let named = Named(&self.path);
        let begun = unwinding(|| begin(&self.database, options.durability));
        match begun.ok_or_else(|| named.corrupt("redb gave up on it"))? {
            Ok(Format::Ours) => Ok(self),
            Ok(Format::Newer) => Err(named.version()),
            Ok(Format::Foreign) => Err(named.foreign()),
            Err(error) => Err(named.read(error)),
        }
    }

    /// Says that nothing is missing: the process before lost nothing.
    pub(crate) fn end(database: &Database) -> Result<(), redb::Error> {
        let transaction = database.begin_write()?;
        transaction.open_table(META)?.remove(EVENTUAL)?;
        Ok(transaction.commit()?)
    }
}

/// What a database holds.
enum Format {
    Ours,
    Newer,
    Foreign,
}

fn begin(database: &Database, durability: Durability) -> Result<Format, redb::Error> {
    let transaction = database.begin_write()?;
    let has_meta = transaction.list_tables()?.any(|table| redb::TableHandle::name(&table) == "meta");
    if !has_meta {
        return Ok(Format::Foreign);
    }
    {
        let mut meta = match transaction.open_table(META) {
            Ok(meta) => meta,
            Err(redb::TableError::Storage(error)) => return Err(error.into()),
            Err(_) => return Ok(Format::Foreign),
        };
        match meta.get("format")?.map(|format| format.value().parse::<u32>()) {
            Some(Ok(FORMAT)) => {}
            Some(Ok(version)) if version > FORMAT => return Ok(Format::Newer),
            _ => return Ok(Format::Foreign),
        }
        // The process before was killed, and may have answered what is not here.
        if meta.remove(EVENTUAL)?.is_some() {
            renew_epochs(&mut transaction.open_table(LOGS)?)?;
        }
        if durability == Durability::Eventual {
            meta.insert(EVENTUAL, "1")?;
        }
    }
    transaction.commit()?;
    Ok(Format::Ours)
}

fn renew_epochs(
    logs: &mut redb::Table<'_, &'static str, crate::tables::LogColumns<'static>>,
) -> Result<(), redb::Error> {
    let mut rows = Vec::new();
    for row in logs.iter()? {
        let (name, row) = row?;
        rows.push((name.value().to_owned(), LogRow::of(row.value())));
    }
    for (name, row) in rows {
        LogRow { epoch: Some(Epoch::random()), ..row }.write(logs, &name)?;
    }
    Ok(())
}

/// Makes a file that is whole when it has its name: a process that is killed meanwhile leaves nothing that looks torn.
fn create(path: &Path, options: Options) -> Result<(), DatabaseError> {
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}-{}.new", std::process::id(), Epoch::random()));
    let part = PathBuf::from(part);
    let made = (|| {
        let database = redb_builder(options).create(&part)?;
        write_tables(&database).map_err(|error| std::io::Error::other(error.to_string()))?;
        drop(database);
        publish(&part, path).map_err(DatabaseError::from)
    })();
    let _gone_already = fs::remove_file(&part);
    made
}

/// Gives the file its name, unless another process was faster.
fn publish(part: &Path, path: &Path) -> Result<(), std::io::Error> {
    match fs::hard_link(part, path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => return Ok(()),
        Err(_) => fs::rename(part, path)?,
        Ok(()) => {}
    }
    // The name is kept when the folder is. Not every system can do that.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(folder) = fs::File::open(folder) {
        let _unsupported = folder.sync_all();
    }
    Ok(())
}

fn write_tables(database: &Database) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    {
        let mut meta = transaction.open_table(META)?;
        if meta.get("format")?.is_none() {
            meta.insert("format", FORMAT.to_string().as_str())?;
        }
        Tables::open(&transaction)?;
    }
    Ok(transaction.commit()?)
}

fn redb_builder(options: Options) -> redb::Builder {
    let mut redb = Database::builder();
    redb.set_cache_size(options.cache_bytes);
    redb.set_check_integrity_on_open(options.is_checked);
    redb
}

/// `None` if it panics: redb does so on some damage, and a damaged file is an error here.
pub(crate) fn unwinding<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}
