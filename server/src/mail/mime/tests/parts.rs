//! Parts, attachments and forwarded mails.

use super::{read, read_text};

#[test]
fn keeps_text_of_any_subtype() {
    for media_type in
        ["text/markdown", "text/enriched", "text/calendar", "TEXT/X-Unknown", "text", "text/", "plain", ""]
    {
        assert_eq!(read_text(&format!("Content-Type: {media_type}\n\n# At nine")), "# At nine", "{media_type}");
    }
    let alternative = "Content-Type: multipart/alternative; boundary=b\n\n\
                       --b\nContent-Type: text/calendar; method=REQUEST\n\nSUMMARY:Regatta\n--b--\n";
    assert_eq!(read_text(alternative), "SUMMARY:Regatta");
}

#[test]
fn keeps_the_parts_before_a_missing_closing_delimiter() {
    let parts =
        "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nText\n--b\nContent-Type: text/html\n\n<p>HTML";
    assert_eq!(read_text(parts), "Text\n<p>HTML");
    let inner = "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n\
                 --i\n\nInner\n--o\n\nOuter\n--o--\n";
    assert_eq!(read_text(inner), "Inner\nOuter");
}

#[test]
fn keeps_a_multipart_body_without_a_valid_boundary_as_it_is() {
    let body = "--b\nContent-Type: text/plain\n\nText\n--b--\n";
    for parameter in ["", "; boundary", "; boundary=", "; boundary=\"\"", "; boundary=other", "; boundary=B"] {
        assert_eq!(read_text(&format!("Content-Type: multipart/mixed{parameter}\n\n{body}")), body, "{parameter}");
    }
}

#[test]
fn only_a_whole_line_is_a_delimiter() {
    let text = "The line --b is one.\n --b\n--bc\n--b-\n--b--x\n>--b--";
    let mail = format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n\n{text}\n--b--\n");
    assert_eq!(read_text(&mail), text);
    // White space is often added on the way.
    assert_eq!(read_text("Content-Type: multipart/mixed; boundary=b\n\n--b \n\nText\n--b-- \t\n"), "Text");
    assert_eq!(read_text("Content-Type: multipart/mixed; boundary=\"b \"\n\n--b\n\nText\n--b--\n"), "Text");
}

#[test]
fn keeps_text_outside_the_parts_except_a_notice() {
    let build = |before: &str| {
        format!("Content-Type: multipart/mixed; boundary=b\n\n{before}\n--b\n\nText\n--b--\n\nSailing list\n")
    };
    assert_eq!(read_text(&build("This is a multi-part message in MIME format.\n")), "Text\n\nSailing list\n");
    let with_text = build("This message is in MIME format. Some of it\nmay not be legible.\n\nSee you at nine.");
    assert_eq!(read_text(&with_text), "\nSee you at nine.\nText\n\nSailing list\n");
    assert_eq!(read_text(&build("See you at nine.")), "See you at nine.\nText\n\nSailing list\n");
    let without_parts = "Content-Type: multipart/mixed; boundary=b\n\nMIME is a standard.\n--b--\n";
    assert_eq!(read_text(without_parts), "MIME is a standard.");
    let reopened = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nOne\n--b--\n--b\n\nTwo\n--b--\n";
    assert_eq!(read_text(reopened), "One\nTwo");
}

#[test]
fn nested_parts_with_the_same_boundary_are_kept() {
    let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=b\n\n\
                --b\n\nText\n--b\nContent-Type: text/html\n\n<p>HTML</p>\n--b--\n--b\n\nMore\n--b--\n";
    assert_eq!(read_text(mail), "Text\nMore\n<p>HTML</p>");
}

#[test]
fn a_part_without_content_fields_is_text() {
    let mail =
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nNote: no blank line\n--b\nNo field\n--b\n\nText\n--b--\n";
    assert_eq!(read_text(mail), "Note: no blank line\nNo field\nText");
}

#[test]
fn a_multipart_mail_without_content_is_empty() {
    let mail = "Content-Type: multipart/mixed; boundary=b\n\nA multi-part message in MIME format.\n--b\n\n\n--b--\n";
    assert_eq!(read_text(mail), "");
    assert_eq!(read_text("Content-Type: multipart/mixed; boundary=b\n\n"), "");
}

#[test]
fn decodes_a_multipart_body_that_is_encoded_as_a_whole() {
    // `--b`, a blank line, `Größe`, `--b--`.
    let mail =
        "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iCgpHcsO2w59lCi0tYi0t\n";
    assert_eq!(read_text(mail), "Größe");
    let clear = "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nText\n--b--\n";
    assert_eq!(read_text(clear), "Text");
}

#[test]
fn only_attachments_are_replaced_by_their_names() {
    let build = |part: &str| format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n{part}\n--b--\n");
    let attached = |name: &str| format!("\n\n[{name} was attached, and is not kept]");
    for (part, kept) in [
        ("Content-Type: text/plain; name=a.txt\n\nText", "Text".to_owned()),
        ("Content-Disposition: inline; filename=a.txt\n\nText", "Text".to_owned()),
        ("Content-Disposition: filename=a.txt\n\nText", "Text".to_owned()),
        ("Content-Disposition: ATTACHMENT; filename=a.txt\n\nText", attached("a.txt")),
        ("Content-Type: text/html\nContent-Disposition: attachment\n\nText", attached("text/html")),
        ("Content-Disposition: attachment\n\nText", attached("a file")),
        ("Content-Type: application/ms-tnef; name=winmail.dat\n\nx", attached("winmail.dat")),
        ("Content-Type: application/json\n\n{\"at\": 9}", "{\"at\": 9}".to_owned()),
        ("Content-Type: application/json; name=a.json\n\n{}", attached("a.json")),
        ("Content-Type: image/png\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=", attached("image/png")),
        ("Content-Type: image/png\n\n", attached("image/png")),
    ] {
        assert_eq!(read_text(&build(part)), kept, "{part}");
    }
}

#[test]
fn reads_the_file_names_of_attachments() {
    for (parameter, name) in [
        ("filename=plan (2).pdf", "plan (2).pdf"),
        ("filename=\"a;b=c \\\"d\\\".pdf\"", "a;b=c \"d\".pdf"),
        ("filename=\"C:\\Temp\\plan.pdf\"", "C:\\Temp\\plan.pdf"),
        ("filename=\"plan.pdf", "plan.pdf"),
        ("filename=\"=?utf-8?q?F=C3=A4hre.pdf?=\"", "Fähre.pdf"),
        ("filename=Fähre.pdf", "Fähre.pdf"),
        ("filename*=utf-8''F%C3%A4hre.pdf", "Fähre.pdf"),
        ("filename*=iso-8859-1'de'F%E4hre.pdf", "Fähre.pdf"),
        ("filename*0*=utf-8''F%C3; filename*1*=%A4h; filename*2=\"re.pdf\"", "Fähre.pdf"),
        ("filename*1=re.pdf; filename*0=Fäh", "Fähre.pdf"),
        ("filename=old.pdf; filename*=utf-8''F%C3%A4hre.pdf", "Fähre.pdf"),
        ("filename*=plan.pdf", "plan.pdf"),
        ("FileName = plan.pdf", "plan.pdf"),
        ("x=\"filename=no.pdf\";\n filename=\"pl\n an.pdf\"", "pl an.pdf"),
    ] {
        let kept = read_text(&format!("Content-Disposition: attachment; {parameter}\n\nx"));
        assert_eq!(kept, format!("\n\n[{name} was attached, and is not kept]"), "{parameter}");
    }
}

#[test]
fn keeps_reports_and_signed_text() {
    let report = "Content-Type: multipart/report; boundary=b\n\n--b\n\nNot delivered.\n--b\n\
                  Content-Type: message/delivery-status\n\nAction: failed\n--b\nContent-Type: text/rfc822-headers\n\n\
                  Subject: Oars\n--b--\n";
    assert_eq!(read_text(report), "Not delivered.\nAction: failed\nSubject: Oars");
    let signed = "Content-Type: multipart/signed; boundary=b\n\n--b\n\nSigned\n--b\n\
                  Content-Type: application/pgp-signature; name=signature.asc\n\nx\n--b--\n";
    assert_eq!(read_text(signed), "Signed\n\n[signature.asc was attached, and is not kept]");
}

#[test]
fn keeps_forwarded_mails_in_any_form() {
    let forwarded = "\n---------- Forwarded message ----------\nFrom: \nSubject: Oars\n\nTwo";
    for rest in [
        "Content-Type: message/rfc822\n\nSubject: Oars\n\nTwo",
        "Content-Type: message/rfc822\nContent-Disposition: attachment; filename=a.eml\n\nSubject: Oars\n\nTwo",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogT2FycwoKVHdv\n",
        "Content-Type: message/rfc822\n\n>From jo@example.com\nSubject: Oars\n\nTwo",
        "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: Oars\n\nTwo\n--b--\n",
        "Content-Type: multipart/digest; boundary=b\n\n--b\nSubject: Oars\n\nTwo\n--b--\n",
    ] {
        assert_eq!(read_text(rest), forwarded, "{rest}");
    }
    assert_eq!(read_text("Content-Type: message/rfc822\n\nno header here"), "no header here");
}

#[test]
fn any_line_end_ends_a_line() {
    let mail = "Subject: Ends\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nOne\nTwo\n--b--\n";
    for end in ["\r", "\n", "\r\n", "\r\r\n"] {
        let kept = read(mail.replace('\n', end).as_bytes()).unwrap();
        assert_eq!(kept, ("Ends".to_owned(), "One\nTwo".to_owned()), "{end:?}");
    }
}
