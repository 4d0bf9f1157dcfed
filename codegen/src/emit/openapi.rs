//! The API as an OpenAPI 3.1 document.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase;
use serde_json::{Map, Value, json};

use super::emitter::Emitter;
use crate::model::{Api, Element, Endpoint, EnvelopePart, Section, Segment, Style, TokenHeader, TokenSegment};

/// Name of the security scheme of bearer tokens.
const BEARER: &str = "bearer";

/// Media type of all bodies.
const XML: &str = "application/xml";

/// Returns the OpenAPI document of an API.
pub(crate) fn emit_openapi(api: &Api, version: &str) -> Value {
    Emitter { api, crate_name: "" }.describe_api(version)
}

impl Emitter<'_> {
    /// Returns the whole document.
    fn describe_api(self, version: &str) -> Value {
        let api = self.api;
        let tags: Vec<Value> =
            api.sections.iter().map(|section| json!({ "name": section.name, "description": section.doc })).collect();
        let mut schemas = self.component_schemas();
        schemas.extend(api.styles.iter().filter_map(|style| {
            let failure = style.failure.as_ref()?;
            let payload = std::slice::from_ref(&failure.shape);
            Some((failure_name(style), self.body_schema(None, payload, &failure.fields)?))
        }));
        json!({
            "openapi": "3.1.0",
            "info": { "title": api.name.to_upper_camel_case(), "description": api.doc, "version": version },
            "servers": [describe_server(&api.host)],
            "tags": tags,
            "paths": self.describe_paths(),
            "components": { "schemas": schemas, "securitySchemes": self.security_schemes() },
        })
    }

    /// Returns the operations by path and method.
    fn describe_paths(self) -> Map<String, Value> {
        let mut paths = Map::new();
        // OpenAPI regards paths as equal if they differ only in the names of their parameters.
        let mut known_paths: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for section in &self.api.sections {
            for endpoint in &section.endpoints {
                let own_names = self.path_parameters(endpoint);
                let without_names = self.format_path(endpoint, &vec![String::new(); own_names.len()]);
                let names = known_paths.entry(without_names).or_insert(own_names).clone();
                let path = self.format_path(endpoint, &names);
                let methods = paths.entry(path).or_insert_with(|| json!({}));
                methods[endpoint.method.as_str().to_lowercase()] = self.describe_operation(section, endpoint, &names);
            }
        }
        paths
    }

    /// Returns the names of the parameters in the path: the token if the path carries it, then those of the endpoint.
    fn path_parameters(self, endpoint: &Endpoint) -> Vec<String> {
        let style = &self.api.styles[endpoint.style.0];
        let has_token = style.prefix.iter().any(|segment| matches!(segment, TokenSegment::Token));
        let holes = endpoint.path.iter().filter_map(|segment| match segment {
            Segment::Hole { field, .. } => Some(endpoint.fields[*field].name.clone()),
            Segment::Literal(_) => None,
        });
        has_token.then(|| "token".to_owned()).into_iter().chain(holes).collect()
    }

    /// Returns the path of an endpoint, with these names of its parameters.
    fn format_path(self, endpoint: &Endpoint, names: &[String]) -> String {
        let mut names = names.iter();
        let mut next_name = || names.next().map_or("", String::as_str);
        let style = &self.api.styles[endpoint.style.0];
        let mut path = String::new();
        for segment in &style.prefix {
            match segment {
                TokenSegment::Literal(text) => path.push_str(&format!("/{text}")),
                TokenSegment::Token => path.push_str(&format!("/{{{}}}", next_name())),
            }
        }
        for segment in &endpoint.path {
            match segment {
                Segment::Literal(text) => path.push_str(&format!("/{text}")),
                Segment::Hole { before, after, .. } => {
                    path.push_str(&format!("/{before}{{{}}}{after}", next_name()));
                }
            }
        }
        path
    }

    /// Returns an operation.
    fn describe_operation(self, section: &Section, endpoint: &Endpoint, path_names: &[String]) -> Value {
        let style = &self.api.styles[endpoint.style.0];
        let mut operation = json!({
            "operationId": format!("{}_{}", section.name, endpoint.name),
            "tags": [section.name],
            "description": endpoint.doc,
            "parameters": self.describe_parameters(endpoint, path_names),
            "responses": self.describe_responses(endpoint),
            "security": self.security(style),
            "x-retry": endpoint.retry.as_str(),
        });
        if endpoint.legacy.is_some() {
            operation["deprecated"] = true.into();
        }
        if let Some(limit) = endpoint.rate_limit {
            let limit = &self.api.rate_limits[limit.0];
            operation["x-rate-limit"] = json!({ "requests": limit.requests, "seconds": limit.seconds });
        }
        let examples = endpoint.examples.iter().filter(|example| example.is_written);
        let bodies = examples.filter_map(|example| self.write_request_body(endpoint, example));
        let examples = name_examples(bodies);
        let has_token = style.request.iter().flatten().any(|part| matches!(part, EnvelopePart::Token(_)));
        let payload: &[Element] = endpoint.request.as_deref().unwrap_or_default();
        if (endpoint.request.is_some() || has_token)
            && let Some(schema) = self.body_schema(style.request.as_deref(), payload, &endpoint.fields)
        {
            let content = json!({ XML: { "schema": schema, "examples": examples } });
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        operation
    }

    /// Returns the parameters in the path and the query.
    fn describe_parameters(self, endpoint: &Endpoint, path_names: &[String]) -> Vec<Value> {
        let holes: Vec<usize> = endpoint
            .path
            .iter()
            .filter_map(|segment| match segment {
                Segment::Hole { field, .. } => Some(*field),
                Segment::Literal(_) => None,
            })
            .collect();
        let has_token = path_names.len() > holes.len();
        let token = json!({ "type": "string", "format": "password", "description": "The token." });
        let schemas = has_token.then_some(token).into_iter();
        let schemas = schemas.chain(holes.iter().map(|field| self.field_value(&endpoint.fields[*field])));
        let in_path = path_names
            .iter()
            .zip(schemas)
            .map(|(name, schema)| json!({ "name": name, "in": "path", "required": true, "schema": schema }));
        let in_query = endpoint.query.iter().map(|(name, hole)| {
            let field = &endpoint.fields[hole.field];
            let is_required = field.is_required_in_document();
            json!({ "name": name, "in": "query", "required": is_required, "schema": self.field_value(field) })
        });
        let literals = endpoint.query_literals.iter().map(
            |(name, value)| json!({ "name": name, "in": "query", "required": true, "schema": { "const": value } }),
        );
        in_path.chain(literals).chain(in_query).collect()
    }

    /// Returns the responses of an operation: the successful one, and the documented errors.
    fn describe_responses(self, endpoint: &Endpoint) -> Map<String, Value> {
        let style = &self.api.styles[endpoint.style.0];
        let response = &endpoint.response;
        let doc = response.value.as_ref().map_or("Success.", |value| &value.doc);
        let mut success = json!({ "description": doc });
        let bodies = endpoint.examples.iter().filter_map(|example| example.response.as_ref());
        let bodies = bodies.filter_map(|response| self.write_response_body(endpoint, response));
        let envelope = style.response.as_deref().filter(|_| response.has_envelope);
        let fields = response.value.as_slice();
        let payload: &[Element] = response.shape.as_deref().unwrap_or_default();
        if let Some(schema) = self.body_schema(envelope, payload, fields) {
            success["content"] = json!({ XML: { "schema": schema, "examples": name_examples(bodies) } });
        }
        if response.location.is_some() {
            let location = json!({ "schema": { "type": "string", "format": "uri-reference" } });
            success["headers"] = json!({ "Location": location });
        }
        let mut responses = Map::from_iter([(response.status.to_string(), success)]);
        for error in &endpoint.errors {
            let mut failure = json!({ "description": error.doc });
            if style.failure.is_some() {
                let schema = json!({ "$ref": format!("#/components/schemas/{}", failure_name(style)) });
                failure["content"] = json!({ XML: { "schema": schema } });
            }
            responses.insert(error.status.to_string(), failure);
        }
        responses
    }

    /// Returns the ways to send the token: for each style, and the bearer token.
    fn security_schemes(self) -> Map<String, Value> {
        let mut schemes = Map::new();
        for style in &self.api.styles {
            let scheme = match key_place(style) {
                _ if style.header.as_ref().is_some_and(|header| header.basic_scheme_length().is_some()) => {
                    json!({ "type": "http", "scheme": "basic", "description": style.doc })
                }
                Some((place, name)) => {
                    json!({ "type": "apiKey", "in": place, "name": name, "description": style.doc })
                }
                None => continue,
            };
            schemes.insert(style.name.clone(), scheme);
        }
        if let Some(header) = &self.api.bearer {
            schemes.insert(BEARER.to_owned(), self.bearer_scheme(header));
        }
        schemes
    }

    /// Returns the scheme of bearer tokens: OAuth 2 if the schema names an issuer.
    fn bearer_scheme(self, header: &TokenHeader) -> Value {
        match &self.api.issuer {
            Some(issuer) => {
                let flow = json!({ "authorizationUrl": issuer.authorize, "tokenUrl": issuer.token, "scopes": {} });
                json!({ "type": "oauth2", "flows": { "authorizationCode": flow } })
            }
            None if header.name.eq_ignore_ascii_case("Authorization") => json!({ "type": "http", "scheme": "bearer" }),
            None => json!({ "type": "apiKey", "in": "header", "name": header.name }),
        }
    }

    /// Returns the alternatives of an operation's security. Of a style whose token is in the path or the body, one of
    /// them is empty: OpenAPI has no scheme for these places.
    fn security(self, style: &Style) -> Vec<Value> {
        if !style.has_token {
            return Vec::new();
        }
        let own = if key_place(style).is_some() { json!({ &style.name: [] }) } else { json!({}) };
        let bearer = self.api.bearer.as_ref().map(|_| json!({ BEARER: [] }));
        [own].into_iter().chain(bearer).collect()
    }
}

/// Returns the part of a request that carries the token of a style, and the token's name there, if OpenAPI has a scheme
/// for it.
fn key_place(style: &Style) -> Option<(&'static str, &str)> {
    match (&style.header, &style.query) {
        (Some(header), _) => Some(("header", &header.name)),
        (None, Some(query)) => Some(("query", query)),
        (None, None) => None,
    }
}

/// Returns the name of a style's failure among the schemas.
fn failure_name(style: &Style) -> String {
    format!("{}Failure", style.name.to_upper_camel_case())
}

/// Numbers examples.
fn name_examples(bodies: impl Iterator<Item = String>) -> Map<String, Value> {
    let numbered = bodies.enumerate();
    numbered.map(|(index, body)| (format!("example{}", index + 1), json!({ "value": body.trim_end() }))).collect()
}

/// Returns the server with its variable, if the host has one.
fn describe_server(host: &str) -> Value {
    let variable = host.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    match variable {
        Some((name, _)) => json!({ "url": host, "variables": { name: { "default": name } } }),
        None => json!({ "url": host }),
    }
}
