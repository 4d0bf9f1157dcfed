//! Headers and subjects.

use super::{read, read_subject};
use crate::ApiError;

#[test]
fn decodes_subjects() {
    for (subject, text) in [
        (&b"=?utf-8?q?F=C3?=\n =?UTF-8?Q?=A4hre?="[..], "Fähre"),
        (b"=?utf-8?b?RsM=?= =?utf-8?b?pGhyZQ==?=", "Fähre"),
        (b"=?utf-8?b?RsM?==?utf-8?q?=A4hre?=", "Fähre"),
        (b"=?shift_jis?b?kQ==?= =?shift_jis?b?RA==?=", "船"),
        ("Fähre".as_bytes(), "Fähre"),
        (b"F\xe4hre =?utf-8?q?=C3=A4?=", "Fähre ä"),
        (b"\x1b$BA%\x1b(B", "船"),
        (b"=?iso-8859-1?q?=E4?= =?utf-8?q?=C3=A4?= x =?utf-8?q?y?=", "ää x y"),
        (b"=?utf-8*de?q?=C3=A4?=", "ä"),
        (b"Re:=?utf-8?q?=C3=A4?=!", "Re:ä!"),
        (b"=?utf-8?q?two words?=", "two words"),
        (b"=?utf-8?q?what??=", "what?"),
        (b"=?x-unknown?q?=E4?=", "ä"),
        (b"=?utf-8?q?=E4?=", "ä"),
        (b"=??q?a?=", "a"),
        (b"=?utf-8?x?a?= =?utf-8?q?b", "=?utf-8?x?a?= =?utf-8?q?b"),
        (b"=?=?utf-8?q?a?=", "=?a"),
        (b"a?= b =?", "a?= b =?"),
    ] {
        assert_eq!(read_subject(subject), text, "{}", String::from_utf8_lossy(subject));
    }
}

#[test]
fn a_byte_order_mark_can_precede_the_header() {
    let utf16 =
        |to_bytes: fn(u16) -> [u8; 2]| "\u{feff}Subject: Größe\n\nÜber\n".encode_utf16().flat_map(to_bytes).collect();
    let mails: [Vec<u8>; 4] = [
        "\u{feff}Subject: Größe\n\nÜber\n".into(),
        "\u{feff}From jo@example.com\n\u{feff}Subject: Größe\n\nÜber\n".into(),
        utf16(u16::to_le_bytes),
        utf16(u16::to_be_bytes),
    ];
    for mail in mails {
        assert_eq!(read(&mail), Ok(("Größe".to_owned(), "Über\n".to_owned())));
    }
}

#[test]
fn a_subject_that_is_not_encoded_has_the_charset_of_the_body() {
    for (charset, bytes, subject) in [
        ("koi8-r", b"Re: \xc7\xc1\xd7\xc1\xce\xd8".as_slice(), "Re: гавань"),
        ("koi8-r", "Größe".as_bytes(), "Größe"),
        ("gb2312", b"\xb8\xdb\xbf\xda =?utf-8?q?=C3=A9?=", "港口 é"),
        ("utf-16", b"Gr\xf6\xdfe", "Größe"),
        ("x-unknown", b"Gr\xf6\xdfe", "Größe"),
    ] {
        let fields = format!("Content-Type: text/plain; charset={charset}\nSubject: ");
        let mail = [fields.as_bytes(), bytes, b"\n\nText"].concat();
        assert_eq!(read(&mail).unwrap().0, subject, "{charset}");
    }
}

#[test]
fn blank_and_indented_lines_can_precede_the_header() {
    for before in ["\n", "\r\n\r\n", " \n", "\t folded\n", "\u{feff}\n", "\nFrom jo@example.com\n"] {
        let mail = format!("{before}Subject: S\n\nText");
        assert_eq!(read(mail.as_bytes()), Ok(("S".to_owned(), "Text".to_owned())), "{before:?}");
    }
}

#[test]
fn the_header_ends_at_the_first_line_that_is_not_a_field() {
    for (mail, body) in [
        ("Subject: S\nText\nX: y\n", "Text\nX: y\n"),
        ("Subject: S\n\nX: y\n", "X: y\n"),
        ("Subject: S\nbad name: x\n", "bad name: x\n"),
        ("Subject: S\n: x\n", ": x\n"),
        ("Subject : S\nX\t: y\n\nText", "Text"),
        ("Subject: S\n", ""),
        ("Subject: S", ""),
        ("Subject:\n S\n \n\nText", "Text"),
        ("SUBJECT:S\n\nText", "Text"),
    ] {
        assert_eq!(read(mail.as_bytes()), Ok(("S".to_owned(), body.to_owned())), "{mail}");
    }
    let not_a_mail = Err(ApiError::InvalidValue("The input is not a mail"));
    for input in ["", "\n", "text", " Subject: x\n\n", "From jo@example.com\n", "\u{feff}"] {
        assert_eq!(read(input.as_bytes()), not_a_mail, "{input}");
    }
}

#[test]
fn reads_mails_without_subject_sender_date_or_body() {
    let attached = "\n\n[a.pdf was attached, and is not kept]";
    for (mail, subject, body) in [
        ("To: page@example.com\n\n", "", ""),
        ("To: page@example.com\n\nText", "", "Text"),
        ("Subject:\n\nText", "", "Text"),
        ("Date: never\n\n\n\n", "", "\n\n"),
        ("Content-Type: application/pdf; name=a.pdf\n\n", "", attached),
        (
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf; name=a.pdf\n--b--\n",
            "",
            attached,
        ),
    ] {
        assert_eq!(read(mail.as_bytes()), Ok((subject.to_owned(), body.to_owned())), "{mail}");
    }
}
