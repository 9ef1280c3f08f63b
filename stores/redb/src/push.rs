//! Records that come, and those that go for them.

use redb::{ReadableTable as _, StorageError};
use typed_sse_core::store::RecordKind;

use crate::append::Appender;
use crate::batch::{Append, Entry, Run};
use crate::tables::{LogRow, TopicRow};
use crate::value::{Lent, Raw, ValueError};

/// A record that is trimmed, as far as something more is to be done for it.
struct Gone {
    position: u64,
    id: String,
    /// What is kept of it, if it is the newest of its key.
    copy: Option<Vec<u8>>,
}

impl Appender<'_> {
    /// Appends what was checked. Where it lies.
    pub(super) fn push_all(&mut self, mut log: LogRow, append: &Append) -> Result<Vec<u64>, StorageError> {
        let mut positions = Vec::with_capacity(append.len());
        for run in &append.runs {
            let mut topic = match self.topic(log.number, &run.topic)? {
                Some(topic) => std::mem::take(topic),
                None => {
                    log.topics += 1;
                    TopicRow::new(log.topics)
                }
            };
            let before = log.last;
            self.push(&mut log, &mut topic, run)?;
            positions.extend(before + 1..=log.last);
            self.trim(&mut log, &mut topic)?;
            self.set_topic(log.number, &run.topic, topic);
        }
        self.set_log(append.log.name(), log);
        Ok(positions)
    }

    fn push(&mut self, log: &mut LogRow, topic: &mut TopicRow, run: &Run) -> Result<(), StorageError> {
        if run.entries.first().is_some_and(|entry| entry.kind == RecordKind::Close) {
            self.close(log, topic, log.last + 1)?;
        }
        let mut position = log.last;
        for block in &run.blocks {
            let first = log.last + 1;
            log.last += u64::from(block.records);
            self.tables.records.insert((log.number, topic.number, log.last), block.bytes.as_slice())?;
            self.tables.order.insert((log.number, log.last), (topic.number, first))?;
        }
        for entry in &run.entries {
            position += 1;
            topic.records += 1;
            topic.bytes += entry.data_bytes as u64;
            if entry.kind == RecordKind::Finish && topic.finished == 0 {
                topic.finished = position;
            }
            self.index(log.number, topic, (position, entry))?;
        }
        Ok(())
    }

    /// Takes note of an own ID and a key.
    fn index(
        &mut self,
        log: u32,
        topic: &mut TopicRow,
        (position, entry): (u64, &Entry),
    ) -> Result<(), StorageError> {
        if let Some(id) = &entry.id {
            self.tables.ids.insert((log, topic.number, id.as_str()), position)?;
        }
        let Some(key) = &entry.key else { return Ok(()) };
        let key = (log, topic.number, key.as_str());
        let before = self.tables.keys.remove(key)?.map(|row| row.value());
        if let Some(before) = before {
            self.tables.newest.remove((log, topic.number, before))?;
            topic.keys -= 1;
        }
        if !entry.is_tombstone {
            self.tables.keys.insert(key, position)?;
            self.tables.newest.insert((log, topic.number, position), [].as_slice())?;
            topic.keys += 1;
        }
        Ok(())
    }

    /// Removes all of a topic, and begins another life of it, at this position.
    fn close(&mut self, log: &mut LogRow, topic: &mut TopicRow, at: u64) -> Result<(), StorageError> {
        let (log_number, number) = (log.number, topic.number);
        let all = (log_number, number, 0)..=(log_number, number, u64::MAX);
        let mut trimmed = topic.trimmed;
        for row in self.tables.records.extract_from_if(all.clone(), |_, _| true)? {
            let (_, _, position) = row?.0.value();
            self.tables.order.remove((log_number, position))?;
            log.trimmed = log.trimmed.max(position);
            trimmed = position;
        }
        self.tables.newest.retain_in(all, |_, _| false)?;
        // Texts have no highest one; the next topic has a lowest.
        let texts = (log_number, number, "")..(log_number, number + 1, "");
        self.tables.ids.retain_in(texts.clone(), |_, _| false)?;
        self.tables.keys.retain_in(texts, |_, _| false)?;
        *topic = TopicRow::new(number);
        (topic.trimmed, topic.keys_trimmed, topic.closed) = (trimmed, trimmed, at);
        log.keys_trimmed = log.keys_trimmed.max(trimmed);
        Ok(())
    }

    /// Drops what a topic has beyond its bounds, but never what was appended last.
    fn trim(&mut self, log: &mut LogRow, topic: &mut TopicRow) -> Result<(), StorageError> {
        let limits = self.limits;
        let is_over = |topic: &TopicRow| topic.records > limits.events || topic.bytes > limits.bytes;
        while is_over(topic) && self.drop_oldest(log, topic, is_over)? {}
        self.drop_keys(log, topic)
    }

    /// Drops records of the oldest block of a topic for as long as that is wanted, but not the last one of the log. Whether there may
    /// be more to be dropped.
    fn drop_oldest(
        &mut self,
        log: &mut LogRow,
        topic: &mut TopicRow,
        is_wanted: impl Fn(&TopicRow) -> bool,
    ) -> Result<bool, StorageError> {
        let (number, mut gone) = ((log.number, topic.number), Vec::new());
        let all = (number.0, number.1, 0)..=(number.0, number.1, u64::MAX);
        let Some((place, value)) = self.tables.records.range(all)?.next().transpose()? else {
            return Ok(false);
        };
        let (_, _, last) = place.value();
        let block = Lent::read(last, value.value()).map_err(|_| torn(last))?;
        let first = block.first.max(topic.trimmed + 1);
        for raw in block.from(first) {
            let raw: Raw<'_> = raw.map_err(|_: ValueError| torn(last))?;
            if raw.position == log.last || !is_wanted(topic) {
                break;
            }
            topic.records = topic.records.saturating_sub(1);
            topic.bytes = topic.bytes.saturating_sub(raw.field("data").len() as u64);
            topic.trimmed = raw.position;
            let (id, has_key) = (raw.field("id").to_owned(), !raw.field("key").is_empty());
            topic.boundary.clone_from(&id);
            if has_key || !id.is_empty() {
                gone.push(Gone { position: raw.position, id, copy: has_key.then(|| raw.to_block()) });
            }
        }
        drop((place, value));
        if topic.trimmed < first {
            return Ok(false);
        }
        log.trimmed = log.trimmed.max(topic.trimmed);
        let is_empty = topic.trimmed == last;
        if is_empty {
            self.tables.records.remove((number.0, number.1, last))?;
            self.tables.order.remove((log.number, last))?;
        } else {
            self.tables.order.insert((log.number, last), (topic.number, topic.trimmed + 1))?;
        }
        for gone in gone {
            self.forget(number, &gone)?;
        }
        Ok(is_empty)
    }

    /// Its ID names it no more. Where it is the newest of its key, it is kept for that.
    fn forget(&mut self, (log, topic): (u32, u32), gone: &Gone) -> Result<(), StorageError> {
        let id = (log, topic, gone.id.as_str());
        if !gone.id.is_empty() && self.tables.ids.get(id)?.is_some_and(|row| row.value() == gone.position) {
            self.tables.ids.remove(id)?;
        }
        let place = (log, topic, gone.position);
        if let Some(copy) = &gone.copy
            && self.tables.newest.get(place)?.is_some()
        {
            self.tables.newest.insert(place, copy.as_slice())?;
        }
        Ok(())
    }

    /// Forgets keys beyond the bound whose event is kept for them alone.
    fn drop_keys(&mut self, log: &mut LogRow, topic: &mut TopicRow) -> Result<(), StorageError> {
        while topic.keys > self.limits.keys {
            let kept = (log.number, topic.number, 0)..=(log.number, topic.number, topic.trimmed);
            let Some((place, value)) = self.tables.newest.range(kept)?.next().transpose()? else {
                return Ok(());
            };
            let (_, _, position) = place.value();
            let block = Lent::read(position, value.value()).map_err(|_| torn(position))?;
            let key = block.from(position).next().and_then(Result::ok).map(|raw| raw.field("key").to_owned());
            drop((place, value));
            self.tables.newest.remove((log.number, topic.number, position))?;
            if let Some(key) = key {
                self.tables.keys.remove((log.number, topic.number, key.as_str()))?;
            }
            topic.keys -= 1;
            topic.keys_trimmed = topic.keys_trimmed.max(position);
            log.keys_trimmed = log.keys_trimmed.max(position);
        }
        Ok(())
    }

    /// Drops what is too old, in all logs; so many blocks at the most. Whether there may be more.
    ///
    /// Time grows along a log, so what is too old is a beginning of it. All of a block is as old.
    pub(crate) fn trim_aged(&mut self, most: usize) -> Result<bool, StorageError> {
        let Some(age) = self.limits.age else { return Ok(false) };
        let mut left = most;
        for (name, mut log) in self.all_logs()? {
            while let Some(topic_name) = self.aged(&log, age)? {
                if left == 0 {
                    return Ok(true);
                }
                left -= 1;
                let Some(topic) = self.topic(log.number, &topic_name)? else { break };
                let mut topic = std::mem::take(topic);
                self.drop_oldest(&mut log, &mut topic, |_| true)?;
                self.drop_keys(&mut log, &mut topic)?;
                self.set_topic(log.number, &topic_name, topic);
                self.set_log(&name, log);
                self.has_changed = true;
            }
        }
        Ok(false)
    }

    /// The topic of a log's oldest block, if that is too old, and not of the newest record alone.
    fn aged(&self, log: &LogRow, age: std::time::Duration) -> Result<Option<String>, StorageError> {
        let all = (log.number, 0)..=(log.number, u64::MAX);
        let Some((place, row)) = self.tables.order.range(all)?.next().transpose()? else { return Ok(None) };
        let ((_, last), (topic, first)) = (place.value(), row.value());
        if first == log.last {
            return Ok(None);
        }
        let Some(value) = self.tables.records.get((log.number, topic, last))? else { return Ok(None) };
        let block = Lent::read(last, value.value()).map_err(|_| torn(last))?;
        let is_aged = self.now.checked_sub(block.at).is_some_and(|lived| lived > age);
        Ok(is_aged.then(|| block.topic.to_owned()))
    }
}

fn torn(position: u64) -> StorageError {
    StorageError::Corrupted(format!("the block of the record at {position} is torn"))
}
