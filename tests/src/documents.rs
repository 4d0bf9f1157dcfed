//! Documents for benchmarks and heap tests: a small response, a page, an export. Always the same bytes.

use std::fmt::Write;

/// First line of every document.
const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

/// Returns a response with one short note.
pub fn small_response() -> String {
    let note =
        "<note title=\"Ferry\" id=\"6202\" created_at=\"2009-03-15 21:14:30\">Leaves at nine from the pier</note>";
    format!("{PROLOG}<response success=\"true\">{note}</response>")
}

/// Returns a response with one page of about 3 KB.
pub fn page() -> String {
    let mut generator = ContentGenerator(7);
    let mut page = String::new();
    generator.push_page(&mut page, 3, 5, 2);
    format!("{PROLOG}<response success=\"true\">{page}</response>")
}

/// Returns the export of a user with many pages and reminders, of about this length in bytes. The reminders are about
/// two percent of it.
pub fn export(length: usize) -> String {
    let mut generator = ContentGenerator(1);
    let mut out = format!("{PROLOG}<user id=\"1\" name=\"Jo\" account=\"acme\"><pages>");
    while out.len() < length - length / 50 {
        let (notes, items, lists) = (generator.below(30), generator.below(12), generator.below(4));
        generator.push_page(&mut out, notes, items, lists);
    }
    out.push_str("</pages><reminders>");
    while out.len() < length {
        generator.push_reminder(&mut out);
    }
    out.push_str("</reminders></user>");
    out
}

/// Words of all texts.
const WORDS: [&str; 24] = [
    "ferry",
    "leaves",
    "at",
    "nine",
    "from",
    "the",
    "pier",
    "and",
    "comes",
    "back",
    "by",
    "noon",
    "*bring*",
    "boots,",
    "water",
    "a",
    "map",
    "of",
    "coast.",
    "\"Timetable\":http://example.com/t?a=1",
    "It's",
    "for",
    "everybody",
    "tomorrow",
];
/// Words with non-ASCII characters.
const WIDE: [&str; 6] = ["café", "naïve", "über", "Straße", "—", "日本語"];
/// Words with references, already escaped.
const ENTITIES: [&str; 6] = ["&amp;", "&lt;b&gt;", "&lt;/b&gt;", "&#8217;", "R&amp;B", "&quot;so&quot;"];

/// Deterministic generator of pseudo-random content. Holds the state of a linear congruential generator.
struct ContentGenerator(u64);

impl ContentGenerator {
    /// Returns the next number, which is less than `bound`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The low bits of a linear congruential generator have a short period.
        (self.0 >> 33) % bound
    }

    /// Returns a word at random.
    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len() as u64) as usize]
    }

    /// Appends text of about this length. Three texts in ten have non-ASCII characters, two in ten have entities.
    fn push_text(&mut self, length: u64, out: &mut String) {
        let kind = self.below(10);
        let end = out.len() + length as usize;
        loop {
            let special = self.below(8) == 0;
            let word = match kind {
                0..3 if special => self.pick(&WIDE),
                3..5 if special => self.pick(&ENTITIES),
                _ => self.pick(&WORDS),
            };
            out.push_str(word);
            if out.len() >= end {
                return;
            }
            out.push(if self.below(12) == 0 { '\n' } else { ' ' });
        }
    }

    /// Returns escaped text on one line for an attribute, which may be empty.
    fn next_title(&mut self) -> String {
        let mut title = String::new();
        let length = self.below(25);
        if length > 3 {
            self.push_text(length, &mut title);
        }
        title.replace('"', "&quot;").replace('\n', " ")
    }

    /// Returns a time: `2009-03-14 08:05:40`.
    fn next_time(&mut self) -> String {
        let (month, day, hour) = (1 + self.below(12), 1 + self.below(28), self.below(24));
        format!("2009-{month:02}-{day:02} {hour:02}:{:02}:{:02}", self.below(60), self.below(60))
    }

    /// Returns an id. Ids may repeat.
    fn next_id(&mut self) -> u64 {
        self.below(900_000)
    }

    /// Appends a page with these numbers of notes and lists, and with `items` in each list.
    fn push_page(&mut self, out: &mut String, notes: u64, items: u64, lists: u64) {
        let title = self.next_title();
        let id = self.next_id();
        let word = self.next_id();
        let mail = format!("word{word}word@acme.example.com");
        write!(out, "<page title=\"{title}\" id=\"{id}\" email_address=\"{mail}\"><belongings>").unwrap();
        for position in 1..=(notes + lists) {
            let kind = if position <= notes { "Note" } else { "List" };
            let (id, widget) = (self.next_id(), self.next_id());
            write!(out, "<belonging id=\"{id}\"><position>{position}</position>").unwrap();
            write!(out, "<widget type=\"{kind}\" id=\"{widget}\"/></belonging>").unwrap();
        }
        out.push_str("</belongings><lists>");
        (0..lists).for_each(|_| self.push_list(out, items));
        out.push_str("</lists><notes>");
        (0..notes).for_each(|_| self.push_note(out));
        let (title, id) = (self.next_title(), self.next_id());
        write!(out, "</notes><separators><separator id=\"{id}\">{title}</separator></separators><tags>").unwrap();
        for _ in 0..self.below(4) {
            let (name, id) = (self.next_title(), self.next_id());
            write!(out, "<tag name=\"{name}\" id=\"{id}\"/>").unwrap();
        }
        out.push_str("</tags></page>");
    }

    /// Appends a list with this number of items.
    fn push_list(&mut self, out: &mut String, items: u64) {
        let (title, list) = (self.next_title(), self.next_id());
        write!(out, "<list name=\"{title}\" id=\"{list}\"><items>").unwrap();
        for _ in 0..items {
            let (id, done) = (self.next_id(), self.below(3) == 0);
            write!(out, "<item completed=\"{done}\" id=\"{id}\" list_id=\"{list}\">").unwrap();
            let length = 5 + self.below(60);
            self.push_text(length, out);
            out.push_str("</item>");
        }
        out.push_str("</items></list>");
    }

    /// Appends a note with a body of 50 to 1500 bytes; short bodies are more frequent.
    fn push_note(&mut self, out: &mut String) {
        let title = self.next_title();
        let id = self.next_id();
        let time = self.next_time();
        write!(out, "<note title=\"{title}\" id=\"{id}\" created_at=\"{time}\">").unwrap();
        let bound = 1 + self.below(1450);
        let length = 50 + self.below(bound);
        self.push_text(length, out);
        out.push_str("</note>");
    }

    /// Appends a reminder with two remindees.
    fn push_reminder(&mut self, out: &mut String) {
        let (id, time) = (self.next_id(), self.next_time());
        write!(out, "<reminder id=\"{id}\"><remind_at>{time}</remind_at><content>").unwrap();
        let length = 10 + self.below(80);
        self.push_text(length, out);
        out.push_str("</content><creator id=\"31\" name=\"Jo\"/><remindees>");
        out.push_str("<user id=\"41\" name=\"Al\"/><user id=\"42\" name=\"Bo\"/></remindees></reminder>");
    }
}
