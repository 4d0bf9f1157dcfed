//! Text in Markdown.

/// Characters that can begin or end a construct anywhere in a line.
const SPECIAL: &[char] =
    &['\\', '`', '*', '_', '[', ']', '<', '>', '~', '|', '&', '\n', '#', '-', '+', '=', ':', '.', ')', '!'];

/// Writes text, with the characters escaped that would have a meaning. `out` ends with what is before the text.
pub(super) fn write_text(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find(SPECIAL) {
        let (before, special) = rest.split_at_checked(at).unwrap_or((rest, ""));
        out.push_str(before);
        let Some(c) = special.chars().next() else { return };
        let after = special.get(c.len_utf8()..).unwrap_or_default();
        if needs_escape(c, out, after) {
            out.push('\\');
        }
        // The text of a paragraph contains line ends only as `LineBreak`.
        out.push(if c == '\n' { ' ' } else { c });
        rest = after;
    }
    out.push_str(rest);
}

/// `true` if a character has a meaning, given the text before and after it.
fn needs_escape(c: char, before: &str, after: &str) -> bool {
    match c {
        '\n' => false,
        // The mark of an image, if a link follows.
        '!' => after.is_empty(),
        '&' => {
            let name = after.split(|c: char| !c.is_ascii_alphanumeric() && c != '#').next().unwrap_or_default();
            !name.is_empty() && after.get(name.len()..).is_some_and(|rest| rest.starts_with(';'))
        }
        '_' => {
            !(before.ends_with(|c: char| c.is_ascii_alphanumeric())
                && after.starts_with(|c: char| c.is_ascii_alphanumeric()))
        }
        // Headings, lists, rules and underlines, at the start of a line only. The hyphen of a date is none of them.
        '#' | '-' | '+' | '=' | ':' => {
            !before.ends_with(|c: char| c.is_ascii_digit()) && is_line_start(before)
                || c == '#' && before.ends_with([' ', '#'])
        }
        '.' | ')' => {
            let number = before.trim_end_matches(|c: char| c.is_ascii_digit());
            number.len() < before.len() && is_line_start(number)
        }
        _ => true,
    }
}

/// `true` if a text ends with nothing but spaces on its last line, or with the marks of blocks.
fn is_line_start(before: &str) -> bool {
    /// Number of bytes after which a line is no longer at its start.
    const MAX_MARKS: usize = 100;
    for byte in before.bytes().rev().take(MAX_MARKS) {
        match byte {
            b'\n' => return true,
            b' ' | b'\t' | b'>' | b'-' | b'*' | b'#' | b'+' | b'\\' | b'=' | b'.' | b')' | b'0'..=b'9' => {}
            _ => return false,
        }
    }
    before.len() <= MAX_MARKS
}

/// Writes a URL or the destination of an image.
pub(super) fn write_url(url: &str, out: &mut String) {
    let is_plain = url.bytes().all(|byte| {
        byte.is_ascii_graphic()
            && !matches!(byte, b'(' | b')' | b'\\' | b'&' | b'|' | b'<' | b'>' | b'`' | b'*' | b'_' | b'[' | b']')
    });
    if is_plain && !url.is_empty() {
        out.push_str(url);
        return;
    }
    out.push('<');
    for c in url.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("%7C"),
            '\\' => out.push_str("%5C"),
            c if c.is_whitespace() || c.is_control() => {}
            c => out.push(c),
        }
    }
    out.push('>');
}

/// Writes the title of a link or image, with a space before it.
pub(super) fn write_title(title: &str, out: &mut String) {
    out.push_str(" \"");
    for c in title.chars() {
        match c {
            '"' | '\\' | '<' | '>' | '`' | '*' | '_' | '[' | ']' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            '|' => out.push_str("&#124;"),
            '\n' => out.push(' '),
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Writes HTML without blank lines, which would end it early. Each blank line becomes a character reference at the end of
/// the line before it.
pub(super) fn write_html(html: &str, out: &mut String) {
    let mut lines = html.trim_end_matches('\n').split('\n');
    out.push_str(lines.next().unwrap_or_default());
    for line in lines {
        if line.trim().is_empty() {
            out.push_str("&#10;");
            // White space, which stays after the reference.
            out.push_str(line);
        } else {
            out.push('\n');
            out.push_str(line);
        }
    }
}
