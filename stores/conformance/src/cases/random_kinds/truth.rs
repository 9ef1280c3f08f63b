//! What was published, in the order of the store.

use std::collections::HashMap;

use typed_sse_core::store::{Page, RecordKind, StoredLog};
use typed_sse_core::{EncodeError, Encoded, Encoder, EventId, EventType, SseEvent};

/// An event. Its data is the name of its log and a number of its own, by which it is known again.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) data: String,
    pub(super) own_id: Option<String>,
    pub(super) key: Option<u8>,
    pub(super) is_tombstone: bool,
    pub(super) is_ephemeral: bool,
    /// Part of a state of the application's making.
    pub(super) is_state: bool,
}

impl Row {
    pub(super) fn new(log: &str, serial: u64) -> Self {
        let data = format!("{log} {serial}");
        Self { data, own_id: None, key: None, is_tombstone: false, is_ephemeral: false, is_state: false }
    }

    pub(super) const fn event_type(&self) -> &'static str {
        match self.key {
            _ if self.is_state => "state",
            _ if self.is_ephemeral => "passing",
            Some(_) if !self.is_tombstone => "keyed",
            _ => "message",
        }
    }
}

impl SseEvent for Row {
    fn encode<'a>(&self, mut encoder: Encoder<'a>) -> Result<Encoded<'a>, EncodeError> {
        if let Some(key) = self.key {
            encoder = encoder.key(&key.to_string())?;
        }
        if self.is_ephemeral {
            encoder = encoder.ephemeral()?;
        }
        if self.is_tombstone {
            encoder = encoder.tombstone()?;
        }
        if self.event_type() != "message" {
            encoder = encoder.event_type(&EventType::from_static(self.event_type()))?;
        }
        if let Some(id) = &self.own_id {
            encoder = encoder.id(&EventId::new(id.clone())?)?;
        }
        encoder.text(&self.data)
    }
}

/// The log, as the store has it. Its events are numbered from 1, and a *place* is the number of the last one in front of it.
pub(super) struct Truth {
    log: StoredLog,
    epoch: String,
    sent: Vec<Sent>,
    /// Those that are not found in the store yet, by their data.
    pending: HashMap<String, Row>,
    by_data: HashMap<String, usize>,
    by_id: HashMap<String, usize>,
    newest: HashMap<u8, usize>,
    /// Where the store ends, with what is no event.
    end: u64,
    /// The place up to which it was seen to have let go.
    pub(super) trimmed: usize,
}

pub(super) struct Sent {
    pub(super) row: Row,
    position: u64,
    /// The next event of its key.
    pub(super) superseded_by: Option<usize>,
}

/// What an ID says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// Its client has all up to this place.
    At(usize),
    /// It was let begin as its start says when this was the newest place, and so much was trimmed.
    Begun(usize, usize),
    /// It was let begin with the newest event of each key as of there.
    ByKey(usize),
}

impl Truth {
    pub(super) fn new(log: StoredLog) -> Self {
        Self {
            epoch: log.epoch().to_string(),
            log,
            sent: Vec::new(),
            pending: HashMap::new(),
            by_data: HashMap::new(),
            by_id: HashMap::new(),
            newest: HashMap::new(),
            end: 0,
            trimmed: 0,
        }
    }

    /// How many there are: the place behind the newest.
    pub(super) fn len(&self) -> usize {
        self.sent.len()
    }

    pub(super) fn get(&self, number: usize) -> &Sent {
        &self.sent[number - 1]
    }

    pub(super) fn number(&self, data: &str) -> Option<usize> {
        self.by_data.get(data).copied()
    }

    /// The ID of the event in front of a place.
    pub(super) fn id(&self, place: usize) -> Option<String> {
        let Sent { row, position, .. } = self.sent.get(place.checked_sub(1)?)?;
        Some(row.own_id.clone().unwrap_or_else(|| format!("{}-{position}", self.epoch)))
    }

    /// The newest event of each key in front of a place.
    pub(super) fn newest(&self, place: usize) -> impl Iterator<Item = (usize, &Sent)> {
        let sent = self.sent[..place].iter().enumerate().map(|(index, sent)| (index + 1, sent));
        sent.filter(move |(_, sent)| {
            sent.row.key.is_some() && sent.superseded_by.is_none_or(|newer| newer > place)
        })
    }

    pub(super) fn expect(&mut self, row: &Row) {
        assert!(self.pending.insert(row.data.clone(), row.clone()).is_none());
    }

    /// Whether all that was published is in the store.
    pub(super) fn has_all(&self) -> bool {
        self.pending.is_empty()
    }

    /// The log, and the last position that was read of it.
    pub(super) fn end(&self) -> (StoredLog, u64) {
        (self.log.clone(), self.end)
    }

    /// Takes what lies behind the end, and what the store has let go. Whether that is all.
    pub(super) fn take(&mut self, page: &Page) -> bool {
        for stored in &page.records {
            self.end = stored.position;
            if stored.record.kind() == RecordKind::Event {
                self.push(stored.record.data(), stored.position);
            }
        }
        let is_all = page.records.is_empty();
        if is_all {
            self.end = self.end.max(page.bounds.last);
            self.trimmed = self.trimmed.max(self.place_at(page.bounds.trimmed));
        }
        is_all
    }

    fn push(&mut self, data: &str, position: u64) {
        let Some(row) = self.pending.remove(data) else {
            panic!("`{data}` at {position} was not published, or is stored twice")
        };
        let number = self.sent.len() + 1;
        if let Some(older) = row.key.and_then(|key| self.newest.insert(key, number)) {
            self.sent[older - 1].superseded_by = Some(number);
        }
        self.by_data.insert(data.to_owned(), number);
        self.by_id.extend(row.own_id.clone().map(|id| (id, number)));
        self.sent.push(Sent { row, position, superseded_by: None });
    }

    fn place_at(&self, position: u64) -> usize {
        self.sent.partition_point(|sent| sent.position <= position)
    }

    /// What an ID says; `None` if nobody can have been given it.
    pub(super) fn mark(&self, id: &str) -> Option<Mark> {
        if let Some(number) = self.by_id.get(id) {
            return Some(Mark::At(*number));
        }
        let stand = id.strip_prefix(&self.epoch)?;
        let (at, trims) = stand.get(1..)?.split_once('.').unwrap_or((stand.get(1..)?, "0"));
        let (at, trims): (u64, u64) = (at.parse().ok()?, trims.parse().ok()?);
        if at.max(trims) > self.end {
            return None;
        }
        let (at, trims) = (self.place_at(at), self.place_at(trims));
        match stand.as_bytes().first()? {
            b'-' => Some(Mark::At(at)),
            b'~' => Some(Mark::Begun(at, trims)),
            b'*' => Some(Mark::ByKey(at)),
            _ => None,
        }
    }
}
