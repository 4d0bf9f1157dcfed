//! Routes of examples: a server that receives the request of an example finds the endpoint of the example.

use super::routes::{EndpointRoute, RouteTable};
use crate::diagnostic::DiagnosticSink;
use crate::model::{Endpoint, Method, Style, TokenSegment};
use crate::syntax::{Example, Schema};

/// Segment in place of the token. No route has it as a literal.
const TOKEN: &str = "{token}";

/// Reports an example whose path reaches another endpoint. The path has no mistake of its own.
pub(super) fn check_example_route(
    schema: &Schema,
    routes: &RouteTable<'_>,
    style: &Style,
    endpoint: &Endpoint,
    example: &Example,
    sink: &mut DiagnosticSink,
) {
    let path = example.path.text.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
    // Alternative routes are only read.
    let also = endpoint.also.iter().filter(|_| !example.is_written).map(|route| route.method);
    let methods: Vec<Method> = [endpoint.method].into_iter().chain(also).collect();
    for with_token in [false, true] {
        let prefix = style.prefix.iter().filter_map(|segment| match segment {
            TokenSegment::Literal(text) => Some(text.as_str()),
            TokenSegment::Token => with_token.then_some(TOKEN),
        });
        let sent: Vec<&str> = prefix.chain(segments.iter().copied()).collect();
        let reached: Vec<_> = methods.iter().filter_map(|method| routes.find(*method, &sent)).collect();
        let is_own = |route: &&EndpointRoute<'_>| std::ptr::eq(route.endpoint, endpoint);
        let other = reached.first().filter(|_| !reached.iter().any(is_own));
        // A route that overlaps with others has been reported.
        if let Some(other) = other.filter(|other| !sink.has_error_in(other.span, &[])) {
            let line = schema.line(other.span);
            let message = format!("this path reaches `{}.{}`", other.section.name, other.endpoint.name);
            sink.error(example.path.span, message)
                .help(format!("its route is at {line}; a literal segment takes precedence over a hole"));
            return;
        }
    }
}
