//! How fast answers are read and requests written, beside quick-xml (its pull reader, its serde support, its writer) and
//! roxmltree. The documents: a small answer, a page of 2 KB, an export of 10 MB.
//!
//! Every way starts from the same `&str`. (quick-xml checks the UTF-8 of each event all the same.)
//!
//! - `ours` is the generated decoders, and the generated encoders through `Endpoint::write_payload`.
//! - `ours, answer` is all that a client does with an answer, from its bytes: the UTF-8 check, the marks of a failure,
//!   the envelope, the decoder.
//! - `quick-xml` is a decoder written by hand on its reader, which fills the very types that ours fills.
//! - `serde` fills derived types, which hold no more than these documents need. Times are jiff's in all of them.
//! - `tokens` looks at every event of quick-xml, and `ours, unread` at every element; they keep nothing.
//!
//! That all read the same is checked first.
//!
//! At the end stands a table of ratios, with the ones we promise.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "xml/quick.rs"]
mod quick;
mod samples;
#[path = "xml/time.rs"]
mod time;
#[path = "xml/types.rs"]
mod types;
#[path = "xml/write.rs"]
mod write;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Duration;

use backpack_api::runtime::Endpoint;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::support::read::ReadXml;
use backpack_api::runtime::xml::Reader;
use backpack_api::{notes, pages, users};
use backpack_tests::documents;
use bytes::Bytes;
use criterion::{Criterion, Throughput};
use samples::fastest;
use serde::de::DeserializeOwned;
use types::{Export, NoteEnvelope, PageEnvelope};

fn main() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("xml");
    let mut criterion = Criterion::default()
        .output_directory(&folder)
        .measurement_time(Duration::from_secs(4))
        .warm_up_time(Duration::from_secs(1))
        .sample_size(30)
        .configure_from_args();
    let export = documents::export(10 << 20);
    read::<notes::Create, NoteEnvelope>(&mut criterion, "answer", &documents::answer(), &["response", "note"]);
    read::<pages::Show, PageEnvelope>(&mut criterion, "page", &documents::page(), &["response", "page"]);
    read::<users::Export, Export>(&mut criterion, "export", &export, &["user"]);
    write::bench(&mut criterion);
    criterion.final_summary();
    table(&folder);
    heap(export);
}

/// Reads a document, whose value is in the element at a path, in all ways. Dropping what was read is not counted.
fn read<E, D>(criterion: &mut Criterion, name: &str, document: &str, path: &[&str])
where
    E: Endpoint<Response: ReadXml + quick::Document + From<D> + PartialEq>,
    D: DeserializeOwned,
{
    let response = Response::new(Bytes::from(document.to_owned()));
    let answer = || E::from_response(black_box(&response)).unwrap();
    let document = black_box(document);
    let ours = || decode::<E::Response>(document, path);
    assert!(ours() == answer());
    assert!(ours() == quick::read(document));
    assert!(ours() == quick::derived::<D>(document).into());
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("ours", |b| b.iter_with_large_drop(ours));
    group.bench_function("ours, answer", |b| b.iter_with_large_drop(answer));
    group.bench_function("quick-xml", |b| b.iter_with_large_drop(|| quick::read::<E::Response>(document)));
    group.bench_function("serde", |b| b.iter_with_large_drop(|| quick::derived::<D>(document)));
    group.bench_function("roxmltree", |b| b.iter_with_large_drop(|| roxmltree::Document::parse(document).unwrap()));
    group.bench_function("ours, unread", |b| b.iter(|| pass(document)));
    group.bench_function("tokens", |b| b.iter(|| quick::tokens(document)));
    group.finish();
}

/// Goes down to the element at a path, reads it, and reads the document to its end.
fn decode<T: ReadXml>(document: &str, path: &[&str]) -> T {
    let mut xml = Reader::new(document);
    for name in path {
        assert_eq!(xml.next_child().unwrap(), Some(*name));
    }
    let value = T::read(&mut xml).unwrap();
    for _ in path {
        rest(&mut xml);
    }
    value
}

/// Checks a document and reads nothing.
fn pass(document: &str) {
    rest(&mut Reader::new(document));
}

/// Leaves an element, whatever is still in it.
fn rest(xml: &mut Reader<'_>) {
    while xml.next_child().unwrap().is_some() {
        xml.skip_element().unwrap();
    }
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
    println!("\n{:<16}{:<12}{:>8}{:>10}{:>14}", "ours against", "", "ratio", "promised", "as an answer");
    for (group, peer, promised) in PROMISES {
        let ratio = |ours| Some(fastest(folder, group, ours)? / fastest(folder, group, peer)?);
        if let Some(ours) = ratio("ours") {
            let answer = ratio("ours, answer").map_or(String::new(), |ratio| format!("{ratio:.3}"));
            println!("{group:<16}{peer:<12}{ours:>8.3}{promised:>10}{answer:>14}");
        }
    }
}

/// The most heap in use at once while the export is read, beside the document itself; and what a body takes.
fn heap(document: String) {
    let length = document.len() as f64;
    let response = Response::new(Bytes::from(document));
    let info = allocation_counter::measure(|| drop(black_box(users::Export::from_response(&response))));
    let ratio = info.bytes_max as f64 / length;
    println!("\nexport: heap {ratio:.3} of the document (promised 1.1), {} allocations", info.count_total);
    println!("write: {} allocation(s) per body (promised 1)", write::allocations());
}
