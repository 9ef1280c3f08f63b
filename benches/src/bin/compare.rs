//! Times everything in one process, in turns, and prints Markdown. Takes about a minute.
// Printing is what it is for.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use typed_sse_benches::decoders::{self, ALL};
use typed_sse_benches::encoders;
use typed_sse_benches::events::Market;
use typed_sse_benches::interleave::{Timing, interleave};
use typed_sse_benches::streams::{CHUNKS, Input};
use typed_sse_benches::typed;

fn main() {
    // With an argument, that part alone: `encode`, `decode` or `typed`.
    let part = std::env::args().nth(1);
    let is_wanted = |name| part.as_deref().is_none_or(|part| part == name);
    if is_wanted("encode") {
        encode();
    }
    if is_wanted("decode") {
        Input::all().iter().for_each(decode);
    }
    if is_wanted("typed") {
        println!("\n## Bytes to enum");
        CHUNKS[1..].iter().for_each(|(name, size)| read(name, *size));
    }
}

/// From bytes to the values of an enum.
fn read(chunk: &str, size: usize) {
    let inputs = typed::inputs();
    let names = typed::ALL.iter().map(|reader| reader.name).chain(["floor: `serde_json::from_str` alone"]);
    let mut rows: Vec<String> = names.map(|name| format!("| {name} |")).collect();
    let mut best = String::from("| the best peer / ours |");
    for input in &inputs {
        let chunks = input.chunks(size);
        for reader in &typed::ALL {
            assert!(
                (reader.collect)(&chunks) == (typed::ALL[0].collect)(&chunks),
                "{} reads otherwise",
                reader.name
            );
        }
        let events = typed::events(&chunks);
        let mut runs: Vec<Box<dyn FnMut() + '_>> = typed::ALL
            .iter()
            .map(|reader| Box::new(|| assert_eq!((reader.run)(&chunks), input.events)) as Box<dyn FnMut()>)
            .collect();
        runs.push(Box::new(|| typed::floor(&events)));
        let timings = interleave(&mut runs);
        for (row, Timing { ns, ratio }) in rows.iter_mut().zip(&timings) {
            *row += &format!(" {:.0} ({ratio:.2}) |", ns / input.events as f64);
        }
        let ratio =
            timings[1..typed::ALL.len()].iter().map(|timing| timing.ratio).fold(f64::INFINITY, f64::min);
        best += &format!(" **{ratio:.2}** |");
    }
    println!(
        "\n| ns/event (x ours), chunks of {chunk} | {} |",
        inputs.each_ref().map(|input| input.name).join(" | ")
    );
    println!("|---|{}", "---|".repeat(inputs.len()));
    rows.iter().for_each(|row| println!("{row}"));
    println!("{best}");
}

fn encode() {
    let mut rows: Vec<String> = Vec::new();
    let mut head = String::from("| ns/event (x ours) |");
    for (name, event) in Market::samples() {
        head += &format!(" {name} |");
        let event = Arc::new(event);
        let mut encoders = encoders::all(&event);
        for encoder in &mut encoders {
            encoder.check(&event);
        }
        rows.resize_with(encoders.len(), String::new);
        for (row, encoder) in rows.iter_mut().zip(&encoders) {
            if row.is_empty() {
                *row = format!("| {} |", encoder.name);
            }
        }
        let mut runs: Vec<Box<dyn FnMut() + '_>> =
            encoders.iter_mut().map(|encoder| Box::new(|| encoder.run()) as Box<dyn FnMut()>).collect();
        for (row, Timing { ns, ratio }) in rows.iter_mut().zip(interleave(&mut runs)) {
            *row += &format!(" {ns:.0} ({ratio:.2}) |");
        }
    }
    println!("## Encoders\n\n{head}\n|---|---|---|---|---|");
    rows.iter().for_each(|row| println!("{row}"));
}

fn decode(input: &Input) {
    let names = ["floor: memchr for LF"].into_iter().chain(ALL.iter().map(|decoder| decoder.name));
    let mut rows: Vec<String> = names.map(|name| format!("| {name} |")).collect();
    let mut head = format!("| {}, MB/s (x ours) |", input.name);
    for (name, size) in CHUNKS {
        head += &format!(" {name} |");
        let chunks = input.chunks(size);
        for decoder in &ALL {
            assert!(decoder.agrees(&chunks), "{} reads something else", decoder.name);
        }
        let mut runs: Vec<Box<dyn FnMut() + '_>> = ALL
            .iter()
            .map(|decoder| Box::new(|| assert_eq!((decoder.run)(&chunks), input.events)) as Box<dyn FnMut()>)
            .collect();
        runs.push(Box::new(|| assert!(decoders::floor(&chunks) > input.events)));
        let mut timings = interleave(&mut runs);
        timings.rotate_right(1);
        for (row, Timing { ns, ratio }) in rows.iter_mut().zip(timings) {
            *row += &format!(" {:.0} ({:.2}) |", input.bytes.len() as f64 * 1e3 / ns, 1.0 / ratio);
        }
    }
    println!("\n## Decoders, {}\n\n{head}\n|---|---|---|---|", input.name);
    rows.iter().for_each(|row| println!("{row}"));
}
