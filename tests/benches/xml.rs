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

use types::{Answer, Export, Page};

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("xml");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args();
    let documents = [
        ("answer", documents::answer()),
        ("page", documents::page()),
        ("export", documents::export(10 << 20)),
    ];
    for (name, document) in &documents {
        assert_same(name, document);
        read(&mut criterion, name, document);
    }
    write::bench(&mut criterion);
    criterion.final_summary();
    table(&folder);
    heap(&documents[2].1);
}

/// A document and how each decoder reads it into the same value.
fn assert_same(name: &str, document: &str) {
    match name {
        "answer" => assert_eq!(ours::read::<Answer>(document), quick::read::<Answer>(document)),
        "page" => assert_eq!(ours::read::<Page>(document), quick::read::<Page>(document)),
        _ => assert!(ours::read::<Export>(document) == quick::read::<Export>(document)),
    }
    match name {
        "answer" => assert_eq!(ours::read::<Answer>(document), quick::derived::<types::AnswerEnvelope>(document).note),
        "page" => assert_eq!(ours::read::<Page>(document), quick::derived::<types::PageEnvelope>(document).page),
        _ => assert!(ours::read::<Export>(document) == quick::derived::<Export>(document)),
    }
}

fn read(criterion: &mut Criterion, name: &str, document: &str) {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(document.len() as u64));
    match name {
        "answer" => {
            group.bench_function("ours", |b| b.iter(|| ours::read::<Answer>(black_box(document))));
            group.bench_function("quick-xml", |b| b.iter(|| quick::read::<Answer>(black_box(document))));
            group.bench_function("serde", |b| b.iter(|| quick::derived::<types::AnswerEnvelope>(black_box(document))));
        }
        "page" => {
            group.bench_function("ours", |b| b.iter(|| ours::read::<Page>(black_box(document))));
            group.bench_function("quick-xml", |b| b.iter(|| quick::read::<Page>(black_box(document))));
            group.bench_function("serde", |b| b.iter(|| quick::derived::<types::PageEnvelope>(black_box(document))));
        }
        _ => {
            group.bench_function("ours", |b| b.iter(|| ours::read::<Export>(black_box(document))));
            group.bench_function("quick-xml", |b| b.iter(|| quick::read::<Export>(black_box(document))));
            group.bench_function("serde", |b| b.iter(|| quick::derived::<Export>(black_box(document))));
        }
    }
    group.bench_function("ours, unread", |b| b.iter(|| ours::pass(black_box(document))));
    group.bench_function("tokens", |b| b.iter(|| quick::tokens(black_box(document))));
    group.bench_function("roxmltree", |b| b.iter(|| roxmltree::Document::parse(black_box(document)).unwrap()));
    group.finish();
}

/// What we promise: ours against the peer, at most this.
const PROMISES: [(&str, &str, &str, f64); 12] = [
    ("answer", "ours", "quick-xml", 0.5),
    ("answer", "ours", "serde", 0.25),
    ("page", "ours", "quick-xml", 0.5),
    ("page", "ours", "serde", 0.25),
    ("page", "ours", "tokens", 1.2),
    ("page", "ours", "roxmltree", 1.0),
    ("export", "ours", "quick-xml", 0.5),
    ("export", "ours", "serde", 0.3),
    ("export", "ours", "tokens", 1.2),
    ("export", "ours", "roxmltree", 1.0),
    ("write plain", "ours", "quick-xml", 0.3),
    ("write entities", "ours", "quick-xml", 0.5),
];

fn table(folder: &Path) {
    println!("\n{:<16}{:<12}{:>8}{:>10}", "ours against", "", "ratio", "promised");
    for (group, ours, peer, promised) in PROMISES {
        if let (Some(ours), Some(theirs)) = (median(folder, group, ours), median(folder, group, peer)) {
            println!("{group:<16}{peer:<12}{:>8.3}{promised:>10}", ours / theirs);
        }
    }
}

fn median(folder: &Path, group: &str, name: &str) -> Option<f64> {
    let text = std::fs::read_to_string(folder.join(group).join(name).join("new/estimates.json")).ok()?;
    let after = text.split_once("\"median\"")?.1.split_once("\"point_estimate\":")?.1;
    after.split([',', '}']).next()?.parse().ok()
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
