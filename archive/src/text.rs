//! The text of a file: its encoding and document type declaration.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

/// Number of bytes within which an XML declaration names the encoding.
const DECLARATION: usize = 256;

/// Decodes the bytes of a file. Files that people kept for years were often saved again by editors, in an encoding that
/// the XML declaration or a byte order mark names. `None` if the bytes are not UTF-8 and no other encoding is named.
pub(crate) fn decode_text(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Ok(text) = str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    let encoding = Encoding::for_bom(bytes).map(|(encoding, _)| encoding).or_else(|| find_declared_encoding(bytes))?;
    let (text, had_errors) = encoding.decode_with_bom_removal(bytes);
    (encoding != UTF_8 && !had_errors).then_some(text)
}

/// Returns the encoding that the XML declaration names; `None` if it names none, or an unknown one.
fn find_declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let start = String::from_utf8_lossy(bytes.get(..DECLARATION).unwrap_or(bytes));
    let (declaration, _) = start.trim_start().strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    Encoding::for_label(value.get(1..)?.split(quote).next()?.as_bytes())
}

/// Replaces a document type declaration before the root by spaces, which keeps the offsets of errors. Declarations with
/// an internal subset stay, because they can define entities; the reader rejects them.
pub(crate) fn blank_doctype(text: &mut Cow<'_, str>) {
    let Some(start) = find_doctype(text) else { return };
    let rest = text.get(start..).unwrap_or_default();
    let mut quote = None;
    let end = rest.char_indices().find(|(_, character)| match (quote, character) {
        (None, '"' | '\'') => {
            quote = Some(*character);
            false
        }
        (Some(open), character) => {
            if open == *character {
                quote = None;
            }
            false
        }
        (None, character) => matches!(character, '>' | '['),
    });
    if let Some((length, '>')) = end {
        text.to_mut().replace_range(start..=start + length, &" ".repeat(length + 1));
    }
}

/// Returns the offset of a document type declaration before the root; `None` if there is none.
fn find_doctype(text: &str) -> Option<usize> {
    let mut rest = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<!DOCTYPE") => return Some(text.len() - rest.len()),
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<?") => "?>",
            _ => return None,
        };
        rest = rest.split_once(end)?.1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_encodings_that_a_file_names() {
        let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><page title='Caf\xe9'/>";
        assert!(decode_text(latin).is_some_and(|text| text.ends_with("<page title='Café'/>")));
        assert_eq!(decode_text(b"\xff\xfe<\0a\0/\0>\0").as_deref(), Some("<a/>"));
        assert_eq!(decode_text("\u{FEFF}<a/>".as_bytes()).as_deref(), Some("\u{FEFF}<a/>"));
        assert_eq!(decode_text(b"<page title='Caf\xe9'/>"), None);
        assert_eq!(decode_text(b"<?xml version='1.0' encoding='UTF-8'?><page title='Caf\xe9'/>"), None);
    }

    #[test]
    fn blanks_a_document_type_without_entities() {
        let blank = |text: &str| {
            let mut text = Cow::Borrowed(text);
            blank_doctype(&mut text);
            text.into_owned()
        };
        assert_eq!(blank("<!DOCTYPE a><a/>"), "            <a/>");
        let with_system = "<?xml version='1.0'?>\n<!-- a --><!DOCTYPE a SYSTEM \"a>.dtd\">\n<a/>";
        assert_eq!(blank(with_system).trim_end_matches("<a/>").trim(), "<?xml version='1.0'?>\n<!-- a -->");
        for kept in ["<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<!DOCTYPE a", "<a><!DOCTYPE a></a>", "<a/>"] {
            assert_eq!(blank(kept), kept);
        }
    }
}
