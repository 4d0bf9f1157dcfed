//! The differences between two versions of an API.

use super::effects::{Effect, Effects, VersionBump};

/// The differences between two versions of an API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// All differences, in the order of the schema.
    pub differences: Vec<Difference>,
}

/// One difference between two versions of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The part of the API: `Note.title`, `notes.create`, `style ws`.
    pub subject: String,
    /// The difference, in a few words: `added`, `moved from @title to title`.
    pub description: String,
    /// Its effects on each side.
    pub effects: Effects,
}

impl Comparison {
    /// Returns the change of the version number that these differences require.
    pub fn required_bump(&self) -> VersionBump {
        let bumps = self.differences.iter().map(|difference| VersionBump::from(difference.effects.worst()));
        bumps.max().unwrap_or(VersionBump::Unchanged)
    }

    /// Adds a difference.
    pub(super) fn add(&mut self, subject: &str, description: impl Into<String>, effects: Effects) {
        let description = description.into();
        self.differences.push(Difference { subject: subject.to_owned(), description, effects });
    }

    /// Adds a difference of which only the Rust API is affected.
    pub(super) fn add_to_rust_api(&mut self, subject: &str, description: impl Into<String>, effect: Effect) {
        self.add(subject, description, Effects::on_rust_api(effect));
    }

    /// Adds a difference if two texts differ: `route is B, was A`. An empty text stands for none.
    pub(super) fn add_change(&mut self, subject: &str, what: &str, old: &str, new: &str, effects: Effects) {
        let quote = |text: &str| if text.is_empty() { "none".to_owned() } else { format!("`{text}`") };
        if old != new {
            self.add(subject, format!("{what} is {}, was {}", quote(new), quote(old)), effects);
        }
    }

    /// Adds a difference if two names in the Rust API differ.
    pub(super) fn add_rename(&mut self, subject: &str, old: &str, new: &str) {
        if old != new {
            self.add_to_rust_api(subject, format!("renamed from `{old}`"), Effect::Breaking);
        }
    }

    /// Adds a difference if only one version of an operation or a field is legacy.
    pub(super) fn add_deprecation(&mut self, subject: &str, was_legacy: bool, is_legacy: bool) {
        if was_legacy != is_legacy {
            let description = if is_legacy { "deprecated" } else { "no longer deprecated" };
            self.add_to_rust_api(subject, description, Effect::Compatible);
        }
    }

    /// Adds a difference without an effect if two texts differ.
    pub(super) fn add_doc_change(&mut self, subject: &str, old: &str, new: &str) {
        if old != new {
            self.add(subject, "documentation changed", Effects::NONE);
        }
    }
}
