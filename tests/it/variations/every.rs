//! What may vary anywhere, tried on every example of every operation: what is read stays the same.

use backpack_api::runtime::http::{Request, Response};
use backpack_api::runtime::{ServeEndpoint, Visitor};
use xmlwire_codegen::model::Xml;
use backpack_tests::examples::{self, Case};
use backpack_tests::schema;
use bytes::Bytes;

use crate::support::document::parse;
use crate::support::{Failures, read, same};

/// How a document is written down.
pub(super) struct Look {
    quote: char,
    /// Text beside elements, and around the root.
    between: &'static str,
    /// Whether `<a></a>` is `<a/>`.
    short: bool,
    text: fn(&str) -> String,
}

pub(super) const PLAIN: Look = Look { quote: '"', between: "", short: false, text: |text| each(text, named) };

impl Look {
    pub(super) fn document(&self, xml: &Xml) -> String {
        format!("{0}{1}{0}", self.between, self.element(xml))
    }

    fn element(&self, xml: &Xml) -> String {
        let name = &xml.name;
        let value =
            |value: &str| each(value, |c| if c == self.quote || c.is_control() { decimal(c) } else { named(c) });
        let attribute = |(name, text): &(String, String)| format!(" {name}={1}{0}{1}", value(text), self.quote);
        let attributes: String = xml.attributes.iter().map(attribute).collect();
        if self.short && xml.children.is_empty() && xml.text.is_empty() {
            return format!("<{name}{attributes}/>");
        }
        let children: String = xml.children.iter().map(|child| [self.between, &self.element(child)].concat()).collect();
        let end = if xml.children.is_empty() { "" } else { self.between };
        format!("<{name}{attributes}>{children}{end}{}</{name}>", (self.text)(&xml.text))
    }
}

fn each(text: &str, write: impl Fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn decimal(c: char) -> String {
    format!("&#{};", u32::from(c))
}

fn named(c: char) -> String {
    match c {
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '&' => "&amp;".to_owned(),
        '\r' => decimal(c),
        _ => c.to_string(),
    }
}

/// A section, unless it could not hold the text.
fn section(text: &str) -> String {
    let fits = !text.is_empty() && !text.contains("]]>") && !text.contains('\r');
    if fits { format!("<![CDATA[{text}]]>") } else { each(text, named) }
}

/// Does something to each element, the innermost first.
fn change(mut xml: Xml, to: &dyn Fn(&mut Xml)) -> Xml {
    xml.children = xml.children.into_iter().map(|child| change(child, to)).collect();
    to(&mut xml);
    xml
}

pub(super) fn leaf(name: &str, text: &str) -> Xml {
    Xml { name: name.to_owned(), attributes: vec![], children: vec![], text: text.to_owned() }
}

fn distinct(children: &[Xml]) -> bool {
    children.iter().enumerate().all(|(index, one)| children.iter().skip(index + 1).all(|other| one.name != other.name))
}

/// What may vary in any document.
pub(super) fn variations(xml: &Xml) -> Vec<(&'static str, String)> {
    let plain = |xml: Xml| PLAIN.document(&xml);
    let look = |look: Look| look.document(xml);
    vec![
        ("as it is", look(PLAIN)),
        ("single quotes", look(Look { quote: '\'', ..PLAIN })),
        ("short empty elements", look(Look { short: true, ..PLAIN })),
        ("indented", look(Look { between: "\n    ", ..PLAIN })),
        ("indented, with CRLF", look(Look { between: "\r\n\t", ..PLAIN })),
        ("comments and instructions", look(Look { between: "<!-- <page/> --><?page id='1'?>", ..PLAIN })),
        ("decimal references", look(Look { text: |text| each(text, decimal), ..PLAIN })),
        (
            "hexadecimal references",
            look(Look { text: |text| each(text, |c| format!("&#x{:X};", u32::from(c))), ..PLAIN }),
        ),
        ("CDATA sections", look(Look { text: section, ..PLAIN })),
        ("a prolog", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", look(PLAIN))),
        ("another prolog", format!("<?xml version='1.0' encoding='utf-8' standalone='yes' ?>{}\r\n\r\n", look(PLAIN))),
        ("a byte order mark", format!("\u{feff}{}", look(PLAIN))),
        ("attributes turned round", plain(change(xml.clone(), &|xml| xml.attributes.reverse()))),
        ("elements turned round", plain(change(xml.clone(), &turn_round))),
    ]
}

fn turn_round(xml: &mut Xml) {
    if distinct(&xml.children) {
        xml.children.reverse();
    }
}

fn with_unknown_attributes(xml: &mut Xml) {
    xml.attributes.insert(0, ("x-new".to_owned(), "a < b".to_owned()));
    xml.attributes.push(("later".to_owned(), String::new()));
}

fn with_unknown_elements(xml: &mut Xml) {
    if xml.children.is_empty() {
        return;
    }
    let mut nested = leaf("x-new", "");
    nested.children = vec![leaf("page", "1"), leaf("id", "2"), leaf("title", "3")];
    let children = std::mem::take(&mut xml.children);
    xml.children = children.into_iter().flat_map(|child| [nested.clone(), child]).collect();
    xml.children.push(leaf("later", "4"));
}

/// Types in the sense of REST: what they say, the schema knows already.
fn without_types(xml: &mut Xml) {
    let known = ["array", "integer", "datetime", "boolean", "string"];
    xml.attributes.retain(|(name, value)| name != "type" || !known.contains(&value.as_str()));
}

pub(super) fn each_case(try_one: impl Fn(&Case<'_>, &mut Failures) -> Result<(), String>) {
    let api = schema::api();
    let mut failures = Failures::default();
    for case in examples::cases(&api) {
        let outcome = try_one(&case, &mut failures);
        failures.note(case.name(), outcome);
    }
    failures.finish();
}

pub(super) fn text(body: &Bytes) -> &str {
    str::from_utf8(body).expect("an example is text")
}

#[test]
fn answers() {
    each_case(|case, failures| {
        let Some(response) = case.response().filter(|response| !response.body().is_empty()) else { return Ok(()) };
        let xml = parse(text(response.body()))?;
        let mut all = variations(&xml);
        let plain = |to: &dyn Fn(&mut Xml)| PLAIN.document(&change(xml.clone(), to));
        all.push(("unknown attributes", plain(&with_unknown_attributes)));
        all.push(("unknown elements", plain(&with_unknown_elements)));
        all.push(("no types", plain(&without_types)));
        let request = read(&case.request())?;
        for (variation, body) in all {
            let varied = response.clone().map(|_| Bytes::from(body));
            let outcome = request.clone().visit(Alike(&response, &varied));
            failures.note(format!("{}, {variation}", case.name()), outcome.map_err(|problem| seen(problem, &varied)));
        }
        Ok(())
    });
}

fn seen(problem: String, varied: &Response<Bytes>) -> String {
    format!("{problem}\n{}", text(varied.body()))
}

/// Two answers mean the same.
struct Alike<'a>(&'a Response<Bytes>, &'a Response<Bytes>);

impl Visitor for Alike<'_> {
    type Output = Result<(), String>;

    fn visit<E: ServeEndpoint>(self, _: E) -> Self::Output {
        let [one, other] = [self.0, self.1].map(|answer| E::from_response(answer).map_err(|error| error.to_string()));
        same("the answer", &other?, &one?)
    }
}

/// Attributes as elements before the others.
fn attributes_as_elements(xml: &mut Xml) {
    if !xml.text.is_empty() {
        return;
    }
    let attributes = std::mem::take(&mut xml.attributes);
    xml.children.splice(0..0, attributes.iter().map(|(name, value)| leaf(name, value)));
}

/// Elements that hold only text, and stand once, as attributes.
fn elements_as_attributes(xml: &mut Xml) {
    let plain = |child: &Xml| child.attributes.is_empty() && child.children.is_empty();
    if distinct(&xml.children) && xml.children.iter().all(plain) {
        let children = std::mem::take(&mut xml.children);
        xml.attributes.extend(children.into_iter().map(|child| (child.name, child.text)));
    }
}

fn dashes(xml: &mut Xml) {
    rename(xml, |name| name.replace('_', "-"));
}

fn underscores(xml: &mut Xml) {
    rename(xml, |name| name.replace('-', "_"));
}

fn rename(xml: &mut Xml, new: fn(&str) -> String) {
    xml.name = new(&xml.name);
    for (name, _) in &mut xml.attributes {
        *name = new(name);
    }
}

/// The payload without its envelope. The token is somewhere else then.
fn bare(envelope: &Xml) -> Option<Xml> {
    let mut payload = envelope.children.iter().filter(|child| child.name != "token");
    payload.next().filter(|_| payload.next().is_none()).cloned()
}

#[test]
fn requests() {
    each_case(|case, failures| {
        let example = case.request();
        let request = read(&example)?;
        if example.body().is_empty() {
            return Ok(());
        }
        let xml = parse(text(example.body()))?;
        let enveloped = case.operation.style.request.is_some();
        for (variation, body) in request_variations(&xml, enveloped, case.operation.payload) {
            let (head, _) = example.clone().into_parts();
            let varied = Request::from_parts(head, Bytes::from(body.clone()));
            let outcome = read(&varied).and_then(|varied| same("the request", &varied, &request));
            failures
                .note(format!("{}, {variation}", case.name()), outcome.map_err(|problem| format!("{problem}\n{body}")));
        }
        Ok(())
    });
}

fn request_variations(xml: &Xml, enveloped: bool, payload: bool) -> Vec<(&'static str, String)> {
    let plain = |to: &dyn Fn(&mut Xml)| PLAIN.document(&change(xml.clone(), to));
    let indented = Look { between: "\r\n    ", ..PLAIN };
    let mut all = variations(xml);
    all.push(("attributes as elements", plain(&attributes_as_elements)));
    all.push(("elements as attributes", plain(&elements_as_attributes)));
    all.push(("dashes", plain(&dashes)));
    all.push(("underscores", plain(&underscores)));
    all.push(("unknown attributes", plain(&with_unknown_attributes)));
    if enveloped {
        let root = Xml { name: "opml".to_owned(), ..xml.clone() };
        all.push(("another root", PLAIN.document(&root)));
        if let Some(bare) = bare(xml).filter(|_| payload) {
            all.push(("bare", PLAIN.document(&bare)));
            all.push(("bare and indented", indented.document(&bare)));
        }
    } else {
        let mut root = leaf("request", "");
        root.children = vec![leaf("token", examples::TOKEN), xml.clone()];
        all.push(("wrapped", PLAIN.document(&root)));
        all.push(("wrapped and indented", indented.document(&root)));
    }
    all
}
