//! What an answer has beyond the schema: it is skipped, and counted.

use backpack_api::journal;
use backpack_api::runtime::client::BlockingClient;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::runtime::{Endpoint, ServeEndpoint, Visitor};
use backpack_tests::examples::{Case, wrap_in_envelope};
use bytes::Bytes;
use xmlwire_codegen::model::Xml;

use super::every::{PLAIN, each_case, leaf, text, variations};
use crate::support::document::parse;
use crate::support::{caller, read, same};

/// How much of an answer is unknown.
fn unknown<E: Endpoint>(request: &E, answer: &Response<Bytes>) -> Result<usize, String> {
    let client = BlockingClient::new(caller(), MemoryTransport::new().answer(answer.clone()));
    client.call_for_reply(request).map(|reply| reply.unknown).map_err(|error| error.to_string())
}

/// The same, of an operation that is not known.
struct Unknown<'a>(&'a Response<Bytes>);

impl Visitor for Unknown<'_> {
    type Output = Result<usize, String>;

    fn visit<E: ServeEndpoint>(self, request: E) -> Self::Output {
        unknown(&request, self.0)
    }
}

/// Tries documents instead of the body of an example's answer, if anybody reads that.
fn each_answer(documents: impl Fn(&Xml) -> Vec<(String, String)>, expected: usize) {
    each_case(|case, failures| {
        let Some(response) = case.response().filter(|response| is_read(case, response)) else { return Ok(()) };
        let request = read(&case.request())?;
        for (what, document) in documents(&parse(text(response.body()))?) {
            let answer = response.clone().map(|_| Bytes::from(document.clone()));
            let outcome = request.clone().visit(Unknown(&answer)).and_then(|found| same("unknown", &found, &expected));
            failures
                .note(format!("{}, {what}", case.name()), outcome.map_err(|problem| format!("{problem}\n{document}")));
        }
        Ok(())
    });
}

/// Whether the body of an answer is looked at: it holds the value, or the envelope.
fn is_read(case: &Case<'_>, response: &Response<Bytes>) -> bool {
    let in_body = case.endpoint.response.shape.is_some() || case.endpoint.response.value.is_none();
    in_body && !response.body().is_empty()
}

/// An element by its place in the document, the root first.
fn nth<'x>(xml: &'x mut Xml, place: &mut usize) -> Option<&'x mut Xml> {
    if *place == 0 {
        return Some(xml);
    }
    *place -= 1;
    xml.children.iter_mut().find_map(|child| nth(child, place))
}

/// The document, each time with another of its elements changed.
fn each_element(xml: &Xml, change: impl Fn(&mut Xml) -> bool) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for place in 0.. {
        let mut changed = xml.clone();
        let Some(element) = nth(&mut changed, &mut place.clone()) else { break };
        let name = element.name.clone();
        if change(element) {
            all.push((format!("<{name}> {place}"), PLAIN.document(&changed)));
        }
    }
    all
}

#[test]
fn nothing_in_the_examples_is_unknown_whatever_it_looks_like() {
    let looks = |xml: &Xml| variations(xml).into_iter().map(|(what, document)| (what.to_owned(), document)).collect();
    each_answer(looks, 0);
}

#[test]
fn an_attribute_more_is_one() {
    let more = |xml: &mut Xml| {
        xml.attributes.push(("x-new".to_owned(), "a".to_owned()));
        true
    };
    each_answer(|xml| each_element(xml, more), 1);
}

#[test]
fn an_element_more_is_one_whatever_is_in_it() {
    let more = |xml: &mut Xml| {
        let mut new = leaf("x-new", "");
        new.attributes = vec![("id".to_owned(), "1".to_owned())];
        new.children = vec![leaf("title", "2"), leaf("x-new", "3")];
        xml.children.insert(xml.children.len() / 2, new);
        true
    };
    each_answer(|xml| each_element(xml, more), 1);
}

#[test]
fn what_says_of_which_type_a_value_is_is_known() {
    let unknown = |body: &str| {
        let entry = format!(
            "<journal-entry>{body}<id>1</id><created-at>2009-03-19T16:33:37Z</created-at>\
            <updated-at>2009-03-19T16:33:37Z</updated-at></journal-entry>"
        );
        let answer = Response::new(wrap_in_envelope(journal::Show::OPERATION, &entry).into());
        unknown(&journal::Show::new(backpack_api::EntryId(1)), &answer).unwrap()
    };
    assert_eq!(unknown("<body type='string'>Dug</body><user-id nil='true'/>"), 0);
    assert_eq!(
        unknown("<user nil='true'/><account-id type='integer' nil='true'></account-id><!-- a --><?b c='d'?>"),
        0
    );
    assert_eq!(unknown("<user-id nil='true' why='gone'/><user nil='true' why='gone'/>"), 2);
    // There is a place for one.
    assert_eq!(unknown("<body>Dug</body><body>Painted</body><body>Slept</body>"), 2);
    assert_eq!(unknown("<mood/><body>Dug <b>deep</b></body><tags><tag/><tag/></tags>"), 3);
}
