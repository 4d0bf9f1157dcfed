//! Types that [`syntax`](crate::syntax) and [`model`](crate::model) share: parts of a schema that checking does not
//! change.

use crate::xml_text::start_tag;

/// Number of occurrences of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// `T`: exactly one.
    Required,
    /// `T?`: at most one. An absent value is omitted.
    Optional,
    /// `T or nil`: at most one. An absent value is written as an empty element with `nil="true"`.
    Nil,
    /// `T? or nil`, in requests: the change of a value. An omitted element leaves the value unchanged, an element with
    /// `nil="true"` clears it.
    Change,
    /// `T*`: any number. The element around an empty list is written.
    Many,
    /// `T*?`: any number. The element around an empty list is omitted.
    ManyOrAbsent,
}

impl Presence {
    /// `true` if the value repeats: a `Vec` in Rust.
    pub fn is_many(self) -> bool {
        matches!(self, Presence::Many | Presence::ManyOrAbsent)
    }

    /// `true` if a single value may be absent: an `Option` or a `Change` in Rust.
    pub fn is_optional(self) -> bool {
        matches!(self, Presence::Optional | Presence::Nil | Presence::Change)
    }

    /// `true` if the element may have `nil="true"` in place of its value.
    pub fn allows_nil(self) -> bool {
        matches!(self, Presence::Nil | Presence::Change)
    }
}

/// A segment of a style's path prefix.
#[derive(Debug, Clone)]
pub enum TokenSegment {
    /// Literal text.
    Literal(String),
    /// A segment that is the token.
    Token,
}

/// A header that carries the token.
#[derive(Debug, Clone)]
pub struct TokenHeader {
    /// Name of the header.
    pub name: String,
    /// Text before the token, such as `Bearer `.
    pub before: String,
    /// Text after the token.
    pub after: String,
}

impl TokenHeader {
    /// Returns the header as documentation shows it, with `TOKEN` for the token. HTTP Basic encodes the credentials.
    pub(crate) fn describe(&self) -> String {
        let TokenHeader { name, before, after } = self;
        match self.basic_scheme_length().map(|length| before.split_at(length)) {
            Some((scheme, user)) => format!("{name}: {scheme}base64({user}TOKEN{after})"),
            None => format!("{name}: {before}TOKEN{after}"),
        }
    }

    /// Returns the length of `Basic ` at the start of the value; `None` if the header does not have HTTP Basic.
    pub(crate) fn basic_scheme_length(&self) -> Option<usize> {
        const SCHEME: &str = "Basic ";
        let has_scheme = self.before.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
        (self.name.eq_ignore_ascii_case("authorization") && has_scheme).then_some(SCHEME.len())
    }
}

/// A part of an envelope, in writing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvelopePart {
    /// Start tag: the element's name and its attributes, which are all literal.
    Open(String, Vec<(String, String)>),
    /// End tag of the innermost open element, with its name.
    Close(String),
    /// Empty element: its name and its attributes, which are all literal.
    Empty(String, Vec<(String, String)>),
    /// The token, in an element of this name.
    Token(String),
    /// Position of the endpoint's payload.
    Payload,
}

impl EnvelopePart {
    /// Formats the part as XML, with this text for the token. The payload is an empty text.
    pub(crate) fn format(&self, token: &str) -> String {
        match self {
            EnvelopePart::Open(name, attributes) => format!("{}>", start_tag(name, attributes)),
            EnvelopePart::Empty(name, attributes) => format!("{}/>", start_tag(name, attributes)),
            EnvelopePart::Close(name) => format!("</{name}>"),
            EnvelopePart::Token(name) => format!("<{name}>{token}</{name}>"),
            EnvelopePart::Payload => String::new(),
        }
    }
}

/// Returns the name of the element of an envelope that contains the token; `None` if there is none.
pub(crate) fn find_token_element(parts: &[EnvelopePart]) -> Option<&str> {
    parts.iter().find_map(|part| match part {
        EnvelopePart::Token(name) => Some(name.as_str()),
        _ => None,
    })
}

/// The authorization server that issues bearer tokens. All URLs are `https`.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// URL of the page on which a user authorizes a client.
    pub authorize: String,
    /// URL of the endpoint that issues and refreshes tokens.
    pub token: String,
    /// URL of the endpoint that lists the accounts of a token; `None` if the server has no such endpoint.
    pub accounts: Option<String>,
}

/// Inserts the separators into a time or a date of 8, 12 or 14 digits. Returns other texts unchanged.
pub(crate) fn insert_separators(text: &str) -> String {
    let is_compact = matches!(text.len(), 8 | 12 | 14) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_compact {
        return text.to_owned();
    }
    let separators = [(4, '-'), (6, '-'), (8, ' '), (10, ':'), (12, ':')];
    let mut separated = String::new();
    for (index, digit) in text.chars().enumerate() {
        separated.extend(separators.iter().filter(|(at, _)| *at == index).map(|(_, separator)| separator));
        separated.push(digit);
    }
    separated
}
