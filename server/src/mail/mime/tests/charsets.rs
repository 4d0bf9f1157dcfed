//! Charsets of bodies.

use super::read_body;

/// Reads a text with a charset.
fn read_with_charset(charset: &str, body: &[u8]) -> String {
    read_body(&format!("Content-Type: text/plain; charset=\"{charset}\""), body)
}

#[test]
fn reads_text_with_an_unknown_or_wrong_charset_as_what_it_is() {
    for charset in [
        "ansi", "8bit", "unknown-8bit", "x-user-defined", "", "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15",
        "utf-16",
    ] {
        assert_eq!(read_with_charset(charset, "Größe".as_bytes()), "Größe", "{charset}");
    }
    for charset in ["ansi", "8bit", "unknown-8bit", "", "utf-8", "us-ascii", "iso-8859-1"] {
        assert_eq!(read_with_charset(charset, b"Gr\xf6\xdfe \x96 \x80"), "Größe – €", "{charset}");
    }
    assert_eq!(read_with_charset("utf-8", b"Gr\xc3\xb6\xdfe \xe2\x82\xac"), "Größe €", "a single wrong byte");
    assert_eq!(read_with_charset("euc-jp", "Größe".as_bytes()), "Größe");
    assert_eq!(read_with_charset("shift_jis", b"\x91\x44 \x82"), "船 ‚", "half a character");
}

#[test]
fn reads_charsets_by_many_names() {
    for (charsets, bytes, text) in [
        (&["cp-850", "CP850", "ibm850", "850", "x-cp850", "dos-850"][..], &b"F\x84hre \x9e"[..], "Fähre ×"),
        (&["cp437", "IBM-437", "437"], b"F\x84hre \xe1", "Fähre ß"),
        (&["cp1251", "win-1251", "windows1251", "ms1251"], b"\xcf\xe0\xf0\xee\xec", "Паром"),
        (&["iso8859-2", "iso_8859_2", "ISO-88592", "latin-2", "8859_2"], b"\xb9", "š"),
        (&["latin-1", "latin_1", "ISO-8859-1-Windows", "utf8*de"], b"\xf6", "ö"),
        (&["cp65001", "UTF_8", "utf8", "unicode-1-1-utf-8"], "ö".as_bytes(), "ö"),
        (&["cp932", "MS932", "shiftjis", "sjis"], b"\x91\x44", "船"),
        (&["cp936", "gb2312", "GB_2312-80", "euc-cn", "gbk"], b"\xb4\xac", "船"),
        (&["koi8-r", "KOI8R", "koi8_r"], b"\xf0\xc1\xd2\xcf\xcd", "Паром"),
        (&["macroman", "x-mac-roman", "macintosh"], b"F\x8ahre", "Fähre"),
    ] {
        for charset in charsets {
            assert_eq!(read_with_charset(charset, bytes), text, "{charset}");
        }
    }
}

#[test]
fn reads_charsets_that_browsers_do_not_support() {
    for (charset, bytes, text) in [
        ("utf-7", &b"Gr+APYA3w-e +- 1+1, +2D3eAA- a + b"[..], "Größe + 1+1, 😀 a + b"),
        ("utf-7", b"+Pj4+-", "㸾"),
        ("utf-7", b"bad +2D0-", "bad +2D0-"),
        ("hz-gb-2312", b"~{4,~} ~~ ", "船 ~ "),
        ("iso-2022-kr", b"\x1b$)C\x0e9h\x0f ok", "배 ok"),
        ("iso-2022-cn", b"\x1b$)A\x0e4,\x0f ok", "船 ok"),
        ("utf-32", b"\0\0\0G\0\0\0\xf6", "Gö"),
        ("utf-32", b"\xff\xfe\0\0G\0\0\0\xf6\0\0\0", "Gö"),
        ("utf-32", b"plain text", "plain text"),
    ] {
        assert_eq!(read_with_charset(charset, bytes), text, "{charset}, {text}");
    }
}

#[test]
fn detects_utf_16() {
    for charset in ["utf-16", "utf-16le", "utf-16be", "unicode", "utf16"] {
        assert_eq!(read_with_charset(charset, b"\xff\xfeG\0\xf6\0"), "Gö", "{charset}");
        assert_eq!(read_with_charset(charset, b"\0G\0\xf6"), "Gö", "{charset}");
        assert_eq!(read_with_charset(charset, b"G\0\xf6\0"), "Gö", "{charset}");
    }
    assert_eq!(read_with_charset("utf-8", b"\xff\xfeG\0\xf6\0"), "Gö");
    assert_eq!(read_with_charset("utf-16", b"\xff\xfeG\0\xf6"), "Gö", "half a character");
}

#[test]
fn detects_japanese_and_korean_escape_sequences() {
    for charset in ["", "us-ascii", "utf-8", "iso-8859-1", "x-unknown", "iso-2022-jp", "iso-2022-jp-3", "cp850"] {
        assert_eq!(read_with_charset(charset, b"\x1b$BA%\x1b(B ok"), "船 ok", "{charset}");
    }
    assert_eq!(read_with_charset("", b"\x1b$)C\x0e9h\x0f ok"), "배 ok");
}

#[test]
fn html_can_name_its_charset() {
    let read = |fields: &str, meta: &str| read_body(fields, &[meta.as_bytes(), b"\xb9"].concat());
    for meta in ["<meta charset=iso-8859-2>", "<META content=\"text/html; CHARSET=ISO-8859-2\">"] {
        assert_eq!(read("Content-Type: text/html", meta), format!("{meta}š"));
        assert_eq!(read("Content-Type: text/html; charset=iso-8859-1", meta), format!("{meta}¹"));
        assert_eq!(read("Content-Type: text/plain", meta), format!("{meta}¹"));
    }
}

#[test]
fn every_byte_becomes_a_character() {
    let bytes: Vec<u8> = (0x80..=0xff).collect();
    for charset in
        ["", "utf-8", "shift_jis", "euc-kr", "big5", "gb18030", "iso-2022-jp", "utf-16", "windows-1253", "cp857"]
    {
        let text = read_with_charset(charset, &bytes);
        assert!(!text.contains('\u{fffd}') && text.chars().count() >= 40, "{charset}: {text}");
    }
}
