//! Schema and options that all emitters share.

use crate::model::{Api, Replacement};

/// Emits code for a schema. Each module of `emit` adds methods for its part of the code.
#[derive(Clone, Copy)]
pub(super) struct Emitter<'a> {
    pub(super) api: &'a Api,
    /// Name of the crate that contains the generated code, as its users write it. Examples in the documentation use it.
    pub(super) crate_name: &'a str,
}

impl Emitter<'_> {
    /// Returns the replacement of a legacy endpoint or field, as users call it: `items()` or `items().list`.
    pub(super) fn replacement_name(self, legacy: &Replacement) -> Option<String> {
        match legacy {
            Replacement::None => None,
            Replacement::Section(section) => Some(format!("{}()", self.api.sections[section.0].name)),
            Replacement::Endpoint(section, endpoint) => {
                let section = &self.api.sections[section.0];
                Some(format!("{}().{}", section.name, section.endpoints[*endpoint].name))
            }
        }
    }
}
