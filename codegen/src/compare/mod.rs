//! Compares two versions of an API. In reading order:
//!
//! - `effects`: effects of a difference on each side, and the change of the version number.
//! - `matching`: finds the same item in both versions, also under another name.
//! - `positions`: positions of fields on the wire.
//! - `values`: notation of values, and which of them reads what another one writes.
//! - `comparison`: collects the differences.
//! - `fields`, `endpoints`, `data`, `service`: compare the parts of the model.

mod comparison;
mod data;
mod effects;
mod endpoints;
mod fields;
mod matching;
mod positions;
mod service;
mod values;

pub use comparison::{Comparison, Difference};
pub use effects::{Effect, Effects, VersionBump};

use self::matching::{Matches, OwnedEndpoint};
use crate::model::Api;

/// Compares two versions of an API. The differences are in the order of the new schema: the service, its styles, then
/// each section with its ids, enums, types and endpoints.
pub fn compare(old: &Api, new: &Api) -> Comparison {
    let mut comparison = Comparison::default();
    service::compare_services(&mut comparison, old, new);
    let (old_endpoints, new_endpoints) = (OwnedEndpoint::list(old), OwnedEndpoint::list(new));
    let matches = Matches::new(old, new, &old_endpoints, &new_endpoints);
    data::compare_data(&mut comparison, &matches);
    endpoints::compare_endpoints(&mut comparison, &matches);
    comparison
}
