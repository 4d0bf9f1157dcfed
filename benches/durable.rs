//! Durable writes per second: 32 writers that share commits, compared with one commit for each write, in the same run
//! and on the same file system.
//!
//! Prints the ratio at the end, beside the promised one.

#![allow(missing_docs)]

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::runtime::jiff::Timestamp;
use backpack_benches::samples;
use backpack_server::{ApiError, Store, demo};
use criterion::{Criterion, Throughput};

/// Number of writers that share commits.
const WRITERS: u64 = 32;
/// Promised ratio of writes per second with shared commits to writes per second with one commit each.
const PROMISED: f64 = 5.0;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("durable");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(5))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    // The folder for temporary files may be in memory, where a sync costs nothing.
    let data = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let store = Arc::new(Store::open(&data.path().join("data.backpack")).unwrap());
    demo::fill(&store, Timestamp::now()).unwrap();
    let mut group = criterion.benchmark_group("durable writes");
    group.throughput(Throughput::Elements(1));
    group.bench_function("one commit each", |bench| bench.iter_custom(|writes| time_writes(&store, 1, writes)));
    group.bench_function("32 writers", |bench| bench.iter_custom(|writes| time_writes(&store, WRITERS, writes)));
    group.finish();
    criterion.final_summary();
    let [alone, shared] =
        ["one commit each", "32 writers"].map(|name| samples::fastest(&folder, "durable writes", name));
    if let (Some(alone), Some(shared)) = (alone, shared) {
        println!("\n32 writers make {:.1} times the writes of one commit each (promised {PROMISED})", alone / shared);
    }
}

/// Measures the time that this number of writers needs, scaled to this number of writes. Each writer makes the same
/// number, so a few more writes may be made.
fn time_writes(store: &Arc<Store>, writers: u64, writes: u64) -> Duration {
    let each = writes.div_ceil(writers);
    let start = Instant::now();
    thread::scope(|scope| {
        for _ in 0..writers {
            scope.spawn(|| (0..each).for_each(|_| write_note(store).unwrap()));
        }
    });
    start.elapsed().mul_f64(writes as f64 / (each * writers) as f64)
}

/// Writes a note on page 1, and returns when it is committed.
fn write_note(store: &Store) -> Result<(), ApiError> {
    const NOTE: &str = "INSERT INTO notes (page_id, title, body, created_at) VALUES (1, 'Crossing', 'At nine.', 0)";
    store.write_blocking(|db| Ok(db.prepare_cached(NOTE)?.execute(()).map(drop)?))
}
