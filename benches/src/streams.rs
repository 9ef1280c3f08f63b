//! The event streams that are decoded.

use bytes::Bytes;

/// One stream, whole.
#[derive(Debug)]
pub struct Input {
    /// What it is called in the tables.
    pub name: &'static str,
    /// How many events it dispatches.
    pub events: usize,
    /// Its bytes.
    pub bytes: Bytes,
}

/// The sizes in which the streams are cut.
pub const CHUNKS: [(&str, usize); 3] = [("64 B", 64), ("1.5 KiB", 1536), ("64 KiB", 64 << 10)];

impl Input {
    /// The three streams.
    #[must_use]
    pub fn all() -> [Self; 3] {
        [Self::tokens(), Self::named(), Self::multi_line()]
    }

    /// Cuts the stream into chunks of at most `size` bytes, wherever that falls.
    #[must_use]
    pub fn chunks(&self, size: usize) -> Vec<Bytes> {
        (0..self.bytes.len())
            .step_by(size)
            .map(|at| self.bytes.slice(at..self.bytes.len().min(at + size)))
            .collect()
    }

    /// What a language model's service sends: 180 bytes an event, only data.
    fn tokens() -> Self {
        let event = |i| {
            let start = format!(
                r#"data: {{"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion.chunk","created":1793000000,"choices":[{{"index":0,"delta":{{"content":" word{i:05}"#
            );
            format!("{start:x<173}\"}}}}]}}\n\n")
        };
        Self::new("a: 180 B tokens, data only", 1456, event)
    }

    /// 1 KiB of data with an event type and an ID.
    fn named() -> Self {
        let event =
            |i| format!("event: trades\nid: {i}\ndata: {{\"seq\":{i:05},\"note\":\"{:x<1000}\"}}\n\n", "");
        Self::new("b: 1 KiB, named, with ID", 248, event)
    }

    /// 64 KiB of data over 64 lines.
    fn multi_line() -> Self {
        let event = |i| {
            let line = format!("data: line of event {i} {:x<1002}\n", "");
            line.repeat(64) + "\n"
        };
        Self::new("c: 64 KiB over 64 lines", 8, event)
    }

    fn new(name: &'static str, events: usize, event: impl Fn(usize) -> String) -> Self {
        Self { name, events, bytes: (0..events).map(event).collect::<String>().into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_as_long_as_they_are_called() {
        let lens = Input::all().map(|input| input.bytes.len() / input.events);
        assert_eq!(lens[0], 180);
        assert!((1024..1080).contains(&lens[1]), "{lens:?}");
        assert!((64 << 10..66 << 10).contains(&lens[2]), "{lens:?}");
    }
}
