//! Rules for text: case-insensitive comparison, valid names and mail addresses, characters that XML allows.

/// Maps a text to the form in which texts are searched, sorted and compared without case.
pub(crate) fn fold_case(text: &str) -> String {
    text.to_lowercase()
}

/// `true` if a text can be a name: not blank, without control characters such as line breaks, and without characters
/// that XML forbids.
pub(crate) fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains(|c: char| c.is_control() || !is_xml_char(c))
}

/// `true` if a text has the form of a mail address: ASCII, with text before and after the `@`, and without spaces and
/// the characters ``<>,;"``.
pub(crate) fn is_mail_address(text: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.bytes().any(|byte| byte <= b' ' || b"<>,;@\"".contains(&byte));
    text.is_ascii() && text.rsplit_once('@').is_some_and(|(mailbox, host)| is_part(mailbox) && is_part(host))
}

/// `true` if XML documents, such as responses, can contain a character.
pub(crate) fn is_xml_char(c: char) -> bool {
    !matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}
