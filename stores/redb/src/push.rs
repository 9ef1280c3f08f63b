//! Records that come, and those that go for them.

use redb::{ReadableTable as _, StorageError};
use typed_sse_core::store::RecordKind;

use crate::append::{Append, Appender, runs};
use crate::tables::{LogRow, TopicRow};
use crate::value::{self, Entry};

impl Appender<'_> {
    /// Appends what was checked. Where it lies.
    pub(super) fn push_all(&mut self, mut log: LogRow, append: &Append) -> Result<Vec<u64>, StorageError> {
        let mut positions = Vec::with_capacity(append.entries.len());
        for run in runs(&append.entries) {
            let Some(name) = run.first().map(|entry| entry.topic.as_str()) else { continue };
            let mut topic = match self.topic(log.number, name)? {
                Some(topic) => std::mem::take(topic),
                None => {
                    log.topics += 1;
                    TopicRow::new(log.topics)
                }
            };
            for entry in run {
                log.last += 1;
                positions.push(log.last);
                self.push(&mut log, &mut topic, entry)?;
                self.trim(&mut log, &mut topic)?;
            }
            self.set_topic(log.number, name, topic);
        }
        self.set_log(append.log.name(), log);
        Ok(positions)
    }

    fn push(&mut self, log: &mut LogRow, topic: &mut TopicRow, entry: &Entry) -> Result<(), StorageError> {
        let position = log.last;
        match entry.kind {
            RecordKind::Close => self.close(log, topic)?,
            RecordKind::Finish if topic.finished == 0 => topic.finished = position,
            _ => {}
        }
        let place = (log.number, topic.number);
        self.tables.records.insert((place.0, place.1, position), entry.value.as_slice())?;
        self.tables.order.insert((log.number, position), topic.number)?;
        topic.records += 1;
        topic.bytes += entry.data_bytes as u64;
        if let Some(id) = &entry.id {
            self.tables.ids.insert((place.0, place.1, id.as_str()), position)?;
        }
        let Some(key) = &entry.key else { return Ok(()) };
        let key = (place.0, place.1, key.as_str());
        let before = self.tables.keys.remove(key)?.map(|row| row.value());
        if let Some(before) = before {
            self.tables.newest.remove((place.0, place.1, before))?;
            topic.keys -= 1;
        }
        if !entry.is_tombstone {
            self.tables.keys.insert(key, position)?;
            self.tables.newest.insert((place.0, place.1, position), [].as_slice())?;
            topic.keys += 1;
        }
        Ok(())
    }

    /// Removes all of a topic, and begins another life of it, at the last position.
    fn close(&mut self, log: &mut LogRow, topic: &mut TopicRow) -> Result<(), StorageError> {
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
        (topic.trimmed, topic.keys_trimmed, topic.closed) = (trimmed, trimmed, log.last);
        log.keys_trimmed = log.keys_trimmed.max(trimmed);
        Ok(())
    }

    /// Drops what a topic has beyond its bounds, but never what was appended last.
    fn trim(&mut self, log: &mut LogRow, topic: &mut TopicRow) -> Result<(), StorageError> {
        while topic.records > self.limits.events || topic.bytes > self.limits.bytes {
            let all = (log.number, topic.number, 0)..=(log.number, topic.number, u64::MAX);
            let oldest = self.tables.records.range(all)?.next().transpose()?.map(|row| row.0.value().2);
            let Some(oldest) = oldest.filter(|oldest| *oldest != log.last) else { break };
            self.drop_oldest(log, topic, oldest)?;
        }
        self.drop_keys(log, topic)
    }

    /// Drops the oldest record of a topic, which lies here.
    fn drop_oldest(
        &mut self,
        log: &mut LogRow,
        topic: &mut TopicRow,
        oldest: u64,
    ) -> Result<(), StorageError> {
        let place = (log.number, topic.number, oldest);
        let Some(value) = self.tables.records.remove(place)?.map(|row| row.value().to_owned()) else {
            return Ok(());
        };
        self.tables.order.remove((log.number, oldest))?;
        let record = value::read(oldest, &value).ok().map(|stored| stored.record);
        let data_bytes = record.as_ref().map_or(0, |record| record.data().len());
        topic.records = topic.records.saturating_sub(1);
        topic.bytes = topic.bytes.saturating_sub(data_bytes as u64);
        topic.trimmed = oldest;
        log.trimmed = log.trimmed.max(oldest);
        topic.boundary.clear();
        if let Some(id) = record.as_ref().and_then(|record| record.id()) {
            topic.boundary.push_str(id.as_str());
            let id = (log.number, topic.number, id.as_str());
            if self.tables.ids.get(id)?.is_some_and(|row| row.value() == oldest) {
                self.tables.ids.remove(id)?;
            }
        }
        if self.tables.newest.get(place)?.is_some() {
            self.tables.newest.insert(place, value.as_slice())?;
        }
        Ok(())
    }

    /// Forgets keys beyond the bound whose event is kept for them alone.
    fn drop_keys(&mut self, log: &mut LogRow, topic: &mut TopicRow) -> Result<(), StorageError> {
        while topic.keys > self.limits.keys {
            let kept = (log.number, topic.number, 0)..=(log.number, topic.number, topic.trimmed);
            let oldest = self.tables.newest.range(kept)?.next().transpose()?;
            let Some((position, value)) =
                oldest.map(|(place, value)| (place.value().2, value.value().to_owned()))
            else {
                return Ok(());
            };
            self.tables.newest.remove((log.number, topic.number, position))?;
            if let Ok(stored) = value::read(position, &value)
                && let Some(key) = stored.record.key()
            {
                self.tables.keys.remove((log.number, topic.number, key))?;
            }
            topic.keys -= 1;
            topic.keys_trimmed = topic.keys_trimmed.max(position);
            log.keys_trimmed = log.keys_trimmed.max(position);
        }
        Ok(())
    }

    /// Drops what is too old, in all logs; so many records at the most. Whether there may be more.
    ///
    /// Time grows along a log, so what is too old is a beginning of it.
    pub(crate) fn trim_aged(&mut self, most: usize) -> Result<bool, StorageError> {
        let Some(age) = self.limits.age else { return Ok(false) };
        let mut left = most;
        for (name, mut log) in self.all_logs()? {
            while let Some((position, topic_name)) = self.aged(&log, age)? {
                if left == 0 {
                    return Ok(true);
                }
                left -= 1;
                let Some(topic) = self.topic(log.number, &topic_name)? else { break };
                let mut topic = std::mem::take(topic);
                self.drop_oldest(&mut log, &mut topic, position)?;
                self.drop_keys(&mut log, &mut topic)?;
                self.set_topic(log.number, &topic_name, topic);
                self.set_log(&name, log);
                self.has_changed = true;
            }
        }
        Ok(false)
    }

    /// The oldest record of a log, if it is too old, and its topic.
    fn aged(&self, log: &LogRow, age: std::time::Duration) -> Result<Option<(u64, String)>, StorageError> {
        let all = (log.number, 0)..=(log.number, u64::MAX);
        let oldest = self.tables.order.range(all)?.next().transpose()?;
        let Some((position, topic)) = oldest.map(|(place, topic)| (place.value().1, topic.value())) else {
            return Ok(None);
        };
        let value = self.tables.records.get((log.number, topic, position))?;
        let Some(value) = value.filter(|_| position != log.last) else { return Ok(None) };
        let is_aged = self.now.checked_sub(value::at(value.value())).is_some_and(|lived| lived > age);
        let topic = value::read(position, value.value()).ok().map(|stored| stored.record.topic().to_owned());
        Ok(topic.filter(|_| is_aged).map(|topic| (position, topic)))
    }
}
