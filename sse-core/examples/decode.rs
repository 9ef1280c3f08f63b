//! Looks into a captured event stream: reads it on standard input and prints one JSON object per line for every
//! event that a client would dispatch.
//!
//! ```text
//! curl -sN http://127.0.0.1:3000/events | cargo run -p typed-sse-core --example decode
//! ```
//!
//! `--chunk N` feeds the decoder N bytes at a time; the output is the same for every N.

use std::io::{self, Read as _, Write as _};
use std::process::ExitCode;

use serde_json::json;
use typed_sse_core::Decoder;

const USAGE: &str = "usage: decode [--chunk BYTES] < event-stream";

fn main() -> ExitCode {
    let result =
        chunk_len(std::env::args().skip(1)).and_then(|len| decode(len).map_err(|error| error.to_string()));
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            let _ = writeln!(io::stderr(), "decode: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Decodes to the end of the input. False if events were too long, and skipped.
fn decode(chunk_len: usize) -> Result<bool, Box<dyn std::error::Error>> {
    let mut decoder = Decoder::new();
    let mut whole = true;
    let mut stdin = io::stdin().lock();
    let mut stdout = io::stdout().lock();
    let mut buffer = vec![0; chunk_len.max(64 << 10)];
    loop {
        let len = stdin.read(&mut buffer)?;
        if len == 0 {
            break;
        }
        for mut chunk in buffer[..len].chunks(chunk_len) {
            loop {
                match decoder.next_event(&mut chunk) {
                    Ok(Some(event)) => {
                        let line = json!({ "event": event.event_type, "data": event.data, "id": event.id });
                        writeln!(stdout, "{line}")?;
                    }
                    Ok(None) => break,
                    Err(error) => {
                        whole = false;
                        writeln!(io::stderr(), "decode: {error}")?;
                    }
                }
            }
        }
        // Someone is looking on while the stream goes on.
        stdout.flush()?;
    }
    let last = json!({
        "last_event_id": decoder.last_event_id(),
        "reconnection_time": decoder.reconnection_time().map(|time| time.as_millis() as u64),
    });
    writeln!(stdout, "{last}")?;
    Ok(whole)
}

fn chunk_len(mut args: impl Iterator<Item = String>) -> Result<usize, String> {
    let Some(arg) = args.next() else { return Ok(64 << 10) };
    let value = match arg.strip_prefix("--chunk") {
        Some("") => args.next(),
        Some(value) => value.strip_prefix('=').map(str::to_owned),
        None => None,
    };
    match value.as_deref().map(str::parse) {
        Some(Ok(len @ 1..)) if args.next().is_none() => Ok(len),
        _ => Err(format!("expected `--chunk` and a number of bytes from 1 up\n{USAGE}")),
    }
}
