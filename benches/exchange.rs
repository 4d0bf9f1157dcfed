//! Requests per second of the client without its rate limit, against the bare HTTP library: hyper-util's client with
//! the same settings. The peer sends the same bytes to the same server on the loopback interface and collects the bytes
//! of the response, but does not parse them.
//!
//! Each call creates a note: an envelope with a token is sent, an envelope with a note is received. Async calls run on
//! a runtime with one thread. Blocking calls run one such runtime on each calling thread: ours from the client's pool,
//! the peer's created by the benchmark. An iteration is one request.
//!
//! Placement of threads matters more than their work: waking a server on another core costs more than a whole call. On
//! Linux everything therefore runs twice: client and server on one core, and each on a core of its own.
//!
//! Prints a table of ratios at the end, beside the promised one.

#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::runtime::http::Request;
use backpack_api::{ApiToken, Client, ClientConfig, EndpointExt, NewNote, PageId, SERVICE, blocking, notes};
use backpack_benches::bare_client::BareClient;
use backpack_benches::{bare_server, samples};
use backpack_tests::documents;
use backpack_tests::examples::TOKEN;
use bytes::Bytes;
use criterion::{Criterion, Throughput};
use tokio::runtime::{Builder, Runtime};

const USER_AGENT: &str = "Bench (jo@example.com)";
/// Numbers of concurrent calls.
const CONCURRENCY: [usize; 2] = [1, 32];
/// Placements: name, core of the server, core of the client.
const PLACEMENTS: [(&str, usize, usize); 2] = [("one core", 0, 0), ("a core each", 1, 0)];
/// Promised ratio of our requests per second to the peer's.
const PROMISED: f64 = 0.9;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exchange");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args();
    for (placement, server, client) in PLACEMENTS {
        // A new thread inherits the core of the thread that starts it.
        let has_core = pin_to_core(server);
        let base_url =
            format!("http://{}", bare_server::start(build_runtime(), Bytes::from(documents::small_response())));
        if has_core && pin_to_core(client) {
            for at_once in CONCURRENCY {
                bench_async(&mut criterion, &base_url, placement, at_once);
                bench_blocking(&mut criterion, &base_url, placement, at_once);
            }
        }
    }
    criterion.final_summary();
    print_table(&folder);
}

/// Pins this thread to a core. Returns `false` if that fails, such as on a machine without a core of this number.
#[cfg(target_os = "linux")]
fn pin_to_core(core: usize) -> bool {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    let mut cores = CpuSet::new();
    cores.set(core).and_then(|()| sched_setaffinity(Pid::from_raw(0), &cores)).is_ok()
}

/// Returns `true` only for the first core, and does not pin this thread, because the system has no API for that. The
/// benchmarks therefore run once, on the cores that the system picks.
#[cfg(not(target_os = "linux"))]
fn pin_to_core(core: usize) -> bool {
    core == 0
}

/// Builds a runtime that runs its tasks on the thread that blocks on it.
fn build_runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// Creates the operation that each call sends.
fn create_note() -> notes::Create {
    notes::Create::new(PageId(2208), NewNote::new().title("Crossing").body("Leaves at nine from pier 4."))
}

/// Encodes the request exactly as our client sends it.
fn encode_request(base_url: &str) -> Request<Bytes> {
    let config = ClientConfig::new(&SERVICE, base_url, ApiToken::new(TOKEN).unwrap(), USER_AGENT).unwrap();
    create_note().to_request(&config).unwrap()
}

/// Returns the number of requests that each of the concurrent tasks makes, rounded up.
fn requests_per_task(requests: u64, at_once: usize) -> u64 {
    requests.div_ceil(at_once as u64)
}

/// Measures concurrent async calls of our client and of the bare library, on a runtime with one thread.
fn bench_async(criterion: &mut Criterion, base_url: &str, placement: &str, at_once: usize) {
    let mut group = criterion.benchmark_group(format!("{placement}, async, {at_once} at once"));
    group.throughput(Throughput::Elements(1));
    let ours = Client::with_base_url(base_url, ApiToken::new(TOKEN).unwrap(), USER_AGENT)
        .unwrap()
        .with_options(|options| options.respect_rate_limits = false);
    let runtime = build_runtime();
    group.bench_function("ours", |bench| {
        bench.iter_custom(|requests| {
            let calls = || {
                let ours = ours.clone();
                async move {
                    for _ in 0..requests_per_task(requests, at_once) {
                        ours.call(&create_note()).await.unwrap();
                    }
                }
            };
            runtime.block_on(time_tasks(at_once, requests, calls))
        });
    });
    let bare = BareClient::new();
    let request = encode_request(base_url);
    let runtime = build_runtime();
    group.bench_function("bare", |bench| {
        bench.iter_custom(|requests| {
            let calls = || {
                let (bare, request) = (bare.clone(), request.clone());
                async move {
                    for _ in 0..requests_per_task(requests, at_once) {
                        bare.send(&request).await;
                    }
                }
            };
            runtime.block_on(time_tasks(at_once, requests, calls))
        });
    });
    group.finish();
}

/// Measures the time of `at_once` concurrent tasks, scaled to the number of requests asked for. `calls` returns the
/// future of one task.
async fn time_tasks<F: Future<Output = ()> + Send + 'static>(
    at_once: usize,
    requests: u64,
    calls: impl Fn() -> F,
) -> Duration {
    let start = Instant::now();
    let tasks: Vec<_> = (0..at_once).map(|_| tokio::spawn(calls())).collect();
    for task in tasks {
        task.await.unwrap();
    }
    scale_to(start.elapsed(), requests, at_once)
}

/// Scales the time to the number of requests asked for. A few more may have been made, because each task makes the same
/// number.
fn scale_to(time: Duration, requests: u64, at_once: usize) -> Duration {
    let made = requests_per_task(requests, at_once) * at_once as u64;
    time.mul_f64(requests as f64 / made as f64)
}

/// Measures concurrent blocking calls of our client and of the bare library, each on a thread of its own.
fn bench_blocking(criterion: &mut Criterion, base_url: &str, placement: &str, at_once: usize) {
    let mut group = criterion.benchmark_group(format!("{placement}, blocking, {at_once} at once"));
    group.throughput(Throughput::Elements(1));
    let ours = blocking::Client::with_base_url(base_url, ApiToken::new(TOKEN).unwrap(), USER_AGENT).unwrap();
    let ours = ours.with_options(|options| options.respect_rate_limits = false);
    group.bench_function("ours", |bench| {
        bench.iter_custom(|requests| {
            time_threads(at_once, requests, |_| {
                ours.call(&create_note()).unwrap();
            })
        });
    });
    let (bare, request): (Vec<_>, _) =
        ((0..at_once).map(|_| (build_runtime(), BareClient::new())).collect(), encode_request(base_url));
    group.bench_function("bare", |bench| {
        bench.iter_custom(|requests| {
            time_threads(at_once, requests, |thread| {
                let (runtime, bare) = &bare[thread];
                runtime.block_on(bare.send(&request));
            })
        });
    });
    group.finish();
}

/// Measures the time of `at_once` concurrent threads, scaled to the number of requests asked for. `call` makes one
/// request, given the index of its thread.
fn time_threads(at_once: usize, requests: u64, call: impl Fn(usize) + Sync) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for thread in 0..at_once {
            let call = &call;
            scope.spawn(move || (0..requests_per_task(requests, at_once)).for_each(|_| call(thread)));
        }
    });
    scale_to(start.elapsed(), requests, at_once)
}

/// Prints the ratio and the times of one request for each benchmark that has run.
fn print_table(folder: &Path) {
    println!("\nOur requests per second divided by those of the bare library (promised {PROMISED}):");
    for (placement, ..) in PLACEMENTS {
        for (kind, at_once) in
            ["async", "blocking"].into_iter().flat_map(|kind| CONCURRENCY.map(|at_once| (kind, at_once)))
        {
            let group = format!("{placement}, {kind}, {at_once} at once");
            let fastest = |name| samples::fastest(folder, &group, name);
            if let (Some(ours), Some(bare)) = (fastest("ours"), fastest("bare")) {
                println!("{group:<34}{:>8.3}   {:>6.1} µs, bare {:>6.1} µs", bare / ours, ours / 1e3, bare / 1e3);
            }
        }
    }
}
