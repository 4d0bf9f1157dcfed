//! How fast XML is read and written, beside quick-xml (its pull reader, its serde support, its writer) and roxmltree.
//!
//! All decoders make the same values of the same types, which is checked first. The documents: a small answer, a page
//! of 2 KB, an export of 10 MB. At the end stands a table of ratios, with the ones we promise.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "xml/documents.rs"]
mod documents;
#[path = "xml/ours.rs"]
mod ours;
#[path = "xml/quick.rs"]
mod quick;
#[path = "xml/types.rs"]
mod types;
#[path = "xml/write.rs"]
mod write;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use criterion::{Criterion, Throughput};
use serde::de::DeserializeOwned;
use types::{Answer, AnswerEnvelope, Export, Page, PageEnvelope};

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("xml");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args();
    let export = documents::export(10 << 20);
    read::<Answer, AnswerEnvelope>(&mut criterion, "answer", &documents::answer(), |envelope| envelope.note);
    read::<Page, PageEnvelope>(&mut criterion, "page", &documents::page(), |envelope| envelope.page);
    read::<Export, Export>(&mut criterion, "export", &export, |export| export);
    write::bench(&mut criterion);
    criterion.final_summary();
    table(&folder);
    heap(&export);
}

/// Reads a document in all ways. Dropping what was read is not counted.
fn read<T, E>(criterion: &mut Criterion, name: &str, document: &str, payload: fn(E) -> T)
where
    T: ours::Document + quick::Document + PartialEq,
    E: DeserializeOwned,
{
    assert!(ours::read::<T>(document) == quick::read::<T>(document));
    assert!(ours::read::<T>(document) == payload(quick::derived(document)));
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(document.len() as u64));
    let document = black_box(document);
    group.bench_function("ours", |b| b.iter_with_large_drop(|| ours::read::<T>(document)));
    group.bench_function("quick-xml", |b| b.iter_with_large_drop(|| quick::read::<T>(document)));
    group.bench_function("serde", |b| b.iter_with_large_drop(|| quick::derived::<E>(document)));
    group.bench_function("roxmltree", |b| b.iter_with_large_drop(|| roxmltree::Document::parse(document).unwrap()));
    group.bench_function("ours, unread", |b| b.iter(|| ours::pass(document)));
    group.bench_function("tokens", |b| b.iter(|| quick::tokens(document)));
    group.finish();
}

/// What we promise: ours against the peer, at most this.
const PROMISES: [(&str, &str, f64); 12] = [
    ("answer", "quick-xml", 1.0),
    ("answer", "serde", 0.5),
    ("page", "quick-xml", 0.5),
    ("page", "serde", 0.25),
    ("page", "tokens", 1.2),
    ("page", "roxmltree", 1.0),
    ("export", "quick-xml", 0.5),
    ("export", "serde", 0.3),
    ("export", "tokens", 1.2),
    ("export", "roxmltree", 1.0),
    ("write plain", "quick-xml", 0.3),
    ("write entities", "quick-xml", 0.5),
];

fn table(folder: &Path) {
    println!("\n{:<16}{:<12}{:>8}{:>10}", "ours against", "", "ratio", "promised");
    for (group, peer, promised) in PROMISES {
        if let (Some(ours), Some(theirs)) = (fastest(folder, group, "ours"), fastest(folder, group, peer)) {
            println!("{group:<16}{peer:<12}{:>8.3}{promised:>10}", ours / theirs);
        }
    }
}

/// The time of one iteration in the fastest sample, which other work on the machine disturbed least.
fn fastest(folder: &Path, group: &str, name: &str) -> Option<f64> {
    let sample = std::fs::read_to_string(folder.join(group).join(name).join("new/sample.json")).ok()?;
    let (iterations, times) = (numbers(&sample, "\"iters\":[")?, numbers(&sample, "\"times\":[")?);
    times.iter().zip(&iterations).map(|(time, count)| time / count).min_by(f64::total_cmp)
}

fn numbers(json: &str, before: &str) -> Option<Vec<f64>> {
    let list = json.split_once(before)?.1.split_once(']')?.0;
    list.split(',').map(|number| number.trim().parse().ok()).collect()
}

/// The most heap in use at once while the export is read, beside the document itself.
fn heap(document: &str) {
    let info = allocation_counter::measure(|| drop(black_box(ours::read::<Export>(document))));
    let ratio = info.bytes_max as f64 / document.len() as f64;
    println!("\nexport: heap {ratio:.3} of the document (promised 1.1), {} allocations", info.count_total);
    let body = documents::page();
    let page = ours::read::<Page>(&body);
    let info = allocation_counter::measure(|| drop(black_box(write::ours(&page.notes))));
    println!("write: {} allocation(s) (promised 1)", info.count_total);
}
