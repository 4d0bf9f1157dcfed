//! Scopes: the parts of the schema and the model that checking an endpoint or its pagination depends on.

use super::fields::FieldTable;
use super::paths::SectionPath;
use crate::model::{DataType, Hole, Response, RetryClass, Style, TypeRef};
use crate::syntax;

/// The set of data types without a mistake. Rules that depend on the fields of a faulty type are skipped, so that a
/// mistake is not reported twice.
pub(super) struct ValidTypes(Vec<bool>);

impl ValidTypes {
    /// Creates the set. `is_valid` has one item for each type.
    pub(super) fn new(is_valid: Vec<bool>) -> Self {
        ValidTypes(is_valid)
    }

    /// `true` if the data type has no mistake.
    pub(super) fn contains(&self, data_type: TypeRef) -> bool {
        self.0.get(data_type.0).copied().unwrap_or_default()
    }
}

/// The context of an endpoint: its section, and the parts of the model that have been built so far.
pub(super) struct SectionScope<'a> {
    pub(super) section: &'a syntax::Section,
    /// The section's path.
    pub(super) section_path: &'a SectionPath,
    /// All styles of the API.
    pub(super) styles: &'a [Style],
    /// The data types of all sections.
    pub(super) types: &'a [DataType],
    pub(super) valid_types: &'a ValidTypes,
}

/// The context of an endpoint's pagination: the parts of the endpoint that have been built so far.
pub(super) struct EndpointScope<'a> {
    pub(super) fields: &'a FieldTable,
    pub(super) query: &'a [(String, Hole)],
    /// The retry class: only a read-only endpoint can be paginated.
    pub(super) retry: RetryClass,
    /// The response; `None` if a mistake in it has been reported.
    pub(super) response: Option<&'a Response>,
}
