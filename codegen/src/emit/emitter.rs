//! The schema and the options that all emitters share.

use crate::model::{Api, Legacy};

/// Emits code for a schema. The methods are in the modules of what they emit.
#[derive(Clone, Copy)]
pub(super) struct Emitter<'a> {
    pub(super) api: &'a Api,
    /// Name of the crate that the code is for, as its users write it: for examples in the documentation.
    pub(super) crate_name: &'a str,
}

impl Emitter<'_> {
    /// Names the replacement of a legacy endpoint or field, as users call it: `items()` or `items().list`.
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
