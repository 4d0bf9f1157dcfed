//! Writing notes: ours, and quick-xml's writer into a `Vec`.

use std::hint::black_box;

use backpack_runtime::xml::Writer;
use criterion::{Criterion, Throughput};
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};

use super::types::{Note, Time};

pub(crate) const PLAIN: &str = "Leaves at nine from the pier, and comes back by noon. Bring boots, water and a map. ";
pub(crate) const ENTITIES: &str = "<b>R&B</b> & \"so\" <i>on</i> &amp; ";

pub(crate) fn bench(criterion: &mut Criterion) {
    for (name, text) in [("write plain", PLAIN), ("write entities", ENTITIES)] {
        let notes = notes(text);
        assert_eq!(ours(&notes), quick(&notes));
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(ours(&notes).len() as u64));
        group.bench_function("ours", |b| b.iter(|| ours(black_box(&notes))));
        group.bench_function("quick-xml", |b| b.iter(|| quick(black_box(&notes))));
        group.finish();
    }
}

/// Ten notes with bodies of 50 to about 1500 bytes.
pub(crate) fn notes(text: &str) -> Vec<Note> {
    let created_at = Time { year: 2009, month: 3, day: 15, hour: 21, minute: 14, second: 30 };
    let note = |n: usize| Note {
        title: text.chars().take(3 * n).filter(|char| *char != '"').collect(),
        id: n as u64,
        created_at,
        body: text.repeat(50 * (1 + 3 * n) / text.len() + 1),
    };
    (0..10).map(note).collect()
}

/// In the style of generated code.
pub(crate) fn ours(notes: &[Note]) -> String {
    Writer::to_string(|out| {
        out.raw("<request><notes>");
        for note in notes {
            out.raw("<note><title>");
            out.text(&note.title);
            out.raw("</title><body>");
            out.text(&note.body);
            out.raw("</body></note>");
        }
        out.raw("</notes></request>");
    })
    .unwrap()
}

/// The same with quick-xml: events into a `Vec`, text escaped partially, as XML needs it.
pub(crate) fn quick(notes: &[Note]) -> String {
    let mut out = quick_xml::Writer::new(Vec::new());
    let mut event = |event: Event<'_>| out.write_event(event).unwrap();
    event(Event::Start(BytesStart::new("request")));
    event(Event::Start(BytesStart::new("notes")));
    for note in notes {
        event(Event::Start(BytesStart::new("note")));
        for (name, text) in [("title", &note.title), ("body", &note.body)] {
            event(Event::Start(BytesStart::new(name)));
            event(Event::Text(BytesText::from_escaped(quick_xml::escape::partial_escape(text.as_str()))));
            event(Event::End(BytesEnd::new(name)));
        }
        event(Event::End(BytesEnd::new("note")));
    }
    event(Event::End(BytesEnd::new("notes")));
    event(Event::End(BytesEnd::new("request")));
    String::from_utf8(out.into_inner()).unwrap()
}
