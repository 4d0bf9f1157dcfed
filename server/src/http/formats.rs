//! Reads request bodies in YAML, JSON and form encoding into the tree that the router takes.
//!
//! The oldest clients send YAML with the names of the XML documents; later ones send flat JSON or forms. Responses are
//! always XML.

mod form;
mod json;
mod limits;
mod tree;
mod yaml;

use backpack_api::runtime::params::ParamNode;
use bytes::Bytes;

use form::parse_form;
use json::parse_json;
pub(super) use limits::Malformed;
use tree::build_tree;
use yaml::parse_yaml;

/// Format of a request body other than XML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Yaml,
    Json,
    Form,
}

/// Body of a request, as the router takes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum RequestBody {
    /// An XML document, which the router parses; may be empty.
    Xml(Bytes),
    /// The tree of a body in another format.
    Tree(ParamNode<'static>),
}

impl Format {
    /// Finds the format in the value of a header: `yaml`, `application/json`, `application/x-www-form-urlencoded`.
    /// Returns `None` for XML and unknown formats.
    pub(super) fn from_header(value: &str) -> Option<Self> {
        let contains =
            |name: &str| value.as_bytes().windows(name.len()).any(|part| part.eq_ignore_ascii_case(name.as_bytes()));
        let formats =
            [("yaml", Self::Yaml), ("yml", Self::Yaml), ("json", Self::Json), ("form-urlencoded", Self::Form)];
        formats.into_iter().find_map(|(name, format)| contains(name).then_some(format))
    }

    /// Reads a body into the tree of the equivalent XML document, with the root that all requests have.
    ///
    /// # Errors
    ///
    /// [`Malformed`] if the body is not in this format, is neither a map nor null, is nested too deeply, has more than
    /// 10,000 values, or contains a character that XML forbids.
    pub(super) fn read(self, body: &[u8]) -> Result<ParamNode<'static>, Malformed> {
        let text = str::from_utf8(body).map_err(|_| Malformed)?;
        build_tree(match self {
            Self::Yaml => parse_yaml(text)?,
            Self::Json => parse_json(text)?,
            Self::Form => parse_form(text)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use backpack_api::routes::AnyRequest;
    use backpack_api::runtime::http::Request;
    use backpack_api::runtime::params::MAX_NODES;
    use backpack_api::runtime::routing::RouteError;

    use super::*;

    /// Reads a body in a format.
    fn read(format: Format, body: &str) -> Result<ParamNode<'static>, Malformed> {
        format.read(body.as_bytes())
    }

    /// Parses the XML document with the same values.
    fn parse_document(document: &str) -> Result<ParamNode<'_>, Malformed> {
        ParamNode::read(document).map_err(|_| Malformed)
    }

    #[test]
    fn yaml_json_and_forms_are_read_as_the_same_document() {
        let document = "<request><item><content>Boots &amp; socks</content></item><token>abc</token></request>";
        for (format, body) in [
            (Format::Yaml, "--- \ntoken: abc\nitem: \n  content: Boots & socks\n"),
            (Format::Yaml, "---\r\n:token: \"abc\"\r\n:item:\r\n  :content: 'Boots & socks'\r\n"),
            (Format::Yaml, "token: abc\nitem: {content: Boots & socks}"),
            (Format::Json, r#"{"token": "abc", "item": {"content": "Boots & socks"}}"#),
            (Format::Form, "token=abc&item[content]=Boots+%26+socks"),
            (Format::Form, "token=abc&item%5Bcontent%5D=Boots%20%26%20socks"),
        ] {
            assert_eq!(read(format, body), parse_document(document), "{body}");
        }
    }

    #[test]
    fn lists_repeat_their_names() {
        let ids = "<request><item-id>3</item-id><item-id>1</item-id></request>";
        assert_eq!(read(Format::Yaml, "item-id: [3, 1]"), parse_document(ids));
        assert_eq!(read(Format::Json, r#"{"item-id": [3, 1]}"#), parse_document(ids));
        assert_eq!(read(Format::Form, "item-id[]=3&item-id[]=1"), parse_document(ids));
        let tags = "<request><tags>Garden</tags><tags>\"Slow Food\"</tags></request>";
        assert_eq!(read(Format::Yaml, "tags:\n- Garden\n- Slow Food"), parse_document(tags));
        let users =
            "<request><remindees><user_id>1</user_id></remindees><remindees><user_id>2</user_id></remindees></request>";
        assert_eq!(read(Format::Yaml, "remindees: [{user_id: 1}, {user_id: 2}]"), parse_document(users));
        assert_eq!(read(Format::Json, r#"{"tags": []}"#), parse_document("<request><tags></tags></request>"));
    }

    #[test]
    fn skips_long_names_so_that_lists_do_not_expand() {
        let (name, values) = ("a".repeat(100_000), ["1"].repeat(5_000).join(","));
        let document = "<request></request>";
        assert_eq!(read(Format::Json, &format!("{{\"{name}\": [{values}]}}")), parse_document(document));
        assert_eq!(read(Format::Yaml, &format!("? {name}\n: [{values}]")), parse_document(document));
        assert_eq!(read(Format::Form, &format!("{name}[]=1&").repeat(3)), parse_document(document));
    }

    #[test]
    fn expands_aliases_of_texts_up_to_the_length_of_the_body() {
        let twice = "<request><note><body>same</body><title>same</title></note></request>";
        assert_eq!(read(Format::Yaml, "note:\n  body: &id001 same\n  title: *id001\n"), parse_document(twice));
        for body in [
            "note: &a {title: x}\nother: *a",
            "a: &a [x]\nb: *a",
            "a: *b\nb: &b x",
            &format!("a: &a {}\nb: [{}]", "x".repeat(1000), ["*a"; 9].join(",")),
        ] {
            assert_eq!(read(Format::Yaml, body), Err(Malformed), "{body}");
        }
    }

    #[test]
    fn null_is_nil_and_invalid_names_are_skipped() {
        let nil_title = "<request><title nil=\"true\"/></request>";
        assert_eq!(read(Format::Yaml, "title: ~\n1st: x\n'a b': y\n'<b>': z"), parse_document(nil_title));
        assert_eq!(read(Format::Json, r#"{"title": null, "": 1, "é": 2}"#), parse_document(nil_title));
        assert_eq!(read(Format::Yaml, "title: ''"), parse_document("<request><title></title></request>"));
    }

    #[test]
    fn decodes_text_that_old_libraries_escaped_byte_by_byte() {
        let request = |text: &str| format!("<request><title>{text}</title></request>");
        assert_eq!(read(Format::Yaml, r#"title: "Caf\xC3\xA9""#), parse_document(&request("Café")));
        assert_eq!(read(Format::Yaml, r#"title: "Caf\xE9""#), parse_document(&request("Café")));
        assert_eq!(read(Format::Yaml, "title: Café Ã©"), parse_document(&request("Café Ã©")));
        assert_eq!(read(Format::Yaml, "title: !binary |\n  0J/QvtGA\n  0YI="), parse_document(&request("Порт")));
        assert_eq!(read(Format::Json, r#"{"title": "\ud83d\ude00"}"#), parse_document(&request("😀")));
    }

    #[test]
    fn rejects_bodies_that_are_malformed_or_nested_too_deeply() {
        let deep = format!("a: {}{}", "[".repeat(50), "]".repeat(50));
        let deep_json = format!(r#"{{"a": {}{}}}"#, "[".repeat(50), "]".repeat(50));
        let deep_form = format!("a{}=1", "[b]".repeat(50));
        for (format, body) in [
            (Format::Yaml, "a: [1"),
            (Format::Yaml, "just text"),
            (Format::Yaml, "- a\n- b"),
            (Format::Yaml, "a: &x [1]\nb: *x"),
            (Format::Yaml, "? [a]\n: b"),
            (Format::Yaml, deep.as_str()),
            (Format::Yaml, "title: \"\\0\""),
            (Format::Yaml, "title: !binary |\n  ===="),
            (Format::Json, "{"),
            (Format::Json, "[]"),
            (Format::Json, "{} {}"),
            (Format::Json, deep_json.as_str()),
            (Format::Json, r#"{"title": "\u0000"}"#),
            (Format::Form, deep_form.as_str()),
            (Format::Form, "title=%00"),
            (Format::Form, "title=caf%E9"),
            (Format::Form, "caf%E9=title"),
        ] {
            assert_eq!(read(format, body), Err(Malformed), "{body}");
        }
        for (format, body) in
            [(Format::Json, &b"{\"a\": \"\xff\"}"[..]), (Format::Yaml, b"a: \xff"), (Format::Form, b"a=\xff")]
        {
            assert_eq!(format.read(body), Err(Malformed));
        }
    }

    /// The limit is that of XML documents, so that the memory for a body is proportional to its length in every format.
    #[test]
    fn limits_the_number_of_values() {
        let values = |count: usize| ["1,"].repeat(count).concat() + "1";
        for (fits, list) in [(true, values(MAX_NODES / 2)), (false, values(MAX_NODES))] {
            assert_eq!(read(Format::Json, &format!(r#"{{"a": [{list}]}}"#)).is_ok(), fits);
            assert_eq!(read(Format::Yaml, &format!("a: [{list}]")).is_ok(), fits);
        }
        let empty = ["[],"].repeat(MAX_NODES).concat() + "[]";
        assert_eq!(read(Format::Json, &format!(r#"{{"a": [{empty}]}}"#)), Err(Malformed));
        assert_eq!(read(Format::Yaml, &format!("a: [{empty}]")), Err(Malformed));
        for (fits, count) in [(true, MAX_NODES / 2), (false, MAX_NODES / 2 + 1)] {
            assert_eq!(read(Format::Form, &"a[]=1&".repeat(count)).is_ok(), fits);
        }
        for (fits, nulls) in [(true, MAX_NODES / 2 - 1), (false, MAX_NODES / 2)] {
            let list = vec!["null"; nulls].join(",");
            assert_eq!(read(Format::Json, &format!(r#"{{"a": [{list}]}}"#)).is_ok(), fits, "an attribute each");
        }
        let commas = ",[{\\\"".repeat(MAX_NODES);
        assert!(read(Format::Json, &format!(r#"{{"a": "{commas}"}}"#)).is_ok(), "separators in strings do not count");
    }

    #[test]
    fn finds_formats_by_their_names() {
        assert_eq!(Format::from_header("YAML"), Some(Format::Yaml));
        assert_eq!(Format::from_header("text/x-yaml; charset=utf-8"), Some(Format::Yaml));
        assert_eq!(Format::from_header("application/json"), Some(Format::Json));
        assert_eq!(Format::from_header("application/x-www-form-urlencoded"), Some(Format::Form));
        assert_eq!(Format::from_header("text/xml"), None);
        assert_eq!(Format::from_header("multipart/form-data"), None);
    }

    #[test]
    fn routes_a_tree_like_its_document() {
        let build_head = || Request::post("/ws/page/1/lists/2/items/add");
        let document = "<request><token>abc</token><item><content>Boots</content></item></request>";
        let expected = AnyRequest::read(&build_head().body(document.into()).unwrap()).unwrap();
        for (format, body) in [
            (Format::Yaml, "token: abc\nitem:\n  content: Boots"),
            (Format::Json, r#"{"token": "abc", "item": {"content": "Boots"}}"#),
            (Format::Form, "token=abc&item[content]=Boots"),
        ] {
            let tree = read(format, body).unwrap();
            let routed = AnyRequest::read_params(&build_head().body(tree).unwrap()).unwrap();
            assert_eq!((routed.request, routed.credentials), (expected.request.clone(), expected.credentials.clone()));
        }
        let missing = AnyRequest::read_params(&Request::post("/ws/nowhere").body(ParamNode::default()).unwrap());
        assert_eq!(missing.map(|routed| routed.request), Err(RouteError::NotFound));
    }
}
