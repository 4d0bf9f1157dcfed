//! Converts Textile, as Backpack's users wrote it, to a syntax tree, and the tree to safe HTML and Markdown.
//!
//! ```
//! let document = backpack_textile::parse("h2. Ferry\n\nLeaves at *nine*, from \"pier 4\":/pages/12.");
//! assert_eq!(
//!     document.to_html(),
//!     "<h2>Ferry</h2>\n<p>Leaves at <strong>nine</strong>, from <a href=\"/pages/12\">pier 4</a>.</p>\n"
//! );
//! assert_eq!(document.to_markdown(), "## Ferry\n\nLeaves at **nine**, from [pier 4](/pages/12).\n");
//! ```
//!
//! Every text is valid: what is not understood stays as it was typed. The time is linear in the length of the text, and
//! the depth of the tree is bounded.
//!
//! **Invariant:** the HTML is safe for any text. A [`Tag`], a [`Url`] and [`Attributes`] can only be created from the
//! allow-lists in this crate, and the writers escape all other text.

mod html;
mod markdown;
mod parse;
mod safe;
mod tree;

pub use parse::{Parser, parse};
pub use safe::{Attributes, Tag, URL_SCHEMES, Url};
pub use tree::{Block, Cell, Code, Definition, Document, Inline, List, ListItem, PhraseKind, Row, Table};
