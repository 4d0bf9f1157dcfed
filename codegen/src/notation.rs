//! Parts of a schema that mean the same before and after checking: [`syntax`](crate::syntax) and
//! [`model`](crate::model) share these types.

/// How often a value occurs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// `T`
    Required,
    /// `T?`
    Optional,
    /// `T or nil`
    Nil,
    /// `T*`
    Many,
    /// `T*?`
    ManyOrAbsent,
}

impl Presence {
    /// `true` if the value repeats: a `Vec` in Rust.
    pub fn is_many(self) -> bool {
        matches!(self, Presence::Many | Presence::ManyOrAbsent)
    }

    /// `true` if the value may be absent: an `Option` in Rust.
    pub fn is_optional(self) -> bool {
        matches!(self, Presence::Optional | Presence::Nil)
    }
}

/// A segment of a style's path prefix.
#[derive(Debug, Clone)]
pub enum TokenSegment {
    /// Literal text.
    Literal(String),
    /// The token.
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

/// A part of an envelope, in writing order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EnvelopePart {
    /// Start tag of an element with literal attributes only.
    Open(String, Vec<(String, String)>),
    /// End tag of the element last opened.
    Close(String),
    /// Empty element with literal attributes only.
    Empty(String, Vec<(String, String)>),
    /// The token, in an element of this name.
    Token(String),
    /// The payload.
    Payload,
}

/// The authorization server that issues bearer tokens: three `https` URLs.
#[derive(Debug, Clone)]
pub struct Issuer {
    /// URL of the page on which a user authorizes a client.
    pub authorize: String,
    /// URL of the endpoint that issues and refreshes tokens.
    pub token: String,
    /// URL of the endpoint that lists the accounts of a token.
    pub accounts: Option<String>,
}
