//! Files in memory, with the objects in them.

use super::object::{Kind, Object};
use crate::model::Account;

/// A file of an export.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ExportedFile {
    /// Path within the folder, with `/` between names.
    pub path: String,
    /// Content of the file.
    pub content: Vec<u8>,
    /// Objects that the file has.
    pub objects: Vec<Object>,
}

/// Result of a format: files, and the objects that the format leaves out.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Rendering {
    /// Files. Their paths differ in more than case.
    pub files: Vec<ExportedFile>,
    /// Objects that no file has, each with the reason.
    pub skipped: Vec<(Object, &'static str)>,
    /// Number of pages that have parts in HTML, because Markdown lacks them.
    pub pages_with_html: usize,
}

impl Rendering {
    /// Adds a file.
    pub(crate) fn add(&mut self, path: impl Into<String>, content: impl Into<Vec<u8>>, objects: Vec<Object>) {
        self.files.push(ExportedFile { path: path.into(), content: content.into(), objects });
    }

    /// Adds objects that no file has.
    pub(crate) fn skip(&mut self, objects: impl IntoIterator<Item = Object>, reason: &'static str) {
        self.skipped.extend(objects.into_iter().map(|object| (object, reason)));
    }

    /// Adds the settings of the user as an object that no file has.
    pub(crate) fn skip_settings(&mut self, account: &Account) {
        let settings = account.user.iter().map(|user| Object::new(Kind::Settings, user.id));
        self.skip(settings, "the settings of the user are in the JSON export only");
    }
}

/// Reason for objects whose content the archive lacks.
pub(crate) const UNAVAILABLE: &str = "the API does not give its content";
