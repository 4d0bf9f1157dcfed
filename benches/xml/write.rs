//! Compares the generated encoders with quick-xml's writer. Each encodes the bodies of the same ten requests.

use std::hint::black_box;

use backpack_api::runtime::Endpoint;
use backpack_api::runtime::xml::Writer;
use backpack_api::{NewNote, PageId, notes};
use criterion::{Criterion, Throughput};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

/// Text without characters that must be escaped.
const PLAIN: &str = "Leaves at nine from the pier, and comes back by noon. Bring boots, water and a map. ";
/// Text in which about every third character must be escaped.
const ENTITIES: &str = "<b>R&B</b> & \"so\" <i>on</i> &amp; ";

/// Measures both encoders with each text, after asserting that they write the same bytes.
pub(crate) fn bench(criterion: &mut Criterion) {
    for (name, text) in [("write plain", PLAIN), ("write entities", ENTITIES)] {
        let requests = build_requests(text);
        assert!(requests.iter().all(|request| encode_ours(request) == encode_quick(&request.note)));
        let length: usize = requests.iter().map(|request| encode_ours(request).len()).sum();
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(length as u64));
        group.bench_function("ours", |b| b.iter(|| black_box(&requests).each_ref().map(encode_ours)));
        group.bench_function("quick-xml", |b| {
            b.iter(|| black_box(&requests).each_ref().map(|request| encode_quick(&request.note)))
        });
        group.finish();
    }
}

/// Counts the allocations of encoding the largest body.
pub(crate) fn count_allocations() -> u64 {
    let [.., request] = build_requests(ENTITIES);
    allocation_counter::measure(|| drop(black_box(encode_ours(&request)))).count_total
}

/// Builds requests whose notes have bodies of about 70 to 1430 bytes before escaping, in ascending order.
fn build_requests(text: &str) -> [notes::Create; 10] {
    std::array::from_fn(|n| {
        let title: String = text.chars().take(3 * n).collect();
        let body = text.repeat(50 * (1 + 3 * n) / text.len() + 1);
        notes::Create::new(PageId(2208), NewNote::new().title(title).body(body))
    })
}

/// Encodes the body of a request with the generated encoder.
fn encode_ours(request: &notes::Create) -> String {
    Writer::to_string(|xml| request.write_payload(xml)).unwrap()
}

/// Encodes the same request body with quick-xml. Writes events into a `Vec`, and escapes only `<`, `>`, `&` and
/// carriage returns.
fn encode_quick(note: &NewNote) -> String {
    let mut out = quick_xml::Writer::new(Vec::new());
    let mut event = |event: Event<'_>| out.write_event(event).unwrap();
    event(Event::Start(BytesStart::new("note")));
    for (name, text) in [("title", &note.title), ("body", &note.body)] {
        if let Some(text) = text {
            event(Event::Start(BytesStart::new(name)));
            event(Event::Text(BytesText::from_escaped(quick_xml::escape::partial_escape(text.as_str()))));
            event(Event::End(BytesEnd::new(name)));
        }
    }
    event(Event::End(BytesEnd::new("note")));
    String::from_utf8(out.into_inner()).unwrap()
}
