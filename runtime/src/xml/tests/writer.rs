//! Output of the writer.

use super::super::Writer;

/// Writes a text as element content.
fn write_text(text: &str) -> String {
    Writer::to_string(|out| out.write_text(text)).unwrap()
}

/// Writes a text as an attribute value, without the quotes.
fn write_attribute(text: &str) -> String {
    Writer::to_string(|out| out.write_attribute(text)).unwrap()
}

#[test]
fn escapes_text() {
    assert_eq!(write_text("<b>\"R&B\"</b>\t'\r\n"), "&lt;b&gt;\"R&amp;B\"&lt;/b&gt;\t'&#13;\n");
    assert_eq!(write_attribute("<b>\"R&B\"</b>\t'\r\n"), "&lt;b&gt;&quot;R&amp;B&quot;&lt;/b&gt;&#9;'&#13;&#10;");
    assert_eq!(write_text(""), "");
}

/// Covers every position among ASCII and wide characters, and the exact capacity.
#[test]
fn escapes_at_any_position() {
    let escapes = [
        ("<", "&lt;"),
        (">", "&gt;"),
        ("&", "&amp;"),
        ("\"", "&quot;"),
        ("\t", "&#9;"),
        ("\n", "&#10;"),
        ("\r", "&#13;"),
        ("\u{FF0C}", "\u{FF0C}"),
        ("\u{1F6A2}", "\u{1F6A2}"),
    ];
    for (unescaped, escaped) in escapes {
        for length in 0..80 {
            for wide in ["x", "\u{E9}", "\u{65E5}"] {
                let value = format!("{}{unescaped}{}{unescaped}", wide.repeat(length), wide.repeat(70));
                let written = write_attribute(&value);
                assert_eq!(written, value.replace(unescaped, escaped));
                assert_eq!(written.capacity(), written.len());
                let written = write_text(&value);
                let kept = matches!(unescaped, "\"" | "\t" | "\n");
                assert_eq!(written, if kept { value } else { value.replace(unescaped, escaped) });
                assert_eq!(written.capacity(), written.len());
            }
        }
    }
}

#[test]
fn long_runs_of_escapes_have_the_exact_capacity() {
    for unescaped in ["&", "\"", "<>&\r", "a\u{E9}&"] {
        for count in [1, 31, 32, 33, 63, 64, 65, 1000] {
            let value = unescaped.repeat(count);
            let (text, attribute) = (write_text(&value), write_attribute(&value));
            assert_eq!((text.capacity(), attribute.capacity()), (text.len(), attribute.len()));
            assert_eq!(
                text,
                value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#13;")
            );
        }
    }
}

#[test]
fn percent_encodes_path_segments_and_query_values() {
    let path = Writer::to_string(|out| {
        out.write_raw("/users/");
        out.write_path_segment("a b/c?d#e%+~-._\u{E9}");
        out.write_raw("?q=");
        out.query_value("a b&c=d+\u{E9}");
    });
    assert_eq!(path.unwrap(), "/users/a%20b%2Fc%3Fd%23e%25%2B~-._%C3%A9?q=a%20b%26c%3Dd%2B%C3%A9");
    assert_eq!(Writer::to_string(|out| out.query_value("")).unwrap(), "");
    for segment in ["", ".", ".."] {
        let error = Writer::to_string(|out| out.write_path_segment(segment)).unwrap_err();
        assert_eq!((error.location(), error.message()), ("", "a path segment is empty, . or .."));
    }
    assert_eq!(Writer::to_string(|out| out.write_path_segment("...")).unwrap(), "...");
}

#[test]
fn reports_the_first_failure_with_its_location() {
    let error = Writer::to_string(|out| {
        out.write_raw("<request><note id=\"");
        out.write_attribute("7");
        out.write_raw("\"/><note><title>");
        out.write_text("a \u{1} secret");
        out.write_raw("</title></note>");
        out.fail("too late");
    });
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "request/note[2]/title: a character is not allowed in XML");
    assert!(!format!("{error:?}").contains("secret"));
    let error = Writer::to_string(|out| {
        out.write_raw("<request><note id=\"");
        out.write_attribute("\u{FFFE}");
    });
    assert_eq!(error.unwrap_err().location(), "request/note/@id");
    let error = Writer::to_string(|out| out.fail(format!("{} of them", 3))).unwrap_err();
    assert_eq!(error.to_string(), "3 of them");
}
