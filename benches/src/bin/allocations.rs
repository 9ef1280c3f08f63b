//! Counts allocations per event and prints Markdown.
//!
//! Not part of `compare`: counting takes longer than allocating, and would be timed with it.
// Printing is what it is for.
#![allow(clippy::print_stdout)]

use std::sync::Arc;

use allocation_counter::measure;
use typed_sse_benches::decoders::ALL;
use typed_sse_benches::encoders;
use typed_sse_benches::events::Market;
use typed_sse_benches::streams::{CHUNKS, Input};
use typed_sse_benches::typed;

fn main() {
    let samples = Market::samples().map(|(_, event)| Arc::new(event));
    println!("| allocations/event | {} |", Market::samples().map(|(name, _)| name).join(" | "));
    println!("|---|---|---|---|---|");
    let mut columns = samples.each_ref().map(encoders::all);
    for i in 0..columns[0].len() {
        let counts = columns.each_mut().map(|column| {
            let encoder = &mut column[i];
            encoder.run();
            measure(|| (0..100).for_each(|_| encoder.run())).count_total as f64 / 100.0
        });
        println!("| {} | {} |", columns[0][i].name, counts.map(|count| format!("{count:.0}")).join(" | "));
    }

    let inputs = Input::all();
    println!("\n| allocations/event | {} |", inputs.each_ref().map(|input| input.name).join(" | "));
    println!("|---|---|---|---|");
    for decoder in &ALL {
        let cells = inputs.each_ref().map(|input| {
            let count = |(_, size)| {
                let chunks = input.chunks(size);
                let count = measure(|| assert_eq!((decoder.run)(&chunks), input.events)).count_total;
                format!("{:.1}", count as f64 / input.events as f64)
            };
            CHUNKS.map(count).join(" / ")
        });
        println!("| {} | {} |", decoder.name, cells.join(" | "));
    }

    let inputs = typed::inputs();
    println!("\n| allocations/event | {} |", inputs.each_ref().map(|input| input.name).join(" | "));
    println!("|---|{}", "---|".repeat(inputs.len()));
    for reader in &typed::ALL {
        let cells = inputs.each_ref().map(|input| {
            let count = |(_, size): &(_, usize)| {
                let chunks = input.chunks(*size);
                let count = measure(|| assert_eq!((reader.run)(&chunks), input.events)).count_total;
                format!("{:.1}", count as f64 / input.events as f64)
            };
            CHUNKS[1..].iter().map(count).collect::<Vec<_>>().join(" / ")
        });
        println!("| {} | {} |", reader.name, cells.join(" | "));
    }
}
