//! Names of generated methods: an endpoint cannot have the name of a method that is generated for another endpoint.

use super::context::Context;
use crate::model::{Endpoint, Field, Presence, Section};
use crate::syntax;

/// Reports an endpoint whose name is that of an additional method of another endpoint. An endpoint with optional
/// parameters has a method `…_with`; a paginated endpoint has the methods `…_all` and `…_all_with`.
pub(super) fn check_method_name(
    cx: &mut Context<'_>,
    section: &Section,
    endpoint: &Endpoint,
    syntax: &syntax::Endpoint,
) {
    let may_be_absent = |field: &Field| field.presence.is_optional() || field.presence == Presence::ManyOrAbsent;
    for other in &section.endpoints {
        let Some(suffix) = endpoint.name.strip_prefix(other.name.as_str()) else { continue };
        let purpose = match suffix {
            "_with" if other.fields.iter().any(may_be_absent) => "takes the optional parameters",
            "_all" | "_all_with" if other.pagination.is_some() => "lists all pages",
            _ => continue,
        };
        cx.error(syntax.name.span, format!("`{}` is the method that {purpose} of `{}`", endpoint.name, other.name))
            .help("choose another name");
    }
}
