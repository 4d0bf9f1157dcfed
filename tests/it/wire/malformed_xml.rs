//! Documents that are not well-formed are rejected, in responses by the client and in requests by the server, for every
//! operation.
//!
//! Related tests: `runtime/src/xml/tests` checks the position of each error and every character as a reference;
//! `encoding` checks that every allowed character arrives; `client::errors` reads malformed failure envelopes, which
//! are the exception.

use backpack_api::routes::AnyRequest;
use backpack_api::runtime::decode_error::{DecodeError, DecodeErrorKind};
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::routing::RouteError;
use backpack_api::runtime::{ServeEndpoint, Visitor, respond};
use backpack_api::{EndpointExt, Error};
use backpack_tests::{examples, schema};
use bytes::Bytes;

use crate::support::{Checks, check_equal, read_request};

/// Position in a document at which text is inserted.
#[derive(Clone, Copy, Debug)]
enum InsertionPoint {
    /// Before the document.
    Before,
    /// At the end of the root's start tag.
    Tag,
    /// After the root's start tag.
    Content,
    /// After the document.
    After,
}

use InsertionPoint::{After, Before, Content, Tag};

/// Kinds of errors, and texts that cause them when they are inserted at this point.
const ERRORS: [(&str, InsertionPoint, &[&str]); 18] = [
    ("mismatched tags", Content, &["<a></b>", "<a><b></a></b>", "<a></A>", "<a></aa>", "</a>", "<a>", "<a></a b=''>"]),
    ("duplicate attributes", Tag, &[" a='' a=''", " a='' b='' a=\"c\""]),
    ("duplicate attributes", Content, &["<a b='' b=''/>", "<a b='' b=''></a>"]),
    ("bad attributes", Tag, &[" a", " a=", " a=b", " a='", " a='<'", " a='b'c='d'", " ='a'"]),
    ("bad characters", Content, &["\0", "\u{1}", "\u{b}", "\u{1f}", "\u{fffe}", "\u{ffff}", "<a>\u{8}</a>"]),
    ("bad characters", Tag, &[" a='\0'", " a='\u{1f}'", " a='\u{ffff}'", " \u{b}"]),
    ("bad references", Content, &["&", "&;", "&a;", "&nbsp;", "&amp", "&#;", "&#x;", "&#a;", "&#X41;"]),
    ("bad references", Content, &["&#0;", "&#1;", "&#xD800;", "&#xDFFF;", "&#xFFFE;", "&#x110000;", "&#99999999999;"]),
    ("bad references", Tag, &[" a='&'", " a='&b;'", " a='&#0;'", " a='&amp'"]),
    ("bad names", Content, &["<1/>", "<-a/>", "<.a/>", "< a/>", "<>", "<a\u{d7}/>", "<a/ >", "<\u{b7}/>", "<?1 a?>"]),
    ("bad names", Tag, &[" 1='a'", " -a='b'", " \u{d7}=''"]),
    ("]]> in text", Content, &["]]>", "<a>]]></a>", "]]]>", "<a/>]]>"]),
    (
        "bad CDATA sections and comments",
        Content,
        &["<![cdata[a]]>", "<![CDATA[a]>", "<!a>", "<!-- -- -->", "<!--a--->", "<!-a-->", "<?a"],
    ),
    ("text after the end", After, &["a", "&#32;", "&amp;", "]]>", "<![CDATA[]]>", "\u{feff}"]),
    ("a second root", After, &["<a/>", "<a></a>", "\n<a>", "</a>", "<?xml version='1.0'?>"]),
    ("text before the root", Before, &["a", "&#32;", "<![CDATA[]]>", "\u{feff}\u{feff}", "</a>", "\u{c}", "\u{a0}"]),
    (
        "bad XML declarations",
        Before,
        &[
            "<?xml version='1.0' encoding=''?>",
            "<?xml version='1.0' encoding='UTF 8'?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='2.0'?>",
            "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>",
            " <?xml version='1.0'?>",
            "\u{c}<?xml version='1.0'?>",
        ],
    ),
    (
        "DTD",
        Before,
        &[
            "<!DOCTYPE a>",
            "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]>",
            "<!DOCTYPE a SYSTEM 'file:///etc/hostname'>",
            "<!ENTITY b 'c'>",
        ],
    ),
];

/// Inserts text into a document. `None` if the document has no such insertion point: `<a/>` has no content.
fn insert(document: &str, point: InsertionPoint, text: &str) -> Option<String> {
    let end = document.find('>')?;
    let is_empty = document.get(..end)?.ends_with('/');
    let at = match point {
        Before => 0,
        Tag => end - usize::from(is_empty),
        Content if is_empty => return None,
        Content => end + 1,
        After => document.len(),
    };
    Some([&document[..at], text, &document[at..]].concat())
}

/// Reads a response as a client does. Returns the `Debug` output of its value.
struct ReadResponse<'a>(&'a Response<Bytes>);

impl Visitor for ReadResponse<'_> {
    type Output = Result<String, Error>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        E::from_response(self.0).map(|value| format!("{value:?}"))
    }
}

/// A message whose body is a document: a response with its request, which a client reads, or a request, which a server
/// reads.
enum Document {
    Response(AnyRequest, Response<Bytes>),
    Request(Request<Bytes>),
}

impl Document {
    /// Returns the body of the message.
    fn body(&self) -> &Bytes {
        match self {
            Self::Response(_, response) => response.body(),
            Self::Request(request) => request.body(),
        }
    }

    /// Reads the message with another body. Returns the `Debug` output of its value. Panics if it is rejected for any
    /// reason but its document.
    fn read_body(&self, body: impl Into<Bytes>) -> Result<String, DecodeError> {
        match self {
            Self::Response(request, response) => {
                let response = response.clone().map(|_| body.into());
                request.clone().visit(ReadResponse(&response)).map_err(|error| match error.kind() {
                    ErrorKind::InvalidResponse(invalid) => invalid.error.clone(),
                    kind => panic!("{kind:?}"),
                })
            }
            Self::Request(request) => AnyRequest::read(&request.clone().map(|_| body.into()))
                .map(|read| format!("{:?}", read.request))
                .map_err(|error| match error {
                    RouteError::InvalidRequest { error, .. } => error,
                    other => panic!("{other}"),
                }),
        }
    }
}

/// Runs a check for the request and the response of every example that has a body.
fn check_each_document(mut check: impl FnMut(&Document) -> Result<(), String>) {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for case in examples::cases(&api) {
        let request = case.request();
        let response = case.response().map(|response| Document::Response(read_request(&request).unwrap(), response));
        for document in response.into_iter().chain([Document::Request(request)]) {
            if !document.body().is_empty() {
                let kind = if matches!(document, Document::Response(..)) { "response" } else { "request" };
                checks.record(format!("{}, {kind}", case.name()), check(&document));
            }
        }
    }
    checks.finish();
}

/// Returns the body of a message as text.
fn body_text(document: &Document) -> &str {
    str::from_utf8(document.body()).expect("an example should be text")
}

/// Checks that a document was rejected because its XML is malformed, and not because a value is missing.
fn check_malformed(result: Result<String, DecodeError>, document: &str) -> Result<(), String> {
    match result {
        Err(error) if matches!(error.kind(), DecodeErrorKind::Xml(_)) => Ok(()),
        Err(error) => Err(format!("rejected for another reason, {error}: {document}")),
        Ok(value) => Err(format!("read as {value}: {document}")),
    }
}

#[test]
fn every_kind_of_malformed_xml_is_rejected_in_every_document() {
    check_each_document(|document| {
        let mut count = 0;
        for (kind, point, texts) in ERRORS {
            for malformed in texts.iter().filter_map(|text| insert(body_text(document), point, text)) {
                check_malformed(document.read_body(malformed.clone()), &malformed)
                    .map_err(|problem| format!("{kind}: {problem}"))?;
                count += 1;
            }
        }
        if count >= 40 { Ok(()) } else { Err(format!("only {count} insertions were possible")) }
    });
}

#[test]
fn every_truncated_document_is_reported_as_truncated() {
    check_each_document(|document| {
        let whole = document.read_body(document.body().clone()).map_err(|error| error.to_string())?;
        // Without and with an XML declaration.
        for prolog in ["", respond::PROLOG] {
            let body = [prolog.as_bytes(), document.body()].concat();
            for end in 1..body.len() {
                let cut = &body[..end];
                let Err(error) = document.read_body(Bytes::copy_from_slice(cut)) else {
                    return Err(format!("{end} of {} bytes were accepted", body.len()));
                };
                let is_reported = match error.kind() {
                    DecodeErrorKind::Xml(error) => error.is_cut_off(),
                    DecodeErrorKind::NotUtf8 => str::from_utf8(cut).is_err(),
                    _ => false,
                };
                check_equal("reported as truncated", &is_reported, &true)
                    .map_err(|problem| format!("{problem}: {end}, {error}"))?;
            }
            check_equal(
                "value of the whole document",
                &document.read_body(body).map_err(|error| error.to_string())?,
                &whole,
            )?;
        }
        Ok(())
    });
}

#[test]
fn invalid_utf_8_is_rejected_at_every_position() {
    check_each_document(|document| {
        for point in [Before, Tag, Content, After] {
            let Some(marked) = insert(body_text(document), point, "\u{1}") else { continue };
            // A stray byte, an overlong slash, half of a surrogate pair, a code point above the last, a UTF-16 byte
            // order mark, a continuation byte.
            for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xfe\xff", b"\x80"] {
                let (before, after) = marked.split_once('\u{1}').expect("the mark should be present");
                let error = document.read_body([before.as_bytes(), bytes, after.as_bytes()].concat()).err();
                check_equal("problem", &error.map(|error| error.kind().clone()), &Some(DecodeErrorKind::NotUtf8))?;
            }
        }
        Ok(())
    });
}
