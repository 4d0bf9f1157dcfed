//! Schema and options that all emitters share.

use crate::model::{Api, Legacy};

/// Emits code for a schema. Each module of `emit` adds methods for its part of the code.
#[derive(Clone, Copy)]
pub(super) struct Emitter<'a> {
    pub(super) api: &'a Api,
    /// Name of the crate that contains the generated code, as its users write it. Examples in the documentation use it.
    pub(super) crate_name: &'a str,
}

impl Emitter<'_> {
    /// Returns the replacement of a legacy endpoint or field, as users call it: `items()` or `items().list`.
    pub(super) fn replacement_name(self, legacy: &Legacy) -> Option<String> {
        match legacy {
            Legacy::None => None,
            Legacy::Section(section) => Some(format!("{}()", self.api.sections[section.0].name)),
            Legacy::Endpoint(section, endpoint) => {
                let section = &self.api.sections[section.0];
                Some(format!("{}().{}", section.name, section.endpoints[*endpoint].name))
            }
        }
    }
}
