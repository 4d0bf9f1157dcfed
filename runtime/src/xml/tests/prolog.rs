//! The XML declaration, and what may stand before the root.

use super::super::ErrorKind;
use super::{read_all, read_tree};

/// Starts of documents that are not well-formed, each before `<a/>`.
const MALFORMED: [&str; 62] = [
    // Not the very start of the document.
    " <?xml version='1.0'?>",
    "\n<?xml version='1.0'?>",
    "\r\n\t<?xml version='1.0'?>",
    "\u{FEFF} <?xml version='1.0'?>",
    "\u{FEFF}\u{FEFF}<?xml version='1.0'?>",
    "<!--b--><?xml version='1.0'?>",
    "<?b?><?xml version='1.0'?>",
    "<?xml version='1.0'?><?xml version='1.0'?>",
    "<?xml version='1.0'?>\u{FEFF}",
    // White space of other standards, before the declaration and after it.
    "\u{C}",
    "\u{B}",
    "\u{0}",
    "\u{1A}",
    "\u{85}",
    "\u{A0}",
    "\u{2003}",
    "\u{2028}",
    "\u{3000}",
    "\u{200B}",
    "\u{C}<?xml version='1.0'?>",
    "\u{A0}<?xml version='1.0'?>",
    "<?xml version='1.0'?>\u{C}",
    "<?xml version='1.0'?>\u{B}\n",
    "<?xml version='1.0'?>\u{A0}",
    "<?xml\u{C}version='1.0'?>",
    "<?xml\u{A0}version='1.0'?>",
    "<?xml version='1.0'\u{C}encoding='UTF-8'?>",
    "<?xml version='1.0'\u{2003}?>",
    // The version.
    "<?xml?>",
    "<?xml ?>",
    "<?xml version?>",
    "<?xml version=?>",
    "<?xml version=1.0?>",
    "<?xml version='1.0\"?>",
    "<?xml version=''?>",
    "<?xml version='1'?>",
    "<?xml version='1.'?>",
    "<?xml version='2.0'?>",
    "<?xml version='1.0a'?>",
    "<?xml version=' 1.0'?>",
    "<?xml version='1.0 '?>",
    "<?xml version='&#49;.0'?>",
    "<?xml Version='1.0'?>",
    "<?xml version='1.0' version='1.0'?>",
    // The encoding.
    "<?xml encoding='UTF-8'?>",
    "<?xml encoding='UTF-8' version='1.0'?>",
    "<?xml version='1.0' encoding=''?>",
    "<?xml version='1.0' encoding='-8'?>",
    "<?xml version='1.0' encoding='8-UTF'?>",
    "<?xml version='1.0' encoding='UTF 8'?>",
    "<?xml version='1.0' encoding='UTF-8 '?>",
    "<?xml version='1.0' encoding='UTF/8'?>",
    "<?xml version='1.0' encoding='\u{DC}TF-8'?>",
    "<?xml version='1.0' encoding=UTF-8?>",
    "<?xml version='1.0'encoding='UTF-8'?>",
    "<?xml version='1.0' encoding='UTF-8' encoding='UTF-8'?>",
    // `standalone`, and the end.
    "<?xml version='1.0' standalone='yes' encoding='UTF-8'?>",
    "<?xml version='1.0' standalone='YES'?>",
    "<?xml version='1.0' standalone=''?>",
    "<?xml version='1.0' b='c'?>",
    "<?xml version='1.0'>",
    "<?XML version='1.0'?>",
];

/// Starts of documents that are well-formed, each before `<a/>`.
const WELL_FORMED: [&str; 29] = [
    "",
    " \t\r\n",
    "\u{FEFF}",
    "\u{FEFF}\r\n ",
    "<!-- b --><?c d?>\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
    "\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n",
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- b -->\n",
    "<?xml version='1.0'?>",
    "<?xml version='1.0' ?>",
    "<?xml\tversion\r\n=\n'1.0'\t\r\n?>",
    "<?xml version='1.1'?>",
    "<?xml version='1.10'?>",
    "<?xml version='1.0' encoding=\"utf-8\"?>",
    "<?xml version='1.0' encoding='utf-16'?>",
    "<?xml version=\"1.0\" encoding=\"UTF-16LE\"?>",
    "<?xml version='1.0' encoding='us-ascii'?>",
    "<?xml version='1.0' encoding='ISO-8859-1'?>",
    "<?xml version='1.0' encoding='windows-1252' ?>",
    "<?xml version='1.0' encoding='Shift_JIS'?>",
    "<?xml version='1.0' encoding='x.y_z-1'?>",
    "<?xml version='1.0'  encoding = 'UTF-8'  standalone = 'no'?>",
    "<?xml version='1.0' standalone='yes'?>",
    "<?xml version='1.0' standalone=\"no\" ?>",
    "<?xml version=\"1.0\" encoding='UTF-8' standalone=\"yes\"?>",
    "<?xml version='1.0'?><?xml-stylesheet href='b.css'?>",
    "<?xml-stylesheet href='b.css'?>",
    "<?xmlish?>",
    "<?x?>",
];

#[test]
fn rejects_malformed_prologs() {
    for prolog in MALFORMED {
        let error = read_all(&format!("{prolog}<a/>")).expect_err(prolog);
        assert!(matches!(error.kind(), ErrorKind::Malformed(_)), "{error}: {prolog:?}");
    }
}

/// Text is decoded before it is parsed, so the encoding that a document names has no effect.
#[test]
fn reads_well_formed_prologs_with_any_encoding_name() {
    for prolog in WELL_FORMED {
        assert_eq!(read_tree(&format!("{prolog}<a>\u{E9}</a>")), read_tree("<a>\u{E9}</a>"), "{prolog:?}");
    }
}

#[test]
fn a_cut_off_declaration_is_reported_as_cut_off() {
    let document = "<?xml version='1.0' encoding='UTF-8' standalone='no'?>";
    for end in 1..=document.len() {
        let error = read_all(&document[..end]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CutOff, "{:?}", &document[..end]);
    }
}
