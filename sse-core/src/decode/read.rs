//! How the decoder reads lines.

use super::error::DecodeError;
use super::field::Field;
use super::line::{push_text, split_line};
use super::{Decoder, Partial};

impl Decoder {
    /// Takes back what the last call lent.
    pub(super) fn reclaim(&mut self) {
        if self.lent {
            self.lent = false;
            self.forget_event();
        }
    }

    pub(super) fn forget_event(&mut self) {
        self.event_type.clear();
        self.data.clear();
        self.has_data = false;
        // One huge event should not hold its memory for the life of the connection.
        self.data.shrink_to(MAX_SPARE);
        self.event_type.shrink_to(MAX_SPARE);
    }

    pub(super) fn skip_byte_order_mark(&mut self, input: &mut &[u8]) {
        let beginning = self.start.skip_byte_order_mark(input);
        if !beginning.is_empty() {
            self.line.extend_from_slice(beginning);
            self.partial = Partial::Kept;
        }
    }

    /// A CR has ended its line at once; only now is it known whether it was half of a CRLF.
    pub(super) fn skip_line_feed(&mut self, input: &mut &[u8]) {
        if self.after_cr && !input.is_empty() {
            self.after_cr = false;
            *input = input.strip_prefix(b"\n").unwrap_or(input);
        }
    }

    /// Completes the line that earlier chunks left open. False if `input` does not end it either.
    pub(super) fn end_partial_line(&mut self, input: &mut &[u8]) -> Result<bool, DecodeError> {
        let (line, ended) = match split_line(input) {
            Some((line, rest, after_cr)) => {
                *input = rest;
                self.after_cr = after_cr;
                (line, true)
            }
            None => (std::mem::take(input), false),
        };
        let skipped = self.partial == Partial::Skipped;
        if ended {
            self.partial = Partial::Empty;
        }
        if skipped {
            return Ok(ended);
        }
        if self.line.len() + line.len() > self.limit {
            self.line.clear();
            self.line.shrink_to(MAX_SPARE);
            if !ended {
                self.partial = Partial::Skipped;
            }
            self.discard()?;
            return Ok(ended);
        }
        self.line.extend_from_slice(line);
        if ended {
            let mut line = std::mem::take(&mut self.line);
            let read = self.read_kept_line(&line);
            line.clear();
            line.shrink_to(MAX_SPARE);
            self.line = line;
            read?;
        }
        Ok(ended)
    }

    /// Reads a line that does not lie in the current chunk, so that nothing can be lent from it.
    fn read_kept_line(&mut self, line: &[u8]) -> Result<(), DecodeError> {
        match Field::parse(line) {
            Field::Data(value) => self.append_data(value),
            Field::EventType(value) => {
                self.keep_event_type(value);
                Ok(())
            }
            other => {
                self.read_lasting(other);
                Ok(())
            }
        }
    }

    /// Reads whole lines of `input` up to the blank line of an event with data.
    pub(super) fn read_lines<'input>(
        &mut self,
        input: &mut &'input [u8],
    ) -> Result<Lines<'input>, DecodeError> {
        // Lent from the chunk for as long as one piece holds them.
        let mut event_type: Option<&'input [u8]> = None;
        let mut data: Option<&'input [u8]> = None;
        while let Some((line, rest, after_cr)) = split_line(input) {
            *input = rest;
            self.after_cr = after_cr;
            if line.is_empty() {
                if self.end_block(data.is_some()) {
                    return Ok(Lines::Dispatch { event_type, data });
                }
                (event_type, data) = (None, None);
                continue;
            }
            if line.len() > self.limit && line[0] != b':' {
                (event_type, data) = (None, None);
                self.discard()?;
                continue;
            }
            match Field::parse(line) {
                Field::Data(value) if !self.has_data && data.is_none() => data = Some(value),
                Field::Data(value) => {
                    if let Some(first) = data.take() {
                        self.append_data(first)?;
                    }
                    self.append_data(value)?;
                }
                // An empty one is `message` again.
                Field::EventType(value) => {
                    event_type = Some(value);
                    self.event_type.clear();
                }
                other => self.read_lasting(other),
            }
        }
        self.keep(event_type, data, std::mem::take(input))?;
        Ok(Lines::NeedMore)
    }

    /// A blank line. Whether it dispatches an event.
    #[inline]
    pub(super) fn end_block(&mut self, has_lent_data: bool) -> bool {
        // Step 1 of "dispatch the event": the ID counts even where there is no data to dispatch.
        self.set_last_event_id();
        let discarded = std::mem::take(&mut self.discarding);
        if (has_lent_data || self.has_data) && !discarded {
            return true;
        }
        self.retry = None;
        // Step 2: "If the data buffer is an empty string, set the data buffer and the event type buffer to the empty
        // string and return."
        self.forget_event();
        false
    }

    /// Keeps what would be lost with the chunk, whose last line has no end.
    fn keep(
        &mut self,
        event_type: Option<&[u8]>,
        data: Option<&[u8]>,
        rest: &[u8],
    ) -> Result<(), DecodeError> {
        if let Some(value) = event_type {
            self.keep_event_type(value);
        }
        if let Some(value) = data {
            self.append_data(value)?;
        }
        match rest.first() {
            None => {}
            Some(b':') => self.partial = Partial::Skipped,
            Some(_) if rest.len() > self.limit => {
                self.partial = Partial::Skipped;
                self.discard()?;
            }
            Some(_) => {
                self.line.extend_from_slice(rest);
                self.partial = Partial::Kept;
            }
        }
        Ok(())
    }

    fn keep_event_type(&mut self, value: &[u8]) {
        self.event_type.clear();
        if !self.discarding {
            push_text(&mut self.event_type, value);
        }
    }

    /// "Append the field value to the data buffer, then append a single U+000A LINE FEED (LF) character"; that LF is
    /// written before the next line instead, which spares "if the data buffer's last character is LF, remove it".
    fn append_data(&mut self, value: &[u8]) -> Result<(), DecodeError> {
        if self.discarding {
            return Ok(());
        }
        if self.data.len() + usize::from(self.has_data) + value.len() > self.limit {
            return self.discard();
        }
        if self.has_data {
            self.data.push('\n');
        }
        push_text(&mut self.data, value);
        self.has_data = true;
        Ok(())
    }

    /// The fields that outlive the event.
    fn read_lasting(&mut self, field: Field<'_>) {
        match field {
            Field::Id(value) => {
                let mut buffer = self.id_buffer.take().unwrap_or_else(|| std::mem::take(&mut self.spare_id));
                buffer.clear();
                push_text(&mut buffer, value);
                self.id_buffer = Some(buffer);
            }
            Field::Retry(time) => (self.reconnection_time, self.retry) = (Some(time), Some(time)),
            Field::Data(_) | Field::EventType(_) | Field::Ignored => {}
        }
    }

    fn set_last_event_id(&mut self) {
        self.has_id = self.id_buffer.is_some();
        if let Some(id) = self.id_buffer.take() {
            self.spare_id = std::mem::replace(&mut self.last_event_id, id);
        }
    }

    /// Gives up the event at hand; an error the first time.
    fn discard(&mut self) -> Result<(), DecodeError> {
        self.forget_event();
        if std::mem::replace(&mut self.discarding, true) {
            return Ok(());
        }
        Err(DecodeError::TooLong { limit: self.limit })
    }
}

/// Buffers that one long event has grown are cut back to this.
const MAX_SPARE: usize = 1 << 20;

pub(super) enum Lines<'input> {
    /// A blank line ended an event. `None`: the decoder's own buffers hold it.
    Dispatch {
        event_type: Option<&'input [u8]>,
        data: Option<&'input [u8]>,
    },
    NeedMore,
}
