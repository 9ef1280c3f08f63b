//! Chunks to dispatched events.

pub(crate) mod peers;

use std::hint::black_box;

use bytes::Bytes;

/// One decoder: reads whole streams, each from a new decoder.
#[derive(Debug)]
pub struct Decoder {
    /// The peer.
    pub name: &'static str,
    /// Reads the stream, touches event type, data and ID of each event, and counts the events.
    pub run: fn(&[Bytes]) -> usize,
    collect: fn(&[Bytes]) -> Vec<[String; 3]>,
}

impl Decoder {
    /// Whether it dispatches exactly what ours does.
    #[must_use]
    pub fn agrees(&self, chunks: &[Bytes]) -> bool {
        (self.collect)(chunks) == ALL[0].collect(chunks)
    }

    fn collect(&self, chunks: &[Bytes]) -> Vec<[String; 3]> {
        (self.collect)(chunks)
    }
}

/// Both instantiations of one adapter, so that neither calls through a pointer per event.
macro_rules! decoder {
    ($name:literal, $decode:path) => {
        Decoder {
            name: $name,
            run: |chunks| {
                let mut events = 0;
                $decode(chunks, |event_type: &str, data: &str, id: &str| {
                    black_box((event_type, data, id));
                    events += 1;
                });
                events
            },
            collect: |chunks| {
                let mut events = Vec::new();
                $decode(chunks, |event_type: &str, data: &str, id: &str| {
                    events.push([event_type, data, id].map(str::to_owned));
                });
                events
            },
        }
    };
}

/// This project first, then the peers. The floor is [`floor`].
pub static ALL: [Decoder; 7] = [
    decoder!("**typed-sse**", ours),
    decoder!("sse-core 0.2.3", peers::sse_core),
    decoder!("sse-stream 0.3", peers::sse_stream),
    decoder!("sseer 0.3", peers::sseer),
    decoder!("sse-parse 0.1", peers::sse_parse),
    decoder!("eventsource-client 0.18", peers::eventsource_client),
    decoder!("eventsource-stream 0.2.3", peers::eventsource_stream),
];

/// Finds the line feeds and does nothing else. Returns how many there are.
#[must_use]
pub fn floor(chunks: &[Bytes]) -> usize {
    chunks.iter().map(|chunk| memchr::memchr_iter(b'\n', chunk).map(black_box).count()).sum()
}

fn ours(chunks: &[Bytes], mut sink: impl FnMut(&str, &str, &str)) {
    let mut decoder = typed_sse::Decoder::new();
    for chunk in chunks {
        let mut input = &chunk[..];
        while let Some(event) = decoder.next_event(&mut input).unwrap() {
            sink(event.event_type, event.data, event.id);
        }
    }
}
