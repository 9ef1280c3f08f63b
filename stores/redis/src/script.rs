//! The scripts, and what is handed to them. Each is one step of the server: nobody sees half of it.

use std::sync::LazyLock;

use redis::{Cmd, Script, ScriptInvocation, cmd};
use typed_sse_core::store::{Batch, Epoch, Range, Record, RecordKind, StoreError, StoreErrorKind};

use crate::builder::Limits;
use crate::position;

const COMMON: &str = include_str!("lua/common.lua");

static APPEND: LazyLock<Script> = LazyLock::new(|| with_common(include_str!("lua/append.lua")));
static READ: LazyLock<Script> = LazyLock::new(|| with_common(include_str!("lua/read.lua")));
static FIND: LazyLock<Script> = LazyLock::new(|| with_common(include_str!("lua/find.lua")));
static OPEN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/open.lua")));
static VERIFY: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/verify.lua")));

fn with_common(script: &str) -> Script {
    Script::new(&format!("{COMMON}\n{script}"))
}

/// The longest record that is taken, and of how many fields: the server's own bounds are not far.
const MOST_BYTES: usize = 64 << 20;
const MOST_FIELDS: usize = 3000;

pub(crate) fn open(key: &str, epoch: Epoch) -> ScriptInvocation<'static> {
    let mut call = OPEN.key(key);
    call.arg(epoch.to_string());
    call
}

pub(crate) fn verify(key: &str, epoch: Epoch, seen: u64) -> ScriptInvocation<'static> {
    let mut call = VERIFY.key(key);
    call.arg(epoch.to_string())
        .arg(position::id(seen))
        .arg(position::text(seen))
        .arg(Epoch::random().to_string());
    call
}

pub(crate) fn find(
    key: &str,
    epoch: Epoch,
    limits: Limits,
    topic: &str,
    id: &str,
) -> ScriptInvocation<'static> {
    let mut call = begin(&FIND, key, epoch, limits);
    call.arg(topic).arg(id);
    call
}

pub(crate) fn read(
    key: &str,
    epoch: Epoch,
    limits: Limits,
    what: &str,
    range: Range<'_>,
) -> ScriptInvocation<'static> {
    let mut call = begin(&READ, key, epoch, limits);
    // Behind the last position there is none.
    let (first, records) = match range.after.checked_add(1) {
        Some(first) => (first, range.records),
        None => (u64::MAX, 0),
    };
    call.arg(what).arg(u8::from(range.topic.is_some())).arg(range.topic.unwrap_or_default());
    call.arg(position::text(first)).arg(position::text(range.up_to));
    call.arg(records).arg(range.bytes).arg(u8::from(range.tail));
    call
}

/// Reads so many entries of a range, whatever their topic.
pub(crate) fn entries(key: &str, range: Range<'_>, records: usize) -> Cmd {
    let ends = [position::id(range.after.saturating_add(1)), position::id(range.up_to)];
    let mut command = cmd(if range.tail { "XREVRANGE" } else { "XRANGE" });
    command.arg(key).arg(&ends[usize::from(range.tail)]).arg(&ends[usize::from(!range.tail)]);
    command.arg("COUNT").arg(records);
    command
}

pub(crate) fn append(
    key: &str,
    epoch: Epoch,
    limits: Limits,
    batch: Batch<'_>,
) -> Result<ScriptInvocation<'static>, StoreError> {
    let mut call = begin(&APPEND, key, epoch, limits);
    match batch.token {
        Some(token) => {
            call.arg(&token.producer).arg(position::text(token.epoch)).arg(position::text(token.number));
            call.arg(position::text(token.number.saturating_sub(1)))
        }
        None => call.arg("").arg("").arg("").arg(""),
    };
    call.arg(batch.records.len());
    for record in batch.records {
        add(&mut call, record)?;
    }
    Ok(call)
}

fn begin(script: &'static Script, key: &str, epoch: Epoch, limits: Limits) -> ScriptInvocation<'static> {
    let mut call = script.key(key);
    call.arg(epoch.to_string()).arg(limits.events).arg(limits.bytes);
    match limits.age {
        Some(age) => call.arg(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        None => call.arg(""),
    };
    call.arg(limits.keys);
    call
}

fn add(call: &mut ScriptInvocation<'_>, record: &Record) -> Result<(), StoreError> {
    let mut fields: Vec<_> = record.fields().collect();
    if fields.is_empty() {
        // A stream has no entry without a field.
        fields.push(("v", "1".into()));
    }
    let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MOST_BYTES || fields.len() > MOST_FIELDS {
        let words = format!("a record can have {} MiB and {MOST_FIELDS} fields", MOST_BYTES >> 20);
        return Err(StoreError::new(StoreErrorKind::TooLong, words));
    }
    let kind = match record.kind() {
        RecordKind::Finish => "finish",
        RecordKind::Close => "close",
        _ => "event",
    };
    let id = record.id().map(|id| id.as_str()).unwrap_or_default();
    call.arg(kind).arg(record.topic()).arg(id).arg(record.key().unwrap_or_default());
    call.arg(u8::from(record.is_tombstone())).arg(record.data().len()).arg(2 * fields.len());
    for (name, value) in fields {
        call.arg(name).arg(&*value);
    }
    Ok(())
}
