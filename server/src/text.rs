//! Rules for text: case-insensitive comparison, valid names and mail addresses, characters that XML allows.

use std::fmt::Write;

use lettre::Address;

/// Maps a text to the form in which texts are searched, sorted and compared without case.
pub(crate) fn fold_case(text: &str) -> String {
    text.to_lowercase()
}

/// Returns bytes as lower-case hex digits.
pub(crate) fn to_hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// `true` if a text can be a name: not blank, without control characters such as line breaks, and without characters
/// that XML forbids.
pub(crate) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(|c: char| c.is_control() || !is_xml_char(c))
}

/// Maximum length of a mail address in bytes, as in RFC 5321.
const MAX_ADDRESS_LENGTH: usize = 254;

/// `true` if a text is a mail address: see [`parse_mail_address`].
pub(crate) fn is_mail_address(text: &str) -> bool {
    parse_mail_address(text).is_some()
}

/// Parses a mail address that every mail program reads as one: ASCII, without quoting, with a domain name after the
/// `@`, and without a dash at the start, where it would look like an option. `None` for any other text.
pub(crate) fn parse_mail_address(text: &str) -> Option<Address> {
    let is_domain_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let is_plain = text.len() <= MAX_ADDRESS_LENGTH && text.is_ascii() && !text.starts_with(['-', '"']);
    let address: Address = text.parse().ok()?;
    (is_plain && address.domain().bytes().all(is_domain_byte)).then_some(address)
}

/// `true` if XML documents, such as responses, can contain a character.
pub(crate) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_mail_addresses() {
        let longest =
            format!("{}@{}.example.com", "a".repeat(64), ["b".repeat(59), "c".repeat(59), "d".repeat(57)].join("."));
        assert_eq!(longest.len(), MAX_ADDRESS_LENGTH);
        for address in [
            "jo@example.com",
            "Jo.O'Hara+list-2_x@mail.example.co.uk",
            "jo@nas",
            "a@1.example",
            "jo-@b.c",
            longest.as_str(),
        ] {
            assert!(is_mail_address(address), "{address}");
        }
    }

    #[test]
    fn rejects_options_headers_and_malformed_addresses() {
        let long = |local: usize, label: usize| format!("{}@{}.com", "a".repeat(local), "b".repeat(label));
        let too_long = format!("{}@{}com", "a".repeat(64), "b23456789.".repeat(19));
        assert_eq!(too_long.len(), 258);
        for address in [
            "",
            "jo",
            "@",
            "jo@",
            "@b.c",
            "-option@b.c",
            "-@b.c",
            "--to=x@b.c",
            "a@b@c",
            "a@@c",
            "a..b@c.d",
            ".a@b.c",
            "a.@b.c",
            "a@b..c",
            "a@.b",
            "a@b.",
            "a@-b.c",
            "a@b-.c",
            "a@[127.0.0.1]",
            "a@b_c.d",
            "a@b c.d",
            "a b@c.d",
            "\"a b\"@c.d",
            "a@b.c\r\nBcc: x@y.z",
            "a\n@b.c",
            "a\0@b.c",
            "a\u{7f}@b.c",
            "a@b.c\t",
            " a@b.c",
            "a@b.c ",
            "<a@b.c>",
            "a,b@c.d",
            "a;b@c.d",
            "a:b@c.d",
            "a\\@b.c",
            "(x)a@b.c",
            "é@b.c",
            "a@é.c",
            &long(300, 1),
            &long(65, 1),
            &long(1, 64),
            &too_long,
        ] {
            assert!(!is_mail_address(address), "{address:?}");
        }
    }
}
