//! Content of responses that the schema does not declare is skipped and counted.

use backpack_api::runtime::client::BlockingClient;
use backpack_api::runtime::http::Response;
use backpack_api::runtime::transport::MemoryTransport;
use backpack_api::runtime::{Endpoint, ServeEndpoint, Visitor};
use backpack_api::{PageId, journal, pages};
use backpack_tests::examples::{Case, wrap_in_envelope};
use bytes::Bytes;
use xmlwire_codegen::model::Xml;

use super::syntax::{PLAIN, body_text, check_each_case, new_leaf, variations};
use crate::support::document::parse;
use crate::support::{check_equal, client_config, read_request, token};

/// Reads a response with a client. Returns the unknown elements and attributes: their number and their paths.
fn find_unknown<E: Endpoint>(request: &E, response: &Response<Bytes>) -> Result<(usize, Vec<String>), String> {
    let client = BlockingClient::new(client_config(), MemoryTransport::new().respond(response.clone()));
    let reply = client.call_with_response(request).map_err(|error| error.to_string())?;
    Ok((reply.unknown_elements, reply.unknown_paths))
}

/// Returns the number of unknown elements and attributes. There have to be paths if there are any, and no others.
fn count_unknown<E: Endpoint>(request: &E, response: &Response<Bytes>) -> Result<usize, String> {
    let (count, paths) = find_unknown(request, response)?;
    check_equal("presence of paths", &!paths.is_empty(), &(count > 0))?;
    Ok(count)
}

/// Calls [`count_unknown`] with the request of any operation.
struct CountUnknown<'a>(&'a Response<Bytes>);

impl Visitor for CountUnknown<'_> {
    type Output = Result<usize, String>;

    fn visit<E: ServeEndpoint>(self, request: E) -> Self::Output {
        count_unknown(&request, self.0)
    }
}

/// Checks the response of each example with each document that `documents` builds from its body. Each has to have
/// `expected` unknown elements and attributes. Skips responses whose body the client does not read.
fn check_each_response(documents: impl Fn(&Xml) -> Vec<(String, String)>, expected: usize) {
    check_each_case(|case, checks| {
        let Some(response) = case.response().filter(|response| reads_body(case, response)) else { return Ok(()) };
        let request = read_request(&case.request())?;
        for (description, document) in documents(&parse(body_text(response.body()))?) {
            let changed = response.clone().map(|_| Bytes::from(document.clone()));
            let count = request.clone().visit(CountUnknown(&changed));
            let result = count.and_then(|count| check_equal("number of unknown items", &count, &expected));
            let result = result.map_err(|problem| format!("{problem}\n{document}"));
            checks.record(format!("{}, {description}", case.name()), result);
        }
        Ok(())
    });
}

/// `true` if the client reads the body: it is not empty, and the value is not in the `Location` header.
fn reads_body(case: &Case<'_>, response: &Response<Bytes>) -> bool {
    let in_body = case.endpoint.response.shape.is_some() || case.endpoint.response.value.is_none();
    in_body && !response.body().is_empty()
}

/// Returns the element that has this number of elements before it in document order. If there is none, counts those that
/// there are down from `elements_before`.
fn nth_element<'x>(xml: &'x mut Xml, elements_before: &mut usize) -> Option<&'x mut Xml> {
    if *elements_before == 0 {
        return Some(xml);
    }
    *elements_before -= 1;
    xml.children.iter_mut().find_map(|child| nth_element(child, elements_before))
}

/// Writes the document once for each of its elements, with that element changed. Returns each with the name and
/// position of the element, and omits it if `change` returns `false`.
fn change_one_element(xml: &Xml, change: impl Fn(&mut Xml) -> bool) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for position in 0.. {
        let mut changed = xml.clone();
        let mut elements_before = position;
        let Some(element) = nth_element(&mut changed, &mut elements_before) else { break };
        let name = element.name.clone();
        if change(element) {
            all.push((format!("<{name}> {position}"), PLAIN.write_document(&changed)));
        }
    }
    all
}

#[test]
fn no_form_of_an_example_has_unknown_content() {
    let documents = |xml: &Xml| {
        variations(xml).into_iter().map(|(description, document)| (description.to_owned(), document)).collect()
    };
    check_each_response(documents, 0);
}

#[test]
fn an_unknown_attribute_counts_as_one() {
    let add = |xml: &mut Xml| {
        xml.attributes.push(("x-new".to_owned(), "a".to_owned()));
        true
    };
    check_each_response(|xml| change_one_element(xml, add), 1);
}

#[test]
fn an_unknown_element_counts_as_one_with_all_of_its_content() {
    let add = |xml: &mut Xml| {
        let mut new = new_leaf("x-new", "");
        new.attributes = vec![("id".to_owned(), "1".to_owned())];
        new.children = vec![new_leaf("title", "2"), new_leaf("x-new", "3")];
        xml.children.insert(xml.children.len() / 2, new);
        true
    };
    check_each_response(|xml| change_one_element(xml, add), 1);
}

/// Reads a journal entry with this content, and counts its unknown elements and attributes.
fn count_unknown_in_entry(content: &str) -> usize {
    let entry = format!(
        "<journal-entry>{content}<id>1</id><created-at>2009-03-19T16:33:37Z</created-at>\
        <updated-at>2009-03-19T16:33:37Z</updated-at></journal-entry>"
    );
    let response = Response::new(wrap_in_envelope(journal::Show::OPERATION, &entry).into());
    count_unknown(&journal::Show::new(backpack_api::EntryId(1)), &response).unwrap()
}

#[test]
fn type_and_nil_attributes_are_not_unknown() {
    assert_eq!(count_unknown_in_entry("<body type='string'>Dug</body><user-id nil='true'/>"), 0);
    assert_eq!(
        count_unknown_in_entry(
            "<user nil='true'/><account-id type='integer' nil='true'></account-id><!-- a --><?b c='d'?>"
        ),
        0
    );
    assert_eq!(count_unknown_in_entry("<user-id nil='true' why='gone'/><user nil='true' why='gone'/>"), 2);
}

#[test]
fn repeated_elements_and_elements_within_a_text_are_unknown() {
    assert_eq!(count_unknown_in_entry("<body>Dug</body><body>Painted</body><body>Slept</body>"), 2);
    assert_eq!(count_unknown_in_entry("<mood/><body>Dug <b>deep</b></body><tags><tag/><tag/></tags>"), 3);
}

#[test]
fn paths_name_unknown_content_and_show_no_token() {
    let secret = token();
    let document = format!(
        "<page title='Coast' id='9' colour='red'><notes><note title='' id='1' created_at='2009-03-15 21:12:09'>\
         <b/></note></notes><x{}/><stars><star/></stars></page>",
        secret.expose()
    );
    let response = Response::new(wrap_in_envelope(pages::Show::OPERATION, &document).into());
    let (count, paths) = find_unknown(&pages::Show::new(PageId(9)), &response).unwrap();
    let expected = ["@colour", "notes/note/b", "x…", "stars"].map(|path| format!("response/page/{path}"));
    assert_eq!((count, paths), (4, expected.to_vec()));
}
