//! Mails with too many parts, too deep nesting, too long headers, and damaged bytes.

use std::fs;
use std::path::Path;

use super::{read, read_text};
use crate::ApiError;

#[test]
fn the_number_of_parts_is_limited() {
    let too_many = Err(ApiError::InvalidValue("The mail has too many parts"));
    let build = |part: &str, count| format!("Content-Type: multipart/mixed; boundary=b\n\n{}", part.repeat(count));
    for part in [
        "--b\n\nx\n",
        "--b\nContent-Type: text/plain\n\nx\n",
        "--b\n",
        "--b--\nx\n",
        "--b\nContent-Type: message/rfc822\n\nSubject: x\n\n",
    ] {
        assert_eq!(read(build(part, 1_001).as_bytes()), too_many, "{part}");
        assert!(read(build(part, 499).as_bytes()).is_ok(), "{part}");
    }
    let digest = build("--b\n\n", 1_001).replace("mixed", "digest");
    assert_eq!(read(digest.as_bytes()), too_many);
}

#[test]
fn parts_that_are_nested_too_deep_are_kept_as_they_are() {
    let nested = |levels| {
        let open: String =
            (0..levels).map(|n| format!("Content-Type: multipart/mixed; boundary=n{n}x\n\n--n{n}x\n")).collect();
        read_text(&format!("{open}\nText"))
    };
    assert_eq!(nested(20), "Text");
    assert!(nested(21).ends_with("--n20x\n\nText"));
    assert!(nested(10_000).ends_with("--n9999x\n\nText"));
}

#[test]
fn a_header_ends_at_its_maximum_size() {
    let fields = "a:\n".repeat(1_000_000);
    let (subject, body) = read(format!("Subject: S\n{fields}\nText").as_bytes()).unwrap();
    assert_eq!(subject, "S");
    assert!(body.starts_with("a:\na:\n") && body.ends_with("a:\n\nText"));
}

#[test]
fn cut_and_damaged_mails_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/mail/mails");
    for entry in fs::read_dir(folder).unwrap() {
        let mut mail = fs::read(entry.unwrap().path()).unwrap();
        mail.truncate(700);
        for end in (0..mail.len()).step_by(7) {
            let _result = read(&mail[..end]);
        }
        for at in (0..mail.len()).step_by(5) {
            let byte = std::mem::replace(&mut mail[at], b"\r\n=?\"-;*%\0\xff"[at / 5 % 11]);
            let _result = read(&mail);
            mail[at] = byte;
        }
    }
}
