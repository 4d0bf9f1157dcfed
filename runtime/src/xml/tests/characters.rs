//! Every Unicode scalar value: written and read again if XML allows it, rejected by reader and writer if not.

use std::fmt::Write as _;

use super::super::{Reader, Writer};
use super::read_all;

/// `true` if the recommendation allows the character; written independently of the reader.
fn is_allowed(char: char) -> bool {
    let code = u32::from(char);
    matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
}

/// Returns all characters that XML allows.
fn allowed_chars() -> impl Iterator<Item = char> {
    ('\0'..=char::MAX).filter(|char| is_allowed(*char))
}

/// Asserts that characters in an attribute and in content are the same after writing and reading.
fn assert_survives(chars: &[char]) {
    let value: String = chars.iter().collect();
    let document = Writer::to_string(|out| {
        out.write_raw("<a b=\"");
        out.write_attribute(&value);
        out.write_raw("\">");
        out.write_text(&value);
        out.write_raw("</a>");
    });
    let document = document.unwrap();
    let mut xml = Reader::new(&document);
    assert_eq!(xml.next_child().unwrap(), Some("a"));
    assert_eq!(xml.next_attribute().unwrap().value(), value);
    assert_eq!(xml.read_text().unwrap(), value);
    assert_eq!(xml.next_child().unwrap(), None);
}

/// Asserts that numeric references to the characters are read as these characters.
fn assert_survives_as_references(chars: &[char]) {
    let value: String = chars.iter().collect();
    let (mut decimal, mut hexadecimal) = (String::new(), String::new());
    for char in chars {
        let code = u32::from(*char);
        write!(decimal, "&#{code};").unwrap();
        write!(hexadecimal, "&#x00{code:x};").unwrap();
    }
    let document = format!("<a b='{hexadecimal}'>{decimal}</a>");
    let mut xml = Reader::new(&document);
    xml.next_child().unwrap();
    assert_eq!(xml.next_attribute().unwrap().value(), value);
    assert_eq!(xml.read_text().unwrap(), value);
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn allowed_characters_survive() {
    let chars: Vec<char> = allowed_chars().collect();
    // Of all Unicode scalar values, XML forbids 29 controls, U+FFFE and U+FFFF.
    assert_eq!(chars.len(), 1_112_064 - 31);
    chars.chunks(61).for_each(assert_survives);
}

#[test]
#[ignore = "slow: cargo xtask check --only slow"]
fn allowed_characters_survive_as_references() {
    allowed_chars().collect::<Vec<_>>().chunks(61).for_each(assert_survives_as_references);
}

/// The characters up to U+0FFF, the ends of each allowed range, and a sample of the rest.
#[test]
fn a_sample_of_allowed_characters_survives() {
    let is_edge = |code: u32| [0xD7FF, 0xE000, 0xFFFD, 0x1_0000, 0x10_FFFF].iter().any(|edge| code.abs_diff(*edge) < 8);
    let is_in_sample = |code: u32| code < 0x1000 || is_edge(code) || code.is_multiple_of(101);
    let chars: Vec<char> = allowed_chars().filter(|char| is_in_sample(u32::from(*char))).collect();
    for some in chars.chunks(61) {
        assert_survives(some);
        assert_survives_as_references(some);
    }
}

#[test]
fn rejects_forbidden_characters_everywhere() {
    for char in ('\0'..=char::MAX).filter(|char| !is_allowed(*char)) {
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
            assert!(!read_all(&document).unwrap_err().is_cut_off(), "{document:?}");
        }
        let text = format!("some text of more than a block of bytes{char}&");
        assert!(Writer::to_string(|out| out.write_text(&text)).is_err(), "{text:?}");
        assert!(Writer::to_string(|out| out.write_attribute(&text)).is_err(), "{text:?}");
    }
}

/// Checks the first and the last character of each range, and the characters next to them.
#[test]
fn names_follow_the_recommendation() {
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
    let continues = [(0x2D, 0x2E), (0x30, 0x39), (0xB7, 0xB7), (0x300, 0x36F), (0x203F, 0x2040)];
    let is_within = |ranges: &[(u32, u32)], code| ranges.iter().any(|(low, high)| (*low..=*high).contains(&code));
    let edges = starts.iter().chain(&continues).flat_map(|(low, high)| [*low - 1, *low, *high, *high + 1]);
    // After a name, `/` and a space continue the tag.
    for char in edges.filter_map(char::from_u32).filter(|char| !matches!(char, '/' | ' ')) {
        let (starts_name, continues_name) = (is_within(&starts, char.into()), is_within(&continues, char.into()));
        assert_eq!(read_all(&format!("<{char}/>")).is_ok(), starts_name, "{char:?} first");
        assert_eq!(read_all(&format!("<a{char}/>")).is_ok(), starts_name || continues_name, "{char:?} second");
        assert_eq!(read_all(&format!("<a {char}=''/>")).is_ok(), starts_name, "{char:?} in an attribute");
        assert_eq!(read_all(&format!("<?{char} ?><a/>")).is_ok(), starts_name, "{char:?} in a processing instruction");
    }
}
