//! Time to convert users' texts to HTML and to Markdown. The texts are those of `textile/tests/texts`, a hundred times.
//!
//! - `html`: Textile to a tree, and the tree to HTML.
//! - `markdown`: Textile to a tree, and the tree to Markdown.
//! - `pulldown-cmark`: the Markdown of the same texts to HTML.
//! - `pandoc`: Textile to HTML by the command `pandoc`, in one process for all texts. Skipped if it is not installed.

#![allow(missing_docs)]

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use backpack_tests::schema;
use backpack_textile::parse;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

criterion_group!(benches, bench_textile);
criterion_main!(benches);

/// Measures all converters with the same texts.
fn bench_textile(criterion: &mut Criterion) {
    let texts = read_texts();
    let markdown: Vec<String> = texts.iter().map(|text| parse(text).to_markdown()).collect();
    let mut group = criterion.benchmark_group("textile");
    group.measurement_time(Duration::from_secs(5)).sample_size(20);
    group.throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
    group.bench_function("html", |b| b.iter(|| texts.iter().map(|text| parse(text).to_html().len()).sum::<usize>()));
    group.bench_function("markdown", |b| {
        b.iter(|| texts.iter().map(|text| parse(text).to_markdown().len()).sum::<usize>());
    });
    group.bench_function("pulldown-cmark", |b| b.iter(|| markdown.iter().map(|text| render(text)).sum::<usize>()));
    let all = texts.join("\n\n");
    if convert_with_pandoc(&all).is_some() {
        group.sample_size(10).bench_function("pandoc", |b| b.iter(|| convert_with_pandoc(&all)));
    } else {
        println!("textile/pandoc: not installed");
    }
    group.finish();
}

/// Reads the sources of all texts, a hundred times.
fn read_texts() -> Vec<String> {
    let folder = schema::repository_root().join("textile/tests/texts");
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let file = format!("\n{}", fs::read_to_string(entry.unwrap().path()).unwrap());
        let parts = file.split("\n=== ").skip(1).filter_map(|part| part.split_once('\n')?.1.split_once("\n--- html\n"));
        texts.extend(parts.map(|(source, _)| source.to_owned()));
    }
    std::iter::repeat_n(texts, 100).flatten().collect()
}

/// Renders Markdown, and returns the length of the HTML.
fn render(markdown: &str) -> usize {
    let options = pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH;
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, pulldown_cmark::Parser::new_ext(markdown, options));
    html.len()
}

/// Converts Textile with pandoc, and returns the length of the HTML. Returns `None` if pandoc is not installed.
fn convert_with_pandoc(text: &str) -> Option<usize> {
    let mut command = Command::new("pandoc");
    let command = command.args(["--from=textile", "--to=html"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut input = child.stdin.take()?;
    let text = text.to_owned();
    // Pandoc may write before it has read everything.
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?.ok()?;
    output.status.success().then_some(output.stdout.len())
}
