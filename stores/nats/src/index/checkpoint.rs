//! What the messages that are still there do not tell, as JSON in the stream: what begins anew reads it instead of them.

use serde::{Deserialize, Serialize};
use typed_sse_core::store::{Epoch, Record};

use super::producers::Producer;
use super::topic::Entry;
use super::{Index, position};
use crate::limits::Limits;

/// The version of all that lies beside the records.
pub(crate) const VERSION: u32 = 1;

/// The message that makes a checkpoint valid: which messages hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) v: u32,
    /// It is in the state behind this message.
    pub(crate) applied: u64,
    pub(crate) parts: Vec<u64>,
    /// The lowest message of a record that was wanted then.
    pub(crate) first: u64,
    /// Where the life of the log begins, and its epoch: a stream that was made anew counts anew.
    pub(crate) life: u64,
    pub(crate) epoch: String,
    /// Where it lies itself.
    #[serde(skip)]
    pub(crate) sequence: u64,
}

impl Head {
    pub(crate) fn lowest(&self) -> u64 {
        self.parts.first().copied().unwrap_or(self.sequence)
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    limits: Option<Limits>,
    last: u64,
    trimmed: u64,
    keys_trimmed: u64,
    topics: Vec<Marks>,
    /// Records that are kept for their key alone.
    kept: Vec<u64>,
    producers: Vec<Producer>,
}

/// What is known of a topic besides its records.
#[derive(Debug, Serialize, Deserialize)]
struct Marks {
    name: Box<str>,
    trimmed: u64,
    keys_trimmed: u64,
    finished: Option<u64>,
    closed: u64,
    boundary: Option<(Box<str>, u64)>,
}

impl Index {
    /// The message of the records that were wanted first, at this moment.
    pub(super) fn first_wanted(&self) -> u64 {
        let first = [self.retained.first_key_value(), self.kept.first_key_value()];
        let first = first.into_iter().flatten().map(|(position, _)| super::sequence_of(*position)).min();
        first.unwrap_or(self.applied + 1)
    }

    /// That of a checkpoint of now, whose parts are not stored yet.
    pub(crate) fn next_head(&self) -> Head {
        let (applied, first, epoch) = (self.applied, self.first_wanted(), self.epoch.to_string());
        Head { v: VERSION, applied, parts: Vec::new(), first, life: self.life, epoch, sequence: 0 }
    }

    pub(crate) fn checkpoint(&self) -> Checkpoint {
        let marks = self.names.iter().filter_map(|(name, number)| {
            let topic = &self.topics[*number as usize];
            let bounds = topic.bounds();
            (bounds.trimmed > 0 || bounds.finished.is_some()).then(|| Marks {
                name: name.clone(),
                trimmed: bounds.trimmed,
                keys_trimmed: bounds.keys_trimmed,
                finished: bounds.finished,
                closed: bounds.closed,
                boundary: topic.boundary.clone(),
            })
        });
        Checkpoint {
            limits: self.limits,
            last: self.last,
            trimmed: self.trimmed,
            keys_trimmed: self.keys_trimmed,
            topics: marks.collect(),
            kept: self.kept.keys().copied().collect(),
            producers: self.producers.iter().cloned().collect(),
        }
    }

    /// As it was when the checkpoint was made, but for the records: [`restore`](Self::restore) takes these.
    pub(crate) fn of_checkpoint(epoch: Epoch, checkpoint: Checkpoint, head: Head) -> Self {
        let mut index = Self::new(epoch);
        index.limits = checkpoint.limits;
        (index.last, index.trimmed) = (checkpoint.last, checkpoint.trimmed);
        index.keys_trimmed = checkpoint.keys_trimmed;
        for marks in checkpoint.topics {
            let number = index.number_of_topic(&marks.name);
            let topic = &mut index.topics[number as usize];
            topic.boundary = marks.boundary;
            (topic.bounds.trimmed, topic.bounds.keys_trimmed) = (marks.trimmed, marks.keys_trimmed);
            (topic.bounds.finished, topic.bounds.closed) = (marks.finished, marks.closed);
        }
        // Of which topic, their records say.
        index.kept = checkpoint.kept.into_iter().map(|position| (position, 0)).collect();
        checkpoint.producers.into_iter().for_each(|producer| index.producers.insert(producer));
        index.head = Some(head);
        index
    }

    /// A message that the checkpoint knows: those of its records that were wanted then.
    pub(crate) fn restore(&mut self, sequence: u64, at: u64, records: &[Record]) {
        self.applied = sequence;
        let mut is_wanted = false;
        for (number, record) in records.iter().enumerate() {
            let position = position(sequence, number);
            let topic = self.number_of_topic(record.topic());
            let stored = &mut self.topics[topic as usize];
            let entry = Entry::new(position, at, record);
            if let Some(kept) = self.kept.get_mut(&position) {
                *kept = topic;
                let _none = stored.take_key(entry, record);
            } else if position > stored.bounds.trimmed {
                let _none = stored.push(entry, record);
                self.retained.insert(position, topic);
            } else {
                continue;
            }
            is_wanted = true;
        }
        let is_of_head = |head: &Head| head.sequence == sequence || head.parts.contains(&sequence);
        if !is_wanted && !self.head.as_ref().is_some_and(is_of_head) {
            self.dead.push((sequence, sequence));
        }
    }

    /// A checkpoint was stored here: what it knows may go, and so may the one before.
    pub(crate) fn set_head(&mut self, head: Head) {
        self.dead.retain(|(_, since)| *since > head.applied);
        self.idle.retain(|sequence| *sequence > head.applied);
        let now = self.applied;
        let loose = std::mem::take(&mut self.loose).into_iter().filter(|part| !head.parts.contains(part));
        self.dead.extend(loose.map(|part| (part, now)));
        if let Some(before) = self.head.replace(head) {
            self.dead.extend(before.parts.into_iter().chain([before.sequence]).map(|gone| (gone, now)));
        }
    }
}
