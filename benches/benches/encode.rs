//! Criterion's view of the encoders, one after the other; `compare` takes turns.
// Criterion's macros write functions without documentation.
#![allow(missing_docs)]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use typed_sse_benches::encoders;
use typed_sse_benches::events::Market;

fn encode(criterion: &mut Criterion) {
    for (name, event) in Market::samples() {
        let event = Arc::new(event);
        let mut group = criterion.benchmark_group(format!("encode/{name}"));
        for mut encoder in encoders::all(&event) {
            encoder.check(&event);
            group.bench_function(encoder.name, |bencher| bencher.iter(|| encoder.run()));
        }
    }
}

criterion_group!(benches, encode);
criterion_main!(benches);
