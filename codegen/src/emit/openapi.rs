//! The API as an OpenAPI 3.1 document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::emitter::Emitter;
use super::json_schema::{make_reference, token_schema};
use crate::model::{Api, Element, Endpoint, Section, Style, TokenCarrier, TokenHeader, format_path};
use crate::names;

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
            "info": { "title": names::to_camel(&api.name), "description": api.doc, "version": version },
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
        let token = has_token_in_path(style).then(|| "token".to_owned());
        token.into_iter().chain(endpoint.fields_in_path().map(|field| endpoint.fields[field].name.clone())).collect()
    }

    /// Returns the path of an endpoint, with these names of its parameters.
    fn format_path(self, endpoint: &Endpoint, names: &[String]) -> String {
        let style = &self.api.styles[endpoint.style.0];
        let mut names = names.iter().map(String::as_str);
        let token = if has_token_in_path(style) { names.next() } else { None };
        let prefix = style.format_prefix(&format!("{{{}}}", token.unwrap_or_default()));
        prefix + &format_path(&endpoint.path, |_| names.next().unwrap_or_default())
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
        let payload: &[Element] = endpoint.request.as_deref().unwrap_or_default();
        if style.has_request_body(endpoint)
            && let Some(schema) = self.body_schema(style.request.as_deref(), payload, &endpoint.fields)
        {
            let content = json!({ XML: { "schema": schema, "examples": examples } });
            operation["requestBody"] = json!({ "required": true, "content": content });
        }
        operation
    }

    /// Returns the parameters in the path and the query.
    fn describe_parameters(self, endpoint: &Endpoint, path_names: &[String]) -> Vec<Value> {
        let token = has_token_in_path(&self.api.styles[endpoint.style.0]).then(token_schema);
        let values = endpoint.fields_in_path().map(|field| self.field_value(&endpoint.fields[field]));
        let schemas = token.into_iter().chain(values);
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
                failure["content"] = json!({ XML: { "schema": make_reference(&failure_name(style)) } });
            }
            responses.insert(error.status.to_string(), failure);
        }
        responses
    }

    /// Returns the ways to send the token: for each style, and the bearer token.
    fn security_schemes(self) -> Map<String, Value> {
        let mut schemes = Map::new();
        for style in &self.api.styles {
            if let Some(mut scheme) = describe_carrier(style) {
                scheme["description"] = style.doc.clone().into();
                schemes.insert(style.name.clone(), scheme);
            }
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
        let own = if describe_carrier(style).is_some() { json!({ &style.name: [] }) } else { json!({}) };
        let bearer = self.api.bearer.as_ref().map(|_| json!({ BEARER: [] }));
        [own].into_iter().chain(bearer).collect()
    }
}

/// Returns the scheme of a style. `None` if OpenAPI has no scheme for the part of a request that carries the token.
fn describe_carrier(style: &Style) -> Option<Value> {
    match style.token_carrier()? {
        TokenCarrier::Header(header) if header.basic_scheme_length().is_some() => {
            Some(json!({ "type": "http", "scheme": "basic" }))
        }
        TokenCarrier::Header(header) => Some(json!({ "type": "apiKey", "in": "header", "name": header.name })),
        TokenCarrier::Query(name) => Some(json!({ "type": "apiKey", "in": "query", "name": name })),
        TokenCarrier::Path | TokenCarrier::Element(_) => None,
    }
}

/// `true` if the path of a style's requests carries the token.
fn has_token_in_path(style: &Style) -> bool {
    matches!(style.token_carrier(), Some(TokenCarrier::Path))
}

/// Returns the name of a style's failure among the schemas.
fn failure_name(style: &Style) -> String {
    format!("{}Failure", names::to_camel(&style.name))
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
