//! How many requests per second go through a client with pacing off, beside the bare HTTP library: hyper-util's client
//! with the same settings, which sends the same bytes to the same server on the loopback interface and collects the
//! answer's bytes, but reads nothing in them.
//!
//! The call creates a note: an envelope with a token out, an envelope with a note in. Async runs on a runtime with one
//! thread; blocking drives one such runtime on each calling thread, ours out of its pool, the peer one of its own.
//! An iteration is one request.
//!
//! Where threads run decides more than what they do: a server that has to be woken on another core costs more than the
//! whole call. So all runs twice where Linux can be told: client and server on one core, and each on a core of its own.
//!
//! At the end stands a table of ratios, with the one we promise.

#![allow(missing_docs, clippy::unwrap_used)]

mod fixed;
mod samples;

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use backpack_api::runtime::http::Request;
use backpack_api::{Caller, Client, Endpoint, NewNote, PageId, Token, blocking, notes};
use backpack_tests::documents;
use backpack_tests::examples::TOKEN;
use bytes::Bytes;
use criterion::{Criterion, Throughput};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client as BareClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::runtime::{Builder, Runtime};

const AGENT: &str = "Bench (jo@example.com)";
const AT_ONCE: [usize; 2] = [1, 32];
/// The core of the server, and that of the client.
const PLACES: [(&str, usize, usize); 2] = [("one core", 0, 0), ("a core each", 1, 0)];
/// How many of the peer's requests per second ours may make.
const PROMISED: f64 = 0.9;

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("exchange");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args();
    for (place, server, client) in PLACES {
        // What a thread starts stays where it is.
        let is_there = stay_on(server);
        let base = format!("http://{}", fixed::serve(runtime(), Bytes::from(documents::answer())));
        if is_there && stay_on(client) {
            for at_once in AT_ONCE {
                asynchronous(&mut criterion, &base, place, at_once);
                on_threads(&mut criterion, &base, place, at_once);
            }
        }
    }
    criterion.final_summary();
    table(&folder);
}

/// Keeps this thread on a core; `false` if there is none of that number.
#[cfg(target_os = "linux")]
fn stay_on(core: usize) -> bool {
    use nix::sched::{CpuSet, sched_setaffinity};
    use nix::unistd::Pid;

    let mut cores = CpuSet::new();
    cores.set(core).and_then(|()| sched_setaffinity(Pid::from_raw(0), &cores)).is_ok()
}

/// Where no thread can be kept on a core, all of it runs once, wherever the system wants.
#[cfg(not(target_os = "linux"))]
fn stay_on(core: usize) -> bool {
    core == 0
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

fn call() -> notes::Create {
    notes::Create::new(PageId(2208), NewNote::new().title("Crossing").body("Leaves at nine from pier 4."))
}

/// The bytes that our client sends.
fn request(base: &str) -> Request<Full<Bytes>> {
    let caller = Caller::new(base, Token::new(TOKEN).unwrap(), AGENT).unwrap();
    call().to_request(&caller).unwrap().map(Full::new)
}

/// The bare library, set up as ours is.
#[derive(Clone)]
struct Bare(BareClient<HttpConnector, Full<Bytes>>);

impl Bare {
    fn new() -> Self {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        let client = BareClient::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(Duration::from_secs(15))
            .build(tcp);
        Self(client)
    }

    async fn send(&self, request: &Request<Full<Bytes>>) -> Bytes {
        let answer = self.0.request(request.clone()).await.unwrap();
        answer.into_body().collect().await.unwrap().to_bytes()
    }
}

/// So many of so many requests, for each that is under way at once.
fn share(requests: u64, at_once: usize) -> u64 {
    requests.div_ceil(at_once as u64)
}

fn asynchronous(criterion: &mut Criterion, base: &str, place: &str, at_once: usize) {
    let mut group = criterion.benchmark_group(format!("{place}, async, {at_once} at once"));
    group.throughput(Throughput::Elements(1));
    let ours = Client::at(base, Token::new(TOKEN).unwrap(), AGENT).unwrap().with(|options| options.pacing = false);
    let on = runtime();
    group.bench_function("ours", |bench| {
        bench.iter_custom(|requests| {
            let calls = || {
                let ours = ours.clone();
                async move {
                    for _ in 0..share(requests, at_once) {
                        ours.call(&call()).await.unwrap();
                    }
                }
            };
            on.block_on(together(at_once, requests, calls))
        });
    });
    let (bare, request, on) = (Bare::new(), request(base), runtime());
    group.bench_function("bare", |bench| {
        bench.iter_custom(|requests| {
            let calls = || {
                let (bare, request) = (bare.clone(), request.clone());
                async move {
                    for _ in 0..share(requests, at_once) {
                        bare.send(&request).await;
                    }
                }
            };
            on.block_on(together(at_once, requests, calls))
        });
    });
    group.finish();
}

/// The time of so many tasks at once, for as many requests as were asked for.
async fn together<F: Future<Output = ()> + Send + 'static>(
    at_once: usize,
    requests: u64,
    calls: impl Fn() -> F,
) -> Duration {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..at_once).map(|_| tokio::spawn(calls())).collect();
    for task in tasks {
        task.await.unwrap();
    }
    of_all(begun.elapsed(), requests, at_once)
}

/// The time that the requests asked for would have taken, since each task makes as many as the others.
fn of_all(time: Duration, requests: u64, at_once: usize) -> Duration {
    let made = share(requests, at_once) * at_once as u64;
    time.mul_f64(requests as f64 / made as f64)
}

fn on_threads(criterion: &mut Criterion, base: &str, place: &str, at_once: usize) {
    let mut group = criterion.benchmark_group(format!("{place}, blocking, {at_once} at once"));
    group.throughput(Throughput::Elements(1));
    let ours = blocking::Client::at(base, Token::new(TOKEN).unwrap(), AGENT).unwrap();
    let ours = ours.with(|options| options.pacing = false);
    group.bench_function("ours", |bench| {
        bench.iter_custom(|requests| {
            threads(at_once, requests, |_| {
                ours.call(&call()).unwrap();
            })
        });
    });
    let (bare, request): (Vec<_>, _) = ((0..at_once).map(|_| (runtime(), Bare::new())).collect(), request(base));
    group.bench_function("bare", |bench| {
        bench.iter_custom(|requests| {
            threads(at_once, requests, |thread| {
                let (runtime, bare) = &bare[thread];
                runtime.block_on(bare.send(&request));
            })
        });
    });
    group.finish();
}

/// The time of so many threads at once, for as many requests as were asked for.
fn threads(at_once: usize, requests: u64, call: impl Fn(usize) + Sync) -> Duration {
    let begun = Instant::now();
    thread::scope(|scope| {
        for thread in 0..at_once {
            let call = &call;
            scope.spawn(move || (0..share(requests, at_once)).for_each(|_| call(thread)));
        }
    });
    of_all(begun.elapsed(), requests, at_once)
}

fn table(folder: &Path) {
    println!("\nRequests per second of ours over those of the bare library (promised {PROMISED}):");
    for (place, ..) in PLACES {
        for (kind, at_once) in ["async", "blocking"].into_iter().flat_map(|kind| AT_ONCE.map(|at_once| (kind, at_once)))
        {
            let group = format!("{place}, {kind}, {at_once} at once");
            let fastest = |name| samples::fastest(folder, &group, name);
            if let (Some(ours), Some(bare)) = (fastest("ours"), fastest("bare")) {
                println!("{group:<34}{:>8.3}   {:>6.1} µs, bare {:>6.1} µs", bare / ours, ours / 1e3, bare / 1e3);
            }
        }
    }
}
