//! What was acknowledged had been synced before: seen from outside, in what the process asks of the kernel.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use backpack_api::NewNote;

use crate::kernel::{Call, Kind, Trace};
use crate::running::Running;

/// A writer alone: each of its notes is written to the log, all that was written is synced, and then it is answered.
#[test]
fn each_write_is_acknowledged_after_all_of_it_was_synced() {
    let (calls, log) = written(1, 32);
    let acknowledged: Vec<_> = titles(1, 32).map(|title| Acknowledged::find(&calls, &log, &title)).collect();
    assert!(acknowledged.iter().all(|note| note.last_write < note.sync.0), "{acknowledged:?}");
    assert_eq!(syncs(&acknowledged), 32, "{acknowledged:?}");
}

/// Sixteen writers at once: each of their notes is written and synced before it is answered, many by the same sync.
#[test]
fn writes_at_once_are_acknowledged_after_a_sync_that_they_share() {
    let (calls, log) = written(16, 16);
    let acknowledged: Vec<_> = titles(16, 16).map(|title| Acknowledged::find(&calls, &log, &title)).collect();
    let (syncs, notes) = (syncs(&acknowledged), acknowledged.len());
    assert!(syncs < notes, "{syncs} syncs for {notes} notes");
}

/// Has so many writers write so many notes each, one after the other; all that the service did meanwhile, and which file
/// is its write-ahead log.
fn written(writers: usize, each: usize) -> (Vec<Call>, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().canonicalize().expect("a folder");
    let service = Running::serve(&place.join("data.backpack"));
    let client = service.client(service.token.as_deref().expect("a first start shows a token"));
    let page = client.pages().create("Coast").expect("a page").id;
    let trace = Trace::of(&service);
    thread::scope(|scope| {
        for writer in 0..writers {
            let notes = client.notes(page);
            scope.spawn(move || {
                for number in 0..each {
                    let note = NewNote::new().title(title(writer, number)).body("x");
                    notes.create(note).expect("the note should be taken");
                }
            });
        }
    });
    (trace.end(&service), place.join("data.backpack-wal"))
}

/// A text by which a note is known wherever it goes: no other has it within.
fn title(writer: usize, number: usize) -> String {
    format!("[{writer}/{number}]")
}

fn titles(writers: usize, each: usize) -> impl Iterator<Item = String> {
    (0..writers).flat_map(move |writer| (0..each).map(move |number| title(writer, number)))
}

/// A note whose writer was told that it is kept, with what had happened before.
#[derive(Debug)]
struct Acknowledged {
    /// When something was written to the log for the last time before the answer.
    last_write: usize,
    /// When the log was synced, after the note was written to it and before the answer: from when to when.
    sync: (usize, usize),
}

impl Acknowledged {
    fn find(calls: &[Call], log: &Path, title: &str) -> Self {
        let request = calls.iter().find(|call| call.kind == Kind::Read && call.has(title)).expect("the request");
        let asked = request.done.expect("the request was read");
        let answer = calls.iter().find(|call| call.is_by(Kind::Write, &request.file) && call.begun > asked);
        let answered = answer.unwrap_or_else(|| panic!("{title} should be answered")).begun;
        let meanwhile = |kind| {
            let calls = calls.iter().filter(move |call| call.is_by(kind, log) && call.begun > asked);
            calls.filter_map(move |call| Some((call, call.done.filter(|done| *done < answered)?)))
        };
        let note = meanwhile(Kind::Write).find(|(call, _)| call.has(title));
        let (_, noted) = note.unwrap_or_else(|| panic!("{title} should be in the log before it is answered"));
        let sync = meanwhile(Kind::Sync).find(|(call, _)| call.begun > noted);
        let (call, synced) = sync.unwrap_or_else(|| panic!("{title} should be synced before it is answered"));
        let last_write = meanwhile(Kind::Write).map(|(_, done)| done).max().unwrap_or(noted);
        Self { last_write, sync: (call.begun, synced) }
    }
}

/// How many different syncs these notes had.
fn syncs(acknowledged: &[Acknowledged]) -> usize {
    acknowledged.iter().map(|note| note.sync).collect::<BTreeSet<_>>().len()
}
