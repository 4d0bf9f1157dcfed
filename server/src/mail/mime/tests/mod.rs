//! Tests of the reader: mails that break rules, and rare ones.

mod addresses;
mod charsets;
mod encodings;
mod headers;
mod limits;
mod parts;
mod python;

use super::super::read;

/// Reads a mail with a header field and a body. Returns its body.
fn read_body(fields: &str, body: &[u8]) -> String {
    let mail = [format!("To: page@example.com\n{fields}\n\n").as_bytes(), body].concat();
    read(&mail).unwrap().1
}

/// Reads a mail whose body is text. Returns its body.
fn read_text(rest: &str) -> String {
    read(format!("To: page@example.com\n{rest}").as_bytes()).unwrap().1
}

/// Reads a mail with this subject, and returns the subject.
fn read_subject(subject: &[u8]) -> String {
    read(&[b"Subject: ", subject, b"\n\nText"].concat()).unwrap().0
}
