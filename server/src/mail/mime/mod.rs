//! Reads a mail in the format of RFC 5322 into the fields that a page keeps.
//!
//! The reader accepts every input that begins with a header. Where a mail breaks a rule of MIME, its text is kept as it
//! was sent. The time is linear in the size of the mail; the depth and the number of parts are limited.
//!
//! - `mail`: the fields of a mail, collected from its parts.
//! - `entity`: a header and a body; the parts of a multipart body.
//! - `fields`: structured header fields: parameters and addresses.
//! - `encoded_words`: unstructured header fields, such as the subject.
//! - `transfer_encoding`: base64, quoted-printable and uuencode.
//! - `charset`: bytes to text.
//! - `unusual_charsets`: the charsets that `encoding_rs` lacks.
//! - `lines`: lines with any line end.

mod charset;
mod encoded_words;
mod entity;
mod fields;
mod lines;
mod mail;
mod transfer_encoding;
mod unusual_charsets;

pub(super) use mail::ParsedMail;

#[cfg(test)]
mod tests;
