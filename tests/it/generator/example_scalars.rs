//! Values in examples: the checker accepts each text that the runtime reads, and knows how the runtime writes it.

use std::borrow::Cow;

use backpack_api::runtime::scalar::Scalar;
use backpack_api::runtime::support::scalar;
use backpack_api::runtime::xml::Writer;
use xmlwire_codegen::{Source, check};

const API: &str = "<api name=\"sample\" host=\"https://example.com\"><doc>A service.</doc>\
    <style name=\"plain\" method=\"POST\"><doc>Bodies.</doc><header name=\"X-Token\">{token}</header></style></api>";

/// `true` if the checker accepts an example whose value of this type has this text.
fn is_accepted(type_name: &str, text: &str, is_written: bool) -> bool {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    let written = if is_written { "" } else { " written=\"no\"" };
    let section = format!(
        "<section name=\"boxes\" style=\"plain\"><doc>Boxes.</doc><id name=\"BoxId\">Number.</id>\
         <enum name=\"Kind\"><doc>Kind.</doc><value name=\"Small\" text=\"small\">Small.</value></enum>\
         <endpoint name=\"show\" path=\"/{{id: BoxId}}/{{kind: Kind}}\"><doc>Shows it.</doc>\
         <request><box><value>{{value: {type_name}}}</value></box></request><doc for=\"value\">Value.</doc>\
         <example path=\"/1/small\"{written}><request><box><value>{text}</value></box></request></example>\
         </endpoint></section>"
    );
    let sources = [("api", API), ("boxes", &section)];
    let sources = sources.map(|(name, text)| Source { path: format!("schema/{name}.xml"), text: text.to_owned() });
    check(&sources).is_ok()
}

/// Compares the checker with a scalar of the runtime, for each text.
fn compare<S: Scalar>(type_name: &str, texts: &[&str]) {
    for text in texts {
        let value = S::read(Cow::Borrowed(text));
        let is_read = matches!(value, Ok(Some(_)));
        assert_eq!(is_accepted(type_name, text, false), is_read, "{type_name}: {text:?}");
        let Ok(Some(value)) = value else { continue };
        let Ok(written) = Writer::to_string(|xml| xml.write_scalar::<S>(&value)) else { continue };
        assert!(is_accepted(type_name, &written, true), "{type_name}: {text:?} is written as {written:?}");
        let is_same = written == *text;
        assert_eq!(is_accepted(type_name, text, true), is_same, "{type_name}: {text:?} is written as {written:?}");
    }
}

/// Notations of times, valid and invalid.
const TIMES: &[&str] = &[
    "2009-03-14 08:05:40",
    "2009-03-14T08:05:40Z",
    "2009-03-14T08:05:40",
    "2009-03-14 08:05:40Z",
    "2009-03-14 8:05",
    "2009-03-14T8:05Z",
    "2009-03-14T08:05:40+02:00",
    "2009-03-14T08:05:40.25Z",
    "2009-03-14 08:05:40-0500",
    "20090314T080540Z",
    "2009-03-14T08:05:40+01:00[Europe/Paris]",
    "2009-12-31T23:30:00-05:00",
    " 2009-03-14 08:05\n",
    "\"2009-03-14 08:05:40\"",
    "\"\"",
    "\"",
    "\"2009-03-14 08:05",
    "2008-02-29 00:00:00",
    "2009-02-29 00:00:00",
    "2009-13-01 00:00:00",
    "2009-03-14 24:00:00",
    "2009-03-14 23:59:60",
    "2009-03-14",
    "08:05:40",
    "2009-3-14 08:05:40",
    "2009-03-14 08:5:40",
    "2009-03-14 08:05:4",
    "2009-03-14 08:05:40:00",
    "2009-03-14  08:05:40",
    "+2009-03-14 08:05:40",
    "2009-03-14t08:05:40z",
    "-000044-03-15T12:00:00Z",
    "0000-01-01 00:00:00",
    "soon",
    "",
];

#[test]
fn an_example_may_hold_each_text_that_the_runtime_reads() {
    compare::<scalar::Timestamp>("timestamp", TIMES);
    compare::<scalar::Utc>("utc", TIMES);
    compare::<scalar::Local>("local", TIMES);
    let numbers = ["7", "-7", "+7", "007", "-0", " 7 ", "7 8", "0x7", "7.0", "9223372036854775808", "", "seven"];
    compare::<scalar::Integer>("integer", &numbers);
    let flags = ["true", "false", "1", "0", "TRUE", "yes", "", " 1 ", "01"];
    compare::<scalar::Bool>("bool", &flags);
    compare::<scalar::Bit>("bit", &flags);
    compare::<scalar::Flag>("flag", &flags);
    compare::<scalar::Word>("word", &["a", " a ", "a b", "", "\t", "ü"]);
    compare::<scalar::SecretText>("secret", &["a", " a ", "a b", ""]);
    compare::<scalar::Words<scalar::Integer>>("words(integer)", &["1 2", " 1\n2 ", "", "1 a", "01"]);
    let dates = ["2009-03-14", " 2009-03-14 ", "2009-3-14", "20090314", "2009-02-29", "2009-03-14 00:00:00", ""];
    compare::<scalar::Date>("date", &dates);
    let compact = ["20090314080540", "200903140805", "20090314", "2009031408054", "20090229000000", "20091301000000"];
    let compact = [&compact[..], TIMES].concat();
    compare::<scalar::Compact<scalar::Utc>>("compact(utc)", &compact);
    compare::<scalar::Compact<scalar::Local>>("compact(local)", &compact);
    compare::<scalar::Compact<scalar::Date>>("compact(date)", &[&compact[..], &dates].concat());
    let decimals = [
        "19.90",
        "-19.90",
        "007.50",
        "0",
        "-0",
        "-0.00",
        "7",
        "7.",
        ".5",
        "+7",
        "1e3",
        "1_000",
        "1,5",
        " 1.5 ",
        "",
        "NaN",
        "79228162514264337593543950335",
        "79228162514264337593543950336",
        "0.0000000000000000000000000001",
        "0.00000000000000000000000000001",
        "1.00000000000000000000000000000",
    ];
    compare::<scalar::Decimal>("decimal", &decimals);
    let phrases = ["a \"b c\" d", "a \"b c\"", "a \"b c", "\"a\"", "a\"b c\"", "\"\" a", "\"", "", " a  b ", "\"a\"b"];
    compare::<scalar::Phrases>("phrases", &phrases);
}
