//! Every document that is not well-formed is refused, by the client that reads an answer and by the server that reads a
//! request, for every operation.
//!
//! What else belongs to it: where exactly each form breaks is in `runtime/src/xml/tests`, as is every character as a
//! reference; that every character arrives which XML allows, and that the others are refused before sending, is in
//! `writing`; a failure envelope may be malformed, in `failures`.

use backpack_api::Error;
use backpack_api::routes::AnyRequest;
use backpack_api::runtime::error::ErrorKind;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::incoming::Unroutable;
use backpack_api::runtime::decode::{DecodeError, DecodeErrorKind};
use backpack_api::runtime::{ServeEndpoint, Visitor, answer};
use backpack_tests::{examples, schema};
use bytes::Bytes;

use crate::support::{Failures, read, same};

/// Where in a document something is put.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Before all of it.
    Before,
    /// At the end of the root's start tag.
    Tag,
    /// Behind the root's start tag.
    Content,
    /// After all of it.
    After,
}

use Place::{After, Before, Content, Tag};

/// The forms, and what makes a document such a one.
const FORMS: [(&str, Place, &[&str]); 18] = [
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
    ("bad sections", Content, &["<![cdata[a]]>", "<![CDATA[a]>", "<!a>", "<!-- -- -->", "<!--a--->", "<!-a-->", "<?a"]),
    ("text after the end", After, &["a", "&#32;", "&amp;", "]]>", "<![CDATA[]]>", "\u{feff}"]),
    ("a second root", After, &["<a/>", "<a></a>", "\n<a>", "</a>", "<?xml version='1.0'?>"]),
    ("text before the root", Before, &["a", "&#32;", "<![CDATA[]]>", "\u{feff}\u{feff}", "</a>"]),
    (
        "wrong encoding",
        Before,
        &[
            "<?xml version='1.0' encoding='ISO-8859-1'?>",
            "<?xml version='1.0' encoding='UTF-16'?>",
            "<?xml version='1.0' encoding=''?>",
            "<?xml encoding='UTF-8'?>",
            "<?xml version='2.0'?>",
            " <?xml version='1.0'?>",
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

/// A document with something in it that does not belong there; `None` where there is no such place.
fn spoilt(document: &str, place: Place, text: &str) -> Option<String> {
    let end = document.find('>')?;
    let empty = document.get(..end)?.ends_with('/');
    let at = match place {
        Before => 0,
        Tag => end - usize::from(empty),
        Content if empty => return None,
        Content => end + 1,
        After => document.len(),
    };
    Some([&document[..at], text, &document[at..]].concat())
}

/// What a client makes of an answer.
struct Outcome<'a>(&'a Response<Bytes>);

impl Visitor for Outcome<'_> {
    type Output = Result<String, Error>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        E::from_response(self.0).map(|value| format!("{value:?}"))
    }
}

/// A document with the way to read it: an answer by a client, or a request by a server.
enum Document {
    Answer(AnyRequest, Response<Bytes>),
    Request(Request<Bytes>),
}

impl Document {
    fn body(&self) -> &Bytes {
        match self {
            Self::Answer(_, response) => response.body(),
            Self::Request(request) => request.body(),
        }
    }

    /// Reads it with another body: what is in it, or what is wrong with it.
    fn read(&self, body: impl Into<Bytes>) -> Result<String, DecodeError> {
        match self {
            Self::Answer(request, response) => {
                let response = response.clone().map(|_| body.into());
                request.clone().visit(Outcome(&response)).map_err(|error| match error.kind() {
                    ErrorKind::Unreadable(unreadable) => unreadable.error.clone(),
                    kind => panic!("{kind:?}"),
                })
            }
            Self::Request(request) => AnyRequest::read(&request.clone().map(|_| body.into()))
                .map(|read| format!("{:?}", read.request))
                .map_err(|error| match error {
                    Unroutable::Unreadable { error, .. } => error,
                    other => panic!("{other}"),
                }),
        }
    }
}

/// Every example that has a document, both ways, by name.
fn each_document(mut test: impl FnMut(&Document) -> Result<(), String>) {
    let api = schema::api();
    let mut failures = Failures::default();
    for case in examples::cases(&api) {
        let request = case.request();
        let answer = case.response().map(|response| Document::Answer(read(&request).unwrap(), response));
        for document in answer.into_iter().chain([Document::Request(request)]) {
            if !document.body().is_empty() {
                let kind = if matches!(document, Document::Answer(..)) { "answer" } else { "request" };
                failures.note(format!("{}, {kind}", case.name()), test(&document));
            }
        }
    }
    failures.finish();
}

fn text(document: &Document) -> &str {
    str::from_utf8(document.body()).expect("an example is text")
}

/// It is refused, and not because something is missing in it.
fn refused(outcome: Result<String, DecodeError>, shown: &str) -> Result<(), String> {
    match outcome {
        Err(error) if matches!(error.kind(), DecodeErrorKind::Xml(_)) => Ok(()),
        Err(error) => Err(format!("refused for another reason, {error}: {shown}")),
        Ok(value) => Err(format!("read, as {value}: {shown}")),
    }
}

#[test]
fn every_form_is_refused_in_every_document() {
    each_document(|document| {
        let mut tried = 0;
        for (form, place, texts) in FORMS {
            for spoilt in texts.iter().filter_map(|part| spoilt(text(document), place, part)) {
                refused(document.read(spoilt.clone()), &spoilt).map_err(|problem| format!("{form}: {problem}"))?;
                tried += 1;
            }
        }
        same("that there was a place for most of them", &(tried >= 40), &true)
    });
}

#[test]
fn every_document_that_is_cut_off_says_so() {
    each_document(|document| {
        let whole = document.read(document.body().clone()).map_err(|error| error.to_string())?;
        for prolog in ["", answer::PROLOG] {
            let body = [prolog.as_bytes(), document.body()].concat();
            for end in 1..body.len() {
                let cut = &body[..end];
                let Err(error) = document.read(Bytes::copy_from_slice(cut)) else {
                    return Err(format!("{end} of {} bytes are enough", body.len()));
                };
                let due = match error.kind() {
                    DecodeErrorKind::Xml(error) => error.is_cut_off(),
                    DecodeErrorKind::NotUtf8 => str::from_utf8(cut).is_err(),
                    _ => false,
                };
                same("that it is cut off", &due, &true).map_err(|problem| format!("{problem}: {end}, {error}"))?;
            }
            same("the whole", &document.read(body).map_err(|error| error.to_string())?, &whole)?;
        }
        Ok(())
    });
}

#[test]
fn bytes_that_are_no_utf_8_are_refused_wherever_they_stand() {
    each_document(|document| {
        for place in [Before, Tag, Content, After] {
            let Some(marked) = spoilt(text(document), place, "\u{1}") else { continue };
            // A stray byte, an overlong slash, half of a surrogate pair, beyond the last character, UTF-16's mark.
            for bytes in [&b"\xff"[..], b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xfe\xff", b"\x80"] {
                let (before, after) = marked.split_once('\u{1}').expect("the mark is there");
                let error = document.read([before.as_bytes(), bytes, after.as_bytes()].concat()).err();
                same("why", &error.map(|error| error.kind().clone()), &Some(DecodeErrorKind::NotUtf8))?;
            }
        }
        Ok(())
    });
}
