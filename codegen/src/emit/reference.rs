//! Writes the API reference: a Markdown page for each section, and an index. It documents the API on the wire, for
//! readers who use any programming language.
//!
//! An operation of a section's page:
//!
//! ````text
//! ## `list`
//!
//! Lists the notes of a page, oldest first.
//!
//! `POST /ws/page/{page_id}/notes/list`
//!
//! | parameter | in | type | |
//! |---|---|---|---|
//! | `page_id` | path | [PageId](pages.md#pageid) | Number of a page. |
//!
//! Read-only. …
//!
//! ```text
//! POST /ws/page/2208/notes/list
//! …
//! ```
//! ````

use super::docs;
use super::emitter::Emitter;
use super::files::{FileContent, GeneratedFile};
use super::wire_sample::write_document;
use crate::model::{
    Api, DataType, Endpoint, Example, Field, Presence, Replacement, RetryClass, Scalar, Section, Style, TokenCarrier,
    ValueKind,
};

/// Writes the index and the pages of the reference, sorted by path.
pub(crate) fn emit_reference(api: &Api, crate_name: &str) -> Vec<GeneratedFile> {
    let emitter = Emitter { api, crate_name };
    let markdown = |path: String, source: &str, lines: Vec<String>| GeneratedFile {
        path,
        source: source.to_owned(),
        content: FileContent::Markdown(lines.join("\n")),
    };
    let mut files = vec![markdown("README.md".to_owned(), &api.path, emitter.write_index())];
    let pages = api.sections.iter();
    files.extend(
        pages.map(|section| {
            markdown(format!("{}.md", section.name), &section.path, emitter.write_section_page(section))
        }),
    );
    files
}

impl Emitter<'_> {
    /// Returns the lines of the index: the service, its styles and rate limits, and all operations.
    fn write_index(self) -> Vec<String> {
        let api = self.api;
        let mut lines = vec!["# API reference".to_owned(), String::new(), docs::escape_markdown(&api.doc)];
        lines.extend([String::new(), format!("Base URL: `{}`", api.host)]);
        if api.requires_user_agent_contact {
            let rule = "Requests need a `User-Agent` with the program's name and a contact: `Name (link or e-mail)`.";
            lines.extend([String::new(), rule.to_owned()]);
        }
        lines.extend(["", "## Sections", ""].map(str::to_owned));
        for section in &api.sections {
            let (title, doc) = (make_title(&section.name), docs::escape_markdown(&section.doc));
            lines.push(format!("- [{title}]({}.md): {doc}", section.name));
        }
        lines.extend(["", "## Styles", ""].map(str::to_owned));
        lines.push("Endpoints of a style carry the token in the same way, and have the same envelopes.".to_owned());
        for style in &api.styles {
            lines.extend([String::new(), format!("### {}", docs::code_span(&style.name)), String::new()]);
            lines.extend([docs::escape_markdown(&style.doc), String::new()]);
            lines.push(format!("Token: {}.", describe_token(style)));
        }
        if let Some(bearer) = &api.bearer {
            let header = bearer.describe();
            lines.extend(["", "### Access tokens", ""].map(str::to_owned));
            lines.push(format!("An OAuth access token replaces the token in every style: `{header}`."));
        }
        lines.extend(["", "## Rate limits", "", "| limit | requests | seconds |", "|---|---|---|"].map(str::to_owned));
        let limits = api.rate_limits.iter();
        lines.extend(limits.map(|limit| format!("| `{}` | {} | {} |", limit.name, limit.requests, limit.seconds)));
        lines
    }

    /// Returns the lines of a section's page: its operations, then its types, enums and ids.
    fn write_section_page(self, section: &Section) -> Vec<String> {
        let mut lines =
            vec![format!("# {}", make_title(&section.name)), String::new(), docs::escape_markdown(&section.doc)];
        lines.extend(["", "| operation | request |", "|---|---|"].map(str::to_owned));
        for endpoint in &section.endpoints {
            let name = &endpoint.name;
            lines.push(format!("| [`{name}`](#{name}) | {} |", self.format_http_line(endpoint)));
        }
        for endpoint in &section.endpoints {
            lines.push(String::new());
            lines.extend(self.write_operation(endpoint));
        }
        let types = section.types.iter().map(|data_type| self.write_type(&self.api.types[data_type.0]));
        let enums = section.enums.iter().map(|open_enum| self.write_enum(open_enum.0));
        let ids = section.ids.iter().map(|id| {
            let id = &self.api.ids[id.0];
            vec![format!("### `{}`", id.name), String::new(), format!("{} A number.", docs::escape_markdown(&id.doc))]
        });
        let types: Vec<Vec<String>> = types.chain(enums).chain(ids).collect();
        if !types.is_empty() {
            lines.extend(["", "## Types"].map(str::to_owned));
        }
        for lines_of_type in types {
            lines.push(String::new());
            lines.extend(lines_of_type);
        }
        lines
    }

    /// Returns the lines of an operation.
    fn write_operation(self, endpoint: &Endpoint) -> Vec<String> {
        let mut lines = vec![format!("## `{}`", endpoint.name), String::new(), docs::escape_markdown(&endpoint.doc)];
        lines.extend([String::new(), self.format_http_line(endpoint)]);
        if let Some(legacy) = &endpoint.legacy {
            lines.extend([String::new(), self.describe_legacy(legacy)]);
        }
        if !endpoint.fields.is_empty() {
            lines.extend(["", "| parameter | in | type | |", "|---|---|---|---|"].map(str::to_owned));
            let is_in_query = |index| endpoint.query.iter().any(|(_, hole)| hole.field == index);
            for (index, field) in endpoint.fields.iter().enumerate() {
                let request_part = if index < endpoint.path_fields {
                    "path"
                } else if is_in_query(index) {
                    "query"
                } else {
                    "body"
                };
                lines.push(self.write_field(field, Some(request_part)));
            }
        }
        let style = &self.api.styles[endpoint.style.0];
        let limit = endpoint.rate_limit.map(|limit| format!(" Rate limit `{}`.", self.api.rate_limits[limit.0].name));
        let facts = format!(
            "{} Style [`{}`](README.md#{}).{}",
            describe_retry(endpoint.retry),
            style.name,
            style.name,
            limit.unwrap_or_default()
        );
        lines.extend([String::new(), facts]);
        lines.extend(self.write_response(endpoint));
        let (written, read): (Vec<&Example>, Vec<&Example>) =
            endpoint.examples.iter().partition(|example| example.is_written);
        for example in written {
            lines.push(String::new());
            lines.extend(docs::fence_text("text", &self.write_http_sample(endpoint, example)));
        }
        if !read.is_empty() {
            lines.extend(["", "Other forms that are accepted or occur:"].map(str::to_owned));
        }
        for example in read {
            lines.push(String::new());
            lines.extend(docs::fence_text("text", &self.write_http_sample(endpoint, example)));
        }
        if !endpoint.errors.is_empty() {
            lines.extend(["", "| status | reason |", "|---|---|"].map(str::to_owned));
            let errors = endpoint.errors.iter();
            lines.extend(errors.map(|error| format!("| {} | {} |", error.status, docs::escape_markdown(&error.doc))));
        }
        lines
    }

    /// Returns the sentence about a successful response.
    fn write_response(self, endpoint: &Endpoint) -> Vec<String> {
        let response = &endpoint.response;
        let value = response.value.as_ref().map(|value| {
            let source = if response.shape.is_some() { "" } else { ", in the `Location` header" };
            format!(": {}{source}", self.describe_type(value))
        });
        vec![String::new(), format!("Response: {}{}.", response.status, value.unwrap_or_default())]
    }

    /// Returns the lines of a data type: its fields, and its examples.
    fn write_type(self, data_type: &DataType) -> Vec<String> {
        let mut lines = vec![format!("### `{}`", data_type.name), String::new()];
        lines.extend([docs::escape_markdown(&data_type.doc), String::new()]);
        lines.extend(["| field | type | |", "|---|---|---|"].map(str::to_owned));
        lines.extend(data_type.fields.iter().map(|field| self.write_field(field, None)));
        for example in &data_type.examples {
            lines.push(String::new());
            lines.extend(docs::fence_text("xml", &write_document(&example.document)));
        }
        lines
    }

    /// Returns the lines of an enum: its known values.
    fn write_enum(self, index: usize) -> Vec<String> {
        let open_enum = &self.api.enums[index];
        let mut lines = vec![format!("### `{}`", open_enum.name), String::new()];
        lines.extend([docs::escape_markdown(&open_enum.doc), String::new()]);
        let has_ids = open_enum.values.iter().any(|value| value.id.is_some());
        lines.extend(
            if has_ids { ["| value | | id |", "|---|---|---|"] } else { ["| value | |", "|---|---|"] }
                .map(str::to_owned),
        );
        lines.extend(open_enum.values.iter().map(|value| {
            let (text, doc) = (docs::code_span(&value.text), docs::escape_markdown(&value.doc));
            let id = value.id.map(|id| self.describe_scalar(&Scalar::Id(id))).unwrap_or_default();
            if has_ids { format!("| {text} | {doc} | {id} |") } else { format!("| {text} | {doc} |") }
        }));
        lines
    }

    /// Returns the row of a field in a table. For a parameter, `request_part` is `path`, `query` or `body`. For a field
    /// of a data type, it is `None`: the table then has no such column.
    fn write_field(self, field: &Field, request_part: Option<&str>) -> String {
        let part_column = request_part.map_or(String::new(), |part| format!(" {part} |"));
        let doc = docs::escape_markdown(&field.doc);
        format!("| `{}` |{part_column} {} | {doc} |", field.name, self.describe_type(field))
    }

    /// Returns the type of a field, with a link if the schema declares it: `string, optional`, `list of [Note](…)`.
    fn describe_type(self, field: &Field) -> String {
        let value = match &field.kind {
            ValueKind::Scalar(scalar) => self.describe_scalar(scalar),
            ValueKind::Data(data_type) => {
                let data_type = &self.api.types[data_type.0];
                self.link_type(&data_type.name, data_type.section.0)
            }
        };
        match field.presence {
            Presence::Required => value,
            Presence::Optional | Presence::Nil => format!("{value}, optional"),
            Presence::Change => format!("{value}, optional; `nil=\"true\"` clears it"),
            Presence::Many | Presence::ManyOrAbsent => format!("list of {value}"),
        }
    }

    /// Returns the word of the schema language for a scalar, with a link if the schema declares the type.
    fn describe_scalar(self, scalar: &Scalar) -> String {
        match scalar {
            Scalar::String | Scalar::Text => "text".to_owned(),
            Scalar::Word => "word".to_owned(),
            Scalar::Secret => "secret".to_owned(),
            Scalar::Integer => "integer".to_owned(),
            Scalar::Bool => "`true` or `false`".to_owned(),
            Scalar::Bit | Scalar::Flag => "`1` or `0`".to_owned(),
            Scalar::Utc | Scalar::Timestamp => "time in UTC".to_owned(),
            Scalar::Local => "time in the user's time zone".to_owned(),
            Scalar::Date => "date".to_owned(),
            Scalar::Decimal => "decimal number".to_owned(),
            Scalar::Compact(time) => format!("{} as digits", self.describe_scalar(time)),
            Scalar::Words(word) => format!("{} separated by white space", self.describe_scalar(word)),
            Scalar::Phrases => "phrases separated by white space, quoted if they contain any".to_owned(),
            Scalar::Id(id) => {
                let id = &self.api.ids[id.0];
                self.link_type(&id.name, id.section.0)
            }
            Scalar::Enum(open_enum) => {
                let open_enum = &self.api.enums[open_enum.0];
                self.link_type(&open_enum.name, open_enum.section.0)
            }
        }
    }

    /// Returns a link to the heading of a type on its section's page.
    fn link_type(self, name: &str, section: usize) -> String {
        format!("[`{name}`]({}.md#{})", self.api.sections[section].name, name.to_lowercase())
    }

    /// Returns a sentence about the replacement of a legacy operation.
    fn describe_legacy(self, legacy: &Replacement) -> String {
        match legacy {
            Replacement::None => "Legacy.".to_owned(),
            Replacement::Section(section) => {
                let name = &self.api.sections[section.0].name;
                format!("Legacy: use [{}]({name}.md) instead.", make_title(name))
            }
            Replacement::Endpoint(section, index) => {
                let section = &self.api.sections[section.0];
                let name = &section.endpoints[*index].name;
                format!("Legacy: use [`{}.{name}`]({}.md#{name}) instead.", section.name, section.name)
            }
        }
    }
}

/// Returns the title of a section: its name with a capital letter and without underscores.
fn make_title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut chars = words.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// Returns the part of a request that carries the token.
fn describe_token(style: &Style) -> String {
    match style.token_carrier() {
        None => "none".to_owned(),
        Some(TokenCarrier::Header(header)) => format!("header `{}`", header.describe()),
        Some(TokenCarrier::Query(name)) => format!("query `?{name}=TOKEN`"),
        Some(TokenCarrier::Element(name)) => format!("element `<{name}>` in the request's envelope"),
        Some(TokenCarrier::Path) => "a segment of the path".to_owned(),
    }
}

/// Returns the effect of a repeated request.
fn describe_retry(retry: RetryClass) -> &'static str {
    match retry {
        RetryClass::ReadOnly => "Read-only.",
        RetryClass::Idempotent | RetryClass::Delete => "Idempotent.",
        RetryClass::NotIdempotent => "Not idempotent.",
    }
}
