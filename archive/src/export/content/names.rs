//! Names of files, unique on any file system and accepted by all of them; names of accounts and kinds for people.
//!
//! The name of a file begins with the number of its object, so it is neither empty, nor reserved (`CON`), nor hidden (`.x`). The rest
//! is for people: letters and digits of the title.

use std::collections::BTreeSet;

use backpack_api::{Belonging, WidgetKind};
use unicode_normalization::UnicodeNormalization;

use crate::model::Account;

/// Maximum length in bytes of the part of a name that comes from a title.
const MAX_SLUG: usize = 80;

/// Converts a title to lower-case letters and digits in the normalization form C, with a hyphen between words.
pub(crate) fn to_slug(title: &str) -> String {
    let mut slug = String::new();
    // Lower case first: it can decompose a letter.
    for c in title.to_lowercase().nfc() {
        let c = if c.is_alphanumeric() { c } else { '-' };
        if c == '-' && (slug.is_empty() || slug.ends_with('-')) {
            continue;
        }
        if slug.len() + c.len_utf8() > MAX_SLUG {
            break;
        }
        slug.push(c);
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// Names that are in use.
#[derive(Debug, Default)]
pub(crate) struct FileNames(BTreeSet<String>);

impl FileNames {
    /// Creates a name from the number and the title of an object, without an extension. A number that is not unique gets
    /// a name of its own too.
    pub(crate) fn create(&mut self, number: u64, title: &str) -> String {
        let slug = to_slug(title);
        let name = if slug.is_empty() { number.to_string() } else { format!("{number}-{slug}") };
        let candidates = (2_u64..).map(|copy| format!("{name}-{copy}"));
        let free = std::iter::once(name.clone()).chain(candidates).find(|name| !self.0.contains(&fold_path(name)));
        let name = free.unwrap_or(name);
        self.0.insert(fold_path(&name));
        name
    }
}

/// Title of an export of the whole account.
pub(crate) fn title_account(account: &Account) -> String {
    account.name.as_deref().map_or("Backpack".to_owned(), |name| format!("Backpack of {name}"))
}

/// Name of the kind of a widget, for people.
pub(crate) fn name_kind(belonging: &Belonging) -> &str {
    match &belonging.kind {
        WidgetKind::WriteboardLink => "Writeboard",
        kind => kind.as_str(),
    }
}

/// Maps paths that some file system treats as equal to the same text.
pub(crate) fn fold_path(path: &str) -> String {
    path.nfkc().collect::<String>().to_lowercase().nfkc().collect()
}
