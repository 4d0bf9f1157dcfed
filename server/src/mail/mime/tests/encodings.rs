//! Content transfer encodings.

use super::read_text;

/// Reads a base64 body.
fn read_base64(body: &str) -> String {
    read_text(&format!("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n{body}"))
}

/// Reads a quoted-printable body.
fn read_quoted_printable(body: &str) -> String {
    read_text(&format!(
        "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: Quoted-Printable\n\n{body}"
    ))
}

/// `The ferry leaves from pier four, täglich außer Dienstag, at nine in the morning.` in base64, on lines of 60.
const LINES: &str = "VGhlIGZlcnJ5IGxlYXZlcyBmcm9tIHBpZXIgZm91ciwgdMOkZ2xpY2ggYXXD\n\
                     n2VyIERpZW5zdGFnLCBhdCBuaW5lIGluIHRoZSBtb3JuaW5nLg==";

/// The text of [`LINES`].
const TEXT: &str = "The ferry leaves from pier four, täglich außer Dienstag, at nine in the morning.";

#[test]
fn keeps_text_below_a_base64_body() {
    assert_eq!(read_base64(LINES), TEXT);
    for footer in ["_____\nSailing list\nhttps://lists.example.com/\n", "Unsubscribe\n", "Goodbyes\n", "a b\n\nc\n"] {
        assert_eq!(read_base64(&format!("{LINES}\n{footer}")), format!("{TEXT}\n{footer}"), "{footer}");
        assert_eq!(read_base64(&format!("{LINES}\n\n{footer}")), format!("{TEXT}\n{footer}"), "{footer}");
        let unpadded = LINES.trim_end_matches('=');
        assert_eq!(read_base64(&format!("{unpadded}\n{footer}")), format!("{TEXT}\n{footer}"), "unpadded, {footer}");
    }
    assert_eq!(read_base64(&format!("Warning: external\n\n{LINES}\n")), format!("Warning: external\n\n{TEXT}"));
}

#[test]
fn a_footer_of_a_base64_body_is_in_ascii() {
    let mail =
        "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64\n\nAEcA9g==\n\nSailing list\n";
    assert_eq!(read_text(mail), "Gö\nSailing list\n");
}

#[test]
fn reads_base64_that_is_damaged_or_not_encoded() {
    for (body, text) in [
        ("R3LDtsOfZQ", "Größe"),
        ("R3LDtsOfZQ=", "Größe"),
        ("R3LDtsOfZQ==\nIGRlcg==\n", "Größe der"),
        ("R3LDtsOfZQ== \n  \n", "Größe"),
        ("R3LDtsOfZQ==--\nlist\n", "Größe\n--\nlist\n"),
        ("This was never encoded!\n", "This was never encoded!\n"),
        ("R3LD tsOf ZQ", "Größe"),
        ("Hello\n", "Hello\n"),
        ("A\n", "A\n"),
        ("Thanks\n\nSee you at nine.\n", "Thanks\n\nSee you at nine.\n"),
        ("", ""),
    ] {
        assert_eq!(read_base64(body), text, "{body}");
    }
    // A line with an additional character, and without line breaks.
    let body = read_base64(&LINES.replace('\n', "").replace("xlYX", "xl!YX"));
    assert_eq!(body, TEXT);
    let body = read_base64(&LINES.replace("bSBwaWVyI", "bSBwa\rWVyI"));
    assert_eq!(body, TEXT);
    // The first character of a line of three is damaged.
    let body = read_base64(&LINES.replace('\n', &format!("\n!{}\n", &LINES[1..60])));
    assert!(body.ends_with("at nine in the morning."), "{body}");
}

#[test]
fn reads_damaged_quoted_printable() {
    for (body, text) in [
        ("Gr=c3=b6=C3=9fe", "Größe"),
        ("one=\n two= \t\n three=\r\n four=", "one two three four"),
        ("a=b 5=== =G1 =+1 =4", "a=b 5=== =G1 =+1 =4"),
        ("Größe =C3=A4", "Größe ä"),
        ("=\n=\n=3D", "="),
    ] {
        assert_eq!(read_quoted_printable(body), text, "{body}");
    }
}

#[test]
fn reads_other_transfer_encodings() {
    let uuencoded = "Content-Transfer-Encoding: x-uuencode\n\nbegin 644 a.txt\n#0V%T\nNot encoded\n`\nend\nDog\n";
    assert_eq!(read_text(uuencoded), "CatNot encoded\nDog\n");
    for encoding in ["x-unknown", "7bit", "8bit", "binary", "", "\"base-64\""] {
        assert_eq!(read_text(&format!("Content-Transfer-Encoding: {encoding}\n\n=C3 Text")), "=C3 Text", "{encoding}");
    }
    for encoding in ["BASE64", "base64;", "\"base64\"", "base64 (really)", "base64, 8bit"] {
        assert_eq!(read_text(&format!("Content-Transfer-Encoding: {encoding}\n\nVGV4dA==")), "Text", "{encoding}");
    }
}
