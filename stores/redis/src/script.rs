//! The scripts, and what is handed to them. Each is one step of the server: nobody sees half of it.

use std::sync::LazyLock;

use redis::{Cmd, Script, ToRedisArgs, cmd};
use typed_sse_core::store::{Batch, Epoch, Range, Record, RecordKind, StoreError, StoreErrorKind};

use crate::limits::Limits;
use crate::position;

const COMMON: &str = include_str!("lua/common.lua");
const ADOPT: &str = include_str!("lua/adopt.lua");

static APPEND: LazyLock<Script> = LazyLock::new(|| with_common(include_str!("lua/append.lua")));
static READ: LazyLock<Script> = LazyLock::new(|| with_common(include_str!("lua/read.lua")));
static FIND: LazyLock<Script> = LazyLock::new(|| with_common(include_str!("lua/find.lua")));
static OPEN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/open.lua")));
static VERIFY: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/verify.lua")));

fn with_common(script: &str) -> Script {
    Script::new(&format!("{COMMON}\n{ADOPT}\n{script}"))
}

/// A script on its way to the server. The client's own form of it copies each argument twice.
pub(crate) struct Call {
    pub(crate) script: &'static Script,
    pub(crate) command: Cmd,
}

impl Call {
    fn new(script: &'static Script, key: &str) -> Self {
        let mut command = cmd("EVALSHA");
        command.arg(script.get_hash()).arg(1).arg(key);
        Self { script, command }
    }

    fn arg(&mut self, arg: impl ToRedisArgs) -> &mut Self {
        self.command.arg(arg);
        self
    }
}

/// The longest record that is taken, and of how many fields: the server's own bounds are not far.
const MOST_BYTES: usize = 64 << 20;
const MOST_FIELDS: usize = 3000;

pub(crate) fn open(key: &str, epoch: Epoch) -> Call {
    let mut call = Call::new(&OPEN, key);
    call.arg(epoch.to_string());
    call
}

pub(crate) fn verify(key: &str, epoch: Epoch, seen: u64) -> Call {
    let mut call = Call::new(&VERIFY, key);
    call.arg(epoch.to_string())
        .arg(position::id(seen))
        .arg(position::text(seen))
        .arg(Epoch::random().to_string());
    call
}

pub(crate) fn find(key: &str, epoch: Epoch, limits: Limits, topic: &str, id: &str) -> Call {
    let mut call = begin(&FIND, key, epoch, limits);
    call.arg(topic).arg(id);
    call
}

pub(crate) fn read(key: &str, epoch: Epoch, limits: Limits, what: &str, range: Range<'_>) -> Call {
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

pub(crate) fn append(key: &str, epoch: Epoch, limits: Limits, batch: Batch<'_>) -> Result<Call, StoreError> {
    let mut call = begin(&APPEND, key, epoch, limits);
    match batch.token {
        Some(token) => {
            call.arg(&token.producer).arg(position::text(token.epoch)).arg(position::text(token.number));
            call.arg(position::text(token.number.saturating_sub(1)))
        }
        None => call.arg("").arg("").arg("").arg(""),
    };
    let runs: Vec<_> = batch.records.chunk_by(are_of_one_run).collect();
    call.arg(runs.len());
    for run in runs {
        add(&mut call, run)?;
    }
    Ok(call)
}

fn begin(script: &'static Script, key: &str, epoch: Epoch, limits: Limits) -> Call {
    let mut call = Call::new(script, key);
    call.arg(epoch.to_string()).arg(limits.events).arg(limits.bytes);
    match limits.age {
        Some(age) => call.arg(u64::try_from(age.as_millis()).unwrap_or(u64::MAX)),
        None => call.arg(""),
    };
    call.arg(limits.keys);
    call
}

/// Whether the script may take these together: neighbours of one topic that have no more than data.
fn are_of_one_run(one: &Record, next: &Record) -> bool {
    let is_plain = |record: &Record| {
        record.kind() == RecordKind::Event && record.id().is_none() && record.key().is_none()
    };
    let have_same_width = || one.fields().count() == next.fields().count();
    is_plain(one) && is_plain(next) && one.topic() == next.topic() && have_same_width()
}

fn add(call: &mut Call, run: &[Record]) -> Result<(), StoreError> {
    let Some(first) = run.first() else { return Ok(()) };
    let kind = match first.kind() {
        RecordKind::Finish => "finish",
        RecordKind::Close => "close",
        _ => "event",
    };
    let id = first.id().map(|id| id.as_str()).unwrap_or_default();
    let lengths = run.iter().map(|record| record.data().len());
    // A stream has no entry without a field.
    let width = 2 * first.fields().count().max(1);
    call.arg(kind).arg(first.topic()).arg(id).arg(first.key().unwrap_or_default());
    call.arg(u8::from(first.is_tombstone())).arg(lengths.clone().sum::<usize>());
    call.arg(lengths.max().unwrap_or_default()).arg(run.len()).arg(width);
    run.iter().try_for_each(|record| add_fields(call, record))
}

fn add_fields(call: &mut Call, record: &Record) -> Result<(), StoreError> {
    let (mut count, mut bytes) = (0, 0);
    for (name, value) in record.fields() {
        (count, bytes) = (count + 1, bytes + name.len() + value.len());
        call.arg(name).arg(&*value);
    }
    if count == 0 {
        call.arg("v").arg("1");
    }
    if bytes > MOST_BYTES || count > MOST_FIELDS {
        let words = format!("a record can have {} MiB and {MOST_FIELDS} fields", MOST_BYTES >> 20);
        return Err(StoreError::new(StoreErrorKind::TooLong, words));
    }
    Ok(())
}
