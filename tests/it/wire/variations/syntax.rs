//! Differences that any document may have, tried on every example of every operation. The value that is read stays the
//! same.

use backpack_api::EndpointExt;
use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use backpack_tests::examples::{self, Case};
use backpack_tests::schema;
use bytes::Bytes;
use xmlwire_codegen::model::Xml;

use crate::support::document::parse;
use crate::support::{Checks, check_equal, read_request};

/// The form in which a document is written.
pub(super) struct XmlStyle {
    /// Quotation mark around the values of attributes.
    quote: char,
    /// Text beside elements and around the root.
    between: &'static str,
    /// `true` to write empty elements as `<a/>` instead of `<a></a>`.
    is_self_closing: bool,
    /// Escapes the text of an element.
    escape_text: fn(&str) -> String,
}

/// The plainest form: double quotes and no additional white space.
pub(super) const PLAIN: XmlStyle =
    XmlStyle { quote: '"', between: "", is_self_closing: false, escape_text: |text| escape_each(text, escape_named) };

impl XmlStyle {
    /// Writes a document with this element as its root.
    pub(super) fn write_document(&self, xml: &Xml) -> String {
        format!("{0}{1}{0}", self.between, self.write_element(xml))
    }

    /// Writes an element and everything in it.
    fn write_element(&self, xml: &Xml) -> String {
        let name = &xml.name;
        let escape_char = |c: char| if c == self.quote || c.is_control() { escape_decimal(c) } else { escape_named(c) };
        let attribute = |(name, value): &(String, String)| {
            format!(" {name}={1}{0}{1}", escape_each(value, escape_char), self.quote)
        };
        let attributes: String = xml.attributes.iter().map(attribute).collect();
        if self.is_self_closing && xml.children.is_empty() && xml.text.is_empty() {
            return format!("<{name}{attributes}/>");
        }
        let children: String =
            xml.children.iter().map(|child| [self.between, &self.write_element(child)].concat()).collect();
        let end = if xml.children.is_empty() { "" } else { self.between };
        format!("<{name}{attributes}>{children}{end}{}</{name}>", (self.escape_text)(&xml.text))
    }
}

/// Escapes each character of a text.
fn escape_each(text: &str, escape: impl Fn(char) -> String) -> String {
    text.chars().map(escape).collect()
}

/// Writes a character as a decimal reference.
fn escape_decimal(c: char) -> String {
    format!("&#{};", u32::from(c))
}

/// Replaces markup characters by their named references and a carriage return by a decimal one.
fn escape_named(c: char) -> String {
    match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '\r' => escape_decimal(c),
        _ => c.to_string(),
    }
}

/// Writes a text as a CDATA section if the section can contain it, otherwise with references.
fn write_cdata(text: &str) -> String {
    let is_possible = !text.is_empty() && !text.contains("]]>") && !text.contains('\r');
    if is_possible { format!("<![CDATA[{text}]]>") } else { escape_each(text, escape_named) }
}

/// Writes a document after changing each of its elements.
fn write_changed(xml: &Xml, change: impl Fn(&mut Xml)) -> String {
    let mut changed = xml.clone();
    change_each(&mut changed, &change);
    PLAIN.write_document(&changed)
}

/// Changes each element of a document, innermost first.
fn change_each(xml: &mut Xml, change: &impl Fn(&mut Xml)) {
    xml.children.iter_mut().for_each(|child| change_each(child, change));
    change(xml);
}

/// Creates an element that contains only a text.
pub(super) fn new_leaf(name: &str, text: &str) -> Xml {
    Xml { name: name.to_owned(), attributes: vec![], children: vec![], text: text.to_owned() }
}

/// `true` if no two elements have the same name.
fn are_distinct(children: &[Xml]) -> bool {
    children.iter().enumerate().all(|(index, one)| children.iter().skip(index + 1).all(|other| one.name != other.name))
}

/// Writes a document in every form that any document may have. Returns each form with its description.
pub(super) fn variations(xml: &Xml) -> Vec<(&'static str, String)> {
    let styled = |style: XmlStyle| style.write_document(xml);
    vec![
        ("unchanged", styled(PLAIN)),
        ("single quotes", styled(XmlStyle { quote: '\'', ..PLAIN })),
        ("short empty elements", styled(XmlStyle { is_self_closing: true, ..PLAIN })),
        ("indented", styled(XmlStyle { between: "\n    ", ..PLAIN })),
        ("indented, with CRLF", styled(XmlStyle { between: "\r\n\t", ..PLAIN })),
        ("comments and instructions", styled(XmlStyle { between: "<!-- <page/> --><?page id='1'?>", ..PLAIN })),
        ("decimal references", styled(XmlStyle { escape_text: |text| escape_each(text, escape_decimal), ..PLAIN })),
        (
            "hexadecimal references",
            styled(XmlStyle { escape_text: |text| escape_each(text, |c| format!("&#x{:X};", u32::from(c))), ..PLAIN }),
        ),
        ("CDATA sections", styled(XmlStyle { escape_text: write_cdata, ..PLAIN })),
        ("a prolog", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", styled(PLAIN))),
        (
            "another prolog",
            format!("<?xml version='1.0' encoding='utf-8' standalone='yes' ?>{}\r\n\r\n", styled(PLAIN)),
        ),
        ("a byte order mark", format!("\u{feff}{}", styled(PLAIN))),
        ("attributes reversed", write_changed(xml, |xml| xml.attributes.reverse())),
        ("elements reversed", write_changed(xml, reverse_elements)),
    ]
}

/// Reverses the order of the child elements, unless some have the same name: they could be a list.
fn reverse_elements(xml: &mut Xml) {
    if are_distinct(&xml.children) {
        xml.children.reverse();
    }
}

/// Adds two attributes that no type declares.
fn add_unknown_attributes(xml: &mut Xml) {
    xml.attributes.insert(0, ("x-new".to_owned(), "a < b".to_owned()));
    xml.attributes.push(("later".to_owned(), String::new()));
}

/// Adds elements that no type declares before each child element and after the last. Some contain elements with known
/// names. An element without child elements is unchanged.
fn add_unknown_elements(xml: &mut Xml) {
    if xml.children.is_empty() {
        return;
    }
    let mut nested = new_leaf("x-new", "");
    nested.children = vec![new_leaf("page", "1"), new_leaf("id", "2"), new_leaf("title", "3")];
    let children = std::mem::take(&mut xml.children);
    xml.children = children.into_iter().flat_map(|child| [nested.clone(), child]).collect();
    xml.children.push(new_leaf("later", "4"));
}

/// Removes the `type` attributes that Rails adds, which the schema makes redundant.
fn remove_types(xml: &mut Xml) {
    let known = ["array", "integer", "datetime", "boolean", "string"];
    xml.attributes.retain(|(name, value)| name != "type" || !known.contains(&value.as_str()));
}

/// Runs a check for every example of every operation. The check can record further results.
pub(super) fn check_each_case(check: impl Fn(&Case<'_>, &mut Checks) -> Result<(), String>) {
    let api = schema::read_api();
    let mut checks = Checks::default();
    for case in examples::cases(&api) {
        let result = check(&case, &mut checks);
        checks.record(case.name(), result);
    }
    checks.finish();
}

/// Returns a body as text.
pub(super) fn body_text(body: &Bytes) -> &str {
    str::from_utf8(body).expect("an example should be text")
}

#[test]
fn every_form_of_a_response_has_the_same_value() {
    check_each_case(|case, checks| {
        let Some(response) = case.response().filter(|response| !response.body().is_empty()) else { return Ok(()) };
        let xml = parse(body_text(response.body()))?;
        let mut all = variations(&xml);
        all.push(("unknown attributes", write_changed(&xml, add_unknown_attributes)));
        all.push(("unknown elements", write_changed(&xml, add_unknown_elements)));
        all.push(("no types", write_changed(&xml, remove_types)));
        let request = read_request(&case.request())?;
        for (variation, body) in all {
            let varied = response.clone().map(|_| Bytes::from(body));
            let result = request.clone().visit(CompareValues(&response, &varied));
            let result = result.map_err(|problem| format!("{problem}\n{}", body_text(varied.body())));
            checks.record(format!("{}, {variation}", case.name()), result);
        }
        Ok(())
    });
}

/// Checks that two responses have the same value.
struct CompareValues<'a>(&'a Response<Bytes>, &'a Response<Bytes>);

impl Visitor for CompareValues<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        let [one, other] =
            [self.0, self.1].map(|response| E::from_response(response).map_err(|error| error.to_string()));
        check_equal("value", &other?, &one?)
    }
}

/// Turns attributes into elements, before the existing elements. An element with a text is unchanged.
fn turn_attributes_into_elements(xml: &mut Xml) {
    if !xml.text.is_empty() {
        return;
    }
    // `nil` is not a value of the element, but says that there is none.
    let (nil, attributes): (Vec<_>, Vec<_>) =
        std::mem::take(&mut xml.attributes).into_iter().partition(|(name, _)| name == "nil");
    xml.attributes = nil;
    xml.children.splice(0..0, attributes.iter().map(|(name, value)| new_leaf(name, value)));
}

/// Turns elements into attributes, if all of them contain only text and are distinct.
fn turn_elements_into_attributes(xml: &mut Xml) {
    let has_only_text = |child: &Xml| child.attributes.is_empty() && child.children.is_empty();
    if are_distinct(&xml.children) && xml.children.iter().all(has_only_text) {
        let children = std::mem::take(&mut xml.children);
        xml.attributes.extend(children.into_iter().map(|child| (child.name, child.text)));
    }
}

/// Replaces underscores in names by dashes.
fn use_dashes(xml: &mut Xml) {
    rename(xml, |name| name.replace('_', "-"));
}

/// Replaces dashes in names by underscores.
fn use_underscores(xml: &mut Xml) {
    rename(xml, |name| name.replace('-', "_"));
}

/// Changes the names of an element and of its attributes.
fn rename(xml: &mut Xml, new: fn(&str) -> String) {
    xml.name = new(&xml.name);
    for (name, _) in &mut xml.attributes {
        *name = new(name);
    }
}

/// Returns the payload without its envelope. `None` if it is not exactly one element.
fn remove_envelope(envelope: &Xml) -> Option<Xml> {
    let mut payload = envelope.children.iter().filter(|child| child.name != "token");
    match (payload.next(), payload.next()) {
        (Some(child), None) => Some(child.clone()),
        _ => None,
    }
}

#[test]
fn every_form_of_a_request_is_read_as_the_same_request() {
    check_each_case(|case, checks| {
        let example = case.request();
        let request = read_request(&example)?;
        if example.body().is_empty() {
            return Ok(());
        }
        let xml = parse(body_text(example.body()))?;
        let has_envelope = case.operation.style.request.is_some();
        for (variation, body) in request_variations(&xml, has_envelope, case.operation.has_payload) {
            let (head, _) = example.clone().into_parts();
            let varied = Request::from_parts(head, Bytes::from(body.clone()));
            let result = read_request(&varied).and_then(|varied| check_equal("request", &varied, &request));
            let result = result.map_err(|problem| format!("{problem}\n{body}"));
            checks.record(format!("{}, {variation}", case.name()), result);
        }
        Ok(())
    });
}

/// Writes the document of a request in every form that a request may have. Returns each form with its description.
fn request_variations(xml: &Xml, has_envelope: bool, has_payload: bool) -> Vec<(&'static str, String)> {
    let indented = XmlStyle { between: "\r\n    ", ..PLAIN };
    let mut all = variations(xml);
    all.push(("attributes as elements", write_changed(xml, turn_attributes_into_elements)));
    all.push(("elements as attributes", write_changed(xml, turn_elements_into_attributes)));
    all.push(("dashes", write_changed(xml, use_dashes)));
    all.push(("underscores", write_changed(xml, use_underscores)));
    all.push(("unknown attributes", write_changed(xml, add_unknown_attributes)));
    if has_envelope {
        let root = Xml { name: "opml".to_owned(), ..xml.clone() };
        all.push(("another root", PLAIN.write_document(&root)));
        if has_payload && let Some(bare) = remove_envelope(xml) {
            all.push(("bare", PLAIN.write_document(&bare)));
            all.push(("bare and indented", indented.write_document(&bare)));
        }
    } else {
        let mut root = new_leaf("request", "");
        root.children = vec![new_leaf("token", examples::TOKEN), xml.clone()];
        all.push(("wrapped", PLAIN.write_document(&root)));
        all.push(("wrapped and indented", indented.write_document(&root)));
    }
    all
}
