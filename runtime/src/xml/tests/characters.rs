//! Every Unicode scalar: written and read again if XML allows it, refused by both sides if not.

use super::super::{Reader, Writer};
use super::pass;

fn is_allowed(char: char) -> bool {
    let code = u32::from(char);
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

fn every(allowed: bool) -> impl Iterator<Item = char> {
    ('\0'..=char::MAX).filter(move |char| is_allowed(*char) == allowed)
}

#[test]
fn allowed_characters_survive() {
    let chars: Vec<char> = every(true).collect();
    assert_eq!(chars.len(), 1_112_064 - 31);
    for some in chars.chunks(61) {
        let value: String = some.iter().collect();
        let document = Writer::to_string(|out| {
            out.raw("<a b=\"");
            out.attribute(&value);
            out.raw("\">");
            out.text(&value);
            out.raw("</a>");
        });
        let document = document.unwrap();
        let mut xml = Reader::new(&document);
        assert_eq!(xml.child().unwrap(), Some("a"));
        assert_eq!(xml.attribute().unwrap().value(), value);
        assert_eq!(xml.text().unwrap(), value);
        assert_eq!(xml.child().unwrap(), None);
    }
}

#[test]
fn allowed_characters_survive_as_references() {
    for some in every(true).collect::<Vec<_>>().chunks(61) {
        let value: String = some.iter().collect();
        let decimal: String = some.iter().map(|char| format!("&#{};", u32::from(*char))).collect();
        let hexadecimal: String = some.iter().map(|char| format!("&#x00{:x};", u32::from(*char))).collect();
        let document = format!("<a b='{hexadecimal}'>{decimal}</a>");
        let mut xml = Reader::new(&document);
        xml.child().unwrap();
        assert_eq!(xml.attribute().unwrap().value(), value);
        assert_eq!(xml.text().unwrap(), value);
    }
}

#[test]
fn other_characters_are_refused_wherever_they_stand() {
    for char in every(false) {
        let code = u32::from(char);
        for document in [
            format!("<a>{char}</a>"),
            format!("<a>some text of more than a block of bytes{char}</a>"),
            format!("<a b='{char}'/>"),
            format!("<a b=\"{char}\"/>"),
            format!("<a><!--{char}--></a>"),
            format!("<a><?b {char}?></a>"),
            format!("<a><![CDATA[{char}]]></a>"),
            format!("<a{char}/>"),
            format!("{char}<a/>"),
            format!("<a/>{char}"),
            format!("<a>&#{code};</a>"),
            format!("<a b='&#x{code:X};'/>"),
        ] {
            assert!(!pass(&document).unwrap_err().is_cut_off(), "{document:?}");
        }
        let text = format!("some text of more than a block of bytes{char}&");
        assert!(Writer::to_string(|out| out.text(&text)).is_err(), "{text:?}");
        assert!(Writer::to_string(|out| out.attribute(&text)).is_err(), "{text:?}");
    }
}

/// The tables of names, at their edges.
#[test]
fn names_start_and_go_on_as_the_recommendation_says() {
    let starts = [
        (0x3A, 0x3A),
        (0x41, 0x5A),
        (0x5F, 0x5F),
        (0x61, 0x7A),
        (0xC0, 0xD6),
        (0xD8, 0xF6),
        (0xF8, 0x2FF),
        (0x370, 0x37D),
        (0x37F, 0x1FFF),
        (0x200C, 0x200D),
        (0x2070, 0x218F),
        (0x2C00, 0x2FEF),
        (0x3001, 0xD7FF),
        (0xF900, 0xFDCF),
        (0xFDF0, 0xFFFD),
        (0x1_0000, 0xE_FFFF),
    ];
    let more = [(0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040)];
    let within = |ranges: &[(u32, u32)], code| ranges.iter().any(|(low, high)| (*low..=*high).contains(&code));
    let edges = starts.iter().chain(&more).flat_map(|(low, high)| [*low - 1, *low, *high, *high + 1]);
    for char in edges.filter_map(char::from_u32).filter(|char| !matches!(char, '/' | ' ')) {
        let (start, any) = (within(&starts, char.into()), within(&more, char.into()));
        assert_eq!(pass(&format!("<{char}/>")).is_ok(), start, "{char:?} first");
        assert_eq!(pass(&format!("<a{char}/>")).is_ok(), start || any, "{char:?} second");
        assert_eq!(pass(&format!("<a {char}=''/>")).is_ok(), start, "{char:?} in an attribute");
        assert_eq!(pass(&format!("<?{char} ?><a/>")).is_ok(), start, "{char:?} in a processing instruction");
    }
}
