//! Bytes per second of generated data: to nowhere (the generator alone) and to memory-backed files, on one thread and on
//! all. `cargo bench --bench generate`; `SNOWDECK_BENCH_CUSTOMERS` changes the size (default 200 000, about 156 MB).

#![allow(clippy::expect_used, reason = "a bench that cannot run has nothing better to do than stop")]

use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use snowdeck::domain::GenerateSpec;
use snowdeck::jobs::Context;
use snowdeck::jobs::generate::{Destination, run};
use std::path::Path;

fn generate(c: &mut Criterion) {
    let customers = std::env::var("SNOWDECK_BENCH_CUSTOMERS").ok().and_then(|n| n.parse().ok()).unwrap_or(200_000);
    let spec = GenerateSpec { customers, ..GenerateSpec::default() };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let make = |out: Destination, threads: usize| {
        runtime.block_on(run(&Context::silent(), &spec, out, threads)).expect("generated")
    };
    let bytes = make(Destination::Null, 0).bytes;
    let memory = Path::new("/dev/shm");
    let home = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };

    let mut group = c.benchmark_group("generate");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10).sampling_mode(SamplingMode::Flat);
    for (name, threads) in [("one thread", 1), ("all threads", 0)] {
        group.bench_function(format!("nowhere, {name}"), |b| b.iter(|| make(Destination::Null, threads)));
        group.bench_function(format!("memory-backed files, {name}"), |b| {
            b.iter_with_large_drop(|| {
                let folder = tempfile::tempdir_in(&home).expect("a folder");
                make(Destination::Directory(folder.path().to_owned()), threads);
                folder
            });
        });
    }
    group.finish();
}

criterion_group!(benches, generate);
criterion_main!(benches);
