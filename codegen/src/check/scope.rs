//! Scopes: what an endpoint, and the parts of an endpoint, are checked against.

use super::fields::FieldTable;
use super::paths::Base;
use crate::model::{DataType, Hole, Response, RetryClass, Style, TypeRef};
use crate::syntax;

/// The set of data types without a mistake. Rules that depend on the fields of other types are skipped, so that a
/// mistake is not reported twice.
pub(super) struct ValidTypes(Vec<bool>);

impl ValidTypes {
    /// `is_valid` has an item for each type.
    pub(super) fn new(is_valid: Vec<bool>) -> Self {
        ValidTypes(is_valid)
    }

    pub(super) fn contains(&self, data_type: TypeRef) -> bool {
        self.0.get(data_type.0).copied().unwrap_or_default()
    }
}

/// The context of an endpoint: its section, and the parts of the model that exist so far.
pub(super) struct SectionScope<'a> {
    pub(super) section: &'a syntax::Section,
    /// The section's path.
    pub(super) base: &'a Base,
    pub(super) styles: &'a [Style],
    pub(super) types: &'a [DataType],
    pub(super) valid_types: &'a ValidTypes,
}

/// The context of an endpoint's pagination: the parts of the endpoint that exist so far.
pub(super) struct EndpointScope<'a> {
    pub(super) fields: &'a FieldTable,
    pub(super) query: &'a [(String, Hole)],
    pub(super) retry: RetryClass,
    /// The response; `None` if a mistake in it has been reported.
    pub(super) response: Option<&'a Response>,
}
