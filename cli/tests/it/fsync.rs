//! Writes are synced to disk before they are acknowledged. The system calls of the service show it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::thread;

use backpack_api::NewNote;

use crate::support::{ServiceProcess, temp_data};
use crate::syscalls::{Syscall, SyscallKind, Trace};

/// One writer: each of its notes is written to the write-ahead log, the log is synced, and then the response is sent.
#[test]
fn acknowledges_each_write_after_its_sync() {
    let (calls, log) = trace_writes(1, 32);
    let acknowledged: Vec<_> = format_titles(1, 32).map(|title| AcknowledgedNote::find(&calls, &log, &title)).collect();
    // With one writer, no other note is written to the log between the sync and the response.
    assert!(acknowledged.iter().all(|note| note.last_write < note.sync.0), "{acknowledged:?}");
    assert_eq!(count_syncs(&acknowledged), 32, "{acknowledged:?}");
}

/// Sixteen concurrent writers: each of their notes is synced before its response is sent, many by the same sync.
#[test]
fn acknowledges_concurrent_writes_after_a_shared_sync() {
    let (calls, log) = trace_writes(16, 16);
    let acknowledged: Vec<_> =
        format_titles(16, 16).map(|title| AcknowledgedNote::find(&calls, &log, &title)).collect();
    let (syncs, notes) = (count_syncs(&acknowledged), acknowledged.len());
    assert!(syncs < notes, "{syncs} syncs for {notes} notes");
}

/// Runs writers concurrently, each of which writes `each` notes one after the other. Returns the system calls of the
/// service during that time, and the path of its write-ahead log.
fn trace_writes(writers: usize, each: usize) -> (Vec<Syscall>, PathBuf) {
    let (folder, _) = temp_data();
    // The trace has canonical paths.
    let folder = folder.path().canonicalize().expect("a folder");
    let service = ServiceProcess::serve(&folder.join("data.backpack"));
    let client = service.client(service.token.as_deref().expect("a first start shows a token"));
    let page = client.pages().create("Coast").expect("a page").id;
    let trace = Trace::start(&service);
    thread::scope(|scope| {
        for writer in 0..writers {
            let notes = client.notes(page);
            scope.spawn(move || {
                for number in 0..each {
                    let note = NewNote::new().title(format_title(writer, number)).body("x");
                    notes.create(note).expect("the note should be accepted");
                }
            });
        }
    });
    (trace.end(&service), folder.join("data.backpack-wal"))
}

/// Formats the title of a note. No other title contains it, so it identifies the note in any bytes.
fn format_title(writer: usize, number: usize) -> String {
    format!("[{writer}/{number}]")
}

/// Formats the titles of all notes that [`trace_writes`] writes.
fn format_titles(writers: usize, each: usize) -> impl Iterator<Item = String> {
    (0..writers).flat_map(move |writer| (0..each).map(move |number| format_title(writer, number)))
}

/// An acknowledged note, with the system calls before its response. Times are those of [`Syscall`].
#[derive(Debug)]
struct AcknowledgedNote {
    /// End of the last write to the log before the response.
    last_write: usize,
    /// Start and end of the sync of the log after the write of the note and before the response.
    sync: (usize, usize),
}

impl AcknowledgedNote {
    /// Finds the request that creates a note, its write to the log, a sync of the log, and the response, in this order.
    /// Panics if there are none.
    fn find(calls: &[Syscall], log: &Path, title: &str) -> Self {
        let request = calls.iter().find(|call| call.kind == SyscallKind::Read && call.has(title)).expect("the request");
        let received = request.end.expect("the request was read");
        let response = calls.iter().find(|call| call.is_on(SyscallKind::Write, &request.file) && call.start > received);
        let responded = response.unwrap_or_else(|| panic!("{title} should get a response")).start;
        // Lists the calls on the log between the request and the response, with the times at which they ended.
        let log_calls = |kind| {
            let calls = calls.iter().filter(move |call| call.is_on(kind, log) && call.start > received);
            calls.filter_map(move |call| Some((call, call.end.filter(|end| *end < responded)?)))
        };
        let note = log_calls(SyscallKind::Write).find(|(call, _)| call.has(title));
        let (_, written) = note.unwrap_or_else(|| panic!("{title} should be in the log before the response"));
        let sync = log_calls(SyscallKind::Sync).find(|(call, _)| call.start > written);
        let (call, synced) = sync.unwrap_or_else(|| panic!("{title} should be synced before the response"));
        let last_write = log_calls(SyscallKind::Write).map(|(_, end)| end).max().unwrap_or(written);
        Self { last_write, sync: (call.start, synced) }
    }
}

/// Counts the distinct syncs of these notes: concurrent notes may share one.
fn count_syncs(acknowledged: &[AcknowledgedNote]) -> usize {
    acknowledged.iter().map(|note| note.sync).collect::<BTreeSet<_>>().len()
}
