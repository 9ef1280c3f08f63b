//! Criterion's view of the decoders, one after the other; `compare` takes turns.
// Criterion's macros write functions without documentation.
#![allow(missing_docs)]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use typed_sse_benches::decoders::{self, ALL};
use typed_sse_benches::streams::{CHUNKS, Input};

fn decode(criterion: &mut Criterion) {
    for input in Input::all() {
        let mut group = criterion.benchmark_group(format!("decode/{}", input.name));
        group.throughput(Throughput::Bytes(input.bytes.len() as u64));
        for (name, size) in CHUNKS {
            let chunks = input.chunks(size);
            for decoder in &ALL {
                let id = BenchmarkId::new(decoder.name, name);
                group.bench_with_input(id, &chunks, |bencher, chunks| bencher.iter(|| (decoder.run)(chunks)));
            }
            let id = BenchmarkId::new("floor: memchr for LF", name);
            group.bench_with_input(id, &chunks, |bencher, chunks| bencher.iter(|| decoders::floor(chunks)));
        }
    }
}

criterion_group!(benches, decode);
criterion_main!(benches);
