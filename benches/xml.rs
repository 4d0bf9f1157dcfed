//! Speed of decoding responses and encoding requests, against quick-xml (pull reader, serde support, writer) and
//! roxmltree. The documents: a small response, a page of 3 KB, an export of 10 MB.
//!
//! Every decoder starts from the same `&str`. (quick-xml checks the UTF-8 of each event again.)
//!
//! - `ours`: the generated decoders, and the generated encoders through `Endpoint::write_payload`.
//! - `ours, response`: everything that a client does with a response, from its bytes: the UTF-8 check, the failure
//!   envelope, the envelope, the decoder.
//! - `quick-xml`: a decoder written by hand on its reader, which fills the same types as ours.
//! - `serde`: quick-xml's serde support, with derived types that have only the fields of these documents.
//! - `roxmltree`: a tree of the whole document, without decoding.
//! - `tokens`: visits every event of quick-xml and keeps nothing.
//! - `ours, unread`: skips every element with our reader and keeps nothing.
//!
//! All decoders use jiff's times. The benchmark first asserts that they decode the same value.
//!
//! Prints at the end a table of ratios, the heap use of decoding the export, and the allocations of encoding a request
//! body, each beside the promised value.

#![allow(missing_docs)]

#[path = "xml/quick.rs"]
mod quick;
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
use backpack_api::{EndpointExt, notes, pages, users};
use backpack_benches::samples::fastest;
use backpack_tests::documents;
use bytes::Bytes;
use criterion::{Criterion, Throughput};
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
    bench_decoders::<notes::Create, NoteEnvelope>(
        &mut criterion,
        "response",
        &documents::small_response(),
        &["response", "note"],
    );
    bench_decoders::<pages::Show, PageEnvelope>(&mut criterion, "page", &documents::page(), &["response", "page"]);
    bench_decoders::<users::Export, Export>(&mut criterion, "export", &export, &["user"]);
    write::bench(&mut criterion);
    criterion.final_summary();
    print_table(&folder);
    print_heap(export);
}

/// Measures the decoding of a document with every decoder. The value of the document is in the element at this path.
/// `E` is an operation with such a response, and `D` the type that serde's derive decodes. The time to drop the value
/// is not measured.
fn bench_decoders<E, D>(criterion: &mut Criterion, name: &str, document: &str, path: &[&str])
where
    E: Endpoint<Response: ReadXml + quick::Document + From<D> + PartialEq>,
    D: DeserializeOwned,
{
    let response = Response::new(Bytes::from(document.to_owned()));
    let from_response = || E::from_response(black_box(&response)).unwrap();
    let document = black_box(document);
    let ours = || decode::<E::Response>(document, path);
    assert!(ours() == from_response());
    assert!(ours() == quick::decode(document));
    assert!(ours() == quick::decode_derived::<D>(document).into());
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(document.len() as u64));
    group.bench_function("ours", |b| b.iter_with_large_drop(ours));
    group.bench_function("ours, response", |b| b.iter_with_large_drop(from_response));
    group.bench_function("quick-xml", |b| b.iter_with_large_drop(|| quick::decode::<E::Response>(document)));
    group.bench_function("serde", |b| b.iter_with_large_drop(|| quick::decode_derived::<D>(document)));
    group.bench_function("roxmltree", |b| b.iter_with_large_drop(|| roxmltree::Document::parse(document).unwrap()));
    group.bench_function("ours, unread", |b| b.iter(|| skip_document(document)));
    group.bench_function("tokens", |b| b.iter(|| quick::count_events(document)));
    group.finish();
}

/// Decodes the element at this path, then reads the document to its end.
fn decode<T: ReadXml>(document: &str, path: &[&str]) -> T {
    let mut xml = Reader::new(document);
    for name in path {
        assert_eq!(xml.next_child().unwrap(), Some(*name));
    }
    let value = T::read(&mut xml).unwrap();
    for _ in path {
        skip_rest(&mut xml);
    }
    value
}

/// Checks that a document is well-formed and decodes nothing.
fn skip_document(document: &str) {
    skip_rest(&mut Reader::new(document));
}

/// Skips the remaining children of the current element and leaves it.
fn skip_rest(xml: &mut Reader<'_>) {
    while xml.next_child().unwrap().is_some() {
        xml.skip_element().unwrap();
    }
}

/// Promises: group, peer, and the highest ratio of our time to the peer's.
const PROMISES: [(&str, &str, f64); 12] = [
    ("response", "quick-xml", 1.0),
    ("response", "serde", 0.5),
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

/// Prints the ratio of our time to the peer's for each promise. Skips benchmarks that have not run.
fn print_table(folder: &Path) {
    println!("\n{:<16}{:<12}{:>8}{:>10}{:>14}", "ours against", "", "ratio", "promised", "as a response");
    for (group, peer, promised) in PROMISES {
        let ratio = |ours| Some(fastest(folder, group, ours)? / fastest(folder, group, peer)?);
        if let Some(ours) = ratio("ours") {
            let response = ratio("ours, response").map_or(String::new(), |ratio| format!("{ratio:.3}"));
            println!("{group:<16}{peer:<12}{ours:>8.3}{promised:>10}{response:>14}");
        }
    }
}

/// Prints the peak heap use while the export is decoded, relative to its length, and the allocations for one request
/// body.
fn print_heap(document: String) {
    let length = document.len() as f64;
    let response = Response::new(Bytes::from(document));
    let info = allocation_counter::measure(|| drop(black_box(users::Export::from_response(&response))));
    let ratio = info.bytes_max as f64 / length;
    println!("\nexport: heap {ratio:.3} of the document (promised 1.1), {} allocations", info.count_total);
    println!("write: {} allocation(s) per body (promised 1)", write::count_allocations());
}
