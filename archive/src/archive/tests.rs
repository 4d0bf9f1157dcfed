//! Tests of reading archives, exports and folders.

use std::fs;

use super::*;

const PAGE: &str = "<page title=\"Compost\" id=\"19\"><items><incomplete><item id=\"71\">Turn the heap</item>\
                    </incomplete><completed><item id=\"70\">Buy a fork</item></completed></items></page>";

/// Writes files into a temporary folder.
fn create_folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    folder
}

/// Opens a file with these bytes.
fn open_file(bytes: &[u8]) -> Archive {
    let folder = create_folder(&[("export.xml", bytes)]);
    Archive::open(&folder.path().join("export.xml")).unwrap()
}

fn titles(archive: &Archive) -> Vec<&str> {
    archive.account().pages.iter().map(|archived| archived.page.title.as_str()).collect()
}

fn problems(archive: &Archive) -> Vec<String> {
    archive.problems().iter().map(Problem::to_string).collect()
}

#[test]
fn reads_both_roots_of_an_export() {
    let reminders = "<reminders><reminder id=\"6\" remind_at=\"2009-04-02 09:45:00\">Ferry</reminder></reminders>";
    for (start, end) in
        [("<user id=\"77\" name=\"Ines\" account=\"acme\">", "</user>"), ("<backpack username='i'>", "</backpack>")]
    {
        let archive = open_file(format!("{start}<pages>{PAGE}</pages>{reminders}{end}").as_bytes());
        assert_eq!(problems(&archive), Vec::<String>::new());
        assert_eq!(titles(&archive), ["Compost"]);
        assert_eq!(archive.account().reminders[0].content, "Ferry");
    }
}

#[test]
fn reads_the_grouped_items_of_old_exports() {
    let archive = open_file(format!("<backpack username='ines'><pages>{PAGE}</pages></backpack>").as_bytes());
    let page = &archive.account().pages[0].page;
    let items: Vec<_> = page.items.iter().map(|item| (item.id.0, item.completed, item.content.as_str())).collect();
    assert_eq!(items, [(71, false, "Turn the heap"), (70, true, "Buy a fork")]);
    assert_eq!(archive.files()[0].unknown, Vec::<String>::new());
}

#[test]
fn reads_an_export_with_a_byte_order_mark_in_latin_1_or_with_a_document_type() {
    let export = "<backpack username='In\u{E9}s'><pages><page title='Caf\u{E9}' id='19'/></pages></backpack>";
    let latin: Vec<u8> =
        format!("<?xml version='1.0' encoding='iso-8859-1'?>{export}").chars().map(|c| c as u8).collect();
    let marked = format!("\u{FEFF}{export}");
    let with_type = format!("<?xml version='1.0'?><!DOCTYPE backpack SYSTEM 'backpack.dtd'>{export}");
    for bytes in [&latin[..], marked.as_bytes(), with_type.as_bytes()] {
        let archive = open_file(bytes);
        assert_eq!((problems(&archive), titles(&archive)), (vec![], vec!["Café"]));
    }
}

#[test]
fn names_the_problem_of_each_file_and_keeps_the_rest() {
    let folder = create_folder(&[
        ("a.xml", PAGE.as_bytes()),
        ("cut.xml", b"<page title='Cut' id='1'><notes>"),
        ("latin.xml", b"<page title='Caf\xe9' id='2'/>"),
        ("entity.xml", b"<!DOCTYPE page [<!ENTITY a 'b'>]><page title='&a;' id='3'/>"),
        ("failure.xml", b"<response success='false'><error code='404'>Record not found</error></response>"),
        ("notes.xml", b"<response success='true'><notes/></response>"),
        ("other.xml", b"<svg/>"),
        ("empty.xml", b""),
        ("readme.txt", b"not XML"),
    ]);
    let archive = Archive::open(folder.path()).unwrap();
    assert_eq!(titles(&archive), ["Compost"]);
    assert_eq!(
        problems(&archive),
        [
            "cut.xml: the document is cut off, at byte 32, in page/notes",
            "empty.xml: the document is empty, at byte 0",
            "entity.xml: a document type declaration is not allowed, at byte 0",
            "failure.xml: this is a failure that the service reported",
            "latin.xml: the text is not UTF-8, and names no other encoding that it is in",
            "notes.xml: a response with <notes> does not say what page it belongs to",
            "other.xml: <svg> is not the root of a document that an archive can have",
        ]
    );
}

#[test]
fn lists_unknown_elements_by_path() {
    let archive = open_file(
        b"<user id='77' name='Ines' account='acme'><pages><page title='a' id='1' colour='red'><notes>\
          <note title='' id='1' created_at='2009-03-15 21:12:09'>a<b/></note></notes><stars><star/></stars></page>\
          <page title='b' id='2' colour='blue'/></pages></user>",
    );
    let unknown = &archive.files()[0].unknown;
    assert_eq!(unknown, &["user/pages/page/@colour", "user/pages/page/notes/note/b", "user/pages/page/stars"]);
}

#[test]
fn refuses_a_folder_without_an_archive() {
    let folder = create_folder(&[("readme.txt", b"none")]);
    assert!(matches!(Archive::open(folder.path()), Err(OpenError::NoArchive(_))));
    assert!(matches!(Archive::open(&folder.path().join("missing")), Err(OpenError::Io(..))));
}

#[test]
fn reads_the_responses_of_an_archive_whose_manifest_is_damaged_or_newer() {
    let page = format!("<response success=\"true\">{PAGE}</response>");
    for (manifest, problem) in [
        ("{", "manifest.json: the file is damaged: EOF while parsing an object at line 1 column 1"),
        (
            "{\"format\":2}",
            "manifest.json: the archive has format 2, and this version reads up to format 1; update backpack",
        ),
    ] {
        let files = [("manifest.json", manifest.as_bytes()), ("raw/pages/19.xml", page.as_bytes()), ("raw/x", b"")];
        let archive = Archive::open(create_folder(&files).path()).unwrap();
        assert_eq!(titles(&archive), ["Compost"]);
        assert_eq!(problems(&archive), [problem, "raw/x: the file is not a response"]);
    }
}
