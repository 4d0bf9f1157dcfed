//! Raw HTML outside of paragraphs.

use super::blocks::Blocks;
use super::html_phrases::parse_verbatim;
use super::raw_html::{TagKind, check_comment, read_tag, strip_code};
use super::scan::{Mark, byte_at, find_line_end, rest_from, skip_blanks, slice};
use crate::safe::{Attributes, Tag};
use crate::tree::{Block, Code, Inline};

impl Blocks<'_> {
    /// Reads raw HTML outside of paragraphs: elements whose content is not formatted, comments, and tags of blocks.
    pub(super) fn read_html(&mut self, at: usize) -> Option<usize> {
        let text = self.text;
        if rest_from(text, at).starts_with("<!--") {
            let end = self.ends.find(Mark::Text("-->"), at + 4)?;
            let line_end = find_line_end(text, end + 3);
            if !slice(text, end + 3, line_end).trim().is_empty() {
                return None;
            }
            let comment = check_comment(slice(text, at + 4, end))?;
            self.output.push(Block::Comment(comment));
            return Some(line_end);
        }
        let tag = read_tag(text, at)?;
        if tag.kind == TagKind::Start {
            match tag.name {
                "notextile" => return self.read_notextile(tag.end),
                "pre" => {
                    let (code, end) = self.read_pre(tag.attributes(), tag.end);
                    self.output.push(Block::Code(code));
                    return Some(end);
                }
                "script" | "style" => {
                    let end_tag = if tag.name == "script" { "</script>" } else { "</style>" };
                    let end =
                        self.ends.find(Mark::Text(end_tag), tag.end).map_or(text.len(), |end| end + end_tag.len());
                    let content = vec![Inline::Text(slice(text, at, end).to_owned())];
                    self.output.push_phrases(None, Attributes::default(), content);
                    return Some(end);
                }
                _ => {}
            }
        }
        Tag::new(tag.name).filter(|tag| tag.is_block())?;
        Some(self.read_elements(at))
    }

    /// Reads `<notextile>` with several lines. `start` is the position after the tag.
    fn read_notextile(&mut self, start: usize) -> Option<usize> {
        let end = self.ends.find(Mark::Text("</notextile>"), start)?;
        let after = end + "</notextile>".len();
        let is_alone = matches!(byte_at(self.text, after), b'\n' | 0);
        if !is_alone {
            return None;
        }
        let content = parse_verbatim(slice(self.text, start, end).trim_matches('\n'), self.context);
        self.output.push_phrases(None, Attributes::default(), content);
        Some(after)
    }

    /// Reads `<pre>` up to its end tag, or up to the end of the text.
    fn read_pre(&mut self, attributes: Attributes, start: usize) -> (Code, usize) {
        let end = self.ends.find(Mark::Text("</pre>"), start);
        let content = slice(self.text, start, end.unwrap_or(self.text.len()));
        let (is_code, content) = strip_code(content);
        let end = end.map_or(self.text.len(), |end| end + "</pre>".len());
        (Code { is_code, attributes, text: content.to_owned() }, end)
    }

    /// Reads tags of blocks and the text between them, up to the end of a block, or to a line feed after a tag.
    fn read_elements(&mut self, start: usize) -> usize {
        let text = self.text;
        let depth = self.output.depth();
        let mut at = start;
        loop {
            let tag = read_tag(text, at).and_then(|tag| Some((Tag::new(tag.name)?, tag)));
            let Some((element, tag)) = tag.filter(|(element, _)| element.is_block()) else {
                // Text, up to the next tag of a block.
                let end = self.find_text_end(at);
                if end <= at {
                    return at;
                }
                self.push_plain(slice(text, at, end));
                at = end;
                if byte_at(text, at) != b'<' {
                    return at;
                }
                continue;
            };
            at = tag.end;
            match tag.kind {
                TagKind::End => self.output.close(element),
                TagKind::Start if element == Tag::PRE => {
                    let (code, end) = self.read_pre(tag.attributes(), tag.end);
                    self.output.push(Block::Code(code));
                    at = end;
                }
                TagKind::Start if !element.is_void() => self.output.open(element, tag.attributes()),
                _ => self.output.push(Block::Element(element, tag.attributes(), Vec::new())),
            }
            let next = skip_blanks(text, at);
            if matches!(byte_at(text, next), b'\n' | 0) {
                return next + 1;
            }
            if self.output.depth() <= depth && byte_at(text, next) != b'<' {
                return next;
            }
            at = next;
        }
    }

    /// Returns the end of the text at a position: the next tag of a block, or the end of the block.
    fn find_text_end(&mut self, start: usize) -> usize {
        let limit = self.find_block_end(start);
        let mut at = start;
        while let Some(length) = slice(self.text, at, limit).find('<') {
            at += length;
            if read_tag(self.text, at).and_then(|tag| Tag::new(tag.name)).is_some_and(Tag::is_block) {
                return at;
            }
            at += 1;
        }
        limit
    }
}
