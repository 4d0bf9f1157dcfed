//! Examples of data types and operations.

use super::refs::TypeRef;

/// An example of a data type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeExample {
    /// The document.
    pub document: Xml,
    /// `true` if the type is also written like this.
    pub is_written: bool,
}

/// An example of an operation.
#[derive(Debug, Clone)]
pub struct Example {
    /// Path and query as in the schema, without the style's prefix.
    pub path: String,
    /// `true` if the client writes the request like this. If `false`, servers read it only.
    pub is_written: bool,
    /// The values of the endpoint's fields, in order.
    pub values: Vec<ExampleValue>,
    /// The payload, without envelope and token. `None` if the operation has no request payload.
    pub request: Option<Vec<Xml>>,
    /// The response; `None` if the example has only a request.
    pub response: Option<ExampleResponse>,
}

/// The response in an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleResponse {
    /// The status: that of the example, otherwise of the endpoint.
    pub status: u16,
    /// The `Location` header, if the example has one.
    pub location: Option<String>,
    /// The payload, without the envelope.
    pub payload: Vec<Xml>,
}

/// A value in an example.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExampleValue {
    /// No value: it is missing, empty or `nil`.
    Absent,
    /// The value is cleared: it is `nil` in a field that a request may leave, set or clear.
    Cleared,
    /// A scalar: its text in the canonical form that is written.
    Text(String),
    /// A value of a data type, with the values of its fields in order.
    Data(TypeRef, Vec<ExampleValue>),
    /// The values of a field that repeats.
    Many(Vec<ExampleValue>),
}

/// An element of an example: decoded, without the white space beside elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Xml {
    /// Its name.
    pub name: String,
    /// Its attributes, in the order of the schema.
    pub attributes: Vec<(String, String)>,
    /// Its elements.
    pub children: Vec<Xml>,
    /// Its text; empty if there are elements.
    pub text: String,
}
