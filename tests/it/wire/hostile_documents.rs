//! Hostile documents of ten megabytes are rejected, or read with memory proportional to the result. Memory is counted,
//! not timed. `runtime/src/xml/tests/linear.rs` counts the work, which is linear.

use allocation_counter::measure;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::params::ParamNode;
use backpack_api::{EndpointExt, notes};
use bytes::Bytes;

use crate::support::Checks;

/// Size of the repeated part of a document.
const SIZE: usize = 10 << 20;

/// For each construct of XML: its name, the text before, the text that is repeated, and the text after it.
const HOSTILE: [(&str, &str, &str, &str); 14] = [
    ("nesting", "", "<a>", ""),
    ("nesting up to the limit", "", "<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a>", ""),
    ("elements", "", "<a/>", ""),
    ("attributes of one element", "<a", " a=''", "/>"),
    ("attributes", "", "<a b='' c='' d='' e='' f='' g='' h=''/>", ""),
    ("the value of an attribute", "<a b='", "text ", "'/>"),
    ("references in an attribute", "<a b='", "&lt;&#65;", "'/>"),
    ("a name", "<a", "a", "/>"),
    ("text", "<a>", "text ", "</a>"),
    ("references", "<a>", "&amp;&#x41;", "</a>"),
    ("undefined references", "<a>", "&lol9;", "</a>"),
    ("line breaks", "<a>", "\r", "</a>"),
    ("CDATA sections", "<a>", "<![CDATA[]]>", "</a>"),
    ("comments", "", "<!---->", ""),
];

/// Builds a document whose repeated part has about [`SIZE`] bytes.
fn build_document(before: &str, repeated: &str, after: &str) -> String {
    [before, &repeated.repeat(SIZE / repeated.len()), after].concat()
}

/// Reads a document, and checks the peak memory against the size of the result. The document itself is not counted.
/// Returns `None` if the document is rejected, and `Err` if reading takes too much memory.
fn read_within_bounds<T, E>(read: impl FnOnce() -> Result<T, E>) -> Result<Option<T>, String> {
    /// Allowance for the reader itself: the stack of open elements, an error message.
    const FIXED: u64 = 64 * 1024;
    let mut result = None;
    let heap = measure(|| result = read().ok());
    let result_size = u64::try_from(heap.bytes_current).unwrap_or(0);
    // A growing text or list has up to twice its final size, and half of that again while it is moved.
    let allowed = FIXED + 3 * result_size;
    if heap.bytes_max > allowed {
        return Err(format!("{} bytes for a result of {result_size}", heap.bytes_max));
    }
    Ok(result)
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_client_takes_memory_proportional_to_the_result() {
    let mut checks = Checks::default();
    for (name, before, repeated, after) in HOSTILE {
        let hostile = build_document(before, repeated, after);
        let body = format!("<response success=\"true\"><notes>{hostile}</notes></response>");
        let response = Response::new(Bytes::from(body));
        checks.record(name, read_within_bounds(|| notes::List::from_response(&response)).map(drop));
    }
    checks.finish();
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_text_of_ten_megabytes_is_read_with_memory_proportional_to_it() {
    for repeated in ["text ", "&amp;&#x41;", "&#13;", "é"] {
        let text = repeated.repeat(SIZE / repeated.len());
        let note = format!("<note title=\"{text}\" id=\"1\" created_at=\"2009-03-15 21:14:30\">{text}</note>");
        let response = Response::new(Bytes::from(format!("<response success=\"true\">{note}</response>")));
        let note = read_within_bounds(|| notes::Create::from_response(&response))
            .unwrap()
            .expect("the response should be a note");
        // References are decoded, so the text is shorter than the document.
        assert!(note.body == note.title && note.body.len() >= SIZE / 11);
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_server_takes_memory_proportional_to_the_document() {
    let mut checks = Checks::default();
    for (name, before, repeated, after) in HOSTILE {
        let hostile = build_document(before, repeated, after);
        checks.record(format!("{name}, alone"), read_within_bounds(|| ParamNode::read(&hostile)).map(drop));
        let body = format!("<request><note><title>{hostile}</title></note></request>");
        let request = Request::post("/ws/page/1/notes/create").body(Bytes::from(body)).unwrap();
        checks.record(format!("{name}, in a note"), check_memory_of_request(&request));
    }
    checks.finish();
}

/// Checks the peak memory of reading a request against the size of the document. The tree and the request that is read
/// from it exist at the same time.
fn check_memory_of_request(request: &Request<Bytes>) -> Result<(), String> {
    let heap = measure(|| drop(AnyRequest::read(request)));
    let allowed = 3 * SIZE as u64;
    if heap.bytes_max <= allowed { Ok(()) } else { Err(format!("{} bytes, allowed are {allowed}", heap.bytes_max)) }
}

#[test]
fn a_request_with_too_many_elements_is_rejected() {
    let limit = backpack_api::runtime::params::MAX_NODES;
    let document = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
    assert!(ParamNode::read(&document(limit)).is_ok());
    let error = ParamNode::read(&document(limit + 1)).unwrap_err().to_string();
    assert_eq!(error, "it holds more elements and attributes than any request has");
}
