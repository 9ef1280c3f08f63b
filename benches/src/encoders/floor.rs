//! What nothing that serialises with `serde_json` can be faster than: the frame written by hand.

use std::sync::Arc;

use bytes::Bytes;
use memchr::{memchr, memchr_iter, memchr2};

use super::Encoder;
use crate::events::Market;

pub(super) fn reused_buffer(event: Arc<Market>) -> Encoder {
    let mut out = Vec::new();
    Encoder::new("floor: by hand into a reused buffer", move |sink| {
        out.clear();
        write(&event, &mut out);
        sink(&out);
    })
}

pub(super) fn owned_bytes(event: Arc<Market>) -> Encoder {
    let mut out = Vec::new();
    Encoder::new("floor: the same + CR/LF scan + one owned `Bytes`", move |sink| {
        out.clear();
        let data = write(&event, &mut out);
        let end = out.len() - 2;
        let breaks = match &*event {
            // The search for LF has split it already.
            Market::Note { text, .. } => memchr(b'\r', text.as_bytes()),
            Market::Price { .. } | Market::Trades(_) => memchr2(b'\r', b'\n', &out[data..end]),
        };
        assert!(breaks.is_none());
        sink(&Bytes::copy_from_slice(&out));
    })
}

/// Returns where the data begins. Text must not have a CR.
fn write(event: &Market, out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(match event {
        Market::Price { .. } => b"event: price\nid: ",
        Market::Trades(_) => b"event: trades\nid: ",
        Market::Note { .. } => b"event: note\nid: ",
    });
    out.extend_from_slice(itoa::Buffer::new().format(event.id()).as_bytes());
    out.extend_from_slice(b"\ndata: ");
    let start = out.len();
    match event {
        Market::Note { text, .. } => {
            let mut line = 0;
            for end in memchr_iter(b'\n', text.as_bytes()) {
                out.extend_from_slice(&text.as_bytes()[line..=end]);
                out.extend_from_slice(b"data: ");
                line = end + 1;
            }
            out.extend_from_slice(&text.as_bytes()[line..]);
        }
        Market::Price { .. } | Market::Trades(_) => serde_json::to_writer(&mut *out, event).unwrap(),
    }
    out.extend_from_slice(b"\n\n");
    start
}
