//! Lists.

use super::attributes::{Allowed, read_attributes, read_digits};
use super::context::Context;
use super::inline::parse_trimmed;
use super::raw_html::is_block_end;
use super::scan::{byte_at, find_line_end, rest_from, skip_blanks, slice};
use crate::safe::Attributes;
use crate::tree::{List, ListItem};

/// Maximum depth of nested lists. Deeper items are siblings of the deepest ones.
const MAX_DEPTH: usize = 12;

/// Last number of the lists at each depth, for lists that continue with `#_`.
#[derive(Debug, Default)]
pub(super) struct Numbering([u32; MAX_DEPTH]);

/// Marks at the start of an item, with their attributes: `(list)##5(item) Text`.
struct Marker {
    /// Number of marks.
    depth: usize,
    is_ordered: bool,
    /// Attributes before the marks.
    list_attributes: Attributes,
    /// Attributes after the marks.
    attributes: Attributes,
    /// Number after the marks.
    start: Option<u32>,
    /// `true` for `#_`.
    is_continued: bool,
    /// Position of the text.
    end: usize,
}

/// `true` if the line at a position begins an item.
pub(super) fn is_item(text: &str, start: usize) -> bool {
    read_marker(text, start).is_some()
}

/// Reads the marks at the start of a line. Returns `None` if the line is not the first one of an item.
fn read_marker(text: &str, start: usize) -> Option<Marker> {
    let start = skip_blanks(text, start);
    let before = read_attributes(text, start, Allowed::Block);
    let marks = rest_from(text, before.end).bytes().take_while(|byte| matches!(byte, b'*' | b'#')).count();
    let mut at = before.end + marks;
    let is_ordered = byte_at(text, at.checked_sub(1)?) == b'#';
    if marks == 0 {
        return None;
    }
    let mut marker = Marker {
        depth: marks,
        is_ordered,
        list_attributes: before.attributes,
        attributes: Attributes::default(),
        start: None,
        is_continued: false,
        end: at,
    };
    if is_ordered && byte_at(text, at) == b'_' {
        marker.is_continued = true;
        at += 1;
    } else if is_ordered && let Some(digits) = read_digits(text, at) {
        marker.start = digits.parse().ok();
        at += digits.len();
    }
    let after = read_attributes(text, at, Allowed::Block);
    marker.attributes = after.attributes;
    at = after.end;
    if byte_at(text, at) != b' ' {
        return None;
    }
    marker.end = skip_blanks(text, at);
    // Marks alone are not an item.
    (!matches!(byte_at(text, marker.end), b'\n' | 0)).then_some(marker)
}

/// Reads the list at a position, up to a blank line, and returns the position after it.
pub(super) fn read_list(text: &str, start: usize, context: Context<'_>, numbering: &mut Numbering) -> (List, usize) {
    let mut lists = OpenLists { open: Vec::new(), numbering };
    let mut at = start;
    while let Some(marker) = read_marker(text, at) {
        let mut end = find_line_end(text, marker.end);
        // Further lines of the item.
        loop {
            let next = skip_blanks(text, end + 1);
            if matches!(byte_at(text, next), b'\n' | 0) || is_item(text, end + 1) || is_block_end(text, next) {
                break;
            }
            end = find_line_end(text, next);
        }
        let content = parse_trimmed(slice(text, marker.end, end), context);
        lists.add(marker, content);
        at = end + 1;
        if at > text.len() {
            break;
        }
    }
    (lists.finish(), at.saturating_sub(1).min(text.len()))
}

/// Lists that are open, from the outermost, each with its number of marks.
struct OpenLists<'n> {
    open: Vec<(usize, List)>,
    numbering: &'n mut Numbering,
}

impl OpenLists<'_> {
    /// Adds an item to the list of its depth, after closing deeper lists. A deeper list stays open and takes the item if
    /// the list around it is less deep than the item, or there is none: `** a` and `* b` are items of one list.
    fn add(&mut self, marker: Marker, content: Vec<crate::tree::Inline>) {
        while self.open.len() > 1 && self.open.iter().nth_back(1).is_some_and(|(depth, _)| *depth >= marker.depth) {
            self.close_last();
        }
        let level = self.open.len();
        match self.open.last_mut() {
            Some((depth, list)) if *depth >= marker.depth || level >= MAX_DEPTH => {
                *depth = marker.depth.min(*depth);
                list.items.push(ListItem { attributes: marker.attributes, content, lists: Vec::new() });
                self.count(level - 1);
            }
            _ => {
                let mut attributes = marker.list_attributes;
                let last = self.numbering.0.get_mut(level);
                let start = match (marker.start, &last) {
                    (Some(start), _) => start,
                    (None, Some(last)) if marker.is_continued => last.saturating_add(1),
                    _ => 1,
                };
                if let Some(last) = last
                    && marker.is_ordered
                {
                    *last = start;
                }
                if start != 1 || marker.start.is_some() {
                    attributes.insert("start", &start.to_string());
                }
                let items = vec![ListItem { attributes: marker.attributes, content, lists: Vec::new() }];
                self.open.push((marker.depth, List { is_ordered: marker.is_ordered, attributes, items }));
            }
        }
    }

    /// Counts an item of the list at a level.
    fn count(&mut self, level: usize) {
        if let Some(last) = self.numbering.0.get_mut(level) {
            *last = last.saturating_add(1);
        }
    }

    /// Adds the innermost list to the last item of the list around it.
    fn close_last(&mut self) {
        if let Some((_, list)) = self.open.pop()
            && let Some(item) = self.open.last_mut().and_then(|(_, outer)| outer.items.last_mut())
        {
            item.lists.push(list);
        }
    }

    /// Closes all lists, and returns the outermost.
    fn finish(mut self) -> List {
        while self.open.len() > 1 {
            self.close_last();
        }
        let outermost = self.open.pop().map(|(_, list)| list);
        outermost.unwrap_or_else(|| List { is_ordered: false, attributes: Attributes::default(), items: Vec::new() })
    }
}
