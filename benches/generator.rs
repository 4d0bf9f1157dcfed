//! Time of the generator for the schema, and for a schema with ten times as many sections.

#![allow(missing_docs)]

use std::time::Duration;

use backpack_tests::schema;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use xmlwire_codegen::{Options, Source, generate};

criterion_group!(benches, bench_generator);
criterion_main!(benches);

/// Measures the generator with both schemas. Reading the files is not measured.
fn bench_generator(criterion: &mut Criterion) {
    let options = Options {
        crate_name: "backpack_api".to_owned(),
        command: "cargo xtask regen".to_owned(),
        ..Options::default()
    };
    let sources = schema::read_sources();
    let mut group = criterion.benchmark_group("generator");
    group.sample_size(20).measurement_time(Duration::from_secs(20));
    for (name, sources) in [("schema", sources.clone()), ("ten times the schema", multiply_by_ten(&sources))] {
        group.throughput(Throughput::Elements(sources.len() as u64));
        let run = || generate(&sources, &options).unwrap_or_else(|diagnostics| panic!("{diagnostics}"));
        group.bench_function(name, |bencher| bencher.iter_with_large_drop(run));
    }
    group.finish();
}

/// Returns the schema with nine copies of each section. Names and paths differ, so that the result is valid.
fn multiply_by_ten(sources: &[Source]) -> Vec<Source> {
    let names: Vec<&str> = sources.iter().flat_map(|source| find_declared_names(&source.text)).collect();
    let sections = || sources.iter().filter(|source| source.text.starts_with("<section"));
    let copies = (2..=10).flat_map(|number| sections().map(move |source| (number, source)));
    let copies = copies.map(|(number, source)| Source {
        path: source.path.replace(".xml", &format!("_{number}.xml")),
        text: copy_section(&source.text, &names, number),
    });
    sources.iter().cloned().chain(copies).collect()
}

/// Finds the names of the ids, enums and types that a section declares.
fn find_declared_names(text: &str) -> impl Iterator<Item = &str> {
    let tags = ["<id name=\"", "<enum name=\"", "<type name=\""];
    tags.into_iter().flat_map(|tag| text.split(tag).skip(1)).filter_map(|rest| rest.split('"').next())
}

/// Copies the text of a section, with the number of the copy in its names and paths. `names` are the declared names of
/// all sections.
fn copy_section(text: &str, names: &[&str], number: usize) -> String {
    let mut text = text.to_owned();
    for name in names {
        let declarations = [("<id name=\"", "\""), ("<enum name=\"", "\""), ("<type name=\"", "\""), ("(", ")")];
        let holes = ["}", "?", "*", " "].map(|end| (": ", end));
        for (start, end) in declarations.into_iter().chain(holes) {
            text = text.replace(&format!("{start}{name}{end}"), &format!("{start}{name}{number}{end}"));
        }
    }
    for start in [" path=\"", " location=\"", " location=\"http://acme.backpackit.com"] {
        text = text.replace(&format!("{start}/"), &format!("{start}/copy{number}-"));
    }
    [" legacy=\"", "<section name=\""].iter().fold(text, |text, start| rename_sections(&text, start, number))
}

/// Appends the number to the names of sections in the attributes that start with this text. The value `none` of
/// `legacy` is not a section.
fn rename_sections(text: &str, start: &str, number: usize) -> String {
    let mut parts = text.split(start);
    let mut renamed = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_at(part.find(['.', '"']).unwrap_or_default());
        let suffix = if name == "none" { String::new() } else { format!("_{number}") };
        renamed.extend([start, name, &suffix, rest]);
    }
    renamed
}
