//! Ten megabytes of whatever hurts most: refused, or read in memory that the result accounts for. Counted, not timed;
//! that the work is linear is counted in `runtime/src/xml/tests/linear.rs`.

use allocation_counter::measure;
use backpack_api::notes;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::Endpoint;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::tree::Node;
use bytes::Bytes;

use crate::support::{Failures, same};

const SIZE: usize = 10 << 20;

/// Nesting, attributes, text, references, and what else there is in XML: what stands before, what is repeated, and what
/// stands after it.
const HOSTILE: [(&str, &str, &str, &str); 14] = [
    ("nesting", "", "<a>", ""),
    ("nesting as deep as may be", "", "<a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a>", ""),
    ("elements", "", "<a/>", ""),
    ("attributes of one element", "<a", " a=''", "/>"),
    ("attributes", "", "<a b='' c='' d='' e='' f='' g='' h=''/>", ""),
    ("the value of an attribute", "<a b='", "text ", "'/>"),
    ("references in an attribute", "<a b='", "&lt;&#65;", "'/>"),
    ("a name", "<a", "a", "/>"),
    ("text", "<a>", "text ", "</a>"),
    ("references", "<a>", "&amp;&#x41;", "</a>"),
    ("references that grow", "<a>", "&lol9;", "</a>"),
    ("line ends", "<a>", "\r", "</a>"),
    ("sections", "<a>", "<![CDATA[]]>", "</a>"),
    ("comments", "", "<!---->", ""),
];

fn document(before: &str, part: &str, after: &str) -> String {
    [before, &part.repeat(SIZE / part.len()), after].concat()
}

/// Reads, and compares the most memory that was taken with what is left: the result. What is read is lent, not counted.
fn bounded<T, E>(read: impl FnOnce() -> Result<T, E>) -> Result<Option<T>, String> {
    /// For the reader's own needs: a stack of open elements, a message.
    const OWN: u64 = 64 * 1024;
    let mut result = None;
    let heap = measure(|| result = read().ok());
    let kept = u64::try_from(heap.bytes_current).unwrap_or(0);
    // A text or a list that grows is twice as large at times, while it moves from one place to another one and a half.
    let allowed = OWN + 3 * kept;
    if heap.bytes_max > allowed {
        return Err(format!("{} bytes for a result of {kept}", heap.bytes_max));
    }
    Ok(result)
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_client_takes_no_more_memory_than_the_result() {
    let mut failures = Failures::default();
    for (name, before, part, after) in HOSTILE {
        let hostile = document(before, part, after);
        let body = format!("<response success=\"true\"><notes>{hostile}</notes></response>");
        let response = Response::new(Bytes::from(body));
        failures.note(name, bounded(|| notes::List::from_response(&response)).map(drop));
    }
    failures.finish();
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_text_of_ten_megabytes_is_read_into_its_own_size() {
    for part in ["text ", "&amp;&#x41;", "&#13;", "é"] {
        let text = part.repeat(SIZE / part.len());
        let note = format!("<note title=\"{text}\" id=\"1\" created_at=\"2009-03-15 21:14:30\">{text}</note>");
        let response = Response::new(Bytes::from(format!("<response success=\"true\">{note}</response>")));
        let note = bounded(|| notes::Create::from_response(&response)).unwrap().expect("it is a note");
        assert!(note.body == note.title && note.body.len() >= SIZE / 11);
    }
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn a_server_takes_no_more_memory_than_the_document_and_the_result() {
    let mut failures = Failures::default();
    for (name, before, part, after) in HOSTILE {
        let hostile = document(before, part, after);
        failures.note(format!("{name}, alone"), bounded(|| Node::read(&hostile)).map(drop));
        let body = format!("<request><note><title>{hostile}</title></note></request>");
        let request = Request::post("/ws/page/1/notes/create").body(Bytes::from(body)).unwrap();
        failures.note(format!("{name}, in a note"), within_document(&request));
    }
    failures.finish();
}

/// The values of a request are kept in two forms at once: the tree, and the request that is read from it.
fn within_document(request: &Request<Bytes>) -> Result<(), String> {
    let heap = measure(|| drop(AnyRequest::read(request)));
    let allowed = 3 * SIZE as u64;
    same("whether it is within bounds", &(heap.bytes_max <= allowed), &true)
        .map_err(|problem| format!("{problem}: {} bytes", heap.bytes_max))
}

#[test]
fn a_request_has_no_more_entries_than_any_has() {
    let most = backpack_api::runtime::tree::MAX_ENTRIES;
    let of = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
    assert!(Node::read(&of(most)).is_ok());
    let error = Node::read(&of(most + 1)).unwrap_err().to_string();
    assert_eq!(error, "it holds more elements and attributes than any request has");
}
