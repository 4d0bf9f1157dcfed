//! Any incoming mail.

use backpack_server::mail;

/// Reads bytes as an incoming mail, and as the body of a mail without MIME. The text that is kept can be part of an XML
/// document, and is not much larger than the mail. Without MIME, no character is lost.
pub fn check_mail(data: &[u8]) {
    if let Ok((subject, body)) = mail::read(data) {
        assert!(!subject.contains(['\n', '\r']), "{subject:?}");
        assert!(subject.chars().chain(body.chars()).all(is_xml), "{subject:?}, {body:?}");
        // A byte becomes at most a character of three bytes, and a part adds a few lines.
        assert!(body.len() <= 3 * data.len() + 200_000, "{} bytes of {}", body.len(), data.len());
    }
    check_plain_text(data);
}

/// Reads bytes as the body of a mail without MIME.
fn check_plain_text(data: &[u8]) {
    let plain = [b"Subject: Plain\n\n", data].concat();
    let Ok((_, body)) = mail::read(&plain) else { panic!("a mail with a header should be read") };
    // Escape sequences and byte order marks select a charset.
    let has_charset = data.contains(&0x1b)
        || [&b"\xef\xbb\xbf"[..], b"\xff\xfe", b"\xfe\xff"].iter().any(|mark| data.starts_with(mark));
    if has_charset {
        return;
    }
    match str::from_utf8(data) {
        Ok(text) => {
            let is_kept = |c: &char| is_xml(*c) && !matches!(c, '\n' | '\r');
            assert!(text.chars().filter(is_kept).eq(body.chars().filter(|c| *c != '\n')), "{text:?}: {body:?}");
        }
        Err(_) if data.windows(3).any(|bytes| bytes == b"\xef\xbf\xbd") => {}
        Err(_) => assert!(!body.contains('\u{fffd}'), "{body:?}"),
    }
}

/// `true` if an XML document can contain a character.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}
